//! `fraudbench data`: which data sets there are, getting one, looking at one.

mod of_study;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use toml::Table;

use super::outputs::{came_meanwhile, named, refuse_existing};
use super::spelling::{self, Spelling};
use super::waiting::telling;
use crate::component::Registry;
use crate::data::{self, Called, Dataset, ReadOptions, catalogue};
use crate::error::Result;
use crate::features::{FeatureSpec, Rows, Stream};
use crate::os::is_stream;
use crate::simulate::{Handbook, handbook};
use crate::study::first::{self, Given, Labels};
use crate::study::{features_of, transactions_changed};
use crate::words::{harmless_line, one_line};

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  fraudbench data list\n  fraudbench data fetch creditcard\n  fraudbench data describe creditcard\n  fraudbench data simulate handbook --out handbook.parquet\n  \
                  fraudbench data features alarms.toml --data payments.parquet --out made.parquet\n  \
                  fraudbench data describe my.parquet --label fraud --positive yes\n\n\
                  What is fetched goes into the folder `data` of FRAUDBENCH_CACHE [default: ~/.cache/fraudbench]; FRAUDBENCH_DATA names a \
                  folder that is looked at before."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every data set that has a name, its licence, and where it is on this machine
    List,
    /// Get a data set into the cache folder; only its SHA-256 decides whether a source is accepted
    Fetch {
        /// The data set's name
        name: String,
    },
    /// Make a table up and write it to a file: the card transactions of the Fraud Detection Handbook
    Simulate {
        /// `handbook`: the published 1,754,155 transactions, unless a number below is another one
        #[arg(value_parser = ["handbook"])]
        kind: String,
        /// The file: .parquet or .csv
        #[arg(long)]
        out: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        overwrite: bool,
        /// Features to write beside the columns: `handbook`, or tables as in a study such as '[{ by = "CUSTOMER_ID", windows =
        /// ["7d"], make = ["count"] }]'; made in one pass, with what windows look at in memory
        #[arg(long, value_name = "FEATURES", value_parser = features)]
        features: Option<FeatureSpec>,
        #[command(flatten)]
        numbers: Box<Numbers>,
    },
    /// Write a study's `data.features` behind the rows that they are made of, for `fraudbench score`
    Features(Box<of_study::Arguments>),
    /// Rows, positives, duplicates, and what each column holds
    Describe {
        /// A name of the list, or a CSV (also .gz, .zst) or Parquet file, or a folder of Parquet files; - for standard input
        source: String,
        #[command(flatten)]
        columns: Box<Columns>,
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// The keys of a study's `[data] simulate = { kind = "handbook", ... }`.
#[derive(Debug, clap::Args)]
struct Numbers {
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = whole)]
    customers: usize,
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = whole)]
    terminals: usize,
    #[arg(long, value_name = "N", default_value_t = 183, value_parser = days)]
    days: u32,
    /// How near a customer's terminals are, on a map of 100 x 100
    #[arg(long, value_name = "NUMBER", default_value_t = 5.0)]
    radius: f64,
    /// The first day
    #[arg(long, value_name = "DAY", default_value = "2018-04-01", value_parser = day)]
    start: i64,
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u32,
    /// A change over time, such as 'day = 90, rates = 2': the keys of `drift` in experiments/README.md
    #[arg(long, value_name = "KEYS", value_parser = keys)]
    drift: Option<Table>,
    /// How much of which fraud, such as 'testing = 2, mules = 0.5': the keys of `scenarios` there
    #[arg(long, value_name = "KEYS", value_parser = keys)]
    scenarios: Option<Table>,
    /// Wrong and late labels, such as 'unreported = 0.1, delay = 7': the keys of `labels` there
    #[arg(long, value_name = "KEYS", value_parser = keys)]
    labels: Option<Table>,
}

impl Numbers {
    fn transactions(&self) -> Result<Handbook> {
        let Numbers { customers, terminals, days, radius, start, seed, .. } = *self;
        let of = Handbook { customers, terminals, days, radius, start, seed, ..Handbook::default() };
        let given = [("drift", &self.drift), ("scenarios", &self.scenarios), ("labels", &self.labels)];
        let given = given.into_iter().filter_map(|(key, table)| Some((key.to_owned(), table.clone()?.into())));
        transactions_changed(of, &given.collect(), Called::OnLine)
    }
}

