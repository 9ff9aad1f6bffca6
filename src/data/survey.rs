//! What the columns of a file hold before anybody has said what they are for: the ground on which roles are guessed.

use std::collections::HashSet;
use std::path::Path;

use super::assemble::{Columns, common};
use super::assign::{Assigned, Assigning, Way, assign, unnamed};
use super::dates;
use super::faults::Faults;
use super::levels::{Level, first_of};
use super::read::{Opened, ReadOptions, stem};
use super::recognize::Format;
use super::spelt::Spelt;
use super::table::{Raw, Table, Values, column};
use super::texts::{Spelling, canonical, class, shown, whole};
use super::{Called, csv, moment, parquet};
use crate::error::{Error, Result};
use crate::words::{self, agree};

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
    /// Columns of dates and times than which this one of such is earlier in no row; without a value in common it is none.
    pub never_before: Vec<String>,
    /// Whether it has no name.
    pub nameless: bool,
    /// Whether it has a name and is the index of a pandas table: it is no feature, and may be anything else.
    pub index: bool,
    /// What it would be if all rows were like most of them; none where they are, or where most are texts.
    pub almost: Option<Almost>,
    /// Why it cannot be a feature as it stands, in one sentence; none where it can.
    pub fault: Option<String>,
    /// The options by which its texts are numbers, where no option says how the file's numbers are written, or by which those
    /// that are none are missing values.
    pub read_by: Option<String>,
}

/// What most rows of a column hold, and the others do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Almost {
    /// Dates and times, in whatever form, or numbers.
    pub looks: Looks,
    /// Which rows hold neither ISO dates and times nor numbers, where these are looked for.
    pub lacks: String,
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

/// Looks at all columns of a CSV or Parquet file, or of a folder of Parquet files, whatever they are for. Of `written` it takes
/// how the file is written: separator, decimal mark, thousands, missing values.
///
/// # Errors
/// As [`super::read()`], for what makes the file unreadable as a table.
pub fn survey(path: &Path, written: &ReadOptions) -> Result<Survey> {
    let opened = Opened::at(path)?;
    let (names, index) = names(&opened, written)?;
    let is_nameless = |(place, name): (usize, &String)| {
        name.is_empty() || (place == 0 && *name == unnamed(0)) || (index.contains(name) && parquet::is_numbered(name))
    };
    let nameless: Vec<bool> = names.iter().enumerate().map(is_nameless).collect();
    // They are no label and no feature, and may hold anything.
    let called = |place: usize| if names[place].is_empty() { unnamed(place) } else { names[place].clone() };
    let options = ReadOptions {
        ignore: (0..names.len()).filter(|&place| nameless[place]).map(called).collect(),
        ..spelling(written)
    };
    // By these options: the reader would ignore the index.
    let assign = |file: &str, names: Vec<String>, _: &ReadOptions| Ok(without_label(assign(file, names, &options)?));
    let (name, spelling) = (stem(path), options.spelling());
    let mut survey = parse(opened, (&options, &assign), |table| Ok(look(&table, name, &spelling)))?;
    for (column, nameless) in survey.columns.iter_mut().zip(nameless) {
        (column.nameless, column.index) = (nameless, !nameless && index.contains(&column.name));
    }
    Ok(survey)
}

/// Every column that is read is read as a feature is: a label would be one of texts whatever it holds, and nobody knows yet which
/// column it is.
fn without_label(mut assigned: Assigned) -> Assigned {
    let label = &mut assigned.uses[assigned.label];
    (label.feature, label.role, label.way) = (true, None, Way::Infer);
    assigned
}

