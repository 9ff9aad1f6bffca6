//! Isolation forest: Liu, Ting and Zhou 2008, "Isolation forest".

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::forest::{Forest, predict_blocks};
use super::grow::Growth;
use super::random::{seed, seeds};
use super::random_cuts::{Values, average_path_length, isolate};
use super::{LEAF, Matrix, Settings, Tree};
use crate::classify::draws::{by_weight, indices};
use crate::component::{Model, Prediction, ScoreKind};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::percentile::percentile;

/// Trees that draw less than this part of the rows make a table of their own rows, which is small and near.
const PART: usize = 2;

/// What an isolation forest is grown with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IsolationSettings {
    /// How many trees.
    pub n_estimators: usize,
    /// Rows a tree, at most all of them.
    pub max_samples: usize,
    /// The share of the training rows that counts as anomalous; none: scores above one half do.
    pub contamination: Option<f64>,
    /// Whether a tree's rows are drawn with replacement.
    pub bootstrap: bool,
    /// Columns a tree, at most all of them.
    pub max_features: usize,
}

/// A fitted isolation forest. The score is the anomaly score of the paper, in (0, 1].
pub struct IsolationForest {
    forest: Forest,
    /// The mean path that the lengths in the trees are measured by.
    unit: f64,
    columns: usize,
    /// Larger scores are anomalous.
    threshold: f64,
}

/// Fits an isolation forest: `IsolationForest(random_state=...)`. Rows that weigh differently are drawn by their `weight`.
///
/// # Errors
/// No rows or no columns; a value that 32 bits cannot hold; without `bootstrap`, fewer rows that weigh more than 0 than a tree sees.
pub fn fit_isolation_forest<'a>(
    matrix: impl Into<Matrix<'a>>,
    weight: Option<&[f64]>,
    settings: &IsolationSettings,
    random_state: u32,
) -> Result<IsolationForest> {
    let matrix: Matrix<'a> = matrix.into();
    let x = matrix.x;
    let (rows, columns) = x.dim();
    if x.is_empty() || u32::try_from(rows).is_err() {
        return Err(Error::Component(format!("trees cannot be fitted on {rows} rows and {columns} columns")));
    }
    let size = settings.max_samples.min(rows);
    let growing = Growing::new(x.reborrow(), weight, settings)?;
    let is_shared = size >= rows.div_ceil(PART) && settings.n_estimators >= PART && settings.max_features >= columns;
    // A value that 32 bits cannot hold is no matter in a row that no tree draws: each then looks at its own.
    let values = if is_shared { Values::all(&matrix).ok() } else { None };
    let tree = |&state: &u32| growing.tree(state, values.as_deref());
    let trees: Result<Vec<Tree>> = seeds(settings.n_estimators, random_state).par_iter().map(tree).collect();
    let forest = Forest::new(trees?, columns);
    let unit = settings.n_estimators as f64 * average_path_length(size);
    let mut fitted = IsolationForest { forest, unit, columns, threshold: 0.5 };
    if let Some(share) = settings.contamination {
        let mut scores = fitted.predict(x)?.score;
        scores.iter_mut().for_each(|score| *score = -*score);
        fitted.threshold = -percentile(&mut scores, share);
    }
    Ok(fitted)
}

/// What the trees of a forest have in common.
struct Growing<'g> {
    x: ArrayView2<'g, f64>,
    weight: Option<&'g [f64]>,
    settings: &'g IsolationSettings,
    growth: Growth,
}

impl<'g> Growing<'g> {
    fn new(x: ArrayView2<'g, f64>, weight: Option<&'g [f64]>, settings: &'g IsolationSettings) -> Result<Self> {
        let size = settings.max_samples.min(x.nrows());
        let deepest = (size.max(2) as f64).log2().ceil() as usize;
        let growth = Settings::default().growth((size, x.ncols()), [1.0; 2])?;
        let growth = Growth { columns: 1, max_depth: deepest, ..growth };
        Ok(Growing { x, weight, settings, growth })
    }

    /// The numbers of the rows that a tree draws, rising. Each once: rows that are drawn again would only weigh more, which no cut
    /// looks at.
    fn drawn(&self, stream: &mut Mt19937) -> Result<Vec<u32>> {
        let (rows, bootstrap) = (self.x.nrows(), self.settings.bootstrap);
        let size = self.settings.max_samples.min(rows);
        let drawn = match self.weight {
            None => indices(stream, bootstrap, rows, size),
            Some(weight) => by_weight(stream, bootstrap, weight, size)?,
        };
        let mut drawn: Vec<u32> = drawn.into_iter().map(|row| row as u32).collect();
        drawn.sort_unstable();
        drawn.dedup();
        Ok(drawn)
    }

