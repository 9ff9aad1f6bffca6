//! `all-knn`: `edited-nearest-neighbours` with one neighbour, then two, and so on.

use serde::{Deserialize, Serialize};

use super::edited_nearest_neighbours::{Edit, Keep, repeatedly, still_larger};
use crate::component::{Context, Entry, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::sampling::{Classes, Strategy};

const ID: &str = "all-knn";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Whose rows may go: `auto` and `not-minority` (the larger class's), `majority`, `not-majority`, `all`.
    #[serde(deserialize_with = "Strategy::read_cleaning")]
    sampling_strategy: Strategy,
    /// How many neighbours are asked in the last round.
    n_neighbors: usize,
    /// `all`: a row stays if all of them have its label; `mode`: if most have.
    kind_sel: Keep,
    /// Whether to go on when the larger class has become the smaller one.
    allow_minority: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), n_neighbors: 3, kind_sel: Keep::All, allow_minority: false }
    }
}

struct AllKnn {
    edit: Edit,
    allow_minority: bool,
}

impl Resampler for AllKnn {
    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let still_larger = still_larger(train);
        let rounds = (1..=self.edit.k).map(|k| Edit { k, ..self.edit });
        repeatedly(train, rounds, |_, after| match self.allow_minority {
            true => Classes::of(after).few() > 0,
            false => still_larger(after),
        })
    }
}

/// Tomek 1976 as imbalanced-learn's `AllKNN`, with the exceptions that `edited-nearest-neighbours` names.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "edited-nearest-neighbours with one neighbour, then two, up to `n_neighbors`", |table| {
        build::<Params, _>(ID, table, |params| {
            let edit = Edit::new(ID, params.sampling_strategy, params.n_neighbors, params.kind_sel)?;
            Ok(Box::new(AllKnn { edit, allow_minority: params.allow_minority }) as Box<dyn Resampler>)
        })
    })
    .version(2)
    .also(&[N_JOBS])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.AllKNN.html")
    .in_python(InPython::new().other_order());