/// The values of one column as a label would have them, with their rows, by first appearance: `1` and `1.0` are one value.
///
/// # Errors
/// As [`survey`].
pub fn label_values(path: &Path, survey: &Survey, label: &str, written: &ReadOptions) -> Result<Vec<(String, usize)>> {
    // A table has a feature; one is enough here. An index is not read unless it is named.
    let others = || survey.columns.iter().filter(|column| column.name != label && !column.nameless);
    let other = others().find(|column| !column.index).or_else(|| others().next());
    let unused = survey.columns.iter().filter(|column| column.name != label);
    let options = ReadOptions {
        label: Some(label.to_owned()),
        categorical: other.filter(|column| column.index).map(|column| column.name.clone()).into_iter().collect(),
        ignore: unused.filter(|column| Some(*column) != other).map(|column| column.name.clone()).collect(),
        ..spelling(written)
    };
    parse(Opened::at(path)?, (&options, &assign), |table| match &table.columns[table.assigned.label] {
        Some(Raw { values: Values::Texts(levels), .. }) => Ok(counted(levels)),
        Some(Raw { values: Values::Unfit(_, what), .. }) => {
            let said = super::label::unread(&format!("column `{label}`"), what);
            Err(Error::Data(format!("{}: {said}", path.display())))
        }
        _ => Ok(Vec::new()),
    })
}

/// How a file is written, without what its columns are.
fn spelling(written: &ReadOptions) -> ReadOptions {
    let ReadOptions { separator, decimal_comma, thousands, missing, called, .. } = written.clone();
    ReadOptions { separator, decimal_comma, thousands, missing, called, ..ReadOptions::default() }
}

/// The columns' names, and those of them that are the index of a pandas table.
fn names(opened: &Opened, written: &ReadOptions) -> Result<(Vec<String>, Vec<String>)> {
    // Files of one table agree in them, or are refused when they are parsed.
    let [(file, bytes), ..] = &opened.files[..] else { return Ok((Vec::new(), Vec::new())) };
    match opened.format {
        Format::Csv => Ok((csv::names(file, bytes, written.separator)?, Vec::new())),
        Format::Parquet => parquet::names(file, bytes.clone()),
    }
}

