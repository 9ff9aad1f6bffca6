//! The rows and columns that a member of bagging is fitted on: scikit-learn's `_generate_bagging_indices`.

use std::collections::HashSet;

use ndarray::{Array2, ArrayView2, Axis};

use crate::classify::tree::MaxSamples;
use crate::component::{Features, Resampled, Train};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;

/// How rows and columns are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bag {
    pub bootstrap: bool,
    pub bootstrap_features: bool,
    /// None: as many as there are rows.
    pub max_samples: Option<MaxSamples>,
    pub max_features: MaxSamples,
}

/// What a member is fitted on.
pub(super) struct Drawn {
    /// Places of training rows in the order of the draw.
    pub rows: Vec<usize>,
    /// Columns in the order of the draw; none where they are all of them in order.
    pub columns: Option<Vec<usize>>,
}

impl Bag {
    /// Refuses what scikit-learn refuses.
    pub fn check(&self) -> Result<()> {
        for (name, most) in [("max_samples", self.max_samples), ("max_features", Some(self.max_features))] {
            let said = match most {
                Some(MaxSamples::Count(0)) => format!("`{name}` must be at least 1"),
                Some(MaxSamples::Share(share)) if !(share > 0.0 && share <= 1.0) => {
                    format!("`{name}` as a share must lie in (0, 1]")
                }
                _ => continue,
            };
            return Err(Error::Component(said));
        }
        Ok(())
    }

    /// How many of `rows` and of `columns` are drawn; a share of rows that weigh differently is one of their weight.
    pub fn sizes(&self, rows: usize, columns: usize, weight: Option<&[f64]>) -> Result<(usize, usize)> {
        let of = |most: MaxSamples, all: f64| match most {
            MaxSamples::Count(count) => count,
            MaxSamples::Share(share) => ((share * all) as usize).max(1),
        };
        let drawn = self.max_samples.map_or(rows, |most| of(most, weight.map_or(rows as f64, pairwise)));
        let wide = of(self.max_features, columns as f64);
        if !self.bootstrap && drawn > rows {
            return Err(Error::Component(format!(
                "`max_samples` draws {drawn} rows without replacement, but there are {rows}"
            )));
        }
        if wide > columns {
            return Err(Error::Component(format!("`max_features` is {wide}, but there are {columns} columns")));
        }
        Ok((drawn, wide))
    }

    /// Draws for the member that is seeded with `seed`; `sizes` are those of [`Bag::sizes`].
    ///
    /// # Errors
    /// Fewer rows with a weight than are drawn without replacement.
    pub fn draw(
        &self,
        seed: u32,
        (rows, columns): (usize, usize),
        sizes: (usize, usize),
        weight: Option<&[f64]>,
    ) -> Result<Drawn> {
        let mut stream = Mt19937::new(seed);
        let drawn = indices(&mut stream, self.bootstrap_features, columns, sizes.1);
        let is_whole = !self.bootstrap_features && sizes.1 == columns;
        let rows = match weight {
            None => indices(&mut stream, self.bootstrap, rows, sizes.0),
            Some(weight) => by_weight(&mut stream, self.bootstrap, weight, sizes.0)?,
        };
        Ok(Drawn { rows, columns: (!is_whole).then_some(drawn) })
    }
}

fn indices(stream: &mut Mt19937, bootstrap: bool, all: usize, size: usize) -> Vec<usize> {
    match bootstrap {
        // Rows and columns are never none: a fit on none is refused before.
        true => (0..size).map(|_| stream.interval(all.saturating_sub(1) as u64) as usize).collect(),
        false => without_replacement(stream, all, size),
    }
}

