//! Made-up rows between a row and one of its neighbours: what all kinds of SMOTE share.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::component::Resampled;
use crate::error::{Error, Result};
use crate::neighbors::{Ask, Euclidean, Nearest, Neighbor, Pair, measurable};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Classes, Strategy};
use crate::words::{agree, counted};

/// The parameters of `smote`, `smote-nc` and `smote-n`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Params {
    /// `auto` (as many rows as the majority has), or minority rows per majority row afterwards, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_adding")]
    pub sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    pub random_state: Option<u32>,
    /// How many nearest minority rows a row is joined with; for `smote-n`, how many decide beside the row itself.
    pub k_neighbors: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), random_state: None, k_neighbors: 5 }
    }
}

impl Params {
    /// The same, if they make sense.
    ///
    /// # Errors
    /// No neighbours, or a strategy that adds no minority rows.
    pub fn checked(self) -> Result<Self> {
        at_least_one("k_neighbors", self.k_neighbors)?;
        self.sampling_strategy.adding()?;
        Ok(self)
    }
}

/// Rows, and for each of them the same number of others that it can be joined with. All are places in one matrix.
pub(super) struct Joins {
    pub from: Vec<usize>,
    /// One row's after the other's.
    pub near: Vec<usize>,
    /// How many each has.
    pub k: usize,
}

/// A made row's recipe, in imbalanced-learn's order of draws.
pub(super) struct Step {
    /// The place of the row that it starts from in [`Joins::from`].
    pub from: usize,
    /// The place of the row that it goes towards in [`Joins::near`].
    pub near: usize,
    /// How far.
    pub share: f64,
}

impl Joins {
    /// Draws `count` steps of at most `largest` from the stream of `seed`: first all rows, then all shares.
    pub fn steps(&self, count: usize, largest: f64, seed: u32) -> Vec<Step> {
        let mut random = Mt19937::new(seed);
        let draws: Vec<usize> = (0..count).map(|_| random.randint(0, self.near.len() as i64) as usize).collect();
        let step = |draw: usize| Step { from: draw / self.k, near: draw, share: largest * random.next_f64() };
        draws.into_iter().map(step).collect()
    }

    /// The made rows of such steps. A step towards a row for which `shorten` gives a number is shortened by it.
    pub fn made(
        &self,
        x: ArrayView2<'_, f64>,
        steps: &[Step],
        mut shorten: impl FnMut(usize) -> Option<f64>,
    ) -> Array2<f64> {
        let mut made = Array2::zeros((steps.len(), x.ncols()));
        for (mut out, step) in made.rows_mut().into_iter().zip(steps) {
            let to = self.near[step.near];
            let shorter = shorten(to).unwrap_or(1.0);
            let (from, to) = (x.row(self.from[step.from]), x.row(to));
            out.iter_mut().zip(from).zip(to).for_each(|((out, from), to)| {
                *out = from + step.share * ((to - from) * shorter);
            });
        }
        made
    }

    /// For each step the row that it starts from.
    pub fn origins(&self, steps: &[Step]) -> Vec<usize> {
        steps.iter().map(|step| self.from[step.from]).collect()
    }
}

/// What a resampler that adds minority rows begins with: all rows, and how many are to be added.
pub(super) struct Adding {
    pub classes: Classes,
    pub resampled: Resampled,
    pub wanted: usize,
}

impl Adding {
    pub fn new(id: &str, strategy: Strategy, y: &[u8]) -> Result<Self> {
        let classes = Classes::of(y);
        let wanted = strategy.lacking(id, &classes)?;
        Ok(Adding { classes, resampled: Resampled::chosen((0..y.len()).collect()), wanted })
    }

