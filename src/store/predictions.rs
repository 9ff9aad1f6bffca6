//! What models said of test and validation rows: a small Parquet file per cell, and one per split for the rows themselves, so that
//! curves can be drawn and further metrics computed without the data.
//!
//! Scores are lossless: 32 bits where that holds every one of them exactly, else 64. A file of predictions carries its cell's key,
//! each file a digest of its content: what was swapped, renamed or edited is told from what the run wrote.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use sha2::{Digest, Sha256};

use super::is_key;
use super::table::{self, Coding, Effort, Facts, Form, bools, doubles, put};
use crate::component::{Prediction, ScoreKind};
use crate::data::{DAY, Sides, hex};
use crate::error::{Error, Result};
use crate::os::replace_at;

/// The folder's name in a results directory.
pub const PREDICTIONS_FOLDER: &str = "predictions";

const KEY: &str = "fraudbench.key";
const KIND: &str = "fraudbench.score";
const PROBABILITY: &str = "probability";
const DECISION: &str = "decision";

/// What a cell's model said, in the split's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// Of the test rows.
    pub test: Prediction,
    /// Of the validation rows, where the protocol has them.
    pub validation: Option<Prediction>,
}

/// The rows of one part of a split, one element a row in each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptRows {
    /// Places in the data file, from 0.
    pub row: Vec<u32>,
    /// 0 or 1.
    pub y: Vec<u8>,
    /// What they are worth, where the data say so.
    pub amount: Option<Vec<f64>>,
    /// Whose they are, where the data have the role `group`: codes, so that no card number is kept.
    pub group: Option<Vec<u32>>,
    /// The days that they are of, where the data have the role `time`: counted from 1970-01-01, UTC.
    pub day: Option<Vec<i32>>,
}

impl KeptRows {
    /// `rows` of a table with these labels and sides.
    pub fn of(rows: &[usize], y: &[u8], sides: &Sides) -> Self {
        fn pick<T: Copy, U>(values: Option<&Vec<T>>, rows: &[usize], as_kept: impl Fn(T) -> U) -> Option<Vec<U>> {
            values.map(|values| rows.iter().map(|&row| as_kept(values[row])).collect())
        }
        KeptRows {
            row: rows.iter().map(|&row| sides.place_of(row)).collect(),
            y: rows.iter().map(|&row| y[row]).collect(),
            amount: pick(sides.amount.as_ref(), rows, |amount| amount),
            group: pick(sides.group.as_ref(), rows, |group| group),
            // The microseconds of an i64 are fewer days than an i32 holds.
            day: pick(sides.time.as_ref(), rows, |micros| micros.div_euclid(DAY) as i32),
        }
    }

    /// What metrics read of them beside labels and scores. Times are the beginnings of the days.
    pub fn sides(&self) -> Sides {
        let time = self.day.as_ref().map(|days| days.iter().map(|&day| i64::from(day) * DAY).collect());
        Sides { amount: self.amount.clone(), group: self.group.clone(), time, ..Sides::default() }
    }
}

/// The rows that a split is judged on.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitRows {
    /// The test rows.
    pub test: KeptRows,
    /// The validation rows, where the protocol has them.
    pub validation: Option<KeptRows>,
}

/// Where the predictions of the cell with this key are, in a results directory.
///
/// # Errors
/// [`Error::Store`] when it is no key: nothing else becomes a path.
pub fn predictions_path(directory: &Path, key: &str) -> Result<PathBuf> {
    Ok(directory.join(PREDICTIONS_FOLDER).join(format!("{}.parquet", checked(key)?)))
}

/// Where the rows of the split with this digest are.
///
/// # Errors
/// [`Error::Store`] when it is no digest.
pub fn rows_path(directory: &Path, digest: &str) -> Result<PathBuf> {
    Ok(directory.join(PREDICTIONS_FOLDER).join(format!("rows-{}.parquet", checked(digest)?)))
}

fn checked(key: &str) -> Result<&str> {
    match is_key(key) {
        true => Ok(key),
        false => Err(Error::Store("the name of a file of predictions is not 32 hexadecimal digits".into())),
    }
}

impl Predictions {
    /// Writes them into a results directory, under the cell's key: whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Store`] when `key` is none.
    pub fn write(&self, directory: &Path, key: &str) -> Result<()> {
        self.write_with(directory, key, Effort::Quick)
    }

    pub(super) fn write_with(&self, directory: &Path, key: &str, effort: Effort) -> Result<()> {
        let parts: Vec<&Prediction> = std::iter::once(&self.test).chain(&self.validation).collect();
        let exact = |score: &f64| f64::from(*score as f32).to_bits() == score.to_bits();
        let single = parts.iter().all(|part| part.score.iter().all(exact));
        let schema = match single {
            true => "message predictions { required float score; required boolean label; }",
            false => "message predictions { required double score; required boolean label; }",
        };
        let facts: Facts = vec![(KEY, key.to_owned()), (KIND, kind_name(self.test.kind).to_owned())];
        let digest = self.digest(key);
        let codings: Vec<_> = coding(&parts).map(|coding| ("score", coding)).into_iter().collect();
        let form = Form { schema, codings: &codings, effort };
        table::write(&predictions_path(directory, key)?, &form, facts, &digest, &parts, |group, part| {
            match single {
                true => put::<FloatType>(group, &part.score.iter().map(|&score| score as f32).collect::<Vec<_>>())?,
                false => put::<DoubleType>(group, &part.score)?,
            }
            put::<BoolType>(group, &part.label.iter().map(|&label| label == 1).collect::<Vec<_>>())
        })
    }

