//! The rows as a data set.

use super::reports::Reports;
use super::rows::{Row, Rows};
use super::write::COLUMNS;
use super::{Handbook, SECONDS};
use crate::data::{Dataset, MadeColumn, ReadOptions, Sort, check_memory, made};
use crate::error::Result;

/// The column of the truth, where labels are noisy.
pub(super) const TRUTH: &str = "TX_FRAUD_TRUE";
/// The column of the moment at which the label is known, where labels are late.
pub(super) const KNOWN: &str = "TX_LABEL_TIME";
/// The column of the scenario that made a row a fraud, 0 for others.
pub(super) const SCENARIO: &str = "TX_FRAUD_SCENARIO";

impl Handbook {
    /// What the columns are unless somebody says otherwise. Those that tell the label, in a way, are ignored: they are never
    /// features.
    pub fn options(&self) -> ReadOptions {
        let name = |name: &str| Some(name.to_owned());
        let ignore = ["TRANSACTION_ID", SCENARIO].into_iter().chain(self.more_columns());
        ReadOptions {
            label: name("TX_FRAUD"),
            group: name("CUSTOMER_ID"),
            time: name("TX_DATETIME"),
            amount: name("TX_AMOUNT"),
            ignore: ignore.map(str::to_owned).collect(),
            ..ReadOptions::default()
        }
    }

    /// The columns that tell which rows are frauds beside the label.
    pub(crate) fn truths(&self) -> Vec<&'static str> {
        std::iter::once(SCENARIO).chain(self.more_columns().filter(|name| *name == TRUTH)).collect()
    }

    /// The column of the moments at which labels are known, where they are late.
    pub(crate) fn moments(&self) -> Option<&'static str> {
        self.more_columns().find(|name| *name == KNOWN)
    }

    /// The columns that options of the labels add.
    pub(super) fn more_columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        let truth = self.labels.are_noisy().then_some(TRUTH);
        truth.into_iter().chain((self.labels.delay > 0.0).then_some(KNOWN))
    }
}

/// Simulates a data set, sorted by time: the one that reading the file of [`super::write()`] with these options gives.
///
/// # Errors
/// As [`Handbook::check`]; [`Error::Data`](crate::error::Error::Data) where there is no row; for options that name other columns or do
/// not fit.
pub fn table(of: &Handbook, options: &ReadOptions) -> Result<Dataset> {
    of.check()?;
    check_memory("handbook", of.expected_rows(), COLUMNS.len())?;
    let source = Rows::new(of);
    let blocks = source.blocks();
    let rows: Vec<Row> = match &blocks[..] {
        [all] => source.of_days(all),
        blocks => blocks.iter().flat_map(|days| source.of_days(days)).collect(),
    };
    if rows.is_empty() {
        return Err(source.why_none());
    }
    drop(source);
    let start = of.start as f64 * f64::from(SECONDS);
    let rows = &rows;
    let number = |name, value: fn(&Row) -> f64| MadeColumn {
        name,
        sort: Sort::Number,
        value: Box::new(move |row| value(&rows[row])),
    };
    let reports = Reports::new(&of.labels);
    let reports = &reports;
    let mut columns = vec![
        MadeColumn { name: "TRANSACTION_ID", sort: Sort::Number, value: Box::new(|row| row as f64) },
        MadeColumn {
            name: "TX_DATETIME",
            sort: Sort::Time,
            value: Box::new(move |row| start + f64::from(rows[row].second)),
        },
        number("CUSTOMER_ID", |row| f64::from(row.customer)),
        number("TERMINAL_ID", |row| f64::from(row.terminal)),
        number("TX_AMOUNT", |row| row.amount),
        number("TX_TIME_SECONDS", |row| f64::from(row.second)),
        number("TX_TIME_DAYS", |row| f64::from(row.day())),
        MadeColumn {
            name: "TX_FRAUD",
            sort: Sort::Number,
            value: Box::new(move |row| f64::from(u8::from(reports.is_fraud(&rows[row])))),
        },
        number(SCENARIO, |row| f64::from(row.scenario())),
    ];
    for name in of.more_columns() {
        columns.push(match name {
            KNOWN => MadeColumn {
                name,
                sort: Sort::Time,
                value: Box::new(move |row| start + reports.known(&rows[row]) as f64),
            },
            _ => number(name, |row| f64::from(u8::from(row.scenario() > 0))),
        });
    }
    let data = made("handbook", rows.len(), columns, options)?;
    Ok(Dataset { sha256: of.sha256(), ..data })
}
