//! `report.html`: the reproduction as one page that needs no network and no script.

use super::document::{Block, Document};
use crate::report::html::{Drawing, STYLE, escape, figure, fill, rich, table};

const PAGE: &str = include_str!("../../../assets/report/reproduction.html");

/// The page; its charts are `drawings`, in the order of the document's charts.
pub fn page(document: &Document, drawings: &[Drawing]) -> String {
    let links = document.sections.iter().map(|s| format!("<a href=\"#{}\">{}</a>", s.id, escape(s.heading)));
    let lead = document.lead.iter().map(|text| format!("<p>{}</p>\n", rich(text)));
    let block = |block: &Block| match block {
        Block::Text(text) => format!("<p>{}</p>\n", rich(text)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", rich(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(t) => {
            let words: Vec<bool> = t.header.iter().map(|(_, share)| share.is_some()).collect();
            let header: Vec<String> = t.header.iter().map(|(name, _)| (*name).to_owned()).collect();
            format!("<p class=\"note\">{}</p>\n{}\n", rich(&t.caption), table(&header, &t.rows, &words))
        }
        Block::Chart(i) => figure(&drawings[*i]),
    };
    let sections = document.sections.iter().map(|section| {
        let blocks: String = section.blocks.iter().map(block).collect();
        format!("<section id=\"{}\">\n<h2>{}</h2>\n{blocks}</section>\n", section.id, escape(section.heading))
    });
    let parts = [
        ("title", escape(&document.title)),
        ("style", STYLE.to_owned()),
        ("links", links.collect::<Vec<_>>().join(" ")),
        ("lead", lead.collect()),
        ("sections", sections.collect()),
    ];
    fill(PAGE, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_template_names_another_place_or_runs() {
        assert!(!PAGE.contains("://") && !PAGE.contains("<script") && PAGE.contains("default-src 'none'"));
    }
}
