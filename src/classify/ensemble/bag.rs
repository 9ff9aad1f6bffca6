//! The rows and columns that a member of bagging is fitted on: scikit-learn's `_generate_bagging_indices`.

use std::collections::HashSet;

use ndarray::{Array2, ArrayView2, Axis};

use crate::classify::tree::MaxSamples;
use crate::component::{Features, Train};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

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

    /// How many of `rows` and of `columns` are drawn.
    pub fn sizes(&self, rows: usize, columns: usize) -> Result<(usize, usize)> {
        let of = |most: MaxSamples, all: usize| match most {
            MaxSamples::Count(count) => count,
            MaxSamples::Share(share) => ((share * all as f64) as usize).max(1),
        };
        let (drawn, wide) = (self.max_samples.map_or(rows, |most| of(most, rows)), of(self.max_features, columns));
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
    pub fn draw(&self, seed: u32, (rows, columns): (usize, usize), sizes: (usize, usize)) -> Drawn {
        let mut stream = Mt19937::new(seed);
        let drawn = indices(&mut stream, self.bootstrap_features, columns, sizes.1);
        let is_whole = !self.bootstrap_features && sizes.1 == columns;
        Drawn { rows: indices(&mut stream, self.bootstrap, rows, sizes.0), columns: (!is_whole).then_some(drawn) }
    }
}

fn indices(stream: &mut Mt19937, bootstrap: bool, all: usize, size: usize) -> Vec<usize> {
    match bootstrap {
        // Rows and columns are never none: a fit on none is refused before.
        true => (0..size).map(|_| stream.interval(all.saturating_sub(1) as u64) as usize).collect(),
        false => without_replacement(stream, all, size),
    }
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
