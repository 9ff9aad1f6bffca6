//! `hold-out`: one random test part; a validation part, if wanted, is split off the training part in the same way.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::{Roles, Split, Splitter, shares};
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
        shares::check(self.test, self.validation)?;
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
        let taken = shares::taken(rows.len(), share, part)?;
        let mut rng = Mt19937::new(seed);
        if self.stratify {
            return stratified(rows, y, taken, part, &mut rng);
        }
        let order = rng.permutation(rows.len());
        let pick = |places: &[usize]| places.iter().map(|&place| rows[place]).collect();
        Ok((pick(&order[taken..]), pick(&order[..taken])))
    }
}

/// The rows of `y` in one `train_test_split(test_size=share, stratify=y)` with a stream under way: (the rest; the part taken),
/// either in scikit-learn's shuffled order. For learners that keep rows out themselves.
///
/// # Errors
/// [`Error::Data`] where a class or a part would have fewer than two rows.
pub(crate) fn stratified_parts(
    y: &[u8],
    share: f64,
    part: &str,
    rng: &mut Mt19937,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let rows: Vec<usize> = (0..y.len()).collect();
    stratified(&rows, y, shares::taken(y.len(), share, part)?, part, rng)
}

/// scikit-learn's `StratifiedShuffleSplit._iter_indices`.
fn stratified(
    rows: &[usize],
    y: &[u8],
    taken: usize,
    part: &str,
    rng: &mut Mt19937,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let (negatives, positives): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| y[row] == 0);
    let counts = Counts { positives: positives.len(), negatives: negatives.len() };
    if counts.positives.min(counts.negatives) < 2 || taken < 2 || rows.len() - taken < 2 {
        return Err(Error::Data(format!(
            "a stratified {part} part of {taken} rows cannot be taken from {counts}: each class needs 2 rows or more, \
             and so does each part"
        )));
    }
    let sizes = [counts.negatives, counts.positives];
    let rest = approximate_mode(sizes, rows.len() - taken, rng);
    let part = approximate_mode([sizes[0] - rest[0], sizes[1] - rest[1]], taken, rng);
    let mut kept = Vec::with_capacity(rows.len() - taken);
    let mut out = Vec::with_capacity(taken);
    for (class, members) in [negatives, positives].iter().enumerate() {
        let order = rng.permutation(members.len());
        let (first, second) = order.split_at(rest[class]);
        kept.extend(first.iter().map(|&place| members[place]));
        out.extend(second[..part[class]].iter().map(|&place| members[place]));
    }
    rng.shuffle(&mut kept);
    // No caller needs this order, but learners go on with the stream.
    rng.shuffle(&mut out);
    Ok((kept, out))
}

/// How many of `draws` rows come from each class: scikit-learn's `_approximate_mode`, tie-breaking draws included.
fn approximate_mode(sizes: [usize; 2], draws: usize, rng: &mut Mt19937) -> [usize; 2] {
    let total = (sizes[0] + sizes[1]) as f64;
    let ideal = sizes.map(|size| size as f64 / total * draws as f64);
    let mut drawn = ideal.map(|share| share.floor() as usize);
    let left_over = ideal.map(|share| share - share.floor());
    let mut missing = draws.saturating_sub(drawn[0] + drawn[1]);
    // Classes that have the larger remainder go first; equal remainders are one group, drawn from at random.
    let groups: &[&[usize]] = match left_over[0].total_cmp(&left_over[1]) {
        std::cmp::Ordering::Equal => &[&[0, 1]],
        std::cmp::Ordering::Greater => &[&[0], &[1]],
        std::cmp::Ordering::Less => &[&[1], &[0]],
    };
    for group in groups {
        if missing == 0 {
            break;
        }
        for place in rng.choice(group.len(), missing) {
            drawn[group[place]] += 1;
            missing -= 1;
        }
    }
    drawn
}
