//! A table of `[data]`: which files, which columns are what, and how the files are written.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::read::{section, string, strings};
use super::{DataSource, DataSpec, features, sample, simulation};
use crate::data::{Dataset, ReadOptions, stem};
use crate::error::{Error, Result, unknown};

pub(super) const KEYS: &[&str] = &[
    "name",
    "folder",
    "path",
    "validation",
    "test",
    "simulate",
    "label",
    "positive",
    "group",
    "time",
    "amount",
    "fold",
    "weight",
    "ignore",
    "categorical",
    "numeric",
    "separator",
    "decimal",
    "thousands",
    "missing",
    "features",
    "sample",
];

/// Reads one table of data. Relative paths start at `folder`.
pub(super) fn read(table: &Table, folder: &Path) -> Result<DataSpec> {
    if let Some(simulate) = section(table, "simulate")? {
        return simulation::read(simulate, table, options);
    }
    let (name, source) = source(table, folder)?;
    Ok(DataSpec {
        name,
        source,
        options: options(table)?,
        no_amount: table.get("amount").and_then(Value::as_str) == Some(NO_AMOUNT),
        features: features::read(table)?,
        sample: sample::read(table)?,
    })
}

/// What the table is called, and where it is. Beside a file `name` is what it is called in reports; alone it names a data
/// set of the catalogue.
fn source(table: &Table, folder: &Path) -> Result<(String, DataSource)> {
    if let Some(key) =
        ["validation", "test"].into_iter().find(|key| table.contains_key(*key) && !table.contains_key("path"))
    {
        return Err(Error::Study(format!("data: `{key}` goes with `path`, the file of the training rows")));
    }
    let relative = |p: String| -> PathBuf { folder.join(p) };
    let paths = match table.get("path") {
        None => None,
        Some(Value::String(path)) => Some(vec![path.clone()]),
        Some(value) => match strings(value) {
            Some(paths) if !paths.is_empty() => Some(paths),
            _ => return Err(Error::Study(format!("data.path: {value} must be a path, or a list of paths"))),
        },
    };
    match (string(table, "name")?, paths) {
        (Some(name), None) => {
            let folder = string(table, "folder")?.map(relative);
            Ok((name.clone(), DataSource::Catalogue { name, folder }))
        }
        (name, Some(paths)) if !table.contains_key("folder") => {
            let paths: Vec<PathBuf> = paths.into_iter().map(relative).collect();
            let name = name.unwrap_or_else(|| stem(&paths[0]));
            let file = |key: &'static str| Ok(string(table, key)?.map(|path| (key, relative(path))));
            let others: Vec<(&'static str, PathBuf)> =
                [file("validation")?, file("test")?].into_iter().flatten().collect();
            match (others.last(), &paths[..]) {
                (None, _) => Ok((name, DataSource::Files(paths))),
                (Some(("test", _)), [train]) if !table.contains_key("fold") => {
                    let train = ("train", train.clone());
                    Ok((name, DataSource::Parts(std::iter::once(train).chain(others).collect())))
                }
                _ => Err(Error::Study(
                    "data: files of parts are one `path` for training rows, `test`, and `validation` if wanted, without `fold`"
                        .into(),
                )),
            }
        }
        (_, Some(_)) => Err(Error::Study("data: `folder` goes with a catalogue's `name`, not with `path`".into())),
        (None, None) => Err(Error::Study(
            "data: give `name` (see `fraudbench data list`), `path` (a CSV or Parquet file) or `simulate`".into(),
        )),
    }
}

/// Instead of a column: a column of numbers that is called `amount` is no money either.
const NO_AMOUNT: &str = "none";

impl DataSpec {
    /// Refuses a table for which `amount = "none"` could mean two things.
    ///
    /// # Errors
    /// [`Error::Data`] where it has a column of that name.
    pub(crate) fn check_no_amount(&self, data: &Dataset) -> Result<()> {
        let is_taken = data.columns.iter().chain(&data.others).any(|column| column.name == NO_AMOUNT);
        match self.no_amount && is_taken {
            true => Err(Error::Data(format!(
                "{}: `amount = \"{NO_AMOUNT}\"` in [data] means that no column is the money, but there is a column called \
                 `{NO_AMOUNT}`: give this column another name in the file",
                self.name
            ))),
            false => Ok(()),
        }
    }
}

pub(super) fn options(table: &Table) -> Result<ReadOptions> {
    let names = |key: &str| match table.get(key) {
        None => Ok(Vec::new()),
        Some(value) => {
            strings(value).ok_or_else(|| Error::Study(format!("data.{key}: must be a list of column names")))
        }
    };
    let missing = match table.get("missing") {
        None => None,
        Some(value) => {
            Some(strings(value).ok_or_else(|| Error::Study("data.missing: must be a list of texts".into()))?)
        }
    };
    let decimal_comma = match string(table, "decimal")?.as_deref() {
        None | Some(".") => false,
        Some(",") => true,
        Some(other) => return Err(Error::Study(unknown("value of data.decimal", other, &[".", ","]))),
    };
    let options = ReadOptions {
        name: None,
        label: string(table, "label")?,
        positive: string(table, "positive")?,
        group: string(table, "group")?,
        time: string(table, "time")?,
        amount: string(table, "amount")?.filter(|name| name != NO_AMOUNT),
        fold: string(table, "fold")?,
        weight: string(table, "weight")?,
        ignore: names("ignore")?,
        categorical: names("categorical")?,
        numeric: names("numeric")?,
        keep: features::read(table)?.reads(),
        separator: byte(table, "separator", b"\"\r\n")?,
        decimal_comma,
        thousands: byte(table, "thousands", b"0123456789+-eE")?,
        missing,
    };
    match options.thousands {
        Some(mark) if mark == if decimal_comma { b',' } else { b'.' } => {
            Err(Error::Study(format!("data.thousands: `{0}` is the decimal mark: set `decimal` too", char::from(mark))))
        }
        _ => Ok(options),
    }
}

/// A text of one ASCII character that is none of `never`.
fn byte(table: &Table, key: &str, never: &[u8]) -> Result<Option<u8>> {
    let Some(text) = string(table, key)? else { return Ok(None) };
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !never.contains(byte) => Ok(Some(*byte)),
        _ => Err(Error::Study(format!("data.{key}: `{text}` must be one character, such as `;` or `,`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<DataSpec> {
        read(&text.parse().unwrap(), Path::new("in"))
    }

    #[test]
    fn every_key_reaches_the_reader() {
        let spec = of("path = ['a.parquet', 'b.parquet']\nlabel = 'l'\npositive = '1'\ngroup = 'g'\ntime = 't'\namount = 'a'\n\
                       fold = 'f'\nweight = 'w'\nignore = ['i']\ncategorical = ['c']\nnumeric = ['n']\nseparator = \"\\t\"\n\
                       decimal = ','\nthousands = '.'\nmissing = ['', 'null']")
        .unwrap();
        let text = |text: &str| Some(text.to_owned());
        let expected = ReadOptions {
            name: None,
            label: text("l"),
            positive: text("1"),
            group: text("g"),
            time: text("t"),
            amount: text("a"),
            fold: text("f"),
            weight: text("w"),
            ignore: vec!["i".into()],
            categorical: vec!["c".into()],
            numeric: vec!["n".into()],
            keep: Vec::new(),
            separator: Some(b'\t'),
            decimal_comma: true,
            thousands: Some(b'.'),
            missing: Some(vec![String::new(), "null".into()]),
        };
        assert_eq!((spec.options, spec.name.as_str()), (expected, "a"));
        assert_eq!(spec.source, DataSource::Files(vec!["in/a.parquet".into(), "in/b.parquet".into()]));
    }

    #[test]
    fn mistakes_are_told_by_their_key() {
        for (text, said) in [
            ("path = []", "data.path: [] must be a path, or a list of paths"),
            ("path = 'a'\nignore = 'b'", "data.ignore: must be a list of column names"),
            ("path = 'a'\nmissing = 'b'", "data.missing: must be a list of texts"),
            ("path = 'a'\nseparator = ', '", "data.separator: `, ` must be one character"),
            ("path = 'a'\ndecimal = ';'", "unknown value of data.decimal `;`"),
            ("path = 'a'\nthousands = '.'", "data.thousands: `.` is the decimal mark: set `decimal` too"),
            ("path = 'a'\nthousands = '1'", "data.thousands: `1` must be one character"),
            ("folder = 'a'\npath = 'a'", "data: `folder` goes with a catalogue's `name`"),
            ("label = 'a'", "data: give `name`"),
            ("name = 'creditcard'\ntest = 'b.csv'", "data: `test` goes with `path`, the file of the training rows"),
            ("path = 'a.csv'\nvalidation = 'b.csv'", "data: files of parts are one `path` for training rows, `test`"),
            ("path = 'a.csv'\ntest = 'b.csv'\nfold = 'f'", "and `validation` if wanted, without `fold`"),
        ] {
            let found = of(text).unwrap_err().to_string();
            assert!(found.contains(said), "{found}");
        }
    }
}
