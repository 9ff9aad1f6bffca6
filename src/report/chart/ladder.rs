//! The ladder: what a pipeline scores when nothing leaks, and what each leak makes of it.

use plotters::style::RGBColor;

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{AXIS, EDGE, EMPTY, GAP, GRID, INK, LABEL, PALE_INK, SMALL, TEXT, WHITE, colour, mark, mix};
use super::text::{Anchor, Text, fit, text_at, text_width};
use super::{Chart, rows_of};
use crate::analyze::Results;
use crate::analyze::ladder::{Figure, Ladder, Step, first, metrics};
use crate::analyze::leaderboard::distinct;
use crate::report::number::{change, score};
use crate::words::counted;

const PLOT: f64 = 240.0;
const BETWEEN: f64 = 26.0;
/// The chart's name.
pub const ID: &str = "ladder";

/// Height of one mark's line, without and with its number, and what a step's row has besides.
const LINE: f64 = 15.0;
const LABELLED_LINE: f64 = 30.0;
/// Pipelines whose numbers have room in the chart.
const MOST_LABELLED: usize = 2;
const ROW_ROOM: f64 = 14.0;
/// Height of a line of a step's name.
const NAME_LINE: f64 = 14.0;
/// More pipelines than this cannot be told apart in a row.
const MOST: usize = 6;

/// The chart; none without ladders that have any value.
pub fn draw(results: &Results, ladders: &[Ladder]) -> Option<Chart> {
    let names = metrics(results);
    let shown: Vec<usize> = (0..first(results).len()).collect();
    let steps: Vec<&Step> = ladders.first()?.steps.iter().collect();
    ladders.iter().flat_map(|l| &l.steps).any(|step| step.scored > 0).then_some(())?;
    let caption = format!(
        "The ladder of leaks: {} by protocol",
        shown.iter().map(|&i| names[i].as_str()).collect::<Vec<_>>().join(", ")
    );
    let frame = Frame { names: &names, shown: &shown, steps: &steps, ladders: &ladders[..ladders.len().min(MOST)] };
    Some(Chart { id: ID.into(), caption, scene: layout(results, &frame, ladders.len()) })
}

struct Frame<'a> {
    names: &'a [String],
    shown: &'a [usize],
    steps: &'a [&'a Step],
    ladders: &'a [Ladder],
}

impl Frame<'_> {
    /// A step's name in lines, one a leak.
    fn lines(step: &Step) -> Vec<String> {
        let names = step.leaks.list();
        match names.len() {
            0 => vec![format!("honest {}", step.protocol)],
            n => names
                .iter()
                .enumerate()
                .map(|(i, l)| format!("{}{}", l.name(), if i + 1 < n { " +" } else { "" }))
                .collect(),
        }
    }

    /// Whether numbers have room beside the marks.
    fn is_labelled(&self) -> bool {
        self.ladders.len() <= MOST_LABELLED
    }

    fn line(&self) -> f64 {
        if self.is_labelled() { LABELLED_LINE } else { LINE }
    }

    fn height(&self, step: &Step) -> f64 {
        let marks = self.line() * self.ladders.len() as f64;
        marks.max(NAME_LINE * Self::lines(step).len() as f64) + ROW_ROOM
    }

    fn figure(&self, ladder: &Ladder, step: &Step, metric: usize) -> Option<Figure> {
        ladder.steps.iter().find(|s| s.protocol == step.protocol).map(|s| s.figures[metric].clone())
    }
}

fn series_name(ladder: &Ladder) -> String {
    let p = &ladder.pipeline;
    format!("{} · scaler {} · resampler {}", p.classifier, p.scaler, p.resampler)
}

fn layout(results: &Results, frame: &Frame<'_>, pipelines: usize) -> Scene {
    let widest = |step: &&Step| Frame::lines(step).iter().map(|l| text_width(l, LABEL, true)).fold(0.0, f64::max);
    let left = EDGE + frame.steps.iter().map(widest).fold(0.0, f64::max) + 2.0 * GAP;
    let n = frame.shown.len() as f64;
    let width = left + PLOT * n + BETWEEN * (n - 1.0) + EDGE;
    let title = format!("{}: what each leak is worth", results.title);
    let (mut scene, top) = Scene::titled(width, &title, &[setting(results)]);
    let plot = (scene.width - EDGE - left - BETWEEN * (n - 1.0)) / n;
    let top = legend(&mut scene, frame, top);
    let first = top + TEXT + GAP;
    let heights: Vec<f64> = frame.steps.iter().map(|step| frame.height(step)).collect();
    let bottom = first + heights.iter().sum::<f64>();
    // The honest row stands on its own ground.
    scene.rectangle(EDGE - 6.0, first, scene.width - EDGE, first + heights[0], honest_ground());
    let mut y = first;
    for (step, height) in frame.steps.iter().zip(&heights) {
        let lines = Frame::lines(step);
        let start = y + height / 2.0 - NAME_LINE * (lines.len() as f64 - 1.0) / 2.0;
        for (i, line) in lines.iter().enumerate() {
            let at = text_at(left - 2.0 * GAP, start + NAME_LINE * i as f64, line);
            scene.text(Text { em: LABEL, bold: step.leaks.is_empty(), anchor: Anchor::End, ..at });
        }
        y += height;
    }
    let mut end = bottom;
    for (i, &metric) in frame.shown.iter().enumerate() {
        let x = left + (plot + BETWEEN) * i as f64;
        scene.text(Text { bold: true, ..text_at(x, top + TEXT / 2.0, &frame.names[metric]) });
        end = panel(&mut scene, frame, metric, &heights, [x, first, x + plot, bottom]);
    }
    let numbers = match frame.is_labelled() {
        true => " The numbers: the honest mean, and under a leak the mean change on the same splits.",
        false => "",
    };
    let mut notes = vec![format!(
        "Mark: mean over the splits; bar: its 95% interval by the corrected resampled t. Dashed: the honest mean.{numbers} \
         Each panel has its own scale."
    )];
    if pipelines > frame.ladders.len() {
        notes.push(format!("The first {} of {pipelines} pipelines; audit.csv has all.", frame.ladders.len()));
    }
    scene.finish(end, &notes)
}

