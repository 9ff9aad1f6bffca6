//! A sample of a table's rows.

use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

use super::{Dataset, Digests};

/// So many rows of each class, drawn without replacement; the rest of the table is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Positive rows.
    pub positives: usize,
    /// Negative rows.
    pub negatives: usize,
    /// The seed of the draws.
    pub seed: u32,
}

impl Sample {
    /// The rows drawn, ascending: positives first, then negatives, each by numpy's `RandomState(seed).choice(n, size,
    /// replace=False)` in one stream.
    ///
    /// # Errors
    /// [`Error::Data`] where a class has too few rows.
    pub fn rows(&self, data: &Dataset) -> Result<Vec<usize>> {
        let mut stream = Mt19937::new(self.seed);
        let mut drawn = Vec::with_capacity(self.positives + self.negatives);
        for (label, wanted, what) in [(1, self.positives, "positive"), (0, self.negatives, "negative")] {
            let all: Vec<usize> = (0..data.y.len()).filter(|&row| data.y[row] == label).collect();
            if wanted > all.len() {
                return Err(Error::Data(format!(
                    "{}: data.sample asks for {wanted} {what} rows, and there are {most}: write {what}s = {most} or fewer",
                    data.name,
                    most = all.len()
                )));
            }
            drawn.extend(stream.choice(all.len(), wanted).into_iter().map(|place| all[place]));
        }
        drawn.sort_unstable();
        Ok(drawn)
    }
}

impl Dataset {
    /// These rows only, in this order, as a table of its own: with its digests. Where its rows are in the file stays known.
    #[must_use]
    pub(crate) fn part(&self, rows: &[usize]) -> Dataset {
        let mut part = self.select(rows);
        let values = part.x.as_slice().unwrap_or_default();
        part.digests = Digests::of(&part.columns, values, &part.y, &part.labels, &part.sides);
        part.sides.place = Some(rows.iter().map(|&row| self.sides.place_of(row)).collect());
        part
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn table() -> Dataset {
        let x = Array2::from_shape_fn((10, 1), |(row, _)| row as f64);
        Dataset::of_numbers("t", &["a"], x, vec![0, 1, 0, 0, 1, 0, 1, 0, 0, 0]).unwrap()
    }

    #[test]
    fn each_class_has_the_rows_that_numpy_draws() {
        // r = numpy.random.RandomState(3); r.choice(3, 2, replace=False), r.choice(7, 3, replace=False) are places among
        // the positives 1, 4, 6 and the negatives 0, 2, 3, 5, 7, 8, 9.
        let drawn = Sample { positives: 2, negatives: 3, seed: 3 }.rows(&table()).unwrap();
        assert_eq!(drawn, [1, 3, 4, 8, 9]);
        assert_eq!(table().part(&drawn).positives(), 2);
        let all = Sample { positives: 3, negatives: 7, seed: 3 }.rows(&table()).unwrap();
        assert_eq!(table().part(&all).digests, table().digests);
    }

    #[test]
    fn the_rows_of_a_sample_know_their_places_in_the_file() {
        let part = table().part(&[1, 3, 4, 8, 9]);
        assert_eq!(part.sides.place.as_deref(), Some(&[1, 3, 4, 8, 9][..]));
        // Those of a part of it are still the file's.
        assert_eq!(part.part(&[0, 2, 4]).sides.place.as_deref(), Some(&[1, 4, 9][..]));
        assert_eq!(table().sides.place, None);
    }

    #[test]
    fn a_class_with_too_few_rows_is_told() {
        let said = Sample { positives: 4, negatives: 1, seed: 0 }.rows(&table()).unwrap_err().to_string();
        assert_eq!(said, "t: data.sample asks for 4 positive rows, and there are 3: write positives = 3 or fewer");
    }
}
