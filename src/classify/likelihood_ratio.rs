//! `likelihood-ratio`: columns taken for independent, in each of them the ratio of the classes' densities.

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::two_class;
use crate::component::which_columns::{Which, in_shape, in_train, repeated};
use crate::component::{Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Shape, Train, build};
use crate::error::{Error, Result};
use crate::numeric::gram::map_rows;

const ID: &str = "likelihood-ratio";

/// Parameters; these are ours, as the paper names no estimator. Bins and smoothing are by default those of scikit-learn's
/// `KBinsDiscretizer` and `CategoricalNB`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Columns by their names or by their places counted from 0; `null`: all.
    columns: Option<Vec<Which>>,
    /// Bins per column of numbers, each with about as many training rows. A category's levels are its bins.
    n_bins: usize,
    /// Rows that each class is given in every bin beside those that it has (Laplace's smoothing).
    alpha: f64,
    /// The label is positive where the product of the ratios is at least this.
    threshold: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { columns: None, n_bins: 5, alpha: 1.0, threshold: 1.0 }
    }
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    let refused = |said: String| Err(Error::Study(said));
    if params.columns.as_ref().is_some_and(Vec::is_empty) {
        return refused("`columns` names no column; leave it out for all".into());
    }
    // Its ratio would count twice.
    if let Some(twice) = params.columns.as_deref().and_then(repeated) {
        return refused(format!("`columns` has {twice} twice: leave one out"));
    }
    if !(2..=100_000).contains(&params.n_bins) {
        return refused(format!("`n_bins` must be from 2 to 100000, not {}", params.n_bins));
    }
    for (name, value) in [("alpha", params.alpha), ("threshold", params.threshold)] {
        if !(value > 0.0 && value.is_finite()) {
            return refused(format!("`{name}` must be above 0, not {value}"));
        }
    }
    Ok(Box::new(LikelihoodRatio(params)))
}

struct LikelihoodRatio(Params);

