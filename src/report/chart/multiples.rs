//! Small multiples: panels of one size, up to three in a row, each with a heading.

use super::scene::Scene;
use super::style::{EDGE, GAP, PALE_INK, SMALL, TEXT};
use super::text::{Text, fit, text_at};

const ACROSS: usize = 3;

/// The sizes of all panels, px.
pub(super) struct Multiples {
    /// Width and height of a plot.
    pub plot: (f64, f64),
    /// What the vertical axis needs at its left.
    pub room: f64,
}

impl Multiples {
    /// The width of so many panels with the edges around them.
    pub fn width(&self, panels: usize) -> f64 {
        2.0 * EDGE + self.column() * panels.min(ACROSS) as f64
    }

    fn column(&self) -> f64 {
        self.room + self.plot.0 + 2.0 * GAP
    }

    /// Draws the headings, a bold line and a small one, and has the panels drawn: `panel` gets left, top, right and bottom of
    /// the plot and returns the y below it. Returns the y below all.
    pub fn draw<T>(
        &self,
        scene: &mut Scene,
        top: f64,
        items: &[T],
        heading: impl Fn(&T) -> [String; 2],
        panel: impl Fn(&mut Scene, &T, [f64; 4]) -> f64,
    ) -> f64 {
        let mut end = top;
        for row in items.chunks(ACROSS) {
            let from = end + GAP;
            for (i, item) in row.iter().enumerate() {
                let left = EDGE + self.room + self.column() * i as f64;
                let [name, note] = heading(item);
                let name = fit(&name, TEXT, true, self.plot.0);
                scene.text(Text { bold: true, ..text_at(left, from + TEXT / 2.0, &name) });
                let y = from + TEXT + GAP / 2.0 + SMALL / 2.0;
                let note = fit(&note, SMALL, false, self.plot.0);
                scene.text(Text { em: SMALL, colour: PALE_INK, ..text_at(left, y, &note) });
                let plot_top = y + SMALL / 2.0 + GAP;
                let bounds = [left, plot_top, left + self.plot.0, plot_top + self.plot.1];
                end = end.max(panel(scene, item, bounds));
            }
        }
        end
    }
}
