//! k-means as scikit-learn's `KMeans` with its defaults: k-means++ with numpy's draws, then Lloyd's algorithm.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Nearest, Pair};
use crate::numeric::mt19937::Mt19937;

const MAX_ITER: usize = 300;
const TOL: f64 = 1e-4;
/// Rows are skipped only where the triangle inequality leaves room for rounding.
const MARGIN: f64 = 1.0 + 1e-9;

/// Centres of `clusters` clusters of the rows of `x`, of which there are at least so many.
///
/// # Errors
/// Values that are not finite.
pub(super) fn centres(x: ArrayView2<'_, f64>, clusters: usize, seed: u32) -> Result<Array2<f64>> {
    let Some(mean) = x.mean_axis(Axis(0)) else { return Err(Error::Component("k-means needs rows".into())) };
    // As there: less is lost to rounding near the origin.
    let x = &x - &mean;
    let tolerance = x.var_axis(Axis(0), 0.0).mean().unwrap_or(0.0) * TOL;
    let first = plus_plus(x.view(), clusters, &mut Mt19937::new(seed));
    let mut centres = x.select(Axis(0), &first);
    let mut labels: Vec<usize> = Vec::new();
    for _ in 0..MAX_ITER {
        let (now, squares) = assign(x.view(), &centres)?;
        let moved = update(x.view(), &now, &squares, &centres);
        let shift: f64 = moved.iter().zip(&centres).map(|(a, b)| (a - b) * (a - b)).sum();
        centres = moved;
        if now == labels || shift <= tolerance {
            break;
        }
        labels = now;
    }
    Ok(centres + mean)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Rows that the centres start from: of several drawn by their squared distance to the nearest one so far, each time the one
/// that leaves the least.
fn plus_plus(x: ArrayView2<'_, f64>, clusters: usize, random: &mut Mt19937) -> Vec<usize> {
    let x = x.as_standard_layout();
    let values = x.as_slice().unwrap_or_default();
    let width = x.ncols();
    let row = |row: usize| &values[row * width..(row + 1) * width];
    let rows = x.nrows();
    let trials = 2 + (clusters as f64).ln() as usize;
    let first = ((random.next_f64() * rows as f64) as usize).min(rows - 1);
    let mut chosen = vec![first];
    let mut squares: Vec<f64> = (0..rows).into_par_iter().map(|at| distance(row(at), row(first))).collect();
    let mut nearest = vec![0_u32; rows];
    let mut left: f64 = squares.iter().sum();
    while chosen.len() < clusters {
        let draws: Vec<f64> = (0..trials).map(|_| random.next_f64() * left).collect();
        let candidates = found(&squares, &draws);
        // A row is at least as far from the candidate as that is from its nearest centre, less its own distance to that.
        let apart: Vec<Vec<f64>> = candidates
            .iter()
            .map(|&candidate| chosen.iter().map(|&centre| distance(row(candidate), row(centre))).collect())
            .collect();
        let closer = |at: usize, candidate: usize| {
            let own = squares[at];
            match apart[candidate][nearest[at] as usize] > 4.0 * own * MARGIN {
                true => own,
                false => own.min(distance(row(at), row(candidates[candidate]))),
            }
        };
        let sums: Vec<f64> =
            (0..trials).into_par_iter().map(|candidate| (0..rows).map(|at| closer(at, candidate)).sum()).collect();
        // Of equal sums the first one, as `argmin` has it.
        let best = (1..trials).fold(0, |best, at| if sums[at] < sums[best] { at } else { best });
        let now: Vec<f64> = (0..rows).into_par_iter().map(|at| closer(at, best)).collect();
        let new = chosen.len() as u32;
        for (at, now) in now.into_iter().enumerate() {
            if now < squares[at] {
                (squares[at], nearest[at]) = (now, new);
            }
        }
        left = sums[best];
        chosen.push(candidates[best]);
    }
    chosen
}

/// For each draw the first row up to which the squares add up to it.
fn found(squares: &[f64], draws: &[f64]) -> Vec<usize> {
    let mut sum = 0.0;
    let sums: Vec<f64> = squares
        .iter()
        .map(|square| {
            sum += square;
            sum
        })
        .collect();
    draws.iter().map(|draw| sums.partition_point(|sum| sum < draw).min(squares.len() - 1)).collect()
}

/// The nearest centre of each row, and its squared distance.
fn assign(x: ArrayView2<'_, f64>, centres: &Array2<f64>) -> Result<(Vec<usize>, Vec<f64>)> {
    let pair = Pair::new(centres.view(), &vec![0; centres.nrows()])?;
    let nearest = pair.k_nearest::<Euclidean>(x, 1)?;
    let one = |nearest| match nearest {
        Nearest::Rows(near) => near.first().map(|n: &crate::neighbors::Neighbor| (n.row as usize, n.sum)),
        Nearest::AllMajority => None,
    };
    Ok(nearest.into_iter().filter_map(one).unzip())
}

/// The means of the clusters. An empty cluster gets the row that is farthest from its centre.
fn update(x: ArrayView2<'_, f64>, labels: &[usize], squares: &[f64], centres: &Array2<f64>) -> Array2<f64> {
    let mut sums = Array2::<f64>::zeros(centres.dim());
    let mut counts = vec![0_usize; centres.nrows()];
    for (row, &label) in x.rows().into_iter().zip(labels) {
        sums.row_mut(label).iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        counts[label] += 1;
    }
    let empty: Vec<usize> = (0..counts.len()).filter(|&cluster| counts[cluster] == 0).collect();
    if !empty.is_empty() && squares.iter().any(|&square| square > 0.0) {
        let mut far: Vec<usize> = (0..labels.len()).collect();
        far.sort_by(|&a, &b| squares[b].total_cmp(&squares[a]));
        for (&cluster, &row) in empty.iter().zip(&far) {
            let old = labels[row];
            sums.row_mut(old).iter_mut().zip(x.row(row)).for_each(|(sum, value)| *sum -= value);
            sums.row_mut(cluster).assign(&x.row(row));
            counts[old] -= 1;
            counts[cluster] = 1;
        }
    }
    for ((mut sum, &count), centre) in sums.rows_mut().into_iter().zip(&counts).zip(centres.rows()) {
        match count {
            0 => sum.assign(&centre),
            _ => sum.mapv_inplace(|sum| sum * (1.0 / count as f64)),
        }
    }
    sums
}
