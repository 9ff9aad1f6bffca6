//! Text: how wide it is, how it is cut and wrapped, and its dots in a bitmap. All from the one embedded font.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, point};
use plotters::style::RGBColor;

use super::style::{INK, TEXT};

/// Height of a capital or digit in the font, em.
pub const CAPITALS: f64 = 0.729;

/// Which end of a text lies at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A piece of text; its capitals are centred on `y` (on `x` where it runs upward).
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Its point, px from the left.
    pub x: f64,
    /// Its point, px from the top.
    pub y: f64,
    /// What it says.
    pub text: String,
    /// Font size, px.
    pub em: f64,
    /// Bold or regular.
    pub bold: bool,
    /// Which end lies at the point.
    pub anchor: Anchor,
    /// Whether it is turned to run from bottom to top.
    pub upward: bool,
    /// Colour.
    pub colour: RGBColor,
}

/// A regular text of the common size that starts at a point.
pub fn text_at(x: f64, y: f64, text: &str) -> Text {
    Text { x, y, text: text.to_owned(), em: TEXT, bold: false, anchor: Anchor::Start, upward: false, colour: INK }
}

/// The width of `text` in px at `em` px.
pub fn text_width(text: &str, em: f64, bold: bool) -> f64 {
    let font = face(bold);
    let units: f32 = text.chars().map(|c| font.h_advance_unscaled(font.glyph_id(c))).sum();
    f64::from(units) * em / units_per_em(font)
}

/// `text`, cut with `…` if it is wider than `width` px at `em` px.
pub fn fit(text: &str, em: f64, bold: bool, width: f64) -> String {
    if text_width(text, em, bold) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter = format!("{}…", kept.iter().collect::<String>().trim_end());
        if text_width(&shorter, em, bold) <= width {
            return shorter;
        }
    }
    "…".to_owned()
}

/// `text` in lines no wider than `width` px; a single word that is wider is cut.
pub fn wrap(text: &str, em: f64, bold: bool, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (lines.last_mut(), longer) {
            (Some(line), Some(longer)) if text_width(&longer, em, bold) <= width => *line = longer,
            _ => lines.push(fit(word, em, bold, width)),
        }
    }
    lines
}

/// Calls `dot` with column, row and cover (0 to 1) of every dot of `text` on a bitmap of `scale` dots a px.
pub fn dots(text: &Text, scale: f64, mut dot: impl FnMut(i32, i32, f64)) {
    let font = face(text.bold);
    let em = text.em * scale;
    // ab_glyph's scale is the height of a line.
    let size = PxScale::from((em * f64::from(font.height_unscaled()) / units_per_em(font)) as f32);
    let width = text_width(&text.text, em, text.bold);
    let before = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let base = em * CAPITALS / 2.0;
    let (x, y) = (text.x * scale, text.y * scale);
    // Along and across the line of writing: from where the text begins, and its base line.
    let (along, across) = if text.upward { (-y - before, x + base) } else { (x - before, y + base) };
    let mut pen = along;
    for c in text.text.chars() {
        let id = font.glyph_id(c);
        let glyph = Glyph { id, scale: size, position: point(pen as f32, across as f32) };
        if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, cover| {
                let (a, b) = (corner.x as i32 + dx as i32, corner.y as i32 + dy as i32);
                let (column, row) = if text.upward { (b, -a) } else { (a, b) };
                dot(column, row, f64::from(cover.clamp(0.0, 1.0)));
            });
        }
        pen += text_width(c.encode_utf8(&mut [0; 4]), em, text.bold);
    }
}

fn face(bold: bool) -> &'static FontRef<'static> {
    static FACES: OnceLock<[FontRef<'static>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        let files: [&'static [u8]; 2] = [
            include_bytes!("../../../assets/fonts/DejaVuSans-subset.ttf"),
            include_bytes!("../../../assets/fonts/DejaVuSans-Bold-subset.ttf"),
        ];
        // The bytes are part of the program, and a test lays out text with both.
        files.map(|bytes| FontRef::try_from_slice(bytes).expect("the embedded fonts are readable"))
    });
    &faces[usize::from(bold)]
}

fn units_per_em(font: &FontRef<'_>) -> f64 {
    // 2,048 is what both embedded fonts say; only a broken font says nothing.
    f64::from(font.units_per_em().unwrap_or(2_048.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fonts_are_there_and_bold_is_wider() {
        let (regular, bold) = (text_width("Precision 0.9", 12.0, false), text_width("Precision 0.9", 12.0, true));
        assert!(regular > 70.0 && bold > regular && bold < 120.0, "{regular} {bold}");
        // DejaVu Sans' digits are 1,303 of 2,048 units wide.
        assert!((text_width("00", 2_048.0, false) - 2_606.0).abs() < 1e-6);
    }

    #[test]
    fn every_symbol_that_charts_write_is_in_the_font() {
        for (symbol, bold) in "–…±×·≤≥".chars().flat_map(|c| [(c, false), (c, true)]) {
            assert_ne!(face(bold).glyph_id(symbol).0, 0, "{symbol}");
        }
    }

    #[test]
    fn dots_lie_where_the_text_is_meant_to_be() {
        let bounds = |text: &Text| {
            let mut b = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
            dots(text, 10.0, |x, y, cover| {
                if cover > 0.5 {
                    b = [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)];
                }
            });
            b.map(|v| f64::from(v) / 10.0)
        };
        let text = Text { em: 10.0, ..text_at(50.0, 80.0, "HH") };
        let width = text_width("HH", 10.0, false);
        let [left, top, right, bottom] = bounds(&text);
        assert!(left > 50.0 && left < 51.5 && right < 50.0 + width && right > 48.5 + width, "{left} {right}");
        assert!(((top + bottom) / 2.0 - 80.0).abs() < 0.15 && ((bottom - top) - 7.29).abs() < 0.2, "{top} {bottom}");
        let [left, top, right, bottom] = bounds(&Text { upward: true, anchor: Anchor::End, ..text });
        assert!(((left + right) / 2.0 - 50.0).abs() < 0.15, "{left} {right}");
        assert!(top > 80.0 && top < 81.5 && bottom < 80.0 + width && bottom > 78.5 + width, "{top} {bottom}");
    }

    #[test]
    fn long_texts_are_cut_or_wrapped() {
        assert_eq!(fit("short", 11.0, false, 100.0), "short");
        let cut = fit("a-very-long-name-of-a-classifier", 11.0, false, 100.0);
        assert!(cut.ends_with('…') && text_width(&cut, 11.0, false) <= 100.0, "{cut}");
        let lines = wrap("one two three four five six seven eight", 12.0, false, 90.0);
        assert!(lines.len() > 2 && lines.iter().all(|l| text_width(l, 12.0, false) <= 90.0), "{lines:?}");
        assert_eq!(lines.join(" "), "one two three four five six seven eight");
    }
}
