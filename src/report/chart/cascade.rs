//! What is left of negatives and positives after each stage of a cascade.

use super::dots::{Dot, DotCell, DotRow, Dots, draw as draw_dots};
use super::{Chart, Context};
use crate::analyze::cascade::{Stages, cascades};
use crate::words::count;

/// Cascades that a chart has room for.
const MOST: usize = 6;

/// The chart; none where no pipeline is a cascade.
pub(super) fn draw(context: &Context<'_>) -> Option<Chart> {
    let found = cascades(context.results);
    if found.is_empty() {
        return None;
    }
    let dots = Dots {
        title: format!("{}: stages of cascades", context.results.title),
        lines: vec![
            context.setting(),
            "Shares of all test rows that are left after a stage, folds added up".to_owned(),
        ],
        plot: 270.0,
        panels: ["negatives left", "positives left"].map(str::to_owned).into(),
        rows: found.iter().take(MOST).flat_map(rows).collect(),
        series: vec!["left".to_owned()],
        per_row: 1,
        notes: notes(&found),
    };
    let caption = "What each stage of a cascade leaves of negatives and of positives".to_owned();
    Some(Chart { id: "cascade".to_owned(), caption, scene: draw_dots(&dots) })
}

fn rows(stages: &Stages) -> Vec<DotRow> {
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
            below: stages.pipeline.clone(),
            cells: stages.left(sieve).into_iter().zip(left).map(cell).collect(),
        }
    };
    stages.sieves.iter().enumerate().map(row).collect()
}

fn notes(found: &[Stages]) -> Vec<String> {
    let mut notes: Vec<String> = found
        .iter()
        .take(MOST)
        .map(|stages| {
            let left = stages.sieves.last().map_or(0, |last| last.left_rows);
            format!("{}: people check {} rows, which cost {:.0} per fold.", stages.pipeline, count(left), stages.cost())
        })
        .collect();
    if found.len() > MOST {
        notes.push(format!("The first {MOST} of {} cascades; report.md has all.", found.len()));
    }
    notes
}
