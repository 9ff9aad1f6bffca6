//! The rows as a data set.

use super::rows::{Row, Rows};
use super::{Handbook, SECONDS};
use crate::data::{Dataset, MadeColumn, ReadOptions, Sort, made};
use crate::error::Result;

/// Columns that tell the label, in a way: they are never features.
pub const LEAKING: [&str; 2] = ["TRANSACTION_ID", "TX_FRAUD_SCENARIO"];

/// What the columns are unless somebody says otherwise: [`LEAKING`] is to be ignored too.
pub fn options() -> ReadOptions {
    let name = |name: &str| Some(name.to_owned());
    ReadOptions {
        label: name("TX_FRAUD"),
        group: name("CUSTOMER_ID"),
        time: name("TX_DATETIME"),
        amount: name("TX_AMOUNT"),
        ignore: LEAKING.map(str::to_owned).to_vec(),
        ..ReadOptions::default()
    }
}

/// Simulates a data set, sorted by time: the one that reading the file of [`super::write()`] with these options gives.
///
/// # Errors
/// As [`Handbook::check`]; for options that name other columns or do not fit.
pub fn table(of: &Handbook, options: &ReadOptions) -> Result<Dataset> {
    of.check()?;
    let source = Rows::new(of);
    let blocks = source.blocks();
    let rows: Vec<Row> = match &blocks[..] {
        [all] => source.of_days(all),
        blocks => blocks.iter().flat_map(|days| source.of_days(days)).collect(),
    };
    drop(source);
    let start = of.start as f64 * f64::from(SECONDS);
    let rows = &rows;
    let number = |name, value: fn(&Row) -> f64| MadeColumn {
        name,
        sort: Sort::Number,
        value: Box::new(move |row| value(&rows[row])),
    };
    let columns = vec![
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
        number("TX_FRAUD", |row| f64::from(u8::from(row.scenario() > 0))),
        number("TX_FRAUD_SCENARIO", |row| f64::from(row.scenario())),
    ];
    let data = made("handbook", rows.len(), columns, options)?;
    Ok(Dataset { sha256: of.sha256(), ..data })
}
