//! Eigenvalues and eigenvectors of larger symmetric matrices: Householder's tridiagonal form, then implicit QL.
//!
//! As EISPACK's `tred2` and `tql2` (Golub and Van Loan, Matrix Computations, section 8.3), but the vectors are made in
//! strips of columns that stay in the cache. A strip depends on no other: the threads change nothing.

use ndarray::Array2;
use rayon::prelude::*;

use super::dense::{add_scaled, dot, fma, power_of_two};

/// Columns of the vectors that are made together.
const STRIP: usize = 16;
/// Rotations that are kept before the strips get them: 24 MB.
const MOST_KEPT: usize = 1 << 20;
/// QL steps per eigenvalue; two are usual.
const MOST_STEPS: usize = 60;
/// Below this, where the largest entry is about 1, an entry beside the diagonal counts as zero in whatever company.
const NOTHING: f64 = 1e-100;

/// The eigenvalues, in no order, each with its eigenvector of length 1. Of `a` only the lower triangle is read.
pub(super) fn eigen(a: &Array2<f64>) -> Vec<(f64, Vec<f64>)> {
    let n = a.nrows();
    if a.iter().any(|v| !v.is_finite()) {
        return vec![(f64::NAN, vec![f64::NAN; n]); n];
    }
    // The root of the extremes stays in the range of an f64.
    let scale = power_of_two(a);
    // With the large rows last, small eigenvalues of a graded matrix keep their digits: both steps work from the end.
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[(i, i)].abs().total_cmp(&a[(j, j)].abs()));
    let lower = Array2::from_shape_fn((n, n), |(i, j)| {
        let (i, j) = (order[i], order[j]);
        a[(i.max(j), i.min(j))] / scale
    });
    let mut form = Form::of(lower);
    let mut strips = form.strips();
    form.solve(&mut strips);
    (0..n)
        .map(|k| {
            let mut vector = vec![0.0; n];
            for (strip, columns) in strips.iter().zip(order.chunks(STRIP)) {
                strip[k].iter().zip(columns).for_each(|(v, &column)| vector[column] = *v);
            }
            (form.diagonal[k] * scale, vector)
        })
        .collect()
}

/// Rows of a strip of `STRIP` columns.
type Strip = Vec<[f64; STRIP]>;

/// `T = Q^T A Q` for a tridiagonal T, where Q^T = H_1 ... H_(n-1), each H_i = I - factor u u^T on the first i rows.
pub(super) struct Form {
    pub(super) diagonal: Vec<f64>,
    /// `beside[i]` is the entry (i + 1, i).
    pub(super) beside: Vec<f64>,
    /// Row i begins with the i numbers of u.
    pub(super) reflectors: Array2<f64>,
    pub(super) factors: Vec<f64>,
}

impl Form {
    fn of(mut a: Array2<f64>) -> Self {
        let n = a.nrows();
        let (mut diagonal, mut beside, mut factors) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        // The last reflection: a -= u q^T + q u^T is put off until a row is needed anyway.
        let (mut u, mut q) = (vec![0.0; n], vec![0.0; n]);
        let mut product = vec![0.0; n];
        // A standard layout is contiguous.
        let flat = a.as_slice_mut().unwrap_or_default();
        for i in (0..n).rev() {
            let (above, row) = flat.split_at_mut(i * n);
            reflect(&mut row[..=i], i, &u, &q);
            diagonal[i] = row[i];
            let next = &mut row[..i];
            if i > 0 {
                (beside[i - 1], factors[i]) = householder(next);
            }
            product[..i].fill(0.0);
            for (r, row) in above.chunks_exact_mut(n).enumerate() {
                reflect(&mut row[..=r], r, &u, &q);
                add_scaled(&mut product[..r], next[r], &row[..r]);
                product[r] += dot(&row[..=r], &next[..=r]);
            }
            let factor = factors[i];
            let half = factor * factor * dot(&product[..i], next) / 2.0;
            for (q, (p, u)) in q.iter_mut().zip(product[..i].iter().zip(next.iter())) {
                *q = factor * p - half * u;
            }
            u[..i].copy_from_slice(next);
        }
        Form { diagonal, beside, reflectors: a, factors }
    }

    /// Q^T, in strips.
    fn strips(&self) -> Vec<Strip> {
        let n = self.diagonal.len();
        let starts: Vec<usize> = (0..n).step_by(STRIP).collect();
        let made = starts.into_par_iter().map(|start| {
            let mut strip = vec![[0.0; STRIP]; n];
            for (lane, row) in strip[start..].iter_mut().take(STRIP).enumerate() {
                row[lane] = 1.0;
            }
            for i in (1..n).rev().filter(|&i| self.factors[i] != 0.0) {
                let row = self.reflectors.row(i);
                // A standard layout's rows are contiguous.
                let u = &row.to_slice().unwrap_or_default()[..i];
                let mut along = [0.0; STRIP];
                for (row, &u) in strip.iter().zip(u) {
                    along.iter_mut().zip(row).for_each(|(along, v)| *along = fma(u, *v, *along));
                }
                along.iter_mut().for_each(|along| *along *= -self.factors[i]);
                for (row, &u) in strip.iter_mut().zip(u) {
                    row.iter_mut().zip(&along).for_each(|(v, along)| *v = fma(u, *along, *v));
                }
            }
            strip
        });
        made.collect()
    }

