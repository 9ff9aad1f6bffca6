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
            let title = format!("Growth with the rows: {what}");
            charts.extend(picture(of, group, quantity, title, setting).map(|growth| Chart {
                id: format!("{PREFIX}{}-{}", plural(group), quantity.id),
                caption: format!("{title}, {name}", title = growth.title, name = quantity.name),
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
    let panels: Vec<Panel> = of.alike.iter().map(panel).filter(|panel| !panel.lines.is_empty()).collect();
    (!panels.is_empty()).then(|| growth::Growth {
        title,
        lines: vec![setting.to_owned()],
        horizontal: "rows".to_owned(),
        guide: true,
        vertical: quantity.name.to_owned(),
        floor: quantity.floor,
        names,
        panels,
        notes: vec![
            "A line ends before the first size that passed the deadline or the memory limit.".to_owned(),
            quantity.note.to_owned(),
        ],
    })
}
