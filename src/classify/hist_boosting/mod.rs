//! `hist-gradient-boosting`: trees on binned columns, each a Newton step on the log loss of those before it.
//!
//! | file | what it does |
//! |---|---|
//! | `params` | the parameters |
//! | `bins` | the columns in at most 255 bins, and one for missing values |
//! | `histograms` | gradients by bin, of a node and its children |
//! | `split` | the best cut of a node |
//! | `python_set` | the order of columns where not all may meet |
//! | `levels` | the best cut of a category |
//! | `grow` | a tree, the best cut first |
//! | `stop` | when no more trees are added |

mod bins;
mod grow;
mod histograms;
mod levels;
mod params;
mod python_set;
mod split;
mod stop;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::class_moments::of_log_odds;
use super::class_weight::{ClassWeight, RowWeight};
use super::directions::{Directions, placed};
use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Features, Idle, Model, Prediction, SavedModel, SavedTree, SavedTrees,
    Shape, Shared, Train, TreeSum, VERBOSE, WARM_START, build, later,
};
use crate::error::{Error, Result};
use crate::numeric::dense::pairwise;
use crate::numeric::gram::map_rows;
use crate::numeric::mt19937::Mt19937;
use crate::numeric::pcg64::Pcg64;
use crate::split::{stratified_parts, stratified_rows};
use bins::Binned;
use grow::{ColumnDraw, Goes, Grown, Growth, Tree, grow};
use histograms::Histograms;
use levels::LevelSet;
use params::{Auto, EarlyStopping, KeptOut, LATER, MONOTONIC_CST, Params};
use python_set::PythonSet;
use split::Limits;

const ID: &str = "hist-gradient-boosting";

/// With more rows than this, `early_stopping = "auto"` stops early.
pub(crate) const AUTO_ROWS: usize = 10_000;

struct HistBoosting(Params);

struct Fitted {
    /// The levels of each column that training rows have, for categories. Others count as missing.
    known: Vec<Option<LevelSet>>,
    baseline: f64,
    trees: Vec<Tree>,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    params.check()?;
    Ok(Box::new(HistBoosting(params)))
}

/// The levels that rows have, column by column.
fn known_levels(features: &Features<'_>) -> Vec<Option<LevelSet>> {
    let levels = |column: usize| {
        features.levels(column).map(|_| {
            let mut set = LevelSet::default();
            features.x.column(column).iter().filter(|level| !level.is_nan()).for_each(|&level| set.insert(level as u8));
            set
        })
    };
    (0..features.x.ncols()).map(levels).collect()
}

impl HistBoosting {
    /// Refuses categories of more levels than there are bins, as scikit-learn does.
    fn check_levels<'n>(&self, columns: impl Iterator<Item = (&'n str, Option<usize>)>) -> Result<(), String> {
        let most = self.0.max_bins;
        let large: Vec<String> = columns
            .filter_map(|(name, levels)| levels.filter(|&levels| levels > most).map(|n| format!("`{name}` has {n}")))
            .collect();
        match large.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "a category can have at most {most} levels (`max_bins`), and {}: use the encoder `one-hot` or `ordinal`",
                large.join(", ")
            )),
        }
    }

    /// Refuses rows that it cannot be fitted on.
    fn check(&self, train: &Train<'_>) -> Result<()> {
        let (rows, columns) = train.x().dim();
        two_class::weighed(ID, rows, train.y, train.weight)?;
        if u32::try_from(rows).is_err() || columns == 0 {
            return Err(Error::Component(format!("{ID} cannot be fitted on {rows} rows of {columns} columns")));
        }
        let given = train.features.columns.iter().zip(0..);
        let given = given.map(|(column, at)| (column.name.as_str(), train.features.levels(at)));
        self.check_levels(given).map_err(Error::Component)
    }
}

impl HistBoosting {
    fn stops_early(&self, rows: usize) -> bool {
        match self.0.early_stopping {
            EarlyStopping::Named(Auto::Auto) => rows > AUTO_ROWS,
            EarlyStopping::Always(stops) => stops,
        }
    }
}

