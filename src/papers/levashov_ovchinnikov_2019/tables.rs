//! The three tables that rectangles are drawn on, and what the paper prints.

use super::parts;
use crate::papers::Part;

/// A table with the columns that stand for minute and amount.
pub struct Table {
    /// Its name in reports.
    pub name: &'static str,
    /// Minute of the day and amount.
    pub columns: [&'static str; 2],
    /// Its honest part.
    pub part: &'static Part,
    /// The same, judged on training rows.
    pub in_sample: &'static Part,
}

/// Payments of the paper's size first.
pub static TABLES: [Table; 3] = [
    Table {
        name: "payments (simulated)",
        columns: ["minute", "amount"],
        part: &parts::PAYMENTS,
        in_sample: &parts::PAYMENTS_IN_SAMPLE,
    },
    Table {
        name: "creditcard",
        columns: ["Time_minute-of-day", "Amount"],
        part: &parts::CREDITCARD,
        in_sample: &parts::CREDITCARD_IN_SAMPLE,
    },
    Table {
        name: "handbook (simulated)",
        columns: ["TX_DATETIME_minute-of-day", "TX_AMOUNT"],
        part: &parts::HANDBOOK,
        in_sample: &parts::HANDBOOK_IN_SAMPLE,
    },
];

/// The error pairs of the earlier model (Levashov and Kukharenko 2018), as the paper prints them: first kind, second kind.
pub const REFERENCE: [[f64; 2]; 3] = [[0.0773, 0.8371], [0.6379, 0.2943], [0.1327, 0.7261]];

/// A row of figure 4.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedRow {
    pub class: usize,
    pub second_kind: f64,
    pub first_kind: f64,
    pub precision: f64,
    pub recall: f64,
    /// What the scan has where a digit was read wrong.
    pub repaired: String,
}

/// Figure 4's 36 rows. The text that we have is read from a scan: digits that were read wrong are repaired where precision and
/// recall, which follow from both errors, leave one reading only.
pub fn printed() -> Vec<PrintedRow> {
    let mut reader = csv::Reader::from_reader(include_str!("printed.csv").as_bytes());
    let row = |record: csv::StringRecord| {
        let number = |at: usize| record.get(at)?.parse::<f64>().ok();
        Some(PrintedRow {
            class: record.get(0)?.parse().ok()?,
            second_kind: number(1)?,
            first_kind: number(2)?,
            precision: number(3)?,
            recall: number(4)?,
            repaired: record.get(5)?.to_owned(),
        })
    };
    reader.records().filter_map(|record| row(record.ok()?)).collect()
}

/// How many of the printed errors of the first kind are whole numbers of `frauds` to the last printed digit.
pub fn whole_of(frauds: usize) -> usize {
    let is_whole = |row: &PrintedRow| {
        let missed = (row.first_kind * frauds as f64).round();
        (missed / frauds as f64 - row.first_kind).abs() <= 0.5e-4 + 1e-9
    };
    printed().iter().filter(|row| is_whole(row)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figure_4_has_36_rows_in_12_classes_that_agree_with_themselves() {
        let rows = printed();
        assert_eq!((rows.len(), rows.last().unwrap().class), (36, 12));
        for row in &rows {
            assert!((row.first_kind + row.recall - 1.0).abs() < 1e-9, "{row:?}");
            let found = (229.0 * (1.0 - row.first_kind)).round();
            let precision = found / (found + 1e6 * row.second_kind);
            // Both errors have four digits.
            assert!((precision - row.precision).abs() <= 0.5e-4 + 1e-6, "{row:?}: {precision}");
        }
    }

    #[test]
    fn the_printed_errors_are_shares_of_229_frauds_and_not_of_230() {
        assert_eq!(whole_of(229), 36);
        assert!(whole_of(230) < 10, "{}", whole_of(230));
    }
}
