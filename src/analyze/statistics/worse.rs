//! Is it worse by more than a threshold? One-sided tests for a night's scores against those of the nights before.
//!
//! All values are on a scale on which larger is worse.

use super::corrected_t::CorrectedT;
use super::distribution::student_cdf;
use crate::analyze::leaderboard::mean_and_sd;

/// How much worse, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worse {
    /// The new mean minus the base's; positive is worse.
    pub by: f64,
    /// Its standard error; none where the values tell no variance.
    pub error: Option<f64>,
    /// The p-value of the hypothesis that the truth is not worse by more than the threshold.
    pub p: f64,
}

/// One run's scores, for runs on different rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Night {
    /// The mean over its splits.
    pub mean: f64,
    /// The variance of that mean by the corrected resampled t, and its degrees of freedom; none for a single split.
    pub within: Option<(f64, f64)>,
}

impl Night {
    /// Over the values of all splits; `ratio` is `n_test / n_train` of a split. None without values.
    pub fn of(values: &[f64], ratio: f64) -> Option<Self> {
        let mean = mean_and_sd(values).0?;
        let within = CorrectedT::new(values, ratio).filter(|t| t.error.is_finite());
        Some(Night { mean, within: within.map(|t| (t.error * t.error, (t.n - 1) as f64)) })
    }
}

fn upper(by: f64, threshold: f64, error: f64, df: f64) -> f64 {
    student_cdf((threshold - by) / error, df)
}

/// Runs on the same rows and splits, by the differences on each split: the corrected resampled t. Differences that are all the same
/// tell no variance; then p is that of the sign test, as of so many throws of a coin. None below two splits.
pub fn paired(differences: &[f64], ratio: f64, threshold: f64) -> Option<Worse> {
    let t = CorrectedT::new(differences, ratio)?;
    if t.is_constant() {
        let p = if t.mean > threshold { 0.5_f64.powi(t.n as i32) } else { 1.0 };
        return Some(Worse { by: t.mean, error: None, p });
    }
    Some(Worse { by: t.mean, error: Some(t.error), p: upper(t.mean, threshold, t.error, (t.n - 1) as f64) })
}

