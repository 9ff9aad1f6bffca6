//! How well probabilities tell shares: reliability by bins of scores.

use super::out_of_fold::Fold;
use super::statistics::quantile;

/// Most bins.
const BINS: usize = 10;
/// Positives that a bin should have.
const POSITIVES: usize = 5;
/// The normal quantile of a two-sided 95%.
const Z: f64 = 1.959_963_984_540_054;

/// Rows of similar scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The least score.
    pub least: f64,
    /// The largest score.
    pub largest: f64,
    /// How many rows.
    pub rows: usize,
    /// How many of them are positive.
    pub positives: usize,
    /// The mean of their scores.
    pub mean_score: f64,
}

impl Bin {
    /// The share of positives.
    pub fn share(&self) -> f64 {
        self.positives as f64 / self.rows as f64
    }

    /// Wilson's 95% interval of the share.
    pub fn interval(&self) -> (f64, f64) {
        wilson(self.positives, self.rows)
    }
}

/// A pipeline's reliability.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The bins that have rows, by ascending score.
    pub bins: Vec<Bin>,
    /// The expected calibration error: the mean over all rows of |mean score - share of positives| of the row's bin.
    pub error: f64,
    /// The mean of all scores.
    pub mean_score: f64,
    /// The share of positives among all rows.
    pub share: f64,
}

/// The reliability of scores between 0 and 1; none for any other.
///
/// Cuts are the quantiles of the *positives'* scores, so that every bin has about as many positives: with few positives, bins of
/// equal width or of equal numbers of rows leave nearly all of them in one.
pub fn calibration(fold: &Fold) -> Option<Calibration> {
    if fold.rows() == 0 || fold.score.iter().any(|s| !(0.0..=1.0).contains(s)) {
        return None;
    }
    let positives = fold.score.iter().zip(&fold.positive).filter(|(_, positive)| **positive).map(|(score, _)| *score);
    let cuts = cuts(positives, (fold.positives() / POSITIVES).clamp(1, BINS));
    let bins = bins(&fold.positive, &fold.score, &cuts);
    let rows = fold.rows() as f64;
    let error = bins.iter().map(|bin| bin.rows as f64 * (bin.mean_score - bin.share()).abs()).sum::<f64>() / rows;
    let mean_score = fold.score.iter().map(|s| f64::from(*s)).sum::<f64>() / rows;
    Some(Calibration { bins, error, mean_score, share: fold.positives() as f64 / rows })
}

/// The inner limits of `wanted` bins with equal numbers of `scores`, by linear interpolation (`numpy.percentile`).
fn cuts(scores: impl Iterator<Item = f32>, wanted: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = scores.map(f64::from).collect();
    sorted.sort_by(f64::total_cmp);
    (1..wanted).filter_map(|i| quantile(&sorted, i as f64 / wanted as f64)).collect()
}

/// The bins between ascending cuts; a score that equals a cut lies below it, and bins without rows are left out. Both as in
/// scikit-learn's `calibration_curve`, where with `strategy="quantile"` the cuts are those of all scores.
fn bins(positive: &[bool], score: &[f32], cuts: &[f64]) -> Vec<Bin> {
    let empty = Bin { least: f64::INFINITY, largest: f64::NEG_INFINITY, rows: 0, positives: 0, mean_score: 0.0 };
    let mut bins = vec![empty; cuts.len() + 1];
    for (&positive, &score) in positive.iter().zip(score) {
        let score = f64::from(score);
        let bin = &mut bins[cuts.partition_point(|cut| *cut < score)];
        (bin.least, bin.largest) = (bin.least.min(score), bin.largest.max(score));
        bin.rows += 1;
        bin.positives += usize::from(positive);
        bin.mean_score += score;
    }
    bins.retain(|bin| bin.rows > 0);
    bins.iter_mut().for_each(|bin| bin.mean_score /= bin.rows as f64);
    bins
}

