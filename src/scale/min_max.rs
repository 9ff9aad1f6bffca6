//! `min-max`: each column's training range to a given range.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, columns_error, map_chunks, nonzero_scale, update_rows};
use crate::component::{COPY, Entry, FittedScaler, SavedScaler, Scaler, build, same_columns};
use crate::error::{Error, Result};
use crate::words::short;

const ID: &str = "min-max";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    feature_range: (f64, f64),
    clip: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { feature_range: (0.0, 1.0), clip: false }
    }
}

struct MinMax(Params);

pub(super) struct Fitted {
    params: Params,
    scale: Vec<f64>,
    offset: Vec<f64>,
}

fn make(params: Params) -> Result<Box<dyn Scaler>> {
    let (low, high) = params.feature_range;
    match low < high && (high - low).is_finite() {
        true => Ok(Box::new(MinMax(params))),
        false => {
            let (low, high) = (short(low), short(high));
            Err(Error::Study(format!("`feature_range` must be two rising finite numbers, not {low}, {high}")))
        }
    }
}

/// Smallest and largest value of each column.
fn extremes(x: ArrayView2<'_, f64>) -> Vec<(f64, f64)> {
    let columns = x.ncols();
    let x = x.as_standard_layout();
    // `as_standard_layout` is contiguous by definition.
    let data = x.as_slice().unwrap_or_default();
    let widest = |mut so_far: Vec<(f64, f64)>, other: Vec<(f64, f64)>| {
        for (a, b) in so_far.iter_mut().zip(other) {
            *a = (a.0.min(b.0), a.1.max(b.1));
        }
        so_far
    };
    let nothing = vec![(f64::INFINITY, f64::NEG_INFINITY); columns];
    map_chunks(data, columns, |chunk| {
        let (mut low, mut high) = (vec![f64::INFINITY; columns], vec![f64::NEG_INFINITY; columns]);
        for row in chunk.chunks_exact(columns) {
            for ((low, high), &v) in low.iter_mut().zip(&mut high).zip(row) {
                *low = if v < *low { v } else { *low };
                *high = if v > *high { v } else { *high };
            }
        }
        low.into_iter().zip(high).collect()
    })
    .into_iter()
    .fold(nothing, widest)
}

impl Scaler for MinMax {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        let (low, high) = self.0.feature_range;
        let mut fitted = Fitted { params: self.0.clone(), scale: Vec::new(), offset: Vec::new() };
        let extremes = extremes(x);
        let endless: Vec<usize> =
            (0..extremes.len()).filter(|&j| !(extremes[j].1 - extremes[j].0).is_finite()).collect();
        if let Some(&first) = endless.first() {
            let (smallest, largest) = extremes[first];
            let one = format!("has no finite range: {} to {}", short(smallest), short(largest));
            return Err(columns_error(ID, endless, &one, "have no finite range"));
        }
        for (smallest, largest) in extremes {
            let range = largest - smallest;
            let scale = (high - low) / nonzero_scale(range);
            fitted.scale.push(scale);
            fitted.offset.push(low - smallest * scale);
        }
        Ok(Box::new(fitted))
    }
}

impl Fitted {
    pub(super) fn new(scale: Vec<f64>, offset: Vec<f64>, bounds: Option<(f64, f64)>) -> Self {
        let params = match bounds {
            Some(feature_range) => Params { feature_range, clip: true },
            None => Params::default(),
        };
        Fitted { params, scale, offset }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        let bounds = self.params.clip.then_some(self.params.feature_range);
        Some(SavedScaler::Ranged { scale: self.scale.clone(), offset: self.offset.clone(), bounds })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns(ID, self.scale.len(), x.ncols())?;
        let (low, high) = self.params.feature_range;
        // No bounds at all when nothing is to be clipped: one loop serves both.
        let (low, high) = if self.params.clip { (low, high) } else { (f64::NEG_INFINITY, f64::INFINITY) };
        update_rows(ID, x, |row| {
            for ((v, scale), offset) in row.iter_mut().zip(&self.scale).zip(&self.offset) {
                *v = (*v * scale + offset).clamp(low, high);
            }
        })
    }
}

/// `MinMaxScaler`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.MinMaxScaler.html>.
pub const ENTRY: Entry<dyn Scaler> =
    Entry::new(ID, "each column's training range to [0, 1] or another range", |table| {
        build::<Params, _>(ID, table, make)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.MinMaxScaler.html")
    .also(&[COPY])
    .space("");
