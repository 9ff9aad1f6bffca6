//! A document in a terminal: headings, lists and tables as plain lines.

use crate::report::document::{Block, Document, Section, Table, Text};
use crate::words::and_more;

/// Rows of a table that are printed.
const LISTED: usize = 20;

/// The sections that `shows` takes by their ids.
pub(super) fn sections(document: &Document, shows: impl Fn(&str) -> bool) -> String {
    let of = |section: &Section| {
        let blocks: String = section.blocks.iter().map(block).collect();
        format!("{}\n{blocks}\n", section.heading.words())
    };
    document.sections.iter().filter(|section| shows(&section.id)).map(of).collect()
}

fn block(piece: &Block) -> String {
    match piece {
        Block::List(items) => items.iter().map(|item| format!("  {}\n", item.words())).collect(),
        Block::Table(it) => table(it),
        Block::Paragraph(text) | Block::Verdict(text) => format!("  {}\n", text.words()),
        Block::Section(Section { blocks, .. }) => blocks.iter().map(block).collect(),
        Block::Chart(_) => String::new(),
    }
}

/// Rows that say "worse" stand first, so that none of them is cut off.
fn table(table: &Table) -> String {
    let words = |row: &Vec<Text>| row.iter().map(Text::words).collect::<Vec<_>>();
    let mut rows: Vec<Vec<String>> = table.rows.iter().map(words).collect();
    let more = rows.len().saturating_sub(LISTED);
    rows.sort_by_key(|row| !row.iter().any(|cell| cell.starts_with("worse")));
    rows.truncate(LISTED);
    rows.insert(0, table.columns.iter().map(|column| column.name.clone()).collect());
    let more = if more > 0 { format!("  {}\n", and_more(more)) } else { String::new() };
    aligned(&rows).lines().map(|line| format!("  {line}\n")).chain([more]).collect()
}

/// Lines with columns as wide as their widest cell; the first column to the left, all others to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (cell, &w))| if i == 0 { format!("{cell:<w$}") } else { format!("{cell:>w$}") });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
