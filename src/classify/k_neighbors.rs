//! `k-neighbors`: the vote of the k nearest training rows, exact, minority rows first.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::component::infinite;
use crate::component::{
    Also, Classifier, Common, Context, Cost, Entry, Idle, InPython, Model, N_JOBS, Prediction, Remedy, SavedDistance,
    SavedModel, SavedNeighbors, ScoreKind, Shared, Takes, Train, build,
};
use crate::error::{Error, Result};
use crate::neighbors::{
    Chebyshev, Euclidean, Manhattan, Metric, Nearest, Neighbor, Pair, Power, Ranges, cannot_measure,
};
use crate::words::short;

const ID: &str = "k-neighbors";

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Weights {
    /// Every neighbour has one vote.
    #[serde(alias = "none", alias = "None")]
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
    #[serde(alias = "l2")]
    Euclidean,
    /// Minkowski with p = 1, whatever `p` says.
    #[serde(alias = "l1", alias = "cityblock")]
    Manhattan,
    /// The largest difference.
    #[serde(alias = "infinity")]
    Chebyshev,
    /// 1 - the cosine of the angle between the rows.
    Cosine,
}

/// How distances are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Distance {
    Euclidean,
    Manhattan,
    Chebyshev,
    /// Half the squared distance of the rows, made to length 1.
    Cosine,
    /// Minkowski's with another whole p, up to [`MOST_P`].
    Whole(i32),
    /// Minkowski's with any p: without the index.
    Any(f64),
}

impl Distance {
    /// Of a positive order.
    fn minkowski(p: f64) -> Self {
        match p {
            f64::INFINITY => Distance::Chebyshev,
            1.0 => Distance::Manhattan,
            2.0 => Distance::Euclidean,
            p if p.fract() == 0.0 && p <= f64::from(MOST_P) => Distance::Whole(p as i32),
            p => Distance::Any(p),
        }
    }

    /// Refuses rows `x` where a distance between rows of these ranges, which hold them, overflows: the nearest ones would be any.
    fn check(self, ranges: &Ranges, x: ArrayView2<'_, f64>) -> Result<()> {
        let can_measure = match self {
            Distance::Euclidean => ranges.can_measure::<Euclidean>(),
            Distance::Manhattan => ranges.can_measure::<Manhattan>(),
            Distance::Chebyshev => ranges.can_measure::<Chebyshev>(),
            // Directions are small.
            Distance::Cosine => true,
            Distance::Whole(p) => ranges.can_sum(|difference| difference.powi(p), |sum, term| sum + term),
            Distance::Any(p) => ranges.can_sum(|difference| difference.powf(p), |sum, term| sum + term),
        };
        let p = match self {
            Distance::Whole(p) => Some(f64::from(p)),
            Distance::Any(p) => Some(p),
            _ => None,
        };
        match p {
            _ if can_measure => Ok(()),
            // It is the power that is too large, and no value.
            Some(p) if ranges.can_measure::<Euclidean>() => Err(Error::Component(format!(
                "{ID}: differences to the power of `p = {}` are too large to add: write a smaller `p`, or p = inf",
                short(p)
            ))),
            _ => Err(cannot_measure(ID, x)),
        }
    }
}

/// The largest p that an index is searched with.
const MOST_P: i32 = 6;

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    n_neighbors: usize,
    weights: Weights,
    metric: MetricName,
    #[serde(with = "infinite")]
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
    distance: Distance,
}

impl KNeighbors {
    fn new(params: Params) -> Result<Self> {
        if params.n_neighbors == 0 {
            return Err(Error::Component("`n_neighbors` must be at least 1, not 0".into()));
        }
        let distance = match (params.metric, params.p) {
            (MetricName::Manhattan, _) => Distance::Manhattan,
            (MetricName::Euclidean, _) => Distance::Euclidean,
            (MetricName::Chebyshev, _) => Distance::Chebyshev,
            (MetricName::Cosine, _) => Distance::Cosine,
            (MetricName::Minkowski, p) if p.is_nan() || p <= 0.0 => {
                return Err(Error::Component(format!("`p` must be positive, but is {p}")));
            }
            (MetricName::Minkowski, p) => Distance::minkowski(p),
        };
        Ok(KNeighbors { k: params.n_neighbors, weights: params.weights, distance })
    }
}

