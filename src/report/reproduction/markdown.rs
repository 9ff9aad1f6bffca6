//! `reproduction.md`.

use super::document::{Block, Document};
use crate::report::CHARTS;
use crate::report::chart::Chart;
use crate::report::markdown::{one_line, paragraph, table};

/// The document as Markdown.
pub fn report(document: &Document, charts: &[Chart]) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("# {}", document.title));
    for text in &document.lead {
        paragraph(&mut out, &one_line(text));
    }
    for section in &document.sections {
        paragraph(&mut out, &format!("## {}", section.heading));
        for block in &section.blocks {
            match block {
                Block::Text(text) => paragraph(&mut out, &one_line(text)),
                Block::List(items) => {
                    let items: Vec<String> = items.iter().map(|item| format!("- {}", one_line(item))).collect();
                    paragraph(&mut out, &items.join("\n"));
                }
                Block::Table(t) => {
                    paragraph(&mut out, &one_line(&t.caption));
                    table(&mut out, &t.header.iter().map(|(name, _)| *name).collect::<Vec<_>>(), &t.rows);
                }
                Block::Chart(i) => {
                    paragraph(&mut out, &format!("![{}]({CHARTS}/{}.svg)", charts[*i].caption, charts[*i].id));
                }
            }
        }
    }
    format!("{}\n", out.trim_end())
}
