//! Two parameters of lists: a cell a candidate.

use super::Room;
use super::place::{LONGEST, label};
use crate::analyze::surfaces::{Candidate, Domain, Rung, Surface};
use crate::report::chart::scene::Scene;
use crate::report::chart::shades::{BAR, Shades};
use crate::report::chart::style::{GAP, HATCH, INK, LABEL, LEAST_WIDTH, PALE_INK, SMALL, TEXT, WHITE, ink_on};
use crate::report::chart::text::{Anchor, Text, fit, text_at, text_width};
use crate::report::number::score;

/// Width and height of a cell.
const CELL: (f64, f64) = (58.0, 30.0);
const WIDEST: f64 = 100.0;
/// The height where a second line says in how many cells a candidate was chosen.
const HIGHER: f64 = 40.0;
/// More columns or rows than these are points of a plane instead.
const MOST: (usize, usize) = (14, 24);

pub struct Matrix {
    /// The places of the columns' parameter and of the rows'.
    axes: [usize; 2],
    columns: Vec<String>,
    rows: Vec<String>,
    cell: (f64, f64),
    left: f64,
    turned: bool,
}

impl Matrix {
    /// None where a parameter is a range, or both ways round too many values for cells.
    pub fn of(surface: &Surface) -> Option<Self> {
        let list = |place: usize| match &surface.parameters[place].domain {
            Domain::List(list) => Some(list),
            Domain::Range { .. } => None,
        };
        let (first, second) = (list(0)?, list(1)?);
        let fits =
            |columns: &[serde_json::Value], rows: &[serde_json::Value]| columns.len() <= MOST.0 && rows.len() <= MOST.1;
        let (axes, columns, rows) = match (fits(first, second), fits(second, first)) {
            (true, _) => ([0, 1], first, second),
            (false, true) => ([1, 0], second, first),
            (false, false) => return None,
        };
        let labels = |values: &[serde_json::Value]| -> Vec<String> {
            values.iter().map(|value| fit(&label(value), LABEL, false, LONGEST)).collect()
        };
        let widest = |labels: &[String]| labels.iter().map(|l| text_width(l, LABEL, false)).fold(0.0, f64::max);
        let (columns, rows) = (labels(columns), labels(rows));
        let wide = ((LEAST_WIDTH - 200.0) / columns.len() as f64).clamp(CELL.0, WIDEST);
        let high = if surface.cells.len() > 1 { HIGHER } else { CELL.1 };
        let left = TEXT + GAP + widest(&rows) + GAP;
        let turned = widest(&columns) > wide - 6.0;
        Some(Matrix { axes, columns, rows, cell: (wide, high), left, turned })
    }

    pub fn room(&self) -> Room {
        (self.left, self.cell.0 * self.columns.len() as f64)
    }

    /// Whether cells are left empty.
    pub fn has_empty(&self, rung: &Rung) -> bool {
        rung.candidates.len() < self.columns.len() * self.rows.len()
    }