fn parse<T>(
    Opened { file, format, files }: Opened,
    how: (&ReadOptions, &Assigning<'_>),
    then: impl FnOnce(Table<'_>) -> Result<T>,
) -> Result<T> {
    match format {
        Format::Csv => {
            let files: Vec<(String, &[u8])> = files.iter().map(|(name, bytes)| (name.clone(), &bytes[..])).collect();
            csv::parse(&file, &files, how, then)
        }
        Format::Parquet => parquet::parse(&file, files, how, then),
    }
}

fn look(table: &Table<'_>, name: String, spelling: &Spelling) -> Survey {
    // All that is read is read as a feature, and of these there are two at least.
    let width = table.columns.iter().flatten().count();
    let widths = [width, 0];
    let rows = table.x.len() / width;
    let common = common(table, spelling);
    let one = |place: usize| {
        let of = &table.assigned.uses[place];
        let (fault, by_missing) = {
            let (mut faults, mut notes) = (Faults::default(), Vec::new());
            // Of the faults only what is wrong is told, without keys.
            let called = Called::InStudy;
            Columns { widths, table, spelling, common, called, faults: &mut faults, notes: &mut notes }.kind(place);
            let by_missing = faults.numbers_by_missing(spelling);
            ((!faults.is_empty()).then(|| faults.what()), by_missing)
        };
        let values = || values(table, width, place);
        let (found, read_by) = match &table.columns[place] {
            Some(Raw { values: Values::Texts(levels), .. }) => {
                let spelt = Spelt::of(levels.iter().map(|level| &level.text[..]), spelling, common);
                let options = spelt.and_then(Spelt::options).map(str::to_owned);
                (Found::of_texts(levels, &values(), spelling), options.or(by_missing))
            }
            None => (Found::default(), None),
            // Whatever stands there, nothing was read.
            Some(Raw { values: Values::Unfit(..), .. }) => (Found { blanks: rows, ..Found::default() }, None),
            Some(Raw { values: Values::Times, .. }) => {
                (Found { looks: Looks::Times, ..Found::of_numbers(&values()) }, None)
            }
            Some(_) => (Found::of_numbers(&values()), None),
        };
        let almost = almost(table, (place, rows), &found, spelling);
        let Found { looks, blanks, few, distinct, whole, rises } = found;
        let (name, never_before) = (of.name.clone(), Vec::new());
        let (nameless, index) = (false, false);
        Surveyed {
            name,
            looks,
            blanks,
            few,
            distinct,
            whole,
            rises,
            never_before,
            nameless,
            index,
            almost,
            fault,
            read_by,
        }
    };
    let mut columns: Vec<Surveyed> = (0..table.assigned.uses.len()).map(one).collect();
    order_times(&mut columns, table, width);
    Survey { name, rows, columns }
}

/// The values of a column; none of one that is not read.
fn values(table: &Table<'_>, width: usize, place: usize) -> Vec<f64> {
    let raw = table.columns[place].as_ref();
    raw.map_or_else(Vec::new, |raw| column(&table.x, width, raw.slot).collect())
}

/// What a column would be if all of its rows were like most of them.
fn almost(table: &Table<'_>, (place, rows): (usize, usize), found: &Found, spelling: &Spelling) -> Option<Almost> {
    let is_most = |some: usize| 2 * some >= rows;
    let (looks, wrong) = match &table.columns[place].as_ref()?.values {
        Values::Texts(levels) => {
            let is_iso = |level: &&Level<'_>| moment::parse(level.text.trim_ascii()).is_some();
            let is_number = |level: &&Level<'_>| spelling.number(level.text.trim_ascii()).is_some();
            let rows_of = |is: &dyn Fn(&&Level<'_>) -> bool| levels.iter().filter(is).map(|level| level.count).sum();
            let said = |level: &Level<'_>| format!("{}: `{}`", (table.place)(level.first), shown(&level.text));
            if is_most(rows_of(&|level| is_iso(level) || dates::is_not_iso(&level.text))) {
                (Looks::Times, first_of(levels.iter().filter(|level| !is_iso(level)), said))
            } else if is_most(rows_of(&is_number)) {
                (Looks::Numbers, first_of(levels.iter().filter(|level| !is_number(level)), said))
            } else {
                return None;
            }
        }
        Values::Unfit(..) => return None,
        Values::Numbers | Values::Times => (found.looks, None),
    };
    let blanks = is_most(rows - found.blanks) && found.blanks > 0;
    let blanks = blanks.then(|| {
        let rows = words::counted(found.blanks as u64, "row");
        format!("{rows} {} no value", agree(found.blanks, "has", "have"))
    });
    let lacks: Vec<String> = wrong.into_iter().chain(blanks).collect();
    (!lacks.is_empty()).then(|| Almost { looks, lacks: lacks.join("; ") })
}

/// Says of each column of dates and times than which others it is never earlier.
fn order_times(columns: &mut [Surveyed], table: &Table<'_>, width: usize) {
    let times: Vec<usize> = (0..columns.len()).filter(|&place| columns[place].looks == Looks::Times).collect();
    if times.len() < 2 {
        return;
    }
    let read: Vec<(usize, Vec<f64>)> = times.into_iter().map(|place| (place, values(table, width, place))).collect();
    for (place, own) in &read {
        for (other, than) in read.iter().filter(|(other, _)| other != place) {
            let mut pairs = own.iter().zip(than).filter(|(a, b)| !a.is_nan() && !b.is_nan()).peekable();
            if pairs.peek().is_some() && pairs.all(|(a, b)| a >= b) {
                let name = columns[*other].name.clone();
                columns[*place].never_before.push(name);
            }
        }
    }
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

    /// Whole numbers that an `f64` cannot hold are read as texts, and so is all that a Parquet file stores as such.
    fn of_texts(levels: &[Level<'_>], codes: &[f64], spelling: &Spelling) -> Self {
        let few = counted(levels);
        let classes = levels.iter().fold(0, |all, level| all | spelling.class(&level.text));
        let looks = match classes {
            class::NUMBER | class::TRUE_FALSE | class::YES_NO => Looks::Numbers,
            _ => Looks::Texts,
        };
        let whole = looks == Looks::Numbers && few.iter().all(|(text, _)| whole(text).is_some());
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
        written(text, &ReadOptions::default())
    }

    fn written(text: &str, options: &ReadOptions) -> (tempfile::TempDir, Survey) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("my table.csv");
        std::fs::write(&path, text).unwrap();
        let found = survey(&path, options).unwrap();
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
        // Read as numbers, and as it is written where it is the label.
        assert_eq!(few("fraud"), pairs([("1", 1), ("0", 2)]));
        assert_eq!((column("last").looks, few("last")), (Looks::Numbers, pairs([("0", 1), ("1", 2)])));
        let path = folder.path().join("my table.csv");
        assert_eq!(
            label_values(&path, &found, "fraud", &ReadOptions::default()).unwrap(),
            pairs([("true", 1), ("false", 2)])
        );
    }

    #[test]
    fn times_that_are_never_before_others_are_told() {
        // Settled after each booking, or not at all; checked on the day before every third one.
        let rows: String = (1..=15)
            .map(|day| {
                let settled = if day % 5 == 0 { String::new() } else { format!("2024-02-{:02}", 29 - day) };
                let checked = format!("2024-01-{:02}", if day % 3 == 0 { day - 1 } else { day + 1 });
                format!("2024-01-{day:02},{settled},{checked},{}\n", day % 2)
            })
            .collect();
        let (_folder, found) = of(&format!("booked,settled,checked,y\n{rows}"));
        let later = |name: &str| found.column(name).unwrap().never_before.clone();
        assert_eq!(later("settled"), ["booked", "checked"]);
        assert!(["booked", "checked", "y"].iter().all(|name| later(name).is_empty()));
        // In the last column, too, which a study without a label would take for it.
        let (_folder, found) =
            of("booked,known\n2024-01-02,2024-01-02\n2024-01-01,2024-01-05\n2024-01-03,2024-01-04\n");
        assert_eq!(found.columns[1].never_before, ["booked"]);
        assert!(found.columns[0].never_before.is_empty());
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

    #[test]
    fn what_is_said_of_a_column_goes_by_how_the_file_is_written() {
        // Thirty amounts with decimal commas; of the middle column's one is a text.
        let rows: String = (0..30)
            .map(|i| format!("{i},5;{};{},25\n", if i == 7 { "oops".into() } else { format!("{i},75") }, i + 40))
            .collect();
        let text = format!("first;mixed;last\n{rows}");
        let (_folder, plain) = of(&text);
        let fault = |survey: &Survey, at: usize| survey.columns[at].fault.clone().unwrap_or_default();
        assert!(fault(&plain, 0).contains("numbers with decimal commas are texts in `first`"), "{plain:?}");
        let read_by: Vec<Option<&str>> = plain.columns.iter().map(|column| column.read_by.as_deref()).collect();
        assert_eq!(read_by, [Some("--decimal ,"), None, Some("--decimal ,")]);
        assert_eq!(plain.columns[2].looks, Looks::Texts);
        let (_folder, german) = written(&text, &ReadOptions { decimal_comma: true, ..ReadOptions::default() });
        assert_eq!(
            [0, 2].map(|at| (german.columns[at].looks, fault(&german, at))),
            [0, 2].map(|_| (Looks::Numbers, String::new()))
        );
        assert!(fault(&german, 1).contains("texts stand among numbers in `mixed` (line 9: `oops`)"), "{german:?}");
        let read_by: Vec<Option<&str>> = german.columns.iter().map(|column| column.read_by.as_deref()).collect();
        assert_eq!(read_by, [None, Some("--missing '' --missing oops"), None]);
    }
}
