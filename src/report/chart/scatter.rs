//! Values against values of the same kind, a panel per kind: the line of equality, marks, and how far the second ones spread.

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, LABEL, PALE_INK, WHITE, colour, mark, mix};
use super::text::{Text, text_at, text_width};

const PANEL: f64 = 290.0;
/// What is between panels, beside the room of the axis.
const APART: f64 = 18.0;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// The title.
    pub title: String,
    /// Lines below the title.
    pub lines: Vec<String>,
    /// What the marks mean.
    pub series: Vec<String>,
    /// The panels, side by side; at least one.
    pub panels: Vec<Panel>,
    /// Notes at the bottom.
    pub notes: Vec<String>,
}

/// One kind of values, with a scale of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The name below.
    pub x: String,
    /// The name at the left.
    pub y: String,
    /// The marks; at least one in some panel.
    pub points: Vec<Point>,
}

/// A mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Place in [`Scatter::series`].
    pub series: usize,
    /// To the right.
    pub x: f64,
    /// Upward.
    pub y: f64,
    /// How far `y` spreads to both sides.
    pub spread: Option<f64>,
}

/// Draws it.
pub fn draw(scatter: &Scatter) -> Scene {
    let range = |panel: &Panel| {
        padded(panel.points.iter().flat_map(|point| {
            let reach = point.spread.unwrap_or(0.0);
            [point.x, point.y - reach, point.y + reach]
        }))
    };
    let ranges: Vec<(f64, f64)> = scatter.panels.iter().map(range).collect();
    let rooms: Vec<f64> = ranges.iter().map(|range| axis::vertical_room(&Scale::linear(*range, (1.0, 0.0)))).collect();
    let count = scatter.panels.len() as f64;
    let width = 2.0 * EDGE + rooms.iter().sum::<f64>() + PANEL * count + APART * (count - 1.0);
    let (mut scene, top) = Scene::titled(width, &scatter.title, &scatter.lines);
    let top = legend(&mut scene, &scatter.series, top) + GAP;
    let (mut left, mut end) = (EDGE, top + PANEL);
    for ((panel, range), room) in scatter.panels.iter().zip(&ranges).zip(rooms) {
        left += room;
        end = draw_panel(&mut scene, panel, *range, (left, top));
        left += PANEL + APART;
    }
    scene.finish(end, &scatter.notes)
}

/// A mark and a name per series; gives the y below.
fn legend(scene: &mut Scene, series: &[String], top: f64) -> f64 {
    let (mut x, mut y) = (EDGE, top + LABEL);
    for (nth, name) in series.iter().enumerate() {
        let width = text_width(name, LABEL, false) + 16.0 + 3.0 * GAP;
        if x + width > scene.width - EDGE {
            (x, y) = (EDGE, y + LABEL * 1.8);
        }
        scene.mark(mark(nth), (x + 5.0, y), 4.0, colour(nth));
        scene.text(Text { em: LABEL, ..text_at(x + 16.0, y, name) });
        x += width;
    }
    y + LABEL
}

/// Gives the y below.
fn draw_panel(scene: &mut Scene, panel: &Panel, range: (f64, f64), (left, top): (f64, f64)) -> f64 {
    let (right, bottom) = (left + PANEL, top + PANEL);
    let (x, y) = (Scale::linear(range, (left, right)), Scale::linear(range, (bottom, top)));
    axis::vertical(scene, &y, (left, right), &panel.y);
    let end = axis::horizontal(scene, &x, (top, bottom), &panel.x);
    scene.line((left, bottom), (right, top), 1.0, PALE_INK);
    for point in &panel.points {
        if let Some(spread) = point.spread {
            let at = x.at(point.x);
            let pale = mix(colour(point.series), WHITE, 0.55);
            scene.line((at, y.at(point.y - spread)), (at, y.at(point.y + spread)), 1.0, pale);
        }
    }
    for point in &panel.points {
        scene.mark(mark(point.series), (x.at(point.x), y.at(point.y)), 3.0, colour(point.series));
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_and_series_is_named_and_inside_the_canvas() {
        let point = |series, x: f64, spread| Point { series, x, y: x + 0.001, spread };
        let panel = |name: &str| Panel {
            x: format!("{name}, printed"),
            y: "here".to_owned(),
            points: vec![point(0, 0.5, Some(0.02)), point(1, 0.9, None)],
        };
        let scene = draw(&Scatter {
            title: "Ours on theirs".to_owned(),
            lines: vec!["Means over folds.".to_owned()],
            series: (0..7).map(|nth| format!("a rather long name of a series {nth}")).collect(),
            panels: ["ROC", "PR", "cards"].map(panel).into(),
            notes: vec!["The line is equality.".to_owned()],
        });
        let words: Vec<&str> = scene.texts().map(|text| text.text.as_str()).collect();
        for name in ["ROC, printed", "PR, printed", "cards, printed", "a rather long name of a series 6"] {
            assert!(words.contains(&name), "{words:?}");
        }
        assert_eq!(words.iter().filter(|word| **word == "here").count(), 3);
        for text in scene.texts() {
            assert!((0.0..=scene.width).contains(&text.x) && (0.0..=scene.height).contains(&text.y), "{text:?}");
        }
    }
}
