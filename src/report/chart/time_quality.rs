//! Fit time against quality, one mark per pipeline.

use super::axis::{self, Scale, padded, padded_log};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, LABEL, LONGEST_LABEL, colour, family as family_look, mark};
use super::text::{Text, fit, text_at, text_width};
use super::{Chart, Context};
use crate::analyze::leaderboard::{BASELINE, Row, distinct, without_duplicates};
use crate::report::number::score;
use crate::report::words::ranking;
use crate::words::counted;

const PLOT: (f64, f64) = (560.0, 400.0);
/// Faster fits are drawn here, s: below it a clock says little.
const FASTEST: f64 = 1e-3;
const LEGEND_LINE: f64 = 19.0;

struct Point {
    family: usize,
    seconds: f64,
    quality: f64,
}

/// The chart: average precision where the study has it, else the primary metric; none while no pipeline is complete, or where all fits
/// are drawn at one time.
pub fn draw(context: &Context<'_>) -> Option<Chart> {
    let board = context.board;
    let metric = board.metrics.iter().find(|m| *m == "pr-auc").unwrap_or(&board.primary);
    let drawn = board.rows.iter().filter_map(|row| Some((row, point(context, row, metric)?)));
    let (rows, points): (Vec<&Row>, Vec<Point>) = drawn.unzip();
    // Pipelines of another variant were tested on other rows, so their scores have no place on the same axis.
    let variant = without_duplicates(&distinct(rows.iter().map(|row| row.pipeline.variant())))?;
    let shown = rows.iter().zip(points).filter(|(row, _)| row.pipeline.variant() == variant);
    let points: Vec<Point> = shown.map(|(_, point)| point).collect();
    // Marks above each other show the quality alone, and one mark compares nothing.
    if points.iter().all(|point| point.seconds == points[0].seconds) {
        return None;
    }
    let caption = format!("Mean fit time against mean {metric}, one mark per pipeline");
    Some(Chart { id: "time-quality".to_owned(), caption, scene: layout(context, metric, variant, &points) })
}

/// Where a pipeline stands; none while it is not complete.
fn point(context: &Context<'_>, row: &Row, metric: &str) -> Option<Point> {
    let summary = context.board.summary(row, metric)?;
    let whole = row.is_whole() && summary.undefined == 0;
    let seconds = row.fit_s.filter(|s| whole && s.is_finite())?.max(FASTEST);
    Some(Point { family: context.place(&row.family), seconds, quality: summary.mean? })
}

fn layout(context: &Context<'_>, metric: &str, variant: (&str, bool), points: &[Point]) -> Scene {
    let families: Vec<usize> =
        (0..context.families.len()).filter(|family| points.iter().any(|p| p.family == *family)).collect();
    let name = |family: usize| fit(&context.families[family], LABEL, false, LONGEST_LABEL);
    let widest = families.iter().map(|f| text_width(&name(*f), LABEL, false)).fold(0.0, f64::max);
    let legend = 3.0 * GAP + 16.0 + widest;
    // The baseline does not set the scale: where it lies outside, its mark is on the edge.
    let is_baseline = |p: &Point| context.families[p.family] == BASELINE;
    let trained = points.iter().filter(|p| !is_baseline(p)).map(|p| p.quality);
    let quality =
        if points.iter().all(is_baseline) { padded(points.iter().map(|p| p.quality)) } else { padded(trained) };
    let room = axis::vertical_room(&Scale::linear(quality, (PLOT.1, 0.0)));
    let left = EDGE + room;
    let title = format!("{}: fit time and {metric}", context.results.title);
    let how = "Each mark is one pipeline: means over its folds".to_owned();
    let (mut scene, top) =
        Scene::titled(left + PLOT.0 + legend + EDGE, &title, &[context.setting_of(Some(variant)), how]);
    let right = scene.width - EDGE - legend;
    let top = top + GAP;
    let bottom = top + PLOT.1.max(LEGEND_LINE * families.len() as f64);
    let x = Scale::log(padded_log(points.iter().map(|p| p.seconds)), (left, right));
    let y = Scale::linear(quality, (bottom, top));
    axis::vertical(&mut scene, &y, (left, right), &format!("mean {metric}"));
    let threads = counted(u64::from(context.results.manifest.cell_threads), "thread");
    let end = axis::horizontal(&mut scene, &x, (top, bottom), &format!("mean fit time, s ({threads} per cell)"));
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    for point in points {
        let look = family_look(&context.families[point.family]);
        scene.mark(mark(look), (x.at(point.seconds), y.at(point.quality)), 4.5, colour(look));
    }
    for (i, family) in families.iter().enumerate() {
        let at = (right + 3.0 * GAP, top + LEGEND_LINE * (i as f64 + 0.5));
        let look = family_look(&context.families[*family]);
        scene.mark(mark(look), at, 4.5, colour(look));
        scene.text(Text { em: LABEL, ..text_at(at.0 + 14.0, at.1, &name(*family)) });
    }
    scene.finish(end, &notes(context, variant, points, quality))
}

/// What a reader should know of the marks: which are moved to the edge, and which pipelines have none.
fn notes(context: &Context<'_>, variant: (&str, bool), points: &[Point], quality: (f64, f64)) -> Vec<String> {
    let rows = &context.board.rows;
    let of_variant = rows.iter().filter(|row| row.pipeline.variant() == variant).count();
    let mut notes = Vec::new();
    if of_variant < rows.len() {
        let only = ranking(context.board, variant);
        notes.push(format!("Only pipelines with {only}: the others were tested on other rows."));
    }
    if points.iter().any(|p| p.seconds <= FASTEST) {
        notes.push("Fits faster than 1 ms are drawn at 1 ms.".to_owned());
    }
    let outside = |p: &&Point| p.quality < quality.0 || p.quality > quality.1;
    if let Some(point) = points.iter().find(outside) {
        notes.push(format!(
            "`{BASELINE}` ({}) is off the scale, so its mark is on the edge.",
            score(Some(point.quality))
        ));
    }
    let left_out = of_variant - points.len();
    if left_out > 0 {
        notes.push(format!("{} without a score on every fold: not drawn.", counted(left_out as u64, "pipeline")));
    }
    notes
}
