//! Nearest rows where distances are no sums of squares over columns of numbers: all pairs of the minority rows are compared.

use rayon::prelude::*;

use crate::neighbors::Neighbor;

/// For each of `rows` rows its `k` nearest others, one row's after the other's, ordered by (distance, row). `distance` may
/// give up, by any larger answer, on rows that are farther than the last argument.
pub(super) fn nearest(rows: usize, k: usize, distance: impl Fn(usize, usize, f64) -> f64 + Sync) -> Vec<usize> {
    let near = |row: usize| {
        let mut best = vec![Neighbor::FARTHEST; k];
        for other in (0..rows).filter(|&other| other != row) {
            let worst = best[k - 1];
            let candidate = Neighbor { sum: distance(row, other, worst.sum), row: other as u32 };
            if candidate.before(&worst) {
                best.pop();
                let at = best.partition_point(|known| known.before(&candidate));
                best.insert(at, candidate);
            }
        }
        best.into_iter().map(|n| n.row as usize)
    };
    (0..rows).into_par_iter().flat_map_iter(near).collect()
}
