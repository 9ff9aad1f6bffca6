//! The charts of a scaling study.

use super::point::SubjectKind;
use super::series::{Cell, Group, Series, Table, points};
use crate::report::chart::Chart;
use crate::report::chart::growth::{Growth, Panel, draw};

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
        name: "MiB beside the data",
        floor: 1.0,
        value: |cell| cell.extra_mib,
        note: "The most resident memory during the work, less what was resident when it began: training and test rows. Less \
               than 1 MiB is drawn at 1 MiB; what never needs more is left out.",
    },
];

/// Seconds and memory of the families, the scalers, and of what comes before both; those that the table has points for.
/// `setting` goes below every title.
pub fn pictures(table: &Table, setting: &str) -> Vec<Chart> {
    let groups: [(&str, &str, &[Group]); 3] = [
        ("families", "fit and predict", &[Group::Component(SubjectKind::Family)]),
        ("scalers", "fit and transform", &[Group::Component(SubjectKind::Scaler)]),
        ("preparation", "before the scaler", &[Group::Common, Group::Component(SubjectKind::Resampler)]),
    ];
    let mut charts = Vec::new();
    for (id, what, groups) in groups {
        for quantity in &QUANTITIES {
            let title = format!("Growth with the rows: {id}, {what}");
            charts.extend(picture(table, groups, quantity, title, setting).map(|growth| Chart {
                id: format!("{id}-{}", quantity.id),
                caption: format!("{title}, {name}", title = growth.title, name = quantity.name),
                scene: draw(&growth),
            }));
        }
    }
    charts
}

fn picture(table: &Table, groups: &[Group], quantity: &Quantity, title: String, setting: &str) -> Option<Growth> {
    let drawn = |s: &&Series| points(s, &table.rows, quantity.value).iter().any(|(_, value)| *value > quantity.floor);
    let of = |share: f64| groups.iter().flat_map(move |group| table.whole(*group, share)).filter(drawn);
    let mut names: Vec<String> = Vec::new();
    for series in table.positives.iter().flat_map(|share| of(*share)) {
        if !names.contains(&series.name) {
            names.push(series.name.clone());
        }
    }
    let panel = |share: &f64| {
        let place = |name: &str| names.iter().position(|known| known == name);
        let line = |series: &Series| Some((place(&series.name)?, points(series, &table.rows, quantity.value)));
        Panel { title: format!("{}% positive", percent(*share)), lines: of(*share).filter_map(line).collect() }
    };
    let panels: Vec<Panel> = table.positives.iter().map(panel).filter(|panel| !panel.lines.is_empty()).collect();
    (!panels.is_empty()).then(|| Growth {
        title,
        lines: vec![setting.to_owned()],
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

/// A share in per cent, without trailing zeros.
pub fn percent(share: f64) -> String {
    // Ten digits are more than a share of rows needs, and hide what binary fractions add.
    let text = format!("{:.10}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
