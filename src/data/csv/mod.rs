//! CSV, read in parts that are cut at the ends of records and parsed side by side straight into the matrix.

mod beside;
mod dialect;
mod fields;
mod joined;
mod lines;
mod wrong;

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

pub(super) use self::beside::write_beside;
pub(super) use self::dialect::SEPARATORS;
use self::dialect::{Dialect, header, header_below, is_number};
use self::fields::{field, fields, number};
use self::joined::Begin;
use self::lines::{Lines, trim};
use self::wrong::Wrong;
use super::Words;
use super::assign::{Assigning, Use, Way};
use super::levels::Interner;
use super::memory;
use super::moment;
use super::read::ReadOptions;
use super::table::{Odd, Raw, Table, Values, are_whole};
use super::texts::{Spelling, boolean, class, is_inexact, shown};
use crate::error::{Error, Result};
use crate::words::{agree, counted, listed};

/// Records from which the first guess of the columns' kinds is made. A wrong guess costs a second pass, no more.
const GUESSED_FROM: usize = 1000;

/// Lines that do not fit and are named, beside the first one.
const NAMED: usize = 10;

/// Texts of a column of numbers or times that are taken for missing values and are kept: no file has as many.
const TAKEN: usize = 16;

/// A fault: at which byte of the file, and what.
type Fault = (usize, Wrong);

/// Reads one table from one file, or from several with the same header.
pub(super) fn parse<T>(
    file: &str,
    files: &[(String, &[u8])],
    (options, assign): (&ReadOptions, &Assigning<'_>),
    then: impl FnOnce(Table<'_>) -> Result<T>,
) -> Result<T> {
    match files {
        [(_, bytes)] => parse_one(file, (bytes, &[]), (options, assign), then),
        files => {
            let (bytes, begins) = joined::join(files, options)?;
            parse_one(file, (&bytes, &begins), (options, assign), then)
        }
    }
}

/// The columns' names as the header has them.
pub(super) fn names(file: &str, bytes: &[u8], separator: Option<u8>) -> Result<Vec<String>> {
    let dialect = Dialect::of(bytes, separator);
    let lines = lines_of(file, bytes, &dialect)?;
    Ok(header(file, &lines, &dialect, None)?.0)
}

/// The records of a file.
fn lines_of<'a>(file: &str, bytes: &'a [u8], dialect: &Dialect) -> Result<Lines<'a>> {
    Lines::new(bytes, dialect.start, dialect.separator).map_err(|at| {
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::Data(format!("{file}, line {line}: a quote is opened here and never closed"))
    })
}

fn parse_one<T>(
    file: &str,
    (bytes, begins): (&[u8], &[Begin]),
    (options, assign): (&ReadOptions, &Assigning<'_>),
    then: impl FnOnce(Table<'_>) -> Result<T>,
) -> Result<T> {
    // DOS ends a text file with this byte.
    let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
    let dialect = Dialect::of(bytes, options.separator);
    let lines = lines_of(file, bytes, &dialect)?;
    let (names, body) = header(file, &lines, &dialect, options.label.as_deref())?;
    // What stands in the only column by chance is a row of data, and so are the names where all of them are numbers.
    let has_word = names.len() > 1 && names.iter().any(|name| !name.is_empty() && !is_number(name.as_bytes()));
    let place = |at: usize| joined::place(&lines, begins, at);
    let first = trim(&lines.bytes[dialect.start..body]);
    // What a line above the header lacks as a header is no matter.
    let above = |e: Error| {
        let found = header_below(&lines, (dialect.start, body), options.separator);
        found.map_or(e, |below| {
            Error::Data(format!(
                "{file}, {}: `{}` stands above the header, which is {} with {}: take the lines above the header out of the file",
                place(dialect.start),
                shown(first),
                place(below.at),
                counted(below.fields as u64, "field")
            ))
        })
    };
    let assigned = assign(file, names, options).map_err(above)?;
    let parts = lines.parts(body);
    let rows: Vec<usize> = parts.par_iter().map(|part| lines.records(part.clone()).count()).collect();
    let total: usize = rows.iter().sum();
    if total == 0 {
        return Err(Error::Data(format!("{file}: a header but no rows")));
    }
    let spelling = &options.spelling();
    let separator = dialect.separator;
    let header = has_word.then_some(first);
    let mut reader = Reader { lines: &lines, header, place: &place, separator, spelling, plan: Vec::new() };
    reader.plan(&assigned.uses, body);
    let widths = [true, false].map(|feature| reader.plan.iter().flatten().filter(|p| p.feature == feature).count());
    memory::check_called(file, total, widths[0] + widths[1], options.called)?;
    let mut matrices = Matrices { x: vec![0.0; total * widths[0]], beside: vec![0.0; total * widths[1]], widths };
    let states = loop {
        let read = reader.pass(file, &parts, &rows, &mut matrices);
        // A header that lacks nothing but the separator at its end is one, whatever it begins with.
        let states = read.map_err(|refused| if refused.are_ended { refused.said } else { above(refused.said) })?;
        if !reader.replan(&states, &matrices) {
            break states;
        }
    };
    let columns = reader.columns(states);
    let row_place = |row: usize| {
        let record = lines.records(body..lines.bytes.len()).nth(row);
        record.map_or_else(String::new, |(at, _)| place(at))
    };
    let Matrices { x, beside, .. } = matrices;
    let ends = begins.iter().skip(1).map(|begin| begin.at).chain([bytes.len()]);
    let files = begins.iter().zip(ends).map(|(begin, end)| lines.records(begin.at..end).count()).collect();
    then(Table { assigned, columns, x, beside, files, place: &place, row_place: &row_place })
}

/// What the fields of a column are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Numbers,
    Booleans,
    Times,
    Texts,
}

/// How a column of the file is read.
#[derive(Debug, Clone, Copy)]
struct Plan {
    mode: Mode,
    way: Way,
    /// Whether rows are told apart by it.
    key: bool,
    /// Whether its values go into the matrix of features, or into the one beside it.
    feature: bool,
    slot: usize,
}

/// Row after row: the features, and the columns that are none.
struct Matrices {
    x: Vec<f64>,
    beside: Vec<f64>,
    widths: [usize; 2],
}

/// What was found in one column of a part, or of the whole file.
#[derive(Default)]
struct State<'a> {
    classes: u8,
    texts: Interner<'a>,
    /// Texts that are taken for missing values.
    missing: Interner<'a>,
    /// The same among numbers and times.
    taken: Vec<Cow<'a, [u8]>>,
    odd: Odd,
}

