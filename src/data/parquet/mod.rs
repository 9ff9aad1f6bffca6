//! Parquet: flat files, the columns of a row group side by side.

mod beside;
mod form;
mod pandas;
mod values;

use ::bytes::Bytes;
use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;

pub(super) use self::beside::write_beside;
use self::form::{Form, Sort, forms};
pub(super) use self::pandas::is_numbered;
use self::values::{Chunk, Found, decode};
use super::Words;
use super::agree::disagreement;
use super::assign::{Assigned, Assigning, Use, Way};
use super::column::Role;
use super::faults::some_columns;
use super::levels::{Interner, Level};
use super::memory;
use super::moment;
use super::read::ReadOptions;
use super::table::{Odd, Raw, Table, Values, are_whole};
use super::texts::{Spelling, boolean};
use crate::error::{Error, Result};
use crate::os::calmly;

/// Codecs that this program is built without.
const CODECS: &str = "write it with zstd, snappy, gzip or without compression";

/// A file of the table.
struct OneFile {
    name: String,
    reader: SerializedFileReader<Bytes>,
    /// Its own columns.
    forms: Vec<Form>,
    rows: usize,
}

/// Reads one table from one or more files with the same columns, in this order.
pub(super) fn parse<T>(
    file: &str,
    files: Vec<(String, Bytes)>,
    (options, assign): (&ReadOptions, &Assigning<'_>),
    then: impl FnOnce(Table<'_>) -> Result<T>,
) -> Result<T> {
    let parts: Vec<OneFile> = files.into_iter().map(OneFile::open).collect::<Result<_>>()?;
    let columns = common(&parts)?;
    let total = parts.iter().map(|part| part.rows).fold(0, usize::saturating_add);
    if total == 0 {
        return Err(Error::Data(format!("{file}: no rows")));
    }
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let pandas = pandas::of(parts[0].reader.metadata());
    let (options, notes) = pandas::without_index(&pandas, &names, options);
    let mut assigned = assign(file, names, &options)?;
    assigned.notes.extend(notes);
    assigned.notes.extend(pandas::read_as_numbers(&pandas, &columns, &assigned.uses, &options));
    let mut reader = Reader::new(&parts, columns, &assigned, options.spelling());
    memory::check_called(file, total, reader.widths[0] + reader.widths[1], options.called)?;
    let mut matrices = reader.widths.map(|width| vec![0.0; total * width]);
    while !reader.pass(&mut matrices)? {}
    let columns = reader.columns(&mut matrices);
    let [x, beside] = matrices;
    let place = |row: usize| place(&parts, row);
    let files = parts.iter().map(|part| part.rows).collect();
    then(Table { assigned, columns, x, beside, files, place: &place, row_place: &place })
}

/// The columns' names, and those of them that are the index of a pandas table.
pub(super) fn names(file: &str, bytes: Bytes) -> Result<(Vec<String>, Vec<String>)> {
    let file = OneFile::open((file.to_owned(), bytes))?;
    let pandas = pandas::of(file.reader.metadata());
    let names: Vec<String> = file.forms.into_iter().map(|form| form.name).collect();
    let index = pandas::index(&pandas, &names);
    Ok((names, index))
}

/// The columns of all files. One that has nulls alone in a file, as pandas writes a day without rows that have it, is what it is in the
/// others.
fn common(parts: &[OneFile]) -> Result<Vec<Form>> {
    let (first, others) = (&parts[0], &parts[1..]);
    // Each with the file that says its type.
    let mut columns: Vec<(&Form, &str)> = first.forms.iter().map(|form| (form, first.name.as_str())).collect();
    for part in others {
        if let Some(said) = differing((&first.name, &columns), part) {
            return Err(Error::Data(said));
        }
        for (column, form) in columns.iter_mut().zip(&part.forms).filter(|(column, _)| column.0.sort == Sort::Null) {
            *column = (form, &part.name);
        }
    }
    Ok(columns.into_iter().map(|(form, _)| form.clone()).collect())
}

/// Why two files cannot be one table: every column that only one has, or that is of another type; nothing where they can.
fn differing((first, columns): (&str, &[(&Form, &str)]), part: &OneFile) -> Option<String> {
    let known: Vec<String> = columns.iter().map(|(form, _)| form.name.clone()).collect();
    let own: Vec<String> = part.forms.iter().map(|form| form.name.clone()).collect();
    if let Some(said) = disagreement((first, &known), (&part.name, &own)) {
        return Some(said);
    }
    let differ = columns.iter().zip(&part.forms).filter(|((known, _), own)| !known.fits(own));
    let told = differ.map(|((known, file), own)| {
        // The first file has nulls alone there.
        let place = if *file == first { String::new() } else { format!(" as in {file}") };
        format!("`{}` is {} and not {}{place}", own.name, own.type_words(), known.type_words())
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("{} must have the types of {first}, but {}", part.name, some_columns(&told)))
}

/// `row 2`, or `row 2 of b.parquet`.
fn place(parts: &[OneFile], mut row: usize) -> String {
    if let [_] = parts {
        return format!("row {}", row + 1);
    }
    for part in parts {
        if row < part.rows {
            return format!("row {} of {}", row + 1, part.name);
        }
        row -= part.rows;
    }
    String::new()
}

impl OneFile {
    fn open((name, bytes): (String, Bytes)) -> Result<Self> {
        let broken = |e: ParquetError| Error::Data(format!("{name}: {e}"));
        let reader = unless_broken(|| SerializedFileReader::new(bytes)).map_err(broken)?;
        let groups = reader.metadata().row_groups();
        let codecs = groups.iter().flat_map(|group| group.columns()).map(|column| column.compression());
        for codec in codecs {
            let codec = match codec {
                Compression::BROTLI(_) => "Brotli",
                Compression::LZ4 | Compression::LZ4_RAW => "LZ4",
                Compression::LZO => "LZO",
                _ => continue,
            };
            return Err(Error::Data(format!("{name}: compressed with {codec}, which is not read: {CODECS}")));
        }
        let rows = groups.iter().map(|group| group.num_rows().max(0) as usize).fold(0, usize::saturating_add);
        let forms = forms(reader.metadata());
        Ok(OneFile { name, reader, forms, rows })
    }
}

/// The reader's own panics, which broken files lead to, are errors like its others.
fn unless_broken<T>(read: impl FnOnce() -> ParquetResult<T>) -> ParquetResult<T> {
    calmly(read).unwrap_or_else(|said| Err(ParquetError::General(format!("the file is damaged ({said})"))))
}

/// A column that is read.
struct Column {
    form: Form,
    way: Way,
    role: Option<Role>,
    feature: bool,
    slot: usize,
}

struct Reader<'a> {
    parts: &'a [OneFile],
    columns: Vec<Option<Column>>,
    widths: [usize; 2],
    spelling: Spelling,
    found: Vec<Whole>,
}

/// What was found in a column of all files.
#[derive(Default)]
struct Whole {
    texts: Interner<'static>,
    odd: Odd,
    is_text: bool,
}

impl<'a> Reader<'a> {
    fn new(parts: &'a [OneFile], forms: Vec<Form>, assigned: &Assigned, spelling: Spelling) -> Self {
        let mut widths = [0, 0];
        let column = |(form, column): (Form, &Use)| {
            column.is_read().then(|| {
                let next = &mut widths[usize::from(!column.feature)];
                let slot = std::mem::replace(next, *next + 1);
                Column { form, way: column.way, role: column.role, feature: column.feature, slot }
            })
        };
        let columns = forms.into_iter().zip(&assigned.uses).map(column).collect();
        Reader { parts, columns, widths, spelling, found: Vec::new() }
    }

    /// Reads all files. False where a column turned out to be one of texts, so that another pass is needed.
    fn pass(&mut self, matrices: &mut [Vec<f64>; 2]) -> Result<bool> {
        self.found = self.columns.iter().map(|_| Whole::default()).collect();
        let mut first = 0;
        for part in self.parts {
            for index in 0..part.reader.num_row_groups() {
                first += self.group(part, index, first, matrices)?;
            }
        }
        let mut done = true;
        for (column, found) in self.columns.iter_mut().zip(&self.found) {
            let Some(column) = column else { continue };
            // Not those of a time, which are told to be out of range. A column that is ignored is read for features, and may be a key.
            let may_be_names = column.way == Way::Infer && matches!(column.role, None | Some(Role::Ignored));
            let side = usize::from(!column.feature);
            if found.odd.inexact.is_some() && may_be_names && are_whole(&matrices[side], self.widths[side], column.slot)
            {
                column.way = Way::Texts;
                done = false;
            }
        }
        Ok(done)
    }

    /// Reads a row group whose first row is `first`; gives its number of rows.
    fn group(&mut self, part: &OneFile, index: usize, first: usize, matrices: &mut [Vec<f64>; 2]) -> Result<usize> {
        let broken = |e: ParquetError| Error::Data(format!("{}: {e}", part.name));
        let group = unless_broken(|| part.reader.get_row_group(index)).map_err(broken)?;
        let rows = group.metadata().num_rows().max(0) as usize;
        let read = |(column, own): (&Option<Column>, &Form)| match column {
            Some(column) if own.sort == Sort::Null => Ok(Some(Found::nothing(&column.form, column.way, rows))),
            Some(column) if column.form.is_flat() => {
                let found = unless_broken(|| {
                    let reader = group.get_column_reader(own.leaf)?;
                    decode(reader, &column.form, column.way, rows, first)
                });
                let found = found.map_err(broken)?;
                match found.values.len() == rows {
                    true => Ok(Some(found)),
                    false => Err(Error::Data(format!(
                        "{}: column `{}` has {} values for {rows} rows",
                        part.name,
                        column.form.name,
                        found.values.len()
                    ))),
                }
            }
            _ => Ok(None),
        };
        let read: Vec<Option<Found>> = self.columns.par_iter().zip(&part.forms).map(read).collect::<Result<_>>()?;
        let mut chunks: [Vec<(usize, Vec<f64>)>; 2] = [Vec::new(), Vec::new()];
        for ((column, found), whole) in self.columns.iter().zip(read).zip(&mut self.found) {
            let (Some(column), Some(found)) = (column, found) else { continue };
            chunks[usize::from(!column.feature)].push((column.slot, whole.add(found)));
        }
        for ((matrix, width), chunks) in matrices.iter_mut().zip(self.widths).zip(&chunks) {
            if width > 0 {
                interleave(&mut matrix[first * width..(first + rows) * width], width, chunks);
            }
        }
        Ok(rows)
    }

    fn columns(self, matrices: &mut [Vec<f64>; 2]) -> Vec<Option<Raw<'static>>> {
        let (spelling, widths) = (self.spelling, self.widths);
        let raw = |(column, whole): (Option<Column>, Whole)| {
            let column = column?;
            let matrix = &mut matrices[usize::from(!column.feature)];
            let width = widths[usize::from(!column.feature)];
            let mut odd = whole.odd;
            let (values, words) = match column.form.unfit() {
                Some(why) => (Values::Unfit(why, column.form.said.clone()), None),
                None if whole.is_text => {
                    texts(whole.texts.into_levels(), &column, &spelling, &mut odd, (matrix, width))
                }
                None if column.form.is_time() => (Values::Times, None),
                None if column.form.sort == Sort::Boolean => (Values::Numbers, Some(Words::TrueFalse)),
                None => (Values::Numbers, None),
            };
            // A missing value is a null here, and no text.
            Some(Raw { slot: column.slot, values, odd, words, missing: Vec::new(), taken: Vec::new() })
        };
        self.columns.into_iter().zip(self.found).map(raw).collect()
    }
}

/// Texts that all are moments are times. Where numbers are asked for, texts that all are numbers are numbers, and so are `true` and
/// `false`, or `yes` and `no`, as in CSV. Other texts stay what they are: who stores digits as texts means so. With it come the words
/// that stood for numbers.
fn texts(
    levels: Vec<Level<'static>>,
    column: &Column,
    spelling: &Spelling,
    odd: &mut Odd,
    (matrix, width): (&mut [f64], usize),
) -> (Values<'static>, Option<Words>) {
    let of_levels = |value: &dyn Fn(&[u8]) -> Option<f64>| -> Option<Vec<f64>> {
        levels.iter().map(|level| value(level.text.trim_ascii())).collect()
    };
    let of_words = |words: Words| {
        let value = |text: &[u8]| {
            let (is_true, class) = boolean(text)?;
            (class == words.class()).then(|| f64::from(u8::from(is_true)))
        };
        of_levels(&value).map(|values| (values, Values::Numbers, Some(words)))
    };
    let found = match column.way {
        Way::Texts => None,
        Way::Numbers => of_levels(&|text| spelling.number(text))
            .map(|values| (values, Values::Numbers, None))
            .or_else(|| of_words(Words::TrueFalse))
            .or_else(|| of_words(Words::YesNo)),
        Way::Infer => of_levels(&|text| Some(moment::parse(text)?.micros as f64 / 1e6))
            .map(|values| (values, Values::Times, None)),
    };
    let Some((values, found, words)) = found.filter(|(values, ..)| !values.is_empty()) else {
        return (Values::Texts(levels), None);
    };
    for (level, value) in levels.iter().zip(&values) {
        let text = level.text.trim_ascii();
        if moment::parse(text).is_some_and(|moment| moment.finer) {
            odd.finer(level.first, &level.text, level.count);
        }
        if column.way == Way::Numbers {
            odd.number(level.first, (text, *value), level.count, spelling);
        }
    }
    for value in matrix.iter_mut().skip(column.slot).step_by(width).filter(|value| !value.is_nan()) {
        *value = values[*value as usize];
    }
    (found, words)
}

impl Whole {
    /// Adds a later row group, whose codes become those of the whole.
    fn add(&mut self, found: Found) -> Vec<f64> {
        self.odd.merge(found.odd);
        let mut values = found.values;
        if let Chunk::Texts(texts) = found.chunk {
            self.is_text = true;
            let codes = self.texts.merge(texts);
            for value in values.iter_mut().filter(|value| !value.is_nan()) {
                *value = f64::from(codes[*value as usize]);
            }
        }
        values
    }
}

/// Writes columns into rows.
fn interleave(rows: &mut [f64], width: usize, columns: &[(usize, Vec<f64>)]) {
    /// Rows at a time, so that what is written stays near.
    const ROWS: usize = 1 << 12;
    rows.par_chunks_mut(ROWS * width).enumerate().for_each(|(block, rows)| {
        for (slot, values) in columns {
            let values = &values[block * ROWS..];
            for (row, value) in rows.chunks_exact_mut(width).zip(values) {
                row[*slot] = *value;
            }
        }
    });
}
