//! The levels of the training rows, which every encoder starts from.

use serde::{Deserialize, Serialize};

use ndarray::Array2;

use crate::component::{FittedTransformer, SavedCode, SavedStep, StepForm, Train};
use crate::data::{Column, Kind};
use crate::error::{Error, Result};

/// Why a study lists no levels.
pub(super) const LEARNT: &str = "the levels are those of the training rows, in the order of their texts: leave it out";

/// A category column among the training rows.
pub(super) struct Known {
    /// For each level of the table its number among those of the training rows, if it is there.
    pub place: Vec<Option<u32>>,
    /// The levels of the training rows, sorted as those of the table are.
    pub texts: Vec<String>,
    /// How many training rows have each of these levels.
    pub counts: Vec<usize>,
    /// How many training rows have no value.
    pub missing: usize,
}

/// What is known of each column; none for numbers and times.
pub(super) fn known(train: &Train<'_>) -> Vec<Option<Known>> {
    let x = train.x();
    let of = |(at, column): (usize, &Column)| {
        let Kind::Category(levels) = &column.kind else { return None };
        let mut seen = vec![0; levels.len()];
        let mut missing = 0;
        for value in x.column(at) {
            match seen.get_mut(*value as usize).filter(|_| !value.is_nan()) {
                Some(seen) => *seen += 1,
                None => missing += 1,
            }
        }
        let (mut texts, mut counts) = (Vec::new(), Vec::new());
        let place = seen.iter().zip(levels.iter()).map(|(&seen, level)| {
            (seen > 0).then(|| {
                texts.push(level.clone());
                counts.push(seen);
                texts.len() as u32 - 1
            })
        });
        let place = place.collect();
        Some(Known { place, texts, counts, missing })
    };
    train.features.columns.iter().enumerate().map(of).collect()
}

impl Known {
    /// The number of a value among the levels of the training rows; none where it is missing or unseen.
    pub fn of(&self, value: f64) -> Option<u32> {
        // NaN as an integer is 0, so it has to be asked first.
        if value.is_nan() { None } else { self.place.get(value as usize).copied().flatten() }
    }
}

/// What an encoder makes of each level, each column by itself, told by showing it one row per level. For a column that stays there
/// is none; for a category the number of the table's levels, and into how many columns it goes.
pub(super) fn saved(encoder: &dyn FittedTransformer, categories: &[Option<(usize, usize)>]) -> Option<SavedStep> {
    let mut codes = Vec::with_capacity(categories.len());
    let mut first = 0;
    for (at, category) in categories.iter().enumerate() {
        let Some((levels, width)) = *category else {
            codes.push(SavedCode::Same);
            first += 1;
            continue;
        };
        // Behind the levels a level that the table lacks, then a missing value.
        let mut shown = Array2::zeros((levels + 2, categories.len()));
        shown.column_mut(at).iter_mut().enumerate().for_each(|(level, value)| *value = level as f64);
        shown[(levels + 1, at)] = f64::NAN;
        let made = encoder.transform(shown).ok()?;
        let code = |row: usize| made.row(row).iter().skip(first).take(width).copied().collect::<Vec<f64>>();
        let values = (0..levels).map(code).collect();
        codes.push(SavedCode::Levels { values, unseen: code(levels), missing: code(levels + 1) });
        first += width;
    }
    Some(SavedStep { form: StepForm::Coded { codes }, columns: encoder.columns().to_vec() })
}

/// From how many training rows on a level stands for itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number of rows, or a share of them between 0 and 1")]
pub(super) enum MinFrequency {
    Rows(u32),
    Share(f64),
}

/// Which levels are so rare that they are one level together: scikit-learn's `min_frequency` and `max_categories`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rare {
    pub min_frequency: Option<MinFrequency>,
    pub max_categories: Option<u32>,
}

