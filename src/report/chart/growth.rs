//! Growth with the number of rows, or of whatever is counted: both axes logarithmic, a panel a setting, a line a component.

use super::axis::{self, Scale, padded_log};
use super::scene::Scene;
use super::style::{
    AXIS, EDGE, GAP, HATCH, LABEL, LONGEST_LABEL, PALE_INK, SMALL, TEXT, colour, dash, known_family, mark,
};
use super::text::{Anchor, Text, fit, text_at, text_width};

const PLOT: (f64, f64) = (330.0, 250.0);
const LEGEND_LINE: f64 = 19.0;

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The title.
    pub title: String,
    /// Lines below the title.
    pub lines: Vec<String>,
    /// What the horizontal axis shows.
    pub horizontal: String,
    /// Whether a pale line of slope 1 is there to compare with.
    pub guide: bool,
    /// What the vertical axis shows.
    pub vertical: String,
    /// Values below this are drawn here.
    pub floor: f64,
    /// The names of the lines; a family has its own look, another name that of its place.
    pub names: Vec<String>,
    /// The panels.
    pub panels: Vec<Panel>,
    /// Notes at the bottom.
    pub notes: Vec<String>,
}

/// One panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Its title.
    pub title: String,
    /// Place of the name, and (rows, value) in ascending order of rows.
    pub lines: Vec<(usize, Vec<(f64, f64)>)>,
}

/// Draws it: two panels beside each other, all with the same axes.
pub fn draw(growth: &Growth) -> Scene {
    let points = || growth.panels.iter().flat_map(|panel| &panel.lines).flat_map(|(_, points)| points);
    let rows = padded_log(points().map(|p| p.0));
    let values = padded_log(points().map(|p| p.1.max(growth.floor)));
    let room = axis::vertical_room(&Scale::log(values, (PLOT.1, 0.0)));
    let widest = growth.names.iter().map(|name| text_width(&short(name), LABEL, false)).fold(0.0, f64::max);
    let legend = 3.0 * GAP + 16.0 + widest;
    let across = growth.panels.len().clamp(1, 2);
    let panel = room + PLOT.0 + 2.0 * GAP;
    let width = EDGE + panel * across as f64 + legend + EDGE;
    let (mut scene, top) = Scene::titled(width, &growth.title, &growth.lines);
    let mut end = top;
    for row in growth.panels.chunks(across) {
        let from = end + GAP;
        for (i, each) in row.iter().enumerate() {
            let left = EDGE + panel * i as f64 + room;
            end = draw_panel(&mut scene, growth, each, (left, from), (rows, values));
        }
    }
    for (i, name) in growth.names.iter().enumerate() {
        let at = (EDGE + panel * across as f64 + GAP, top + GAP + TEXT + GAP + LEGEND_LINE * (i as f64 + 0.5));
        let look = look(name, i);
        scene.dashed(&[(at.0 - 10.0, at.1), (at.0 + 10.0, at.1)], dash(look), 1.5, colour(look));
        scene.mark(mark(look), at, 4.0, colour(look));
        scene.text(Text { em: LABEL, ..text_at(at.0 + 14.0, at.1, &short(name)) });
        end = end.max(at.1 + LEGEND_LINE);
    }
    scene.finish(end, &growth.notes)
}

/// Draws a panel whose plot begins at `left`, below `top`; returns the y below it.
fn draw_panel(
    scene: &mut Scene,
    growth: &Growth,
    panel: &Panel,
    (left, top): (f64, f64),
    (rows, values): ((f64, f64), (f64, f64)),
) -> f64 {
    scene.text(Text { bold: true, ..text_at(left, top + TEXT / 2.0, &panel.title) });
    let top = top + TEXT + GAP;
    let (right, bottom) = (left + PLOT.0, top + PLOT.1);
    let (x, y) = (Scale::log(rows, (left, right)), Scale::log(values, (bottom, top)));
    axis::vertical(scene, &y, (left, right), &growth.vertical);
    let end = axis::horizontal(scene, &x, (top, bottom), &growth.horizontal);
    if growth.guide {
        guide(scene, (&x, &y), (rows, values));
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    for (name, points) in &panel.lines {
        let at = |point: &(f64, f64)| (x.at(point.0), y.at(point.1.max(growth.floor)));
        let look = look(&growth.names[*name], *name);
        scene.dashed(&points.iter().map(at).collect::<Vec<_>>(), dash(look), 1.5, colour(look));
        for point in points {
            scene.mark(mark(look), at(point), 4.0, colour(look));
        }
    }
    end
}

fn look(name: &str, place: usize) -> usize {
    known_family(name).unwrap_or(place)
}

/// A pale line of slope 1 to compare with, along the lower right, where lines seldom are.
fn guide(scene: &mut Scene, (x, y): (&Scale, &Scale), (rows, values): ((f64, f64), (f64, f64))) {
    let decades = f64::min((rows.1 / rows.0).log10(), (values.1 / values.0).log10()) * 0.45;
    let (from, to) = (rows.1 / 10_f64.powf(decades * 1.12), rows.1 / 10_f64.powf(decades * 0.12));
    let low = values.0 * 10_f64.powf(decades * 0.12);
    let (start, end) = ((x.at(from), y.at(low)), (x.at(to), y.at(low * to / from)));
    scene.line(start, end, 1.5, HATCH);
    let said = Text { em: SMALL, colour: PALE_INK, anchor: Anchor::End, ..text_at(start.0 - 3.0, start.1, "linear") };
    scene.text(said);
}

fn short(name: &str) -> String {
    fit(name, LABEL, false, LONGEST_LABEL)
}
