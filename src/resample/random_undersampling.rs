//! `random-undersampling`: all rows of the smaller class, and as many of the larger as a ratio asks for.

use serde::{Deserialize, Serialize};

use crate::component::{Context, Entry, InPython, Resampled, Resampler, Shape, Train, build, later};
use crate::error::Result;
use crate::sampling::{Strategy, undersampled};

const ID: &str = "random-undersampling";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Minority rows a majority row, in (0, 1]; or imbalanced-learn's `auto`, `majority`, `not-minority`, `all`, which mean 1.
    #[serde(deserialize_with = "Strategy::read_leaving")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// Whether a row can be drawn more than once.
    replacement: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::Ratio(1.0), random_state: None, replacement: false }
    }
}

struct RandomUndersampling(Params);

impl RandomUndersampling {
    fn new(params: Params) -> Result<Self> {
        params.sampling_strategy.leaving()?;
        Ok(RandomUndersampling(params))
    }
}

/// Ascending rows, each once, and after them those that were drawn again, which is the order of all resamplers.
fn repeated_last(ascending: Vec<usize>) -> Vec<usize> {
    let mut again = Vec::new();
    let mut rows = ascending;
    rows.dedup_by(|next, first| {
        let is_same = next == first;
        again.extend(is_same.then_some(*next));
        is_same
    });
    rows.append(&mut again);
    rows
}

impl Resampler for RandomUndersampling {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        // The stream is seeded with 32 bits, as numpy's is; the low half of a derived seed is as random as the whole.
        let random_state = self.0.random_state.unwrap_or(context.seed as u32);
        let mut rows = undersampled(ID, train.y, self.0.sampling_strategy, self.0.replacement, random_state)?;
        rows.sort_unstable();
        Ok(Resampled::chosen(repeated_last(rows)))
    }
}

/// `RandomUnderSampler`; with the same `random_state` the same rows, in ascending order, with those that are drawn again after all
/// others:
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.RandomUnderSampler.html>.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "all minority rows, and a random draw of majority rows", |table| {
        let make = |params| Ok(Box::new(RandomUndersampling::new(params)?) as Box<dyn Resampler>);
        Ok(later::<Params, _>(build(ID, table, make)?, &["replacement"]))
    })
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.RandomUnderSampler.html")
    .in_python(InPython::new().other_order())
    .space("sampling_strategy = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    fn resample(ratio: f64, y: &[u8], seed: u64) -> Result<Vec<usize>> {
        let sampler =
            RandomUndersampling::new(Params { sampling_strategy: Strategy::Ratio(ratio), ..Params::default() })?;
        let x = ndarray::Array2::zeros((y.len(), 1));
        sampler.resample(&Train::numbers(x.view(), y), &Context { seed }).map(|resampled| resampled.rows)
    }

    #[test]
    fn keeps_every_minority_row_and_the_ratio_and_follows_the_seed() {
        let y: Vec<u8> = (0..1000).map(|row| u8::from(row % 50 == 7)).collect();
        let kept = resample(0.5, &y, 3).unwrap();
        assert_eq!(kept.iter().filter(|&&row| y[row] == 1).count(), 20);
        assert_eq!(kept.len(), 60);
        assert!(kept.is_sorted_by(|a, b| a < b));
        assert_eq!(kept, resample(0.5, &y, 3).unwrap());
        assert_ne!(kept, resample(0.5, &y, 4).unwrap());
    }

    #[test]
    fn rows_drawn_more_than_once_stand_after_all_others() {
        // imbalanced-learn 0.14.2: RandomUnderSampler(random_state=3, replacement=True, sampling_strategy=0.5).
        let y = [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
        let table = "random_state = 3\nreplacement = true\nsampling_strategy = 0.5".parse().unwrap();
        let sampler = ENTRY.build(&table, &Registry::built_in()).unwrap().component;
        let x = ndarray::Array2::zeros((y.len(), 1));
        let kept = sampler.resample(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap().rows;
        assert_eq!(kept, [0, 1, 4, 5, 7, 9, 11, 11, 11]);
        let default = ENTRY.build(&toml::Table::new(), &Registry::built_in()).unwrap();
        assert!(default.params.get("replacement").is_none() && default.all["replacement"] == false);
    }

    #[test]
    fn refuses_what_cannot_be_drawn() {
        assert!(resample(0.0, &[0, 1], 0).is_err() && resample(f64::NAN, &[0, 1], 0).is_err());
        assert_eq!(
            resample(0.1, &[0, 0, 1], 0).unwrap_err().to_string(),
            "random-undersampling to 0.1 needs 10 majority rows for 1 minority row, but there are 2: a `sampling_strategy` of 0.5 or more \
             fits"
        );
        assert!(resample(1e-300, &[0, 0, 1], 0).is_err());
        let one = resample(1.0, &[0, 0], 0).unwrap_err().to_string();
        assert_eq!(one, "random-undersampling needs rows of both classes");
    }
}
