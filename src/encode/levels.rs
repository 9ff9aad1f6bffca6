//! The levels of the training rows, which every encoder starts from.

use crate::component::Train;
use crate::data::{Column, Kind};
use crate::error::{Error, Result};

/// A category column among the training rows.
pub(super) struct Known {
    /// For each level of the table its number among those of the training rows, if it is there.
    pub place: Vec<Option<u32>>,
    /// The levels of the training rows, sorted as those of the table are.
    pub texts: Vec<String>,
    /// Whether some training row has no value.
    pub blanks: bool,
}

/// What is known of each column; none for numbers and times.
pub(super) fn known(train: &Train<'_>) -> Vec<Option<Known>> {
    let x = train.x();
    let of = |(at, column): (usize, &Column)| {
        let Kind::Category(levels) = &column.kind else { return None };
        let mut seen = vec![false; levels.len()];
        let mut blanks = false;
        for value in x.column(at) {
            match seen.get_mut(*value as usize).filter(|_| !value.is_nan()) {
                Some(seen) => *seen = true,
                None => blanks = true,
            }
        }
        let mut texts = Vec::new();
        let place = seen.iter().zip(levels.iter()).map(|(seen, level)| {
            seen.then(|| {
                texts.push(level.clone());
                texts.len() as u32 - 1
            })
        });
        let place = place.collect();
        Some(Known { place, texts, blanks })
    };
    train.features.columns.iter().enumerate().map(of).collect()
}

impl Known {
    /// The number of a value among the levels of the training rows; none where it is missing or unseen.
    pub fn of(&self, value: f64) -> Option<u32> {
        // NaN as an integer is 0, so it has to be asked first.
        if value.is_nan() { None } else { self.place.get(value as usize).copied().flatten() }
    }
}

/// Refuses a matrix of another width than that of the training rows.
pub(super) fn same_width(id: &str, learnt: usize, given: usize) -> Result<()> {
    match learnt == given {
        true => Ok(()),
        false => Err(Error::Component(format!("`{id}` learnt {learnt} columns, and {given} are given"))),
    }
}
