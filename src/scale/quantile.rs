//! `quantile`: each value's place among the training values, uniform or normal.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, map_columns, update_chunks};
use super::normal::inverse_cdf;
use super::order::{keys, percentile_of_sorted};
use crate::component::{
    Also, COPY, Entry, FittedScaler, InPython, NOTHING_DRAWN, SavedScaler, Scaler, Takes, build, same_columns,
};
use crate::error::{Error, Result};
use crate::numeric::percentile::{linspace, over_percents};
use crate::words::counted;

const ID: &str = "quantile";

/// Scikit-learn's `BOUNDS_THRESHOLD`: how near an end of the training range still counts as that end.
const NEAR: f64 = 1e-7;

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Output {
    #[default]
    Uniform,
    Normal,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Params {
    n_quantiles: usize,
    output_distribution: Output,
}

impl Default for Params {
    fn default() -> Self {
        Params { n_quantiles: 1000, output_distribution: Output::Uniform }
    }
}

struct Quantile {
    params: Params,
    /// Whether the number of quantiles is the study's own.
    is_named: bool,
}

/// A column's quantiles, rising.
struct Landmarks {
    quantiles: Vec<f64>,
    /// For each quantile the index of the first one equal to it.
    first: Vec<u32>,
}

pub(super) struct Fitted {
    output: Output,
    /// The probability of each landmark.
    references: Vec<f64>,
    columns: Vec<Landmarks>,
}

fn make(params: Params, is_named: bool) -> Result<Box<dyn Scaler>> {
    match params.n_quantiles {
        0 => Err(Error::Study("`n_quantiles` must be at least 1, not 0".into())),
        _ => Ok(Box::new(Quantile { params, is_named })),
    }
}

impl Scaler for Quantile {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        let count = self.params.n_quantiles.min(x.nrows());
        let references: Vec<f64> = linspace(count).collect();
        let columns = map_columns(x, |_, column| {
            let mut keys = keys(column);
            keys.sort_unstable();
            let quantiles = references.iter().map(|&r| percentile_of_sorted(&keys, over_percents(r))).collect();
            Ok(Landmarks::new(quantiles))
        })?;
        Ok(Box::new(Fitted { output: self.params.output_distribution, references, columns }))
    }

    fn cut_by(&self, rows: usize) -> Option<String> {
        let wanted = self.params.n_quantiles;
        (self.is_named && wanted > rows).then(|| {
            format!(
                "`n_quantiles` is {wanted}, and there are {} to learn from: as many quantiles are taken",
                counted(rows as u64, "row")
            )
        })
    }
}

impl Landmarks {
    fn new(quantiles: Vec<f64>) -> Self {
        let mut first: Vec<u32> = Vec::with_capacity(quantiles.len());
        for (i, q) in quantiles.iter().enumerate() {
            let same = i > 0 && quantiles[i - 1] == *q;
            first.push(if same { first[i - 1] } else { i as u32 });
        }
        Landmarks { quantiles, first }
    }

    /// The share of training values below `v`: interpolated between landmarks, and for a value that several landmarks
    /// share the middle of their probabilities (scikit-learn interpolates upwards and downwards and takes the mean).
    fn share(&self, references: &[f64], v: f64) -> f64 {
        let q = &self.quantiles;
        let above = q.partition_point(|&q| q <= v);
        if above == 0 {
            return references[0];
        }
        let below = above - 1;
        if q[below] == v {
            return 0.5 * (references[below] + references[self.first[below] as usize]);
        }
        if above == q.len() {
            return references[below];
        }
        let slope = (references[above] - references[below]) / (q[above] - q[below]);
        let upwards = slope * (v - q[below]) + references[below];
        let downwards = references[above] - slope * (q[above] - v);
        0.5 * (upwards + downwards)
    }

    /// The bounds of the training range.
    fn bounds(&self) -> (f64, f64) {
        // A fit has at least one row and one quantile.
        (self.quantiles[0], self.quantiles[self.quantiles.len() - 1])
    }

    fn uniform(&self, references: &[f64], v: f64) -> f64 {
        // The lower bound wins where both are one value, as in scikit-learn.
        match self.bounds() {
            (low, _) if v == low => 0.0,
            (_, high) if v == high => 1.0,
            _ => self.share(references, v),
        }
    }

