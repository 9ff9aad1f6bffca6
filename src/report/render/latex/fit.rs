//! How wide a table is in print, and how it is brought to the width of the text: columns that say the same in every row are left out,
//! long texts wrap, and what is still too wide is split into several tables.

use super::{escape, text};
use crate::report::document::{Inline, Table, Text, Width};

/// The text of an article in LaTeX's own layout is 345 pt wide, the narrowest of the common ones; some room is left.
const LINE: f64 = 338.0;
/// Space at both sides of a column, pt.
const GAPS: f64 = 6.0;
/// Texts wider than this wrap, pt.
const WIDEST: f64 = 110.0;
/// No column of words is narrower, pt.
const NARROWEST: f64 = 24.0;

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Set {
    Left,
    Right,
    /// Words that wrap at so many pt.
    Wraps(f64),
}

impl Set {
    /// As `tabular` and `array` want it.
    pub fn column(self) -> String {
        match self {
            Set::Left => "l".to_owned(),
            Set::Right => "r".to_owned(),
            Set::Wraps(width) => format!(">{{\\raggedright\\arraybackslash}}p{{{width:.0}pt}}"),
        }
    }
}

/// A table that fits: which columns it has, and how each is set.
pub(super) type Part = Vec<(usize, Set)>;

/// The columns that say the same in every row, with what they say; none of a table of one row, and never its first one.
pub(super) fn constants(table: &Table) -> Vec<(usize, String)> {
    let said = |column: usize| {
        let first = table.rows.first()?.get(column)?;
        let same = table.rows.len() > 1 && table.rows.iter().all(|row| row.get(column) == Some(first));
        same.then(|| (column, first.words()))
    };
    (1..table.columns.len()).filter_map(said).collect()
}

struct Measured {
    /// As wide as its longest cell and the longest piece of its heading.
    natural: f64,
    /// As wide as its longest piece that cannot be broken.
    least: f64,
    width: Width,
}

impl Measured {
    fn wraps(&self) -> bool {
        match self.width {
            Width::Share(_) => true,
            Width::Number => false,
            Width::Natural => self.natural > WIDEST,
        }
    }

    fn wanted(&self) -> f64 {
        match self.width {
            Width::Share(share) => (share * LINE - GAPS).min(self.natural).max(self.least),
            _ if self.wraps() => WIDEST.max(self.least),
            _ => self.natural,
        }
    }

    fn set(&self, width: f64) -> Set {
        match self.width {
            _ if self.wraps() => Set::Wraps(width),
            Width::Number => Set::Right,
            _ => Set::Left,
        }
    }
}

/// The table's columns but `without`, in as many tables as it takes; the first `keys` columns stand in each.
pub(super) fn parts(table: &Table, without: &[usize], keys: usize) -> Vec<Part> {
    let columns: Vec<usize> = (0..table.columns.len()).filter(|column| !without.contains(column)).collect();
    let measured: Vec<Measured> = columns.iter().map(|column| measure(table, *column)).collect();
    let all: Vec<usize> = (0..columns.len()).collect();
    let set = |places: &[usize]| -> Option<Part> {
        let widths = widths(&places.iter().map(|place| &measured[*place]).collect::<Vec<_>>())?;
        Some(places.iter().zip(widths).map(|(place, width)| (columns[*place], measured[*place].set(width))).collect())
    };
    if let Some(part) = set(&all) {
        return vec![part];
    }
    let (keys, rest): (Vec<usize>, Vec<usize>) = all.into_iter().partition(|place| columns[*place] < keys);
    let mut parts: Vec<Part> = Vec::new();
    let mut here: Vec<usize> = Vec::new();
    for place in rest {
        let longer: Vec<usize> = keys.iter().chain(&here).chain([&place]).copied().collect();
        if !here.is_empty() && set(&longer).is_none() {
            let full: Vec<usize> = keys.iter().chain(&here).copied().collect();
            parts.extend(set(&full));
            here.clear();
        }
        here.push(place);
    }
    let last: Vec<usize> = keys.iter().chain(&here).copied().collect();
    // A single column that is too wide beside the keys is squeezed: nothing is left out of print.
    parts.push(set(&last).unwrap_or_else(|| last.iter().map(|p| (columns[*p], Set::Wraps(NARROWEST))).collect()));
    parts
}

/// A width per column that together fit; none where even the least do not.
fn widths(columns: &[&Measured]) -> Option<Vec<f64>> {
    let wanted: Vec<f64> = columns.iter().map(|column| column.wanted()).collect();
    let gaps = GAPS * columns.len() as f64;
    let over = wanted.iter().sum::<f64>() + gaps - LINE;
    if over <= 0.0 {
        return Some(wanted);
    }
    let spare = |column: &Measured, wanted: f64| if column.wraps() { wanted - column.least } else { 0.0 };
    let room: f64 = columns.iter().zip(&wanted).map(|(column, wanted)| spare(column, *wanted)).sum();
    let share = over / room;
    (room > 0.0 && share <= 1.0)
        .then(|| columns.iter().zip(&wanted).map(|(column, wanted)| wanted - share * spare(column, *wanted)).collect())
}

