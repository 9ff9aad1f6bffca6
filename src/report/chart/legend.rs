//! The families' colours and marks, one below the other.

use super::scene::Scene;
use super::style::{GAP, LABEL, LONGEST_LABEL, colour, dash, family as family_look, mark};
use super::text::{Text, fit, text_at, text_width};

const LINE: f64 = 19.0;
/// What a mark takes at the left of its name.
const MARK: f64 = 34.0;

/// Look and name of each family.
pub(super) struct Legend(Vec<(usize, String)>);

impl Legend {
    /// The families in the order given.
    pub fn of<'a>(families: impl Iterator<Item = &'a str>) -> Self {
        let entry = |family: &str| (family_look(family), fit(family, LABEL, false, LONGEST_LABEL));
        Legend(families.map(entry).collect())
    }

    /// What it needs, px.
    pub fn width(&self) -> f64 {
        let widest = self.0.iter().map(|(_, name)| text_width(name, LABEL, false)).fold(0.0, f64::max);
        2.0 * GAP + MARK + widest
    }

    /// Draws it right of `left` and below `top`; returns the y below it.
    pub fn draw(&self, scene: &mut Scene, left: f64, top: f64) -> f64 {
        for (i, (place, name)) in self.0.iter().enumerate() {
            let y = top + LINE * (i as f64 + 0.5);
            let (from, to) = (left + GAP, left + MARK);
            scene.dashed(&[(from, y), (to, y)], dash(*place), 1.6, colour(*place));
            scene.mark(mark(*place), ((from + to) / 2.0, y), 4.0, colour(*place));
            scene.text(Text { em: LABEL, ..text_at(left + GAP + MARK, y, name) });
        }
        top + LINE * self.0.len() as f64
    }
}