/// A whole number, which may be written as 1e4.
fn whole(text: &str) -> Result<usize, String> {
    match text.parse::<f64>() {
        Ok(n) if n.abs() <= 1e15 && n.fract() == 0.0 && n >= 0.0 => Ok(n as usize),
        _ => Err("it must be a whole number such as 5000 or 1e4".into()),
    }
}

fn days(text: &str) -> Result<u32, String> {
    // What is too large for its type is too large anyhow, and that is told with the range.
    whole(text).map(|days| u32::try_from(days).unwrap_or(u32::MAX))
}

/// The keys of an inline table, with or without its braces.
fn keys(text: &str) -> Result<Table, String> {
    let inner = text.trim();
    let inner = inner.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(inner);
    match of_toml(&format!("{{ {inner} }}")) {
        Ok(toml::Value::Table(table)) => Ok(table),
        Ok(_) => Err("it must be keys and values such as 'day = 90, rates = 2'".into()),
        Err(why) => Err(format!("it must be keys and values such as 'day = 90, rates = 2', as TOML has them: {why}")),
    }
}

/// A value as TOML writes it, or why it is none.
fn of_toml(text: &str) -> Result<toml::Value, String> {
    let whole: Table = format!("value = {text}").parse().map_err(|e: toml::de::Error| one_line(e.message()))?;
    // It has this key and, where `text` goes on in other lines, more.
    whole.into_iter().next().map(|(_, value)| value).ok_or_else(|| "there is no value".into())
}

/// Features as a study names them.
fn features(text: &str) -> Result<FeatureSpec, String> {
    const FORMS: &str =
        "it must be `handbook`, or tables such as [{ by = \"CUSTOMER_ID\", windows = [\"7d\"], make = [\"count\"] }]";
    let value = match text.trim_start().starts_with('[') {
        true => of_toml(text).map_err(|why| format!("{FORMS}, as TOML has them: {why}"))?,
        false if text == "handbook" => toml::Value::String(text.to_owned()),
        false => return Err(FORMS.into()),
    };
    features_of(&value).map_err(|e| e.to_string())
}

fn day(text: &str) -> Result<i64, String> {
    data::day_of(text).ok_or_else(|| "it must be a day such as 2018-04-01".into())
}

/// What the columns are, and how the file is written: the keys of a study's `[data]`.
#[derive(Debug, clap::Args)]
struct Columns {
    /// The label column [default: as `init` guesses it, for which a file is read twice; of standard input the last one]
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The positive label [default: 1 or true]
    #[arg(long)]
    positive: Option<String>,
    /// Whose row it is: a card, a customer
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// When a row became known: dates and times, or seconds
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The money at stake
    #[arg(long, value_name = "COLUMN")]
    amount: Option<String>,
    /// Which fold a row is in
    #[arg(long, value_name = "COLUMN")]
    fold: Option<String>,
    /// How much a row counts
    #[arg(long, value_name = "COLUMN")]
    weight: Option<String>,
    /// A column that is no feature; may be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// A feature that is a category; may be repeated
    #[arg(long, value_name = "COLUMN")]
    categorical: Vec<String>,
    /// A feature that is a number; may be repeated
    #[arg(long, value_name = "COLUMN")]
    numeric: Vec<String>,
    #[command(flatten)]
    spelling: Spelling,
    /// What `--decimal ,` was called before
    #[arg(long, hide = true, conflicts_with = "decimal")]
    decimal_comma: bool,
}

impl Columns {
    fn options(&self) -> ReadOptions {
        let spelling = self.spelling.options();
        ReadOptions {
            label: self.label.clone(),
            positive: self.positive.clone(),
            group: self.group.clone(),
            time: self.time.clone(),
            amount: self.amount.clone(),
            fold: self.fold.clone(),
            weight: self.weight.clone(),
            ignore: self.ignore.clone(),
            categorical: self.categorical.clone(),
            numeric: self.numeric.clone(),
            decimal_comma: self.decimal_comma || spelling.decimal_comma,
            called: Called::OnLine,
            ..spelling
        }
    }
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    match &arguments.command {
        Command::List => super::say::text(catalogue::list()),
        Command::Fetch { name } => {
            let path: PathBuf = data::fetch(catalogue::find(name)?, &mut |line| say!("{line}"))?;
            show!("{}", path.display());
        }
        Command::Simulate { kind: _, out, overwrite, features, numbers } => {
            let of = numbers.transactions()?;
            refuse_existing(out, "file", *overwrite)?;
            let written = match features {
                None => handbook::write_with(&of, out, *overwrite, None),
                Some(spec) => with_features(&of, (out, *overwrite), spec),
            };
            let (rows, frauds) = written.map_err(|e| came_meanwhile(e, out, "file"))?;
            show!("{}: {rows} rows, {frauds} labelled as fraud", out.display());
        }
        Command::Features(arguments) => telling("making the features", || of_study::main(arguments, registry))?,
        Command::Describe { source, columns, json } => {
            let options = columns.options();
            spelling::check(&options)?;
            // What looks like a file is a file; everything else must be a name, so that a misspelt name is told so.
            let path = named(Path::new(source));
            let is_path = path.exists() || path.extension().is_some() || path.components().count() > 1;
            let dataset = match is_path {
                true => looked_at(path, options)?,
                false => catalogue::read(source, None, &options)?,
            };
            dataset.notes.iter().for_each(|note| say!("note: {}", harmless_line(note)));
            let described = data::describe(&dataset);
            match json {
                true => show!("{:#}", serde_json::json!(described)),
                false => super::say::text(described),
            }
        }
    }
    Ok(0)
}

