//! What a Newton step divides by: a factored Hessian, kept for some steps and corrected by what gradients tell meanwhile
//! (Nocedal 1980, "Updating quasi-Newton matrices with limited storage", from a Hessian instead of a diagonal). With hundreds of
//! columns a Hessian takes as long as ten gradients.

use crate::numeric::cholesky::Factor;
use crate::numeric::dense::{add_scaled, dot};

/// A ridge above this share of the diagonal would leave nothing of the matrix.
const MOST_RIDGE: f64 = 1e3;

pub(super) struct Curvature {
    factor: Factor,
    /// The ridge that the factorisation needed, as a share of the diagonal.
    pub(super) ridge: f64,
    /// Steps with the differences of gradients along them, and one over their products.
    pairs: Vec<(Vec<f64>, Vec<f64>, f64)>,
}

impl Curvature {
    /// Of a Hessian whose lower triangle is read; none where no ridge from `ridge` on makes it positive definite.
    pub(super) fn of(hessian: &[f64], ridge: f64) -> Option<Self> {
        let mut ridge = ridge;
        while ridge < MOST_RIDGE {
            if let Some(factor) = Factor::of(hessian, hessian.len().isqrt(), ridge) {
                return Some(Curvature { factor, ridge, pairs: Vec::new() });
            }
            ridge = (ridge * 10.0).max(1e-12);
        }
        None
    }

    /// How many steps have corrected it.
    pub(super) fn corrections(&self) -> usize {
        self.pairs.len()
    }

    /// Learns that along `step` the gradient changed by `change`. What rounding alone could have made is passed over.
    pub(super) fn correct(&mut self, step: Vec<f64>, change: Vec<f64>) {
        let product = dot(&step, &change);
        if product > f64::EPSILON * dot(&step, &step).sqrt() * dot(&change, &change).sqrt() {
            self.pairs.push((step, change, 1.0 / product));
        }
    }

    /// The step to where a quadratic with this curvature and `gradient` has its minimum; none where it is not finite.
    pub(super) fn step(&self, gradient: &[f64]) -> Option<Vec<f64>> {
        let mut downhill: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for (step, change, inverse) in self.pairs.iter().rev() {
            let share = dot(step, &downhill) * inverse;
            add_scaled(&mut downhill, -share, change);
            shares.push(share);
        }
        let mut found = self.factor.solve(&downhill)?;
        for ((step, change, inverse), share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let by = share - dot(change, &found) * inverse;
            add_scaled(&mut found, by, step);
        }
        found.iter().all(|value| value.is_finite()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gradient of x^2 + 2 x y + 5 y^2 - 4 x, whose minimum is (2.5, -0.5).
    fn gradient(at: &[f64]) -> Vec<f64> {
        vec![2.0 * at[0] + 2.0 * at[1] - 4.0, 2.0 * at[0] + 10.0 * at[1]]
    }

    #[test]
    fn a_step_of_the_true_curvature_ends_at_the_minimum() {
        let step = Curvature::of(&[2.0, 0.0, 2.0, 10.0], 0.0).unwrap().step(&gradient(&[0.0, 0.0])).unwrap();
        assert!((step[0] - 2.5).abs() < 1e-14 && (step[1] + 0.5).abs() < 1e-14, "{step:?}");
    }

    #[test]
    fn what_was_told_last_holds_whatever_the_factor_says() {
        let mut curvature = Curvature::of(&[8.0, 0.0, 0.0, 8.0], 0.0).unwrap();
        let mut at = vec![0.0, 0.0];
        // What was told last holds exactly.
        for step in [[1.0, 0.0], [0.0, 1.0]] {
            let next: Vec<f64> = at.iter().zip(step).map(|(at, step)| at + step).collect();
            let change = gradient(&next).iter().zip(gradient(&at)).map(|(after, before)| after - before).collect();
            curvature.correct(step.to_vec(), change);
            at = next;
        }
        assert_eq!(curvature.corrections(), 2);
        let told = curvature.step(&[2.0, 10.0]).unwrap();
        assert!((told[0] + 0.0).abs() < 1e-12 && (told[1] + 1.0).abs() < 1e-12, "{told:?}");
        curvature.correct(vec![1.0, 0.0], vec![-1.0, 0.0]);
        assert_eq!(curvature.corrections(), 2, "a convex loss has no negative curvature");
    }

    #[test]
    fn a_ridge_is_added_only_where_one_is_needed() {
        assert_eq!(Curvature::of(&[1.0, 0.0, 0.5, 1.0], 0.0).unwrap().ridge, 0.0);
        let collinear = Curvature::of(&[1.0, 0.0, 1.0, 1.0], 0.0).unwrap().ridge;
        assert!(collinear > 0.0 && collinear < 1e-9, "{collinear}");
        assert!(Curvature::of(&[f64::NAN], 0.0).is_none());
    }
}
