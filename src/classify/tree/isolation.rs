//! Isolation forest: Liu, Ting and Zhou 2008, "Isolation forest".

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::forest::{Forest, predict_blocks};
use super::grow::Growth;
use super::random::{seed, seeds};
use super::random_cuts::{Goal, Values, average_path_length, grow};
use super::{LEAF, Settings, Tree};
use crate::classify::draws::{by_weight, indices};
use crate::component::{Model, Prediction, ScoreKind};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::percentile::percentile;

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
pub fn fit_isolation_forest(
    x: ArrayView2<'_, f64>,
    weight: Option<&[f64]>,
    settings: &IsolationSettings,
    random_state: u32,
) -> Result<IsolationForest> {
    let (rows, columns) = x.dim();
    if x.is_empty() || u32::try_from(rows).is_err() {
        return Err(Error::Component(format!("trees cannot be fitted on {rows} rows and {columns} columns")));
    }
    let size = settings.max_samples.min(rows);
    let deepest = (size.max(2) as f64).log2().ceil() as usize;
    let growth = Growth { columns: 1, max_depth: deepest, ..Settings::default().growth((size, columns), [1.0; 2])? };
    let tree = |&state: &u32| {
        let mut stream = Mt19937::new(state);
        let chosen = indices(&mut stream, false, columns, settings.max_features.min(columns));
        let drawn = match weight {
            None => indices(&mut stream, settings.bootstrap, rows, size),
            Some(weight) => by_weight(&mut stream, settings.bootstrap, weight, size)?,
        };
        let mut drawn: Vec<u32> = drawn.into_iter().map(|row| row as u32).collect();
        // Each row once: rows that are drawn again would only weigh more, which no cut looks at.
        drawn.sort_unstable();
        drawn.dedup();
        let values = match chosen.len() == columns {
            true => Values::of(x, &drawn)?,
            false => Values::of_columns(x, &drawn, &chosen)?,
        };
        // The member's own random_state is drawn from a stream of the same seed as its rows (`_set_random_states`).
        let own = seed(&mut Mt19937::new(state));
        let mut tree = grow((&values, None), &vec![0; drawn.len()], &growth, &Goal::Isolation, None, own);
        if chosen.len() < columns {
            let inner = tree.nodes.iter_mut().filter(|node| node.column != LEAF);
            inner.for_each(|node| node.column = chosen[node.column as usize] as u32);
        }
        Ok(tree)
    };
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
