//! A mark per claim in a row per paper: what came out of each.

use super::scene::Scene;
use super::style::{EDGE, GAP, LABEL, PALE_INK, SMALL, TEXT, colour, mark};
use super::text::{Anchor, Text, text_at, text_width};

/// Room of a mark, and of a row besides its marks.
const STEP: f64 = 18.0;
const ROW_ROOM: f64 = 16.0;
const RADIUS: f64 = 5.5;
const PER_LINE: usize = 24;

/// What the chart is about, before it is drawn.
pub struct Verdicts {
    /// The title.
    pub title: String,
    /// Lines below it.
    pub lines: Vec<String>,
    /// What the marks are; a claim's mark is a place here.
    pub kinds: Vec<String>,
    /// Papers, from top to bottom.
    pub rows: Vec<VerdictRow>,
}

/// One paper.
pub struct VerdictRow {
    /// Its name.
    pub name: String,
    /// What stands below the name, pale.
    pub below: String,
    /// The kind of each claim's verdict, in the paper's order.
    pub claims: Vec<usize>,
}

/// Draws it.
pub fn draw(verdicts: &Verdicts) -> Scene {
    let widest = |row: &VerdictRow| text_width(&row.name, LABEL, true).max(text_width(&row.below, SMALL, false));
    let left = EDGE + verdicts.rows.iter().map(widest).fold(0.0, f64::max) + 2.0 * GAP;
    let (mut scene, top) = Scene::titled(left + STEP * PER_LINE as f64 + EDGE, &verdicts.title, &verdicts.lines);
    let (mut x, mut y) = (EDGE, top + TEXT / 2.0);
    for (kind, name) in verdicts.kinds.iter().enumerate() {
        scene.mark(mark(kind), (x + RADIUS, y), RADIUS, colour(kind));
        scene.text(Text { em: LABEL, ..text_at(x + 2.0 * RADIUS + GAP, y, name) });
        x += 2.0 * RADIUS + GAP + text_width(name, LABEL, false) + 22.0;
    }
    y += TEXT + GAP;
    for row in &verdicts.rows {
        let lines = row.claims.len().div_ceil(PER_LINE).max(1);
        let height = STEP * lines as f64 + ROW_ROOM;
        let middle = y + height / 2.0;
        let name = Text { em: LABEL, bold: true, anchor: Anchor::End, ..text_at(left - GAP, middle - 7.0, &row.name) };
        scene.text(name);
        let below = text_at(left - GAP, middle + 7.0, &row.below);
        scene.text(Text { em: SMALL, colour: PALE_INK, anchor: Anchor::End, ..below });
        for (nth, &kind) in row.claims.iter().enumerate() {
            let at = (
                left + GAP + STEP * ((nth % PER_LINE) as f64 + 0.5),
                y + ROW_ROOM / 2.0 + STEP * ((nth / PER_LINE) as f64 + 0.5),
            );
            scene.mark(mark(kind), at, RADIUS, colour(kind));
        }
        y += height;
    }
    scene.finish(y, &[])
}
