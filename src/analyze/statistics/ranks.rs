//! Friedman's test over several data sets and Nemenyi's critical difference, as Demsar (2006) recommends them.

use super::distribution::{chi_squared_upper, f_upper};
use super::rounding::runs;
use super::studentized_range;

/// Friedman's test with its correction for ties, and Iman and Davenport's less conservative form of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Friedman {
    /// Friedman's statistic; `scipy.stats.friedmanchisquare`.
    pub chi_squared: f64,
    /// Its p-value from chi-squared with k - 1 degrees of freedom.
    pub p: f64,
    /// Iman and Davenport's F, and its p-value; none where all data sets agree: F has 0 in its denominator there, however few data sets
    /// there are.
    pub corrected: Option<Corrected>,
}

/// Iman and Davenport's F.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// `(n - 1) X / (n (k - 1) - X)`.
    pub f: f64,
    /// The p-value from F with k - 1 and (k - 1)(n - 1) degrees of freedom.
    pub p: f64,
}

impl Friedman {
    /// The less conservative p-value, where there is one.
    pub fn p_value(&self) -> f64 {
        self.corrected.map_or(self.p, |corrected| corrected.p)
    }
}

/// Ranks from 1 (the smallest) with the mean rank for values that are equal up to rounding; `scipy.stats.rankdata`.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0.0;
    for tie in runs(values) {
        let size = tie.len() as f64;
        for i in tie {
            ranks[i] = before + (size + 1.0) / 2.0;
        }
        before += size;
    }
    ranks
}

/// What corrections for ties take off: the sum of `t^3 - t` over the ties.
pub(super) fn ties(values: &[f64]) -> f64 {
    runs(values).iter().map(|tie| (tie.len() as f64).powi(3) - tie.len() as f64).sum()
}

/// Mean ranks of the columns of `scores`, a row a data set; 1 is best. Larger scores are better unless `lower` says the
/// opposite.
pub fn mean_ranks(scores: &[Vec<f64>], lower: bool) -> Vec<f64> {
    let columns = scores.first().map_or(0, Vec::len);
    let mut sums = vec![0.0; columns];
    for row in scores {
        let signed: Vec<f64> = row.iter().map(|v| if lower { *v } else { -v }).collect();
        for (sum, rank) in sums.iter_mut().zip(ranks(&signed)) {
            *sum += rank;
        }
    }
    sums.iter().map(|sum| sum / scores.len() as f64).collect()
}

/// Friedman's test on `scores`: n rows (data sets) of k columns (pipelines), n and k at least 2, no NaN. The direction of
/// the metric does not matter. Where every row is one tie, the statistics are 0 and the p-values 1.
pub fn friedman(scores: &[Vec<f64>]) -> Friedman {
    let (n, k) = (scores.len() as f64, scores.first().map_or(0, Vec::len) as f64);
    let ties: f64 = scores.iter().map(|row| ties(row)).sum();
    let correction = 1.0 - ties / (k * (k * k - 1.0) * n);
    if correction <= 0.0 {
        return Friedman { chi_squared: 0.0, p: 1.0, corrected: Some(Corrected { f: 0.0, p: 1.0 }) };
    }
    let squares: f64 = mean_ranks(scores, true).iter().map(|mean| (mean * n).powi(2)).sum();
    let chi_squared = ((12.0 / (k * n * (k + 1.0)) * squares - 3.0 * n * (k + 1.0)) / correction).max(0.0);
    let rest = n * (k - 1.0) - chi_squared;
    let corrected = || {
        let f = (n - 1.0) * chi_squared / rest;
        Corrected { f, p: f_upper(f, k - 1.0, (k - 1.0) * (n - 1.0)) }
    };
    // What rounding leaves of nothing is nothing.
    let agree = rest <= 1e-12 * n * k;
    Friedman { chi_squared, p: chi_squared_upper(chi_squared, k - 1.0), corrected: (!agree).then(corrected) }
}

/// Nemenyi's critical difference of mean ranks for `k` pipelines on `n` data sets at `alpha` (Demsar 2006, section 3.2.2).
pub fn critical_difference(alpha: f64, k: usize, n: usize) -> f64 {
    studentized_range::critical(alpha, k) / std::f64::consts::SQRT_2 * rank_error(k, n)
}

fn rank_error(k: usize, n: usize) -> f64 {
    (k as f64 * (k as f64 + 1.0) / (6.0 * n as f64)).sqrt()
}

/// The largest groups of at least two columns whose mean ranks differ by no more than `difference`: each lists columns from
/// the best rank on. They may overlap; none lies inside another.
pub fn cliques(mean_ranks: &[f64], difference: f64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..mean_ranks.len()).collect();
    order.sort_by(|&a, &b| mean_ranks[a].total_cmp(&mean_ranks[b]));
    let mut cliques = Vec::new();
    let mut covered = 0;
    for first in 0..order.len() {
        let reach = mean_ranks[order[first]] + difference;
        let end = order.partition_point(|&i| mean_ranks[i] <= reach);
        if end > covered && end - first > 1 {
            cliques.push(order[first..end].to_vec());
            covered = end;
        }
    }
    cliques
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_that_differ_by_rounding_are_ties() {
        // 0.6 twice, by sums in two orders.
        let (one, other) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert!(one != other);
        assert_eq!((ranks(&[one, 0.9, other]), ranks(&[0.9, other, one])), (vec![1.5, 3.0, 1.5], vec![3.0, 1.5, 1.5]));
        let (rounded, exact) =
            ([vec![one, 0.9, other], vec![0.5, 0.7, 0.6]], [vec![0.6, 0.9, 0.6], vec![0.5, 0.7, 0.6]]);
        assert_eq!(mean_ranks(&rounded, false), [2.75, 1.0, 2.25]);
        // Ranks 1.5, 3, 1.5 and 1, 3, 2: sums 2.5, 6, 3.5. 12 / (3 * 2 * 4) * 54.5 - 3 * 2 * 4 = 3.25, over 1 - 6 / (3 * 8 * 2) = 7 / 8.
        assert!((friedman(&rounded).chi_squared - 26.0 / 7.0).abs() < 1e-12, "{:?}", friedman(&rounded));
        assert_eq!(friedman(&rounded), friedman(&exact));
    }
}