/// The rows to train on, and those that say when to stop: so many, or none.
fn parts(y: &[u8], kept_out: Option<KeptOut>, seed: u32) -> Result<(Vec<u32>, Vec<u32>)> {
    let mut stream = Mt19937::new(seed);
    let (train, validation) = match kept_out {
        None => return Ok(((0..y.len() as u32).collect(), Vec::new())),
        Some(KeptOut::Share(share)) => stratified_parts(y, share, "validation", &mut stream)?,
        Some(KeptOut::Rows(rows)) => stratified_rows(y, rows, "validation", &mut stream)?,
    };
    let narrow = |rows: Vec<usize>| rows.into_iter().map(|row| row as u32).collect();
    Ok((narrow(train), narrow(validation)))
}

impl Classifier for HistBoosting {
    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.0.monotonic_cst.as_ref().and_then(|all| all.never_fits(MONOTONIC_CST, given))
    }

    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.check_levels(given.columns.iter().map(|column| (column.name.as_str(), column.levels)))?;
        self.0.monotonic_cst.as_ref().map_or(Ok(()), |all| all.in_shape(MONOTONIC_CST, given))
    }

    /// Weights reach the loss only.
    fn weights(&self) -> Result<(), String> {
        match self.0.weights_reach() {
            true => Ok(()),
            false => Err("with a `scoring` other than \"loss\" it takes no weights of rows".into()),
        }
    }

    fn cannot_stop_early(&self, y: &[u8], _has_validation: bool) -> Option<String> {
        // No rows ask whether any number of them may be kept out.
        let may_stop = self.stops_early(if y.is_empty() { usize::MAX } else { y.len() });
        // Whether there are enough rows of either class is the same for every seed.
        let why = parts(y, self.0.validation_fraction.filter(|_| may_stop), 0).err()?;
        Some(format!("{why}: take another `validation_fraction`, or write `early_stopping = false`"))
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        self.check(train)?;
        if let Some(placed) = placed(self.0.monotonic_cst.as_ref(), MONOTONIC_CST, train)? {
            return HistBoosting(Params { monotonic_cst: Some(placed), ..self.0.clone() }).fit(train, context);
        }
        let (x, y, own, shared) = (train.x(), train.y, train.weight, train.shared);
        let x = x.as_standard_layout();
        let features = Features { x: x.view(), columns: train.features.columns };
        let known = known_levels(&features);
        let params = &self.0;
        // scikit-learn's own seed for bins and validation rows.
        let mut seeds = Mt19937::new(params.random_state.unwrap_or(context.seed as u32));
        let [seed, column_seed] = [(); 2].map(|()| seeds.interval(u64::from(u32::MAX) - 1));
        let stops = self.stops_early(y.len());
        let kept_out = params.validation_fraction.filter(|_| stops);
        let (train, validation) = parts(y, kept_out, seed as u32)?;
        params.check_monotonic(&features)?;
        let groups = params.groups(&bins::order(&features))?;
        let positives = y.iter().filter(|&&label| label == 1).count();
        // Classes weigh by their shares of all rows, those kept out for early stopping included.
        let classes = ClassWeight::of(params.class_weight, [y.len() - positives, positives]);
        let row_weight = RowWeight { classes, own };
        let weights_of = |rows: &[u32]| -> Option<Vec<f64>> {
            let weight = |&row: &u32| row_weight.of(row as usize, y[row as usize]);
            (own.is_some() || params.class_weight.is_some()).then(|| rows.iter().map(weight).collect())
        };
        let weights = weights_of(&train);
        let how = || format!("{} bins, seed {seed}, {kept_out:?} {:?}", params.max_bins, params.class_weight);
        let make = || Ok(Binned::new(&features, &train, weights.as_deref(), params.max_bins, seed as u32));
        let data = Shared::or_own(shared, how, make)?;
        let y_train: Vec<u8> = train.iter().map(|&row| y[row as usize]).collect();
        let mut boosting = Boosting::new(self, &data, (&y_train, weights.as_deref()), groups);
        if params.max_features < 1.0 {
            boosting.draw = Some(ColumnDraw { share: params.max_features, stream: Pcg64::new(column_seed as u32) });
        }
        match (stops, kept_out) {
            (true, Some(_)) => {
                let y_validation: Vec<u8> = validation.iter().map(|&row| y[row as usize]).collect();
                let weights = weights_of(&validation);
                boosting.until_no_change(params, (x.view(), &known), &validation, (&y_validation, weights.as_deref()));
            }
            (true, None) => boosting.until_learnt(params, seed as u32)?,
            (false, _) => (0..params.max_iter).for_each(|_| boosting.step()),
        }
        let Boosting { baseline, trees, .. } = boosting;
        Ok(Box::new(Fitted { known, baseline, trees }))
    }
}

