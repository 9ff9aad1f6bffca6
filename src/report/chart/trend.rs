//! Runs over time: a panel per pipeline, a point per run, the mean of each part between changes, and the runs at which it changed.

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{
    AXIS, EDGE, GAP, GRID, INK, LABEL, LEAST_WIDTH, PALE_INK, SMALL, TEXT, WHITE, colour, family, mark, mix,
};
use super::text::{Anchor, Text, fit, text_at, text_width};
use crate::analyze::trend::Series;

/// The height of a plot.
const HEIGHT: f64 = 120.0;

/// What to draw.
pub struct Trends<'a> {
    /// The title.
    pub title: String,
    /// Lines below the title.
    pub lines: Vec<String>,
    /// The label of each run, the oldest first.
    pub runs: Vec<String>,
    /// The panels: a name, and its series.
    pub panels: Vec<(String, &'a Series)>,
}

/// Draws it: panels below each other with one horizontal axis, each with its own range.
pub fn draw(trends: &Trends<'_>) -> Scene {
    let (mut scene, top) = Scene::titled(LEAST_WIDTH, &trends.title, &trends.lines);
    let range = |series: &Series| padded(series.points.iter().map(|point| point.value));
    let room =
        trends.panels.iter().map(|(_, series)| axis::vertical_room(&Scale::linear(range(series), (HEIGHT, 0.0))));
    let left = EDGE + room.fold(0.0, f64::max);
    let x = Scale::linear((-0.5, trends.runs.len() as f64 - 0.5), (left, scene.width - EDGE));
    let mut end = top;
    for (name, series) in &trends.panels {
        let from = end + GAP;
        let room = scene.width - EDGE - left;
        scene.text(Text { bold: true, ..text_at(left, from + TEXT / 2.0, &fit(name, TEXT, true, room)) });
        let plot_top = from + TEXT + GAP + SMALL;
        let y = Scale::linear(range(series), (plot_top + HEIGHT, plot_top));
        panel(&mut scene, trends, series, (&x, &y), (left, plot_top));
        end = plot_top + HEIGHT + GAP;
    }
    let below = labels(&mut scene, trends, &x, end);
    scene.finish(
        below,
        &["A whole line is the mean between two changes; a broken line stands at the first run after a change.".into()],
    )
}

fn panel(scene: &mut Scene, trends: &Trends<'_>, series: &Series, (x, y): (&Scale, &Scale), (left, top): (f64, f64)) {
    let (right, bottom) = (scene.width - EDGE, top + HEIGHT);
    for (value, label) in y.ticks(4) {
        scene.line((left, y.at(value)), (right, y.at(value)), 1.0, GRID);
        scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(left - GAP, y.at(value), &label) });
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    let look = family(&series.family);
    let at = |place: usize| (x.at(series.points[place].run as f64), y.at(series.points[place].value));
    for (from, to, mean) in series.parts() {
        let (from, to) = (at(from).0 - 4.0, at(to).0 + 4.0);
        scene.line((from, y.at(mean)), (to, y.at(mean)), 2.0, mix(colour(look), INK, 0.2));
    }
    for place in 0..series.points.len() {
        scene.mark(mark(look), at(place), 3.0, colour(look));
    }
    for change in &series.changes {
        let run = series.points[change.at].run;
        let line = x.at(run as f64 - 0.5);
        scene.dashed(&[(line, top), (line, bottom)], &[4.0, 3.0], 1.5, INK);
        let said = format!("{} {}", if change.is_worse { "worse since" } else { "better since" }, trends.runs[run]);
        let half = text_width(&said, SMALL, change.is_worse) / 2.0 + 3.0;
        let middle = line.clamp(left + half, (right - half).max(left + half));
        let above = top - SMALL / 2.0 - 2.0;
        scene.rectangle(middle - half, above - SMALL / 2.0, middle + half, above + SMALL / 2.0, WHITE);
        let text = text_at(middle, above, &said);
        scene.text(Text { em: SMALL, bold: change.is_worse, anchor: Anchor::Middle, ..text });
    }
}

/// The labels of as many runs as have room, the first and the last among them; returns the y below them.
fn labels(scene: &mut Scene, trends: &Trends<'_>, x: &Scale, top: f64) -> f64 {
    let widest = trends.runs.iter().map(|run| text_width(run, LABEL, false)).fold(0.0, f64::max) + 2.0 * GAP;
    let last = trends.runs.len().saturating_sub(1);
    let apart = x.at(1.0) - x.at(0.0);
    let every = ((widest / apart).ceil() as usize).max(1);
    // The last one stands whatever is before it.
    let before = (0..last).step_by(every).filter(|run| (last - run) as f64 * apart >= widest);
    let (left, right) = (EDGE, scene.width - EDGE);
    for run in before.chain([last]) {
        let half = text_width(&trends.runs[run], LABEL, false) / 2.0;
        let at = x.at(run as f64);
        scene.line((at, top - GAP), (at, top - GAP + 4.0), 1.0, AXIS);
        let middle = at.clamp(left + half, right - half);
        let text = text_at(middle, top + LABEL / 2.0 + 2.0, &trends.runs[run]);
        scene.text(Text { em: LABEL, colour: PALE_INK, anchor: Anchor::Middle, ..text });
    }
    top + LABEL + GAP
}
