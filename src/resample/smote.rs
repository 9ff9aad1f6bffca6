//! `smote`: made-up minority rows between a minority row and one of its nearest minority rows.

use super::interpolate::{Adding, Params, nearest_among};
use crate::component::{Context, Entry, Resampled, Resampler, Train, build};
use crate::error::Result;

const ID: &str = "smote";

struct Smote(Params);

impl Resampler for Smote {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let adding = Adding::new(ID, self.0.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let k = self.0.k_neighbors;
        let rows = adding.minority(ID, k, y)?;
        let joins = nearest_among(x, &rows, &rows, k)?;
        let steps = joins.steps(adding.wanted, 1.0, self.0.random_state.unwrap_or(context.seed as u32));
        Ok(adding.with(joins.made(x, &steps, |_| None), joins.origins(&steps)))
    }
}

/// Chawla, Bowyer, Hall, Kegelmeyer, "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002, as imbalanced-learn's
/// `SMOTE`: <https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTE.html>. With the same
/// `random_state` the same rows, but for minority rows that stand there twice, where imbalanced-learn can take a row for its
/// own neighbour, and for neighbours that are equally far, which it leaves open and here are ordered by row.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "made-up minority rows between a minority row and its nearest ones", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Smote(params.checked()?)) as Box<dyn Resampler>))
    })
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTE.html");

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::super::tests::resample as any;
    use super::*;

    fn resample(toml: &str, x: &Array2<f64>, y: &[u8]) -> Result<Resampled> {
        any(&ENTRY, toml, &Train::numbers(x.view(), y))
    }

    #[test]
    fn made_rows_lie_between_a_minority_row_and_its_nearest_ones() {
        // Three minority rows on a line; with one neighbour the outer ones are joined with the middle one alone.
        let x = array![[0.0, 0.0], [1.0, 2.0], [3.0, 6.0], [9.0, 9.0], [9.0, 8.0], [8.0, 9.0], [7.0, 7.0], [6.0, 9.0]];
        let y = [1, 1, 1, 0, 0, 0, 0, 0];
        let made = resample("k_neighbors = 1", &x, &y).unwrap();
        assert_eq!((made.rows.len(), made.made_y.as_slice()), (8, &[1, 1][..]));
        for (row, &from) in made.made.rows().into_iter().zip(&made.made_from) {
            assert_eq!(row[1], 2.0 * row[0], "on the line");
            let (low, high) = if from == 2 { (1.0, 3.0) } else { (0.0, 1.0) };
            assert!((low..=high).contains(&row[0]), "{row} from {from}");
        }
    }

    #[test]
    fn a_row_is_never_its_own_neighbour_among_equal_ones() {
        let mut x = Array2::zeros((40, 1));
        // Twelve equal minority rows and one apart: of the equal ones each has five equal others.
        x[(12, 0)] = 5.0;
        let y: Vec<u8> = (0..40).map(|row| u8::from(row < 13)).collect();
        let made = resample("", &x, &y).unwrap();
        let rows: Vec<usize> = (0..13).collect();
        let near = nearest_among(x.view(), &rows, &rows, 5).unwrap().near;
        assert!((0..13).all(|row| !near[row * 5..row * 5 + 5].contains(&row)));
        assert!(made.made.iter().zip(&made.made_from).all(|(value, &from)| from == 12 || *value == 0.0));
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        let x = Array2::from_shape_fn((12, 1), |(row, _)| row as f64);
        let y: Vec<u8> = (0..12).map(|row| u8::from(row < 4)).collect();
        let said = |toml: &str| resample(toml, &x, &y).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said("").contains("with 5 others, and there are 4 minority rows"), "{}", said(""));
        assert!(said("k_neighbors = 2\nsampling_strategy = 0.25").contains("there are 4 already"));
        assert!(said("sampling_strategy = 1.5").contains("above 0 and at most 1"));
        let half = resample("k_neighbors = 2\nsampling_strategy = 0.75", &x, &y).unwrap();
        assert_eq!(half.made_y.len(), 2);
    }
}
