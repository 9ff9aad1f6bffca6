//! Rows without a label, read for a model that knows which columns it takes.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use ::bytes::Bytes;
use ndarray::Array2;

use super::assign::{Assigned, Use, Way, first_listed, listed, named_again, unnamed};
use super::faults::{Faults, Why, and_more, some_columns};
use super::levels::{Level, first_of};
use super::read::ReadOptions;
use super::recognize::{Format, recognize};
use super::source::Source;
use super::spelt::Common;
use super::table::{Raw, Table, Values, column};
use super::texts::{Spelling, class, mostly_booleans, shown};
use super::{Column, Kind, Role, csv, parquet};
use crate::error::{Error, LISTED, Result, meant};
use crate::words::{self, agree, counted};

/// The code of a level that a model does not know: beyond every level's number.
const UNSEEN: f64 = u32::MAX as f64;

/// Names of a file that a sentence lists where nobody has to do anything about most of them.
const NAMED: usize = 10;

/// A column that a reader is asked for; all others are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    name: String,
    way: Way,
}

/// Rows to be scored.
#[derive(Debug, Clone)]
pub(crate) struct NewRows {
    /// Rows x columns, in the order in which the columns were asked for.
    pub x: Array2<f64>,
    /// What a person should know about how they were read, a sentence each.
    pub notes: Vec<String>,
}

/// Reads the columns `wanted` of a file, whatever else it holds; `spelling` says how it is written. `blanks` says of each
/// whether its value may be missing, `computed` are the names of those that the model's study makes. A level that a category does not
/// have is [`UNSEEN`].
///
/// # Errors
/// [`Error::Io`] when the file cannot be read; [`Error::Data`] with one sentence naming file and row for every column that is not there,
/// for texts where numbers are needed, for values that are not finite, and for blanks where none are taken.
pub(crate) fn read_rows(
    path: &Path,
    (wanted, computed): (&[Column], &[String]),
    spelling: &ReadOptions,
    blanks: &[bool],
) -> Result<NewRows> {
    let file = path.display().to_string();
    let source = Bytes::from_owner(Source::open(path)?);
    let way = |column: &Column| match column.kind {
        Kind::Number => Way::Numbers,
        Kind::Category(_) => Way::Texts,
        Kind::Time => Way::Infer,
    };
    let asked: Vec<Wanted> =
        wanted.iter().map(|column| Wanted { name: column.name.clone(), way: way(column) }).collect();
    // They have the names that the model's columns have in the table.
    let called = |(place, name): (usize, String)| if name.is_empty() { unnamed(place) } else { name };
    let format = recognize(path, &source)?;
    // Nothing is told apart by it in a Parquet file.
    let separator = spelling.separator.filter(|_| format == Format::Csv);
    let assign = |file: &str, names: Vec<String>, _: &ReadOptions| {
        let names: Vec<String> = names.into_iter().enumerate().map(called).collect();
        assign(file, &names, &asked, (computed, separator))
    };
    // Its name tells a header of numbers from a row of numbers.
    let label = wanted.first().map(|column| column.name.clone());
    let options = ReadOptions { label, ..spelling.clone() };
    let then = |table: Table<'_>| rows(&file, table, wanted, (&options.spelling(), blanks));
    match format {
        Format::Csv => csv::parse(&file, &[(file.clone(), &source[..])], (&options, &assign), then),
        Format::Parquet => parquet::parse(&file, vec![(file.clone(), source)], (&options, &assign), then),
    }
}