struct Fitted {
    rows: Rows,
    /// Those of the rows.
    ranges: Ranges,
    labels: Arc<[u8]>,
    k: usize,
    weights: Weights,
    distance: Distance,
}

/// The training rows.
enum Rows {
    Indexed(Arc<Indexed>),
    /// As they are, for distances that no index is searched with.
    Plain(Array2<f64>),
}

/// Rows with the index that is searched, for any number of neighbours.
struct Indexed(Pair, usize);

impl Common for Indexed {
    const NAME: &'static str = "index of neighbours";

    fn bytes(&self) -> usize {
        self.1
    }
}

impl Rows {
    fn indexed(
        shared: Option<&Shared>,
        (what, values): (&str, usize),
        make: impl FnOnce() -> Result<Pair>,
    ) -> Result<Self> {
        // The index holds the rows once more, and little beside them.
        let index = || make().map(|pair| Indexed(pair, values * size_of::<f64>()));
        Ok(Rows::Indexed(Shared::or_own(shared, || what.to_owned(), index)?))
    }
}

impl Classifier for KNeighbors {
    fn random_states(&self) -> usize {
        0
    }

    fn weights(&self) -> Result<(), String> {
        Err("scikit-learn's class takes no weights of rows".into())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        if self.k > x.nrows() {
            let rows = x.nrows();
            return Err(Error::Component(format!("`n_neighbors` is {}, but there are {rows} training rows", self.k)));
        }
        let rows = match self.distance {
            Distance::Any(_) => Rows::Plain(x.to_owned()),
            Distance::Cosine => {
                Rows::indexed(train.shared, ("directions", x.len()), || Pair::new(directions(x, false)?.view(), y))?
            }
            _ => Rows::indexed(train.shared, ("rows", x.len()), || Pair::new(x, y))?,
        };
        let (ranges, labels) = (Ranges::of(x), y.into());
        self.distance.check(&ranges, x)?;
        Ok(Box::new(Fitted { rows, ranges, labels, k: self.k, weights: self.weights, distance: self.distance }))
    }
}

/// The model that said this of itself.
///
/// # Errors
/// [`Error::Store`] where it cannot be one.
pub(super) fn restored(saved: &SavedNeighbors) -> Result<Box<dyn Model>> {
    let broken = || Error::Store("the file of training rows is not as long as the model says".into());
    let SavedNeighbors { k, by_distance, distance, labels, .. } = saved;
    let x = Array2::from_shape_vec((labels.len(), saved.width()), saved.values()).map_err(|_| broken())?;
    let distance = match *distance {
        SavedDistance::Chebyshev => Distance::Chebyshev,
        SavedDistance::Cosine => Distance::Cosine,
        SavedDistance::Minkowski(p) => Distance::minkowski(p),
    };
    let ranges = Ranges::of(x.view());
    let rows = match distance {
        Distance::Any(_) => Rows::Plain(x),
        _ => Rows::indexed(None, ("", 0), || Pair::new(x.view(), labels))?,
    };
    let weights = if *by_distance { Weights::Distance } else { Weights::Uniform };
    Ok(Box::new(Fitted { rows, ranges, labels: labels.as_slice().into(), k: *k, weights, distance }))
}

/// The columns in the order in which distances to these rows are summed: of equally far rows the last digit decides.
pub(crate) fn summing_order(saved: &SavedNeighbors, values: &[f64]) -> Vec<usize> {
    let is_plain = matches!(saved.distance, SavedDistance::Minkowski(p) if !is_multiplied(p));
    match ArrayView2::from_shape((saved.labels.len(), saved.width()), values) {
        Ok(x) if !is_plain => Pair::order(x),
        _ => (0..saved.width()).collect(),
    }
}