fn setting(results: &Results) -> String {
    let data = results.manifest.table();
    let splits = distinct(results.planned.iter().map(|p| (p.cell.repeat, p.cell.fold))).len() as u64;
    format!(
        "{}: {} · {} under every protocol",
        data.name,
        rows_of(data, || results.planned.iter().map(|planned| &planned.cell)),
        counted(splits, "split")
    )
}

fn legend(scene: &mut Scene, frame: &Frame<'_>, top: f64) -> f64 {
    let (mut x, mut y) = (EDGE, top + TEXT / 2.0);
    for (i, ladder) in frame.ladders.iter().enumerate() {
        let name = fit(&series_name(ladder), LABEL, false, 460.0);
        let width = 16.0 + text_width(&name, LABEL, false) + 22.0;
        if x > EDGE && x + width > scene.width - EDGE {
            (x, y) = (EDGE, y + TEXT * 1.5);
        }
        scene.mark(mark(i), (x + 5.0, y), 4.5, colour(i));
        scene.text(Text { em: LABEL, ..text_at(x + 16.0, y, &name) });
        x += width;
    }
    y + TEXT / 2.0 + 2.0 * GAP
}

fn panel(scene: &mut Scene, frame: &Frame<'_>, metric: usize, heights: &[f64], rectangle: [f64; 4]) -> f64 {
    let [left, top, right, bottom] = rectangle;
    let figures = frame.ladders.iter().flat_map(|l| frame.steps.iter().filter_map(|s| frame.figure(l, s, metric)));
    let ends = figures.flat_map(|figure| {
        let interval = figure.interval.map(|(low, high)| [low, high]);
        figure.mean.into_iter().chain(interval.into_iter().flatten())
    });
    let scale = Scale::linear(padded(ends), (left + 4.0, right - 4.0));
    let end =
        axis::horizontal(scene, &scale, (top, bottom), &format!("{}, mean and 95% interval", frame.names[metric]));
    for (i, ladder) in frame.ladders.iter().enumerate() {
        if let Some(honest) = ladder.steps.first().and_then(|step| step.figures[metric].mean) {
            dashed(scene, scale.at(honest), (top, bottom), i);
        }
    }
    let mut y = top;
    for (row, (step, height)) in frame.steps.iter().zip(heights).enumerate() {
        if row > 0 {
            scene.line((left, y), (right, y), 1.0, GRID);
        }
        let start = y + (height - frame.line() * frame.ladders.len() as f64) / 2.0;
        for (i, ladder) in frame.ladders.iter().enumerate() {
            let at = start + frame.line() * (i as f64 + 0.5);
            match frame.figure(ladder, step, metric) {
                Some(figure) => one(scene, &scale, &figure, (left, right, at), (i, frame.is_labelled())),
                None => missing(scene, left, at),
            }
        }
        y += height;
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    end
}

/// The ground of the honest row.
fn honest_ground() -> RGBColor {
    mix(EMPTY, colour(2), 0.12)
}

fn dashed(scene: &mut Scene, x: f64, (top, bottom): (f64, f64), series: usize) {
    let mut y = top;
    while y < bottom {
        scene.line((x, y), (x, (y + 4.0).min(bottom)), 1.0, mix(colour(series), EMPTY, 0.35));
        y += 8.0;
    }
}

/// A mark with its interval; where there is room, the change (of the honest protocol, the mean) above it.
fn one(scene: &mut Scene, scale: &Scale, figure: &Figure, (left, right, y): (f64, f64, f64), look: (usize, bool)) {
    let (series, labelled) = look;
    let Some(mean) = figure.mean else { return missing(scene, left, y) };
    let y = if labelled { y + SMALL / 2.0 } else { y };
    if let Some((low, high)) = figure.interval {
        let shade = mix(colour(series), INK, 0.2);
        scene.line((scale.at(low), y), (scale.at(high), y), 1.5, shade);
        for x in [scale.at(low), scale.at(high)] {
            scene.line((x, y - 3.0), (x, y + 3.0), 1.5, shade);
        }
    }
    scene.mark(mark(series), (scale.at(mean), y), 4.5, colour(series));
    if labelled {
        let said = match &figure.change {
            Some(c) => change(c.mean),
            None => score(Some(mean)),
        };
        let half = text_width(&said, SMALL, false) / 2.0 + 3.0;
        let x = scale.at(mean).clamp(left + half, (right - half).max(left + half));
        // The number stands on its row's ground, not on the dashed lines.
        let (above, ground) = (y - SMALL - 2.0, if figure.change.is_some() { WHITE } else { honest_ground() });
        scene.rectangle(x - half, above - SMALL / 2.0, x + half, above + SMALL / 2.0, ground);
        scene.text(Text { em: SMALL, anchor: Anchor::Middle, ..text_at(x, above, &said) });
    }
}

fn missing(scene: &mut Scene, left: f64, y: f64) {
    scene.text(Text { em: SMALL, colour: PALE_INK, ..text_at(left + GAP, y, "no score") });
}
