//! The families' colours and marks, one below the other.

use super::scene::Scene;
use super::style::{GAP, LABEL, LONGEST_LABEL, PALETTE, colour, dash, family as family_look, mark};
use super::text::{Text, fit, text_at, text_width};

const LINE: f64 = 19.0;
/// What a mark takes at the left of its name.
const MARK: f64 = 34.0;

/// More lines than these, two of each colour, cannot be followed.
const MOST: usize = 2 * PALETTE.len();

/// The first of `all` families' lines, as many as can be followed, and what to say of the rest, which `file` has.
pub(super) fn leading<'a, T>(all: &'a [T], file: &str) -> (&'a [T], Option<String>) {
    let rest =
        (all.len() > MOST).then(|| format!("The first {MOST} of {} families by rank; {file} has all.", all.len()));
    (&all[..all.len().min(MOST)], rest)
}

/// Look and name of each family.
pub(super) struct Legend {
    entries: Vec<Entry>,
}

struct Entry {
    look: usize,
    name: String,
    /// Whether the chart has a mark of it, which is to lead back to a name.
    has_mark: bool,
}

impl Legend {
    /// The families in the order given.
    pub fn of<'a>(families: impl Iterator<Item = &'a str>) -> Self {
        let entry = |family: &str| Entry {
            look: family_look(family),
            name: fit(family, LABEL, false, LONGEST_LABEL),
            has_mark: true,
        };
        Legend { entries: families.map(entry).collect() }
    }

    /// For a chart of lines without marks.
    pub fn of_lines(self) -> Self {
        self.marked(std::iter::repeat(false))
    }

    /// For a chart that has no mark of some families; `has_mark` tells each one's.
    pub fn marked(mut self, has_mark: impl Iterator<Item = bool>) -> Self {
        self.entries.iter_mut().zip(has_mark).for_each(|(entry, has_mark)| entry.has_mark = has_mark);
        self
    }

    /// What it needs, px.
    pub fn width(&self) -> f64 {
        let widest = self.entries.iter().map(|entry| text_width(&entry.name, LABEL, false)).fold(0.0, f64::max);
        2.0 * GAP + MARK + widest
    }

    /// Draws it right of `left` and below `top`; returns the y below it.
    pub fn draw(&self, scene: &mut Scene, left: f64, top: f64) -> f64 {
        for (i, Entry { look, name, has_mark }) in self.entries.iter().enumerate() {
            let y = top + LINE * (i as f64 + 0.5);
            let (from, to) = (left + GAP, left + MARK);
            scene.dashed(&[(from, y), (to, y)], dash(*look), 1.6, colour(*look));
            if *has_mark {
                scene.mark(mark(*look), ((from + to) / 2.0, y), 4.0, colour(*look));
            }
            scene.text(Text { em: LABEL, ..text_at(left + GAP + MARK, y, name) });
        }
        top + LINE * self.entries.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_can_be_followed_are_the_first_twelve() {
        let families: Vec<usize> = (0..30).collect();
        assert_eq!(leading(&families[..12], "curves.csv"), (&families[..12], None));
        let (shown, rest) = leading(&families, "curves.csv");
        assert_eq!(shown, &families[..12]);
        assert_eq!(rest.unwrap(), "The first 12 of 30 families by rank; curves.csv has all.");
    }
}