fn measure(table: &Table, column: usize) -> Measured {
    let cells = || table.rows.iter().filter_map(|row| row.get(column));
    let head = &table.columns[column].name;
    // A heading is broken between words and after hyphens.
    let heading = pieces(head).map(|piece| points(piece, false) * 1.05).fold(NARROWEST / 2.0, f64::max);
    let natural = cells().map(|cell| width(&cell.0, false)).fold(heading, f64::max);
    let longest = |cell: &Text| pieces(&cell.words()).map(|piece| points(piece, bold(&cell.0))).fold(0.0, f64::max);
    let least = cells().map(longest).fold(heading.max(NARROWEST), f64::max);
    Measured { natural, least: least.min(natural.max(NARROWEST)), width: table.columns[column].width }
}

fn bold(pieces: &[Inline]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Inline::Strong(_)))
}

/// What cannot be broken inside.
fn pieces(words: &str) -> impl Iterator<Item = &str> {
    words.split_whitespace().flat_map(|word| word.split_inclusive(['-', '/', '_', '=']))
}

fn width(pieces: &[Inline], is_bold: bool) -> f64 {
    let of = |piece: &Inline| match piece {
        Inline::Plain(words) | Inline::Link { text: words, .. } => points(words, is_bold),
        Inline::Code(words) => words.chars().count() as f64 * 4.3,
        Inline::Strong(inner) => width(inner, true),
    };
    pieces.iter().map(of).sum()
}

/// The width of words in Computer Modern at 7 pt (`\scriptsize` of a 10 pt article), rather too wide than too narrow.
fn points(words: &str, is_bold: bool) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' => 2.4,
        ' ' | '-' | 'f' | 'r' | 's' | 't' | '(' | ')' | '[' | ']' | '/' => 3.2,
        'c' | 'e' | 'z' | '"' => 3.7,
        'a' | 'g' | 'o' | 'k' | 'v' | 'x' | 'y' | 'q' | '0'..='9' => 4.2,
        'b' | 'd' | 'h' | 'n' | 'p' | 'u' => 4.5,
        'w' => 5.8,
        'm' | 'M' | 'W' | '%' | '±' | '+' | '<' | '>' | '=' | '≤' | '≥' | '×' => 7.0,
        c if c.is_ascii_uppercase() => 5.7,
        _ => 5.0,
    };
    words.chars().map(of).sum::<f64>() * if is_bold { 1.16 } else { 1.0 }
}

/// A heading in lines that are no wider than the column's cells need.
pub(super) fn heading(table: &Table, (column, set): (usize, Set)) -> String {
    let name = &table.columns[column].name;
    if matches!(set, Set::Wraps(_)) || points(name, false) <= measure(table, column).natural {
        return text(&Text::plain(name));
    }
    let room = measure(table, column).natural;
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        for (nth, piece) in pieces(word).enumerate() {
            let gap = if nth == 0 { " " } else { "" };
            let longer = lines.last().map(|line| format!("{line}{gap}{piece}"));
            match (lines.last_mut(), longer) {
                (Some(line), Some(longer)) if points(&longer, false) <= room => *line = longer,
                _ => lines.push(piece.to_owned()),
            }
        }
    }
    let side = if set == Set::Right { "r" } else { "l" };
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    format!("\\shortstack[{side}]{{{}}}", lines.join("\\\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: usize, cell: &str) -> Table {
        let header: Vec<String> = (0..columns).map(|i| format!("metric-{i}")).collect();
        let row = |name: &str| {
            std::iter::once(name.to_owned()).chain((1..columns).map(|i| format!("{cell}{i}{name}"))).collect()
        };
        Table::plain("t", &header, vec![row("a"), row("b")])
    }

    #[test]
    fn a_table_that_fits_stays_one() {
        let found = parts(&table(4, "0.8515 ± 0.034"), &[], 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].iter().map(|(column, _)| *column).collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn a_wide_one_is_split_and_its_keys_are_repeated() {
        let found = parts(&table(15, "0.8515 ± 0.034"), &[3], 1);
        assert!(found.len() > 1 && found.iter().all(|part| part[0].0 == 0), "{found:?}");
        let rest: Vec<usize> = found.iter().flat_map(|part| &part[1..]).map(|(column, _)| *column).collect();
        assert_eq!(rest, (1..15).filter(|column| *column != 3).collect::<Vec<_>>());
    }

    #[test]
    fn long_texts_wrap() {
        let found = parts(&table(3, &"words that go on and on ".repeat(8)), &[], 1);
        assert_eq!(found.len(), 1);
        let total: f64 = found[0].iter().map(|(_, set)| if let Set::Wraps(width) = set { *width } else { 20.0 }).sum();
        assert!(total < LINE && matches!(found[0][1].1, Set::Wraps(_)), "{found:?}");
    }

    #[test]
    fn what_is_the_same_in_all_rows_is_found() {
        let rows =
            vec![vec!["a".to_owned(), "none".into(), "1".into()], vec!["b".to_owned(), "none".into(), "2".into()]];
        let both = Table::plain("t", &["x", "scaler", "y"], rows.clone());
        assert_eq!(constants(&both), [(1, "none".to_owned())]);
        assert!(constants(&Table::plain("t", &["x", "scaler", "y"], rows[..1].to_vec())).is_empty());
    }
}
