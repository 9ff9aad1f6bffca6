//! Platt's logistic function from scores to probabilities.
//!
//! Platt (1999), "Probabilistic outputs for support vector machines", as scikit-learn fits it: targets are drawn in from 0 and 1 by
//! the classes' sizes. scikit-learn stops L-BFGS-B near the optimum; this is Newton's method, which goes there (Lin, Lin,
//! Weng 2007).

use crate::component::Sigmoid;

/// Steps of Newton's method; ten are usual.
const STEPS: usize = 100;
/// Halvings of a step.
const HALVINGS: usize = 40;
/// Keeps the Hessian invertible, as in Lin, Lin, Weng.
const RIDGE: f64 = 1e-12;

impl Sigmoid {
    /// Fits on finite scores with labels `y` (0 or 1), an element per row, at least one.
    pub fn fit(score: &[f64], y: &[u8]) -> Self {
        // Scores far from 0 would make the problem ill-conditioned.
        let largest = score.iter().fold(0.0_f64, |largest, score| largest.max(score.abs()));
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let positives = y.iter().filter(|&&label| label == 1).count() as f64;
        let negatives = y.len() as f64 - positives;
        let target = |label: u8| match label {
            1 => (positives + 1.0) / (positives + 2.0),
            _ => 1.0 / (negatives + 2.0),
        };
        let rows: Vec<(f64, f64)> = score.iter().zip(y).map(|(score, &label)| (score / scale, target(label))).collect();
        let (mut a, mut b) = (0.0, ((negatives + 1.0) / (positives + 1.0)).ln());
        let mut loss = loss_at(&rows, a, b);
        for _ in 0..STEPS {
            let [ga, gb, haa, hab, hbb] = derivatives(&rows, a, b);
            let (haa, hbb) = (haa + RIDGE, hbb + RIDGE);
            let determinant = haa * hbb - hab * hab;
            let (da, db) = (-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant);
            let better = (0..HALVINGS).map(|halvings| 0.5_f64.powi(halvings as i32)).find_map(|size| {
                let next = (a + size * da, b + size * db);
                let at = loss_at(&rows, next.0, next.1);
                (at < loss).then_some((next, at))
            });
            let Some(((next_a, next_b), at)) = better else { break };
            (a, b, loss) = (next_a, next_b, at);
        }
        Sigmoid { a: a / scale, b }
    }
}

/// Cross-entropy of the targets.
fn loss_at(rows: &[(f64, f64)], a: f64, b: f64) -> f64 {
    rows.iter()
        .map(|&(score, target)| {
            let z = a * score + b;
            // -t log p - (1 - t) log (1 - p), without overflow.
            if z >= 0.0 { target * z + (-z).exp().ln_1p() } else { (target - 1.0) * z + z.exp().ln_1p() }
        })
        .sum()
}

/// The loss's gradient by `a` and `b`, then its second derivatives `aa`, `ab`, `bb`.
fn derivatives(rows: &[(f64, f64)], a: f64, b: f64) -> [f64; 5] {
    let mut sums = [0.0; 5];
    for &(score, target) in rows {
        let p = Sigmoid::expit(-(a * score + b));
        let (slope, curve) = (target - p, p * (1.0 - p));
        let parts = [score * slope, slope, score * score * curve, score * curve, curve];
        sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::mt19937::Mt19937;

    #[test]
    fn no_other_function_near_it_is_better() {
        let mut random = Mt19937::new(2);
        for scale in [1e-6, 1.0, 1e6] {
            let y: Vec<u8> = (0..300).map(|row| u8::from(row % 9 == 1)).collect();
            let score: Vec<f64> = y.iter().map(|&l| scale * (random.next_f64() + 0.4 * f64::from(l))).collect();
            let fitted = Sigmoid::fit(&score, &y);
            let target = |label: u8| if label == 1 { 35.0 / 36.0 } else { 1.0 / 268.0 };
            assert_eq!(y.iter().filter(|&&label| label == 1).count(), 34);
            let rows: Vec<(f64, f64)> = score.iter().zip(&y).map(|(s, &l)| (*s, target(l))).collect();
            let least = loss_at(&rows, fitted.a, fitted.b);
            for (da, db) in [(1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3), (1e-3, -1e-3)] {
                assert!(least < loss_at(&rows, fitted.a * (1.0 + da), fitted.b + db), "{scale}");
            }
            assert!(fitted.a < 0.0 && fitted.at(scale * 2.0) > fitted.at(0.0));
        }
    }

    #[test]
    fn classes_that_a_score_tells_apart_give_no_infinite_slope() {
        let fitted = Sigmoid::fit(&[0.0, 1.0, 2.0, 3.0], &[0, 0, 1, 1]);
        assert!(fitted.a.is_finite() && fitted.b.is_finite());
        // Platt's targets: 3/4 and 1/4.
        assert!((fitted.at(0.5) + fitted.at(2.5) - 1.0).abs() < 1e-6);
        let constant = Sigmoid::fit(&[0.3; 6], &[0, 0, 1, 0, 0, 0]);
        assert!((constant.at(0.3) - (2.0 / 3.0 + 5.0 / 7.0) / 6.0).abs() < 1e-9);
        assert_eq!(Sigmoid::fit(&[0.0, 0.0], &[0, 1]).at(0.0), 0.5);
    }
}
