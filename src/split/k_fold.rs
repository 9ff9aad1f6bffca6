//! `stratified-k-fold`: every row tests once a repeat, and every fold has the data's share of positives.

use serde::{Deserialize, Serialize};

use super::{Counts, Split};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

/// scikit-learn's `StratifiedKFold`, and `RepeatedStratifiedKFold` for more than one repeat: the first repeat of a seed
/// equals the single one with that seed.
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.RepeatedStratifiedKFold.html>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StratifiedKFold {
    /// Folds a repeat; 2 or more.
    pub folds: u32,
    /// Cross-validations in all, each with another shuffle; 1 or more.
    pub repeats: u32,
    /// The shuffle's seed: scikit-learn's `random_state`.
    pub seed: u32,
    /// Without it, each class is cut into blocks in file order.
    pub shuffle: bool,
}

impl Default for StratifiedKFold {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, seed: 0, shuffle: true }
    }
}

impl StratifiedKFold {
    pub(super) fn check(&self) -> Result<()> {
        if self.folds < 2 {
            return Err(Error::Study(format!("`stratified-k-fold`: `folds` is 2 or more, not {}", self.folds)));
        }
        if self.repeats < 1 {
            return Err(Error::Study("`stratified-k-fold`: `repeats` is 1 or more, not 0".into()));
        }
        if self.repeats > 1 && !self.shuffle {
            return Err(Error::Study(format!(
                "`stratified-k-fold`: {} repeats without `shuffle` would all be the same",
                self.repeats
            )));
        }
        Ok(())
    }

    pub(super) fn splits(&self, y: &[u8]) -> Result<Vec<Split>> {
        let counts = Counts::of(y);
        let fewest = counts.positives.min(counts.negatives);
        if fewest < self.folds as usize {
            let remedy = if fewest < 2 { "more data are needed".into() } else { format!("use at most {fewest} folds") };
            let folds = self.folds;
            return Err(Error::Data(format!(
                "{folds} folds need {folds} rows of each class, but there are {counts}: {remedy}"
            )));
        }
        let mut rng = Mt19937::new(self.seed);
        let mut splits = Vec::with_capacity((self.repeats * self.folds) as usize);
        for repeat in 0..self.repeats {
            let fold_of_row = self.folds_of_rows(y, &mut rng);
            splits.extend((0..self.folds).map(|fold| {
                let (test, train) = (0..y.len()).partition(|&row| fold_of_row[row] == fold);
                Split { repeat, fold, train, validation: Vec::new(), test }
            }));
        }
        Ok(splits)
    }

    /// The test fold of each row: scikit-learn's `StratifiedKFold._make_test_folds`.
    fn folds_of_rows(&self, y: &[u8], rng: &mut Mt19937) -> Vec<u32> {
        // Classes count in the order in which they appear, so that exchanging the labels changes nothing.
        let classes = if y.first() == Some(&1) { [1, 0] } else { [0, 1] };
        let mut fold_of_row = vec![0; y.len()];
        let mut before = 0;
        for class in classes {
            let size = y.iter().filter(|&&label| label == class).count();
            // Dealing the rows, sorted by class, round robin to the folds decides how many of each class a fold gets.
            let mut dealt = vec![0usize; self.folds as usize];
            (before..before + size).for_each(|place| dealt[place % self.folds as usize] += 1);
            let mut blocks: Vec<u32> = (0u32..).zip(&dealt).flat_map(|(f, &n)| std::iter::repeat_n(f, n)).collect();
            if self.shuffle {
                rng.shuffle(&mut blocks);
            }
            let rows = y.iter().enumerate().filter(|(_, label)| **label == class).map(|(row, _)| row);
            rows.zip(blocks).for_each(|(row, fold)| fold_of_row[row] = fold);
            before += size;
        }
        fold_of_row
    }
}