/// Whether Minkowski's distance of this order takes powers by products.
pub(crate) fn is_multiplied(p: f64) -> bool {
    !matches!(Distance::minkowski(p), Distance::Any(_))
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        let x = match &self.rows {
            Rows::Plain(x) => x.clone(),
            Rows::Indexed(indexed) => indexed.0.training(),
        };
        let (distance, columns) = match self.distance {
            Distance::Chebyshev => (SavedDistance::Chebyshev, x.ncols()),
            Distance::Cosine => (SavedDistance::Cosine, x.ncols() - MORE),
            Distance::Euclidean => (SavedDistance::Minkowski(2.0), x.ncols()),
            Distance::Manhattan => (SavedDistance::Minkowski(1.0), x.ncols()),
            Distance::Whole(p) => (SavedDistance::Minkowski(f64::from(p)), x.ncols()),
            Distance::Any(p) => (SavedDistance::Minkowski(p), x.ncols()),
        };
        Some(SavedModel::Neighbors(SavedNeighbors {
            columns,
            k: self.k,
            by_distance: self.weights == Weights::Distance,
            distance,
            labels: self.labels.to_vec(),
            bytes: x.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        self.distance.check(&self.ranges.joined(&Ranges::of(x)), x)?;
        let pair = match (&self.rows, self.distance) {
            (Rows::Plain(rows), Distance::Any(p)) => return self.predict_plainly(rows, x, p),
            (Rows::Plain(_), _) => unreachable!("rows are indexed for every other distance"),
            (Rows::Indexed(indexed), _) => &indexed.0,
        };
        match self.distance {
            Distance::Manhattan => self.predict_by::<Manhattan>(pair, x, Manhattan::distance),
            Distance::Chebyshev => self.predict_by::<Chebyshev>(pair, x, Chebyshev::distance),
            Distance::Cosine => self.predict_by::<Euclidean>(pair, directions(x, true)?.view(), |sum| sum / 2.0),
            Distance::Whole(3) => self.predict_by::<Power<3>>(pair, x, Power::<3>::distance),
            Distance::Whole(4) => self.predict_by::<Power<4>>(pair, x, Power::<4>::distance),
            Distance::Whole(5) => self.predict_by::<Power<5>>(pair, x, Power::<5>::distance),
            Distance::Whole(_) => self.predict_by::<Power<MOST_P>>(pair, x, Power::<MOST_P>::distance),
            Distance::Euclidean | Distance::Any(_) => self.predict_by::<Euclidean>(pair, x, Euclidean::distance),
        }
    }
}

/// Columns of [`directions`] behind those of the rows.
const MORE: usize = 2;

/// The rows made to length 1, so that half of a squared distance is 1 - the cosine. A row of zeros is at distance 1 from all
/// others, and from itself: two more columns hold those of the training rows and those that are asked about.
///
/// # Errors
/// A row whose length overflows.
fn directions(x: ArrayView2<'_, f64>, is_asked: bool) -> Result<Array2<f64>> {
    let columns = x.ncols();
    let mut directions = Array2::zeros((x.nrows(), columns + MORE));
    for (row, mut direction) in x.rows().into_iter().zip(directions.rows_mut()) {
        let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length == f64::INFINITY {
            return Err(cannot_measure(ID, x));
        }
        match length > 0.0 {
            true => direction.iter_mut().zip(row).for_each(|(to, from)| *to = from / length),
            false => direction[columns + usize::from(is_asked)] = 1.0,
        }
    }
    Ok(directions)
}

impl Fitted {
    fn predict_by<M: Metric>(
        &self,
        pair: &Pair,
        x: ArrayView2<'_, f64>,
        distance: impl Fn(f64) -> f64,
    ) -> Result<Prediction> {
        let unanimous = 1 - pair.minority_label();
        let (score, label) = pair
            .k_nearest::<M>(x, self.k)?
            .iter()
            .map(|nearest| match nearest {
                Nearest::AllMajority => (f64::from(unanimous), unanimous),
                Nearest::Rows(rows) => self.vote(rows, &distance),
            })
            .unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    /// All distances, each given up as soon as it is too large.
    fn predict_plainly(&self, rows: &Array2<f64>, x: ArrayView2<'_, f64>, p: f64) -> Result<Prediction> {
        if x.ncols() != rows.ncols() {
            let (given, trained) = (x.ncols(), rows.ncols());
            return Err(Error::Component(format!(
                "the rows to predict have {given} columns, the training rows {trained}"
            )));
        }
        let (score, label) = (0..x.nrows())
            .into_par_iter()
            .map(|asked| self.vote(&self.nearest(rows, x.row(asked), p), &|sum: f64| sum.powf(1.0 / p)))
            .unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn nearest(&self, rows: &Array2<f64>, asked: ArrayView1<'_, f64>, p: f64) -> Vec<Neighbor> {
        let mut best: Vec<Neighbor> = Vec::with_capacity(self.k + 1);
        for (row, values) in (0..).zip(rows.rows()) {
            let reach = if best.len() < self.k { f64::INFINITY } else { best[self.k - 1].sum };
            let mut sum = 0.0;
            for (a, b) in values.iter().zip(asked) {
                sum += (a - b).abs().powf(p);
                if sum >= reach {
                    break;
                }
            }
            // Of equal distances the earlier row is the nearer one.
            if sum < reach {
                best.insert(best.partition_point(|known| known.sum <= sum), Neighbor { sum, row });
                best.truncate(self.k);
            }
        }
        best
    }

    /// The positives' share of the votes, and the label: a tie goes to class 0. Votes are added nearest first, as in
    /// scikit-learn's `predict_proba`.
    fn vote(&self, rows: &[Neighbor], distance: &impl Fn(f64) -> f64) -> (f64, u8) {
        let distances = rows.iter().map(|neighbor| distance(neighbor.sum));
        let on_the_spot = rows.iter().any(|neighbor| distance(neighbor.sum) == 0.0);
        let mut votes = [0.0; 2];
        for (neighbor, distance) in rows.iter().zip(distances) {
            votes[usize::from(self.labels[neighbor.row as usize])] += match (self.weights, on_the_spot) {
                (Weights::Uniform, _) => 1.0,
                (Weights::Distance, true) => f64::from(u8::from(distance == 0.0)),
                (Weights::Distance, false) => 1.0 / distance,
            };
        }
        (votes[1] / (votes[0] + votes[1]), u8::from(votes[1] > votes[0]))
    }
}

/// `KNeighborsClassifier`: <https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.KNeighborsClassifier.html>;
/// the score is `predict_proba[:, 1]`. Equally distant neighbours are taken in the order of the training rows, which
/// scikit-learn leaves open.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "the vote of the k nearest training rows, exact, minority rows first", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(KNeighbors::new(params)?) as Box<dyn Classifier>))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.KNeighborsClassifier.html")
    .in_python(InPython::new().calibrated_alike())
    .remedy(
        &[Remedy::scaler("a scaler such as `standard`")],
        "without one the widest column decides which rows are near",
    )
    .cost(Cost::seconds(0.4))
    .idle(&[Idle::new(&["p"], "`metric = \"minkowski\"`", "metric", |metric| metric == "minkowski")])
    .also(&[
        N_JOBS,
        Also::harmless("algorithm", "neighbours are exact, whatever finds them").takes(&[Takes::Texts(&[
            "auto",
            "ball_tree",
            "kd_tree",
            "brute",
        ])]),
        Also::harmless("leaf_size", "it changes the speed of a search that is not ours").takes(Takes::COUNTS),
        Also::only("metric_params", "null", "the metrics taken have no parameter but `p`"),
    ])
    .space(
        r#"
    n_neighbors = { low = 1, high = 50, log = true }
    weights = ["uniform", "distance"]
    p = [1.0, 2.0]
    "#,
    )
    .look(3);

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
    fn a_power_that_is_too_large_is_named() {
        let x = array![[0.0], [6.0], [1.0]];
        for p in ["1000", "999.5"] {
            let said = fit(&format!("n_neighbors = 1\np = {p}"), x.view(), &[1, 0, 0]).map(drop).unwrap_err();
            let wanted = format!(
                "k-neighbors: differences to the power of `p = {p}` are too large to add: write a smaller `p`, or p = inf"
            );
            assert_eq!(said.to_string(), wanted);
        }
        assert!(fit("n_neighbors = 1\np = inf", x.view(), &[1, 0, 0]).is_ok());
    }

    #[test]
    fn rows_of_zeros_are_at_a_right_angle_to_all() {
        let x = array![[0.0, 0.0], [1.0, 2.0], [-2.0, 1.0]];
        let scores = |at| {
            let model = fit("n_neighbors = 1\nmetric = 'cosine'", x.view(), &[1, 0, 0]).unwrap();
            model.predict(array![at].view()).unwrap().score[0]
        };
        // Its nearest are at distances 0, 1 (all, the first row wins) and 1 (the row of zeros; the others are farther).
        assert_eq!((scores([2.0, 4.0]), scores([0.0, 0.0]), scores([0.5, -1.0])), (0.0, 1.0, 1.0));
    }

    #[test]
    fn one_class_has_finite_scores() {
        let x = array![[0.0], [1.0]];
        let score = |y| fit("n_neighbors = 2", x.view(), y).unwrap().predict(x.view()).unwrap().score;
        assert_eq!(score(&[1, 1]), [1.0, 1.0]);
        assert_eq!(score(&[0, 0]), [0.0, 0.0]);
    }

    #[test]
    fn distances_that_overflow_are_refused_with_their_column() {
        let wanted = "k-neighbors: column 1 (counted from 0) holds 1e200, too large to measure distances with";
        let far = array![[1.0, 1e200], [2.0, -1e200], [3.0, 1e200]];
        let near = array![[1.0, 3.0], [2.0, -4.0], [3.0, 3.0]];
        let y = [1, 0, 1];
        let more = "n_neighbors = 1\n";
        for params in ["", "weights = 'distance'", "metric = 'cosine'", "p = 3", "p = 2.5"] {
            let params = format!("{more}{params}");
            assert_eq!(fit(&params, far.view(), &y).err().unwrap().to_string(), wanted, "{params}");
            let model = fit(&params, near.view(), &y).unwrap();
            assert_eq!(model.predict(near.view()).unwrap().label, y, "{params}");
            assert_eq!(model.predict(far.view()).unwrap_err().to_string(), wanted, "{params}");
        }
        // Differences that are not raised to a power do not overflow, and 2e200 to the power of 1.5 is 2.8e300.
        for params in ["p = 1", "metric = 'chebyshev'", "p = 1.5"] {
            let params = format!("{more}{params}");
            assert_eq!(fit(&params, far.view(), &y).unwrap().predict(far.view()).unwrap().label, y, "{params}");
        }
    }

    #[test]
    fn bad_parameters_get_a_sentence() {
        let x = array![[0.0], [1.0]];
        let said = |toml| fit(toml, x.view(), &[0, 1]).err().map(|e| e.to_string()).unwrap_or_default();
        assert_eq!(said("n_neighbors = 3"), "`n_neighbors` is 3, but there are 2 training rows");
        assert_eq!(said("n_neighbors = 0"), "`k-neighbors`: `n_neighbors` must be at least 1, not 0");
        assert_eq!(said("p = 0"), "`k-neighbors`: `p` must be positive, but is 0");
    }
}
