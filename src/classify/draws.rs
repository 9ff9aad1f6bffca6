//! Which rows and columns a member of bagging, or a tree of an isolation forest, sees: scikit-learn's `_generate_bagging_indices`.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;

/// `_generate_indices`: `size` of `all`, in the order of the draw; none of them twice without `bootstrap`.
pub(super) fn indices(stream: &mut Mt19937, bootstrap: bool, all: usize, size: usize) -> Vec<usize> {
    match bootstrap {
        // Rows and columns are never none: a fit on none is refused before.
        true => (0..size).map(|_| stream.interval(all.saturating_sub(1) as u64) as usize).collect(),
        false => without_replacement(stream, all, size),
    }
}

/// `RandomState.choice(rows, size, replace, p)` with probabilities that are shares of `weight`.
///
/// # Errors
/// No weight at all; fewer rows with a weight than are drawn without replacement.
pub(super) fn by_weight(stream: &mut Mt19937, replace: bool, weight: &[f64], size: usize) -> Result<Vec<usize>> {
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