/// Runs on different rows: the mean of the new nights against the mean of the base's.
///
/// A night's variance is the larger of two estimates: what its splits tell (the corrected resampled t, mean over all nights), and what
/// the base's nights tell by how far they lie apart. The second one holds what splits cannot know, such as rows that are harder one
/// night. Each comes with its own degrees of freedom (Satterthwaite's for the first, Hsu's where one run
/// stands against one). None where neither is there.
pub fn unpaired(base: &[Night], new: &[Night], threshold: f64) -> Option<Worse> {
    let mean = |nights: &[Night]| mean_and_sd(&nights.iter().map(|night| night.mean).collect::<Vec<_>>());
    let ((Some(before), apart), (Some(after), _)) = (mean(base), mean(new)) else { return None };
    let within: Vec<(f64, f64)> = base.iter().chain(new).filter_map(|night| night.within).collect();
    let sum: f64 = within.iter().map(|(variance, _)| variance).sum();
    let squares: f64 = within.iter().map(|(variance, df)| variance * variance / df).sum();
    // Of a single split nobody knows the variance; others' must not stand in for it unless nights do.
    let least = within.iter().map(|(_, df)| *df).fold(f64::INFINITY, f64::min);
    // Of two runs alone: the smaller one's, which never rejects too often (Hsu).
    let df = if base.len() == 1 { least } else { sum * sum / squares };
    let by_splits = (within.len() == base.len() + new.len()).then(|| (sum / within.len() as f64, df));
    let by_nights = apart.map(|sd| (sd * sd, (base.len() - 1) as f64));
    let estimates = by_splits.into_iter().chain(by_nights).filter(|(variance, df)| variance.is_finite() && *df > 0.0);
    let by = after - before;
    let Some((variance, df)) = estimates.max_by(|a, b| a.0.total_cmp(&b.0)) else {
        // Splits that are all equal have no degrees of freedom to go by.
        let told = by_splits.is_some() || by_nights.is_some();
        return told.then_some(Worse { by, error: None, p: if by > threshold { 0.5 } else { 1.0 } });
    };
    if variance <= 0.0 {
        // Nights that are equal to the last digit: as of so many throws of a coin.
        let p = if by > threshold { 0.5_f64.powi((base.len() + new.len() - 1) as i32) } else { 1.0 };
        return Some(Worse { by, error: None, p });
    }
    let error = (variance * (1.0 / base.len() as f64 + 1.0 / new.len() as f64)).sqrt();
    Some(Worse { by, error: Some(error), p: upper(by, threshold, error, df) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paired_is_the_corrected_t_against_the_threshold() {
        let differences = [0.03, 0.01, 0.05, 0.02, 0.04];
        let worse = paired(&differences, 0.25, 0.01).unwrap();
        // scipy: t.sf((0.03 - 0.01) / (0.015811388 * (1/5 + 1/4) ** 0.5), 4)
        assert!((worse.by - 0.03).abs() < 1e-12 && (worse.error.unwrap() - 0.010_606_601_7).abs() < 1e-9);
        assert!((worse.p - 0.066_209_461).abs() < 1e-6, "{}", worse.p);
        assert!(paired(&differences, 0.25, 0.05).unwrap().p > 0.9);
        assert_eq!(paired(&[0.2], 0.25, 0.0), None);
    }

    #[test]
    fn differences_that_are_all_the_same_are_thrown_coins_and_none_is_no_evidence() {
        assert_eq!(paired(&[0.0; 10], 0.1, 0.0).unwrap().p, 1.0);
        assert_eq!(paired(&[0.25; 5], 0.25, 0.01).unwrap().p, 0.5_f64.powi(5));
        assert_eq!(paired(&[-0.25; 5], 0.25, 0.01).unwrap().p, 1.0);
    }

    #[test]
    fn two_runs_on_other_rows_are_hsus_test_with_corrected_variances() {
        let (a, b) = ([-0.80, -0.82, -0.78, -0.81, -0.79], [-0.70, -0.75, -0.65, -0.72, -0.68]);
        let nights = [a, b].map(|values| Night::of(&values, 0.25).unwrap());
        let worse = unpaired(&nights[..1], &nights[1..], 0.01).unwrap();
        // By hand: variances 0.00025 and 0.00145 times 1/5 + 1/4.
        let error = (0.45_f64 * (0.00025 + 0.00145)).sqrt();
        assert!((worse.by - 0.10).abs() < 1e-12 && (worse.error.unwrap() - error).abs() < 1e-12);
        assert!((worse.p - student_cdf(-0.09 / error, 4.0)).abs() < 1e-12);
        // Two nights as base: variances' mean, Satterthwaite's degrees of freedom.
        let base = [nights[0], Night { mean: nights[0].mean + 1e-6, ..nights[0] }];
        let worse = unpaired(&base, &nights[1..], 0.01).unwrap();
        let [a, b] = [0.45 * 0.00025_f64, 0.45 * 0.00145];
        let (sum, df) = (2.0 * a + b, (2.0 * a + b).powi(2) / ((2.0 * a * a + b * b) / 4.0));
        assert!((worse.p - student_cdf(-(worse.by - 0.01) / (sum / 3.0 * 1.5_f64).sqrt(), df)).abs() < 1e-12);
    }

    #[test]
    fn nights_that_lie_far_apart_are_believed_more_than_their_splits() {
        let night = |mean: f64, within| Night { mean, within };
        let base: Vec<Night> = (0..6).map(|i| night(0.01 * f64::from(i), Some((1e-8, 4.0)))).collect();
        let worse = unpaired(&base, &[night(0.06, Some((1e-8, 4.0)))], 0.0).unwrap();
        assert!(worse.p > 0.05, "{worse:?}");
        // Single splits: the nights alone tell; of one night nothing does.
        let single: Vec<Night> = base.iter().map(|n| night(n.mean, None)).collect();
        assert_eq!(unpaired(&single, &[night(0.06, None)], 0.0).unwrap().p, worse.p);
        assert_eq!(unpaired(&single[..1], &[night(0.06, None)], 0.0), None);
        let same = [night(0.5, None); 4];
        assert_eq!(unpaired(&same, &[night(0.5, None)], 0.0).unwrap().p, 1.0);
        assert_eq!(unpaired(&same, &[night(0.6, None)], 0.0).unwrap().p, 0.0625);
    }
}
