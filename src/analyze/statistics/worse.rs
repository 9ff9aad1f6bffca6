//! Is it worse by more than a threshold? One-sided tests for a night's scores against those of the nights before.
//!
//! All values are on a scale on which larger is worse.

use super::by_rows::ByRows;
use super::corrected_t::CorrectedT;
use super::distribution::student_cdf;
use super::rounding::exceeds;
use crate::analyze::statistics::mean::mean_and_sd;

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
    pub within: Option<Variance>,
    /// The variance of that mean by its test rows; none without predictions.
    pub rows: Option<Variance>,
}

/// A variance, and the degrees of freedom with which it is known.
pub type Variance = (f64, f64);

/// The variance of a mean over `n` splits that have this standard deviation.
fn corrected(sd: f64, n: usize, ratio: f64) -> f64 {
    sd * sd * (1.0 / n as f64 + ratio)
}

impl Night {
    /// Of costs, whose splits have a standard deviation of `least` at least: they are told in whole units.
    pub fn of_costs(values: &[f64], least: f64, ratio: f64) -> Option<Self> {
        let night = Night::of(values, None, ratio)?;
        let least = corrected(least, values.len(), ratio);
        Some(Night { within: night.within.map(|(variance, df)| (variance.max(least), df)), ..night })
    }

    /// Over the values of all splits; `ratio` is `n_test / n_train` of a split, `rows` what the test rows of one tell. None without values.
    pub fn of(values: &[f64], rows: Option<ByRows>, ratio: f64) -> Option<Self> {
        let mean = mean_and_sd(values).0?;
        let within = CorrectedT::new(values, ratio).filter(|t| t.error.is_finite());
        let within = within.map(|t| (t.error * t.error, (t.n - 1) as f64));
        Some(Night { mean, within, rows: rows.and_then(|rows| of_mean(rows, values.len(), ratio)) })
    }
}

/// The variance of a mean over `n` splits, given that of one by its rows, which takes the place of the variance between splits. As many
/// rows that all say the same are as many throws of a coin; Student's t with one degree of freedom less comes near that.
fn of_mean(rows: ByRows, n: usize, ratio: f64) -> Option<Variance> {
    let variance = rows.variance * (1.0 / n as f64 + ratio);
    (variance > 0.0 && variance.is_finite()).then(|| (variance, (rows.rows - 1.0).max(1.0)))
}

fn upper(by: f64, threshold: f64, error: f64, df: f64) -> f64 {
    student_cdf((threshold - by) / error, df)
}

/// Runs on the same rows and splits, by the differences on each split: the corrected resampled t, with the larger of two variances, that
/// between the splits and that of the rows of one (`rows`). Without the latter, differences that are all the same
/// tell no variance; then p is that of the sign test, as of so many throws of a coin as there would be independent splits. None below two
/// splits without rows.
pub fn paired(differences: &[f64], rows: Option<ByRows>, ratio: f64, threshold: f64) -> Option<Worse> {
    let (by, n) = (mean_and_sd(differences).0?, differences.len());
    let t = CorrectedT::new(differences, ratio);
    let by_splits = t.filter(|t| !t.is_constant()).map(|t| (t.error * t.error, (n - 1) as f64));
    let by_rows = rows.and_then(|rows| of_mean(rows, n, ratio));
    if let Some((variance, df)) = by_splits.into_iter().chain(by_rows).max_by(|a, b| a.0.total_cmp(&b.0)) {
        let error = variance.sqrt();
        return Some(Worse { by, error: Some(error), p: upper(by, threshold, error, df) });
    }
    let independent = 1.0 / (1.0 / n as f64 + ratio);
    let p = match exceeds(by, threshold) {
        true if n > 1 => 0.5_f64.powf(independent),
        // A single split that tells nothing of chance.
        true => return None,
        // Models that say the same of every row are the same.
        false if n > 1 || rows.is_some() => 1.0,
        false => return None,
    };
    Some(Worse { by, error: None, p })
}

