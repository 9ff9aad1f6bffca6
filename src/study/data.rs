//! A table of `[data]`: which files, which columns are what, and how the files are written.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::read::{Faults, section_of, string_of, strings};
use super::{DataSource, DataSpec, features, sample, simulation};
use crate::data::{
    Called, Dataset, OPTION_KEYS, ReadOptions, Role, Unlabelled, no_mark, separator_mark, stem, thousands_mark,
};
use crate::error::{Error, Result, unknown};
use crate::split::Protocol;
use crate::words::agree;

/// The keys that say where a table is.
const PLACE_KEYS: [&str; 6] = ["name", "folder", "path", "validation", "test", "simulate"];

/// The keys of what is made of a table, or taken from it.
const MADE_KEYS: [&str; 2] = ["features", "sample"];

/// All keys of `[data]`, in the order in which messages list them.
pub(super) const KEYS: &[&str] = &{
    let parts: [&[&str]; 3] = [&PLACE_KEYS, &OPTION_KEYS, &MADE_KEYS];
    let mut all = [""; PLACE_KEYS.len() + OPTION_KEYS.len() + MADE_KEYS.len()];
    let (mut part, mut key, mut at) = (0, 0, 0);
    // Constants know no iterators.
    while at < all.len() {
        if key == parts[part].len() {
            (part, key) = (part + 1, 0);
        } else {
            all[at] = parts[part][key];
            (key, at) = (key + 1, at + 1);
        }
    }
    all
};