/// `RandomState.choice(rows, size, replace, p)` with probabilities that are shares of `weight`.
fn by_weight(stream: &mut Mt19937, replace: bool, weight: &[f64], size: usize) -> Result<Vec<usize>> {
    let total = pairwise(weight);
    if total <= 0.0 {
        return Err(Error::Component("all rows weigh 0".into()));
    }
    let mut shares: Vec<f64> = weight.iter().map(|weight| weight / total).collect();
    let rising = |shares: &[f64]| -> Vec<f64> {
        let mut sum = 0.0;
        let add = |share: &f64| {
            sum += share;
            sum
        };
        let sums: Vec<f64> = shares.iter().map(add).collect();
        sums.into_iter().map(|part| part / sum).collect()
    };
    if replace {
        let rising = rising(&shares);
        return Ok((0..size).map(|_| stream.next_f64()).map(|at| rising.partition_point(|part| *part <= at)).collect());
    }
    let there = weight.iter().filter(|&&weight| weight > 0.0).count();
    if there < size {
        return Err(Error::Component(format!(
            "`max_samples` draws {size} rows without replacement, but {there} rows weigh more than 0"
        )));
    }
    let (mut found, mut taken) = (Vec::new(), HashSet::new());
    while found.len() < size {
        let draws: Vec<f64> = (found.len()..size).map(|_| stream.next_f64()).collect();
        found.iter().for_each(|&row: &usize| shares[row] = 0.0);
        let rising = rising(&shares);
        let rows = draws.into_iter().map(|at| rising.partition_point(|part| *part <= at));
        found.extend(rows.filter(|&row| taken.insert(row)).collect::<Vec<_>>());
    }
    Ok(found)
}

/// scikit-learn's `sample_without_replacement(all, size)`, by the method that it chooses for that share.
fn without_replacement(stream: &mut Mt19937, all: usize, size: usize) -> Vec<usize> {
    let share = size as f64 / all as f64;
    if share > 0.01 && share < 0.99 {
        return stream.choice(all, size);
    }
    if share < 0.2 {
        let mut taken = HashSet::new();
        let draws = std::iter::repeat_with(|| stream.interval(all as u64 - 1) as usize);
        return draws.filter(|&row| taken.insert(row)).take(size).collect();
    }
    let mut kept: Vec<usize> = (0..size).collect();
    for row in size..all {
        let place = stream.interval(row as u64) as usize;
        if let Some(place) = kept.get_mut(place) {
            *place = row;
        }
    }
    kept
}

/// Some columns of a matrix, in C order.
pub(super) fn columns_of(x: ArrayView2<'_, f64>, columns: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), columns.len()), |(row, nth)| x[[row, columns[nth]]])
}

/// Some rows and columns of training rows, with a matrix of their own.
pub(super) struct Part {
    x: Array2<f64>,
    y: Vec<u8>,
    columns: Vec<Column>,
}

impl Part {
    /// The rows at the places `rows`, in that order, of the columns `columns`, or of all.
    pub fn of(train: &Train<'_>, rows: &[usize], columns: Option<&[usize]>) -> Self {
        let x = train.x().select(Axis(0), rows);
        let all = train.features.columns;
        let (x, columns) = match columns {
            None => (x, all.to_vec()),
            Some(columns) => {
                // No columns are listed where all are numbers.
                let named = columns.iter().filter_map(|&column| all.get(column).cloned()).collect();
                (columns_of(x.view(), columns), named)
            }
        };
        Part { x, y: rows.iter().map(|&row| train.y[row]).collect(), columns }
    }

    pub fn rows(&self) -> usize {
        self.y.len()
    }

    /// The same rows as a resampler chose, repeated and made them.
    ///
    /// # Errors
    /// Rows that are not there, or made ones of other columns.
    pub fn resampled(self, resampled: &Resampled) -> Result<Self> {
        resampled.check(self.y.len(), self.x.ncols())?;
        let (x, y) = (resampled.matrix(self.x.view()), resampled.labels(&self.y));
        Ok(Part { x, y, columns: self.columns })
    }

    /// The rows to fit on.
    pub fn train(&self) -> Train<'_> {
        Train::new(Features { x: self.x.view(), columns: &self.columns }, &self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_without_replacement_are_scikit_learns() {
        // scikit-learn 1.9.1: sample_without_replacement(all, size, random_state=3)
        let of = |all, size| without_replacement(&mut Mt19937::new(3), all, size);
        assert_eq!(of(10, 4), [5, 4, 1, 2]);
        assert_eq!(of(1000, 5), [874, 664, 249, 643, 952]);
        let kept: Vec<usize> = (0..149).map(|row| if row == 106 { 149 } else { row }).collect();
        assert_eq!(of(150, 149), kept);
        assert_eq!(of(7, 7), [0, 1, 2, 3, 4, 5, 6]);
    }
}
