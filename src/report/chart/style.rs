//! The one look of all charts: font, sizes, colours, marks.

use plotters::style::RGBColor;

/// The font's name as the SVG files give it: where the first is not installed, the others are about as wide.
pub const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

/// Font sizes in px (em).
pub const TITLE: f64 = 16.0;
/// Subtitles, axis names, panel titles.
pub const TEXT: f64 = 12.0;
/// Tick labels, legends.
pub const LABEL: f64 = 11.0;
/// Notes and second lines.
pub const SMALL: f64 = 10.0;

/// Free space at the canvas' edge.
pub const EDGE: f64 = 16.0;
/// Space between a label and what it belongs to.
pub const GAP: f64 = 7.0;
/// No chart is narrower, so that its titles have room.
pub const LEAST_WIDTH: f64 = 640.0;
/// Labels longer than this are abbreviated.
pub const LONGEST_LABEL: f64 = 210.0;

/// Canvas.
pub const WHITE: RGBColor = RGBColor(255, 255, 255);
/// Values on bright colours.
pub const BLACK: RGBColor = RGBColor(0, 0, 0);
/// Titles and values.
pub const INK: RGBColor = RGBColor(32, 32, 32);
/// Subtitles and notes.
pub const PALE_INK: RGBColor = RGBColor(95, 95, 95);
/// Axis lines.
pub const AXIS: RGBColor = RGBColor(120, 120, 120);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(226, 226, 226);
/// Cells without a value.
pub const EMPTY: RGBColor = RGBColor(238, 238, 238);
/// The hatching of cells without a value.
pub const HATCH: RGBColor = RGBColor(205, 205, 205);

/// Okabe and Ito's palette, which colour-blind readers can tell apart; the pale yellow comes last.
const OKABE_ITO: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(240, 228, 66),
];

/// Viridis at nine equal steps.
const VIRIDIS: [RGBColor; 9] = [
    RGBColor(68, 1, 84),
    RGBColor(71, 45, 123),
    RGBColor(59, 82, 139),
    RGBColor(44, 114, 142),
    RGBColor(33, 144, 140),
    RGBColor(39, 173, 129),
    RGBColor(93, 200, 99),
    RGBColor(170, 220, 50),
    RGBColor(253, 231, 37),
];

/// The shape of a mark. Seven shapes and eight colours give 56 different marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A triangle, point up.
    Up,
    /// A square on its corner.
    Diamond,
    /// A triangle, point down.
    Down,
    /// A plus.
    Plus,
    /// A cross.
    Cross,
}

const MARKS: [Mark; 7] = [Mark::Circle, Mark::Square, Mark::Up, Mark::Diamond, Mark::Down, Mark::Plus, Mark::Cross];

/// The colour of the `i`-th thing.
pub fn colour(i: usize) -> RGBColor {
    OKABE_ITO[i % OKABE_ITO.len()]
}

/// The mark of the `i`-th thing.
pub fn mark(i: usize) -> Mark {
    MARKS[i % MARKS.len()]
}

/// Viridis at `share` of its length, 0 (dark) to 1 (bright).
pub fn sequential(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let low = (at as usize).min(VIRIDIS.len() - 2);
    mix(VIRIDIS[low], VIRIDIS[low + 1], at - low as f64)
}

/// `share` of `to` in `from`.
pub fn mix(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    RGBColor(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}

/// Black or white, whichever has the larger contrast (WCAG 2, relative luminance) to `background`.
pub fn ink_on(background: RGBColor) -> RGBColor {
    if contrast(background, WHITE) >= contrast(background, BLACK) { WHITE } else { BLACK }
}

/// The WCAG 2 contrast ratio of two colours, 1 to 21.
pub fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |c: RGBColor| 0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2);
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_can_be_read_on_every_colour_of_the_scale() {
        for step in 0..=100 {
            let background = sequential(f64::from(step) / 100.0);
            assert!(contrast(background, ink_on(background)) >= 4.5, "{step}: {background:?}");
        }
    }
}
