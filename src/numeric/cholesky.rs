//! Factors and solves symmetric systems. Columns of any size and exact collinearity occur, so the matrix is scaled to a unit
//! diagonal first, and a ridge is added only as far as the caller asks for one.

use super::dense::dot;

/// A pivot below this share of its diagonal means that the column repeats earlier ones to working precision.
const SMALLEST_PIVOT: f64 = 1e-13;

/// `h + ridge * diag(h) = S L L^T S` for a diagonal S and a lower triangular L (k x k, row-major).
pub(crate) struct Factor {
    /// 1 / the diagonal of S.
    pub(crate) scale: Vec<f64>,
    pub(crate) lower: Vec<f64>,
}

impl Factor {
    /// Of the symmetric `h` (k x k, only its lower triangle is read, row-major). `None` when the matrix is not positive
    /// definite to working precision, or not finite.
    pub(crate) fn of(h: &[f64], k: usize, ridge: f64) -> Option<Self> {
        let scale: Vec<f64> = (0..k).map(|i| 1.0 / h[i * k + i].sqrt()).collect();
        if scale.iter().any(|s| !s.is_finite()) {
            return None;
        }
        let mut lower = vec![0.0; k * k];
        for i in 0..k {
            for j in 0..=i {
                let (done, row) = lower.split_at_mut(i * k);
                let scaled = h[i * k + j] * scale[i] * scale[j];
                if j == i {
                    let pivot = scaled + ridge - dot(&row[..i], &row[..i]);
                    if pivot.is_nan() || pivot <= SMALLEST_PIVOT {
                        return None;
                    }
                    row[i] = pivot.sqrt();
                } else {
                    let above = &done[j * k..j * k + k];
                    row[j] = (scaled - dot(&row[..j], &above[..j])) / above[j];
                }
            }
        }
        Some(Factor { scale, lower })
    }

    /// The `s` with `(h + ridge * diag(h)) s = b`; `None` when it is not finite.
    pub(crate) fn solve(&self, b: &[f64]) -> Option<Vec<f64>> {
        let k = b.len();
        let (scale, lower) = (&self.scale, &self.lower);
        let mut s: Vec<f64> = b.iter().zip(scale).map(|(b, scale)| b * scale).collect();
        for i in 0..k {
            s[i] = (s[i] - dot(&lower[i * k..i * k + i], &s[..i])) / lower[i * k + i];
        }
        for i in (0..k).rev() {
            s[i] /= lower[i * k + i];
            let solved = s[i];
            for j in 0..i {
                s[j] -= lower[i * k + j] * solved;
            }
        }
        s.iter_mut().zip(scale).for_each(|(s, scale)| *s *= scale);
        s.iter().all(|s| s.is_finite()).then_some(s)
    }
}

/// Solves `(h + ridge * diag(h)) s = b` for the symmetric `h` (k x k, only its lower triangle is read, row-major).
/// `None` when the matrix is not positive definite to working precision, or not finite.
pub(crate) fn solve(h: &[f64], b: &[f64], ridge: f64) -> Option<Vec<f64>> {
    Factor::of(h, b.len(), ridge)?.solve(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_badly_scaled_systems_and_refuses_collinear_ones() {
        // h = D [[4, 2], [2, 3]] D with D = diag(1e8, 1e-4), and h s = b has s = (1, 1) / D.
        let h = [4e16, 2e4, 2e4, 3e-8];
        let s = solve(&h, &[6e8, 5e-4], 0.0).unwrap();
        assert!((s[0] * 1e8 - 1.0).abs() < 1e-14 && (s[1] * 1e-4 - 1.0).abs() < 1e-14, "{s:?}");
        assert!(solve(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0], 0.0).is_none());
        assert!(solve(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0], 1e-10).is_some());
        assert!(solve(&[f64::NAN], &[1.0], 0.0).is_none());
    }
}
