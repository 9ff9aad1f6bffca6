//! `edited-nearest-neighbours`: drops rows whose neighbours are of the other class.

use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::interpolate::{OTHERS, at_least_one, enough};
use crate::component::{Context, Entry, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::neighbors::{Ask, Euclidean, Nearest, Pair, measurable};
use crate::sampling::{Classes, Strategy};

const ID: &str = "edited-nearest-neighbours";

/// When a row stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Keep {
    /// All of its neighbours have its label.
    #[default]
    All,
    /// The most frequent label of its neighbours is its own; 0 where both are as frequent.
    Mode,
}

impl Keep {
    /// Whether a row stays that has `strangers` rows of the other label among its `k` nearest.
    fn stays(self, label: u8, strangers: usize, k: usize) -> bool {
        match self {
            Keep::All => strangers == 0,
            Keep::Mode => 2 * strangers < k || (2 * strangers == k && label == 0),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Whose rows may go: `auto` and `not-minority` (the larger class's), `majority`, `not-majority`, `all`.
    #[serde(deserialize_with = "Strategy::read_cleaning")]
    sampling_strategy: Strategy,
    /// How many neighbours are asked.
    n_neighbors: usize,
    /// `all`: a row stays if all of them have its label; `mode`: if most have.
    kind_sel: Keep,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), n_neighbors: 3, kind_sel: Keep::All }
    }
}

/// What is cleaned, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit {
    /// Whose editing it is, for messages.
    pub id: &'static str,
    pub strategy: Strategy,
    pub k: usize,
    pub keep: Keep,
}

impl Edit {
    /// # Errors
    /// A strategy that is none of cleaning, or no neighbour.
    pub fn new(id: &'static str, strategy: Strategy, k: usize, keep: Keep) -> Result<Self> {
        at_least_one("n_neighbors", k)?;
        Ok(Edit { id, strategy: strategy.cleaning()?, k, keep })
    }

