//! The paper's figures, drawn from what was measured.

use super::figures::{self, ALL, F1, PAIR, PRECISION, RECALL, Shown};
use super::{Cells, Evidence, Named, Paper};
use crate::report::chart::Chart;
use crate::report::chart::dots::{Dot, DotCell, DotRow, Dots, draw};
use crate::report::number::score;

fn chart(id: &str, caption: &str, dots: &Dots) -> Chart {
    Chart { id: id.to_owned(), caption: caption.to_owned(), scene: draw(dots) }
}

fn dot(value: f64, reach: Option<(f64, f64)>, label: String) -> Dot {
    Dot { series: 0, line: 0, value, reach, label, single: Vec::new() }
}

/// `1.2` for an SD of 0.00012: the paper's unit.
fn small(sd: f64) -> String {
    format!("{:.1}", sd * 1e4)
}

pub(super) fn scalers(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let rows = figures::scalers(evidence);
    let any = |cells: fn(&figures::Scaler) -> Cells| rows.iter().any(|row| cells(row).scored > 0);
    let (one, ten) = (any(|row| row.hold_out_cells), any(|row| row.fold_cells));
    if !one && !ten {
        return None;
    }
    let series: Vec<String> = [(one, "hold-out"), (ten, "mean over the folds ± SD")]
        .iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let row = |row: &figures::Scaler| {
        let cell = |metric: usize| {
            let mut dots = Vec::new();
            dots.extend(row.hold_out[metric].map(|v| dot(v, None, score(Some(v)))));
            let summary = &row.folds[metric];
            if let Some(mean) = summary.mean.filter(|_| row.fold_cells.is_whole()) {
                let reach = summary.sd.map(|sd| (mean - sd, mean + sd));
                let at = usize::from(one);
                dots.push(Dot { series: at, line: at, ..dot(mean, reach, score(Some(mean))) });
            }
            let mut said = Vec::new();
            if one && row.hold_out[metric].is_none() {
                said.push(format!("hold-out {}", row.hold_out_cells.state()));
            }
            if ten && !row.fold_cells.is_whole() {
                said.push(format!("folds {}", row.fold_cells.state()));
            }
            DotCell { dots, said: Some(said.join(", ")).filter(|said| !said.is_empty()) }
        };
        DotRow { name: row.scaler.to_owned(), below: row.papers.to_owned(), cells: vec![cell(0), cell(1)] }
    };
    let dots = Dots {
        title: format!("{}, figure 2: scalers with random forest", paper.title),
        lines: vec!["Without duplicates, with Tomek links, no leak. Below a scaler: the paper's name.".to_owned()],
        plot: 250.0,
        panels: vec!["accuracy".to_owned(), "IBA, alpha 1 (iba-1)".to_owned()],
        rows: rows.iter().map(row).collect(),
        per_row: series.len(),
        series,
        notes: vec!["Each panel has its own scale. Means over fewer than all folds are not shown.".to_owned()],
    };
    Some(chart("figure-2", "Figure 2: accuracy and IBA (alpha 1) of random forest after each scaler", &dots))
}

pub(super) fn families(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let figure = figures::families(evidence.hold_out()?);
    figure.rows.iter().any(|row| row.best.is_some()).then_some(())?;
    let row = |row: &figures::Family| {
        let cell = |metric: usize| match &row.best {
            None => DotCell { dots: Vec::new(), said: Some(row.cells.state()) },
            Some(best) => match best.values[metric] {
                Some(v) => DotCell { dots: vec![dot(v, best.intervals[metric], score(Some(v)))], said: None },
                None => DotCell { dots: Vec::new(), said: Some("undefined".to_owned()) },
            },
        };
        let below = match &row.best {
            Some(best) => format!("scaler {}", best.pipeline.scaler),
            None => String::new(),
        };
        DotRow { name: row.family.to_owned(), below, cells: [PRECISION, RECALL, F1].map(cell).into() }
    };
    let how = match figure.by_validation {
        true => "chosen by F1 on the validation rows",
        false => "chosen by F1 on these same test rows, which flatters it",
    };
    let dots = Dots {
        title: format!("{}, figure 3: the best of each family", paper.title),
        lines: vec![format!(
            "Fraud class on the hold-out's test part. Without duplicates, with Tomek links; scaler {how}."
        )],
        plot: 200.0,
        panels: ["precision", "recall", "F1"].map(str::to_owned).into(),
        rows: figure.rows.iter().map(row).collect(),
        series: vec!["hold-out".to_owned()],
        per_row: 1,
        notes: vec!["Bars: 95% intervals by Wilson; F1 has none. Each panel has its own scale.".to_owned()],
    };
    Some(chart("figure-3", "Figure 3: precision, recall and F1 of each family's best pipeline", &dots))
}

