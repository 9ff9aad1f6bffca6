//! A document as Markdown, with tables and pictures as GitHub reads them.

use crate::report::CHARTS;
use crate::report::document::{Block, Document, Inline, Section, Table, Text, Width};
use crate::words::harmless;

/// The document; its charts are links to the SVG files in `CHARTS`.
pub fn document(document: &Document) -> String {
    let mut out = String::new();
    heading(&mut out, &document.title, 1);
    blocks(&mut out, &document.lead, 1);
    document.sections.iter().for_each(|part| section(&mut out, part, 2));
    format!("{}\n", out.trim_end())
}

fn section(out: &mut String, section: &Section, level: usize) {
    heading(out, &section.heading, level);
    blocks(out, &section.blocks, level);
}

fn blocks(out: &mut String, blocks: &[Block], level: usize) {
    for block in blocks {
        match block {
            Block::Paragraph(words) | Block::Verdict(words) => paragraph(out, &line(words)),
            Block::List(items) => {
                let items: Vec<String> = items.iter().map(|item| format!("- {}", line(item))).collect();
                paragraph(out, &items.join("\n"));
            }
            Block::Table(it) => table(out, it),
            Block::Chart(chart) => {
                let caption = text(&Text::plain(&chart.caption));
                paragraph(out, &format!("![{caption}]({CHARTS}/{}.svg)", chart.id));
            }
            Block::Section(inner) => section(out, inner, level + 1),
        }
    }
}

fn heading(out: &mut String, heading: &Text, level: usize) {
    let mut words = text(heading);
    // `#` at the end would close the heading and not be shown.
    if words.ends_with('#') {
        words.insert(words.len() - 1, '\\');
    }
    paragraph(out, &format!("{} {words}", "#".repeat(level)));
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

/// One line; words that are no code can neither open a tag nor become emphasis, a formula or a link.
pub fn text(text: &Text) -> String {
    // Two of them make a formula on GitHub, where a backslash does not help; one alone is a character like any other.
    let dollars = text.words().matches('$').count() > 1;
    let line: String = text.0.iter().map(|piece| inline(piece, dollars)).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line that begins a paragraph or an item: its first words make no heading, list, quote or checkbox of it.
fn line(text: &Text) -> String {
    let mut line = self::text(text);
    if !matches!(text.0.first(), Some(Inline::Plain(_))) {
        return line;
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mark = &line[digits..];
    let is_alone = mark.get(1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-', '#']));
    let is_mark = match mark.chars().next() {
        Some('.' | ')') => digits > 0 && is_alone,
        Some('#' | '-' | '+') => digits == 0 && is_alone,
        Some('>' | '[') => digits == 0,
        _ => false,
    };
    if is_mark {
        line.insert(digits, '\\');
    }
    line
}

fn inline(piece: &Inline, dollars: bool) -> String {
    match piece {
        Inline::Plain(words) => plain(words, dollars),
        Inline::Code(words) => code(&harmless(words)),
        Inline::Strong(inner) => {
            format!("**{}**", inner.iter().map(|piece| inline(piece, dollars)).collect::<String>())
        }
        Inline::Link { text, to } => format!("[{}]({to})", plain(text, dollars)),
    }
}

/// Words in which every mark of Markdown stands as itself.
fn plain(words: &str, dollars: bool) -> String {
    let letters: Vec<char> = harmless(words).chars().collect();
    let is_word = |at: Option<usize>| at.is_some_and(|at| letters[at].is_alphanumeric());
    let mut shown = String::with_capacity(words.len());
    for (at, &letter) in letters.iter().enumerate() {
        let (before, rest) = (at.checked_sub(1).map(|before| letters[before]), &letters[at + 1..]);
        match letter {
            '\\' | '*' | '`' | '~' => shown.extend(['\\', letter]),
            // Inside a word it is no mark, and names are full of it.
            '_' => {
                let left = letters[..at].iter().rposition(|c| *c != '_');
                let right = rest.iter().position(|c| *c != '_').map(|right| at + 1 + right);
                shown.push_str(if is_word(left) && is_word(right) { "_" } else { "\\_" });
            }
            '<' => shown.push_str("&lt;"),
            '&' if is_entity(rest) => shown.push_str("&amp;"),
            '$' if dollars => shown.push_str("<span>$</span>"),
            // Brackets alone are no marks.
            ']' if rest.first() == Some(&'(') => shown.push_str("\\]"),
            '[' if before == Some('!') => shown.push_str("\\["),
            _ => shown.push(letter),
        }
    }
    shown
}

/// Whether what follows a `&` makes a character of it, as in `&lt;`.
fn is_entity(rest: &[char]) -> bool {
    let name = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '#').count();
    name > 0 && rest.get(name) == Some(&';')
}

/// Code to the letter: the marks around it are more than any inside it.
fn code(words: &str) -> String {
    let longest = words.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest {
        0 => format!("`{words}`"),
        _ => {
            let marks = "`".repeat(longest + 1);
            format!("{marks} {words} {marks}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_no_marks() {
        let said = text(&Text::plain("<i> \u{1b}[31m [x](y) ![z](q) `c` a\\*b"));
        assert_eq!(said, "&lt;i> \u{fffd}[31m [x\\](y) !\\[z\\](q) \\`c\\` a\\\\\\*b");
        assert_eq!(text(&Text::plain("_u_ a_b __init__ x_ 5~6")), "\\_u\\_ a_b \\_\\_init\\_\\_ x\\_ 5\\~6");
        assert_eq!(text(&Text::plain("$x$ R&D &lt; &#36;")), "<span>$</span>x<span>$</span> R&D &amp;lt; &amp;#36;");
        assert_eq!(text(&Text::plain("5 $ a check").then(Text::code("a`b"))), "5 $ a check`` a`b ``");
    }

    #[test]
    fn the_first_words_of_a_line_make_nothing_else_of_it() {
        let begun = ["# a", "- a", "+ a", "> a", "1. a", "2) a", "[ ] a", "---", "-0.5", "3 of 4", "#5", "1.5"];
        let shown =
            ["\\# a", "\\- a", "\\+ a", "\\> a", "1\\. a", "2\\) a", "\\[ ] a", "\\---", "-0.5", "3 of 4", "#5", "1.5"];
        assert_eq!(begun.map(|words| line(&Text::plain(words))), shown);
        assert_eq!(line(&Text::link("a", "b.md")), "[a](b.md)");
        let mut out = String::new();
        heading(&mut out, &Text::plain("A #"), 2);
        assert_eq!(out, "## A \\#\n\n");
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
