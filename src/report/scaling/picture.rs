//! The charts of a scaling study.

use super::super::chart::Chart;
use super::super::chart::growth::{self, Panel, draw};
use crate::scaling::{Alike, Cell, Group, Growth, Series};

/// What a chart shows of a cell.
struct Quantity {
    id: &'static str,
    name: &'static str,
    floor: f64,
    value: fn(&Cell) -> Option<f64>,
    note: &'static str,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity {
        id: "seconds",
        name: "seconds",
        floor: 1e-3,
        value: |cell| cell.seconds,
        note: "Less than 1 ms is drawn at 1 ms; what never takes more is left out.",
    },
    Quantity {
        id: "memory",
        name: "MiB",
        floor: 1.0,
        value: |cell| cell.memory_mib,
        note: "The most memory during the work minus what was resident when it began. Less than 1 MiB is drawn at 1 MiB; what \
               never needs more is left out.",
    },
];

/// What the names of these charts begin with.
const PREFIX: &str = "growth-";

/// Whether a chart of this name is one of these.
pub fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Seconds and memory of the families, the scalers and the resamplers; those that there are points for. `setting` goes below
/// every title.
pub fn pictures(of: &Growth, setting: &str) -> Vec<Chart> {
    let groups = [
        (Group::Family, "families, fit and predict"),
        (Group::Scaler, "scalers, fit and transform"),
        (Group::Resampler, "resamplers"),
    ];
    let mut charts = Vec::new();
    for (group, what) in groups {
        for quantity in &QUANTITIES {
            let title = format!("Growth with the rows: {what}, {}", quantity.name);
            charts.extend(picture(of, group, quantity, title, setting).map(|growth| Chart {
                id: format!("{PREFIX}{}-{}", plural(group), quantity.id),
                caption: growth.title.clone(),
                scene: draw(&growth),
            }));
        }
    }
    charts
}

fn plural(group: Group) -> &'static str {
    match group {
        Group::Family => "families",
        Group::Scaler => "scalers",
        Group::Resampler => "resamplers",
    }
}

fn picture(of: &Growth, group: Group, quantity: &Quantity, title: String, setting: &str) -> Option<growth::Growth> {
    let drawn = |s: &&Series| s.points(&of.rows, quantity.value).iter().any(|(_, value)| *value > quantity.floor);
    let series = |alike: Alike| of.whole(group, alike).filter(drawn);
    let mut names: Vec<String> = Vec::new();
    for series in of.alike.iter().flat_map(|alike| series(*alike)) {
        if !names.contains(&series.name) {
            names.push(series.name.clone());
        }
    }
    let panel = |alike: &Alike| {
        let place = |name: &str| names.iter().position(|known| known == name);
        let line = |series: &Series| Some((place(&series.name)?, series.points(&of.rows, quantity.value)));
        Panel { title: of.title(*alike), lines: series(*alike).filter_map(line).collect() }
    };
    let shown: Vec<Alike> = of.alike.iter().copied().filter(|alike| series(*alike).next().is_some()).collect();
    let panels: Vec<Panel> = shown.iter().map(panel).collect();
    let mut notes = unmeasured(of, group, &names, &shown);
    notes.push("A line ends before the first size that passed the deadline or the memory limit.".to_owned());
    notes.push(quantity.note.to_owned());
    (!panels.is_empty()).then(|| growth::Growth {
        title,
        lines: vec![setting.to_owned()],
        horizontal: "rows".to_owned(),
        guide: true,
        vertical: quantity.name.to_owned(),
        floor: quantity.floor,
        names,
        panels,
        notes,
    })
}

/// Which of the names some panels lack because they are not in the plan there; one sentence for all panels that lack the same.
fn unmeasured(of: &Growth, group: Group, names: &[String], shown: &[Alike]) -> Vec<String> {
    let mut lacking: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for alike in shown {
        let is_planned = |name: &String| of.whole(group, *alike).any(|series| series.name == *name);
        let lacks: Vec<&str> = names.iter().filter(|name| !is_planned(name)).map(String::as_str).collect();
        match lacking.iter_mut().find(|(same, _)| *same == lacks) {
            _ if lacks.is_empty() => {}
            Some((_, titles)) => titles.push(of.title(*alike)),
            None => lacking.push((lacks, vec![of.title(*alike)])),
        }
    }
    let why = if group == Group::Scaler { " Scalers do not look at labels, so one share is enough." } else { "" };
    let said = |(names, titles): &(Vec<&str>, Vec<String>)| {
        format!("Not measured at {}: {}.{why}", titles.join("; "), names.join(", "))
    };
    lacking.iter().map(said).collect()
}