pub(super) fn studies(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let rows = figures::studies(evidence, paper.title);
    // The claimed row and that of the other studies are always there.
    (rows.len() > 2).then_some(())?;
    let row = |row: &figures::Compared| {
        let series = match (row.name == paper.title, row.leaks.is_empty()) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        };
        let cell = |shown: &Shown| match shown {
            Shown::Value(v, reach) => {
                DotCell { dots: vec![Dot { series, ..dot(*v, *reach, score(Some(*v))) }], said: None }
            }
            Shown::Figure => DotCell { dots: Vec::new(), said: Some("in a figure only".to_owned()) },
            Shown::Nothing => DotCell { dots: Vec::new(), said: Some("undefined".to_owned()) },
        };
        DotRow { name: row.name.clone(), below: row.note.clone(), cells: row.values.iter().map(cell).collect() }
    };
    let dots = Dots {
        title: format!("{}, figure 4: the claimed values, an honest test and a contaminated one", paper.title),
        lines: vec![
            "trained-on-another-split: fitted on the training part of another seed's split, which holds most of the test rows."
                .to_owned(),
        ],
        plot: 160.0,
        panels: ALL.map(|metric| match metric {
            "iba-1" => "IBA, alpha 1".to_owned(),
            "f1" => "F1".to_owned(),
            other => other.to_owned(),
        }).into(),
        rows: rows.iter().map(row).collect(),
        series: ["claimed", "honest", "leaky: no result"].map(str::to_owned).into(),
        per_row: 1,
        notes: vec![
            "Bars: 95% intervals, by Wilson on one test part, by the corrected resampled t over seeds. Each panel has its own scale."
                .to_owned(),
        ],
    };
    Some(chart("figure-4", "Figure 4: the claimed row, our honest rows and the contaminated one", &dots))
}

pub(super) fn folds(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let rows = figures::folds(evidence.cross_validation()?);
    rows.iter().any(|row| row.cells.scored > 0).then_some(())?;
    let row = |row: &figures::Folds| {
        let cell = |metric: usize| {
            let summary = &row.summaries[metric];
            let whole = row.cells.is_whole();
            let dots = match summary.mean {
                Some(mean) => {
                    let reach = summary.sd.map(|sd| (mean - sd, mean + sd));
                    let sd = summary.sd.map(|sd| format!(", SD {}", small(sd))).unwrap_or_default();
                    let part = if whole { String::new() } else { format!(" ({})", row.cells.state()) };
                    vec![Dot { single: summary.values.clone(), ..dot(mean, reach, format!("{mean:.4}{sd}{part}")) }]
                }
                None => Vec::new(),
            };
            let said = summary.mean.is_none().then(|| row.cells.state());
            DotCell { dots, said }
        };
        DotRow { name: row.family.to_owned(), below: String::new(), cells: (0..PAIR.len()).map(cell).collect() }
    };
    let dots = Dots {
        title: format!("{}, figure 5: ten folds", paper.title),
        lines: vec!["Without duplicates, with Tomek links, scaler quantile, which the paper finds best. No leak.".to_owned()],
        plot: 280.0,
        panels: vec!["accuracy".to_owned(), "IBA, alpha 1 (iba-1)".to_owned()],
        rows: rows.iter().map(row).collect(),
        series: vec!["folds".to_owned()],
        per_row: 1,
        notes: vec![
            "Large mark: mean; bar: ± one SD; small marks: the folds. SD in the paper's unit, 0.0001. Each panel has its own scale."
                .to_owned(),
        ],
    };
    Some(chart("figure-5", "Figure 5: accuracy and IBA (alpha 1) over ten folds", &dots))
}