/// A fit under way.
struct Boosting<'d> {
    data: &'d Binned,
    y: &'d [u8],
    /// Of each row; none: 1.
    weights: Option<&'d [f64]>,
    growth: Growth,
    draw: Option<ColumnDraw>,
    baseline: f64,
    /// The log odds of the training rows so far.
    raw: Vec<f64>,
    trees: Vec<Tree>,
    /// Used by one tree after the other.
    spare: Vec<Histograms>,
}

impl<'d> Boosting<'d> {
    fn new(
        classifier: &HistBoosting,
        data: &'d Binned,
        (y, weights): (&'d [u8], Option<&'d [f64]>),
        groups: Option<Vec<PythonSet>>,
    ) -> Self {
        let params = &classifier.0;
        // `fit_intercept_only`: a mean of exactly 0 or 1, which validation rows can leave, has no finite logit.
        let least = 10.0 * f64::EPSILON;
        let mean = mean(y, weights).clamp(least, 1.0 - least);
        let baseline = (mean / (1.0 - mean)).ln();
        let growth = Growth {
            max_leaf_nodes: params.max_leaf_nodes,
            max_depth: params.max_depth,
            learning_rate: params.learning_rate,
            bins: params.max_bins + 1,
            limits: Limits { min_samples_leaf: params.min_samples_leaf, l2: params.l2_regularization },
            monotonic: params.monotonic_cst.iter().flat_map(Directions::each).copied().collect(),
            groups,
        };
        let (raw, trees, spare) = (vec![baseline; y.len()], Vec::new(), Vec::new());
        Boosting { data, y, weights, growth, draw: None, baseline, raw, trees, spare }
    }

    /// Gradient and hessian of a row, by its weight, in 32 bits.
    fn slopes(&self, row: usize) -> [f32; 2] {
        let weight = self.weights.map_or(1.0, |weights| weights[row]);
        slopes(self.raw[row], self.y[row]).map(|slope| (weight * slope) as f32)
    }

    /// Adds a tree.
    fn step(&mut self) {
        let slopes: Vec<[f32; 2]> =
            (0..self.y.len()).into_par_iter().with_min_len(4096).map(|row| self.slopes(row)).collect();
        let Grown { tree, partition, leaves } =
            grow(self.data, &slopes, &self.growth, self.draw.as_mut(), &mut self.spare);
        for (value, (from, to)) in leaves {
            for &row in &partition[from..to] {
                self.raw[row as usize] += value;
            }
        }
        self.trees.push(tree);
    }
}

/// Gradient and hessian of the log loss, as `cgrad_hess_half_binomial` computes them.
fn slopes(raw: f64, label: u8) -> [f64; 2] {
    let y = f64::from(label);
    if raw > -37.0 {
        let e = (-raw).exp();
        [((1.0 - y) - y * e) / (1.0 + e), e / ((1.0 + e) * (1.0 + e))]
    } else {
        let e = raw.exp();
        [e - y, e]
    }
}

/// `numpy.average` of the labels: where no cut is made, the last bit decides which side of one half a score lies on.
fn mean(y: &[u8], weights: Option<&[f64]>) -> f64 {
    match weights {
        None => y.iter().map(|&label| f64::from(label)).sum::<f64>() / y.len() as f64,
        Some(weights) => {
            let positive = |row: usize| if y[row] == 1 { weights[row] } else { 0.0 };
            pairwise(0..y.len(), &positive) / pairwise(0..y.len(), &|row| weights[row])
        }
    }
}