/// What a file's columns are for, where some are wanted: these are features, and nothing else is read. The study makes those that are
/// `computed`, and `separator` is the one that it names.
fn assign(
    file: &str,
    names: &[String],
    wanted: &[Wanted],
    (computed, separator): (&[String], Option<u8>),
) -> Result<Assigned> {
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut times: HashMap<&str, usize> = HashMap::with_capacity(known.len());
    known.iter().for_each(|name| *times.entry(*name).or_default() += 1);
    let ways: HashMap<&str, Way> = wanted.iter().map(|column| (column.name.as_str(), column.way)).collect();
    let missing: Vec<&str> =
        wanted.iter().map(|column| column.name.as_str()).filter(|name| !times.contains_key(name)).collect();
    if !missing.is_empty() {
        let said = separator.and_then(|mark| separated_otherwise(&known, mark));
        let said = said.unwrap_or_else(|| not_there(&missing, &known, wanted, computed));
        return Err(Error::Data(format!("{file}: {said}")));
    }
    let again: Vec<&str> = wanted
        .iter()
        .map(|column| column.name.as_str())
        .flat_map(|name| std::iter::repeat_n(name, times[name] - 1))
        .collect();
    if !again.is_empty() {
        return Err(Error::Data(format!("{file}: {}", named_again(&again))));
    }
    let of = |name: &String| {
        let asked = ways.get(name.as_str());
        Use {
            name: name.clone(),
            feature: asked.is_some(),
            role: if asked.is_some() { None } else { Some(Role::Ignored) },
            way: asked.copied().unwrap_or(Way::Infer),
            named: asked.is_some(),
            kept: false,
            key: false,
        }
    };
    Ok(Assigned { uses: names.iter().map(of).collect(), label: 0, notes: Vec::new() })
}

/// That the fields of a header are not told apart, as another separator stands between them than the study's own, `mark`; none where that
/// is not so.
fn separated_otherwise(known: &[&str], mark: u8) -> Option<String> {
    let [header] = known else { return None };
    let count = |other: &u8| header.bytes().filter(|byte| byte == other).count();
    let other = csv::SEPARATORS.into_iter().filter(|other| *other != mark && count(other) > 0).max_by_key(count)?;
    let [mark, other] = [mark, other].map(|byte| char::from(byte).escape_default());
    Some(format!(
        "the header has one field, `{}`: the model's study has separator = \"{mark}\", and this file seems to be separated by `{other}`: \
         write it with `{mark}`",
        shown(header.as_bytes())
    ))
}

/// That columns are missing, what may be meant for them, and what there is. Nothing of the file is meant for what the study makes.
fn not_there(missing: &[&str], known: &[&str], wanted: &[Wanted], computed: &[String]) -> String {
    let computed: HashSet<&str> = computed.iter().map(String::as_str).collect();
    let (made, missing): (Vec<&str>, Vec<&str>) = missing.iter().copied().partition(|name| computed.contains(name));
    let read = (!missing.is_empty()).then(|| not_in_file(&missing, known, wanted));
    let made = (!made.is_empty()).then(|| {
        let (feature, is, it) = match made.len() {
            1 => ("the feature", "is", "it"),
            _ => ("the features", "are", "them"),
        };
        format!(
            "the model needs {feature} {}, which {is} not there: `data.features` of the model's study makes {it} of other columns; \
             `fraudbench data features STUDY --data FILE --out ROWS` writes {it} behind the rows of a file that holds these rows and \
             the earlier ones at which windows look",
            listed(&made)
        )
    });
    made.into_iter().chain(read).collect::<Vec<_>>().join("; ")
}

/// The same of columns that are read as they are.
fn not_in_file(missing: &[&str], known: &[&str], wanted: &[Wanted]) -> String {
    let (column, is) = (agree(missing.len(), "column", "columns"), agree(missing.len(), "is", "are"));
    // What the model has found is meant for nothing else.
    let found: HashSet<&str> = wanted.iter().map(|column| column.name.as_str()).collect();
    let free: Vec<&str> = known.iter().filter(|name| !found.contains(*name)).copied().collect();
    let mut like: Vec<String> = missing.iter().take(LISTED).filter_map(|name| meant(name, &free)).collect();
    like.dedup();
    let hint = match like.is_empty() {
        true => "; the file has".to_owned(),
        false => format!("; did you mean {}? The file has", words::listed(&like)),
    };
    format!(
        "the model needs the {column} {}, which {is} not there{hint} {}",
        listed(missing),
        first_listed(known, NAMED)
    )
}

