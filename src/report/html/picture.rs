//! The charts inside the page: their SVG files, with neutral colours that follow the page's theme.

use super::Drawing;
use crate::report::chart::style::{AXIS, EMPTY, GRID, HATCH, INK, PALE_INK, PALETTE, WHITE, mix};
use crate::report::document::Text;
use crate::report::render::html::{escape, text};

/// The shares of ink and of paper that charts mix into a colour.
const INKED: [f64; 4] = [0.2, 0.35, 0.4, 0.55];
const PALED: [f64; 5] = [0.5, 0.55, 0.65, 0.75, 0.8];

/// The charts that the page draws itself, from its data and by any metric.
const LIVE: [&str; 3] = ["heatmap", "families", "time-quality"];

/// All charts but those that the page draws itself, each with its caption and a link to itself, and the notes on the files of all. Where no
/// pipeline is ranked, the page draws none itself.
pub(super) fn figures(drawings: &[Drawing], is_ranked: bool) -> String {
    let figures: String = drawings.iter().filter(|drawing| !LIVE.contains(&drawing.id.as_str())).map(figure).collect();
    let said = drawings.iter().filter_map(|drawing| drawing.note.as_deref());
    let notes: String = said.map(|note| format!("<p class=\"note\">{}</p>\n", text(&Text::marked(note)))).collect();
    match (figures.is_empty(), is_ranked) {
        (true, true) => format!("<p>The pictures above are all that this run has something for.</p>{notes}"),
        (true, false) => format!("<p>There are no pictures, as no pipeline is ranked.</p>{notes}"),
        (false, _) => figures + &notes,
    }
}

/// One chart with its caption.
pub fn figure(drawing: &Drawing) -> String {
    let svg = themed(&String::from_utf8_lossy(&drawing.svg));
    let caption = escape(&drawing.caption);
    format!(
        "<figure id=\"chart-{}\"><div class=\"scroll\">{svg}</div><figcaption>{caption}</figcaption></figure>\n",
        escape(&drawing.id)
    )
}

/// Puts the page's colours in the place of the charts' ones: the neutral ones, and those of families and series with their mixtures.
///
/// Text that is black or white stands on a coloured cell and keeps its colour; white shapes are paper.
fn themed(svg: &str) -> String {
    let hex = |c: plotters::style::RGBColor| format!("\"#{:02X}{:02X}{:02X}\"", c.0, c.1, c.2);
    let everywhere =
        [(INK, "ink"), (PALE_INK, "pale-ink"), (AXIS, "axis"), (GRID, "grid"), (EMPTY, "empty"), (HATCH, "hatch")]
            .map(|(colour, name)| (hex(colour), format!("\"var(--{name})\"")));
    let looks = PALETTE.into_iter().enumerate().flat_map(|(i, colour)| {
        let mixed = |other, name: &str, share: f64| {
            let rest = 100.0 * (1.0 - share);
            (
                hex(mix(colour, other, share)),
                format!("\"color-mix(in srgb, var(--look-{i}) {rest:.0}%, var(--{name}))\""),
            )
        };
        let to_ink = INKED.iter().map(move |share| mixed(INK, "ink", *share));
        let to_paper = PALED.iter().map(move |share| mixed(WHITE, "paper", *share));
        [(hex(colour), format!("\"var(--look-{i})\""))].into_iter().chain(to_ink).chain(to_paper).collect::<Vec<_>>()
    });
    let shapes: Vec<(String, String)> =
        [(hex(WHITE), "\"var(--paper)\"".to_owned())].into_iter().chain(looks).collect();
    let swap = |text: &str, pairs: &[(String, String)]| {
        pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from.as_str(), to))
    };
    let mut out = String::with_capacity(svg.len() + svg.len() / 8);
    for piece in svg.split_inclusive('>') {
        // What a text says comes in the piece after its tag, and is not ours to change.
        match piece.strip_prefix('\n').unwrap_or(piece) {
            tag if tag.starts_with("<text") => out.push_str(&swap(piece, &everywhere)),
            tag if tag.starts_with('<') => out.push_str(&swap(&swap(piece, &everywhere), &shapes)),
            _ => out.push_str(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_spoken_of_where_there_are_any() {
        let heat = Drawing { id: "heatmap".into(), caption: String::new(), svg: b"<svg/>".to_vec(), note: None };
        let said = |all: &[Drawing], is_ranked| figures(all, is_ranked);
        let above = "<p>The pictures above are all that this run has something for.</p>";
        assert_eq!(said(std::slice::from_ref(&heat), true), above);
        assert_eq!(said(&[heat], false), "<p>There are no pictures, as no pipeline is ranked.</p>");
    }

    #[test]
    fn neutral_colours_follow_the_theme_and_values_on_colours_do_not() {
        let svg = "<svg>\n<rect fill=\"#FFFFFF\"/>\n<circle fill=\"#2572E9\" stroke=\"#202020\"/>\n<rect fill=\"#C9DCFA\"/>\n<text fill=\"#FFFFFF\">\n\"#FFFFFF\"\n</text>\n<text fill=\"#5F5F5F\">\n1\n</text>\n</svg>";
        let wanted = "<svg>\n<rect fill=\"var(--paper)\"/>\n<circle fill=\"var(--look-0)\" stroke=\"var(--ink)\"/>\n<rect fill=\"color-mix(in srgb, var(--look-0) 25%, var(--paper))\"/>\n<text fill=\"#FFFFFF\">\n\"#FFFFFF\"\n</text>\n<text fill=\"var(--pale-ink)\">\n1\n</text>\n</svg>";
        assert_eq!(themed(svg), wanted);
    }
}
