//! `ecod` and `copod`: how far out in the tails of its columns a row lies. No label is looked at.

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::two_class;
use crate::component::N_JOBS;
use crate::component::{Built, Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Train, build};
use crate::error::{COLUMN, Error, Result};
use crate::numeric::percentile::percentile;

/// scipy takes a column for constant whose spread is below this share of its mean.
const RESOLUTION: f64 = 1e-15;

/// PyOD's name and default.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// The share of the training rows that are labelled 1, in (0, 0.5].
    contamination: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { contamination: 0.1 }
    }
}

/// What becomes of a column's two tails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Joined {
    /// The largest of left, right and the one that the skewness points to.
    Ecod,
    /// The larger of their mean and the one that the skewness points to.
    Copod,
}

impl Joined {
    fn id(self) -> &'static str {
        match self {
            Joined::Ecod => "ecod",
            Joined::Copod => "copod",
        }
    }

    /// From the negative logarithms of both tails; `skew` is the sign of the skewness.
    fn of(self, left: f64, right: f64, skew: f64) -> f64 {
        let pointed = if skew > 0.0 {
            right
        } else if skew < 0.0 {
            left
        } else {
            left + right
        };
        match self {
            Joined::Ecod => pointed.max(left.max(right)),
            Joined::Copod => pointed.max((left + right) / 2.0),
        }
    }
}

struct Tails {
    joined: Joined,
    contamination: f64,
}

fn built(joined: Joined, table: &toml::Table) -> Result<Built<dyn Classifier>> {
    build::<Params, _>(joined.id(), table, |Params { contamination }| {
        match contamination > 0.0 && contamination <= 0.5 {
            true => Ok(Box::new(Tails { joined, contamination }) as Box<dyn Classifier>),
            false => Err(Error::Study(format!("`contamination` must lie in (0, 0.5], not {contamination}"))),
        }
    })
}

/// A column of the training rows.
struct Tail {
    sorted: Vec<f64>,
    mean: f64,
    /// Sums of the second and third powers of the deviations from the mean.
    squares: f64,
    cubes: f64,
}

impl Tail {
    /// A column of sorted values.
    fn of(values: Vec<f64>) -> Self {
        let rows = values.len() as f64;
        let first = values.iter().sum::<f64>() / rows;
        let mean = first + values.iter().map(|value| value - first).sum::<f64>() / rows;
        let power = |exponent: i32| values.iter().map(|value| (value - mean).powi(exponent)).sum::<f64>();
        Tail { mean, squares: power(2), cubes: power(3), sorted: values }
    }

    /// A column as it stands in the table, and what each of its rows gets: one sort tells the ranks of all of them.
    fn with_own(column: &[f64], joined: Joined) -> (Self, Vec<f64>) {
        let mut order: Vec<(f64, u32)> = column.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let tail = Self::of(order.iter().map(|(value, _)| *value).collect());
        let rows = order.len() as f64;
        let skew = sign(tail.mean, tail.squares / rows, tail.cubes);
        let (mut own, mut below) = (vec![0.0; order.len()], 0);
        for equal in order.chunk_by(|one, other| one.0 == other.0) {
            let (low, high) = (below + equal.len(), order.len() - below);
            let gets = joined.of(-(low as f64 / rows).ln(), -(high as f64 / rows).ln(), skew);
            equal.iter().for_each(|&(_, row)| own[row as usize] = gets);
            below = low;
        }
        (tail, own)
    }

    /// How many rows lie at or below a value, and how many at or above it.
    fn ranks(&self, value: f64) -> (usize, usize) {
        let below = self.sorted.partition_point(|other| *other < value);
        let from = &self.sorted[below..];
        // Most values that no training row has need no second search.
        let equal = if from.first() == Some(&value) { from.partition_point(|other| *other <= value) } else { 0 };
        (below + equal, self.sorted.len() - below)
    }

    /// What a further row with this value gets, as if it were one of the training rows.
    fn further(&self, value: f64, joined: Joined) -> f64 {
        let (low, high) = self.ranks(value);
        let before = self.sorted.len() as f64;
        let rows = before + 1.0;
        // How the sums change with one more value (Pébay 2008, Sandia report SAND2008-6212).
        let off = value - self.mean;
        let step = off / rows;
        let squares = self.squares + off * step * before;
        let cubes = self.cubes + off * step * step * before * (before - 1.0) - 3.0 * step * self.squares;
        let skew = sign(self.mean + step, squares / rows, cubes);
        joined.of(-((low + 1) as f64 / rows).ln(), -((high + 1) as f64 / rows).ln(), skew)
    }
}

