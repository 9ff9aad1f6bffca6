//! `neighbourhood-cleaning-rule`: drops majority rows that their neighbours outvote, and the neighbours of minority rows that
//! are outvoted.

use serde::{Deserialize, Serialize};

use super::edited_nearest_neighbours::{Edit, Keep};
use super::interpolate::told;
use crate::component::{Also, Context, Entry, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Ask, Euclidean, Pair};
use crate::sampling::{Classes, Strategy, rows_of};
use crate::words::short;

const ID: &str = "neighbourhood-cleaning-rule";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Whose rows may go: `auto` and `not-minority` (the larger class's), `majority`, `not-majority`, `all`.
    #[serde(deserialize_with = "Strategy::read_cleaning")]
    sampling_strategy: Strategy,
    /// How many neighbours are asked.
    n_neighbors: usize,
    /// Neighbours of outvoted minority rows go only from classes with more than this share of the minority's rows.
    threshold_cleaning: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), n_neighbors: 3, threshold_cleaning: 0.5 }
    }
}

struct Cleaning {
    edit: Edit,
    threshold: f64,
}

impl Resampler for Cleaning {
    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let classes = Classes::of(y);
        let pair = Pair::new(x, y)?;
        let mut kept = self.edit.kept_of(&pair, x, y)?;
        let cleaned = self.edit.strategy.cleaned(&classes);
        let goes = |label: u8| {
            let at = usize::from(label);
            cleaned[at] && classes.counts[at] as f64 > classes.few() as f64 * self.threshold
        };
        let few = classes.counted_minority(train.first_label());
        let minority = rows_of(y, few);
        let near = told(pair.others::<Euclidean>(x, &minority, self.edit.k, Ask::Rows))?;
        for near in near {
            // imbalanced-learn has the row itself vote, and all but the last of the others.
            let voters = self.edit.k;
            let against = near[..voters - 1].iter().filter(|n| y[n.row as usize] != few).count();
            let outvoted = 2 * against > voters || (2 * against == voters && few == 1);
            if outvoted {
                near.iter().map(|n| n.row as usize).filter(|&row| goes(y[row])).for_each(|row| kept[row] = false);
            }
        }
        Ok(Resampled::chosen((0..y.len()).filter(|&row| kept[row]).collect()))
    }
}

/// Laurikkala, "Improving identification of difficult small classes by balancing class distribution", 2001, as
/// imbalanced-learn's `NeighbourhoodCleaningRule` with its own `EditedNearestNeighbours(kind_sel="mode")`, with the exceptions
/// that `edited-nearest-neighbours` names.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "drops majority rows that are outvoted, and the neighbours of outvoted minority rows", |table| {
        build::<Params, _>(ID, table, |params| {
            let edit = Edit::new(ID, params.sampling_strategy, params.n_neighbors, Keep::Mode)?;
            let threshold = params.threshold_cleaning;
            match threshold > 0.0 && threshold.is_finite() {
                true => Ok(Box::new(Cleaning { edit, threshold }) as Box<dyn Resampler>),
                false => {
                    Err(Error::Study(format!("`threshold_cleaning` must be above 0, but is {}", short(threshold))))
                }
            }
        })
    })
    .version(2)
    .also(&[
        N_JOBS,
        Also::only(
            "edited_nearest_neighbours",
            "null",
            "the rows that neighbours outvote go first, with `n_neighbors` as given: leave it out",
        ),
    ])
    .source(
        "https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.NeighbourhoodCleaningRule.html",
    );