/// Reads a table to be described. Where no label is named it is guessed as `init` does, and what is wrong with it is a note: who
/// looks at a table wants to see its columns.
fn looked_at(path: &Path, mut options: ReadOptions) -> Result<Dataset> {
    if options.label.is_some() {
        return data::read(path, &options);
    }
    // What can be read once is read once.
    let guessed = if is_stream(path) { None } else { guessed(path, &options) };
    options.label = guessed.as_ref().map(|label| label.column.clone());
    let mut dataset = match options.positive {
        Some(_) => data::read(path, &options)?,
        None => data::read_to_look(path, &options)?,
    };
    if let Some(Labels { column, why }) = guessed {
        dataset.notes.insert(0, format!("the label is `{column}` ({why}); name another one with `--label`"));
    }
    Ok(dataset)
}

/// The label's column as `init` guesses it; none where that is the last one, which the reader takes and tells of itself, or where
/// there is a fault, which it tells, too.
fn guessed(path: &Path, options: &ReadOptions) -> Option<Labels> {
    let roles = [&options.group, &options.time, &options.amount, &options.fold, &options.weight];
    let lists = [&options.ignore, &options.categorical, &options.numeric];
    let others = roles.into_iter().flatten().chain(lists.into_iter().flatten()).cloned().collect();
    let survey = data::survey(path, options).ok()?;
    let given = Given { ignore: others, ..Given::default() };
    let label = first::label(&path.display().to_string(), &survey, &given).ok()?;
    let last = survey.columns.iter().rfind(|column| !given.ignore.contains(&column.name))?;
    (last.name != label.column).then_some(label)
}

