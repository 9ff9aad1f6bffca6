//! What a report says, before it is Markdown, LaTeX or a page: a tree of headings, paragraphs, lists, tables, charts and verdicts.
//!
//! A report builds one [`Document`]; [`super::render`] writes it. Nothing here knows a markup language, but for the two marks that our
//! own sentences may have ([`Text::marked`]).

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words as they are.
    Plain(String),
    /// What is to be read to the letter: a name, a file, a command.
    Code(String),
    /// What the reader should see first.
    Strong(Vec<Inline>),
    /// A link to a file beside the report, or to an address.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads.
        to: String,
    },
}

/// A line or a paragraph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Inline>);

impl Text {
    /// Words in which no character is a mark: names of a study.
    pub fn plain(words: impl Into<String>) -> Self {
        Text(vec![Inline::Plain(words.into())])
    }

    /// To be read to the letter; a dash where there is nothing.
    pub fn code(words: &str) -> Self {
        if words.is_empty() { Text::plain("–") } else { Text(vec![Inline::Code(words.to_owned())]) }
    }

    /// Words in which no character is a mark, to be seen first.
    pub fn strong(words: impl Into<String>) -> Self {
        Text(vec![Inline::Strong(Text::plain(words).0)])
    }

    /// A link.
    pub fn link(text: &str, to: &str) -> Self {
        Text(vec![Inline::Link { text: text.to_owned(), to: to.to_owned() }])
    }

    /// One of our own sentences, in which `**` opens and closes strong words, and a backtick code. A mark without its partner
    /// is a character like any other.
    pub fn marked(sentence: &str) -> Self {
        Text(marked(sentence, true))
    }

    /// A message that need not be ours, such as the reason of a failure: a backtick opens and closes code, and no other character is
    /// a mark.
    pub fn quoting(message: &str) -> Self {
        Text(marked(message, false))
    }

    /// This text, and another right behind it.
    pub fn then(mut self, other: Text) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The words without any mark.
    pub fn words(&self) -> String {
        words(&self.0)
    }
}

fn words(pieces: &[Inline]) -> String {
    let of = |piece: &Inline| match piece {
        Inline::Plain(text) | Inline::Code(text) | Inline::Link { text, .. } => text.clone(),
        Inline::Strong(inner) => words(inner),
    };
    pieces.iter().map(of).collect()
}

fn marked(sentence: &str, has_strong: bool) -> Vec<Inline> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(['*', '`']) {
        let mark = match &rest[at..] {
            tail if has_strong && tail.starts_with("**") => "**",
            tail if tail.starts_with('`') => "`",
            _ => {
                plain.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
                continue;
            }
        };
        plain.push_str(&rest[..at]);
        let inside = &rest[at + mark.len()..];
        match inside.split_once(mark) {
            Some((inner, after)) if !inner.is_empty() => {
                if !plain.is_empty() {
                    pieces.push(Inline::Plain(std::mem::take(&mut plain)));
                }
                pieces.push(match mark {
                    "**" => Inline::Strong(marked(inner, has_strong)),
                    _ => Inline::Code(inner.to_owned()),
                });
                rest = after;
            }
            _ => {
                plain.push_str(mark);
                rest = inside;
            }
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Inline::Plain(plain));
    }
    pieces
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What stands over it.
    pub name: String,
    /// How its cells are set.
    pub width: Width,
}

/// How the cells of a column are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Width {
    /// As wide as its longest cell, to the left.
    Natural,
    /// As wide as its longest cell, to the right.
    Number,
    /// Words that wrap, in this share of the line's width.
    Share(f64),
}

/// A table. Every row has a cell per column.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Kebab-case name, for labels and links.
    pub id: String,
    /// What it shows, where no sentence before it says so.
    pub caption: Option<Text>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Text>>,
}

impl Table {
    /// A table of columns of natural width, with cells in which nothing is a mark.
    pub fn plain<S: AsRef<str>>(id: &str, header: &[S], rows: Vec<Vec<String>>) -> Self {
        let cells = |row: Vec<String>| row.into_iter().map(Text::plain).collect();
        Table::of(id, header, rows.into_iter().map(cells).collect())
    }

    /// As [`Table::plain`], with cells that may have the marks of [`Text::marked`].
    pub fn marked<S: AsRef<str>>(id: &str, header: &[S], rows: Vec<Vec<String>>) -> Self {
        let cells = |row: Vec<String>| row.iter().map(|cell| Text::marked(cell)).collect();
        Table::of(id, header, rows.into_iter().map(cells).collect())
    }

    /// A table of columns of natural width.
    pub fn of<S: AsRef<str>>(id: &str, header: &[S], rows: Vec<Vec<Text>>) -> Self {
        let column = |name: &S| Column { name: name.as_ref().to_owned(), width: Width::Natural };
        Table { id: id.to_owned(), caption: None, columns: header.iter().map(column).collect(), rows }
    }

    /// With a sentence that says what it shows.
    pub fn captioned(self, caption: &str) -> Self {
        Table { caption: Some(Text::marked(caption)), ..self }
    }

    /// With these widths, in the order of the columns; those without one keep theirs.
    pub fn widths(mut self, widths: &[Width]) -> Self {
        self.columns.iter_mut().zip(widths).for_each(|(column, width)| column.width = *width);
        self
    }
}

/// A drawn chart: the document names it, its file or drawing comes beside the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its file's name without folder and extension.
    pub id: String,
    /// What it shows, one line.
    pub caption: String,
    /// A sentence on its files, where they need one, with the marks of [`Text::marked`].
    pub note: Option<String>,
}

impl Picture {
    /// The chart, and the note below it.
    pub fn blocks(self) -> impl Iterator<Item = Block> {
        let note = self.note.as_deref().map(Block::said);
        std::iter::once(Block::Chart(self)).chain(note)
    }
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Sentences.
    Paragraph(Text),
    /// What came out, in a sentence.
    Verdict(Text),
    /// Points that have no order.
    List(Vec<Text>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Picture),
    /// A section inside this one.
    Section(Section),
}

impl Block {
    /// A paragraph of one of our own sentences, with the marks of [`Text::marked`].
    pub fn said(sentence: &str) -> Self {
        Block::Paragraph(Text::marked(sentence))
    }
}

/// A heading and what follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Kebab-case name, for links.
    pub id: String,
    /// The heading.
    pub heading: Text,
    /// The pieces.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section under a heading of our own words.
    pub fn new(id: &str, heading: &str, blocks: Vec<Block>) -> Self {
        Section { id: id.to_owned(), heading: Text::plain(heading), blocks }
    }
}

/// A whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: Text,
    /// What a reader in a hurry needs.
    pub lead: Vec<Block>,
    /// The sections.
    pub sections: Vec<Section>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_in_pairs_and_may_be_nested() {
        let plain = |text: &str| Inline::Plain(text.into());
        let code = |text: &str| Inline::Code(text.into());
        assert_eq!(
            Text::marked("a **b `c` d** and `e*f`").0,
            [plain("a "), Inline::Strong(vec![plain("b "), code("c"), plain(" d")]), plain(" and "), code("e*f")]
        );
        for alone in ["2 ** 3", "a ` b", "5 * 4 * 3", "", "****"] {
            assert_eq!(Text::marked(alone).words(), alone);
        }
        assert_eq!(Text::plain("**a** `b`").0, [plain("**a** `b`")]);
        assert_eq!(Text::quoting("f(**a, **b): `c` ` d").0, [plain("f(**a, **b): "), code("c"), plain(" ` d")]);
    }
}
