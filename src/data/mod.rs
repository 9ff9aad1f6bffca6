//! Data: reading, catalogue and fetch, simulation, dedup, missing values.
//!
//! A [`Dataset`] comes from [`read`] (CSV or Parquet), by name from [`catalogue::read`], or from [`simulate`]. Nothing is learnt here that
//! could leak: exact duplicates are found row by row, and [`Impute`] is fitted by its caller on training rows.

pub mod catalogue;
mod csv;
mod dedup;
mod describe;
mod fetch;
mod impute;
mod label;
mod load;
mod parquet;
mod read;
mod simulate;

use ndarray::{Array2, Axis};

pub use dedup::{Deduplicated, dedup};
pub use describe::{Column, Description, describe};
pub use fetch::fetch;
pub use impute::{Impute, refuse_missing};
pub use load::{load, size};
pub use read::{ReadOptions, read};
pub use simulate::{Positives, Simulation, simulate};

use crate::error::{Error, Result, unknown};

/// A table of numbers with a two-valued label.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Short name for records and reports: the catalogue's, or the file's stem.
    pub name: String,
    /// SHA-256 of the file's bytes (uncompressed), or of a simulation's parameters and version; lower-case hex.
    pub sha256: String,
    /// Feature names, in file order.
    pub columns: Vec<String>,
    /// Rows x features, C order. A missing value is NaN until it is imputed or refused.
    pub x: Array2<f64>,
    /// 0 or 1; the positive class (1) is fixed when the file is read, never by label order.
    pub y: Vec<u8>,
    /// What the two labels are called in the file: (negative, positive).
    pub labels: (String, String),
}

impl Dataset {
    /// How many rows are positive.
    pub fn positives(&self) -> usize {
        self.y.iter().filter(|&&label| label == 1).count()
    }

    /// One feature's values, a value a row: what [`crate::split::Protocol::splits`] wants as `order_by`.
    ///
    /// # Errors
    /// [`Error::Data`] for a name that is no feature, with the nearest one.
    pub fn column(&self, name: &str) -> Result<Vec<f64>> {
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        match names.iter().position(|&column| column == name) {
            Some(place) => Ok(self.x.column(place).to_vec()),
            None => Err(Error::Data(unknown(&format!("column of {}", self.name), name, &names))),
        }
    }

    /// These rows only, in this order; name and hash stay those of the file.
    pub fn select(&self, rows: &[usize]) -> Dataset {
        Dataset {
            name: self.name.clone(),
            sha256: self.sha256.clone(),
            columns: self.columns.clone(),
            x: self.x.select(Axis(0), rows),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            labels: self.labels.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
