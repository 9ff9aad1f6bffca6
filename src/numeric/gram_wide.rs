//! Gram matrices on processors with AVX-512. The operations on each sum, and their order, are those of the matrix product that
//! [`super::gram`] falls back on: the processor changes no bit.

use std::arch::x86_64::{
    __m512d, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_set1_pd, _mm512_setzero_pd, _mm512_storeu_pd,
};

/// Columns side by side: two registers.
const LANES: usize = 16;
/// Columns that they are multiplied with at a time.
const ABREAST: usize = 4;

/// sum += block^T block on and below the diagonal, for a block of rows of `k` columns; a little above it too.
#[target_feature(enable = "avx512f")]
pub(super) fn add(block: &[f64], k: usize, sum: &mut [f64]) {
    let rows = block.len() / k;
    // By fours of columns and then by rows; zeros behind the last column.
    let mut fours = vec![[0.0; ABREAST]; rows * k.div_ceil(ABREAST)];
    for (of, fours) in fours.chunks_exact_mut(rows).enumerate() {
        for (four, row) in fours.iter_mut().zip(block.chunks_exact(k)) {
            *four = filled(&row[of * ABREAST..]);
        }
    }
    let mut panel = vec![[0.0; LANES]; rows];
    for start in (0..k).step_by(LANES) {
        let end = (start + LANES).min(k);
        for (lanes, row) in panel.iter_mut().zip(block.chunks_exact(k)) {
            *lanes = filled(&row[start..]);
        }
        for first in (start..k).step_by(ABREAST) {
            let last = (first + ABREAST).min(k);
            let four = &fours[first / ABREAST * rows..][..rows];
            let products = products(&panel, four);
            for (column, [low, high]) in (first..last).zip(products) {
                let mut made = [0.0; LANES];
                // SAFETY: there are sixteen numbers.
                unsafe {
                    _mm512_storeu_pd(made.as_mut_ptr(), low);
                    _mm512_storeu_pd(made.as_mut_ptr().add(LANES / 2), high);
                }
                let sums = &mut sum[column * k + start..column * k + end];
                sums.iter_mut().zip(made).for_each(|(sum, made)| *sum += made);
            }
        }
    }
}

/// The first numbers, or as many as there are and zeros.
#[inline]
fn filled<const N: usize>(values: &[f64]) -> [f64; N] {
    match values.first_chunk() {
        Some(first) => *first,
        None => std::array::from_fn(|at| values.get(at).copied().unwrap_or(0.0)),
    }
}

/// The products of four columns with sixteen. Names, since an array of sums would live in memory.
#[target_feature(enable = "avx512f")]
#[inline]
fn products(panel: &[[f64; LANES]], four: &[[f64; ABREAST]]) -> [[__m512d; 2]; ABREAST] {
    let zero = _mm512_setzero_pd();
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    let (mut e, mut f, mut g, mut h) = (zero, zero, zero, zero);
    for (lanes, values) in panel.iter().zip(four) {
        // SAFETY: there are sixteen numbers.
        let (low, high) = unsafe { (_mm512_loadu_pd(lanes.as_ptr()), _mm512_loadu_pd(lanes.as_ptr().add(LANES / 2))) };
        let [p, q, r, s] = *values;
        let (p, q, r, s) = (_mm512_set1_pd(p), _mm512_set1_pd(q), _mm512_set1_pd(r), _mm512_set1_pd(s));
        a = _mm512_fmadd_pd(p, low, a);
        b = _mm512_fmadd_pd(p, high, b);
        c = _mm512_fmadd_pd(q, low, c);
        d = _mm512_fmadd_pd(q, high, d);
        e = _mm512_fmadd_pd(r, low, e);
        f = _mm512_fmadd_pd(r, high, f);
        g = _mm512_fmadd_pd(s, low, g);
        h = _mm512_fmadd_pd(s, high, h);
    }
    [[a, b], [c, d], [e, f], [g, h]]
}
