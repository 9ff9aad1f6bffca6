//! Fit time against quality, a mark a pipeline.

use super::axis::{self, Scale, padded, padded_log};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, LABEL, LONGEST_LABEL, colour, mark};
use super::text::{Text, fit, text_at, text_width};
use super::{Chart, Context};
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

/// The chart: average precision where the study has it, else the primary metric; none while no pipeline is complete.
pub fn draw(context: &Context<'_>) -> Option<Chart> {
    let board = context.board;
    let metric = board.metrics.iter().find(|m| *m == "pr-auc").unwrap_or(&board.primary);
    let points: Vec<Point> = board
        .rows
        .iter()
        .filter_map(|row| {
            let summary = board.summary(row, metric)?;
            let whole = row.is_whole() && summary.undefined == 0;
            let seconds = row.fit_s.filter(|s| whole && s.is_finite())?.max(FASTEST);
            Some(Point { family: context.place(&row.family), seconds, quality: summary.mean? })
        })
        .collect();
    if points.is_empty() {
        return None;
    }
    let caption = format!("Mean fit time against mean {metric}, a mark a pipeline");
    Some(Chart { id: "time-quality".to_owned(), caption, scene: layout(context, metric, &points) })
}

fn layout(context: &Context<'_>, metric: &str, points: &[Point]) -> Scene {
    let families: Vec<usize> =
        (0..context.families.len()).filter(|family| points.iter().any(|p| p.family == *family)).collect();
    let name = |family: usize| fit(&context.families[family], LABEL, false, LONGEST_LABEL);
    let widest = families.iter().map(|f| text_width(&name(*f), LABEL, false)).fold(0.0, f64::max);
    let legend = 3.0 * GAP + 16.0 + widest;
    let quality = padded(points.iter().map(|p| p.quality));
    let room = axis::vertical_room(&Scale::linear(quality, (PLOT.1, 0.0)));
    let left = EDGE + room;
    let title = format!("{}: fit time and {metric}", context.results.title);
    let how = "A mark a pipeline: means over its folds".to_owned();
    let (mut scene, top) = Scene::titled(left + PLOT.0 + legend + EDGE, &title, &[context.setting(), how]);
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
        scene.mark(mark(point.family), (x.at(point.seconds), y.at(point.quality)), 4.5, colour(point.family));
    }
    for (i, family) in families.iter().enumerate() {
        let at = (right + 3.0 * GAP, top + LEGEND_LINE * (i as f64 + 0.5));
        scene.mark(mark(*family), at, 4.5, colour(*family));
        scene.text(Text { em: LABEL, ..text_at(at.0 + 14.0, at.1, &name(*family)) });
    }
    let left_out = context.board.rows.len() - points.len();
    let mut notes = Vec::new();
    if points.iter().any(|p| p.seconds <= FASTEST) {
        notes.push("Fits faster than 1 ms are drawn at 1 ms.".to_owned());
    }
    if left_out > 0 {
        notes.push(format!("{} without a score on every fold: not drawn.", counted(left_out as u64, "pipeline")));
    }
    scene.finish(end, &notes)
}
