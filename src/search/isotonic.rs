//! Probabilities from scores that are none: isotonic regression of labels on scores.
//!
//! As a calibration: Zadrozny and Elkan (2002). Between blocks the probability is interpolated, as scikit-learn's
//! `IsotonicRegression` does. It makes one of scores within 1e-15, which loses the order of small probabilities; here they are told
//! apart.

use crate::component::Isotonic;
use crate::numeric::rising::{self, Block};

impl Isotonic {
    /// Fits on finite scores with labels `y` (0 or 1), an element a row, at least one.
    pub fn fit(score: &[f64], y: &[u8]) -> Self {
        let mut order: Vec<usize> = (0..y.len()).collect();
        order.sort_by(|&a, &b| score[a].total_cmp(&score[b]));
        // Rows of one score are one point, whatever their order.
        let positives = |rows: &[usize]| rows.iter().filter(|row| y[**row] == 1).count();
        let groups = order.chunk_by(|a, b| score[*a] == score[*b]).map(|rows| (rows.len(), positives(rows)));
        let ends = |block: &Block| {
            let [low, high] = [block.first, block.first + block.rows - 1].map(|at| score[order[at]]);
            [(low, block.share()), (high, block.share())]
        };
        let mut knots: Vec<(f64, f64)> = rising::blocks(groups).iter().flat_map(ends).collect();
        knots.dedup();
        Isotonic { knots }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::mt19937::Mt19937;

    #[test]
    fn equals_the_min_max_formula() {
        let mut random = Mt19937::new(6);
        for _ in 0..30 {
            let score: Vec<f64> = (0..40).map(|_| (random.next_f64() * 15.0).floor() - 4.0).collect();
            let y: Vec<u8> = score.iter().map(|s| u8::from(random.next_f64() * 15.0 - 4.0 < *s)).collect();
            let fitted = Isotonic::fit(&score, &y);
            let mut distinct = score.clone();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            let mean = |low: f64, high: f64| {
                let inside: Vec<f64> = score
                    .iter()
                    .zip(&y)
                    .filter(|(s, _)| (low..=high).contains(*s))
                    .map(|(_, l)| f64::from(*l))
                    .collect();
                inside.iter().sum::<f64>() / inside.len() as f64
            };
            for &at in &distinct {
                let over = |low: f64| {
                    distinct.iter().filter(|h| **h >= at).map(|&h| mean(low, h)).fold(f64::INFINITY, f64::min)
                };
                let naive = distinct.iter().filter(|l| **l <= at).map(|&l| over(l)).fold(0.0, f64::max);
                assert!((fitted.at(at) - naive).abs() < 1e-12, "{at}: {} instead of {naive}", fitted.at(at));
            }
            assert_eq!(fitted.at(-99.0), fitted.at(distinct[0]));
            assert_eq!(fitted.at(99.0), fitted.at(distinct[distinct.len() - 1]));
        }
    }

    #[test]
    fn scores_that_are_nearly_equal_are_told_apart() {
        // scikit-learn makes one of scores within 1e-15: 1/3 for all three.
        let fitted = Isotonic::fit(&[0.0, 1e-30, 1e-16, 1.0], &[0, 0, 1, 1]);
        assert_eq!([0.0, 1e-30, 1e-16, 1.0].map(|score| fitted.at(score)), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn rises_in_between() {
        let fitted = Isotonic::fit(&[0.0, 2.0, 1.0, 4.0], &[0, 1, 0, 1]);
        assert_eq!((fitted.at(1.0), fitted.at(1.5), fitted.at(3.0)), (0.0, 0.5, 1.0));
    }
}
