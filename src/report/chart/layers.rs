//! Panels side by side with layers over one another: shaded cells, dots, lines, marks, outlines.

use super::axis::{self, Scale};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, LABEL, PALE_INK, TEXT, WHITE, colour, mark, mix};
use super::text::{Text, text_at, text_width};

const PANEL: f64 = 300.0;
/// What is between panels, beside the room of the axis.
const APART: f64 = 18.0;
/// Dots are this large, and one stands for all that fall on it: thousands need no more room than a picture has.
const DOT: f64 = 3.0;
/// Cells of a shade in each direction.
const CELLS: usize = 40;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// The title.
    pub title: String,
    /// Lines below the title.
    pub lines: Vec<String>,
    /// What colours and marks mean.
    pub series: Vec<String>,
    /// The panels, side by side; at least one.
    pub panels: Vec<Panel>,
    /// Notes at the bottom.
    pub notes: Vec<String>,
}

/// A panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The name above.
    pub name: String,
    /// The name below, and from where to where.
    pub x: (String, (f64, f64)),
    /// The name at the left, and from where to where.
    pub y: (String, (f64, f64)),
    /// Whether `y` goes by the logarithm; its range must be positive then.
    pub log: bool,
    /// What is drawn, the first one below all others.
    pub layers: Vec<Layer>,
}

/// Points of one of the series.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Place in [`Layers::series`].
    pub series: usize,
    /// How they are drawn.
    pub how: How,
    /// Where they are.
    pub points: Vec<(f64, f64)>,
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Cells that are darker where there are more of them.
    Shade,
    /// Small dots.
    Dots,
    /// A line through them.
    Line,
    /// Marks.
    Marks,
    /// The rectangle between two of them.
    Outline,
}

/// Draws it.
pub fn draw(layers: &Layers) -> Scene {
    let scale = |panel: &Panel, px: (f64, f64)| match panel.log {
        true => Scale::log(panel.y.1, px),
        false => Scale::linear(panel.y.1, px),
    };
    let rooms: Vec<f64> = layers.panels.iter().map(|panel| axis::vertical_room(&scale(panel, (1.0, 0.0)))).collect();
    let count = layers.panels.len() as f64;
    let width = 2.0 * EDGE + rooms.iter().sum::<f64>() + PANEL * count + APART * (count - 1.0);
    let (mut scene, top) = Scene::titled(width, &layers.title, &layers.lines);
    let top = legend(&mut scene, layers, top) + GAP + TEXT;
    let (mut left, mut end) = (EDGE, top + PANEL);
    for (panel, room) in layers.panels.iter().zip(rooms) {
        left += room;
        let y = scale(panel, (top + PANEL, top));
        scene.text(Text { bold: true, ..text_at(left, top - TEXT, &panel.name) });
        end = one(&mut scene, panel, &y, (left, top));
        left += PANEL + APART;
    }
    scene.finish(end, &layers.notes)
}

/// A mark or a stroke and a name per series that is drawn; gives the y below.
fn legend(scene: &mut Scene, layers: &Layers, top: f64) -> f64 {
    let (mut x, mut y) = (EDGE, top + LABEL);
    for (nth, name) in layers.series.iter().enumerate() {
        let mut of = layers.panels.iter().flat_map(|panel| &panel.layers).filter(|layer| layer.series == nth);
        let Some(layer) = of.next() else { continue };
        let width = text_width(name, LABEL, false) + 16.0 + 3.0 * GAP;
        if x + width > scene.width - EDGE {
            (x, y) = (EDGE, y + LABEL * 1.8);
        }
        match layer.how {
            How::Line | How::Outline => scene.line((x, y), (x + 10.0, y), 2.0, colour(nth)),
            How::Marks => scene.mark(mark(nth), (x + 5.0, y), 4.0, colour(nth)),
            How::Shade | How::Dots => {
                let fill = if layer.how == How::Shade { shade(nth, 0.7) } else { colour(nth) };
                scene.rectangle(x + 1.0, y - 4.0, x + 9.0, y + 4.0, fill);
            }
        }
        scene.text(Text { em: LABEL, ..text_at(x + 16.0, y, name) });
        x += width;
    }
    y + LABEL
}

