//! The scalers compared for one classifier: accuracy, IBA and the primary metric, their means and the range of the folds.

use plotters::style::RGBColor;

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{
    AXIS, EDGE, GAP, GRID, INK, LABEL, LONGEST_LABEL, Mark, PALE_INK, SMALL, TEXT, WHITE, colour, mark, mix,
};
use super::text::{Anchor, Text, fit, text_at, text_width};
use super::{Chart, Context, Fixed};
use crate::analyze::leaderboard::{Row, Summary, distinct};
use crate::report::words::on_off;

const PLOT: f64 = 230.0;
const BETWEEN: f64 = 30.0;
/// Height of one mark's line, and what a scaler's row has besides.
const LINE: f64 = 15.0;

/// A combination of dedup and resampler with its look.
struct Series<'a> {
    dedup: bool,
    resampler: &'a str,
    mark: Mark,
    colour: RGBColor,
}

impl Series<'_> {
    fn name(&self) -> String {
        format!("dedup {} · resampler {}", on_off(self.dedup), self.resampler)
    }
}

struct Grid<'a> {
    classifier: &'a str,
    family: &'a str,
    rows: Vec<&'a Row>,
    scalers: Vec<&'a str>,
    series: Vec<Series<'a>>,
    metrics: Vec<&'a str>,
    fixed: Option<String>,
}

/// The chart for random forest where the study has a complete pipeline of it, else for the best family; none while no
/// pipeline is complete.
pub fn draw(context: &Context<'_>) -> Option<Chart> {
    let board = context.board;
    let best = board.best(|row| row.family == "random-forest").or_else(|| board.best(|_| true))?;
    let classifier = best.pipeline.classifier.as_str();
    let fixed = Fixed::besides(context, &["dedup", "resampler", "scaler", "classifier"]);
    let plan =
        || context.results.planned.iter().map(|p| &p.cell).filter(|c| c.classifier == classifier && fixed.has(c));
    let looks = distinct(plan().map(|c| (c.dedup, c.resampler.as_str()))).into_iter().enumerate();
    let known = |metric: &&str| board.metrics.iter().any(|m| m == metric);
    // The IBA that the paper prints has alpha 1; another stands in where the study lacks it.
    let iba = Some("iba-1").filter(known).or(board.metrics.iter().map(String::as_str).find(|m| m.starts_with("iba")));
    let metrics = ["accuracy"].into_iter().filter(known).chain(iba).chain([board.primary.as_str()]);
    let grid = Grid {
        classifier,
        family: &best.family,
        rows: board.rows.iter().filter(|r| r.pipeline.classifier == classifier && fixed.has(&r.pipeline)).collect(),
        scalers: distinct(plan().map(|c| c.scaler.as_str())),
        series: looks
            .map(|(i, (dedup, resampler))| Series { dedup, resampler, mark: mark(i), colour: colour(i) })
            .collect(),
        metrics: distinct(metrics),
        fixed: fixed.note(),
    };
    // One scaler is compared with nothing.
    if grid.scalers.len() < 2 {
        return None;
    }
    let caption = format!("Scalers compared with {classifier}: {}", grid.metrics.join(", "));
    let id = format!("scalers-{}", file_name(&grid));
    Some(Chart { id, caption, scene: layout(context, &grid) })
}

/// Families are kebab-case already; a name of any other kind must not leave the folder.
fn file_name(grid: &Grid<'_>) -> String {
    grid.family.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect()
}