/// The same of costs, whose splits have a standard deviation of `least` at least: they are told in whole units, so that differences
/// that are all the same tell that chance is less than a unit. None below two splits.
pub fn paired_costs(differences: &[f64], least: f64, ratio: f64, threshold: f64) -> Option<Worse> {
    let t = CorrectedT::new(differences, ratio).filter(|t| t.error.is_finite())?;
    let error = t.error.max(corrected(least, t.n, ratio).sqrt());
    Some(Worse { by: t.mean, error: Some(error), p: upper(t.mean, threshold, error, (t.n - 1) as f64) })
}

/// The same of costs, given nights by [`Night::of_costs`]. Single splits tell no variance; nights of such have a standard deviation of
/// `least` at least.
pub fn unpaired_costs(base: &[Night], new: &[Night], least: f64, threshold: f64) -> Option<Worse> {
    means_apart(base, new, least, threshold)
}

/// Runs on different rows: the mean of the new nights against the mean of the base's.
///
/// A night's variance is the larger of two estimates: what it knows of itself, by its rows or its splits, and what
/// the base's nights tell by how far they lie apart. The second one holds what a night cannot know, such as rows that are harder one
/// night. Each comes with its own degrees of freedom. None where neither is there.
pub fn unpaired(base: &[Night], new: &[Night], threshold: f64) -> Option<Worse> {
    means_apart(base, new, 0.0, threshold)
}

