//! How far the best of several pipelines lies above another one by chance, where none is better.
//!
//! The best was not named before its folds were looked at, so its comparisons with the others are not the comparisons that a
//! correction of their number (Bonferroni, Holm) allows for: among pipelines that do not differ, some one comes out first, and
//! by more, the more there are. What allows for it is the distribution of the largest `t` between the best and any other, which
//! is drawn here: the maximum of studentised differences, as Tukey's range is for one common variance. Fold values of a pipeline
//! are normal, those of two pipelines independent given what all share, which cancels; two pipelines that are more alike make
//! the largest `t` smaller. A common correlation of folds, as Nadeau and Bengio (2003) put it, cancels too, so that the corrected
//! `t` has the same distribution.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::distribution::student_two_sided;
use super::quantile;
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

/// Draws: a p-value near 0.05 has a standard error of 0.003.
const DRAWS: usize = 5_000;
/// One seed for all reports: the same records give the same report.
const SEED: u64 = 0;

/// The distribution of the largest `t` between the best pipeline and any other, none being better.
#[derive(Debug, Clone, PartialEq)]
pub struct BestOfMany {
    folds: usize,
    /// A draw each, ascending; empty for two pipelines, whose largest `t` is Student's.
    largest: Arc<[f64]>,
}

/// What was drawn before, by pipelines and folds: one report asks for the same several times, and it is the same for all.
static DRAWN: Mutex<Drawn> = Mutex::new(BTreeMap::new());

type Drawn = BTreeMap<(usize, usize), Arc<[f64]>>;

impl BestOfMany {
    /// Of so many pipelines, the best among them, over so many folds, both at least 2. The same on any number of threads.
    pub fn new(pipelines: usize, folds: usize) -> Self {
        let draw = |i: usize| {
            let key = format!("best of {pipelines} over {folds}|{i}");
            largest(pipelines, folds, &mut Mt19937::new(derive(SEED, Purpose::Bootstrap, &key) as u32))
        };
        // Nothing is left half done by a panic, so a poisoned map is whole.
        let drawn = || DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = drawn().get(&(pipelines, folds)) {
            return BestOfMany { folds, largest: known.clone() };
        }
        let draws = if pipelines > 2 { DRAWS } else { 0 };
        let mut largest: Vec<f64> = (0..draws).into_par_iter().map(draw).collect();
        largest.sort_by(f64::total_cmp);
        let largest: Arc<[f64]> = largest.into();
        drawn().insert((pipelines, folds), largest.clone());
        BestOfMany { folds, largest }
    }

    /// How often the largest `t` is at least this one. Never 0: the draws are one more with what was observed.
    pub fn p_value(&self, t: f64) -> f64 {
        let alone = student_two_sided(t, (self.folds - 1) as f64);
        if self.largest.is_empty() {
            return alone;
        }
        let below = self.largest.partition_point(|drawn| *drawn < t);
        ((self.largest.len() - below + 1) as f64 / (self.largest.len() + 1) as f64).max(alone)
    }

    /// The `t` that the largest one reaches with probability `alpha`.
    pub fn critical(&self, alpha: f64) -> f64 {
        let of_two = || super::distribution::student_quantile(1.0 - alpha / 2.0, (self.folds - 1) as f64);
        quantile(&self.largest, 1.0 - alpha).unwrap_or_else(of_two)
    }
}

fn largest(pipelines: usize, folds: usize, random: &mut Mt19937) -> f64 {
    let mut normal = Legacy::new(random);
    let values: Vec<f64> = (0..pipelines * folds).map(|_| normal.normal()).collect();
    let sum = |of: &[f64]| of.iter().sum::<f64>();
    let best = values.chunks(folds).reduce(|best, next| if sum(next) > sum(best) { next } else { best });
    let n = folds as f64;
    let t = |other: &[f64]| {
        let differences = || best.unwrap_or(other).iter().zip(other).map(|(a, b)| a - b);
        let mean = differences().sum::<f64>() / n;
        let square = differences().map(|d| (d - mean) * (d - mean)).sum::<f64>();
        // The best against itself is 0 of 0.
        if square > 0.0 { mean / (square / (n - 1.0) / n).sqrt() } else { 0.0 }
    };
    values.chunks(folds).map(t).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pipelines_are_students() {
        let two = BestOfMany::new(2, 10);
        assert_eq!(two.p_value(2.5), student_two_sided(2.5, 9.0));
        // scipy.stats.t.ppf(0.975, 9)
        assert!((two.critical(0.05) - 2.262_157_162_798_205).abs() < 1e-9);
    }

    #[test]
    fn more_pipelines_need_more_and_no_p_is_zero() {
        let [few, many] = [3, 40].map(|n| BestOfMany::new(n, 10));
        assert!(2.5 < few.critical(0.05) && few.critical(0.05) < many.critical(0.05));
        assert!(many.p_value(1e9) > 0.0 && many.p_value(0.0) == 1.0);
        let at = many.critical(0.05);
        assert!((many.p_value(at) - 0.05).abs() < 0.001, "{}", many.p_value(at));
        assert_eq!(many, BestOfMany::new(40, 10));
    }

    #[test]
    fn three_pipelines_by_brute_force() {
        // Another generator, another order of operations: 20,000 draws of three pipelines over five folds, of which 5% reach the
        // critical value up to the error of both.
        let critical = BestOfMany::new(3, 5).critical(0.05);
        let mut random = Mt19937::new(99);
        let mut normal = Legacy::new(&mut random);
        let reached = (0..20_000).filter(|_| {
            let x: [[f64; 5]; 3] = std::array::from_fn(|_| std::array::from_fn(|_| normal.normal()));
            let mean = |v: &[f64; 5]| v.iter().sum::<f64>() / 5.0;
            let best = (0..3).max_by(|a, b| mean(&x[*a]).total_cmp(&mean(&x[*b]))).unwrap();
            (0..3).filter(|j| *j != best).any(|j| {
                let d: [f64; 5] = std::array::from_fn(|i| x[best][i] - x[j][i]);
                let sd = (d.iter().map(|v| (v - mean(&d)).powi(2)).sum::<f64>() / 4.0).sqrt();
                mean(&d) / (sd / 5.0_f64.sqrt()) >= critical
            })
        });
        let share = reached.count() as f64 / 20_000.0;
        assert!((0.040..0.060).contains(&share), "{share}");
    }
}
