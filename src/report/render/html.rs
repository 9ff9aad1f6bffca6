//! A document as one page that needs no network and no script, and pieces of documents for pages that have both.

use crate::report::document::{Block, Document, Inline, Section, Table, Text, Width};
use crate::report::html::{STYLE, fill};
use crate::words::harmless;

pub use crate::report::html::{Drawing, figure};

pub(in crate::report) const PAGE: &str = include_str!("../../../assets/report/document.html");

/// The page; the drawings of its charts are taken out of `drawings` by their names.
pub fn page(document: &Document, drawings: &[Drawing]) -> String {
    let link = |part: &Section| format!("<a href=\"#{}\">{}</a>", escape(&part.id), text(&part.heading));
    let links: Vec<String> = document.sections.iter().map(link).collect();
    let parts = [
        ("title", escape(&document.title.words())),
        ("style", STYLE.to_owned()),
        ("links", links.join(" ")),
        ("lead", blocks(&document.title.words(), &document.lead, drawings)),
        ("sections", document.sections.iter().map(|part| section(part, "", 2, drawings)).collect()),
    ];
    fill(PAGE, &parts)
}

/// Pieces of a page under a heading, with sections inside them from the third level on.
pub fn blocks(heading: &str, pieces: &[Block], drawings: &[Drawing]) -> String {
    within(heading, pieces, 3, drawings)
}

/// `over` are the headings that it stands under, for the names of its tables.
fn section(part: &Section, over: &str, level: usize, drawings: &[Drawing]) -> String {
    let own = part.heading.words();
    let headings = if over.is_empty() { own } else { format!("{over}: {own}") };
    let inner = within(&headings, &part.blocks, level + 1, drawings);
    let (id, heading) = (escape(&part.id), text(&part.heading));
    format!("<section id=\"{id}\">\n<h{level}>{heading}</h{level}>\n{inner}</section>\n")
}

fn within(headings: &str, pieces: &[Block], level: usize, drawings: &[Drawing]) -> String {
    let tables = pieces.iter().filter(|piece| matches!(piece, Block::Table(_))).count();
    let of = |piece: &Block| match piece {
        Block::Paragraph(words) => format!("<p>{}</p>\n", text(words)),
        Block::Verdict(words) => format!("<p class=\"verdict\">{}</p>\n", text(words)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", text(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(it) => table(it, &label(it, headings, tables)),
        Block::Chart(chart) => drawings.iter().filter(|drawing| drawing.id == chart.id).map(figure).collect(),
        Block::Section(inner) => section(inner, headings, level, drawings),
    };
    pieces.iter().map(of).collect()
}

/// What a screen reader calls a table: its caption, else the headings over it, and its own name where it is one of several.
fn label(table: &Table, headings: &str, tables: usize) -> String {
    match &table.caption {
        Some(caption) => caption.words(),
        None if tables == 1 => headings.to_owned(),
        None => format!("{headings}: {}", table.id.replace('-', " ")),
    }
}

/// With any column of words that wrap, a phone shows a row as a list.
fn table(table: &Table, label: &str) -> String {
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
    let label = escape(label);
    format!(
        "{caption}<div class=\"scroll\"><table{class} aria-label=\"{label}\"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n"
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
    fn every_table_has_a_name_of_its_own() {
        let table = |id: &str| Table::plain(id, &["n"], vec![vec!["1".to_owned()]]);
        let inner = Section::new("b", "In \"it\"", vec![Block::Table(table("one"))]);
        let tables = vec![
            Block::Table(table("top-ten")),
            Block::Table(table("rest").captioned("All **others**")),
            Block::Section(inner),
        ];
        let sections = vec![Section::new("a", "Out", tables)];
        let lead = vec![Block::Table(table("lead"))];
        let page = page(&Document { title: Text::plain("T"), lead, sections }, &[]);
        let labels: Vec<&str> = page
            .split("<table")
            .skip(1)
            .filter_map(|rest| rest.split("aria-label=\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(labels, ["T", "Out: top ten", "All others", "Out: In &quot;it&quot;"]);
        assert_eq!(page.matches("<table").count(), 4);
    }

    #[test]
    fn a_page_has_its_sections_inside_each_other() {
        let inner = Section::new("b", "Inside", vec![Block::Paragraph(Text::plain("x < y"))]);
        let sections = vec![Section::new("a", "Out", vec![Block::Section(inner)])];
        let page = page(&Document { title: Text::plain("<T>"), lead: vec![Block::said("**Yes**")], sections }, &[]);
        assert!(page.contains("<title>&lt;T&gt;</title>") && page.contains("<a href=\"#a\">Out</a>"), "{page}");
        assert!(page.contains("<h2>Out</h2>\n<section id=\"b\">\n<h3>Inside</h3>\n<p>x &lt; y</p>"), "{page}");
    }
}
