//! `stratified-k-fold`: every row tests once per repeat, and every fold has the data's share of positives.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::{Roles, Split, Splitter, whole};
use crate::component::{Entry, build};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

/// scikit-learn's `StratifiedKFold`, and `RepeatedStratifiedKFold` for more than one repeat: the first repeat of a seed
/// equals the single one with that seed.
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.RepeatedStratifiedKFold.html>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StratifiedKFold {
    /// Folds per repeat; 2 or more.
    #[serde(deserialize_with = "whole::two_or_more")]
    folds: u32,
    /// Cross-validations in all, each with another shuffle; 1 or more.
    #[serde(deserialize_with = "whole::one_or_more")]
    repeats: u32,
    /// The shuffle's seed: scikit-learn's `random_state`.
    seed: u32,
    /// Without it, each class is cut into blocks in file order.
    shuffle: bool,
}

impl Default for StratifiedKFold {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, seed: 0, shuffle: true }
    }
}

pub static ENTRY: Entry<dyn Splitter> = Entry::new(
    "stratified-k-fold",
    "every row tests once per repeat, and every fold has the data's share of positives",
    |table| build("stratified-k-fold", table, |params: StratifiedKFold| params.checked()),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.RepeatedStratifiedKFold.html");

impl Splitter for StratifiedKFold {
    fn numbers(&self) -> Vec<(u32, u32)> {
        numbers(self.repeats, self.folds)
    }

    fn is_random(&self) -> bool {
        self.shuffle
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let y = &rows.y;
        Counts::of(y).enough(self.folds)?;
        let mut rng = Mt19937::new(self.seed);
        let of_repeat = |repeat| of_folds(repeat, self.folds, &self.folds_of_rows(y, &mut rng));
        Ok((0..self.repeats).flat_map(of_repeat).collect())
    }
}

impl StratifiedKFold {
    fn checked(self) -> Result<Box<dyn Splitter>> {
        check_folds(self.folds, self.repeats, self.shuffle)?;
        Ok(Box::new(self))
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

/// (repeat, fold) of repeated cross-validation.
pub(super) fn numbers(repeats: u32, folds: u32) -> Vec<(u32, u32)> {
    (0..repeats).flat_map(|repeat| (0..folds).map(move |fold| (repeat, fold))).collect()
}

/// The splits of one cross-validation, given each row's test fold.
pub(super) fn of_folds(repeat: u32, folds: u32, fold_of_row: &[u32]) -> Vec<Split> {
    let split = |fold| {
        let (test, train) = (0..fold_of_row.len()).partition(|&row| fold_of_row[row] == fold);
        Split { repeat, fold, train, validation: Vec::new(), test }
    };
    (0..folds).map(split).collect()
}

/// What holds for every cross-validation.
pub(super) fn check_folds(folds: u32, repeats: u32, shuffle: bool) -> Result<()> {
    if folds < 2 {
        return Err(Error::Study(format!("`folds` is 2 or more, not {folds}")));
    }
    if repeats < 1 {
        return Err(Error::Study("`repeats` is 1 or more, not 0".into()));
    }
    if repeats > 1 && !shuffle {
        return Err(Error::Study(format!("{repeats} repeats without `shuffle` would all be the same")));
    }
    Ok(())
}