/// A column's values by row.
struct Found<'t> {
    raw: &'t Raw<'t>,
    values: Vec<f64>,
}

fn rows(file: &str, table: Table<'_>, wanted: &[Column], (spelling, blanks): (&Spelling, &[bool])) -> Result<NewRows> {
    let width = table.columns.iter().flatten().count();
    let found: HashMap<&str, Found<'_>> = table
        .assigned
        .uses
        .iter()
        .zip(&table.columns)
        .filter_map(|(column, raw)| Some((column.name.as_str(), raw.as_ref()?)))
        .map(|(name, raw)| (name, Found { raw, values: column(&table.x, width, raw.slot).collect() }))
        .collect();
    let (mut faults, mut notes, mut empty) = (Faults::default(), Vec::new(), Vec::new());
    let count = found.values().map(|found| found.values.len()).next().unwrap_or(0);
    let mut x = Array2::zeros((count, wanted.len()));
    for (at, column) in wanted.iter().enumerate() {
        // `assign` has refused a file that lacks one.
        let Some(Found { raw, values }) = found.get(column.name.as_str()) else { continue };
        let values = match fitting(&table, (column, raw), values, spelling, &mut notes) {
            Ok(values) => values,
            Err((why, found)) => {
                faults.add(why, &column.name, &found);
                continue;
            }
        };
        let blank: Vec<usize> = (0..values.len()).filter(|&row| values[row].is_nan()).collect();
        if let (false, Some(first)) = (blanks[at], blank.first()) {
            empty.push(format!("`{}` ({}{})", column.name, (table.row_place)(*first), and_more(blank.len())));
        }
        x.column_mut(at).iter_mut().zip(values).for_each(|(to, value)| *to = value);
    }
    let mut said = Vec::new();
    if !faults.is_empty() {
        said.push(faults.for_model(spelling));
    }
    if !empty.is_empty() {
        said.push(format!(
            "the model takes no missing values, and there are some in {}: fill them in the file, or refit a pipeline with an imputer",
            some_columns(&empty)
        ));
    }
    if !said.is_empty() {
        return Err(Error::Data(format!("{file}: {}", said.join("; "))));
    }
    let others = table.assigned.uses.iter().filter(|column| !column.feature);
    let others: Vec<&str> = others.map(|column| column.name.as_str()).collect();
    if !others.is_empty() {
        let (is, it) = (agree(others.len(), "is", "are"), agree(others.len(), "it", "them"));
        notes.push(format!("{} {is} ignored, as the model does not use {it}", first_listed(&others, NAMED)));
    }
    Ok(NewRows { x, notes })
}

