//! What every cell of a run needs: the study, the data, and the splits.

use ndarray::ArrayView2;

use crate::data::{Column, Dataset};
use crate::error::{Error, Result};
use crate::split::{ELSEWHERE, Leak, Protocol, Split};
use crate::study::{Cell, Study};

/// The rows of a data set, wherever they lie.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The matrix, row after row.
    values: &'a [f64],
    /// Labels, 0 or 1.
    pub y: &'a [u8],
    /// The features.
    pub columns: &'a [Column],
    /// SHA-256 of the data.
    pub sha256: &'a str,
}

impl<'a> Rows<'a> {
    /// `values` are the rows one after another, with a label in `y` each.
    ///
    /// # Errors
    /// [`Error::Data`] when the sizes do not fit.
    pub fn new(values: &'a [f64], y: &'a [u8], columns: &'a [Column], sha256: &'a str) -> Result<Self> {
        match values.len() == y.len() * columns.len() {
            true => Ok(Rows { values, y, columns, sha256 }),
            false => {
                Err(Error::Data(format!("{} values for {} rows x {} columns", values.len(), y.len(), columns.len())))
            }
        }
    }

    /// The rows of a data set.
    ///
    /// # Errors
    /// [`Error::Data`] when its matrix is not in C order.
    pub fn of(data: &'a Dataset) -> Result<Self> {
        let values =
            data.x.as_slice().ok_or_else(|| Error::Data("the data are not in rows one after another".into()))?;
        Rows::new(values, &data.y, &data.columns, &data.sha256)
    }

    /// The matrix as a slice.
    pub fn values(&self) -> &'a [f64] {
        self.values
    }

    /// The matrix: rows x columns, C order.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        let shape = (self.y.len(), self.columns.len());
        ArrayView2::from_shape(shape, self.values).expect("`new` has compared the sizes")
    }
}

/// A study, its data, and the splits of each dataset variant.
pub struct Job<'a> {
    /// The study.
    pub study: &'a Study,
    /// The data.
    pub data: Rows<'a>,
    /// The rows that dedup keeps.
    pub deduplicated: Vec<usize>,
    splits: [Vec<Split>; 2],
    elsewhere: Vec<Split>,
}

impl<'a> Job<'a> {
    /// Makes the splits of every dataset variant that the study has. `deduplicated` are the rows that dedup keeps.
    ///
    /// # Errors
    /// [`Error::Data`] when the data cannot be split as the study asks.
    pub fn new(study: &'a Study, data: Rows<'a>, deduplicated: Vec<usize>) -> Result<Self> {
        let order_by = match study.protocol.order_column() {
            None => None,
            Some(name) => {
                let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
                let at = names
                    .iter()
                    .position(|c| *c == name)
                    .ok_or_else(|| Error::Data(crate::error::unknown("column for time order", name, &names)))?;
                Some(data.x().column(at).to_vec())
            }
        };
        let splits_of = |protocol: &Protocol, rows: Option<&[usize]>| {
            let pick = |all: &[f64]| rows.map_or_else(|| all.to_vec(), |r| r.iter().map(|&i| all[i]).collect());
            let y: Vec<u8> = rows.map_or_else(|| data.y.to_vec(), |r| r.iter().map(|&i| data.y[i]).collect());
            protocol.splits(&y, order_by.as_deref().map(pick).as_deref())
        };
        let mut splits = [Vec::new(), Vec::new()];
        for &dedup in &study.dedup {
            splits[usize::from(dedup)] = splits_of(&study.protocol, dedup.then_some(deduplicated.as_slice()))?;
        }
        let leaks = |leak: Leak| study.leaks.iter().any(|leaks| leaks.has(leak));
        if leaks(Leak::DuplicatesAcrossSplit) && splits[0].is_empty() {
            splits[0] = splits_of(&study.protocol, None)?;
        }
        let elsewhere = match study.protocol.reseeded(ELSEWHERE).filter(|_| leaks(Leak::TrainedOnAnotherSplit)) {
            Some(other) => splits_of(&other, None)?,
            None => Vec::new(),
        };
        Ok(Job { study, data, deduplicated, splits, elsewhere })
    }

    /// The rows of a dataset variant; `None` means all.
    pub fn variant_rows(&self, dedup: bool) -> Option<&[usize]> {
        dedup.then_some(self.deduplicated.as_slice())
    }

    /// The split of a cell.
    pub fn split(&self, cell: &Cell) -> &Split {
        &self.splits[usize::from(cell.id.dedup)][cell.split]
    }

    /// The split of the whole data, duplicates and all, with the cell's seed; there for `duplicates-across-split`.
    pub(super) fn whole(&self, cell: &Cell) -> &Split {
        &self.splits[0][cell.split]
    }

    /// The split of the whole data with another seed; there for `trained-on-another-split`.
    pub(super) fn elsewhere(&self, cell: &Cell) -> &Split {
        &self.elsewhere[cell.split]
    }
}
