//! A document as one page that needs no network and no script, and pieces of documents for pages that have both.

use crate::report::document::{Block, Document, Inline, Section, Table, Text, Width};
use crate::report::html::{STYLE, fill};
use crate::words::harmless;

pub use crate::report::html::{Drawing, figure};

const PAGE: &str = include_str!("../../../assets/report/document.html");

/// The page; the drawings of its charts are taken out of `drawings` by their names.
pub fn page(document: &Document, drawings: &[Drawing]) -> String {
    let link = |part: &Section| format!("<a href=\"#{}\">{}</a>", escape(&part.id), text(&part.heading));
    let links: Vec<String> = document.sections.iter().map(link).collect();
    let parts = [
        ("title", escape(&document.title.words())),
        ("style", STYLE.to_owned()),
        ("links", links.join(" ")),
        ("lead", blocks(&document.lead, drawings)),
        ("sections", document.sections.iter().map(|part| section(part, 2, drawings)).collect()),
    ];
    fill(PAGE, &parts)
}

/// Pieces of a page, with sections inside them from the third level on.
pub fn blocks(pieces: &[Block], drawings: &[Drawing]) -> String {
    pieces.iter().map(|piece| block(piece, 3, drawings)).collect()
}

fn section(part: &Section, level: usize, drawings: &[Drawing]) -> String {
    let inner: String = part.blocks.iter().map(|piece| block(piece, level + 1, drawings)).collect();
    let (id, heading) = (escape(&part.id), text(&part.heading));
    format!("<section id=\"{id}\">\n<h{level}>{heading}</h{level}>\n{inner}</section>\n")
}

fn block(piece: &Block, level: usize, drawings: &[Drawing]) -> String {
    match piece {
        Block::Paragraph(words) => format!("<p>{}</p>\n", text(words)),
        Block::Verdict(words) => format!("<p class=\"verdict\">{}</p>\n", text(words)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", text(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(it) => table(it),
        Block::Chart(chart) => drawings.iter().filter(|drawing| drawing.id == chart.id).map(figure).collect(),
        Block::Listing(lines) => format!("<pre>{}</pre>\n", escape(lines.trim_end())),
        Block::Section(inner) => section(inner, level, drawings),
    }
}

/// With any column of words that wrap, a phone shows a row as a list.
fn table(table: &Table) -> String {
    let wraps = |width: Width| matches!(width, Width::Share(_));
    let head: String =
        table.columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", escape(&column.name))).collect();
    let is_worded = table.columns.iter().any(|column| wraps(column.width));
    let line = |row: &Vec<Text>| {
        let cell = |(cell, column): (&Text, &crate::report::document::Column)| {
            let class = if wraps(column.width) { " class=\"words\"" } else { "" };
            let label = if is_worded { format!(" data-label=\"{}\"", escape(&column.name)) } else { String::new() };
            format!("<td{class}{label}>{}</td>", text(cell))
        };
        format!("<tr>{}</tr>\n", row.iter().zip(&table.columns).map(cell).collect::<String>())
    };
    let body: String = table.rows.iter().map(line).collect();
    let class = if is_worded { " class=\"worded\"" } else { "" };
    let caption =
        table.caption.as_ref().map_or_else(String::new, |words| format!("<p class=\"note\">{}</p>\n", text(words)));
    format!(
        "{caption}<div class=\"scroll\"><table{class}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )
}

/// A line as elements.
pub fn text(text: &Text) -> String {
    text.0.iter().map(inline).collect()
}

fn inline(piece: &Inline) -> String {
    match piece {
        Inline::Plain(words) => escape(words),
        Inline::Code(words) => format!("<code>{}</code>", escape(words)),
        Inline::Strong(inner) => format!("<strong>{}</strong>", inner.iter().map(inline).collect::<String>()),
        Inline::Link { text, to } => format!("<a href=\"{}\">{}</a>", escape(to), escape(text)),
    }
}

/// Text that is nothing but text, in an element or in an attribute in double quotes.
pub fn escape(text: &str) -> String {
    harmless(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_everything_else_stays_text() {
        assert_eq!(
            text(&Text::marked("**a <b>** and `c & d`, \"e\"")),
            "<strong>a &lt;b&gt;</strong> and <code>c &amp; d</code>, &quot;e&quot;"
        );
        assert_eq!(text(&Text::marked("2 ** 3")), "2 ** 3");
    }

    #[test]
    fn nothing_in_the_template_names_another_place_or_runs() {
        assert!(!PAGE.contains("://") && !PAGE.contains("<script") && PAGE.contains("default-src 'none'"));
    }

    #[test]
    fn a_page_has_its_sections_inside_each_other() {
        let inner = Section::new("b", "Inside", vec![Block::Listing("x < y".into())]);
        let sections = vec![Section::new("a", "Out", vec![Block::Section(inner)])];
        let page = page(&Document { title: Text::plain("<T>"), lead: vec![Block::said("**Yes**")], sections }, &[]);
        assert!(page.contains("<title>&lt;T&gt;</title>") && page.contains("<a href=\"#a\">Out</a>"), "{page}");
        assert!(page.contains("<h2>Out</h2>\n<section id=\"b\">\n<h3>Inside</h3>\n<pre>x &lt; y</pre>"), "{page}");
    }
}
