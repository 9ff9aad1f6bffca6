//! Explanations in words, tables and charts.

use super::{Explained, Explanation, FOLDER, Line, mean};
use crate::report::chart::Chart;
use crate::report::chart::dots::{Dot, DotCell, DotRow, Dots, draw};
use crate::report::document::{Block, Section, Table};
use crate::report::number::{mean_sd, score};
use crate::words::counted;

/// Columns that a table shows.
const TOP: usize = 10;
/// Columns that a chart shows.
const SHOWN: usize = 20;
/// Width of its panel, px.
const PANEL: f64 = 520.0;

/// What every explained pipeline looks at; none without an explanation.
pub(in crate::report) fn section(explained: &Explained) -> Option<Section> {
    let each = explained.all.iter().enumerate();
    let mut blocks: Vec<Block> = each.map(|(nth, of)| Block::Section(of_pipeline(nth, of))).collect();
    blocks.extend(explained.refused.iter().map(|said| Block::said(&format!("{said}."))));
    (!blocks.is_empty()).then(|| Section::new("explained", "What pipelines look at", blocks))
}

fn of_pipeline(nth: usize, (folder, it): &(String, Explanation)) -> Section {
    let mut blocks = vec![
        Block::said(&format!(
            "Permutation importance: what `{}` loses on test rows when one column of the table is shuffled among them ({}); mean ± \
             sample SD over {}. Columns that say the same hide each other.{}",
            it.metric,
            counted(it.repeats as u64, "shuffle"),
            counted(it.folds.len() as u64, "fold"),
            more(it.columns.len(), folder, "importance")
        )),
        Block::Table(Table::plain(
            &format!("importance-{}", nth + 1),
            &["column", &format!("{} lost", it.metric)],
            it.losses().iter().take(TOP).map(|(name, values)| vec![(*name).to_owned(), spread(values)]).collect(),
        )),
    ];
    match (&it.shap_explains, &it.no_shap) {
        (Some(what), _) => {
            let [rows, background] = drawn(it);
            blocks.push(Block::said(&format!(
                "SHAP values (exact, interventional) of the {what}: the mean size over {rows} test rows, measured against {background} \
                 training rows per fold.{}",
                more(it.made.len(), folder, "shap")
            )));
            let header = ["column at the classifier", "positives", "negatives"];
            blocks.push(Block::Table(Table::plain(&format!("shap-{}", nth + 1), &header, shap_rows(it))));
        }
        (None, why) => {
            let why = why.as_deref().unwrap_or("the classifier has none");
            blocks.push(Block::said(&format!("No SHAP values: {why}.")));
        }
    }
    Section::new(&format!("explained-{}", nth + 1), &it.pipeline, blocks)
}

/// Where the rest of a long table is.
fn more(columns: usize, folder: &str, file: &str) -> String {
    match columns > TOP {
        true => format!(" The first {TOP} of {columns} columns; `{FOLDER}/{folder}/{file}.csv` has all."),
        false => String::new(),
    }
}

fn shap_rows(it: &Explanation) -> Vec<Vec<String>> {
    let place = |name: &str| it.made.iter().position(|made| made == name).unwrap_or(0);
    let row =
        |(name, values): &Line<'_>| vec![(*name).to_owned(), spread(values), spread(&it.sizes_of(place(name), 0))];
    it.sizes().iter().take(TOP).map(row).collect()
}

/// How many rows are explained on all folds, and against how many on one.
fn drawn(it: &Explanation) -> [usize; 2] {
    let shaps = || it.folds.iter().filter_map(|fold| fold.shap.as_ref());
    [shaps().map(|shap| shap.rows.len()).sum(), shaps().map(|shap| shap.background.len()).max().unwrap_or(0)]
}

/// Mean and sample SD over folds.
fn spread(values: &[f64]) -> String {
    let middle = mean(values);
    let squares: f64 = values.iter().map(|value| (value - middle) * (value - middle)).sum();
    let sd = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
    mean_sd((!values.is_empty()).then_some(middle), sd)
}

/// The charts of one explanation: of its losses, and of its SHAP values if it has any. `id` begins their names.
pub(in crate::report) fn chart(it: &Explanation, id: &str) -> Vec<Chart> {
    let title = format!("What {} loses when a column is shuffled", it.metric);
    let mut charts = vec![Chart {
        id: format!("{id}importance"),
        caption: format!("{title}: {}", it.pipeline),
        scene: draw(&dots(it, &title, None, &it.losses())),
    }];
    if let Some(what) = &it.shap_explains {
        let title = "Mean size of SHAP values of positive test rows";
        charts.push(Chart {
            id: format!("{id}shap"),
            caption: format!("{title}: {}", it.pipeline),
            scene: draw(&dots(it, title, Some(what), &it.sizes())),
        });
    }
    charts
}

fn dots(it: &Explanation, title: &str, shap_of: Option<&str>, lines: &[Line<'_>]) -> Dots {
    let row = |(name, values): &Line<'_>| {
        let middle = mean(values);
        let dot =
            Dot { series: 0, line: 0, value: middle, reach: None, label: score(Some(middle)), single: values.clone() };
        DotRow { name: (*name).to_owned(), below: String::new(), cells: vec![DotCell { dots: vec![dot], said: None }] }
    };
    let shown: Vec<DotRow> = lines.iter().filter(|(_, values)| !values.is_empty()).take(SHOWN).map(row).collect();
    let mut notes = vec![format!(
        "Large marks are means over {}, small ones the folds. Test rows only{}.",
        counted(it.folds.len() as u64, "fold"),
        match shap_of {
            Some(what) => format!("; explained is the {what}"),
            None => format!("; {} per column", counted(it.repeats as u64, "shuffle")),
        }
    )];
    if lines.len() > SHOWN {
        notes.push(format!("The first {SHOWN} of {} columns.", lines.len()));
    }
    if it.lower_is_better && shap_of.is_none() {
        notes.push("A loss is a rise: smaller is better.".to_owned());
    }
    Dots {
        title: title.to_owned(),
        lines: vec![format!("{} · {}", it.title, it.pipeline)],
        plot: PANEL,
        panels: vec![if shap_of.is_some() { "mean |SHAP value|".to_owned() } else { format!("loss of {}", it.metric) }],
        rows: shown,
        series: vec![String::new()],
        per_row: 1,
        notes,
    }
}
