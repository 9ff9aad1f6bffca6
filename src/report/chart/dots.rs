//! Rows of marks in panels side by side: what a paper shows as bars or as a table, with intervals.

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, GRID, INK, LABEL, LONGEST_LABEL, PALE_INK, SMALL, TEXT, WHITE, colour, mark, mix};
use super::text::{Anchor, Text, fit, text_at, text_width, wrap};

/// Height of one mark's line with its number above it, and what a row has besides.
const LINE: f64 = 30.0;
const ROW_ROOM: f64 = 10.0;
const BETWEEN: f64 = 24.0;

/// What the chart is about, before it is drawn.
pub struct Dots {
    /// The title.
    pub title: String,
    /// Lines below it.
    pub lines: Vec<String>,
    /// Width of a panel, px.
    pub plot: f64,
    /// A name a panel; it stands below its axis too.
    pub panels: Vec<String>,
    /// The rows, from top to bottom.
    pub rows: Vec<DotRow>,
    /// What the marks are; a legend is drawn for two or more.
    pub series: Vec<String>,
    /// Lines of marks in a row.
    pub per_row: usize,
    /// Notes below.
    pub notes: Vec<String>,
}

/// One row.
pub struct DotRow {
    /// Its name.
    pub name: String,
    /// What stands below the name, pale.
    pub below: String,
    /// One a panel.
    pub cells: Vec<DotCell>,
}

/// A row in one panel: marks, or why there are none.
#[derive(Default)]
pub struct DotCell {
    /// The marks.
    pub dots: Vec<Dot>,
    /// What stands where a mark is missing.
    pub said: Option<String>,
}

/// One mark.
pub struct Dot {
    /// Which of the series.
    pub series: usize,
    /// On which of the row's lines.
    pub line: usize,
    /// Where.
    pub value: f64,
    /// From where to where its bar reaches.
    pub reach: Option<(f64, f64)>,
    /// The number above it.
    pub label: String,
    /// Small marks on the same line, such as the folds.
    pub single: Vec<f64>,
}

/// Draws it.
pub fn draw(dots: &Dots) -> Scene {
    let widest = |row: &DotRow| text_width(&row.name, LABEL, true).max(text_width(&row.below, SMALL, false));
    let names = dots.rows.iter().map(widest).fold(0.0, f64::max).min(LONGEST_LABEL + 60.0);
    let left = EDGE + names + 2.0 * GAP;
    let n = dots.panels.len() as f64;
    let width = left + dots.plot * n + BETWEEN * (n - 1.0) + EDGE;
    let (mut scene, top) = Scene::titled(width, &dots.title, &dots.lines);
    let plot = (scene.width - EDGE - left - BETWEEN * (n - 1.0)) / n;
    let top = if dots.series.len() > 1 { legend(&mut scene, dots, top) } else { top };
    let first = top + TEXT + GAP;
    let height = LINE * dots.per_row as f64 + ROW_ROOM;
    let bottom = first + height * dots.rows.len() as f64;
    for (i, row) in dots.rows.iter().enumerate() {
        let y = first + height * (i as f64 + 0.5);
        let shift = if row.below.is_empty() { 0.0 } else { 7.0 };
        let name = fit(&row.name, LABEL, true, names);
        let below = fit(&row.below, SMALL, false, names);
        scene.text(Text { em: LABEL, bold: true, anchor: Anchor::End, ..text_at(left - GAP, y - shift, &name) });
        let at = text_at(left - GAP, y + 8.0, &below);
        scene.text(Text { em: SMALL, colour: PALE_INK, anchor: Anchor::End, ..at });
    }
    let mut end = bottom;
    for (i, name) in dots.panels.iter().enumerate() {
        let x = left + (plot + BETWEEN) * i as f64;
        scene.text(Text { bold: true, ..text_at(x, top + TEXT / 2.0, name) });
        end = panel(&mut scene, dots, i, height, [x, first, x + plot, bottom]);
    }
    scene.finish(end, &dots.notes)
}

fn legend(scene: &mut Scene, dots: &Dots, top: f64) -> f64 {
    let (mut x, y) = (EDGE, top + TEXT / 2.0);
    for (i, name) in dots.series.iter().enumerate() {
        scene.mark(mark(i), (x + 5.0, y), 4.5, colour(i));
        scene.text(Text { em: LABEL, ..text_at(x + 16.0, y, name) });
        x += 16.0 + text_width(name, LABEL, false) + 22.0;
    }
    y + TEXT / 2.0 + 2.0 * GAP
}

fn panel(scene: &mut Scene, dots: &Dots, panel: usize, height: f64, [left, top, right, bottom]: [f64; 4]) -> f64 {
    let marks = dots.rows.iter().flat_map(|row| &row.cells[panel].dots);
    let ends = marks.flat_map(|dot| {
        let reach = dot.reach.map(|(low, high)| [low, high]);
        std::iter::once(dot.value).chain(reach.into_iter().flatten()).chain(dot.single.iter().copied())
    });
    let scale = Scale::linear(padded(ends), (left + 4.0, right - 4.0));
    let end = axis::horizontal(scene, &scale, (top, bottom), &dots.panels[panel]);
    for (i, row) in dots.rows.iter().enumerate() {
        let y = top + height * i as f64;
        if i > 0 {
            scene.line((left, y), (right, y), 1.0, GRID);
        }
        let cell = &row.cells[panel];
        for dot in &cell.dots {
            let at = y + ROW_ROOM / 2.0 + LINE * (dot.line as f64 + 0.5) + SMALL / 2.0;
            one(scene, &scale, dot, (left, right), at);
        }
        if let Some(said) = &cell.said {
            // A cell that has a mark too says what it says on its last line.
            let lines = wrap(said, SMALL, false, right - left - 2.0 * GAP);
            let middle = if cell.dots.is_empty() { y + height / 2.0 } else { y + height - ROW_ROOM / 2.0 - LINE / 2.0 };
            let start = middle - SMALL * 1.3 * (lines.len() as f64 - 1.0) / 2.0;
            for (k, line) in lines.iter().enumerate() {
                let (x, y) = (left + GAP, start + SMALL * 1.3 * k as f64);
                let wide = text_width(line, SMALL, false);
                scene.rectangle(x - 2.0, y - SMALL / 2.0, x + wide + 2.0, y + SMALL / 2.0, WHITE);
                scene.text(Text { em: SMALL, colour: PALE_INK, ..text_at(x, y, line) });
            }
        }
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    end
}

fn one(scene: &mut Scene, scale: &Scale, dot: &Dot, (left, right): (f64, f64), y: f64) {
    let main = colour(dot.series);
    let shade = mix(main, INK, 0.2);
    if let Some((low, high)) = dot.reach {
        scene.line((scale.at(low), y), (scale.at(high), y), 1.5, shade);
        for x in [scale.at(low), scale.at(high)] {
            scene.line((x, y - 3.0), (x, y + 3.0), 1.5, shade);
        }
    }
    for value in &dot.single {
        scene.mark(mark(dot.series), (scale.at(*value), y), 2.2, mix(main, WHITE, 0.5));
    }
    scene.mark(mark(dot.series), (scale.at(dot.value), y), 4.5, main);
    let half = text_width(&dot.label, SMALL, false) / 2.0 + 3.0;
    let x = scale.at(dot.value).clamp(left + half, (right - half).max(left + half));
    let above = y - SMALL - 2.0;
    scene.rectangle(x - half, above - SMALL / 2.0, x + half, above + SMALL / 2.0, WHITE);
    scene.text(Text { em: SMALL, anchor: Anchor::Middle, ..text_at(x, above, &dot.label) });
}