    /// Makes T diagonal, and the rows of the strips its eigenvectors.
    fn solve(&mut self, strips: &mut [Strip]) {
        let n = self.diagonal.len();
        let mut kept = Vec::new();
        for low in 0..n {
            for _ in 0..MOST_STEPS {
                let end = (low..n - 1).find(|&i| self.is_apart(i)).unwrap_or(n - 1);
                if end == low {
                    break;
                }
                self.step(low, end, &mut kept);
            }
            if kept.len() > MOST_KEPT {
                rotate(strips, &kept);
                kept.clear();
            }
        }
        rotate(strips, &kept);
    }

    /// Whether the entry (i + 1, i) no longer matters.
    fn is_apart(&self, i: usize) -> bool {
        let size = self.diagonal[i].abs() + self.diagonal[i + 1].abs();
        self.beside[i].abs() <= (f64::EPSILON * 0.5 * size).max(NOTHING)
    }

    /// One QL step with Wilkinson's shift on the block from `low` to `end`, both in it.
    fn step(&mut self, low: usize, end: usize, kept: &mut Vec<Rotation>) {
        let Form { diagonal: d, beside: e, .. } = self;
        let half = (d[low + 1] - d[low]) / (2.0 * e[low]);
        let mut g = d[end] - d[low] + e[low] / (half + half.hypot(1.0).copysign(half));
        let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
        for i in (low..end).rev() {
            let (f, b) = (s * e[i], c * e[i]);
            let r = f.hypot(g);
            e[i + 1] = r;
            if r == 0.0 {
                // The block falls apart here.
                d[i + 1] -= p;
                e[end] = 0.0;
                return;
            }
            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            let r = (d[i] - g) * s + 2.0 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            kept.push(Rotation { row: i, c, s });
        }
        d[low] -= p;
        e[low] = g;
        e[end] = 0.0;
    }
}

/// The row r of `a - u q^T - q u^T`, as far as it is given.
fn reflect(row: &mut [f64], r: usize, u: &[f64], q: &[f64]) {
    let (u_r, q_r) = (-u[r], -q[r]);
    for (v, (u, q)) in row.iter_mut().zip(u.iter().zip(q)) {
        *v = fma(u_r, *q, fma(q_r, *u, *v));
    }
}

/// Makes x the u of the reflection that leaves only its last entry, and says that entry and the factor.
pub(super) fn householder(x: &mut [f64]) -> (f64, f64) {
    // A reflection is the same for any length of its u; the square of the factor stays in the range of an f64.
    let scale = power_of_two(&*x);
    x.iter_mut().for_each(|v| *v /= scale);
    let Some((last, rest)) = x.split_last_mut() else { return (0.0, 0.0) };
    let others = dot(rest, rest);
    if others == 0.0 {
        return (*last * scale, 0.0);
    }
    let length = (others + *last * *last).sqrt();
    let left = -length.copysign(*last);
    let factor = 1.0 / (length * (length + last.abs()));
    *last -= left;
    (left * scale, factor)
}

/// Of the rows `row` and `row + 1`.
struct Rotation {
    row: usize,
    c: f64,
    s: f64,
}