/// Reads one table of data. Relative paths start at `folder`.
pub(super) fn read(table: &Table, folder: &Path) -> Result<DataSpec> {
    if let Some(simulate) = section_of(table, "simulate", "data.simulate")? {
        return simulation::read(simulate, table, options);
    }
    let mut faults = Faults::default();
    let source = faults.without("", source(table, folder));
    let options = faults.without("", options(table));
    let (features, sample) = (faults.without("", features::read(table)), faults.without("", sample::read(table)));
    let no_amount = table.get("amount").and_then(Value::as_str) == Some(NO_AMOUNT);
    match (source, options, features, sample) {
        (Some((name, source)), Some(options), Some(features), Some(sample)) => {
            Ok(DataSpec { name, source, options, no_amount, features, sample })
        }
        _ => Err(Error::Several(faults.0)),
    }
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
        Some(Value::String(path)) if !path.is_empty() => Some(vec![path.clone()]),
        Some(value) => match strings(value) {
            Some(paths) if !paths.is_empty() && paths.iter().all(|path| !path.is_empty()) => Some(paths),
            _ => return Err(Error::Study(format!("data.path: {value} must be a path, or a list of paths"))),
        },
    };
    match (text(table, "name")?, paths) {
        (Some(name), None) => {
            let folder = text(table, "folder")?.map(relative);
            Ok((name.clone(), DataSource::Catalogue { name, folder }))
        }
        (name, Some(paths)) if !table.contains_key("folder") => {
            let paths: Vec<PathBuf> = paths.into_iter().map(relative).collect();
            let name = name.unwrap_or_else(|| stem(&paths[0]));
            let file = |key: &'static str| match text(table, key)? {
                Some(path) if path.is_empty() => Err(Error::Study(format!("data.{key}: \"\" must be a path"))),
                path => Ok(path.map(|path| (key, relative(path)))),
            };
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

/// Refuses files of parts under a protocol that does not look at parts: it would train on the rows of `test`.
pub(super) fn check_parts(specs: &[DataSpec], protocol: &Protocol) -> Result<()> {
    let in_parts = specs.iter().filter(|spec| matches!(spec.source, DataSource::Parts(_)));
    let names: Vec<&str> = in_parts.map(|spec| spec.name.as_str()).collect();
    match names.is_empty() || protocol.needs().contains(&Role::Fold) {
        true => Ok(()),
        false => Err(Error::Study(format!(
            "data: {} {} files in `test`, and `{}` would mix their rows with those of `path` and train on them: write kind = \
             \"given\" in [protocol], or leave `validation` and `test` out",
            names.join(", "),
            agree(names.len(), "has", "have"),
            protocol.name()
        ))),
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
        let written = match self.options.called {
            Called::InStudy => format!("`amount = \"{NO_AMOUNT}\"` in [data]"),
            Called::OnLine | Called::ToTry => format!("`--amount {NO_AMOUNT}`"),
        };
        match self.no_amount && is_taken {
            true => Err(Error::Data(format!(
                "{}: {written} means that no column is the money, but there is a column called `{NO_AMOUNT}`: give this column another \
                 name in the file",
                self.name
            ))),
            false => Ok(()),
        }
    }
}

/// What the columns are, and how the file is written. What is wrong with `features` is told where they are read.
///
/// # Errors
/// Every key that is wrong, a sentence each.
pub(super) fn options(table: &Table) -> Result<ReadOptions> {
    let mut faults = Faults::default();
    let [label, positive, group, time, amount, fold, weight, decimal] =
        ["label", "positive", "group", "time", "amount", "fold", "weight", "decimal"]
            .map(|key| faults.without("", text(table, key)).flatten());
    let [ignore, categorical, numeric, missing] = [
        ("ignore", "column names"),
        ("categorical", "column names"),
        ("numeric", "column names"),
        ("missing", "texts"),
    ]
    .map(|(key, what)| faults.without("", list(table, key, what)).flatten());
    type Mark = fn(&str) -> Option<u8>;
    let marks: [(&str, Mark); 2] = [("separator", separator_mark), ("thousands", thousands_mark)];
    let [separator, thousands] = marks.map(|(key, mark)| faults.without("", byte(table, key, mark)).flatten());
    if let Some(other) = decimal.as_deref().filter(|mark| !matches!(*mark, "." | ",")) {
        faults.0.push(unknown("value of data.decimal", other, &[".", ","]));
    }
    let (keep, keys) = features::read(table).map_or_else(|_| Default::default(), |made| (made.reads(), made.keys()));
    let options = ReadOptions {
        name: None,
        label,
        positive,
        group,
        time,
        amount: amount.filter(|name| name != NO_AMOUNT),
        fold,
        weight,
        ignore: ignore.unwrap_or_default(),
        categorical: categorical.unwrap_or_default(),
        numeric: numeric.unwrap_or_default(),
        keep,
        keys,
        separator,
        decimal_comma: decimal.as_deref() == Some(","),
        thousands,
        missing,
        unlabelled: Unlabelled::Never,
        called: Called::InStudy,
    };
    // A mark that could not be read may be the other one.
    if let Some(mark) = options.ambiguous_mark().filter(|_| faults.0.is_empty()) {
        faults.0.push(format!("data.thousands: `{mark}` is the decimal mark: set `decimal` too"));
    }
    faults.or(options)
}

/// A list of texts of `[data]`.
fn list(table: &Table, key: &str, what: &str) -> Result<Option<Vec<String>>> {
    let Some(value) = table.get(key) else { return Ok(None) };
    strings(value).map(Some).ok_or_else(|| Error::Study(format!("data.{key}: must be a list of {what}")))
}

/// A text of `[data]`.
fn text(table: &Table, key: &str) -> Result<Option<String>> {
    string_of(table, key, &format!("data.{key}"))
}

/// A text of one character that is a mark.
fn byte(table: &Table, key: &str, mark: fn(&str) -> Option<u8>) -> Result<Option<u8>> {
    let Some(text) = text(table, key)? else { return Ok(None) };
    let found = mark(&text).map(Some);
    found.ok_or_else(|| Error::Study(format!("data.{key}: `{text}` {}", no_mark(&text))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

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
            keys: Vec::new(),
            separator: Some(b'\t'),
            decimal_comma: true,
            thousands: Some(b'.'),
            missing: Some(vec![String::new(), "null".into()]),
            unlabelled: Unlabelled::Never,
            called: Called::InStudy,
        };
        assert_eq!((spec.options, spec.name.as_str()), (expected, "a"));
        assert_eq!(spec.source, DataSource::Files(vec!["in/a.parquet".into(), "in/b.parquet".into()]));
    }

    #[test]
    fn all_keys_are_those_of_the_place_of_the_options_and_of_what_is_made() {
        let all = [&PLACE_KEYS[..], &OPTION_KEYS, &MADE_KEYS].concat();
        assert_eq!(KEYS, all);
        assert!((1..all.len()).all(|at| !all[..at].contains(&all[at])), "{all:?}");
        // None that is an option is read without being a key, and none is a key without being read.
        let wrong: String = OPTION_KEYS.map(|key| format!("{key} = 3\n")).concat();
        let said = of(&format!("path = 'a.csv'\n{wrong}")).unwrap_err().to_string();
        for key in OPTION_KEYS {
            assert!(said.contains(&format!("data.{key}: ")), "{key}: {said}");
        }
    }

    #[test]
    fn mistakes_are_told_by_their_key() {
        for (text, said) in [
            ("path = []", "data.path: [] must be a path, or a list of paths"),
            ("path = ''", "data.path: \"\" must be a path, or a list of paths"),
            ("path = 'a'\ntest = ''", "data.test: \"\" must be a path"),
            ("path = 'a'\nsimulate = 3", "data.simulate: must be a table"),
            (
                "path = 'a'\nlabel = 3\ngroup = 4\nignore = 'id'\nmissing = 'x'\nfeatures = 'handbok'",
                "data.label: 3 must be a text in quotes; data.group: 4 must be a text in quotes; data.ignore: must be a list of column \
                 names; data.missing: must be a list of texts; data.features: must be",
            ),
            // Which mark stands before decimals is not known here.
            ("path = 'a'\nthousands = '.'\ndecimal = ';'", "unknown value of data.decimal `;`. Allowed: ., ,"),
            ("path = 'a'\nlabel = 3", "data.label: 3 must be a text in quotes"),
            ("path = 'a'\nignore = 'b'", "data.ignore: must be a list of column names"),
            ("path = 'a'\nmissing = 'b'", "data.missing: must be a list of texts"),
            ("path = 'a'\nseparator = ', '", "data.separator: `, ` must be one character"),
            ("path = 'a'\ndecimal = ';'", "unknown value of data.decimal `;`"),
            ("path = 'a'\nthousands = '.'", "data.thousands: `.` is the decimal mark: set `decimal` too"),
            ("path = 'a'\nthousands = '1'", "data.thousands: `1` must be one character"),
            (
                "path = 'a'\nseparator = '§'",
                "data.separator: `§` must be one ASCII character, such as `;` or `,`: replace this one",
            ),
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

    #[test]
    fn files_of_parts_go_with_given_parts_alone() {
        let spec = |text: &str| of(text).unwrap();
        let parts = spec("path = 'a.csv'\nvalidation = 'v.csv'\ntest = 'b.csv'");
        let others = spec("path = 'c.csv'\nname = 'more'\ntest = 'd.csv'");
        let specs = [parts, spec("path = 'e.csv'"), others];
        let checked = |kind: &str, specs: &[DataSpec]| {
            let protocol = format!("kind = '{kind}'").parse().unwrap();
            check_parts(specs, &Protocol::read(&protocol, &Registry::built_in()).unwrap()).map_err(|e| e.to_string())
        };
        assert_eq!(checked("given", &specs), Ok(()));
        assert_eq!(checked("hold-out", &specs[1..2]), Ok(()));
        assert_eq!(
            checked("hold-out", &specs).unwrap_err(),
            "data: a, more have files in `test`, and `hold-out` would mix their rows with those of `path` and train on them: \
             write kind = \"given\" in [protocol], or leave `validation` and `test` out"
        );
        assert!(checked("time-ordered", &specs[..1]).unwrap_err().starts_with("data: a has files in `test`, and"));
    }
}
