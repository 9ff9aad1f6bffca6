//! What the columns of a file hold before anybody has said what they are for: the ground on which roles are guessed.

use std::collections::HashSet;
use std::path::Path;

use ::bytes::Bytes;

use super::assemble::{Columns, column};
use super::assign::{assign, unnamed};
use super::faults::Faults;
use super::levels::Level;
use super::read::{ReadOptions, stem};
use super::recognize::{Format, recognize};
use super::source::Source;
use super::table::{Raw, Table, Values};
use super::texts::{Spelling, canonical, class};
use super::{csv, parquet};
use crate::error::Result;

/// A column with at most so many different values has them listed.
const FEW: usize = 12;

/// A file's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The file's name without folders and endings.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// The columns in file order.
    pub columns: Vec<Surveyed>,
}

/// What the values of a column look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// Numbers, or true and false.
    Numbers,
    /// Dates and times.
    Times,
    /// Texts.
    Texts,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    /// Its name.
    pub name: String,
    /// What its values look like.
    pub looks: Looks,
    /// Rows without a value.
    pub blanks: usize,
    /// Its values with their rows, by first appearance, where there are at most twelve.
    pub few: Option<Vec<(String, usize)>>,
    /// Different values; of numbers that are not whole it is not counted, and 0.
    pub distinct: usize,
    /// Whether all values are whole numbers.
    pub whole: bool,
    /// Whether no row lacks a value and none is below that of the row before.
    pub rises: bool,
    /// Whether it has no name, or is the index of a pandas table.
    pub nameless: bool,
    /// Why it cannot be a feature as it stands, in one sentence; none where it can.
    pub fault: Option<String>,
}