impl Rare {
    /// # Errors
    /// Numbers that leave nothing, or that say nothing.
    pub fn checked(self) -> Result<Self> {
        match (self.min_frequency, self.max_categories) {
            (Some(MinFrequency::Rows(0)), _) => Err(Error::Study("`min_frequency` must be at least 1, not 0".into())),
            (Some(MinFrequency::Share(share)), _) if !(share > 0.0 && share < 1.0) => Err(Error::Study(format!(
                "`min_frequency` must be a whole number of rows, such as 1, or a share between 0 and 1, not {share:?}"
            ))),
            (_, Some(0)) => Err(Error::Study("`max_categories` must be at least 1, not 0".into())),
            _ => Ok(self),
        }
    }

    /// Whether levels with these counts, of so many rows, are rare.
    pub fn of(&self, counts: &[usize], rows: usize) -> Vec<bool> {
        let mut rare: Vec<bool> = counts
            .iter()
            .map(|&count| match self.min_frequency {
                None => false,
                Some(MinFrequency::Rows(least)) => count < least as usize,
                Some(MinFrequency::Share(share)) => (count as f64) < rows as f64 * share,
            })
            .collect();
        let shown = rare.iter().filter(|rare| !**rare).count() + 1;
        if let Some(most) = self.max_categories.map(|most| most as usize).filter(|&most| most < shown) {
            // Of equal counts the earlier levels are rarer.
            let mut order: Vec<usize> = (0..counts.len()).collect();
            order.sort_by_key(|&level| counts[level]);
            order[..counts.len() - (most - 1)].iter().for_each(|&level| rare[level] = true);
        }
        rare
    }

    /// For each level its number among those that are left; the rare ones have the last one together. And how many are left.
    pub fn grouped(&self, counts: &[usize], rows: usize) -> Grouped {
        let rare = self.of(counts, rows);
        let frequent: Vec<usize> = (0..rare.len()).filter(|&level| !rare[level]).collect();
        let mut group = vec![frequent.len() as u32; rare.len()];
        frequent.iter().zip(0..).for_each(|(&level, nth)| group[level] = nth);
        let has_rare = frequent.len() < rare.len();
        Grouped { group, count: frequent.len() + usize::from(has_rare), frequent, has_rare }
    }
}

/// Levels after the rare ones were put together.
pub(super) struct Grouped {
    /// For each level its group.
    pub group: Vec<u32>,
    /// How many groups there are.
    pub count: usize,
    /// The levels that stand for themselves.
    pub frequent: Vec<usize>,
    /// Whether the last group is of rare levels.
    pub has_rare: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_looks_like_a_number_of_rows_is_told_as_it_was_written() {
        let rare = super::Rare { min_frequency: Some(super::MinFrequency::Share(1.0)), max_categories: None };
        assert_eq!(
            rare.checked().unwrap_err().to_string(),
            "`min_frequency` must be a whole number of rows, such as 1, or a share between 0 and 1, not 1.0"
        );
    }

    #[test]
    fn rare_levels_are_scikit_learns() {
        let rare = |min_frequency, max_categories| Rare { min_frequency, max_categories }.of(&[5, 1, 3, 1], 10);
        assert_eq!(rare(None, None), [false; 4]);
        assert_eq!(rare(Some(MinFrequency::Rows(3)), None), [false, true, false, true]);
        assert_eq!(rare(Some(MinFrequency::Share(0.31)), None), [false, true, true, true]);
        assert_eq!(rare(None, Some(1)), [true; 4]);
        // Four levels fit four columns only if one of them is for rare ones.
        assert_eq!(rare(None, Some(4)), [false, true, false, false]);
        assert_eq!(rare(None, Some(5)), [false; 4]);
        let grouped = Rare { min_frequency: None, max_categories: Some(3) }.grouped(&[5, 1, 3, 1], 10);
        assert_eq!((grouped.group, grouped.count), (vec![0, 2, 1, 2], 3));
    }
}