/// That records are no rows.
struct Refused {
    said: Error,
    /// Whether all of them would be but for a separator at their end.
    are_ended: bool,
}

struct Reader<'a> {
    lines: &'a Lines<'a>,
    /// The line with the columns' names; none where a row may be like it.
    header: Option<&'a [u8]>,
    /// The name of a place.
    place: &'a (dyn Fn(usize) -> String + Sync),
    separator: u8,
    spelling: &'a Spelling,
    /// For each column of the file; none where it is skipped.
    plan: Vec<Option<Plan>>,
}

impl<'a> Reader<'a> {
    /// Guesses each column's mode from the first records.
    fn plan(&mut self, uses: &[Use], body: usize) {
        let mut classes = vec![0; uses.len()];
        let records = self.lines.records(body..self.lines.bytes.len()).take(GUESSED_FROM);
        for found in records.filter_map(|(_, record)| fields(record, self.separator).ok()) {
            for (classes, text) in classes.iter_mut().zip(&found) {
                if !self.spelling.is_missing(text) {
                    *classes |= self.spelling.class(text);
                }
            }
        }
        let mut slots = [0, 0];
        let plan = uses.iter().zip(classes).map(|(column, classes)| {
            column.is_read().then(|| {
                let next = &mut slots[usize::from(!column.feature)];
                let slot = std::mem::replace(next, *next + 1);
                let Use { way, key, feature, .. } = *column;
                Plan { mode: mode(way, classes), way, key, feature, slot }
            })
        });
        self.plan = plan.collect();
    }

    /// Reads all parts.
    fn pass(
        &self,
        file: &str,
        parts: &[Range<usize>],
        rows: &[usize],
        matrices: &mut Matrices,
    ) -> Result<Vec<State<'a>>, Refused> {
        let [width, width_beside] = matrices.widths;
        let mut work = Vec::with_capacity(parts.len());
        let (mut x_left, mut beside_left) = (&mut matrices.x[..], &mut matrices.beside[..]);
        for (part, &n) in parts.iter().zip(rows) {
            let (x, x_rest) = x_left.split_at_mut(n * width);
            let (beside, beside_rest) = beside_left.split_at_mut(n * width_beside);
            work.push((part.clone(), n, x, beside));
            (x_left, beside_left) = (x_rest, beside_rest);
        }
        let read: Vec<(Vec<State<'a>>, Vec<Fault>)> =
            work.into_par_iter().map(|(part, n, x, beside)| self.part(part, n, x, beside)).collect();
        let mut states: Vec<State<'a>> = self.plan.iter().map(|_| State::default()).collect();
        let (mut faults, mut codes) = (Vec::new(), Vec::with_capacity(parts.len()));
        for (part, wrong) in read {
            faults.extend(wrong);
            codes.push(states.iter_mut().zip(part).map(|(whole, part)| whole.merge(part)).collect());
        }
        self.refuse(file, &faults)?;
        self.recode(rows, &codes, matrices);
        Ok(states)
    }