    /// The tree of a seed; `all` are the values of all rows, where they are there.
    fn tree(&self, state: u32, all: Option<&Values>) -> Result<Tree> {
        let (x, columns) = (self.x, self.x.ncols());
        let mut stream = Mt19937::new(state);
        let chosen = indices(&mut stream, false, columns, self.settings.max_features.min(columns));
        let drawn = self.drawn(&mut stream)?;
        // The member's own random_state is drawn from a stream of the same seed as its rows (`_set_random_states`).
        let own = seed(&mut Mt19937::new(state));
        if chosen.len() == columns {
            return Ok(match all {
                Some(all) => isolate(all, drawn, &self.growth, own),
                None => self.isolated(&Values::of(x, &drawn)?, drawn.len(), own),
            });
        }
        let mut tree = self.isolated(&Values::of_columns(x, &drawn, &chosen)?, drawn.len(), own);
        let inner = tree.nodes.iter_mut().filter(|node| node.column != LEAF);
        inner.for_each(|node| node.column = chosen[node.column as usize] as u32);
        Ok(tree)
    }

    /// A tree of all rows of a table of its own.
    fn isolated(&self, values: &Values, rows: usize, own: u32) -> Tree {
        isolate(values, (0..rows as u32).collect(), &self.growth, own)
    }
}

impl IsolationForest {
    /// The trees, in the order of their seeds; a leaf's second share is its path length.
    pub fn trees(&self) -> &[Tree] {
        self.forest.trees()
    }
}

impl Model for IsolationForest {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let said = predict_blocks(x, self.columns, |block, scores, labels| {
            let mut sums = vec![[0.0; 2]; scores.len()];
            self.forest.sums(block, &mut sums);
            for ((sum, score), label) in sums.iter().zip(scores).zip(labels) {
                // A forest of single rows has no path at all: scikit-learn then divides nothing and takes 1.
                let paths = if self.unit == 0.0 { 1.0 } else { sum[1] / self.unit };
                *score = 2_f64.powf(-paths);
                *label = u8::from(*score > self.threshold);
            }
        })?;
        Ok(Prediction { kind: ScoreKind::Decision, ..said })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_tree_is_the_same_on_a_table_of_all_rows(
            seed: u32, rows in 1_usize..300, columns in 1_usize..6, levels in 1_u64..50, part in 0.01..1.0_f64,
            bootstrap: bool, is_weighted: bool,
        ) {
            let mut random = Mt19937::new(seed);
            // Ties and equal rows where levels are few, and a constant column.
            let mut x = Array2::from_shape_fn((rows, columns), |_| (random.interval(levels) as f64).powi(3));
            x.column_mut(columns / 2).fill(2.5);
            let weight: Vec<f64> = (0..rows).map(|_| 0.5 + random.next_f64()).collect();
            let max_samples = ((part * rows as f64) as usize).max(1);
            let settings = IsolationSettings {
                n_estimators: 1, max_samples, contamination: None, bootstrap, max_features: columns,
            };
            let growing = Growing::new(x.view(), is_weighted.then_some(&weight[..]), &settings).unwrap();
            let all = Values::all(&x.view().into()).unwrap();
            prop_assert_eq!(growing.tree(seed, Some(&all)).unwrap(), growing.tree(seed, None).unwrap());
        }
    }

    #[test]
    fn a_value_that_32_bits_cannot_hold_is_no_matter_where_no_tree_draws_its_row() {
        let mut x = Array2::from_shape_fn((8, 2), |(row, column)| (row * (column + 1)) as f64);
        x[(5, 1)] = 1e300;
        let settings = IsolationSettings {
            n_estimators: 4,
            max_samples: 4,
            contamination: None,
            bootstrap: false,
            max_features: 2,
        };
        let weight = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0];
        assert!(fit_isolation_forest(x.view(), Some(&weight), &settings, 3).is_ok());
        let all = IsolationSettings { max_samples: 8, ..settings };
        assert!(fit_isolation_forest(x.view(), None, &all, 3).is_err());
    }
}
