//! Loss and accuracy by epoch: training and validation, a panel each.

use std::collections::HashMap;

use super::axis::{self, Scale, padded};
use super::multiples::Multiples;
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, LABEL, PALE_INK, WHITE, colour, mix};
use super::text::{Text, text_at, text_width};
use super::{Chart, Context, curves};
use crate::analyze::curves::Band;
use crate::analyze::folds::{Group, by_pipeline};
use crate::analyze::history::{Curve, History, bands};
use crate::analyze::leaderboard::Pipeline;
use crate::report::words::pipeline;
use crate::words::counted;

pub(super) const ID: &str = "history";
const PLOT: (f64, f64) = (330.0, 250.0);
const NAMES: [&str; 2] = ["training", "validation"];

/// What to draw.
pub struct Histories {
    /// The title.
    pub title: String,
    /// Lines below the title.
    pub lines: Vec<String>,
    /// Up to three in a row.
    pub panels: Vec<Panel>,
    /// Notes at the bottom.
    pub notes: Vec<String>,
}

/// One panel.
pub struct Panel {
    /// Its title, and a smaller line below it.
    pub heading: [String; 2],
    /// What its vertical axis shows.
    pub vertical: String,
    /// Mean and range by epoch, of the training and of the validation rows.
    pub curves: [Vec<Band>; 2],
}

impl Panel {
    /// The fits of one pipeline.
    pub fn of(heading: [String; 2], curve: Curve, histories: &[History]) -> Self {
        let vertical = match curve {
            Curve::Loss => "mean log loss",
            Curve::Accuracy => "accuracy",
        };
        Panel { heading, vertical: vertical.to_owned(), curves: bands(histories, curve) }
    }

    fn range(&self) -> (f64, f64) {
        padded(self.curves.iter().flatten().flat_map(|band| [band.least, band.largest]))
    }
}

/// The chart of a run: the best of the pipelines that learn in epochs; none where there is none.
pub(super) fn of_run(context: &Context<'_>) -> Option<Chart> {
    let groups = by_pipeline(context.results);
    let by_name: HashMap<&Pipeline, &Group<'_>> = groups.iter().map(|group| (&group.pipeline, group)).collect();
    let mut ranked = context.board.rows.iter().filter(|row| row.rank.is_some());
    let (row, histories) = ranked.find_map(|row| {
        let found: Vec<History> = by_name.get(&row.pipeline)?.scored().filter_map(History::of).collect();
        (!found.is_empty()).then_some((row, found))
    })?;
    let name = pipeline(&row.pipeline);
    let panel = |curve, title: &str| Panel::of([title.to_owned(), String::new()], curve, &histories);
    let chart = Histories {
        title: format!("{}: loss and accuracy by epoch", context.results.title),
        lines: vec![
            context.setting(),
            format!("{name}, the first by mean of what learns in epochs; {}", counted(histories.len() as u64, "fit")),
        ],
        panels: vec![panel(Curve::Accuracy, "Accuracy"), panel(Curve::Loss, "Loss")],
        notes: notes(&histories),
    };
    let caption =
        "Loss and accuracy by epoch of the first pipeline by mean that learns in epochs: means and range over folds";
    Some(Chart { id: ID.to_owned(), caption: caption.to_owned(), scene: draw(&chart) })
}

/// How the lines are to be read.
pub fn notes(histories: &[History]) -> Vec<String> {
    let lines = if histories.len() > 1 { "Lines: means over fits; bands: all fits. " } else { "" };
    let training = "Training values are running means while weights still move, as Keras reports them.";
    let mut notes = vec![format!("{lines}{training}")];
    if histories.windows(2).any(|pair| pair[0].passes() != pair[1].passes()) {
        notes.push("Fits end at different epochs: a mean is over those that have come so far.".to_owned());
    }
    notes
}

/// Draws it.
pub fn draw(histories: &Histories) -> Scene {
    let room = |panel: &Panel| axis::vertical_room(&Scale::linear(panel.range(), (PLOT.1, 0.0)));
    let room = histories.panels.iter().map(room).fold(0.0, f64::max);
    let multiples = Multiples { plot: PLOT, room };
    let width = multiples.width(histories.panels.len());
    let (mut scene, top) = Scene::titled(width, &histories.title, &histories.lines);
    let top = legend(&mut scene, top + GAP);
    let heading = |panel: &Panel| panel.heading.clone();
    let end = multiples.draw(&mut scene, top, &histories.panels, heading, draw_panel);
    scene.finish(end, &histories.notes)
}

fn legend(scene: &mut Scene, top: f64) -> f64 {
    let (mut left, y) = (EDGE, top + LABEL / 2.0);
    for (nth, name) in NAMES.into_iter().enumerate() {
        scene.line((left, y), (left + 18.0, y), 2.0, colour(nth));
        scene.text(Text { em: LABEL, colour: PALE_INK, ..text_at(left + 18.0 + GAP, y, name) });
        left += 18.0 + 4.0 * GAP + text_width(name, LABEL, false);
    }
    top + LABEL + GAP
}

fn draw_panel(scene: &mut Scene, panel: &Panel, [left, top, right, bottom]: [f64; 4]) -> f64 {
    let last = panel.curves.iter().flatten().map(|band| band.x).fold(2.0, f64::max);
    let x = Scale::linear((1.0, last), (left, right));
    let y = Scale::linear(panel.range(), (bottom, top));
    axis::vertical(scene, &y, (left, right), &panel.vertical);
    let end = axis::horizontal(scene, &x, (top, bottom), "epoch");
    for (nth, curve) in panel.curves.iter().enumerate() {
        let pale = mix(colour(nth), WHITE, 0.8);
        curves::band(scene, (&x, &y), curve, pale);
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    for (nth, curve) in panel.curves.iter().enumerate() {
        let at = |band: &Band| (x.at(band.x), y.at(band.mean));
        for pair in curve.windows(2) {
            scene.line(at(&pair[0]), at(&pair[1]), 1.8, colour(nth));
        }
    }
    end
}