fn means_apart(base: &[Night], new: &[Night], least: f64, threshold: f64) -> Option<Worse> {
    let mean = |nights: &[Night]| mean_and_sd(&nights.iter().map(|night| night.mean).collect::<Vec<_>>());
    let ((Some(before), apart), (Some(after), _)) = (mean(base), mean(new)) else { return None };
    let by_themselves = of_themselves(base, new);
    let least = if by_themselves.is_none() { least } else { 0.0 };
    let by_nights = apart.map(|sd| (sd.max(least).powi(2), (base.len() - 1) as f64));
    let estimates =
        by_themselves.into_iter().chain(by_nights).filter(|(variance, df)| variance.is_finite() && *df > 0.0);
    let by = after - before;
    let Some((variance, df)) = estimates.max_by(|a, b| a.0.total_cmp(&b.0)) else {
        // Splits that are all equal have no degrees of freedom to go by.
        let told = by_themselves.is_some() || by_nights.is_some();
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

/// A night's variance by its splits, or by its rows where the new nights and any of the base have these.
///
/// By splits: the corrected resampled t, mean over all nights, if all have it, as nobody knows the variance of a single split. The degrees
/// of freedom are Satterthwaite's; where one run stands against one the smaller one's, which never rejects too often (Hsu).
///
/// By rows: the mean over all nights with predictions, with Satterthwaite's degrees of freedom; times the factor by which splits vary more
/// than their rows, if they do. That factor is taken to be the same on all nights, so that all their splits tell it.
fn of_themselves(base: &[Night], new: &[Night]) -> Option<Variance> {
    let all = || base.iter().chain(new);
    let pooled = |variances: &[Variance]| -> Variance {
        let sum: f64 = variances.iter().map(|(variance, _)| variance).sum();
        let squares: f64 = variances.iter().map(|(variance, df)| variance * variance / df).sum();
        (sum / variances.len() as f64, sum * sum / squares)
    };
    if base.iter().any(|night| night.rows.is_some()) && new.iter().all(|night| night.rows.is_some()) {
        let (variance, df) = pooled(&all().filter_map(|night| night.rows).collect::<Vec<_>>());
        let both = all().filter_map(|night| Some((night.within?, night.rows?.0)));
        let (told, free) =
            both.fold((0.0, 0.0), |(told, free), ((within, df), by_rows)| (told + df * within / by_rows, free + df));
        let factor = told / free;
        return Some(if factor > 1.0 { (factor * variance, 1.0 / (1.0 / df + 1.0 / free)) } else { (variance, df) });
    }
    let within: Vec<Variance> = base.iter().chain(new).filter_map(|night| night.within).collect();
    let (variance, df) = pooled(&within);
    let least = within.iter().map(|(_, df)| *df).fold(f64::INFINITY, f64::min);
    (within.len() == base.len() + new.len()).then_some((variance, if base.len() == 1 { least } else { df }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paired_is_the_corrected_t_against_the_threshold() {
        let differences = [0.03, 0.01, 0.05, 0.02, 0.04];
        let worse = paired(&differences, None, 0.25, 0.01).unwrap();
        // scipy: t.sf((0.03 - 0.01) / (0.015811388 * (1/5 + 1/4) ** 0.5), 4)
        assert!((worse.by - 0.03).abs() < 1e-12 && (worse.error.unwrap() - 0.010_606_601_7).abs() < 1e-9);
        assert!((worse.p - 0.066_209_461).abs() < 1e-6, "{}", worse.p);
        assert!(paired(&differences, None, 0.25, 0.05).unwrap().p > 0.9);
        assert_eq!(paired(&[0.2], None, 0.25, 0.0), None);
    }

    #[test]
    fn differences_that_are_all_the_same_are_thrown_coins_and_none_is_no_evidence() {
        assert_eq!(paired(&[0.0; 10], None, 0.1, 0.0).unwrap().p, 1.0);
        // Five folds correlate as 1/2.22 independent ones would: 1/5 + 1/4 of the variance of one.
        assert!((paired(&[0.25; 5], None, 0.25, 0.01).unwrap().p - 0.5_f64.powf(1.0 / 0.45)).abs() < 1e-12);
        assert_eq!(paired(&[-0.25; 5], None, 0.25, 0.01).unwrap().p, 1.0);
        // 0.01 is not more than 0.01, be it by rounding.
        let by = 0.31 - 0.3;
        assert!(by > 0.01);
        assert_eq!(paired(&[by; 5], None, 0.25, 0.01).unwrap().p, 1.0);
    }

    #[test]
    fn costs_that_are_all_the_same_are_known_to_a_unit() {
        // 0.01 sqrt(1/3 + 1/2) is the error of three folds; with two degrees of freedom p is (1 - t / sqrt(2 + t^2)) / 2.
        let worse = paired_costs(&[0.5; 3], 0.01, 0.5, 0.4).unwrap();
        let error = 0.01 * (5.0_f64 / 6.0).sqrt();
        let t = 0.1 / error;
        assert!((worse.by - 0.5).abs() < 1e-12 && (worse.error.unwrap() - error).abs() < 1e-12, "{worse:?}");
        assert!((worse.p - (1.0 - t / (2.0 + t * t).sqrt()) / 2.0).abs() < 1e-9, "{worse:?}");
        // What varies by more is as it was, and what is not worse has no alarm.
        let differences = [0.3, 0.5, 0.7];
        assert_eq!(paired_costs(&differences, 0.01, 0.5, 0.4), paired(&differences, None, 0.5, 0.4));
        assert!(paired_costs(&[0.0; 3], 0.01, 0.5, 0.4).unwrap().p > 0.99);
        assert_eq!(paired_costs(&[0.5], 0.01, 0.5, 0.4), None);
    }

    #[test]
    fn nights_of_costs_that_are_all_the_same_are_known_to_a_unit() {
        let night = |cost: f64, folds: usize| Night::of_costs(&vec![cost; folds], 0.01, 0.25).unwrap();
        // Five folds: 0.0001 (1/5 + 1/4), with four degrees of freedom for one night against one.
        let worse = unpaired_costs(&[night(1.0, 5)], &[night(1.5, 5)], 0.01, 0.4).unwrap();
        let error = (0.000_045_f64 * 2.0).sqrt();
        assert!((worse.error.unwrap() - error).abs() < 1e-12, "{worse:?}");
        assert!((worse.p - student_cdf(-0.1 / error, 4.0)).abs() < 1e-12, "{worse:?}");
        // Single splits: three equal nights of the base have two degrees of freedom.
        let worse = unpaired_costs(&[night(1.0, 1); 3], &[night(1.5, 1)], 0.01, 0.4).unwrap();
        let error = (0.0001_f64 * 4.0 / 3.0).sqrt();
        assert!((worse.error.unwrap() - error).abs() < 1e-12, "{worse:?}");
        assert!((worse.p - student_cdf(-0.1 / error, 2.0)).abs() < 1e-12, "{worse:?}");
    }

    #[test]
    fn two_runs_on_other_rows_are_hsus_test_with_corrected_variances() {
        let (a, b) = ([-0.80, -0.82, -0.78, -0.81, -0.79], [-0.70, -0.75, -0.65, -0.72, -0.68]);
        let nights = [a, b].map(|values| Night::of(&values, None, 0.25).unwrap());
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
        let night = |mean: f64, within| Night { mean, within, rows: None };
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
    #[test]
    fn rows_take_the_place_of_splits_unless_splits_vary_more() {
        let rows = |variance: f64| Some(ByRows { variance, rows: 31.0 });
        // One hold-out: variance of the rows, and of other training rows.
        let worse = paired(&[0.06], rows(0.0004), 0.5, 0.01).unwrap();
        let error = (0.0004_f64 * 1.5).sqrt();
        assert!((worse.error.unwrap() - error).abs() < 1e-12);
        assert!((worse.p - student_cdf(-0.05 / error, 30.0)).abs() < 1e-12);
        // Models that say the same of every row are the same; a difference without any variance of rows tells nothing.
        assert_eq!(paired(&[0.0], rows(0.0), 0.5, 0.0).unwrap().p, 1.0);
        assert_eq!(paired(&[0.2], rows(0.0), 0.5, 0.0), None);
        let differences = [0.03, 0.01, 0.05, 0.02, 0.04];
        let by_splits = paired(&differences, None, 0.25, 0.01).unwrap();
        assert_eq!(paired(&differences, rows(0.00024), 0.25, 0.01).unwrap(), by_splits);
        let by_rows = paired(&differences, rows(0.00026), 0.25, 0.01).unwrap();
        assert!((by_rows.error.unwrap() - (0.45_f64 * 0.00026).sqrt()).abs() < 1e-12 && by_rows.p < by_splits.p);
        // Differences that are all the same are judged by their rows.
        assert!(paired(&[0.25; 5], rows(0.0004), 0.25, 0.01).unwrap().p < 1e-6);
    }

    #[test]
    fn on_other_rows_all_splits_tell_by_how_much_they_vary_more_than_rows() {
        let rows = |variance: f64| Some(ByRows { variance, rows: 41.0 });
        let (a, b) = ([-0.80, -0.82, -0.78, -0.81, -0.79], [-0.70, -0.75, -0.65, -0.72, -0.68]);
        let of = |by_rows: [f64; 2]| {
            let nights = [(a, by_rows[0]), (b, by_rows[1])]
                .map(|(values, variance)| Night::of(&values, rows(variance), 0.25).unwrap());
            unpaired(&nights[..1], &nights[1..], 0.01).unwrap()
        };
        // Splits vary less than their rows: these alone, with Satterthwaite's degrees of freedom.
        let worse = of([0.002, 0.004]);
        let error = (0.45_f64 * 0.006).sqrt();
        let df = 0.006_f64.powi(2) / ((0.002_f64.powi(2) + 0.004_f64.powi(2)) / 40.0);
        assert!((worse.error.unwrap() - error).abs() < 1e-12);
        assert!((worse.p - student_cdf(-0.09 / error, df)).abs() < 1e-12, "{worse:?}");
        // More: the factors 2 and 4 of the nights are 3 together, of eight degrees of freedom.
        let worse = of([0.00025 / 2.0, 0.00145 / 4.0]);
        let (sum, squares) = (0.000125 + 0.0003625, 0.000125_f64.powi(2) + 0.0003625_f64.powi(2));
        let (error, df) = ((0.45_f64 * 3.0 * sum).sqrt(), sum * sum / (squares / 40.0));
        assert!((worse.error.unwrap() - error).abs() < 1e-12);
        assert!((worse.p - student_cdf(-0.09 / error, 1.0 / (1.0 / df + 1.0 / 8.0))).abs() < 1e-9, "{worse:?}");
        // A night without predictions has the variance of those that have them; without any in the base there is none.
        let night = |value: f64, variance: Option<f64>| Night::of(&[value], variance.and_then(rows), 0.25).unwrap();
        let base = [night(-0.80, Some(0.002)), night(-0.8001, None)];
        let found = unpaired(&base, &[night(-0.7, Some(0.004))], 0.0).unwrap();
        assert!((found.error.unwrap() - (1.25 * 0.003 * 1.5_f64).sqrt()).abs() < 1e-12);
        assert_eq!(unpaired(&base[1..], &[night(-0.7, Some(0.004))], 0.0), None);
    }
}