    fn normal(&self, references: &[f64], v: f64, ends: (f64, f64)) -> f64 {
        match self.bounds() {
            (low, _) if v - NEAR < low => ends.0,
            (_, high) if v + NEAR > high => ends.1,
            _ => inverse_cdf(self.share(references, v)).clamp(ends.0, ends.1),
        }
    }
}

impl Fitted {
    pub(super) fn new(normal: bool, references: Vec<f64>, quantiles: Vec<Vec<f64>>) -> Self {
        let output = if normal { Output::Normal } else { Output::Uniform };
        Fitted { output, references, columns: quantiles.into_iter().map(Landmarks::new).collect() }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Quantiles {
            normal: matches!(self.output, Output::Normal),
            references: self.references.clone(),
            quantiles: self.columns.iter().map(|column| column.quantiles.clone()).collect(),
        })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let columns = self.columns.len();
        same_columns(ID, columns, x.ncols())?;
        // Not quite mirror images: 1 less a small number rounds.
        let share = NEAR - f64::EPSILON;
        let ends = (inverse_cdf(share), inverse_cdf(1.0 - share));
        update_chunks(ID, x, |chunk| {
            // Column by column, so that one column's landmarks at a time stay in the first-level cache.
            for (j, landmarks) in self.columns.iter().enumerate() {
                for v in chunk[j..].iter_mut().step_by(columns) {
                    *v = match self.output {
                        Output::Uniform => landmarks.uniform(&self.references, *v),
                        Output::Normal => landmarks.normal(&self.references, *v, ends),
                    };
                }
            }
        })
    }
}

/// `QuantileTransformer`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.QuantileTransformer.html>.
/// The quantiles are those of all training rows, as with `subsample=None` there (whose default draws 10,000 rows).
pub const ENTRY: Entry<dyn Scaler> = Entry::new(
    ID,
    "each value's rank among the training values, uniform in [0, 1] or normal",
    |table| build::<Params, _>(ID, table, |params| make(params, table.contains_key("n_quantiles"))),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.QuantileTransformer.html")
.notes(&[
    "of fewer training rows than `n_quantiles` there are as many quantiles as rows: a note tells so where it was named",
])
.also(&[
    COPY,
    NOTHING_DRAWN,
    Also::harmless("subsample", "the quantiles are those of all training rows, as with None there")
        .takes(&[Takes::Whole(1, i64::MAX), Takes::Nothing]),
    Also::harmless("ignore_implicit_zeros", "sparse matrices alone have such zeros, and none is sparse here")
        .takes(Takes::TRUTHS),
])
// Ours takes all rows for the quantiles, scikit-learn's draws 10,000 of them.
.in_python(InPython::new().given("subsample = \"none\""))
.space("");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_quantiles_that_was_named_is_told_where_rows_are_fewer() {
        let of = |table: &str| ENTRY.build(&table.parse().unwrap(), &crate::component::Registry::built_in()).unwrap();
        let named = of("n_quantiles = 50").component;
        let said = "`n_quantiles` is 50, and there are 40 rows to learn from: as many quantiles are taken";
        assert_eq!(named.cut_by(40).as_deref(), Some(said));
        assert_eq!((named.cut_by(50), of("").component.cut_by(40)), (None, None));
    }

    #[test]
    fn ties_get_the_middle_of_their_probabilities_and_strangers_the_ends() {
        let references = [0.0, 0.25, 0.5, 0.75, 1.0];
        let landmarks = Landmarks::new(vec![1.0, 2.0, 2.0, 2.0, 6.0]);
        let at = |v| landmarks.uniform(&references, v);
        assert_eq!(
            [at(0.0), at(1.0), at(1.5), at(2.0), at(4.0), at(6.0), at(9.0)],
            [0.0, 0.0, 0.125, 0.5, 0.875, 1.0, 1.0]
        );
        let constant = Landmarks::new(vec![3.0; 5]);
        assert_eq!([2.0, 3.0, 4.0].map(|v| constant.uniform(&references, v)), [0.0, 0.0, 1.0]);
    }
}