    /// Records that are no rows.
    fn refuse(&self, file: &str, faults: &[Fault]) -> Result<(), Refused> {
        let Some(((at, wrong), others)) = faults.split_first() else { return Ok(()) };
        let named = others.iter().take(NAMED).map(|(at, _)| (self.place)(*at));
        let more = others.len().saturating_sub(NAMED);
        let more = (more > 0).then(|| counted(more as u64, "more line"));
        let named: Vec<String> = named.chain(more).collect();
        let others = match named.is_empty() {
            true => String::new(),
            false => format!("; {} {} not fit either", listed(&named), agree(others.len(), "does", "do")),
        };
        let are_ended = faults.iter().all(|(_, wrong)| matches!(wrong, Wrong::Ended { .. }));
        let remedy = match are_ended {
            true => "these rows end in a separator and the header does not: take it out of the rows".to_owned(),
            false => wrong.remedy(self.separator),
        };
        let said = Error::Data(format!("{file}, {}: {wrong}{others}: {remedy}", (self.place)(*at)));
        Err(Refused { said, are_ended })
    }

    /// Turns the parts' codes of texts into those of the whole file.
    fn recode(&self, rows: &[usize], codes: &[Vec<Vec<u32>>], matrices: &mut Matrices) {
        let texts: Vec<(usize, &Plan)> = self
            .plan
            .iter()
            .enumerate()
            .filter_map(|(column, plan)| plan.as_ref().map(|plan| (column, plan)))
            .filter(|(_, plan)| plan.mode == Mode::Texts)
            .collect();
        for feature in [true, false] {
            let columns: Vec<_> = texts.iter().filter(|(_, plan)| plan.feature == feature).collect();
            let width = matrices.widths[usize::from(!feature)];
            let mut left = if feature { &mut matrices.x[..] } else { &mut matrices.beside[..] };
            for (codes, &n) in codes.iter().zip(rows).filter(|_| !columns.is_empty()) {
                let (part, rest) = left.split_at_mut(n * width);
                part.par_chunks_exact_mut(width).for_each(|row| {
                    for (column, plan) in &columns {
                        let value = &mut row[plan.slot];
                        if !value.is_nan() {
                            *value = f64::from(codes[*column][*value as usize]);
                        }
                    }
                });
                left = rest;
            }
        }
    }

    fn part(&self, part: Range<usize>, rows: usize, x: &mut [f64], beside: &mut [f64]) -> (Vec<State<'a>>, Vec<Fault>) {
        let mut states: Vec<State<'a>> = self.plan.iter().map(|_| State::default()).collect();
        let mut faults = Vec::new();
        let (width, width_beside) = (x.len() / rows.max(1), beside.len() / rows.max(1));
        for (row, (begin, record)) in self.lines.records(part).enumerate() {
            let into = [&mut x[row * width..][..width], &mut beside[row * width_beside..][..width_beside]];
            if let Err(wrong) = self.row(begin, record, into, &mut states) {
                faults.push((begin, wrong));
            }
        }
        (states, faults)
    }

