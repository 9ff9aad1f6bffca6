//! `k-neighbors`: the vote of the k nearest training rows, exact, minority rows first.

use std::sync::Arc;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::component::{Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Manhattan, Metric, Nearest, Neighbor, Pair};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Weights {
    /// Every neighbour has one vote.
    Uniform,
    /// A vote counts the inverse of its distance; if rows lie at distance 0, only those vote.
    Distance,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MetricName {
    /// Of order `p`.
    Minkowski,
    /// Minkowski with p = 2, whatever `p` says.
    Euclidean,
    /// Minkowski with p = 1, whatever `p` says.
    Manhattan,
}

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    n_neighbors: usize,
    weights: Weights,
    metric: MetricName,
    p: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { n_neighbors: 5, weights: Weights::Uniform, metric: MetricName::Minkowski, p: 2.0 }
    }
}

struct KNeighbors {
    k: usize,
    weights: Weights,
    manhattan: bool,
}

impl KNeighbors {
    fn new(params: Params) -> Result<Self> {
        if params.n_neighbors == 0 {
            return Err(Error::Component("`n_neighbors` must be at least 1".into()));
        }
        let manhattan = match (params.metric, params.p) {
            (MetricName::Manhattan, _) | (MetricName::Minkowski, 1.0) => true,
            (MetricName::Euclidean, _) | (MetricName::Minkowski, 2.0) => false,
            (MetricName::Minkowski, p) => {
                return Err(Error::Component(format!("`p` must be 1 or 2, but is {p}")));
            }
        };
        Ok(KNeighbors { k: params.n_neighbors, weights: params.weights, manhattan })
    }
}

struct Fitted {
    pair: Pair,
    labels: Arc<[u8]>,
    k: usize,
    weights: Weights,
    manhattan: bool,
}

impl Classifier for KNeighbors {
    fn random_states(&self) -> usize {
        0
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        if self.k > x.nrows() {
            let rows = x.nrows();
            return Err(Error::Component(format!("`n_neighbors` is {}, but there are {rows} training rows", self.k)));
        }
        let pair = Pair::new(x, y)?;
        Ok(Box::new(Fitted { pair, labels: y.into(), k: self.k, weights: self.weights, manhattan: self.manhattan }))
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        match self.manhattan {
            true => self.predict_by::<Manhattan>(x),
            false => self.predict_by::<Euclidean>(x),
        }
    }
}

impl Fitted {
    fn predict_by<M: Metric>(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let unanimous = 1 - self.pair.minority_label();
        let (score, label) = self
            .pair
            .k_nearest::<M>(x, self.k)?
            .iter()
            .map(|nearest| match nearest {
                Nearest::AllMajority => (f64::from(unanimous), unanimous),
                Nearest::Rows(rows) => self.vote::<M>(rows),
            })
            .unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    /// The positives' share of the votes, and the label: a tie goes to class 0. Votes are added nearest first, as in
    /// scikit-learn's `predict_proba`.
    fn vote<M: Metric>(&self, rows: &[Neighbor]) -> (f64, u8) {
        let distances = rows.iter().map(|neighbor| M::distance(neighbor.sum));
        let on_the_spot = rows.iter().any(|neighbor| M::distance(neighbor.sum) == 0.0);
        let mut votes = [0.0; 2];
        for (neighbor, distance) in rows.iter().zip(distances) {
            votes[usize::from(self.labels[neighbor.row as usize])] += match (self.weights, on_the_spot) {
                (Weights::Uniform, _) => 1.0,
                (Weights::Distance, true) => f64::from(u8::from(distance == 0.0)),
                (Weights::Distance, false) => 1.0 / distance,
            };
        }
        let all = votes[0] + votes[1];
        // Nothing but infinitely distant neighbours (overflow): no vote counts, and scikit-learn says 0 as well.
        let share = if all == 0.0 { 0.0 } else { votes[1] / all };
        (share, u8::from(votes[1] > votes[0]))
    }
}

/// `KNeighborsClassifier`: <https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.KNeighborsClassifier.html>;
/// the score is `predict_proba[:, 1]`. Equally distant neighbours are taken in the order of the training rows, which
/// scikit-learn leaves open.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new("k-neighbors", "the vote of the k nearest training rows, exact, minority rows first", |table| {
        build::<Params, _>("k-neighbors", table, |params| Ok(Box::new(KNeighbors::new(params)?) as Box<dyn Classifier>))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.KNeighborsClassifier.html")
    .cost(Cost::seconds(0.4))
    .space(
        r#"
    n_neighbors = { low = 1, high = 50, log = true }
    weights = ["uniform", "distance"]
    p = [1.0, 2.0]
    "#,
    );

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use ndarray::array;

    use super::*;

    fn fit(toml: &str, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Box<dyn Model>> {
        ENTRY
            .build(&toml.parse().unwrap(), &Registry::empty())?
            .component
            .fit(&Train::numbers(x, y), &Context { seed: 0 })
    }

    #[test]
    fn votes_by_number_by_distance_and_by_rows_on_the_spot() {
        let x = array![[0.0], [1.0], [3.0], [3.0]];
        let y = [1, 0, 1, 0];
        let scores = |toml, at| fit(toml, x.view(), &y).unwrap().predict(array![[at]].view()).unwrap().score[0];
        assert_eq!(scores("n_neighbors = 3", 0.25), 2.0 / 3.0);
        assert_eq!(scores("n_neighbors = 2\nweights = 'distance'", 0.25), 0.75);
        assert_eq!(scores("n_neighbors = 3\nweights = 'distance'", 1.0), 0.0);
        assert_eq!(scores("n_neighbors = 4\nweights = 'distance'", 3.0), 0.5);
    }

    #[test]
    fn a_tied_vote_is_negative_and_equal_distances_go_by_row_number() {
        let x = array![[0.0], [2.0]];
        let query = array![[1.0]];
        let tied = fit("n_neighbors = 2", x.view(), &[1, 0]).unwrap().predict(query.view()).unwrap();
        assert_eq!((tied.score, tied.label), (vec![0.5], vec![0]));
        let first = fit("n_neighbors = 1", x.view(), &[1, 0]).unwrap().predict(query.view()).unwrap();
        assert_eq!((first.score, first.label), (vec![1.0], vec![1]));
    }

    #[test]
    fn one_class_and_overflow_have_finite_scores() {
        let x = array![[0.0], [1.0]];
        let score = |y| fit("n_neighbors = 2", x.view(), y).unwrap().predict(x.view()).unwrap().score;
        assert_eq!(score(&[1, 1]), [1.0, 1.0]);
        assert_eq!(score(&[0, 0]), [0.0, 0.0]);
        let far = fit("n_neighbors = 2\nweights = 'distance'", array![[1e200], [-1e200]].view(), &[0, 1]).unwrap();
        assert_eq!(far.predict(x.view()).unwrap().score, [0.0, 0.0]);
    }

    #[test]
    fn bad_parameters_get_a_sentence() {
        let x = array![[0.0], [1.0]];
        let said = |toml| fit(toml, x.view(), &[0, 1]).err().map(|e| e.to_string()).unwrap_or_default();
        assert_eq!(said("n_neighbors = 3"), "`n_neighbors` is 3, but there are 2 training rows");
        assert_eq!(said("n_neighbors = 0"), "`k-neighbors`: `n_neighbors` must be at least 1");
        assert_eq!(said("p = 3"), "`k-neighbors`: `p` must be 1 or 2, but is 3");
    }
}