    /// The minority rows, of which each is to be joined with `k` others; `parameter` is what `id` calls that number.
    ///
    /// # Errors
    /// Too few of them.
    pub fn minority(&self, id: &str, (parameter, k): (&str, usize), y: &[u8]) -> Result<Vec<usize>> {
        let there = match self.classes.few() {
            few if few > k => return Ok(self.classes.minority_rows(y)),
            0 => return Err(Error::Component(format!("{id} needs rows of both classes"))),
            1 => "there is 1 minority row, which has no other to be joined with: use `random-oversampling`".to_owned(),
            few => format!("there are {few} minority rows: `{parameter}` must be at most {}", few - 1),
        };
        let others = counted(k as u64, "other");
        Err(Error::Component(format!("{id} joins a minority row with {others}, and {there}")))
    }

    /// All rows, and the made ones.
    pub fn with(mut self, made: Array2<f64>, made_from: Vec<usize>) -> Resampled {
        self.resampled.made_y = vec![self.classes.minority; made_from.len()];
        self.resampled.made = made;
        self.resampled.made_from = made_from;
        self.resampled
    }
}

/// Refuses `k_neighbors = 0` and the like.
pub(super) fn at_least_one(name: &str, number: usize) -> Result<()> {
    match number {
        0 => Err(Error::Study(format!("`{name}` must be at least 1, not 0"))),
        _ => Ok(()),
    }
}

/// Refuses more neighbours than there are rows to choose them from, as imbalanced-learn does: fewer would be another rule than the
/// one that was asked for. `parameter` is what `id` calls the number of neighbours, `which` says what the `there` rows are.
///
/// # Errors
/// [`Error::Component`] with the largest number that fits.
pub(super) fn enough(id: &str, (parameter, wanted): (&str, usize), there: usize, which: &str) -> Result<()> {
    match wanted <= there {
        true => Ok(()),
        false => Err(Error::Component(format!(
            "{id} looks at the {wanted} nearest {which}, and there {} {there}: `{parameter}` must be at most {there}",
            agree(there, "is", "are")
        ))),
    }
}

/// What [`enough`] calls the rows that a row's neighbours are chosen from.
pub(super) const OTHERS: &str = "other rows";

/// For each of the rows `of`, which are among `rows` of `x`, its `k` nearest others among `rows`. There must be so many. `id` is who asks.
pub(super) fn nearest_among(id: &str, x: ArrayView2<'_, f64>, rows: &[usize], of: &[usize], k: usize) -> Result<Joins> {
    let some = x.select(Axis(0), rows);
    measurable::<Euclidean>(id, some.view())?;
    // One class: no vote is to be decided, so that all neighbours are told.
    let pair = Pair::new(some.view(), &vec![0; rows.len()])?;
    let places: Vec<usize> = match of.len() == rows.len() {
        true => (0..rows.len()).collect(),
        // Both ascend, and every one of `of` is among `rows`.
        false => of.iter().map(|row| rows.partition_point(|other| other < row)).collect(),
    };
    let near = told(pair.others::<Euclidean>(some.view(), &places, k, Ask::Rows))?;
    let near = near.into_iter().flatten().map(|n| rows[n.row as usize]).collect();
    Ok(Joins { from: of.to_vec(), near, k })
}

/// Neighbours that were asked for as rows.
pub(super) fn told(nearest: Vec<Nearest>) -> Result<Vec<Vec<Neighbor>>> {
    let rows = |nearest| match nearest {
        Nearest::Rows(rows) => Ok(rows),
        Nearest::AllMajority => Err(Error::Component("the neighbours of a row were not told".into())),
    };
    nearest.into_iter().map(rows).collect()
}

/// For each of `rows` of `x` how many of its `m` nearest others have the other label. All rows have one label, the minority's.
pub(super) fn strangers(pair: &Pair, x: ArrayView2<'_, f64>, y: &[u8], rows: &[usize], m: usize) -> Vec<usize> {
    let told = pair.others::<Euclidean>(x, rows, m, Ask::Vote);
    let count = |(&row, nearest): (&usize, Nearest)| match nearest {
        Nearest::AllMajority => m,
        Nearest::Rows(near) => near.iter().filter(|n| y[n.row as usize] != y[row]).count(),
    };
    rows.iter().zip(told).map(count).collect()
}