    fn row(
        &self,
        begin: usize,
        record: &'a [u8],
        [x, beside]: [&mut [f64]; 2],
        states: &mut [State<'a>],
    ) -> std::result::Result<(), Wrong> {
        if self.header == Some(record) {
            return Err(Wrong::Header);
        }
        let mut rest = Some(record);
        for (plan, state) in self.plan.iter().zip(states) {
            let here = rest.ok_or_else(|| self.ragged(record))?;
            let Some(plan) = plan else {
                rest = field(here, self.separator)?.1;
                continue;
            };
            let value;
            (value, rest) = self.value(plan.mode, here, begin, state)?;
            if plan.feature { x[plan.slot] = value } else { beside[plan.slot] = value }
        }
        if rest.is_some() { Err(self.ragged(record)) } else { Ok(()) }
    }

    fn value(&self, mode: Mode, here: &'a [u8], begin: usize, state: &mut State<'a>) -> fields::Field<'a, f64> {
        if mode == Mode::Numbers
            && self.spelling.is_plain()
            && let Some((value, text, rest)) = number(here, self.separator)
        {
            state.classes |= class::NUMBER;
            if is_inexact(text, value) {
                state.odd.inexact(begin, text, 1);
            }
            state.odd.zeros(begin, text, 1);
            return Ok((value, rest));
        }
        let (text, rest) = field(here, self.separator)?;
        if self.spelling.is_missing(&text) {
            if self.spelling.missing.is_none() && !text.is_empty() {
                match mode {
                    // Among texts and words it may be a level.
                    Mode::Texts | Mode::Booleans => {
                        state.missing.code(&text.clone(), begin, || text);
                    }
                    Mode::Numbers | Mode::Times => state.take(text),
                }
            }
            return Ok((f64::NAN, rest));
        }
        let value = match mode {
            Mode::Numbers => self.spelling.number(&text).map(|value| {
                state.odd.number(begin, (&text[..], value), 1, self.spelling);
                (value, class::NUMBER)
            }),
            Mode::Booleans => boolean(&text).map(|(value, class)| (f64::from(u8::from(value)), class)),
            Mode::Times => moment::parse(&text).map(|found| {
                if found.finer {
                    state.odd.finer(begin, &text, 1);
                }
                (found.micros as f64 / 1e6, class::TIME)
            }),
            Mode::Texts => return Ok((f64::from(state.texts.code(&text.clone(), begin, || text)), rest)),
        };
        let (value, class) = value.unwrap_or_else(|| (f64::NAN, self.spelling.class(&text)));
        state.classes |= class;
        Ok((value, rest))
    }

    fn ragged(&self, record: &[u8]) -> Wrong {
        let found = fields(record, self.separator).unwrap_or_default();
        let (found, wanted, is_ended) =
            (found.len(), self.plan.len(), found.last().is_some_and(|last| last.is_empty()));
        if found == wanted + 1 && is_ended { Wrong::Ended { found, wanted } } else { Wrong::Ragged { found, wanted } }
    }

    /// Corrects the modes by what all rows hold; whether another pass is needed.
    fn replan(&mut self, states: &[State<'a>], matrices: &Matrices) -> bool {
        let mut again = false;
        for (plan, state) in self.plan.iter_mut().zip(states) {
            let Some(plan) = plan.as_mut().filter(|plan| plan.mode != Mode::Texts) else { continue };
            let mut next = mode(plan.way, state.classes);
            if next == Mode::Numbers && plan.way == Way::Infer && state.odd.inexact.is_some() {
                let (matrix, width) = match plan.feature {
                    true => (&matrices.x, matrices.widths[0]),
                    false => (&matrices.beside, matrices.widths[1]),
                };
                next = if are_whole(matrix, width, plan.slot) { Mode::Texts } else { next };
            }
            // As numbers `007` and `7` would be one key.
            if next == Mode::Numbers && plan.key && state.odd.zeros.is_some() {
                next = Mode::Texts;
            }
            again |= next != plan.mode;
            plan.mode = next;
        }
        again
    }

    fn columns(&self, states: Vec<State<'a>>) -> Vec<Option<Raw<'a>>> {
        let column = |(plan, state): (&Option<Plan>, State<'a>)| {
            plan.map(|plan| Raw {
                slot: plan.slot,
                values: match plan.mode {
                    Mode::Numbers => Values::Numbers,
                    Mode::Booleans => Values::Numbers,
                    Mode::Times => Values::Times,
                    Mode::Texts => Values::Texts(state.texts.into_levels()),
                },
                odd: state.odd,
                words: (plan.mode == Mode::Booleans).then(|| Words::of(state.classes)).flatten(),
                missing: state.missing.into_levels(),
                taken: state.taken,
            })
        };
        self.plan.iter().zip(states).map(column).collect()
    }
}

/// What fits all texts of these classes.
fn mode(way: Way, classes: u8) -> Mode {
    match (way, classes) {
        (Way::Texts, _) => Mode::Texts,
        (_, 0 | class::NUMBER) => Mode::Numbers,
        (_, class::TRUE_FALSE | class::YES_NO) => Mode::Booleans,
        (Way::Infer, class::TIME) => Mode::Times,
        _ => Mode::Texts,
    }
}

impl<'a> State<'a> {
    /// Keeps a text that is taken for a missing value among numbers or times.
    fn take(&mut self, text: Cow<'a, [u8]>) {
        if self.taken.len() < TAKEN && !self.taken.contains(&text) {
            self.taken.push(text);
        }
    }

    /// Adds a later part; for each of its texts' codes, the code here.
    fn merge(&mut self, part: State<'a>) -> Vec<u32> {
        self.classes |= part.classes;
        self.odd.merge(part.odd);
        self.missing.merge(part.missing);
        part.taken.into_iter().for_each(|text| self.take(text));
        self.texts.merge(part.texts)
    }
}