/// A column's values as the model's; or why they do not fit, and the first that does not.
fn fitting(
    table: &Table<'_>,
    (column, raw): (&Column, &Raw<'_>),
    values: &[f64],
    spelling: &Spelling,
    notes: &mut Vec<String>,
) -> Result<Vec<f64>, (Why, String)> {
    if let Some(odd) = &raw.odd.infinite {
        return Err((Why::Infinite, format!("{}: `{}`{}", (table.place)(odd.at), odd.text, and_more(odd.rows))));
    }
    match (&column.kind, &raw.values) {
        (_, Values::Unfit(why, said)) => Err((*why, said.clone())),
        (Kind::Number, Values::Numbers) => match column.words.zip(beyond_words(values)) {
            None => Ok(values.to_vec()),
            Some((words, (row, rows))) => {
                let found = format!("{}: `{}`{}", (table.row_place)(row), values[row], and_more(rows));
                Err((Why::NotWords(words), found))
            }
        },
        (Kind::Time, Values::Times) => Ok(values.to_vec()),
        // A column without any value is read as numbers.
        (Kind::Time, Values::Numbers) if values.iter().all(|value| value.is_nan()) => Ok(values.to_vec()),
        (Kind::Category(known), Values::Texts(texts)) => {
            // Else each would be a level that the training rows lack.
            let odd = texts.iter().filter(|level| std::str::from_utf8(&level.text).is_err());
            match first_of(odd, |level| said(table, level)) {
                Some(found) => Err((Why::NotUtf8, found)),
                None => Ok(coded(table, (&column.name, known), (texts, values), notes)),
            }
        }
        (Kind::Category(_), Values::Numbers) if values.iter().all(|value| value.is_nan()) => Ok(values.to_vec()),
        (_, Values::Texts(texts)) => Err(unfit_texts(table, column, texts, spelling)),
        (kind, _) => {
            let why = if *kind == Kind::Time { Why::NotTime } else { Why::NotNumeric };
            let row = values.iter().position(|value| !value.is_nan());
            // The file has words where there are any, and not these numbers.
            let said = |value: f64| raw.words.map_or_else(|| value.to_string(), |words| words.word(value).to_owned());
            let more = and_more(values.iter().filter(|value| !value.is_nan()).count());
            let first = row.map(|row| format!("{}: `{}`{more}", (table.row_place)(row), said(values[row])));
            Err((why, first.unwrap_or_default()))
        }
    }
}

/// The first row with a number that no word stands for, and how many rows have one.
fn beyond_words(values: &[f64]) -> Option<(usize, usize)> {
    let mut rows = (0..values.len()).filter(|&row| !values[row].is_nan() && ![0.0, 1.0].contains(&values[row]));
    rows.next().map(|first| (first, 1 + rows.count()))
}

/// A level with the place of its first row.
fn said(table: &Table<'_>, level: &Level<'_>) -> String {
    format!("{}: `{}`", (table.place)(level.first), shown(&level.text))
}

/// The values of a category by the levels that the model knows.
fn coded(
    table: &Table<'_>,
    (name, known): (&str, &[String]),
    (texts, values): (&[Level<'_>], &[f64]),
    notes: &mut Vec<String>,
) -> Vec<f64> {
    let place = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        known.binary_search_by(|level| level.as_str().cmp(&text)).map_or(UNSEEN, |place| place as f64)
    };
    let places: Vec<f64> = texts.iter().map(|level| place(&level.text)).collect();
    let unseen: Vec<usize> = (0..texts.len()).filter(|&level| places[level] == UNSEEN).collect();
    if let Some(&first) = unseen.first() {
        let rows: usize = unseen.iter().map(|&level| texts[level].count).sum();
        let has = agree(rows, "has", "have");
        notes.push(format!(
            "{} {has} a level of `{name}` that the training rows lack, such as `{}` ({})",
            counted(rows as u64, "row"),
            shown(&texts[first].text),
            (table.place)(texts[first].first),
        ));
    }
    let code = |value: &f64| if value.is_nan() { f64::NAN } else { places[*value as usize] };
    values.iter().map(code).collect()
}

/// Why texts are no numbers or times, and the first that is none.
fn unfit_texts(table: &Table<'_>, column: &Column, texts: &[Level<'_>], spelling: &Spelling) -> (Why, String) {
    let no_numbers = || Why::no_numbers(texts.iter().map(|level| &level.text[..]), spelling, Common::default());
    let (why, fits) = if let Some(words) = column.words {
        (Why::NotWords(words), words.class())
    } else if column.kind == Kind::Time {
        (Why::NotTime, class::TIME)
    } else if let Some(booleans) = mostly_booleans(texts, spelling) {
        (Why::AmongBooleans, booleans)
    } else {
        // What is missing as a rule is a text where the study names other ones.
        let is_missing = |level: &Level<'_>| Spelling::default().is_missing(&level.text);
        let are_missing = || {
            let mut others = texts.iter().filter(|level| spelling.class(&level.text) != class::NUMBER);
            spelling.missing.is_some() && others.all(is_missing)
        };
        let why = if are_missing() { Why::NotMissing } else { no_numbers() };
        (why, class::NUMBER)
    };
    let others = texts.iter().filter(|level| spelling.class(&level.text) != fits);
    (why, first_of(others, |level| said(table, level)).unwrap_or_default())
}
