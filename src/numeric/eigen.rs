//! Eigenvalues and eigenvectors of a symmetric matrix.

use ndarray::Array2;

use super::{blocked, tridiagonal};

/// Up to so many columns Jacobi's rotations are fast enough, and they keep more digits of small eigenvalues.
const MOST_ROTATED: usize = 64;
/// Beyond so many columns the tridiagonal form is made by blocks and divided, unless the matrix is graded.
const MOST_STEPPED: usize = 256;
/// A diagonal entry between these shares of the largest one makes a matrix graded: its small eigenvalues have digits that
/// dividing loses. What is smaller yet is rounding.
const GRADED: std::ops::Range<f64> = 1e-25..1e-6;
/// Sweeps after which rotation stops; six to ten are usual, since convergence is quadratic.
const MOST_SWEEPS: usize = 60;

/// The eigenvalues, falling, each with its eigenvector of length 1 (of either sign).
///
/// Small matrices by cyclic Jacobi, large ones by way of a tridiagonal form, which is exact to rounding of the largest
/// eigenvalue. The threads change no bit.
pub(crate) fn eigen(a: Array2<f64>) -> Vec<(f64, Vec<f64>)> {
    let all = a.nrows();
    largest(a, all)
}

/// At least the `wanted` largest eigenvalues, as [`eigen`] has them: where the others would cost time, they are left out.
pub(crate) fn largest(a: Array2<f64>, wanted: usize) -> Vec<(f64, Vec<f64>)> {
    let n = a.nrows();
    let mut pairs = match n {
        0..=MOST_ROTATED => jacobi(a),
        _ if n <= MOST_STEPPED || is_graded(&a) => tridiagonal::eigen(&a),
        _ => return blocked::eigen(a, wanted),
    };
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    pairs
}

fn is_graded(a: &Array2<f64>) -> bool {
    let largest = a.diag().iter().fold(0.0, |largest: f64, own| largest.max(own.abs()));
    a.diag().iter().any(|own| GRADED.contains(&(own.abs() / largest)))
}

/// Cyclic Jacobi (Golub and Van Loan, Matrix Computations, section 8.5): O(n^3) a sweep, small eigenvalues as exact as
/// the matrix allows.
pub(super) fn jacobi(mut a: Array2<f64>) -> Vec<(f64, Vec<f64>)> {
    let n = a.nrows();
    // Row k of `vectors` becomes the eigenvector of the k-th diagonal element.
    let mut vectors = Array2::<f64>::eye(n);
    for _ in 0..MOST_SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                rotated |= rotate(&mut a, &mut vectors, p, q);
            }
        }
        if !rotated {
            break;
        }
    }
    (0..n).map(|k| (a[(k, k)], vectors.row(k).to_vec())).collect()
}

/// Makes the element (p, q) zero; false if it already is too small to matter.
fn rotate(a: &mut Array2<f64>, vectors: &mut Array2<f64>, p: usize, q: usize) -> bool {
    let (app, aqq, apq) = (a[(p, p)], a[(q, q)], a[(p, q)]);
    // Relative to the geometric mean of the two: also the small eigenvalues come out with all their digits.
    if apq == 0.0 || apq.abs() <= f64::EPSILON * 0.5 * app.abs().sqrt() * aqq.abs().sqrt() {
        return false;
    }
    let theta = (aqq - app) / (2.0 * apq);
    let t = 1f64.copysign(theta) / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    // Only rows are rotated and the columns are set from them: the matrix stays symmetric, and rows are contiguous.
    rotate_rows(a, p, q, c, s);
    for k in 0..a.nrows() {
        if k != p && k != q {
            a[(k, p)] = a[(p, k)];
            a[(k, q)] = a[(q, k)];
        }
    }
    a[(p, p)] = app - t * apq;
    a[(q, q)] = aqq + t * apq;
    a[(p, q)] = 0.0;
    a[(q, p)] = 0.0;
    rotate_rows(vectors, p, q, c, s);
    true
}

fn rotate_rows(m: &mut Array2<f64>, p: usize, q: usize, c: f64, s: f64) {
    let (row_p, row_q) = m.multi_slice_mut((ndarray::s![p, ..], ndarray::s![q, ..]));
    for (x, y) in row_p.into_iter().zip(row_q) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::super::dense::worst;
    use super::*;

    #[test]
    fn a_known_matrix() {
        // [[2, 1], [1, 2]]: 3 along (1, 1), 1 along (1, -1); the zero row stands alone.
        let found = eigen(array![[2.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 2.0]]);
        let values: Vec<f64> = found.iter().map(|(value, _)| *value).collect();
        assert!(values.iter().zip([3.0, 1.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-15), "{values:?}");
        assert!((found[0].1[0].abs() - 0.5f64.sqrt()).abs() < 1e-15 && found[0].1[1] == 0.0);
    }

    #[test]
    fn vectors_are_orthonormal_and_rebuild_the_matrix() {
        let n = 12;
        let root = Array2::from_shape_fn((n, n), |(i, j)| {
            ((i * 7 + j * 13) % 11) as f64 - 4.0 + if i == j { 9.0 } else { 0.0 }
        });
        let matrix = root.t().dot(&root);
        let found = eigen(matrix.clone());
        assert!(found.windows(2).all(|w| w[0].0 >= w[1].0));
        let mut rebuilt = Array2::<f64>::zeros((n, n));
        for (value, v) in &found {
            rebuilt += &Array2::from_shape_fn((n, n), |(i, j)| value * v[i] * v[j]);
            for (_, w) in &found {
                let product: f64 = v.iter().zip(w).map(|(a, b)| a * b).sum();
                let same = std::ptr::eq(v.as_ptr(), w.as_ptr());
                assert!((product - f64::from(u8::from(same))).abs() < 1e-13);
            }
        }
        let scale = found[0].0;
        assert!((&rebuilt - &matrix).iter().all(|d| d.abs() < 1e-12 * scale));
    }

    /// Small eigenvalues of a graded matrix keep their digits, though there are many columns: against Jacobi's, which are exact to
    /// their last one.
    #[test]
    fn many_columns_of_very_different_sizes_keep_their_digits() {
        let n = MOST_STEPPED + 10;
        let size = |i: usize| 10_f64.powi(i as i32 * 5 % 9 - 4);
        let a = Array2::from_shape_fn((n, n), |(i, j)| {
            size(i) * size(j) * if i == j { 2.0 } else { ((i * j + i + j) as f64).sin() / n as f64 }
        });
        let mut exact: Vec<f64> = jacobi(a.clone()).into_iter().map(|(value, _)| value).collect();
        exact.sort_by(|x, y| y.total_cmp(x));
        let off = |found: Vec<(f64, Vec<f64>)>| {
            worst(found.iter().zip(&exact).map(|((found, _), exact)| found / exact - 1.0))
        };
        // The least is 1e-16 of the largest: where the matrix is divided, nothing is left of it.
        let (kept, divided) = (off(eigen(a.clone())), off(blocked::eigen(a, n)));
        assert!(kept < 1e-6 && divided > 1e-3, "{kept:e} and {divided:e}");
        // What is smaller yet is rounding, and no grading.
        assert!(!is_graded(&Array2::from_diag(&ndarray::array![1.0, 1e-3, 1e-30, 0.0])));
    }
}
