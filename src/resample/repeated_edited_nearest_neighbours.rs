//! `repeated-edited-nearest-neighbours`: `edited-nearest-neighbours` until nothing changes.

use serde::{Deserialize, Serialize};

use super::edited_nearest_neighbours::{Edit, Keep, repeatedly, still_larger};
use super::interpolate::at_least_one;
use crate::component::{Context, Entry, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::sampling::Strategy;

const ID: &str = "repeated-edited-nearest-neighbours";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Whose rows may go: `auto` and `not-minority` (the larger class's), `majority`, `not-majority`, `all`.
    #[serde(deserialize_with = "Strategy::read_cleaning")]
    sampling_strategy: Strategy,
    /// How many neighbours are asked.
    n_neighbors: usize,
    /// The most rounds.
    max_iter: usize,
    /// `all`: a row stays if all of them have its label; `mode`: if most have.
    kind_sel: Keep,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), n_neighbors: 3, max_iter: 100, kind_sel: Keep::All }
    }
}

struct Repeated {
    edit: Edit,
    rounds: usize,
}

impl Resampler for Repeated {
    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let still_larger = still_larger(train);
        let rounds = std::iter::repeat_n(self.edit, self.rounds);
        repeatedly(train, rounds, |before, after| before.len() != after.len() && still_larger(after))
    }
}

/// Tomek, "An experiment with the edited nearest-neighbor rule", 1976, as imbalanced-learn's
/// `RepeatedEditedNearestNeighbours`, with the exceptions that `edited-nearest-neighbours` names. It ends when a round drops
/// nothing, or leaves fewer majority rows than there are minority rows, or none of a class.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "edited-nearest-neighbours, again and again until no row goes", |table| {
        build::<Params, _>(ID, table, |params| {
            at_least_one("max_iter", params.max_iter)?;
            let edit = Edit::new(ID, params.sampling_strategy, params.n_neighbors, params.kind_sel)?;
            Ok(Box::new(Repeated { edit, rounds: params.max_iter }) as Box<dyn Resampler>)
        })
    })
    .version(2)
    .also(&[N_JOBS])
    .source(
        "https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.RepeatedEditedNearestNeighbours.html",
    )
    .in_python(InPython::new().other_order());
