//! How scores are distributed in each class.

use super::out_of_fold::Fold;
use crate::numeric::span;

/// Rows by score, in bins of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub from: f64,
    /// Where the last bin ends.
    pub to: f64,
    /// Positives a bin.
    pub positives: Vec<u64>,
    /// Negatives a bin.
    pub negatives: Vec<u64>,
}

/// Counts rows in `bins` bins as `numpy.histogram` does: a bin has its lower end, the last one both. From 0 to 1 where all scores
/// lie there and `probability` says so; else from the least to the largest.
pub fn histogram(fold: &Fold, bins: usize, probability: bool) -> Histogram {
    let scores = || fold.score.iter().copied();
    let mut from = scores().fold(f64::INFINITY, f64::min);
    let mut to = scores().fold(f64::NEG_INFINITY, f64::max);
    if probability && from >= 0.0 && to <= 1.0 {
        (from, to) = (0.0, 1.0);
    } else if from >= to {
        // As numpy does it; at least to the next numbers, where one half is less than the distance to them.
        let (below, above) = (from.next_down(), from.next_up());
        (from, to) = (span::end((from - 0.5).min(below)), span::end((from + 0.5).max(above)));
    }
    let mut counts = [vec![0; bins], vec![0; bins]];
    for (score, positive) in scores().zip(&fold.positive) {
        let bin = (span::share((from, to), score) * bins as f64) as usize;
        counts[usize::from(*positive)][bin.min(bins - 1)] += 1;
    }
    let [negatives, positives] = counts;
    Histogram { from, to, positives, negatives }
}

impl Histogram {
    /// Where the bin begins; of the number of bins, where the last one ends.
    pub fn limit(&self, bin: usize) -> f64 {
        span::at((self.from, self.to), bin as f64, self.positives.len() as f64)
    }

    /// The share of its class that lies in each bin; 0 where the class has no rows.
    pub fn shares(counts: &[u64]) -> impl Iterator<Item = f64> + '_ {
        let all = counts.iter().sum::<u64>().max(1) as f64;
        counts.iter().map(move |n| *n as f64 / all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Sides;

    fn fold(rows: &[(bool, f64)]) -> Fold {
        let (positive, score): (Vec<bool>, Vec<f64>) = rows.iter().copied().unzip();
        Fold { split: (0, 0), label: vec![false; rows.len()], sides: Sides::default(), positive, score }
    }

    #[test]
    fn bins_have_their_lower_end() {
        let rows = [(true, 0.5), (true, 1.0), (true, 0.75), (false, 0.0), (false, 0.25), (false, 0.2), (false, 0.9)];
        let of = histogram(&fold(&rows), 4, true);
        assert_eq!((of.positives.as_slice(), of.negatives.as_slice()), (&[0, 0, 1, 2][..], &[2, 1, 0, 1][..]));
        assert_eq!([0, 1, 4].map(|bin| of.limit(bin)), [0.0, 0.25, 1.0]);
        assert_eq!(Histogram::shares(&of.negatives).collect::<Vec<_>>(), [0.5, 0.25, 0.0, 0.25]);
    }

    #[test]
    fn decision_values_have_their_own_range() {
        let of = histogram(&fold(&[(true, 3.0), (false, -1.0), (false, 1.0)]), 2, false);
        assert_eq!((of.from, of.to, of.positives, of.negatives), (-1.0, 3.0, vec![0, 1], vec![1, 1]));
        let same = histogram(&fold(&[(true, 2.0), (false, 2.0)]), 2, false);
        assert_eq!((same.from, same.to, same.positives), (1.5, 2.5, vec![0, 1]));
    }

    #[test]
    fn scores_farther_apart_than_the_largest_number_have_bins() {
        let rows = [(true, 1.5e308), (true, 0.5e308), (false, -1.5e308), (false, -1e308), (false, 0.0)];
        let of = histogram(&fold(&rows), 4, false);
        assert_eq!((of.from, of.to), (-1.5e308, 1.5e308));
        assert_eq!((of.positives.as_slice(), of.negatives.as_slice()), (&[0, 0, 1, 1][..], &[2, 0, 1, 0][..]));
        assert_eq!([0, 1, 2, 4].map(|bin| of.limit(bin)), [-1.5e308, -0.75e308, 0.0, 1.5e308]);
        // The distance is a number, and forty times it is none.
        let of = histogram(&fold(&[(true, 1e308), (false, 0.0)]), 40, false);
        assert_eq!((of.limit(0), of.limit(40), of.positives[39], of.negatives[0]), (0.0, 1e308, 1, 1));
    }

    #[test]
    fn equal_scores_of_any_size_have_a_range() {
        // One half is nothing beside them.
        for score in [1e17, -1e17, f64::MAX, f64::MIN] {
            let of = histogram(&fold(&[(true, score), (false, score)]), 2, false);
            assert!(of.from < of.to && of.from.is_finite() && of.to.is_finite(), "{score}: {} {}", of.from, of.to);
            assert_eq!((of.positives.iter().sum::<u64>(), of.negatives.iter().sum::<u64>()), (1, 1));
        }
    }
}