    /// Reads those of the cell with this key from a results directory; none where there is no such file.
    ///
    /// # Errors
    /// [`Error::Store`] when the file is not what it should be: another cell's, changed, or no predictions at all.
    pub fn read(directory: &Path, key: &str) -> Result<Option<Self>> {
        let path = predictions_path(directory, key)?;
        let Some((facts, parts)) = table::read(&path, |columns| match columns {
            [score @ (ColumnReader::DoubleColumnReader(_) | ColumnReader::FloatColumnReader(_)), label] => {
                Ok((doubles(score)?, bools(label)?))
            }
            _ => Err(ParquetError::General("not a file of predictions".into())),
        })?
        else {
            return Ok(None);
        };
        let bad = |what: &str| Error::Store(format!("{}: {what}", path.display()));
        let kind = match facts.get(KIND).map(String::as_str) {
            Some(PROBABILITY) => ScoreKind::Probability,
            Some(DECISION) => ScoreKind::Decision,
            _ => return Err(bad("not a file of predictions")),
        };
        if facts.get(KEY).map(String::as_str) != Some(key) {
            return Err(bad("these are the predictions of another cell"));
        }
        let mut parts = parts.into_iter().map(|(score, label)| Prediction { score, label, kind });
        let test = parts.next().ok_or_else(|| bad("not a file of predictions"))?;
        let read = Predictions { test, validation: parts.next() };
        match table::is_digest(&facts, &read.digest(key)) {
            true => Ok(Some(read)),
            false => Err(bad("the predictions are not those that the run wrote: the digest differs")),
        }
    }

    fn digest(&self, key: &str) -> String {
        let mut all = Sha256::new();
        all.update(format!("predictions {key} {}", kind_name(self.test.kind)));
        for part in std::iter::once(&self.test).chain(&self.validation) {
            all.update((part.score.len() as u64).to_le_bytes());
            part.score.iter().for_each(|score| all.update(score.to_le_bytes()));
            all.update(&part.label);
        }
        hex(&all.finalize()[..16])
    }
}

/// How scores are written. Those of a few trees or neighbours are few different ones, for which a dictionary is best.
fn coding(parts: &[&Prediction]) -> Option<Coding> {
    let rows: usize = parts.iter().map(|part| part.score.len()).sum();
    let mut different = HashSet::new();
    for score in parts.iter().flat_map(|part| &part.score) {
        different.insert(score.to_bits());
        if different.len() > rows / 4 {
            return Some(Coding::Spread);
        }
    }
    (different.len() > rows / 64).then_some(Coding::Plain)
}

fn kind_name(kind: ScoreKind) -> &'static str {
    match kind {
        ScoreKind::Probability => PROBABILITY,
        ScoreKind::Decision => DECISION,
    }
}

impl SplitRows {
    /// The split's digest: SHA-256, first 32 hex digits, over its rows' places and labels.
    pub fn digest(&self) -> String {
        let mut all = Sha256::new();
        for part in std::iter::once(&self.test).chain(&self.validation) {
            all.update((part.row.len() as u64).to_le_bytes());
            part.row.iter().for_each(|row| all.update(row.to_le_bytes()));
            all.update(&part.y);
        }
        hex(&all.finalize()[..16])
    }

    /// The digest of the same with amounts, groups and days, by which rows of data sets are told apart that differ in these alone;
    /// none where there are none of these.
    pub fn sided_digest(&self) -> Option<String> {
        let KeptRows { amount, group, day, .. } = &self.test;
        (amount.is_some() || group.is_some() || day.is_some()).then(|| self.content())
    }

