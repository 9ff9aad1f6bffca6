//! `lof`: how much thinner the training rows lie around a row than around its neighbours. No label is looked at.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::contamination::Contamination;
use super::two_class;
use crate::component::infinite;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, InPython, Model, N_JOBS, Prediction, ScoreKind, Takes, Train, build,
};
use crate::error::{Error, Result};
use crate::neighbors::{Ask, Chebyshev, Euclidean, Manhattan, Metric, Nearest, Neighbor, Pair, cannot_measure};
use crate::numeric::percentile::percentile;

const ID: &str = "lof";
/// What scikit-learn adds to a mean distance, which is 0 among duplicates.
const SMALLEST: f64 = 1e-10;
/// Factors above it are labelled 1, as in the paper.
const AUTO: f64 = 1.5;

/// scikit-learn's names and defaults, with `novelty = true`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// All training rows but one if there are fewer.
    n_neighbors: usize,
    /// Minkowski's: 1, 2 or infinite, which is Chebyshev's.
    #[serde(with = "infinite")]
    p: f64,
    contamination: Contamination,
}

impl Default for Params {
    fn default() -> Self {
        Params { n_neighbors: 20, p: 2.0, contamination: Contamination::AUTO }
    }
}

#[derive(Debug, Clone, Copy)]
enum Distance {
    Manhattan,
    Euclidean,
    Chebyshev,
}

struct Lof {
    k: usize,
    distance: Distance,
    contamination: Option<f64>,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    if params.n_neighbors == 0 {
        return Err(Error::Study("`n_neighbors` must be at least 1, not 0".into()));
    }
    let distance = match params.p {
        1.0 => Distance::Manhattan,
        2.0 => Distance::Euclidean,
        f64::INFINITY => Distance::Chebyshev,
        other => return Err(Error::Study(format!("`p` must be 1, 2 or inf, not {other}"))),
    };
    let contamination = params.contamination.share()?;
    Ok(Box::new(Lof { k: params.n_neighbors, distance, contamination }))
}

