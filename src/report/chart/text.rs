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
    // A character that the font lacks takes an em, which is what most of them take in the fonts that have them.
    let units =
        |c| if is_lacking(c) { units_per_em(font) } else { f64::from(font.h_advance_unscaled(font.glyph_id(c))) };
    text.chars().map(units).sum::<f64>() * em / units_per_em(font)
}

/// Whether the font has no picture of a character that has one; both faces have the same characters.
pub fn is_lacking(c: char) -> bool {
    !c.is_whitespace() && face(false).glyph_id(c).0 == 0
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

/// `text` in lines no wider than `width` px; a single word that is wider goes on in the next line.
pub fn wrap(text: &str, em: f64, bold: bool, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (lines.last_mut(), longer) {
            (Some(line), Some(longer)) if text_width(&longer, em, bold) <= width => *line = longer,
            _ => lines.extend(pieces(word, em, bold, width)),
        }
    }
    lines
}

/// A word in pieces no wider than `width` px, but of a character at least.
fn pieces(word: &str, em: f64, bold: bool, width: f64) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for c in word.chars() {
        let longer = pieces.last().map(|piece| format!("{piece}{c}"));
        match (pieces.last_mut(), longer) {
            (Some(piece), Some(longer)) if text_width(&longer, em, bold) <= width => *piece = longer,
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
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
    let mut put = |a: i32, b: i32, cover: f64| {
        let (column, row) = if text.upward { (b, -a) } else { (a, b) };
        dot(column, row, cover);
    };
    for c in text.text.chars() {
        let id = font.glyph_id(c);
        let glyph = Glyph { id, scale: size, position: point(pen as f32, across as f32) };
        if is_lacking(c) {
            a_box((pen, across), em, &mut put);
        } else if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, cover| {
                put(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, f64::from(cover.clamp(0.0, 1.0)));
            });
        }
        pen += text_width(c.encode_utf8(&mut [0; 4]), em, text.bold);
    }
}

/// An empty box as high as capitals in the place of a character: that something is lacking must be seen.
fn a_box((pen, base): (f64, f64), em: f64, put: &mut impl FnMut(i32, i32, f64)) {
    let stroke = (em * 0.08).round().max(1.0) as i32;
    let [left, right] = [0.08, 0.92].map(|share| (pen + share * em).round() as i32);
    let [top, bottom] = [CAPITALS, 0.0].map(|share| (base - share * em).round() as i32);
    for (a, b) in (left..right).flat_map(|a| (top..bottom).map(move |b| (a, b))) {
        let is_inside = a >= left + stroke && a < right - stroke && b >= top + stroke && b < bottom - stroke;
        if !is_inside {
            put(a, b, 1.0);
        }
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
    fn both_faces_have_the_letters_of_many_languages() {
        for c in "Łódź żółć Türkçe ğış ə Ελλάδα Мошенничество вид №5 Հայերեն ქართული Việt a\u{301} €₽ ≠∞".chars()
        {
            let missing = [false, true].map(|bold| face(bold).glyph_id(c).0 == 0);
            assert_eq!(missing, [false; 2], "{c}");
            assert!(!is_lacking(c), "{c}");
        }
        // A mark above a letter takes no room of its own; what is not seen takes none either.
        assert_eq!(text_width("\u{301}\u{200d}\u{fe0f}", 10.0, false), 0.0);
        assert!(is_lacking('漢') && is_lacking('😀') && !is_lacking('\t') && !is_lacking('\u{fffd}'));
    }

    #[test]
    fn a_character_that_the_font_lacks_is_a_box() {
        let mut marked = Vec::new();
        dots(&Text { em: 100.0, ..text_at(0.0, 50.0, "漢") }, 1.0, |x, y, cover| marked.push((x, y, cover)));
        assert_eq!(text_width("漢", 100.0, true), 100.0);
        // From 8 to 92 px, and 72.9 px high above the base line at 50 + 72.9 / 2 = 86.45.
        let has = |x, y| marked.contains(&(x, y, 1.0));
        assert!(has(8, 50) && has(91, 50) && has(50, 14) && has(50, 85) && !has(50, 50), "{}", marked.len());
        assert!(marked.iter().all(|(x, y, _)| (8..92).contains(x) && (14..86).contains(y)));
        // A space is no character that lacks.
        dots(&text_at(0.0, 0.0, " \t\u{a0}"), 1.0, |_, _, _| panic!("a space has no ink"));
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

    #[test]
    fn a_word_that_is_wider_than_a_line_goes_on_in_the_next() {
        // "at", nine digits a line (they are equally wide), and what comes after goes on behind the rest.
        let nine = text_width("000000000", 12.0, false);
        assert_eq!(wrap("at 01234567890123456789 b", 12.0, false, nine), ["at", "012345678", "901234567", "89 b"]);
        assert_eq!(wrap("00", 12.0, false, 1.0), ["0", "0"]);
    }
}
