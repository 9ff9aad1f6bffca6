//! Friedman's test over several data sets and Nemenyi's critical difference, as Demsar (2006) recommends them.

use super::distribution::{chi_squared_upper, f_upper};
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

/// Ranks from 1 (the smallest) with the mean rank for equal values; `scipy.stats.rankdata`.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0.0;
    // -0 and 0 lie side by side after `total_cmp` and are equal.
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &i in tie {
            ranks[i] = before + (tie.len() as f64 + 1.0) / 2.0;
        }
        before += tie.len() as f64;
    }
    ranks
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
    let mut ties = 0.0;
    for row in scores {
        let mut sorted = row.clone();
        sorted.sort_by(f64::total_cmp);
        ties += sorted.chunk_by(|a, b| a == b).map(|t| (t.len() as f64).powi(3) - t.len() as f64).sum::<f64>();
    }
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

/// Nemenyi's p-value of a difference of two mean ranks; scikit-posthocs' `posthoc_nemenyi_friedman`.
pub fn nemenyi_p(difference: f64, k: usize, n: usize) -> f64 {
    studentized_range::upper(difference.abs() / rank_error(k, n) * std::f64::consts::SQRT_2, k)
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