impl Classifier for Lof {
    fn random_states(&self) -> usize {
        0
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let x = train.x();
        if x.nrows() < 2 {
            return Err(Error::Component(format!("{ID} needs at least two training rows")));
        }
        match self.distance {
            Distance::Manhattan => self.fitted::<Manhattan>(x),
            Distance::Euclidean => self.fitted::<Euclidean>(x),
            Distance::Chebyshev => self.fitted::<Chebyshev>(x),
        }
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Lof {
    fn fitted<M: Metric>(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn Model>> {
        let k = self.k.min(x.nrows() - 1);
        // One class for all: neighbours are looked for without regard to labels.
        let pair = Pair::new(x, &vec![0; x.nrows()])?;
        let rows: Vec<usize> = (0..x.nrows()).collect();
        let near = pair.others::<M>(x, &rows, k, Ask::Rows);
        let near: Vec<&[Neighbor]> = near.iter().map(neighbors).collect();
        let reach: Vec<f64> = near.iter().map(|near| near.last().map_or(0.0, |last| M::distance(last.sum))).collect();
        let mut fitted = Fitted {
            pair,
            columns: x.ncols(),
            k,
            distance: self.distance,
            reach,
            density: Vec::new(),
            threshold: AUTO,
        };
        fitted.density = near.iter().map(|near| fitted.density_at::<M>(near)).collect();
        // Distances that overflow leave no density to compare with.
        if !fitted.density.iter().all(|density| *density > 0.0 && density.is_finite()) {
            return Err(cannot_measure(ID, x));
        }
        if let Some(share) = self.contamination {
            let mut opposites: Vec<f64> = near.iter().map(|near| -fitted.factor::<M>(near)).collect();
            fitted.threshold = -percentile(&mut opposites, share);
        }
        Ok(Box::new(fitted))
    }
}

struct Fitted {
    pair: Pair,
    columns: usize,
    k: usize,
    distance: Distance,
    /// Each training row's distance to its k-th neighbour.
    reach: Vec<f64>,
    /// Each training row's local reachability density.
    density: Vec<f64>,
    /// Factors above it are labelled 1.
    threshold: f64,
}

/// The neighbours themselves, which are all told where there is one class.
fn neighbors(nearest: &Nearest) -> &[Neighbor] {
    match nearest {
        Nearest::Rows(rows) => rows,
        Nearest::AllMajority => &[],
    }
}

impl Fitted {
    fn density_at<M: Metric>(&self, near: &[Neighbor]) -> f64 {
        let reached = near.iter().map(|n| M::distance(n.sum).max(self.reach[n.row as usize]));
        1.0 / (reached.sum::<f64>() / near.len() as f64 + SMALLEST)
    }

    /// The local outlier factor of a row with these neighbours.
    fn factor<M: Metric>(&self, near: &[Neighbor]) -> f64 {
        let own = self.density_at::<M>(near);
        near.iter().map(|n| self.density[n.row as usize] / own).sum::<f64>() / near.len() as f64
    }

    fn factors<M: Metric>(&self, x: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
        let near = self.pair.k_nearest::<M>(x, self.k)?;
        Ok(near.iter().map(|near| self.factor::<M>(neighbors(near))).collect())
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.columns, x.ncols())?;
        let x: Array2<f64> = x.as_standard_layout().into_owned();
        let score = match self.distance {
            Distance::Manhattan => self.factors::<Manhattan>(x.view()),
            Distance::Euclidean => self.factors::<Euclidean>(x.view()),
            Distance::Chebyshev => self.factors::<Chebyshev>(x.view()),
        }?;
        let label = score.iter().map(|factor| u8::from(*factor > self.threshold)).collect();
        two_class::finite(ID, x.view(), Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// `LocalOutlierFactor(novelty=True)`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.LocalOutlierFactor.html>; the score is `-score_samples`, the
/// label 1 where `predict` says -1. Equally distant neighbours are taken in the order of the training rows, which scikit-learn
/// leaves open.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "unsupervised reference: how much thinner rows lie around a row than around its neighbours",
    |table| build::<Params, _>(ID, table, checked),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.LocalOutlierFactor.html")
.in_python(InPython::new().outlier_detector())
.cost(Cost::seconds(600.0))
.also(&[
    N_JOBS,
    Also::harmless("algorithm", "the neighbours are exact with every one").takes(&[Takes::Texts(&[
        "auto",
        "ball_tree",
        "kd_tree",
        "brute",
    ])]),
    Also::harmless("leaf_size", "it changes the way to the neighbours, not the neighbours").takes(Takes::COUNTS),
    Also::harmless("novelty", "rows that were not learnt from are always judged, as with `novelty = true`")
        .takes(Takes::TRUTHS),
    Also::only("metric", "\"minkowski\"", "write `p = 1`, `p = 2` or `p = inf` for the distance"),
    Also::only("metric_params", "null", "no distance here has further parameters: leave it out"),
])
.look(29);

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::component::Registry;

    #[test]
    fn values_whose_distances_overflow_are_refused_with_their_column() {
        let lof = ENTRY.build(&toml::Table::new(), &Registry::empty()).unwrap().component;
        let x = array![[0.0, 1.0], [1.0, 3.0], [2.0, 4.0], [5.0, 8.0], [7.0, 9.0]];
        let fit = |x: &Array2<f64>| lof.fit(&Train::numbers(x.view(), &[0, 0, 1, 0, 0]), &Context { seed: 0 });
        let mut large = x.clone();
        large.column_mut(1).mapv_inplace(|value| value * 1e200);
        assert_eq!(
            fit(&large).err().unwrap().to_string(),
            "lof: column 1 (counted from 0) holds 9e200, too large to measure distances with"
        );
        // Rows that are so far away among those that it is asked about.
        let said = fit(&x).unwrap().predict(large.view()).unwrap_err().to_string();
        assert_eq!(said, "lof: column 1 (counted from 0) holds 9e200, too large to score: use a scaler before it");
    }
}
