//! `one-sided-selection`: majority rows that a nearest-neighbour rule needs, without those of Tomek links.

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::interpolate::{at_least_one, enough};
use crate::component::{Context, Entry, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Nearest, Pair, measurable};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Classes, Strategy, rows_of};

const ID: &str = "one-sided-selection";
/// Rows are counted in 32 bits, and no rule needs to start from more draws than there are rows.
const MOST_SEEDS: usize = u32::MAX as usize;

/// The parameters of `one-sided-selection` and `condensed-nearest-neighbour`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Params {
    /// `auto`, `majority` or `not-minority`: the larger class's rows go.
    #[serde(deserialize_with = "Strategy::read_majority_only")]
    pub sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    pub random_state: Option<u32>,
    /// How many neighbours vote; `null`: one.
    pub n_neighbors: Option<usize>,
    /// How many majority rows are drawn for the rule to start from.
    #[serde(rename = "n_seeds_S")]
    pub n_seeds: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), random_state: None, n_neighbors: None, n_seeds: 1 }
    }
}

impl Params {
    /// The same, if they make sense.
    ///
    /// # Errors
    /// No neighbours, no rows to start from, or a strategy that drops no majority rows.
    pub fn checked(self) -> Result<Self> {
        at_least_one("n_neighbors", self.n_neighbors.unwrap_or(1))?;
        at_least_one("n_seeds_S", self.n_seeds)?;
        if self.n_seeds > MOST_SEEDS {
            let said = format!("`n_seeds_S` must be at most {MOST_SEEDS}, not {}", self.n_seeds);
            return Err(Error::Component(said));
        }
        self.sampling_strategy.majority_only()?;
        Ok(self)
    }
}

/// What a rule's vote is taken of at first, for messages: the minority's rows and the drawn ones.
pub(super) const STARTS: &str = "rows that its rule starts from";

struct OneSided(Params);

/// What a vote says: the most frequent label, 0 where both are as frequent.
pub(super) fn vote(labels: impl Iterator<Item = u8>) -> u8 {
    let (positives, count) =
        labels.fold((0, 0), |(positives, count), label| (positives + usize::from(label), count + 1));
    u8::from(2 * positives > count)
}

impl Resampler for OneSided {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let classes = Classes::both(ID, y)?;
        measurable::<Euclidean>(ID, x)?;
        let larger = self.0.sampling_strategy.larger(&classes);
        let (minority, majority) = (rows_of(y, 1 - larger), rows_of(y, larger));
        let mut random = Mt19937::new(self.0.random_state.unwrap_or(context.seed as u32));
        let seeds: Vec<usize> =
            (0..self.0.n_seeds).map(|_| majority[random.randint(0, majority.len() as i64) as usize]).collect();
        let known: Vec<usize> = minority.iter().chain(&seeds).copied().collect();
        let k = self.0.n_neighbors.unwrap_or(1);
        enough(ID, ("n_neighbors", k), known.len(), STARTS)?;
        let known_y: Vec<u8> = known.iter().map(|&row| y[row]).collect();
        let rule = Pair::new(x.select(Axis(0), &known).view(), &known_y)?;
        // Rows that the rule gets right are not needed.
        let mut kept: Vec<bool> = y.iter().map(|&label| label != larger).collect();
        seeds.iter().for_each(|&row| kept[row] = true);
        let others: Vec<usize> = majority.into_iter().filter(|&row| !kept[row]).collect();
        let nearest = rule.k_nearest_of::<Euclidean>(x, &others, k)?;
        for (&row, nearest) in others.iter().zip(nearest) {
            let said = match nearest {
                Nearest::AllMajority => 1 - rule.minority_label(),
                Nearest::Rows(near) => vote(near.iter().map(|n| known_y[n.row as usize])),
            };
            kept[row] = said != y[row];
        }
        let rows: Vec<usize> = (0..y.len()).filter(|&row| kept[row]).collect();
        let left: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        for (a, b) in Pair::among(x, y, &left)?.mutual::<Euclidean>(x) {
            for row in [a, b].map(|row| row as usize) {
                kept[row] = y[row] != larger;
            }
        }
        Ok(Resampled::chosen(rows.into_iter().filter(|&row| kept[row]).collect()))
    }
}

/// Kubat and Matwin, "Addressing the curse of imbalanced training sets: one-sided selection", 1997, as imbalanced-learn's
/// `OneSidedSelection`: with the same `random_state` the same rows, in ascending order, with the exceptions that
/// `edited-nearest-neighbours` names. A row that was drawn twice stands there once (twice in imbalanced-learn). Of two classes of
/// one size imbalanced-learn takes the one of the first row for the minority. Where that is the class whose rows go, it starts from rows
/// of that class alone and keeps none but the drawn ones of it; here the rule starts from all rows of the other class.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "the majority rows that a nearest-neighbour rule gets wrong, without Tomek links", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(OneSided(params.checked()?)) as Box<dyn Resampler>))
    })
    .version(2)
    .also(&[N_JOBS])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.OneSidedSelection.html")
    .in_python(InPython::new().other_order());