/// The value of the leaf that a row comes to.
fn value(tree: &Tree, known: &[Option<LevelSet>], of_column: impl Fn(usize) -> f64) -> f64 {
    let mut node = &tree.nodes[0];
    while let Some([left, right]) = node.next {
        let column = node.column as usize;
        let value = of_column(column);
        let goes_left = match node.goes {
            Goes::UpTo(threshold) => value <= threshold || node.missing_left && value.is_nan(),
            Goes::In(set) => {
                let level = value as u8;
                let is_known = !value.is_nan() && known[column].is_some_and(|known| known.contains(level));
                if is_known { tree.sets[set as usize].contains(level) } else { node.missing_left }
            }
        };
        node = &tree.nodes[(if goes_left { left } else { right }) as usize];
    }
    node.value
}

/// A tree as data. A level that the training rows lacked goes where missing values go.
fn saved(tree: &Tree, known: &[Option<LevelSet>]) -> SavedTree {
    let mut saved = SavedTree::default();
    for (at, node) in (0..).zip(&tree.nodes) {
        let is_leaf = node.next.is_none();
        let levels = match (node.next, node.goes) {
            (Some(_), Goes::In(set)) => {
                let left = |level: &u8| match known[node.column as usize].is_some_and(|known| known.contains(*level)) {
                    true => tree.sets[set as usize].contains(*level),
                    false => node.missing_left,
                };
                Some((0..=u8::MAX).filter(left).map(u32::from).collect())
            }
            _ => None,
        };
        saved.column.push(if is_leaf { 0 } else { node.column });
        saved.threshold.push(match node.goes {
            Goes::UpTo(threshold) if !is_leaf => threshold,
            _ => 0.0,
        });
        saved.next.push(node.next.unwrap_or([at; 2]));
        saved.missing_left.push(!is_leaf && node.missing_left);
        saved.levels.push(levels);
        saved.value.push(if is_leaf { node.value } else { 0.0 });
    }
    if saved.levels.iter().all(Option::is_none) {
        saved.levels.clear();
    }
    saved
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        let trees = self.trees.iter().map(|tree| saved(tree, &self.known)).collect();
        let says = TreeSum::LogOdds(self.baseline);
        Some(SavedModel::Trees(SavedTrees { columns: self.known.len(), narrow: false, trees, says }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.known.len(), x.ncols())?;
        let raw = map_rows(x, |row| {
            self.trees.iter().fold(self.baseline, |raw, tree| raw + value(tree, &self.known, |column| row[column]))
        });
        Ok(of_log_odds(&raw))
    }
}

/// `HistGradientBoostingClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.HistGradientBoostingClassifier.html>; the score is
/// `predict_proba[:, 1]`. Bins, validation rows and the order in which gradients are added are scikit-learn's.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "gradient boosting on binned columns, scikit-learn's tree for tree", |table| {
        build::<Params, _>(ID, table, checked).map(|built| later::<Params, _>(built, LATER))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.HistGradientBoostingClassifier.html")
    .cost(Cost::seconds(1.0).per("max_iter", 100.0))
    .space(
        r#"
    max_iter = { low = 50, high = 300 }
    max_leaf_nodes = { low = 4, high = 128, log = true }
    learning_rate = { low = 0.01, high = 0.3, log = true }
    min_samples_leaf = { low = 5, high = 100, log = true }
    l2_regularization = { low = 1e-4, high = 10.0, log = true }
    "#,
    )
    .idle(&[Idle::new(
        &["validation_fraction", "n_iter_no_change", "tol", "scoring"],
        "another `early_stopping` than false",
        "early_stopping",
        |early| *early != false,
    )])
    .also(&[
        VERBOSE,
        WARM_START,
        Also::only("loss", "\"log_loss\"", "two classes have no other loss here"),
        Also::only(
            "categorical_features",
            "\"from_dtype\"",
            "which columns are categories is said by `categorical` of [data], and the encoder `native` leaves them so",
        ),
    ])
    .look(13);

#[cfg(test)]
mod tests;
