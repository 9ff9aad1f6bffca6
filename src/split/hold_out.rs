//! `hold-out`: one random test part; a validation part, if wanted, is split off the training part in the same way.

use serde::{Deserialize, Serialize};

use super::draw::stratified;
use super::{Roles, Split, Splitter, shares, whole};
use crate::component::{Entry, build, later};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

/// scikit-learn's `train_test_split`, done once more on its training part for the validation part, with the same seed.
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.train_test_split.html>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct HoldOut {
    /// The test part's share of all rows, rounded up to whole rows; between 0 and 1.
    test: f64,
    /// The validation part's share of the rows that do not test; between 0 and 1. Without it there is none.
    validation: Option<f64>,
    /// The shuffle's seed: scikit-learn's `random_state`.
    seed: u32,
    /// Splits in all, 1 or more; repeat `r`, counted from 0, has the seed `seed + r` (modulo 2^32).
    #[serde(deserialize_with = "whole::one_or_more")]
    repeats: u32,
    /// Each part gets the data's share of positives.
    stratify: bool,
}

impl Default for HoldOut {
    fn default() -> Self {
        Self { test: 0.25, validation: None, seed: 0, repeats: 1, stratify: true }
    }
}

pub static ENTRY: Entry<dyn Splitter> = Entry::new(
    "hold-out",
    "one random test part, and a validation part if wanted; repeated with other seeds or not",
    |table| {
        let built = build("hold-out", table, |params: HoldOut| params.checked())?;
        // One split without validation rows is what there was first: the keys of its records stay.
        Ok(later::<HoldOut, _>(built, &["validation", "repeats"]))
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.model_selection.train_test_split.html");

impl Splitter for HoldOut {
    fn numbers(&self) -> Vec<(u32, u32)> {
        (0..self.repeats).map(|repeat| (repeat, 0)).collect()
    }

    fn is_random(&self) -> bool {
        true
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        (0..self.repeats).map(|repeat| self.split(&rows.y, repeat)).collect()
    }
}

impl HoldOut {
    fn checked(self) -> Result<Box<dyn Splitter>> {
        if self.repeats < 1 {
            return Err(Error::Study("`repeats` is 1 or more, not 0".into()));
        }
        shares::check(self.test, ("validation", self.validation))?;
        Ok(Box::new(self))
    }

    fn split(&self, y: &[u8], repeat: u32) -> Result<Split> {
        let seed = self.seed.wrapping_add(repeat);
        let rows: Vec<usize> = (0..y.len()).collect();
        let (mut train, mut test) = self.divide(&rows, y, (self.test, "test"), seed)?;
        let mut validation = Vec::new();
        if let Some(share) = self.validation {
            // The training part goes in shuffled, as a script hands it from one call to the next.
            (train, validation) = self.divide(&train, y, (share, "validation"), seed)?;
        }
        [&mut train, &mut validation, &mut test].into_iter().for_each(|part| part.sort_unstable());
        Ok(Split { repeat, fold: 0, train, validation, test })
    }

    /// One `train_test_split(rows, test_size=share)`: (the rest, shuffled; the part taken).
    fn divide(
        &self,
        rows: &[usize],
        y: &[u8],
        (share, part): (f64, &str),
        seed: u32,
    ) -> Result<(Vec<usize>, Vec<usize>)> {
        let taken = shares::taken((rows.len(), "rows"), share, part)?;
        let mut rng = Mt19937::new(seed);
        if self.stratify {
            return stratified(rows, y, (rows.len() - taken, taken), part, &mut rng);
        }
        let order = rng.permutation(rows.len());
        let pick = |places: &[usize]| places.iter().map(|&place| rows[place]).collect();
        Ok((pick(&order[taken..]), pick(&order[..taken])))
    }
}
