//! Our numbers on the printed ones, a panel per metric.

use super::measure::METRICS;
use super::tables::{is_in_sample, numbers};
use crate::papers::number::told;
use crate::papers::{Evidence, Number, Paper, Statistic};
use crate::report::chart::Chart;
use crate::report::chart::scatter::{Panel, Point, Scatter, draw};

/// The chart; none where nothing was measured.
pub fn chart(paper: &Paper, evidence: &Evidence) -> Option<Chart> {
    let mut measured = numbers(evidence).ok()?;
    // What models say of rows that they have learned from lies near 1, far from the rest.
    measured.retain(|number| number.measured().is_some() && !is_in_sample(number));
    let shown: Vec<&Number> = measured.iter().filter(|number| number.statistic == Statistic::Mean).collect();
    if shown.is_empty() {
        return None;
    }
    let mut series: Vec<&str> = shown.iter().map(|number| number.place).collect();
    series.dedup();
    let panel = |(name, _): (&str, &str)| Panel {
        x: format!("{name}, printed"),
        y: "here".to_owned(),
        points: points(&shown, &series, name),
    };
    let scatter = Scatter {
        title: format!("{}: our numbers on the printed ones", paper.title),
        lines: vec![format!("Of those that were measured on rows that a model has not learned from, {}.", told(&measured))],
        panels: METRICS.map(panel).into(),
        series: series.iter().map(|place| (*place).to_owned()).collect(),
        notes: vec![
            "The line is equality. Bars: one standard deviation over the folds, as in the printed tables. Each panel has its own \
             scale."
                .to_owned(),
        ],
    };
    let caption = "Our numbers on the printed ones: AUC ROC, average precision and card precision".to_owned();
    Some(Chart { id: "printed-and-ours".to_owned(), caption, scene: draw(&scatter) })
}

fn points(shown: &[&Number], series: &[&str], metric: &str) -> Vec<Point> {
    // In tables of models side by side the row is the metric.
    let is_it = |n: &&&Number| n.column.starts_with(metric) || n.row == metric;
    let point = |n: &&Number| {
        let measured = n.measured()?;
        let place = series.iter().position(|place| *place == n.place)?;
        Some(Point { series: place, x: n.printed_value()?, y: measured.value, spread: measured.spread })
    };
    shown.iter().filter(is_it).filter_map(point).collect()
}
