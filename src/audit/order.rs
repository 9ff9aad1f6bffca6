//! Time order: whether a split lets the model learn from rows that come after those it is tested on.

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::data::{Column, Dataset, Kind, Role, shown};
use crate::error::{Error, Result, unknown};
use crate::study::Study;
use crate::words::{agree, counted};

const CHECK: &str = "time-order";

/// Whether a column is called like a time.
pub fn is_time(name: &str) -> bool {
    ["time", "timestamp", "date", "datetime", "step"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// What orders the rows of a table.
pub enum Order<'d> {
    /// A column, and its value in every row of the data.
    By(&'d str, Vec<f64>),
    /// Nothing that is known, and why.
    Unknown(String),
}

impl<'d> Order<'d> {
    /// The column called `asked`; without one the protocol's own, the one with the role `time`, one that is called so, or the only
    /// feature that holds moments. The codes of a category are no times: they are in the order of its texts.
    ///
    /// # Errors
    /// [`Error::Usage`] where `asked` is no column, or a category.
    pub fn of(study: &Study, data: &'d Dataset, asked: Option<&str>) -> Result<Self> {
        if let Some(asked) = asked {
            return named(data, asked);
        }
        let by = |column: &'d Column| Ok(Order::By(&column.name, data.column(&column.name)?));
        let with_role = || data.columns.iter().find(|column| column.role == Some(Role::Time));
        if let Some(column) = of_protocol(study, data).or_else(with_role) {
            return by(column);
        }
        if let Some((name, moments)) = by_role(data) {
            return Ok(Order::By(name, moments));
        }
        let called_so = || data.columns.iter().filter(|column| is_time(&column.name));
        let moments: Vec<&Column> = data.columns.iter().filter(|column| column.kind == Kind::Time).collect();
        match (called_so().find(|column| !is_category(column)), moments.as_slice(), called_so().next()) {
            (Some(column), ..) => by(column),
            (None, [column], _) => by(column),
            (None, [], Some(column)) => {
                let name = &column.name;
                Ok(Order::Unknown(format!(
                    "`{name}` is no time: {} (write 2024-02-10), so the order was not looked at",
                    texts(column)
                )))
            }
            (None, [], None) => Ok(Order::Unknown(
                "no column is called like a time, so the order was not looked at (`--time COLUMN` names one)".into(),
            )),
            (None, several, _) => {
                let names: Vec<String> = several.iter().map(|column| format!("`{}`", column.name)).collect();
                Ok(Order::Unknown(format!(
                    "{} hold times and none has the role `time`, so the order was not looked at (`--time COLUMN` names one)",
                    names.join(", ")
                )))
            }
        }
    }
}

fn is_category(column: &Column) -> bool {
    matches!(column.kind, Kind::Category(_))
}

/// What a category holds, with its first text.
fn texts(column: &Column) -> String {
    match &column.kind {
        Kind::Category(levels) if !levels.is_empty() => {
            format!("it holds texts such as `{}`", shown(levels[0].as_bytes()))
        }
        _ => "it holds texts".into(),
    }
}

/// The column called `name`: a feature, or the column with the role `time`.
fn named<'d>(data: &'d Dataset, name: &str) -> Result<Order<'d>> {
    match (data.columns.iter().find(|column| column.name == name), by_role(data)) {
        (Some(column), _) if is_category(column) => Err(Error::Usage(format!(
            "--time {name}: `{name}` of {} is no time: {}; name a column of numbers, or write its times as 2024-02-10",
            data.name,
            texts(column)
        ))),
        (Some(column), _) => Ok(Order::By(&column.name, data.column(name)?)),
        (None, Some((role, moments))) if role == name => Ok(Order::By(role, moments)),
        (None, role) => {
            let orders = data.columns.iter().filter(|column| !is_category(column)).map(|column| column.name.as_str());
            let names: Vec<&str> = orders.chain(role.map(|(name, _)| name)).collect();
            Err(Error::Usage(unknown("column for --time", name, &names)))
        }
    }
}

/// The column that the protocol orders rows by, where it is a feature.
fn of_protocol<'d>(study: &Study, data: &'d Dataset) -> Option<&'d Column> {
    let protocol = &study.protocol;
    let is_it = |column: &&Column| match protocol.column() {
        Some(name) => column.name == name,
        None => protocol.needs().contains(&Role::Time) && column.role == Some(Role::Time),
    };
    data.columns.iter().find(is_it)
}

/// The column with the role `time` where it is no feature, and its moments.
fn by_role(data: &Dataset) -> Option<(&str, Vec<f64>)> {
    let moments = data.sides.time.as_ref()?.iter().map(|&moment| moment as f64).collect();
    let column = data.others.iter().find(|column| column.role == Some(Role::Time));
    Some((column.map_or("time", |column| column.name.as_str()), moments))
}

/// The finding where the order was not looked at: somebody has to.
pub fn not_looked(why: String) -> Finding {
    Finding::not_made(CHECK, why)
}

/// The share of test rows that are older than the newest training row, and than half of the training rows, and how many have a
/// training row of the same moment; `time` has a value a row of the data.
pub fn check(variant: &Variant<'_>, name: &str, time: &[f64]) -> Finding {
    let (mut before_newest, mut before_half, mut at_once, mut rows) = (0, 0, 0, 0);
    for split in &variant.splits {
        let mut train: Vec<f64> =
            variant.of(&split.train).into_iter().map(|row| time[row]).filter(|t| !t.is_nan()).collect();
        train.sort_by(f64::total_cmp);
        let (Some(&newest), Some(&middle)) = (train.last(), train.get(train.len() / 2)) else { continue };
        let test: Vec<f64> = variant.of(&split.test).into_iter().map(|row| time[row]).filter(|t| !t.is_nan()).collect();
        before_newest += test.iter().filter(|t| **t < newest).count();
        before_half += test.iter().filter(|t| **t < middle).count();
        at_once += test.iter().filter(|t| train.binary_search_by(|known| known.total_cmp(t)).is_ok()).count();
        rows += test.len();
    }
    if rows == 0 {
        return not_looked(format!(
            "{}, no split has `{name}` in training rows and in test rows, so the order was not looked at",
            variant.name()
        ));
    }
    let percent = |n: usize| 100.0 * n as f64 / rows as f64;
    let together = match at_once {
        0 => String::new(),
        _ => format!(", and {} a training row of the same `{name}`", have(at_once)),
    };
    let advice = match (before_newest, at_once) {
        (0, 0) => "",
        (0, _) => {
            ": rows of one moment are in the file's order; give the times more digits, or split by whole days (`prequential`)"
        }
        _ => ": split in time (`time-series`, `prequential`) if the model is for later rows",
    };
    let said = format!(
        "{}, {:.1}% of the test rows of {} are older by `{name}` than the newest training row, {:.1}% older than half of \
         the training rows{together}{advice}",
        variant.name(),
        percent(before_newest),
        counted(variant.splits.len() as u64, "split"),
        percent(before_half),
    );
    let is_clean = before_newest == 0 && at_once == 0;
    Finding::new(CHECK, if is_clean { Judgement::Clean } else { Judgement::Look }, said)
}

/// `1 test row has`, `2 test rows have`.
fn have(rows: usize) -> String {
    format!("{} {}", counted(rows as u64, "test row"), agree(rows, "has", "have"))
}