fn layout(context: &Context<'_>, grid: &Grid<'_>) -> Scene {
    let widest = grid.scalers.iter().map(|s| text_width(s, LABEL, false)).fold(0.0, f64::max).min(LONGEST_LABEL);
    let left = EDGE + widest + GAP;
    let n = grid.metrics.len() as f64;
    let width = left + PLOT * n + BETWEEN * (n - 1.0) + EDGE;
    let title = format!("{}: scalers with {}", context.results.title, grid.classifier);
    let (mut scene, top) = Scene::titled(width, &title, &[context.setting()]);
    let plot = (scene.width - EDGE - left - BETWEEN * (n - 1.0)) / n;
    let top = legend(&mut scene, grid, top);
    let height = LINE * grid.series.len() as f64 + 12.0;
    let first = top + TEXT + GAP;
    let bottom = first + height * grid.scalers.len() as f64;
    for (i, scaler) in grid.scalers.iter().enumerate() {
        let label = fit(scaler, LABEL, false, LONGEST_LABEL);
        let y = first + height * (i as f64 + 0.5);
        scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(left - GAP, y, &label) });
    }
    let mut end = bottom;
    for (i, metric) in grid.metrics.iter().enumerate() {
        let x = left + (plot + BETWEEN) * i as f64;
        let frame = [x, first, x + plot, bottom];
        scene.text(Text { bold: true, ..text_at(x, top + TEXT / 2.0, metric) });
        end = panel(&mut scene, context, grid, metric, frame);
    }
    let incomplete = grid.rows.iter().any(|row| !row.is_whole());
    let several = grid.rows.iter().any(|row| row.wanted > 1);
    let marks = if several { "Mark: mean over the folds; bar: lowest to highest fold. " } else { "" };
    let mut notes = vec![format!("{marks}Each panel has its own scale.")];
    notes.extend(grid.fixed.clone());
    notes.extend(context.rows_apart(grid.rows.iter().map(|row| &*row.pipeline)));
    if incomplete {
        notes.push("3/10: only three of ten folds have a score, so no mean is shown.".to_owned());
    }
    scene.finish(end, &notes)
}

fn legend(scene: &mut Scene, grid: &Grid<'_>, top: f64) -> f64 {
    let (mut x, mut y) = (EDGE, top + TEXT / 2.0);
    for series in &grid.series {
        let name = fit(&series.name(), LABEL, false, 400.0);
        let width = 16.0 + text_width(&name, LABEL, false) + 22.0;
        if x > EDGE && x + width > scene.width - EDGE {
            (x, y) = (EDGE, y + TEXT * 1.5);
        }
        scene.mark(series.mark, (x + 5.0, y), 4.5, series.colour);
        scene.text(Text { em: LABEL, ..text_at(x + 16.0, y, &name) });
        x += width;
    }
    y + TEXT / 2.0 + 2.0 * GAP
}

fn panel(scene: &mut Scene, context: &Context<'_>, grid: &Grid<'_>, metric: &str, frame: [f64; 4]) -> f64 {
    let [left, top, right, bottom] = frame;
    let height = (bottom - top) / grid.scalers.len() as f64;
    let complete = |row: &&&Row| context.board.summary(row, metric).is_some_and(|s| is_whole(row, s.values.len()));
    let ends = grid.rows.iter().filter(complete).filter_map(|row| Some(range(context.board.summary(row, metric)?)));
    let scale = Scale::linear(padded(ends.flatten()), (left + 4.0, right - 4.0));
    let end = axis::horizontal(scene, &scale, (top, bottom), metric);
    for line in 1..grid.scalers.len() {
        let y = top + height * line as f64;
        scene.line((left, y), (right, y), 1.0, GRID);
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    for (i, scaler) in grid.scalers.iter().enumerate() {
        for (k, series) in grid.series.iter().enumerate() {
            let y = top + height * i as f64 + 6.0 + LINE * (k as f64 + 0.5);
            let of = |row: &&&Row| {
                let p = &row.pipeline;
                p.scaler == *scaler && p.dedup == series.dedup && p.resampler == series.resampler
            };
            let Some(row) = grid.rows.iter().find(of) else { continue };
            let Some(summary) = context.board.summary(row, metric) else { continue };
            match summary.mean.filter(|_| is_whole(row, summary.values.len())) {
                Some(mean) => {
                    let [from, to] = range(summary).map(|end| scale.at(end));
                    scene.line((from, y), (to, y), 1.5, mix(series.colour, INK, 0.2));
                    scene.mark(series.mark, (scale.at(mean), y), 4.5, series.colour);
                }
                None => {
                    let said = format!("{}/{}", summary.values.len(), row.wanted);
                    let (x, half) = (left + GAP, SMALL / 2.0);
                    scene.rectangle(x - 2.0, y - half, x + text_width(&said, SMALL, false) + 2.0, y + half, WHITE);
                    scene.text(Text { em: SMALL, colour: PALE_INK, ..text_at(x, y, &said) });
                }
            }
        }
    }
    end
}

/// The lowest and the highest fold: unlike a standard deviation around the mean they leave no metric's range.
fn range(summary: &Summary) -> [f64; 2] {
    let values = || summary.values.iter().copied();
    [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)]
}

/// Whether a metric has a value on every fold that is ranked over.
fn is_whole(row: &Row, values: usize) -> bool {
    row.wanted > 0 && values == row.wanted
}