impl Survey {
    /// The columns' names in file order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Surveyed> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Looks at all columns of a CSV or Parquet file, whatever they are for. Of `written` it takes how the file is written: separator,
/// decimal mark, thousands, missing values.
///
/// # Errors
/// As [`super::read()`], for what makes the file unreadable as a table.
pub fn survey(path: &Path, written: &ReadOptions) -> Result<Survey> {
    let file = path.display().to_string();
    let bytes = Bytes::from_owner(Source::open(path)?);
    let format = recognize(path, &bytes)?;
    let names = names(&file, format, &bytes, written)?;
    let nameless: Vec<bool> =
        names.iter().enumerate().map(|(place, name)| name.is_empty() || (place == 0 && *name == unnamed(0))).collect();
    // They are no label and no feature, and may hold anything.
    let called = |place: usize| if names[place].is_empty() { unnamed(place) } else { names[place].clone() };
    let options = ReadOptions {
        ignore: (0..names.len()).filter(|&place| nameless[place]).map(called).collect(),
        ..spelling(written)
    };
    let name = stem(path);
    parse(&file, format, bytes, &options, |table| Ok(look(&table, name, &nameless)))
}

/// The values of one column as a label would have them, with their rows, by first appearance: `1` and `1.0` are one value.
///
/// # Errors
/// As [`survey`].
pub fn label_values(path: &Path, survey: &Survey, label: &str, written: &ReadOptions) -> Result<Vec<(String, usize)>> {
    // A table has a feature; one is enough here.
    let other = survey.columns.iter().find(|column| column.name != label && !column.nameless);
    let unused = survey.columns.iter().filter(|column| column.name != label);
    let options = ReadOptions {
        label: Some(label.to_owned()),
        ignore: unused.filter(|column| Some(*column) != other).map(|column| column.name.clone()).collect(),
        ..spelling(written)
    };
    let bytes = Bytes::from_owner(Source::open(path)?);
    let format = recognize(path, &bytes)?;
    parse(&path.display().to_string(), format, bytes, &options, |table| {
        let raw = &table.columns[table.assigned.label];
        Ok(match raw {
            Some(Raw { values: Values::Texts(levels), .. }) => counted(levels),
            _ => Vec::new(),
        })
    })
}

/// How a file is written, without what its columns are.
fn spelling(written: &ReadOptions) -> ReadOptions {
    let ReadOptions { separator, decimal_comma, thousands, missing, .. } = written.clone();
    ReadOptions { separator, decimal_comma, thousands, missing, ..ReadOptions::default() }
}

fn names(file: &str, format: Format, bytes: &Bytes, written: &ReadOptions) -> Result<Vec<String>> {
    match format {
        Format::Csv => csv::names(file, bytes, written.separator),
        Format::Parquet => parquet::names(file, bytes.clone()),
    }
}

fn parse<T>(
    file: &str,
    format: Format,
    bytes: Bytes,
    options: &ReadOptions,
    then: impl FnOnce(Table<'_>) -> Result<T>,
) -> Result<T> {
    match format {
        Format::Csv => csv::parse(file, &[(file.to_owned(), &bytes[..])], (options, &assign), then),
        Format::Parquet => parquet::parse(file, vec![(file.to_owned(), bytes)], (options, &assign), then),
    }
}

fn look(table: &Table<'_>, name: String, nameless: &[bool]) -> Survey {
    let width = |feature: bool| {
        let uses = table.assigned.uses.iter().zip(&table.columns);
        uses.filter(|(column, raw)| raw.is_some() && column.feature == feature).count()
    };
    let widths = [width(true), width(false)];
    let rows = table.x.len().checked_div(widths[0]).unwrap_or_else(|| table.beside.len() / widths[1].max(1));
    let one = |place: usize| {
        let of = &table.assigned.uses[place];
        let fault = {
            let (mut faults, mut notes) = (Faults::default(), Vec::new());
            let spelling = Spelling::default();
            Columns { widths, table, spelling: &spelling, faults: &mut faults, notes: &mut notes }.kind(place);
            (!faults.is_empty()).then(|| faults.what())
        };
        let values = || match (&table.columns[place], of.feature) {
            (Some(raw), true) => column(&table.x, widths[0], raw.slot).collect(),
            (Some(raw), false) => column(&table.beside, widths[1], raw.slot).collect(),
            (None, _) => Vec::new(),
        };
        let found = match &table.columns[place] {
            None => Found::default(),
            Some(Raw { values: Values::Texts(levels), .. }) => Found::of_texts(levels, &values()),
            Some(Raw { values: Values::Times, .. }) => Found { looks: Looks::Times, ..Found::of_numbers(&values()) },
            Some(_) => Found::of_numbers(&values()),
        };
        let Found { looks, blanks, few, distinct, whole, rises } = found;
        Surveyed { name: of.name.clone(), looks, blanks, few, distinct, whole, rises, nameless: nameless[place], fault }
    };
    let columns = (0..table.assigned.uses.len()).map(one).collect();
    Survey { name, rows, columns }
}

/// What is found in the values of a column.
struct Found {
    looks: Looks,
    blanks: usize,
    few: Option<Vec<(String, usize)>>,
    distinct: usize,
    whole: bool,
    rises: bool,
}

impl Default for Found {
    fn default() -> Self {
        Found { looks: Looks::Texts, blanks: 0, few: None, distinct: 0, whole: false, rises: false }
    }
}

impl Found {
    fn of_numbers(values: &[f64]) -> Self {
        let present = || values.iter().filter(|value| !value.is_nan());
        let blanks = values.len() - present().count();
        let whole = blanks < values.len() && present().all(|value| value.fract() == 0.0);
        let mut few: Vec<(f64, usize)> = Vec::new();
        for value in present() {
            match few.iter_mut().find(|(known, _)| known == value) {
                Some((_, rows)) => *rows += 1,
                None => few.push((*value, 1)),
            }
            if few.len() > FEW {
                break;
            }
        }
        let distinct = match (few.len() > FEW, whole) {
            (false, _) => few.len(),
            (true, true) => present().map(|value| value.to_bits()).collect::<HashSet<u64>>().len(),
            (true, false) => 0,
        };
        let few = few.into_iter().map(|(value, rows)| (canonical(&value.to_string()), rows)).collect::<Vec<_>>();
        Found {
            looks: Looks::Numbers,
            blanks,
            few: (few.len() <= FEW).then_some(few),
            distinct,
            whole,
            rises: blanks == 0 && values.windows(2).all(|pair| pair[0] <= pair[1]),
        }
    }

    /// The label's column is read as texts whatever it holds, so that these may be numbers or times.
    fn of_texts(levels: &[Level<'_>], codes: &[f64]) -> Self {
        let few = counted(levels);
        let classes = levels.iter().fold(0, |all, level| all | Spelling::default().class(&level.text));
        let looks = match classes {
            class::NUMBER | class::TRUE_FALSE | class::YES_NO => Looks::Numbers,
            class::TIME => Looks::Times,
            _ => Looks::Texts,
        };
        let whole = looks == Looks::Numbers && few.iter().all(|(text, _)| text.parse::<i128>().is_ok());
        let distinct = few.len();
        let blanks = codes.iter().filter(|code| code.is_nan()).count();
        Found { looks, blanks, few: (distinct <= FEW).then_some(few), distinct, whole, rises: false }
    }
}

/// The values behind levels, with their rows.
fn counted(levels: &[Level<'_>]) -> Vec<(String, usize)> {
    let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let mut values: Vec<(String, usize)> = Vec::new();
    for level in levels {
        let text = canonical(&String::from_utf8_lossy(&level.text));
        match places.get(&text) {
            Some(&place) => {
                let value: &mut (String, usize) = &mut values[place];
                value.1 += level.count;
            }
            None => {
                places.insert(text.clone(), values.len());
                values.push((text, level.count));
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (tempfile::TempDir, Survey) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("my table.csv");
        std::fs::write(&path, text).unwrap();
        let found = survey(&path, &ReadOptions::default()).unwrap();
        (folder, found)
    }

    #[test]
    fn columns_are_told_by_what_they_hold() {
        let (folder, found) = of(
            ",when,a b,whole,fraud,last\n0,2024-01-01,x,3,True,0\n1,2024-01-02,,2,False,1.0\n2,2024-01-02,y,1,False,1\n",
        );
        assert_eq!((found.name.as_str(), found.rows), ("my table", 3));
        assert_eq!(found.names(), ["Unnamed: 0", "when", "a b", "whole", "fraud", "last"]);
        let column = |name: &str| found.column(name).unwrap();
        assert!(column("Unnamed: 0").nameless && !column("when").nameless);
        assert_eq!((column("when").looks, column("when").rises), (Looks::Times, true));
        assert_eq!((column("a b").looks, column("a b").blanks, column("a b").distinct), (Looks::Texts, 1, 2));
        assert_eq!((column("whole").whole, column("whole").rises, column("whole").distinct), (true, false, 3));
        let few = |name: &str| column(name).few.clone().unwrap();
        let pairs = |given: [(&str, usize); 2]| given.map(|(value, rows)| (value.to_owned(), rows)).to_vec();
        // Read as numbers where it is a feature, and as it is written where it is the label.
        assert_eq!(few("fraud"), pairs([("1", 1), ("0", 2)]));
        assert_eq!((column("last").looks, few("last")), (Looks::Numbers, pairs([("0", 1), ("1", 2)])));
        let path = folder.path().join("my table.csv");
        assert_eq!(
            label_values(&path, &found, "fraud", &ReadOptions::default()).unwrap(),
            pairs([("true", 1), ("false", 2)])
        );
    }

    #[test]
    fn what_cannot_be_a_feature_is_told() {
        let rows: String = (0..30)
            .map(|i| format!("name {i},{},{i}\n", if i == 7 { "none here".into() } else { i.to_string() }))
            .collect();
        let (_folder, found) = of(&format!("who,mixed,y\n{rows}"));
        assert!(found.columns[0].fault.as_ref().unwrap().contains("nearly every row has another text"));
        assert!(found.columns[1].fault.as_ref().unwrap().contains("texts stand among numbers"));
        assert_eq!(found.columns[2].fault, None);
    }
}
