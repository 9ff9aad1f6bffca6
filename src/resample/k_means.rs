//! k-means as scikit-learn's `KMeans` with its defaults: k-means++ with numpy's draws, then Lloyd's algorithm.

use ndarray::{Array2, ArrayView2, Axis};

use super::plus_plus::plus_plus;
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Nearest, Pair};
use crate::numeric::mt19937::Mt19937;

const MAX_ITER: usize = 300;
const TOL: f64 = 1e-4;

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
