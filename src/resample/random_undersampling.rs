//! `random-undersampling`: all rows of the smaller class, and as many of the larger as a ratio asks for.

use serde::{Deserialize, Serialize};

use crate::component::{Context, Entry, Resampled, Resampler, Shape, Train, build};
use crate::error::Result;
use crate::sampling::{Strategy, undersampled};

const ID: &str = "random-undersampling";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Minority rows a majority row, in (0, 1]; or imbalanced-learn's `auto`, `majority`, `not-minority`, `all`, which mean 1.
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::Ratio(1.0), random_state: None }
    }
}

struct RandomUndersampling(Params);

impl RandomUndersampling {
    fn new(params: Params) -> Result<Self> {
        params.sampling_strategy.leaving()?;
        Ok(RandomUndersampling(params))
    }
}

impl Resampler for RandomUndersampling {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        // The stream is seeded with 32 bits, as numpy's is; the low half of a derived seed is as random as the whole.
        let random_state = self.0.random_state.unwrap_or(context.seed as u32);
        let mut rows = undersampled(train.y, self.0.sampling_strategy, false, random_state)?;
        rows.sort_unstable();
        Ok(Resampled::chosen(rows))
    }
}

/// `RandomUnderSampler` without replacement; with the same `random_state` the same rows, in ascending order:
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.RandomUnderSampler.html>.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "all minority rows, and a random draw of majority rows", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(RandomUndersampling::new(params)?) as Box<dyn Resampler>))
    })
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.RandomUnderSampler.html")
    .space("sampling_strategy = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]");

#[cfg(test)]
mod tests {
    use super::*;

    fn resample(ratio: f64, y: &[u8], seed: u64) -> Result<Vec<usize>> {
        let sampler =
            RandomUndersampling::new(Params { sampling_strategy: Strategy::Ratio(ratio), random_state: None })?;
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
    fn refuses_what_cannot_be_drawn() {
        assert!(resample(0.0, &[0, 1], 0).is_err() && resample(f64::NAN, &[0, 1], 0).is_err());
        assert_eq!(
            resample(0.1, &[0, 0, 1], 0).unwrap_err().to_string(),
            "random undersampling to 0.1 needs 10 majority rows for 1 minority rows, but there are 2"
        );
        assert!(resample(1e-300, &[0, 0, 1], 0).is_err());
        let one = resample(1.0, &[0, 0], 0).unwrap_err().to_string();
        assert_eq!(one, "random undersampling needs rows of both classes");
    }
}
