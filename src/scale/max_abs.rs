//! `max-abs`: each column divided by its largest absolute training value.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, map_chunks, nonzero_scale, update_rows};
use crate::component::{COPY, Entry, FittedScaler, SavedScaler, Scaler, build, same_columns};
use crate::error::Result;

const ID: &str = "max-abs";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    clip: bool,
}

struct MaxAbs(Params);

pub(super) struct Fitted {
    clip: bool,
    scale: Vec<f64>,
}

impl Scaler for MaxAbs {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        let columns = x.ncols();
        let x = x.as_standard_layout();
        // `as_standard_layout` is contiguous by definition.
        let data = x.as_slice().unwrap_or_default();
        let larger = |mut so_far: Vec<f64>, row: &[f64]| {
            for (largest, v) in so_far.iter_mut().zip(row) {
                *largest = if v.abs() > *largest { v.abs() } else { *largest };
            }
            so_far
        };
        let largest = map_chunks(data, columns, |chunk| chunk.chunks_exact(columns).fold(vec![0.0; columns], larger))
            .iter()
            .fold(vec![0.0; columns], |so_far, part| larger(so_far, part));
        Ok(Box::new(Fitted { clip: self.0.clip, scale: largest.into_iter().map(nonzero_scale).collect() }))
    }
}

impl Fitted {
    pub(super) fn new(scale: Vec<f64>, clip: bool) -> Self {
        Fitted { clip, scale }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Divided { scale: self.scale.clone(), bound: self.clip.then_some(1.0) })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns(ID, self.scale.len(), x.ncols())?;
        let bound = if self.clip { 1.0 } else { f64::INFINITY };
        update_rows(ID, x, |row| {
            for (v, scale) in row.iter_mut().zip(&self.scale) {
                *v = (*v / scale).clamp(-bound, bound);
            }
        })
    }
}

/// `MaxAbsScaler`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.MaxAbsScaler.html>.
pub const ENTRY: Entry<dyn Scaler> =
    Entry::new(ID, "each column divided by its largest absolute training value", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(MaxAbs(params)) as Box<dyn Scaler>))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.MaxAbsScaler.html")
    .also(&[COPY]);
