//! The charts inside the page: their SVG files, with neutral colours that follow the page's theme.

use super::Drawing;
use crate::report::chart::style::{AXIS, BLACK, EMPTY, GRID, HATCH, INK, PALE_INK, WHITE, mix};
use crate::report::render::html::escape;

/// All charts, each with its caption and a link to itself.
pub(super) fn figures(drawings: &[Drawing]) -> String {
    if drawings.is_empty() {
        return "<p>There is nothing to draw yet.</p>".to_owned();
    }
    drawings.iter().map(figure).collect()
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

/// Puts the page's colours in the place of the charts' neutral ones.
///
/// Text that is black or white stands on a coloured cell and keeps its colour; white and black shapes are paper and ink.
fn themed(svg: &str) -> String {
    let hex = |c: plotters::style::RGBColor| format!("\"#{:02X}{:02X}{:02X}\"", c.0, c.1, c.2);
    let everywhere =
        [(INK, "ink"), (PALE_INK, "pale-ink"), (AXIS, "axis"), (GRID, "grid"), (EMPTY, "empty"), (HATCH, "hatch")]
            .map(|(colour, name)| (hex(colour), format!("\"var(--{name})\"")));
    // The marks, boxes and outlines of the family whose colour is black are ink too, or they were lost on dark paper.
    let outlines = [0.4, 0.55].map(|share| (mix(BLACK, INK, share), "ink"));
    let shapes = [(WHITE, "paper"), (BLACK, "ink"), (mix(BLACK, WHITE, 0.65), "hatch"), outlines[0], outlines[1]]
        .map(|(colour, name)| (hex(colour), format!("\"var(--{name})\"")));
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
    fn neutral_colours_follow_the_theme_and_values_on_colours_do_not() {
        let svg = "<svg>\n<rect fill=\"#FFFFFF\"/>\n<circle fill=\"#000000\" stroke=\"#202020\"/>\n<text fill=\"#FFFFFF\">\n\"#FFFFFF\"\n</text>\n<text fill=\"#5F5F5F\">\n1\n</text>\n</svg>";
        let wanted = "<svg>\n<rect fill=\"var(--paper)\"/>\n<circle fill=\"var(--ink)\" stroke=\"var(--ink)\"/>\n<text fill=\"#FFFFFF\">\n\"#FFFFFF\"\n</text>\n<text fill=\"var(--pale-ink)\">\n1\n</text>\n</svg>";
        assert_eq!(themed(svg), wanted);
    }
}