/// Gives the y below.
fn one(scene: &mut Scene, panel: &Panel, y: &Scale, (left, top): (f64, f64)) -> f64 {
    let (right, bottom) = (left + PANEL, top + PANEL);
    let x = Scale::linear(panel.x.1, (left, right));
    axis::vertical(scene, y, (left, right), &panel.y.0);
    let end = axis::horizontal(scene, &x, (top, bottom), &panel.x.0);
    for layer in &panel.layers {
        let at = layer.points.iter().map(|point| (x.at(point.0), y.at(point.1)));
        match layer.how {
            How::Shade => shaded(scene, layer.series, at, (left, top)),
            How::Dots => dots(scene, layer.series, at),
            How::Line => scene.path(at.collect(), 1.6, colour(layer.series)),
            How::Marks => at.for_each(|at| scene.mark(mark(layer.series), at, 4.0, colour(layer.series))),
            How::Outline => {
                let at: Vec<(f64, f64)> = at.collect();
                if let [low, high] = at[..] {
                    scene.frame(low.0, high.1, high.0, low.1, 2.0, colour(layer.series));
                }
            }
        }
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    end
}

/// The colour of cells with this share of the fullest cell's points, on a scale of logarithms.
fn shade(series: usize, share: f64) -> plotters::style::RGBColor {
    mix(WHITE, mix(colour(series), PALE_INK, 0.3), 0.1 + 0.6 * share)
}

fn shaded(scene: &mut Scene, series: usize, points: impl Iterator<Item = (f64, f64)>, (left, top): (f64, f64)) {
    let size = PANEL / CELLS as f64;
    let place = |px: f64, from: f64| (((px - from) / size) as usize).min(CELLS - 1);
    let mut counts = vec![0_u32; CELLS * CELLS];
    points.for_each(|(x, y)| counts[place(y, top) * CELLS + place(x, left)] += 1);
    let most = f64::from(counts.iter().copied().max().unwrap_or(0)).ln_1p();
    // Few shades, so that neighbours share one and become one rectangle.
    let step = |count: u32| (f64::from(count).ln_1p() / most.max(1.0) * 5.0).ceil() as u32;
    for (row, counts) in counts.chunks_exact(CELLS).enumerate() {
        let mut from = 0;
        for run in counts.chunk_by(|a, b| step(*a) == step(*b)) {
            let to = from + run.len();
            if run[0] > 0 {
                let (x, y) = (left + size * from as f64, top + size * row as f64);
                let fill = shade(series, f64::from(step(run[0])) / 5.0);
                scene.rectangle(x, y, left + size * to as f64, y + size, fill);
            }
            from = to;
        }
    }
}

fn dots(scene: &mut Scene, series: usize, points: impl Iterator<Item = (f64, f64)>) {
    let mut places: Vec<(i64, i64)> =
        points.map(|(x, y)| ((x / DOT).round() as i64, (y / DOT).round() as i64)).collect();
    places.sort_unstable_by_key(|&(x, y)| (y, x));
    places.dedup();
    // Neighbours become one rectangle.
    for run in places.chunk_by(|a, b| a.1 == b.1 && a.0 + 1 == b.0) {
        let (first, last) = (run[0], run[run.len() - 1]);
        let (left, right, y, half) = (first.0 as f64 * DOT, last.0 as f64 * DOT, first.1 as f64 * DOT, DOT / 2.0);
        scene.rectangle(left - half, y - half, right + half, y + half, colour(series));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_and_series_is_named_inside_the_canvas_and_many_points_need_little_room() {
        let points: Vec<(f64, f64)> =
            (0..20_000).map(|i| (f64::from(i % 141) / 141.0, f64::from(i % 97) / 97.0 + 0.01)).collect();
        let layer = |series, how, points: &[(f64, f64)]| Layer { series, how, points: points.to_vec() };
        let panel = |name: &str, log: bool| Panel {
            name: name.to_owned(),
            x: (format!("{name}, x"), (0.0, 1.0)),
            y: (format!("{name}, y"), (0.01, 1.01)),
            log,
            layers: vec![
                layer(0, How::Shade, &points),
                layer(1, How::Dots, &points),
                layer(2, How::Line, &points[..9]),
                layer(3, How::Marks, &points[..9]),
                layer(4, How::Outline, &points[..2]),
            ],
        };
        let scene = draw(&Layers {
            title: "Many points".to_owned(),
            lines: vec!["Twice.".to_owned()],
            series: ["shade", "dots", "line", "marks", "outline", "absent"].map(str::to_owned).into(),
            panels: vec![panel("left", false), panel("right", true)],
            notes: vec!["A note.".to_owned()],
        });
        let words: Vec<&str> = scene.texts().map(|text| text.text.as_str()).collect();
        for name in ["left, x", "right, y", "left", "shade", "dots", "line", "marks", "outline"] {
            assert!(words.contains(&name), "{name}: {words:?}");
        }
        assert!(!words.contains(&"absent"));
        for text in scene.texts() {
            assert!((0.0..=scene.width).contains(&text.x) && (0.0..=scene.height).contains(&text.y), "{text:?}");
        }
        let again = |n: usize| {
            let mut layers = panel("x", false);
            layers.layers.truncate(2);
            layers.layers.iter_mut().for_each(|layer| layer.points = points[..n].to_vec());
            let (title, lines, series, notes) = (String::new(), Vec::new(), vec!["a".into(), "b".into()], Vec::new());
            draw(&Layers { title, lines, series, panels: vec![layers], notes }).svg().len()
        };
        // 141 x 97 places are each there once.
        assert!(again(20_000) < again(141 * 97) * 11 / 10);
    }
}
