//! Which numbers are equal up to rounding. The last digits of a sum depend on its order, so means that are equal by their fractions can
//! differ by 1e-16. That must decide no rank and no verdict.

/// Numbers that differ by at most this share of their size differ by rounding only.
const ROUNDING: f64 = 1e-10;
/// What rounding leaves of a difference of two equal scores.
pub(super) const NOTHING: f64 = 1e-14;

/// Whether a difference, or a deviation, of numbers of this size is what rounding leaves.
pub fn is_nothing(difference: f64, size: f64) -> bool {
    difference.abs() <= NOTHING.max(ROUNDING * size.abs())
}

/// Whether two numbers are equal up to rounding.
pub fn equal(a: f64, b: f64) -> bool {
    a == b || ((a - b).is_finite() && is_nothing(a - b, a.abs().max(b.abs())))
}

/// Whether `a` is larger than `b` by more than rounding.
pub fn exceeds(a: f64, b: f64) -> bool {
    a > b && !equal(a, b)
}

/// `a - b`, and exactly 0 where they are equal up to rounding.
pub fn difference(a: f64, b: f64) -> f64 {
    if equal(a, b) { 0.0 } else { a - b }
}

/// The places of `values` from the smallest value on, in runs of values that are equal up to rounding. All of a run are compared with
/// its smallest value, so that many small steps do not add up to one long run. In a run the places are in their order.
pub fn runs(values: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for place in order {
        match runs.last_mut() {
            Some(run) if equal(values[run[0]], values[place]) => run.push(place),
            _ => runs.push(vec![place]),
        }
    }
    runs.iter_mut().for_each(|run| run.sort_unstable());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_the_order_of_a_sum_is_equal() {
        // 0.6 both.
        let (one, other) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert!(one != other && equal(one, other) && !exceeds(one, other) && !exceeds(other, one));
        assert_eq!((difference(one, other), difference(0.75, 0.5)), (0.0, 0.25));
        // Money, of which a number holds fewer digits after the point; and 0 beside what is left of a sum.
        assert!(equal(1e9 + 0.01, 1e9) && equal(0.0, 1e-15) && equal(0.0, -0.0) && equal(-0.3, -0.1 - 0.2));
        // The least step of an area over 500 positives and 300,000 negatives.
        assert!(!equal(0.9, 0.9 + 1.0 / 1.5e8) && exceeds(0.9 + 1.0 / 1.5e8, 0.9) && !exceeds(0.5, 0.75));
        let infinite = f64::INFINITY;
        assert!(equal(infinite, infinite) && !equal(infinite, 1.0) && !equal(f64::MAX, f64::MIN));
        assert!(!equal(f64::NAN, f64::NAN) && !exceeds(f64::NAN, 0.0));
    }

    #[test]
    fn equal_values_are_one_run_in_their_order() {
        // The first is the larger one of the three that are 0.6.
        let values = [0.1 + 0.2 + 0.3, 0.25, 0.3 + 0.2 + 0.1, 0.75, 0.6];
        assert!(values[0] > values[2]);
        assert_eq!(runs(&values), [vec![1], vec![0, 2, 4], vec![3]]);
        assert_eq!(runs(&[]), Vec::<Vec<usize>>::new());
        // Steps of 0.6 of what is rounding: the third is beyond the first of its run.
        let steps = [0, 1, 2, 3].map(|step| 1.0 + 0.6e-10 * f64::from(step));
        assert_eq!(runs(&steps), [vec![0, 1], vec![2, 3]]);
    }
}
