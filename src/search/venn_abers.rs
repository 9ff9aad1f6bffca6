//! Probabilities with two bounds: Venn-Abers predictors.
//!
//! Vovk, Petej, Fedorova (2015), "Large-scale probabilistic predictors with and without guarantees of validity", NIPS: for a
//! score, isotonic regression is fitted twice to calibration rows and that score, once as a negative (`p0`) and once as a positive
//! (`p1`). Both are known for all scores after one pass over the corners of the cumulative sum diagram (their algorithms 1 to 4).

use crate::component::VennAbers;

/// A corner of the cumulative sum diagram: rows so far, positives so far.
type Corner = (f64, f64);

impl VennAbers {
    /// Fits on finite scores with labels `y` (0 or 1), an element per row, at least one.
    pub fn fit(score: &[f64], y: &[u8]) -> Self {
        let mut order: Vec<usize> = (0..y.len()).collect();
        order.sort_by(|&a, &b| score[a].total_cmp(&score[b]));
        let mut scores: Vec<f64> = Vec::new();
        let mut steps: Vec<Corner> = Vec::new();
        for row in order {
            let label = f64::from(y[row]);
            match steps.last_mut() {
                // -0.0 and 0.0 are one score.
                Some(step) if scores.last() == Some(&score[row]) => *step = (step.0 + 1.0, step.1 + label),
                _ => {
                    scores.push(score[row]);
                    steps.push((1.0, label));
                }
            }
        }
        let upper = with_a_positive(&steps);
        // A negative among rising scores is a positive among falling ones with the classes exchanged.
        let mirrored: Vec<Corner> = steps.iter().rev().map(|(rows, positives)| (*rows, rows - positives)).collect();
        let lower = with_a_positive(&mirrored).into_iter().rev().map(|p| 1.0 - p).collect();
        VennAbers { scores, lower, upper }
    }
}

/// Whether `c` lies left of the line from `a` to `b`, or on it.
fn is_not_below(a: Corner, b: Corner, c: Corner) -> bool {
    (b.0 - a.0) * (c.1 - a.1) >= (b.1 - a.1) * (c.0 - a.0)
}

/// For each step (rows, positives) the isotonic mean at a further positive just before it.
fn with_a_positive(steps: &[Corner]) -> Vec<f64> {
    let mut corners: Vec<Corner> = vec![(-1.0, -1.0), (0.0, 0.0)];
    for (rows, positives) in steps {
        let last = corners[corners.len() - 1];
        corners.push((last.0 + rows, last.1 + positives));
    }
    // Greatest convex minorant of all corners, the further positive being the first step. Its corners from right to left, so
    // that the leftmost is the last one.
    let mut hull: Vec<Corner> = Vec::new();
    for &corner in corners.iter().rev() {
        drop_above(&mut hull, corner);
        hull.push(corner);
    }
    let mut means = Vec::with_capacity(steps.len());
    // The further positive goes past one step after the other: only the corner between them moves.
    let mut before = corners[0];
    for (at, (rows, positives)) in steps.iter().enumerate() {
        let [.., right, left] = hull[..] else { break };
        means.push((right.1 - left.1) / (right.0 - left.0));
        let moved = (before.0 + rows, before.1 + positives);
        debug_assert_eq!(moved.0 + 1.0, corners[at + 2].0);
        before = moved;
        if is_not_below(left, right, moved) {
            continue;
        }
        hull.pop();
        drop_above(&mut hull, moved);
        hull.push(moved);
    }
    means
}

/// Takes corners off a hull (right to left) that lie on or above the line from the new leftmost `corner` to the one behind.
fn drop_above(hull: &mut Vec<Corner>, corner: Corner) {
    while let [.., behind, last] = hull[..] {
        if !is_not_below(corner, behind, last) {
            break;
        }
        hull.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Isotonic;
    use crate::numeric::mt19937::Mt19937;

    #[test]
    fn bounds_are_those_of_two_isotonic_fits_per_score() {
        let mut random = Mt19937::new(5);
        for round in 0..60 {
            let rows = 1 + round % 25;
            let score: Vec<f64> = (0..rows).map(|_| (random.next_f64() * 9.0).floor() - 4.0).collect();
            let y: Vec<u8> = score.iter().map(|s| u8::from(random.next_f64() * 9.0 - 4.0 < *s)).collect();
            let fitted = VennAbers::fit(&score, &y);
            // At known scores, between them, and beyond them.
            for at in (-12..12).map(|half| f64::from(half) / 2.0) {
                let with = |label: u8| {
                    let score = [&score[..], &[at]].concat();
                    Isotonic::fit(&score, &[&y[..], &[label]].concat()).at(at)
                };
                let (p0, p1) = fitted.bounds(at);
                assert!((p0 - with(0)).abs() < 1e-12, "{score:?} {y:?} at {at}: p0 {p0} instead of {}", with(0));
                assert!((p1 - with(1)).abs() < 1e-12, "{score:?} {y:?} at {at}: p1 {p1} instead of {}", with(1));
                assert!(p0 <= p1 && (0.0..=1.0).contains(&fitted.at(at)));
            }
        }
    }

    #[test]
    fn a_rare_class_is_never_certain() {
        // Of 1,000 negatives below it and nothing above, a score is a positive with the probability (1/1) / (1 - 0 + 1).
        let fitted = VennAbers::fit(&vec![0.0; 1000], &vec![0; 1000]);
        assert_eq!(fitted.bounds(1.0), (0.0, 1.0));
        assert_eq!(fitted.at(1.0), 0.5);
        let (p0, p1) = fitted.bounds(0.0);
        assert_eq!((p0, p1), (0.0, 1.0 / 1001.0));
        assert_eq!(VennAbers::fit(&[-0.0, 0.0], &[0, 1]).bounds(0.0).1, 2.0 / 3.0);
    }
}