    /// Which rows stay. Minority first: only majority rows that have a minority row among their neighbours are in question.
    ///
    /// # Errors
    /// More neighbours than there are other rows.
    pub fn kept(&self, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Vec<bool>> {
        self.kept_of(&Pair::new(x, y)?, x, y)
    }

    /// The same with the rows' index, which was made of them.
    ///
    /// # Errors
    /// As [`Edit::kept`].
    pub fn kept_of(&self, pair: &Pair, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Vec<bool>> {
        measurable::<Euclidean>(self.id, x)?;
        let classes = Classes::of(y);
        let mut kept = vec![true; y.len()];
        if classes.few() == 0 {
            return Ok(kept);
        }
        let k = self.k;
        enough(self.id, ("n_neighbors", k), y.len() - 1, OTHERS)?;
        let cleaned = self.strategy.cleaned(&classes);
        // Of two classes of one size the index's minority may be another one than imbalanced-learn's.
        let few = pair.minority_label();
        if cleaned[usize::from(1 - few)] {
            for (row, near) in pair.mixed::<Euclidean>(x, k) {
                let strangers = near.iter().filter(|n| y[n.row as usize] == few).count();
                kept[row] = self.keep.stays(y[row], strangers, k);
            }
        }
        if cleaned[usize::from(few)] {
            let rows: Vec<usize> = (0..y.len()).filter(|&row| y[row] == few).collect();
            for (&row, nearest) in rows.iter().zip(pair.others::<Euclidean>(x, &rows, k, Ask::Vote)) {
                let strangers = match nearest {
                    Nearest::AllMajority => k,
                    Nearest::Rows(near) => near.iter().filter(|n| y[n.row as usize] != few).count(),
                };
                kept[row] = self.keep.stays(few, strangers, k);
            }
        }
        Ok(kept)
    }
}

/// Edits what is left again and again. After each round `more` says, of the rows' labels before and after it, whether to go on.
pub(super) fn repeatedly(
    train: &Train<'_>,
    rounds: impl Iterator<Item = Edit>,
    mut more: impl FnMut(&[u8], &[u8]) -> bool,
) -> Result<Resampled> {
    let mut rows: Vec<usize> = (0..train.y.len()).collect();
    for edit in rounds {
        let y: Vec<u8> = rows.iter().map(|&row| train.y[row]).collect();
        let kept = match rows.len() == train.y.len() {
            true => edit.kept(train.x(), &y)?,
            false => edit.kept(train.x().select(Axis(0), &rows).view(), &y)?,
        };
        let mut kept = kept.into_iter();
        rows.retain(|_| kept.next() == Some(true));
        let left: Vec<u8> = rows.iter().map(|&row| train.y[row]).collect();
        if !more(&y, &left) {
            break;
        }
    }
    Ok(Resampled::chosen(rows))
}

/// Says of the labels of rows that are left whether the larger class is still at least as large as the smaller one was at first, and no
/// class is gone.
pub(super) fn still_larger(train: &Train<'_>) -> impl Fn(&[u8]) -> bool + use<> {
    let first = Classes::of(train.y);
    let larger = 1 - first.counted_minority(train.first_label());
    move |left| {
        let now = Classes::of(left);
        now.few() > 0 && now.counts[usize::from(larger)] >= first.few()
    }
}

impl Resampler for Edit {
    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let kept = self.kept(train.x(), train.y)?;
        Ok(Resampled::chosen((0..kept.len()).filter(|&row| kept[row]).collect()))
    }
}

/// Wilson, "Asymptotic properties of nearest neighbor rules using edited data", 1972, as imbalanced-learn's
/// `EditedNearestNeighbours`: the same rows, but where rows are equal or equally far: a row is never its own neighbour here,
/// and neighbours that are equally far are ordered by row, where imbalanced-learn leaves the order open.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "drops majority rows that have a minority row among their nearest", |table| {
        build::<Params, _>(ID, table, |params| {
            let edit = Edit::new(ID, params.sampling_strategy, params.n_neighbors, params.kind_sel)?;
            Ok(Box::new(edit) as Box<dyn Resampler>)
        })
    })
    .also(&[N_JOBS])
    .source(
        "https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.EditedNearestNeighbours.html",
    )
    .in_python(InPython::new().other_order());

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::tests::resample;
    use super::*;

    #[test]
    fn a_row_is_never_its_own_neighbour_among_equal_ones() {
        let x = array![[1.0], [1.0], [1.0], [9.0], [9.5], [9.75]];
        let y = [0, 0, 1, 0, 0, 0];
        let kept = |toml: &str| resample(&ENTRY, toml, &Train::numbers(x.view(), &y)).unwrap().rows;
        // The nearest other of row 0 is row 1, and the other way round; the second is the minority row.
        assert_eq!(kept("n_neighbors = 1"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(kept("n_neighbors = 2"), [2, 3, 4, 5]);
        // One of two is no majority of votes against label 0, but against label 1 it is.
        assert_eq!(kept("n_neighbors = 2\nkind_sel = 'mode'\nsampling_strategy = 'all'"), [0, 1, 3, 4, 5]);
    }

    #[test]
    fn rows_of_one_class_stay_and_ratios_are_refused() {
        let x = array![[1.0], [2.0]];
        let edited = |toml: &str, y: &[u8]| resample(&ENTRY, toml, &Train::numbers(x.view(), y));
        assert_eq!(edited("sampling_strategy = 'all'", &[1, 1]).unwrap().rows, [0, 1]);
        assert!(edited("sampling_strategy = 0.5", &[0, 1]).unwrap_err().to_string().contains("cannot be a number"));
        assert!(edited("n_neighbors = 0", &[0, 1]).unwrap_err().to_string().contains("at least 1"));
    }

    #[test]
    fn more_neighbours_than_other_rows_are_refused() {
        let x = array![[1.0], [2.0], [3.0], [4.0]];
        let edited = |toml: &str| resample(&ENTRY, toml, &Train::numbers(x.view(), &[0, 0, 1, 0]));
        assert_eq!(edited("n_neighbors = 3").unwrap().rows, [2]);
        assert_eq!(
            edited("n_neighbors = 4").unwrap_err().to_string(),
            "edited-nearest-neighbours looks at the 4 nearest other rows, and there are 3: `n_neighbors` must be at most 3"
        );
    }
}