/// Writes rows with features, which are made of the rows as they go by.
fn with_features(of: &Handbook, (out, overwrite): (&Path, bool), spec: &FeatureSpec) -> Result<(u64, u64)> {
    let mut stream = Stream::new(spec, handbook::Passed::NUMBERS)?;
    let names = stream.names("TX_DATETIME");
    let mut make = |passed: &handbook::Passed<'_>| {
        let column = |name: &str| passed.column(name);
        stream.next(&Rows { time: &passed.time(), labels: &passed.labels(), column: &column })
    };
    handbook::write_with(of, out, overwrite, Some(handbook::Beside { names, make: &mut make }))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        numbers: Numbers,
    }

    #[test]
    fn flags_of_the_simulation_have_the_keys_of_a_study() {
        let line = |arguments: &[&str]| Line::try_parse_from([&["x"], arguments].concat());
        assert_eq!(line(&[]).unwrap().numbers.transactions().unwrap(), Handbook::default());
        let of =
            line(&["--drift", "day = 90, rates = 2", "--labels", "{ unreported = 0.1, delay = 7 }", "--days", "100"])
                .unwrap()
                .numbers
                .transactions()
                .unwrap();
        assert_eq!((of.drift.day, of.drift.rates, of.labels.unreported, of.labels.delay), (90, 2.0, 0.1, 7.0));
        let said = line(&["--scenarios", "mules: 2"]).unwrap_err().to_string();
        assert!(said.contains("it must be keys and values"), "{said}");
        // TOML's own word for it is told: a number begins with a digit there.
        let said = keys("day = 3, stolen = .5").unwrap_err();
        let (told, why) =
            said.split_once("it must be keys and values such as 'day = 90, rates = 2', as TOML has them: ").unwrap();
        assert!(told.is_empty() && why.len() > 5, "{said}");
        let said = features("[{ by = CUSTOMER_ID }]").unwrap_err();
        assert!(said.contains("make = [\"count\"] }], as TOML has them: "), "{said}");
        let said = line(&["--scenarios", "mule = 2"]).unwrap().numbers.transactions().unwrap_err().to_string();
        assert!(said.contains("did you mean `mules`"), "{said}");
        assert!(said.starts_with("unknown key of --scenarios `mule`"), "{said}");
    }

    #[test]
    fn options_of_columns_are_keys_of_a_study() {
        #[derive(Debug, Parser)]
        struct Line {
            #[command(flatten)]
            columns: Columns,
        }
        let command = <Line as clap::CommandFactory>::command();
        let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
        assert_eq!(shown.filter_map(clap::Arg::get_long).collect::<Vec<_>>(), data::OPTION_KEYS);
        let options = Line::try_parse_from(["x", "--decimal", ","]).unwrap().columns.options();
        assert!(options.decimal_comma && options.called == Called::OnLine);
    }

    #[test]
    fn whole_numbers_may_be_written_short() {
        let line = |arguments: &[&str]| Line::try_parse_from([&["x"], arguments].concat());
        let numbers = line(&["--customers", "1e3", "--terminals", "2e4", "--days", "4e1"]).unwrap().numbers;
        assert_eq!((numbers.customers, numbers.terminals, numbers.days), (1_000, 20_000, 40));
        assert_eq!(days("1e10"), Ok(u32::MAX));
        for wrong in ["1.5", "-1", "x", "1e300", "nan"] {
            assert_eq!(whole(wrong).unwrap_err(), "it must be a whole number such as 5000 or 1e4", "{wrong}");
        }
    }

    #[test]
    fn features_in_a_file_are_those_of_a_study() {
        let of = Handbook { customers: 40, terminals: 60, days: 45, radius: 20.0, ..Handbook::default() };
        let folder = tempfile::TempDir::new().unwrap();
        let table = handbook::table(&of, &of.options()).unwrap();
        let wanted = crate::features::add(table, &FeatureSpec::handbook()).unwrap();
        for name in ["t.parquet", "t.csv"] {
            let path = folder.path().join(name);
            let (count, frauds) = with_features(&of, (&path, true), &features("handbook").unwrap()).unwrap();
            assert_eq!((count, frauds), (wanted.y.len() as u64, wanted.positives() as u64));
            let read = data::read(&path, &of.options()).unwrap();
            for (at, column) in wanted.columns.iter().enumerate() {
                let place = read.columns.iter().position(|other| other.name == column.name).unwrap();
                let bits =
                    |values: ndarray::ArrayView1<'_, f64>| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(read.x.column(place)), bits(wanted.x.column(at)), "{name}, {}", column.name);
            }
        }
        let own =
            features("[{ by = \"TERMINAL_ID\", windows = [\"2d\"], make = [\"count\", \"since-last\"] }]").unwrap();
        assert_eq!(
            Stream::new(&own, handbook::Passed::NUMBERS).unwrap().names("t"),
            ["TERMINAL_ID_count_2d", "TERMINAL_ID_since-last"]
        );
        let said = features("hand-book").unwrap_err();
        assert!(said.starts_with("it must be `handbook`, or tables such as [{ by = "), "{said}");
        let said = features("[{ by = 'CUSTOMER_ID', windows = ['2 days'], make = ['count'] }]").unwrap_err();
        assert!(said.contains("2 days") && !said.contains("data.features"), "{said}");
        let said = features("[{ by = 'CUSTOMER_ID', windows = ['2 days', '0d'], make = ['maen'] }]").unwrap_err();
        let all = [
            "windows: `2 days` must be",
            "; windows: `0d` must be",
            "; unknown value of make `maen`; did you mean `mean`?",
        ];
        assert!(all.iter().all(|told| said.contains(told)) && !said.contains("data.features"), "{said}");
        let twice = features(
            "[{ by = 'CUSTOMER_ID', windows = ['2d'], make = ['count'] }, { by = 'CUSTOMER_ID', windows = ['2d'], make = ['count'] }]",
        );
        let said = with_features(&of, (&folder.path().join("x.csv"), true), &twice.unwrap()).unwrap_err().to_string();
        assert!(said.contains("two columns are called `CUSTOMER_ID_count_2d`"), "{said}");
    }
}