impl Classifier for LikelihoodRatio {
    /// Anything: levels are bins, and so are missing values.
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.0.columns.as_ref().map_or(Ok(()), |columns| in_shape(columns, given).map(drop))
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let x = train.x();
        two_class::counts(ID, x.nrows(), train.y)?;
        let places = match &self.0.columns {
            Some(columns) => in_train(ID, columns, train)?,
            None => (0..x.ncols()).collect(),
        };
        let ratios = places.into_par_iter().map(|place| {
            let values = x.column(place).to_vec();
            let cuts = match train.features.levels(place) {
                // Levels are whole numbers from 0: a bin for each of them.
                Some(levels) => (1..levels.max(1)).map(|level| level as f64).collect(),
                None => cuts(&values, self.0.n_bins),
            };
            Ratios::new(place, cuts, (&values, train.y), self.0.alpha)
        });
        Ok(Box::new(Fitted { width: x.ncols(), columns: ratios.collect(), least: self.0.threshold.ln() }))
    }

    fn random_states(&self) -> usize {
        0
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

/// The lowest values of all bins but the first: the values at every `1 / n_bins` of the rows in order, each of them once.
fn cuts(values: &[f64], n_bins: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.par_sort_unstable_by(f64::total_cmp);
    let mut cuts: Vec<f64> = (1..n_bins).filter_map(|nth| sorted.get(nth * sorted.len() / n_bins).copied()).collect();
    cuts.dedup();
    // Nothing lies below the lowest value.
    cuts.retain(|cut| sorted.first() < Some(cut));
    cuts
}

/// A column's bins.
struct Ratios {
    column: usize,
    cuts: Vec<f64>,
    /// Logarithms of the classes' ratio by bin; the last one is that of missing values.
    logarithms: Vec<f64>,
}

impl Ratios {
    fn new(column: usize, cuts: Vec<f64>, (values, y): (&[f64], &[u8]), alpha: f64) -> Self {
        let mut ratios = Ratios { column, logarithms: vec![0.0; cuts.len() + 2], cuts };
        let mut counts = vec![[0.0_f64; 2]; ratios.logarithms.len()];
        values.iter().zip(y).for_each(|(&value, &label)| counts[ratios.bin(value)][usize::from(label)] += 1.0);
        let is_used = |count: &&[f64; 2]| count[0] + count[1] > 0.0;
        let used = counts.iter().filter(is_used).count() as f64;
        let totals = [0, 1].map(|class: usize| counts.iter().map(|count| count[class]).sum::<f64>() + alpha * used);
        for (logarithm, count) in ratios.logarithms.iter_mut().zip(&counts).filter(|(_, count)| is_used(count)) {
            *logarithm = ((count[1] + alpha) / totals[1]).ln() - ((count[0] + alpha) / totals[0]).ln();
        }
        ratios
    }

    fn bin(&self, value: f64) -> usize {
        match value.is_nan() {
            true => self.cuts.len() + 1,
            false => self.cuts.partition_point(|&cut| cut <= value),
        }
    }
}

struct Fitted {
    width: usize,
    columns: Vec<Ratios>,
    /// The logarithm of the threshold.
    least: f64,
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.width, x.ncols())?;
        let score = map_rows(x, |row| {
            let of = |ratios: &Ratios| ratios.logarithms[ratios.bin(row[ratios.column])];
            self.columns.iter().map(of).sum::<f64>()
        });
        let label = score.iter().map(|&score| u8::from(score >= self.least)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// The model of Levashov and Kukharenko (2018) as Levashov and Ovchinnikov (2019) tell of it: amount and time of a payment are
/// independent in either class, and the likelihood ratio is their product. Its estimator is not named there: these are
/// histograms. The score is the logarithm of the ratio; a bin without a training row says nothing.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "independent columns: the product of their likelihood ratios, by histograms", |table| {
        build::<Params, _>(ID, table, checked)
    })
    .source("https://doi.org/10.21681/2311-3456-2019-5-63-69")
    .cost(Cost::seconds(0.3))
    .space("n_bins = [5, 10, 20, 50, 100]")
    .look(33);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Features, Registry};
    use crate::data::{Column, Kind};

    fn fit(params: &str, columns: &[Column], x: &ndarray::Array2<f64>, y: &[u8]) -> Box<dyn Model> {
        let built = ENTRY.build(&params.parse().unwrap(), &Registry::empty()).unwrap();
        let train = Train::new(Features { x: x.view(), columns }, y);
        built.component.fit(&train, &Context { seed: 0 }).unwrap()
    }

    #[test]
    fn the_score_is_the_product_of_the_classes_shares_by_bin() {
        // Two bins from 0 and from 2; the second column is a category with a level that no row has.
        let x = ndarray::array![[0.0, 0.0], [1.0, 0.0], [2.0, 2.0], [3.0, 2.0]];
        let shop = Kind::Category(["a", "b", "c"].map(str::to_owned).into());
        let columns = [Column::number("amount"), Column { kind: shop, ..Column::number("shop") }];
        let model = fit("n_bins = 2", &columns, &x, &[0, 0, 0, 1]);
        let asked = ndarray::array![[0.5, 1.0], [2.0, 0.0], [9.0, 2.0], [f64::NAN, 1.0]];
        let said = model.predict(asked.view()).unwrap();
        // Negatives: 2 and 1 rows, positives: 0 and 1; one more in each of two bins.
        let (low, high) = ((1.0_f64 / 3.0) / (3.0 / 5.0), (2.0_f64 / 3.0) / (2.0 / 5.0));
        for (score, ratio) in said.score.iter().zip([low, high * low, high * high, 1.0]) {
            assert!((score - ratio.ln()).abs() < 1e-12, "{score} {}", ratio.ln());
        }
        assert_eq!(said.label, [0, 0, 1, 1]);
        let strict = fit("n_bins = 2\nthreshold = 2.0", &columns, &x, &[0, 0, 0, 1]);
        assert_eq!(strict.predict(asked.view()).unwrap().label, [0, 0, 1, 0]);
    }

    #[test]
    fn bins_are_cut_at_values_of_rows_each_once() {
        assert_eq!(cuts(&[1.0, 2.0, 3.0, 4.0], 4), [2.0, 3.0, 4.0]);
        assert_eq!(cuts(&[5.0, 5.0, 5.0, f64::NAN, 7.0], 4), [7.0]);
        assert_eq!(cuts(&[5.0; 9], 3), [0.0; 0]);
        assert_eq!(cuts(&[f64::NAN; 3], 3), [0.0; 0]);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let refused =
            |params: &str| ENTRY.build(&params.parse().unwrap(), &Registry::empty()).err().unwrap().to_string();
        assert!(refused("n_bins = 1").contains("from 2 to"));
        assert!(refused("alpha = 0.0").contains("above 0"));
        assert!(refused("columns = []").contains("names no column"));
        assert!(refused("columns = ['a', 0, 'a']").contains("`columns` has `a` twice: leave one out"));
    }
}