/// The sign of the skewness; 0 for a constant column.
fn sign(mean: f64, variance: f64, cubes: f64) -> f64 {
    if variance <= (RESOLUTION * mean).powi(2) || cubes == 0.0 { 0.0 } else { cubes.signum() }
}

impl Classifier for Tails {
    fn random_states(&self) -> usize {
        0
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, joined) = (train.x(), self.joined);
        let id = joined.id();
        if x.nrows() == 0 {
            return Err(Error::Component(format!("{id} needs training rows")));
        }
        if let Some(((_, at), value)) = x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(Error::Column { at, said: format!("{id}: {COLUMN} holds {value}, and values must be finite") });
        }
        if u32::try_from(x.nrows()).is_err() {
            return Err(Error::Component(format!("{id} cannot be fitted on {} rows", x.nrows())));
        }
        let (mut tails, mut scores) = (Vec::new(), vec![-0.0; x.nrows()]);
        let columns: Vec<usize> = (0..x.ncols()).collect();
        // As many columns at a time as there are threads; they are added in their order, whoever sorted them.
        for some in columns.chunks(rayon::current_num_threads()) {
            let made: Vec<(Tail, Vec<f64>)> =
                some.par_iter().map(|&at| Tail::with_own(&x.column(at).to_vec(), joined)).collect();
            for (tail, own) in made {
                scores.iter_mut().zip(own).for_each(|(score, own)| *score += own);
                tails.push(tail);
            }
        }
        let threshold = percentile(&mut scores, 1.0 - self.contamination);
        Ok(Box::new(Fitted { joined, tails, threshold }))
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

struct Fitted {
    joined: Joined,
    tails: Vec<Tail>,
    /// Scores above it are labelled 1.
    threshold: f64,
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(self.joined.id(), self.tails.len(), x.ncols())?;
        let mut score = vec![-0.0; x.nrows()];
        // Column after column, so that the sorted one at hand stays in the cache.
        for (tail, column) in self.tails.iter().zip(x.columns()) {
            score.par_iter_mut().with_min_len(1024).enumerate().for_each(|(row, score)| {
                *score += tail.further(column[row], self.joined);
            });
        }
        let label = score.iter().map(|score| u8::from(*score > self.threshold)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// `ECOD` of PyOD (Li et al. 2022, <https://doi.org/10.1109/TKDE.2022.3159580>): the score is `decision_function` of each row by
/// itself, so that a row's score follows from the training rows and from nothing else that is asked about. PyOD ranks all rows
/// that are asked about at once among each other.
pub const ECOD: Entry<dyn Classifier> =
    Entry::new("ecod", "unsupervised reference: how far out in its columns' tails a row lies", |table| {
        built(Joined::Ecod, table)
    })
    .source("https://pyod.readthedocs.io/en/latest/pyod.models.html#module-pyod.models.ecod")
    .cost(Cost::seconds(3.0))
    .also(&[N_JOBS])
    .look(30);

/// `COPOD` of PyOD (Li et al. 2020, <https://doi.org/10.1109/ICDM50108.2020.00135>), asked row by row like [`ECOD`].
pub const COPOD: Entry<dyn Classifier> = Entry::new(
    "copod",
    "unsupervised reference: how far out in its columns' tails a row lies, by the mean of both",
    |table| built(Joined::Copod, table),
)
.source("https://pyod.readthedocs.io/en/latest/pyod.models.html#module-pyod.models.copod")
.cost(Cost::seconds(3.0))
.also(&[N_JOBS])
.look(31);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::mt19937::Mt19937;

    #[test]
    fn a_further_row_gets_what_it_would_get_as_one_of_the_training_rows() {
        let mut random = Mt19937::new(4);
        // Ties, skewed to the right.
        let values: Vec<f64> = (0..40).map(|_| (4.0 * random.next_f64()).powi(3).round()).collect();
        for value in [-5.0, 0.0, 3.0, values[7], 63.5, 4_000.0] {
            let more: Vec<f64> = values.iter().copied().chain([value]).collect();
            for joined in [Joined::Ecod, Joined::Copod] {
                let (tail, _) = Tail::with_own(&values, joined);
                let further = tail.further(value, joined);
                let own = Tail::with_own(&more, joined).1[values.len()];
                assert!((further - own).abs() < 1e-12, "{value}: {further} and {own}");
            }
        }
    }
}