    pub fn panel(&self, scene: &mut Scene, surface: &Surface, rung: &Rung, shades: &Shades, at: (f64, f64)) -> f64 {
        let size = (self.cell.0 * self.columns.len() as f64, self.cell.1 * self.rows.len() as f64);
        let name = fit(&surface.parameters[self.axes[1]].name, TEXT, false, self.left + size.0);
        // A name that is longer than its rows are high lies across, above them.
        let across = text_width(&name, TEXT, false) > size.1;
        let (left, top) = (at.0, if across { at.1 + TEXT + GAP } else { at.1 });
        for row in 0..self.rows.len() {
            for column in 0..self.columns.len() {
                let corner = (left + self.cell.0 * column as f64, top + self.cell.1 * row as f64);
                self.cell(scene, surface, self.found(surface, rung, [column, row]), shades, corner);
            }
        }
        for (row, label) in self.rows.iter().enumerate() {
            let y = top + self.cell.1 * (row as f64 + 0.5);
            scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(left - GAP, y, label) });
        }
        let start = left - self.left;
        let name = match across {
            true => text_at(start, at.1 + TEXT / 2.0, &name),
            false => {
                Text { anchor: Anchor::Middle, upward: true, ..text_at(start + TEXT / 2.0, top + size.1 / 2.0, &name) }
            }
        };
        scene.text(Text { colour: PALE_INK, ..name });
        if !shades.is_flat {
            shades.bar(scene, (left + size.0 + 2.0 * GAP, top), BAR.1.min(size.1.max(100.0)));
        }
        let end = self.column_labels(scene, surface, (left, top + size.1));
        end.max(top + 100.0 + 2.0 * GAP)
    }

    /// The labels and the name of the columns; returns the y below them.
    fn column_labels(&self, scene: &mut Scene, surface: &Surface, (left, top): (f64, f64)) -> f64 {
        let mut room = LABEL;
        for (column, label) in self.columns.iter().enumerate() {
            let x = left + self.cell.0 * (column as f64 + 0.5);
            let y = if self.turned { top + GAP } else { top + GAP + LABEL / 2.0 };
            let anchor = if self.turned { Anchor::End } else { Anchor::Middle };
            scene.text(Text { em: LABEL, anchor, upward: self.turned, ..text_at(x, y, label) });
            if self.turned {
                room = room.max(text_width(label, LABEL, false));
            }
        }
        let y = top + GAP + room + GAP + TEXT / 2.0;
        let middle = left + self.cell.0 * self.columns.len() as f64 / 2.0;
        let name = text_at(middle, y, &surface.parameters[self.axes[0]].name);
        scene.text(Text { anchor: Anchor::Middle, colour: PALE_INK, ..name });
        y + TEXT / 2.0 + GAP
    }

    fn cell(
        &self,
        scene: &mut Scene,
        surface: &Surface,
        candidate: Option<&Candidate>,
        shades: &Shades,
        (left, top): (f64, f64),
    ) {
        // A px is left free at the right and below, which draws the grid.
        let (right, bottom) = (left + self.cell.0 - 1.0, top + self.cell.1 - 1.0);
        let middle = text_at((left + right) / 2.0, (top + bottom) / 2.0, "");
        let text = Text { em: LABEL, anchor: Anchor::Middle, ..middle };
        let Some(candidate) = candidate else {
            scene.frame(left, top, right, bottom, 1.0, HATCH);
            return;
        };
        let Some(mean) = candidate.mean else {
            scene.hatched(left, top, right, bottom);
            let half = text_width("failed", LABEL, false) / 2.0 + 3.0;
            scene.rectangle(text.x - half, text.y - 7.0, text.x + half, text.y + 7.0, WHITE);
            scene.text(Text { text: "failed".to_owned(), colour: PALE_INK, ..text });
            return;
        };
        let colour = shades.colour(mean);
        // Rectangles in each other for the chosen one: a frame's line has open corners.
        let bands = [(0.0, INK), (3.0, WHITE), (4.0, colour)];
        let bands = if candidate.chosen > 0 { &bands[..] } else { &[(0.0, colour)] };
        for (inset, colour) in bands {
            scene.rectangle(left + inset, top + inset, right - inset, bottom - inset, *colour);
        }
        let ink = ink_on(colour);
        let value = Text { text: score(Some(mean)), colour: ink, ..text };
        if candidate.chosen == 0 || surface.cells.len() == 1 {
            scene.text(value);
            return;
        }
        let often = format!("{} of {}", candidate.chosen, surface.cells.len());
        scene.text(Text { y: value.y + 7.5, text: often, em: SMALL, ..value.clone() });
        scene.text(Text { y: value.y - 6.0, ..value });
    }

    /// The candidate of a column and a row; none where it was not tried.
    fn found<'a>(&self, surface: &Surface, rung: &'a Rung, corner: [usize; 2]) -> Option<&'a Candidate> {
        let is_at = |candidate: &&Candidate| {
            self.axes.into_iter().zip(corner).all(|(axis, place)| match &surface.parameters[axis].domain {
                Domain::List(list) => list.get(place) == Some(&candidate.values[axis]),
                Domain::Range { .. } => false,
            })
        };
        rung.candidates.iter().find(is_at)
    }
}
