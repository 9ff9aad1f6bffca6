//! What is left of negatives and positives after each stage of a cascade.

use super::dots::{Dot, DotCell, DotRow, Dots, draw as draw_dots};
use super::{Chart, Context};
use crate::analyze::cascade::{Stages, cascades};
use crate::report::number::money;
use crate::report::words::Names;
use crate::words::{count, counted};

/// Cascades that a chart has room for.
const MOST: usize = 6;

/// The chart; none where no pipeline is a cascade.
pub(super) fn draw(context: &Context<'_>) -> Option<Chart> {
    let found = cascades(context.results);
    if found.is_empty() {
        return None;
    }
    let names = names(&found);
    let dots = Dots {
        title: format!("{}: stages of cascades", context.results.title),
        lines: vec![
            context.setting(),
            "Shares of all test rows that are left after a stage, folds added up".to_owned(),
        ],
        plot: 270.0,
        panels: ["negatives left", "positives left"].map(str::to_owned).into(),
        rows: found.iter().zip(&names).take(MOST).flat_map(|(stages, name)| rows(stages, name)).collect(),
        series: vec!["left".to_owned()],
        per_row: 1,
        notes: notes(&found, &names),
    };
    let caption = "What each stage of a cascade leaves of negatives and of positives".to_owned();
    Some(Chart { id: "cascade".to_owned(), caption, scene: draw_dots(&dots) })
}

/// What tells the cascades apart, the classifier first: a label has no room for more.
fn names(found: &[Stages]) -> Vec<String> {
    let names = Names::of(found.iter().map(|stages| ("", &stages.pipeline)));
    found.iter().map(|stages| names.without_data_set(&stages.pipeline) + &stages.part()).collect()
}

fn rows(stages: &Stages, name: &str) -> Vec<DotRow> {
    let row = |(nth, sieve): (usize, &crate::store::Sieve)| {
        let left = [sieve.left_rows - sieve.left_positives, sieve.left_positives];
        let cell = |(share, rows): (f64, u64)| {
            let label = format!("{share:.4} ({})", count(rows));
            DotCell {
                dots: vec![Dot { series: 0, line: 0, value: share, reach: None, label, single: Vec::new() }],
                said: None,
            }
        };
        DotRow {
            name: format!("{}: {}", nth + 1, sieve.stage),
            below: name.to_owned(),
            cells: stages.left(sieve).into_iter().zip(left).map(cell).collect(),
        }
    };
    stages.sieves.iter().enumerate().map(row).collect()
}

fn notes(found: &[Stages], names: &[String]) -> Vec<String> {
    let said = |(stages, name): (&Stages, &String)| {
        let (rows, per_fold) = (counted(stages.checked(), "row"), money(stages.cost()));
        match stages.folds {
            1 => format!("{name}: people check {rows}, which cost {per_fold}."),
            n => {
                let all = money(stages.cost() * n as f64);
                format!("{name}: people check {rows} over {n} folds, which cost {all}: {per_fold} per fold.")
            }
        }
    };
    let mut notes: Vec<String> = found.iter().zip(names).take(MOST).map(said).collect();
    if found.len() > MOST {
        notes.push(format!("The first {MOST} of {} cascades; report.md has all.", found.len()));
    }
    notes
}
