//! A document as Markdown, with tables and pictures as GitHub reads them.

use crate::report::CHARTS;
use crate::report::document::{Block, Document, Inline, Section, Table, Text, Width};
use crate::words::harmless;

/// The document; its charts are links to the SVG files in `CHARTS`.
pub fn document(document: &Document) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("# {}", text(&document.title)));
    blocks(&mut out, &document.lead, 1);
    document.sections.iter().for_each(|part| section(&mut out, part, 2));
    format!("{}\n", out.trim_end())
}

fn section(out: &mut String, section: &Section, level: usize) {
    paragraph(out, &format!("{} {}", "#".repeat(level), text(&section.heading)));
    blocks(out, &section.blocks, level);
}

fn blocks(out: &mut String, blocks: &[Block], level: usize) {
    for block in blocks {
        match block {
            Block::Paragraph(words) | Block::Verdict(words) => paragraph(out, &text(words)),
            Block::List(items) => {
                let items: Vec<String> = items.iter().map(|item| format!("- {}", text(item))).collect();
                paragraph(out, &items.join("\n"));
            }
            Block::Table(it) => table(out, it),
            Block::Chart(chart) => {
                let caption = text(&Text::plain(&chart.caption));
                paragraph(out, &format!("![{caption}]({CHARTS}/{}.svg)", chart.id));
            }
            Block::Listing(lines) => {
                // A line of the text must not end it.
                let longest =
                    lines.lines().map(|line| line.trim_start().chars().take_while(|&c| c == '`').count()).max();
                let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
                paragraph(out, &format!("{fence}text\n{}\n{fence}", harmless(lines.trim_end())));
            }
            Block::Section(inner) => section(out, inner, level + 1),
        }
    }
}

fn paragraph(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

fn table(out: &mut String, table: &Table) {
    if let Some(caption) = &table.caption {
        paragraph(out, &text(caption));
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    // A bar would end the cell, in code too.
    let cell = |words: &Text| text(words).replace('|', "\\|");
    out.push_str(&line(table.columns.iter().map(|column| cell(&Text::plain(&column.name))).collect()));
    let rule = |width: Width| if width == Width::Number { "---:" } else { "---" };
    out.push_str(&line(table.columns.iter().map(|column| rule(column.width).to_owned()).collect()));
    for row in &table.rows {
        out.push_str(&line(row.iter().map(cell).collect()));
    }
    out.push('\n');
}

/// One line; words that are no code can neither open a tag nor become emphasis.
pub fn text(text: &Text) -> String {
    let line: String = text.0.iter().map(inline).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What begins a mark in Markdown, and how it stands there as itself. `[` alone is none; with `](` it becomes a link.
const MARKS: &[(&str, &str)] =
    &[("\\", "\\\\"), ("<", "&lt;"), ("*", "\\*"), ("`", "\\`"), ("](", "\\]("), ("![", "!\\[")];

fn inline(piece: &Inline) -> String {
    match piece {
        Inline::Plain(words) => {
            MARKS.iter().fold(harmless(words).into_owned(), |text, (mark, shown)| text.replace(mark, shown))
        }
        Inline::Code(words) => format!("`{}`", harmless(words).replace('`', "'")),
        Inline::Strong(inner) => format!("**{}**", inner.iter().map(inline).collect::<String>()),
        Inline::Link { text, to } => format!("[{text}]({to})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_no_marks() {
        let said = text(&Text::plain("<i> \u{1b}[31m [x](y) ![z](q) `c` a\\*b"));
        assert_eq!(said, "&lt;i> \u{fffd}[31m [x\\](y) !\\[z\\](q) \\`c\\` a\\\\\\*b");
        let mut out = String::new();
        blocks(&mut out, &[Block::Listing("a\n```\n# b".into())], 1);
        assert_eq!(out, "````text\na\n```\n# b\n````\n\n");
    }

    #[test]
    fn a_tree_is_written_with_its_levels_and_no_words_become_marks() {
        let inner = Section::new("b", "Inside", vec![Block::List(vec![Text::plain("one"), Text::link("two", "x.md")])]);
        let rows = vec![vec!["a|b".to_owned(), "*<c>*".to_owned()]];
        let numbers = Table::plain("t", &["what", "n"], rows).widths(&[Width::Natural, Width::Number]);
        let document = super::document(&Document {
            title: Text::plain("A\ntitle"),
            lead: vec![Block::Verdict(Text::marked("**Yes** or `no|`"))],
            sections: vec![Section::new("a", "Out", vec![Block::Table(numbers), Block::Section(inner)])],
        });
        assert_eq!(
            document,
            "# A title\n\n**Yes** or `no|`\n\n## Out\n\n| what | n |\n| --- | ---: |\n| a\\|b | \\*&lt;c>\\* |\n\n### Inside\n\n- one\n- [two](x.md)\n"
        );
    }
}
