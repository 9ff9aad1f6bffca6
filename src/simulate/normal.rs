//! Normal columns whose worth is known: what a simulation of studies needs, in which pipelines that see one column each differ by
//! nothing, or by as much as was asked for.

use ndarray::Array2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::rare::{Draws, labels, normal_quantile};
use super::{MOST_ROWS, all_told, no_two_classes};
use crate::data::{Column, Dataset, Digests, Sides, check_memory, hex};
use crate::error::Result;
use crate::seed::{Purpose, derive};
use crate::words::short;

/// Bumped whenever the same parameters give other values; part of the data's hash.
const VERSION: u32 = 1;
/// Draws of a row before those of its columns: its label's place, one that is free, and what all its columns share.
const BEFORE: usize = 3;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// Rows.
    pub rows: usize,
    /// How many of them are positive.
    pub positives: usize,
    /// Columns, `x1` and so on.
    pub columns: usize,
    /// By how many standard deviations positives lie above negatives on average, in every column.
    pub separation: f64,
    /// By how much more in the first column.
    pub lead: f64,
    /// The correlation of two columns within a class.
    pub correlation: f64,
    /// Another seed, another draw of the same distribution.
    pub seed: u64,
}

impl Default for Normal {
    fn default() -> Self {
        Normal { rows: 5_000, positives: 50, columns: 20, separation: 2.0, lead: 0.0, correlation: 0.5, seed: 1 }
    }
}

impl Normal {
    /// # Errors
    /// [`crate::error::Error::Data`] naming every parameter that is out of range.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        if self.rows > MOST_ROWS {
            faults.push(format!("`rows` must be at most {MOST_ROWS}, not {}", self.rows));
        }
        if self.positives == 0 || self.positives >= self.rows {
            faults.push(no_two_classes(self.positives, self.rows));
        }
        if self.columns == 0 || self.columns > 10_000 {
            faults.push(format!("`columns` is a number from 1 to 10000, not {}", self.columns));
        }
        if !(0.0..=1.0).contains(&self.correlation) {
            faults.push(format!("`correlation` is a number from 0 to 1, not {}", short(self.correlation)));
        }
        for (key, value) in [("separation", self.separation), ("lead", self.lead)] {
            if !(-100.0..=100.0).contains(&value) {
                faults.push(format!("`{key}` is a number from -100 to 100, not {}", short(value)));
            }
        }
        all_told(&faults)
    }

    /// By how many standard deviations positives lie above negatives in a column, counted from 0.
    fn separation_of(&self, column: usize) -> f64 {
        self.separation + if column == 0 { self.lead } else { 0.0 }
    }

    /// SHA-256 over the simulator's version and the parameters, which decide every value; lower-case hex.
    pub fn sha256(&self) -> String {
        let Normal { rows, positives, columns, separation, lead, correlation, seed } = self;
        let parameters = format!(
            "fraudbench normal {VERSION}: rows {rows}, positives {positives}, columns {columns}, separation {separation:?}, \
             lead {lead:?}, correlation {correlation:?}, seed {seed}"
        );
        hex(&Sha256::digest(parameters.as_bytes()))
    }

    /// The table. Every value is a function of seed, row and column alone, by arithmetic that IEEE 754 rounds in one way.
    /// Positives are spread evenly over the rows. A value is `sqrt(correlation) z + sqrt(1 - correlation) e`, `z` one draw a row and
    /// `e` one a value, both standard normal, plus the column's separation where the row is positive.
    ///
    /// # Errors
    /// As [`Normal::check`]; [`crate::error::Error::Data`] where the table is larger than the memory that is free.
    pub fn table(&self) -> Result<Dataset> {
        self.check()?;
        check_memory("simulate", self.rows, self.columns)?;
        let draws =
            Draws { key: derive(self.seed, Purpose::Simulate, "normal"), slots: (self.columns + BEFORE) as u64 };
        let y = labels(self.rows, self.positives, &draws);
        let mut x = Array2::zeros((self.rows, self.columns));
        let (shared, own) = (self.correlation.sqrt(), (1.0 - self.correlation).sqrt());
        let normal = |row: usize, slot: usize| normal_quantile(draws.uniform(row, slot));
        let values = x.as_slice_mut().unwrap_or_default();
        values.par_chunks_exact_mut(self.columns).zip(&y).enumerate().for_each(|(row, (values, &label))| {
            let common = shared * normal(row, BEFORE - 1);
            for (column, value) in values.iter_mut().enumerate() {
                let above = if label == 1 { self.separation_of(column) } else { 0.0 };
                *value = above + common + own * normal(row, BEFORE + column);
            }
        });
        let sha256 = self.sha256();
        Ok(Dataset {
            name: "normal".into(),
            digests: Digests::made_from(&sha256),
            sha256,
            columns: (1..=self.columns).map(|i| Column::number(format!("x{i}"))).collect(),
            others: Vec::new(),
            sides: Sides::default(),
            x,
            y,
            labels: ("0".into(), "1".into()),
            notes: Vec::new(),
            kept: Vec::new(),
            whence: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_far_apart_and_as_alike_as_asked_for() {
        let of =
            Normal { rows: 40_000, positives: 20_000, columns: 3, separation: 1.5, lead: 0.5, ..Normal::default() };
        let table = of.table().unwrap();
        assert_eq!(table.y.iter().map(|y| usize::from(*y)).sum::<usize>(), 20_000);
        let column = |at: usize, label: u8| -> Vec<f64> {
            (0..40_000).filter(|row| table.y[*row] == label).map(|row| table.x[(row, at)]).collect()
        };
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        for (at, wanted) in [2.0, 1.5, 1.5].into_iter().enumerate() {
            let apart = mean(&column(at, 1)) - mean(&column(at, 0));
            assert!((apart - wanted).abs() < 0.05, "{at}: {apart}");
        }
        let (a, b) = (column(0, 0), column(1, 0));
        let moment =
            |v: &[f64], w: &[f64]| v.iter().zip(w).map(|(v, w)| (v - mean(&a)) * (w - mean(&b))).sum::<f64>() / 2e4;
        assert!((moment(&a, &b) - 0.5).abs() < 0.05, "{}", moment(&a, &b));
        let variance = a.iter().map(|v| (v - mean(&a)).powi(2)).sum::<f64>() / 2e4;
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
        assert_eq!(table.x, of.table().unwrap().x);
        assert_ne!(table.x, Normal { seed: 2, ..of }.table().unwrap().x);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let wrong = |of: Normal| of.check().unwrap_err().to_string();
        assert!(wrong(Normal { positives: 5_000, ..Normal::default() }).contains("no two classes"));
        assert!(
            wrong(Normal { correlation: 1.5, ..Normal::default() }).contains("`correlation` is a number from 0 to 1")
        );
        assert!(wrong(Normal { columns: 0, ..Normal::default() }).contains("`columns`"));
        assert!(wrong(Normal { lead: f64::NAN, ..Normal::default() }).contains("`lead`"));
        // All of them at once, in few characters.
        assert_eq!(
            wrong(Normal { columns: 0, separation: 1e300, lead: -101.0, ..Normal::default() }),
            "simulate: `columns` is a number from 1 to 10000, not 0; `separation` is a number from -100 to 100, not 1e300; `lead` is a \
             number from -100 to 100, not -101"
        );
    }
}