/// Wilson's (1927) score interval of a share at 95%.
fn wilson(positives: usize, rows: usize) -> (f64, f64) {
    let n = rows as f64;
    let share = positives as f64 / n;
    let square = Z * Z / n;
    let middle = (share + square / 2.0) / (1.0 + square);
    let half = Z / (1.0 + square) * (share * (1.0 - share) / n + square / (4.0 * n)).sqrt();
    // At the ends rounding would leave a crumb of what is exactly 0 or 1.
    let low = if positives == 0 { 0.0 } else { middle - half };
    let high = if positives == rows { 1.0 } else { middle + half };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(rows: &[(bool, f32)]) -> Fold {
        let (positive, score): (Vec<bool>, Vec<f32>) = rows.iter().copied().unzip();
        Fold { split: (0, 0), label: vec![false; rows.len()], amount: None, positive, score }
    }

    #[test]
    fn bins_of_all_scores_are_scikit_learns() {
        // What sklearn.calibration.calibration_curve(y, p, n_bins=4, strategy="quantile") of 1.9.1 returns: cuts are
        // numpy.percentile(p, [25, 50, 75]) = [0.125, 0.25, 0.5], and numpy.searchsorted puts an equal score below its cut.
        let positive = [false, false, true, false, false, true, true, false, true];
        let score = [0.0, 0.0625, 0.125, 0.25, 0.25, 0.25, 0.5, 0.75, 1.0];
        let cuts = cuts(score.iter().copied(), 4);
        assert_eq!(cuts, [0.125, 0.25, 0.5]);
        let found = bins(&positive, &score, &cuts);
        assert_eq!(found.iter().map(|b| (b.positives, b.rows)).collect::<Vec<_>>(), [(1, 3), (1, 3), (1, 1), (1, 2)]);
        assert_eq!(found.iter().map(|b| b.mean_score).collect::<Vec<_>>(), [0.0625, 0.25, 0.5, 0.875]);
        assert_eq!((found[3].least, found[3].largest), (0.75, 1.0));
    }

    #[test]
    fn by_hand() {
        // Ten positives make two bins, cut at the median of their scores: (0.25 + 0.75) / 2.
        let mut rows = vec![(true, 0.25); 5];
        rows.extend([(true, 0.75); 5]);
        rows.extend([(false, 0.0); 10]);
        rows.extend([(false, 0.75); 1]);
        let found = calibration(&fold(&rows)).unwrap();
        let of = |b: &Bin| (b.least, b.largest, b.rows, b.positives, b.mean_score);
        assert_eq!(
            found.bins.iter().map(of).collect::<Vec<_>>(),
            [(0.0, 0.25, 15, 5, 1.25 / 15.0), (0.75, 0.75, 6, 5, 0.75)]
        );
        let error = (15.0 * (5.0 / 15.0 - 1.25 / 15.0) + 6.0 * (5.0 / 6.0 - 0.75)) / 21.0;
        assert!((found.error - error).abs() < 1e-15);
        assert_eq!((found.mean_score, found.share), (5.75 / 21.0, 10.0 / 21.0));
    }

    #[test]
    fn one_score_is_one_bin_and_no_probability_is_none() {
        let same = calibration(&fold(&[[(true, 0.5); 30], [(false, 0.5); 30]].concat())).unwrap();
        assert_eq!((same.bins.len(), same.error), (1, 0.0));
        assert_eq!(calibration(&fold(&[(true, 0.5), (false, -0.1)])), None);
        assert_eq!(calibration(&fold(&[(true, 1.5), (false, 0.1)])), None);
        assert_eq!(calibration(&fold(&[])), None);
    }

    #[test]
    fn wilsons_interval() {
        // scipy.stats.binomtest(3, 10).proportion_ci(method="wilson") of SciPy 1.17.1, and of (0, 10).
        let near = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() < 1e-7 && (b - d).abs() < 1e-7;
        assert!(near(wilson(3, 10), (0.107_791_27, 0.603_221_85)), "{:?}", wilson(3, 10));
        assert!(near(wilson(0, 10), (0.0, 0.277_532_80)), "{:?}", wilson(0, 10));
        assert_eq!(wilson(10, 10).1, 1.0);
    }
}