fn rotate(strips: &mut [Strip], rotations: &[Rotation]) {
    strips.par_iter_mut().for_each(|strip| {
        for &Rotation { row, c, s } in rotations {
            let [low, high] = &mut strip[row..row + 2] else { unreachable!("a slice of two rows") };
            for (low, high) in low.iter_mut().zip(high) {
                (*low, *high) = (fma(c, *low, -(s * *high)), fma(s, *low, c * *high));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dense::worst;
    use super::*;

    /// Largest errors of A = V diag(w) V^T, as a share of the largest entry, and of V^T V = I.
    fn errors(a: &Array2<f64>) -> (f64, f64) {
        let n = a.nrows();
        let pairs = eigen(a);
        let v = Array2::from_shape_fn((n, n), |(i, k)| pairs[k].1[i]);
        let scaled = Array2::from_shape_fn((n, n), |(i, k)| pairs[k].1[i] * pairs[k].0);
        let size = worst(a).max(f64::MIN_POSITIVE);
        (worst(&(scaled.dot(&v.t()) - a)) / size, worst(&(v.t().dot(&v) - Array2::<f64>::eye(n))))
    }

    fn assert_exact(a: &Array2<f64>) {
        let (rebuilt, orthonormal) = errors(a);
        let most = 1e-14 * (a.nrows() as f64 + 10.0);
        assert!(rebuilt < most && orthonormal < most, "{rebuilt:e} and {orthonormal:e} of\n{a}");
    }

    proptest! {
        /// Ties, zeros, blocks, low rank, and rows of sizes from 1e-12 to 1.
        #[test]
        fn rebuilds_the_matrix(
            n in 1_usize..=60,
            values in prop::collection::vec(-1.0..1.0, 60 * 60),
            shape in 0..6,
            block in 1_usize..=60,
        ) {
            let plain = |i: usize, j: usize| -> f64 { values[i.max(j) * 60 + i.min(j)] };
            let a = Array2::from_shape_fn((n, n), |(i, j)| match shape {
                0 => plain(i, j),
                1 => f64::round(plain(i, j) * 1.4),
                2 => if i / block == j / block { plain(i, j) } else { 0.0 },
                3 => (0..3).map(|k| values[k * 60 + i] * values[k * 60 + j]).sum(),
                4 => plain(i, j) * 10_f64.powf(6.0 * (plain(0, i) + plain(0, j)) - 12.0),
                _ => f64::from(u8::from(i == j)) + f64::from(u8::from(i / block == j / block)),
            });
            assert_exact(&a);
        }
    }

    #[test]
    fn sizes_at_the_ends_of_the_range_and_many_strips() {
        for factor in [1e-300, 1.0, 1e300] {
            let n = 5 * STRIP + 3;
            assert_exact(&Array2::from_shape_fn((n, n), |(i, j)| factor * ((i * j + (i + j) * 7) % 23) as f64));
        }
        assert_exact(&Array2::zeros((3, 3)));
        assert!(eigen(&Array2::zeros((0, 0))).is_empty());
        assert!(eigen(&Array2::from_elem((2, 2), f64::NAN)).iter().all(|(value, _)| value.is_nan()));
    }

    /// What is left of a matrix whose columns repeat each other is rounding of rounding, down to 1e-200 and less.
    #[test]
    fn columns_that_repeat_each_other() {
        let noise = |at: usize| {
            let hash = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 23) - 1.0
        };
        for each in [3, 5, 10, 50] {
            let z = Array2::from_shape_fn((200, 78), |(i, j)| noise(i * 78 + j / each));
            assert_exact(&z.t().dot(&z));
        }
        for n in 66..=110 {
            let ones = Array2::ones((n, n));
            assert_exact(&ones);
            // n times the direction of ones, and nothing else.
            let largest = eigen(&ones).iter().fold(f64::NEG_INFINITY, |most, (value, _)| most.max(*value));
            assert!((largest - n as f64).abs() < 1e-11, "{largest}");
        }
    }

    #[test]
    fn a_reflection_is_the_same_for_rows_of_any_size() {
        // (3, 4) has length 5: its reflection leaves -5, with u = (3, 9) and the factor 2 / 90.
        for size in [1e-320, 1e-300, 1e-160, 1e-80, 1.0, 1e150] {
            let mut x = [3.0 * size, 4.0 * size];
            let (left, factor) = householder(&mut x);
            let most = 1e-14 + f64::from_bits(1) / size;
            assert!((left / size + 5.0).abs() < 10.0 * most, "{size:e}: {left:e}");
            assert!((x[1] / x[0] - 3.0).abs() < 10.0 * most, "{size:e}: {x:?}");
            assert!(
                (factor * dot(&x, &x) - 2.0).abs() < 1e-14 && (factor * factor).is_finite(),
                "{size:e}: {factor:e}"
            );
        }
        assert_eq!(householder(&mut [0.0, 0.0]), (0.0, 0.0));
        assert_eq!(householder(&mut [0.0, 1e-200]), (1e-200, 0.0));
    }

    /// Small eigenvalues of a graded matrix, against Jacobi's, which are exact to their last digits.
    #[test]
    fn keeps_small_eigenvalues_beside_large_ones() {
        let n = 70;
        let size = |i: usize| 10_f64.powi(i as i32 * 5 % 9 - 4);
        let root = Array2::from_shape_fn((n, n), |(i, j)| {
            (((i * 7 + j * 13) % 11) as f64 / 11.0 + if i == j { 9.0 } else { 0.0 }) * size(j)
        });
        let a = root.t().dot(&root);
        let mut ours: Vec<f64> = eigen(&a).into_iter().map(|(value, _)| value).collect();
        let mut exact: Vec<f64> = super::super::eigen::jacobi(a).into_iter().map(|(value, _)| value).collect();
        ours.sort_by(f64::total_cmp);
        exact.sort_by(f64::total_cmp);
        for (ours, exact) in ours.iter().zip(&exact) {
            assert!((ours / exact - 1.0).abs() < 1e-10, "{ours:e} and {exact:e}");
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let n = 90;
        let a = Array2::from_shape_fn((n, n), |(i, j)| ((i * j) as f64).sin() + ((i + j) as f64).cos());
        let with =
            |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| eigen(&a));
        assert_eq!(with(1), with(3));
    }
}
