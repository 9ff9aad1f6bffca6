//! Thresholds of the families' best pipelines, as numbers of alarms: precision, recall, F1 and cost.

use super::axis::{self, Scale};
use super::legend::{Legend, leading};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, HATCH, Mark, SMALL, colour, dash, family as family_look, mark};
use super::text::{Anchor, Text, text_at};
use super::{Chart, Context};
use crate::analyze::operating::OperatingPoint;
use crate::numeric::span;
use crate::report::predicted::thresholds::Thresholds;
use crate::report::predicted::{Of, Predicted};

const PANEL: (f64, f64) = (330.0, 230.0);
/// Thresholds whose alarms differ by a larger factor are not joined by a line: there is nothing between.
const APART: f64 = 3.0;
/// Rates are for so many rows.
const ROWS: f64 = 1e4;

struct Panel {
    name: &'static str,
    range: (f64, f64),
    of: fn(&Thresholds, &OperatingPoint) -> Option<f64>,
}

/// The chart; none without operating points.
pub(super) fn draw(context: &Context<'_>, all: &Predicted) -> Option<Chart> {
    let first = all.thresholds.first()?;
    let unit = (0.0, 1.0);
    let mut panels = vec![
        Panel { name: "precision", range: unit, of: |_, point| point.precision },
        Panel { name: "recall", range: unit, of: |_, point| Some(point.recall) },
        Panel { name: "F1", range: unit, of: |_, point| Some(point.f1) },
    ];
    // Far more alarms than are worth it cost more than any axis can show beside the rest.
    let silent = first.it.amount.map(|amount| amount / first.it.rows * ROWS);
    let silent = silent.filter(|cost| *cost > 0.0 && cost.is_finite());
    if let Some(silent) = silent {
        let of = |it: &Thresholds, point: &OperatingPoint| Some(point.cost? / it.rows * ROWS);
        panels.push(Panel { name: "cost per 10,000 rows", range: (0.0, span::end(2.0 * silent)), of });
    }
    let caption = match silent {
        Some(_) => format!("Precision, recall, F1 and cost by number of alarms; a check costs {}", all.check_cost),
        None => "Precision, recall and F1 by number of alarms".to_owned(),
    };
    Some(Chart { id: "thresholds".to_owned(), caption, scene: layout(context, all, &panels, silent) })
}

fn layout(context: &Context<'_>, all: &Predicted, panels: &[Panel], silent: Option<f64>) -> Scene {
    let room = panels.iter().map(|panel| axis::vertical_room(&Scale::linear(panel.range, (PANEL.1, 0.0))));
    let room = room.fold(0.0, f64::max);
    let (shown, rest) = leading(&all.thresholds, "thresholds.csv");
    let legend = Legend::of(shown.iter().map(|one| one.family.as_str()));
    // No alarms have no place on the axis.
    let legend = legend.marked(shown.iter().map(|one| one.it.own.alarms > 0.0));
    let column = room + PANEL.0 + 3.0 * GAP;
    let title = format!("{}: thresholds of each family's best pipeline", context.results.title);
    let how = "Pooled out-of-fold rows; a threshold is shown by the number of alarms that it raises (thresholds.csv has the scores)";
    let width = EDGE + 2.0 * column + legend.width() + EDGE;
    let (mut scene, top) = Scene::titled(width, &title, &[context.setting(), how.to_owned()]);
    let least = shown.iter().map(|one| ROWS / one.it.rows).fold(1.0, f64::min);
    let mut end = top;
    for pair in panels.chunks(2) {
        let row_top = end + GAP;
        for (i, panel) in pair.iter().enumerate() {
            let left = EDGE + room + column * i as f64;
            let (right, bottom) = (left + PANEL.0, row_top + PANEL.1);
            let x = Scale::log((least, ROWS), (left, right));
            let y = Scale::linear(panel.range, (bottom, row_top));
            axis::vertical(&mut scene, &y, (left, right), panel.name);
            end = axis::horizontal(&mut scene, &x, (row_top, bottom), "alarms per 10,000 rows");
            if let Some(silent) = silent.filter(|_| panel.range != (0.0, 1.0)) {
                scene.line((left, y.at(silent)), (right, y.at(silent)), 1.5, HATCH);
            }
            scene.frame(left, row_top, right, bottom, 1.0, AXIS);
            let is_shown = |one: &Of<Thresholds>| {
                one.it.points.iter().chain([&one.it.own]).any(|point| shown_value(panel, &one.it, point).is_some())
            };
            if !shown.iter().any(is_shown) {
                let said = "Every threshold costs more than twice as much as no alarms.";
                let middle = text_at((left + right) / 2.0, (row_top + y.at(panel.range.1 / 2.0)) / 2.0, said);
                scene.text(Text { em: SMALL, anchor: Anchor::Middle, ..middle });
            }
            // The best is drawn last, over the others.
            for one in shown.iter().rev() {
                family(&mut scene, (&x, &y), one, panel, family_look(&one.family));
            }
        }
    }
    end = end.max(legend.draw(&mut scene, EDGE + 2.0 * column, top + GAP));
    let mut notes = vec![
        "Large marks: the models' own labels, where these raise an alarm. Dots on thin lines: scores that many rows share, with no threshold between.".to_owned(),
    ];
    if silent.is_some() {
        notes.push(format!(
            "Cost: {} for every false positive, plus the amount of the frauds missed. Grey line: no alarms at all. Lines end \
             where the cost is twice that.",
            all.check_cost
        ));
    }
    notes.extend(rest);
    scene.finish(end, &notes)
}

/// The value of a point that lies on a panel; none without alarms, and beyond its axis.
fn shown_value(panel: &Panel, it: &Thresholds, point: &OperatingPoint) -> Option<f64> {
    let (low, high) = panel.range;
    (panel.of)(it, point).filter(|value| (low..=high).contains(value) && point.alarms > 0.0)
}

fn family(scene: &mut Scene, (x, y): (&Scale, &Scale), one: &Of<Thresholds>, panel: &Panel, place: usize) {
    let at = |point: &OperatingPoint| {
        let value = shown_value(panel, &one.it, point)?;
        Some((x.at(point.alarms / one.it.rows * ROWS), y.at(value)))
    };
    let points = &one.it.points;
    let apart = |i: usize| points.get(i + 1).is_some_and(|next| next.alarms > APART * points[i].alarms);
    let mut run: Vec<(f64, f64)> = Vec::new();
    for i in 0..points.len() {
        let Some(from) = at(&points[i]) else {
            scene.dashed(&std::mem::take(&mut run), dash(place), 1.6, colour(place));
            continue;
        };
        run.push(from);
        if apart(i) {
            scene.dashed(&std::mem::take(&mut run), dash(place), 1.6, colour(place));
            if let Some(to) = at(&points[i + 1]) {
                // Thin, not pale: paper may be dark.
                scene.line(from, to, 0.6, colour(place));
            }
        }
    }
    scene.dashed(&run, dash(place), 1.6, colour(place));
    for i in (0..points.len()).filter(|&i| points.len() == 1 || apart(i) || (i > 0 && apart(i - 1))) {
        if let Some(point) = at(&points[i]) {
            scene.mark(Mark::Circle, point, 2.0, colour(place));
        }
    }
    if let Some(own) = at(&one.it.own) {
        scene.mark(mark(place), own, 4.5, colour(place));
    }
}