    /// Writes them into a results directory under their digest, whole or not at all, unless they are there.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, directory: &Path) -> Result<()> {
        self.write_as(directory, &self.digest())
    }

    /// The same under `name`, which is one of the two digests.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Store`] when `name` is no digest.
    pub fn write_as(&self, directory: &Path, name: &str) -> Result<()> {
        let path = rows_path(directory, name)?;
        match path.exists() {
            true => Ok(()),
            false => self.write_with(&path, Effort::Quick),
        }
    }

    pub(super) fn write_with(&self, path: &Path, effort: Effort) -> Result<()> {
        let parts: Vec<&KeptRows> = std::iter::once(&self.test).chain(&self.validation).collect();
        let all_have = |side: fn(&KeptRows) -> bool| parts.iter().all(|part| side(part));
        // Told apart by their types when they are read.
        let sides = [
            (all_have(|part| part.amount.is_some()), "required double amount;"),
            (all_have(|part| part.group.is_some()), "required int32 group (UINT_32);"),
            (all_have(|part| part.day.is_some()), "required int64 day;"),
        ];
        let columns: String = sides.iter().filter(|(there, _)| *there).map(|(_, column)| *column).collect();
        let schema = format!("message rows {{ required int32 row (UINT_32); required boolean positive; {columns} }}");
        // Test rows mostly stand in the table's order. Amounts come again and again, and zstd finds that out given time.
        let codings = [("row", Coding::Steps), ("amount", Coding::Plain)];
        let codings = if sides[0].0 && effort == Effort::Long { &codings[..] } else { &codings[..1] };
        let form = Form { schema: &schema, codings, effort };
        table::write(path, &form, Vec::new(), &self.content(), &parts, |group, part| {
            put::<Int32Type>(group, &part.row.iter().map(|&row| row as i32).collect::<Vec<_>>())?;
            put::<BoolType>(group, &part.y.iter().map(|&y| y == 1).collect::<Vec<_>>())?;
            if let Some(amount) = part.amount.as_deref().filter(|_| sides[0].0) {
                put::<DoubleType>(group, amount)?;
            }
            if let Some(codes) = part.group.as_deref().filter(|_| sides[1].0) {
                put::<Int32Type>(group, &codes.iter().map(|&code| code as i32).collect::<Vec<_>>())?;
            }
            if let Some(days) = part.day.as_deref().filter(|_| sides[2].0) {
                put::<Int64Type>(group, &days.iter().map(|&day| i64::from(day)).collect::<Vec<_>>())?;
            }
            Ok(())
        })
    }

    /// Reads those of the split with this digest, with or without sides, from a results directory; none where there is no such file.
    ///
    /// # Errors
    /// [`Error::Store`] when the file is not what it should be.
    pub fn read(directory: &Path, digest: &str) -> Result<Option<Self>> {
        let path = rows_path(directory, digest)?;
        let Some((facts, parts)) = table::read(&path, read_rows)? else { return Ok(None) };
        let bad = |what: &str| Error::Store(format!("{}: {what}", path.display()));
        let mut parts = parts.into_iter();
        let test = parts.next().ok_or_else(|| bad("not a file of test rows"))?;
        let read = SplitRows { test, validation: parts.next() };
        let content = read.content();
        match (digest == content || digest == read.digest()) && table::is_digest(&facts, &content) {
            true => Ok(Some(read)),
            false => Err(bad("the rows are not those that the run wrote: the digest differs")),
        }
    }

    fn content(&self) -> String {
        let mut all = Sha256::new();
        all.update(self.digest());
        let parts = || std::iter::once(&self.test).chain(&self.validation);
        for amount in parts().filter_map(|part| part.amount.as_ref()) {
            amount.iter().for_each(|amount| all.update(amount.to_le_bytes()));
        }
        for group in parts().filter_map(|part| part.group.as_ref()) {
            all.update("group");
            group.iter().for_each(|code| all.update(code.to_le_bytes()));
        }
        for days in parts().filter_map(|part| part.day.as_ref()) {
            all.update("day");
            days.iter().for_each(|day| all.update(day.to_le_bytes()));
        }
        hex(&all.finalize()[..16])
    }
}

fn read_rows(columns: &mut [ColumnReader]) -> ParquetResult<KeptRows> {
    let [row, positive, rest @ ..] = columns else {
        return Err(ParquetError::General("not a file of test rows".into()));
    };
    let mut kept = KeptRows { row: codes(row)?, y: bools(positive)?, ..KeptRows::default() };
    for side in rest {
        match side {
            ColumnReader::DoubleColumnReader(_) => kept.amount = Some(doubles(side)?),
            ColumnReader::Int32ColumnReader(_) => kept.group = Some(codes(side)?),
            ColumnReader::Int64ColumnReader(reader) => {
                let mut days = Vec::new();
                reader.read_records(usize::MAX, None, None, &mut days)?;
                kept.day = Some(days.into_iter().map(|day: i64| day as i32).collect());
            }
            _ => return Err(ParquetError::General("a side of the rows is of another type".into())),
        }
    }
    Ok(kept)
}

/// A column of row numbers or codes.
fn codes(reader: &mut ColumnReader) -> ParquetResult<Vec<u32>> {
    let ColumnReader::Int32ColumnReader(reader) = reader else {
        return Err(ParquetError::General("a column of row numbers is of another type".into()));
    };
    let mut values = Vec::new();
    reader.read_records(usize::MAX, None, None, &mut values)?;
    Ok(values.into_iter().map(|value: i32| value as u32).collect())
}

/// Copies a file of predictions or rows, whole or not at all; nothing where `old` is not there or `new` is.
///
/// # Errors
/// [`Error::Io`].
pub fn copy_kept(old: &Path, new: &Path) -> Result<()> {
    if !old.exists() || new.exists() {
        return Ok(());
    }
    if let Some(folder) = new.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
    }
    replace_at(new, |temporary| std::fs::copy(old, temporary).map(drop).map_err(|e| Error::io("write", new, e)))
}

#[cfg(test)]
mod tests;
