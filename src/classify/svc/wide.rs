//! Kernel values of the RBF on processors with AVX-512: products, exponentials and sums of sixteen rows with four vectors at a time,
//! all in registers. The operations on each value, and their order, are those of [`super::kernel`]: the processor changes no bit.

use std::arch::x86_64::{
    __m512d, _mm_add_pd, _mm_cvtsd_f64, _mm_unpackhi_pd, _mm256_add_pd, _mm256_castpd256_pd128, _mm256_extractf128_pd,
    _mm512_add_epi64, _mm512_add_pd, _mm512_castpd_si512, _mm512_castpd512_pd256, _mm512_castsi512_pd,
    _mm512_extractf64x4_pd, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_max_pd, _mm512_min_pd, _mm512_mul_pd,
    _mm512_set1_pd, _mm512_setzero_pd, _mm512_slli_epi64, _mm512_storeu_pd, _mm512_sub_pd,
};

use crate::numeric::dense::{LN2_HIGH, LN2_LOW, ROUND, SMALLEST_EXPONENT, TAYLOR, fma};

/// Rows side by side: two registers.
pub(super) const LANES: usize = 16;
/// Vectors at a time.
pub(super) const ABREAST: usize = 4;

/// Columns whose products are added up one after the other, before these sums are added up: what the matrix product does.
const PANEL: usize = 256;
/// Rows that one row is multiplied with at a time.
pub(super) const TOGETHER: usize = 8;

/// Vectors with their squared norms and coefficients.
pub(super) struct Weighed<'v> {
    /// Row after row.
    pub(super) values: &'v [f64],
    pub(super) norms: &'v [f64],
    pub(super) coefficient: &'v [f64],
}

/// Sixteen rows, column by column, their squared norms and sums.
pub(super) struct Group<'g> {
    pub(super) columns: &'g [[f64; LANES]],
    pub(super) norms: &'g [f64; LANES],
    pub(super) sums: &'g mut [f64; LANES],
}

/// sums += sum over the vectors of coefficient K.
#[target_feature(enable = "avx512f")]
pub(super) fn add(gamma: f64, vectors: &Weighed<'_>, group: &mut Group<'_>) {
    let width = group.columns.len();
    let row = |at: usize| &vectors.values[at * width..(at + 1) * width];
    let norms = load(group.norms);
    let mut sums = load(group.sums);
    let whole = vectors.norms.len() / ABREAST * ABREAST;
    let of = |at: usize| (vectors.norms[at], vectors.coefficient[at]);
    for start in (0..whole).step_by(ABREAST) {
        let four = [row(start), row(start + 1), row(start + 2), row(start + 3)];
        let [a, b, c, d] = products_of_four(group.columns, four);
        sums = add_one(gamma, of(start), a, norms, sums);
        sums = add_one(gamma, of(start + 1), b, norms, sums);
        sums = add_one(gamma, of(start + 2), c, norms, sums);
        sums = add_one(gamma, of(start + 3), d, norms, sums);
    }
    for start in whole..vectors.norms.len() {
        let products = products(group.columns, row(start));
        sums = add_one(gamma, of(start), products, norms, sums);
    }
    let (low, high) = group.sums.split_at_mut(LANES / 2);
    // SAFETY: both halves hold eight numbers.
    unsafe {
        _mm512_storeu_pd(low.as_mut_ptr(), sums[0]);
        _mm512_storeu_pd(high.as_mut_ptr(), sums[1]);
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(values: &[f64; LANES]) -> [__m512d; 2] {
    // SAFETY: there are sixteen numbers.
    unsafe { [_mm512_loadu_pd(values.as_ptr()), _mm512_loadu_pd(values.as_ptr().add(LANES / 2))] }
}

/// The products of sixteen rows with one vector.
#[target_feature(enable = "avx512f")]
#[inline]
fn products(columns: &[[f64; LANES]], own: &[f64]) -> [__m512d; 2] {
    let mut all: Option<[__m512d; 2]> = None;
    for (columns, own) in columns.chunks(PANEL).zip(own.chunks(PANEL)) {
        let mut sums = [_mm512_setzero_pd(); 2];
        for (lanes, value) in columns.iter().zip(own) {
            sums = add_products([_mm512_set1_pd(*value); 2], load(lanes), sums);
        }
        all = Some(all.map_or(sums, |all| added(all, sums)));
    }
    all.unwrap_or([_mm512_setzero_pd(); 2])
}

/// The same with four vectors.
#[target_feature(enable = "avx512f")]
#[inline]
fn products_of_four(columns: &[[f64; LANES]], own: [&[f64]; ABREAST]) -> [[__m512d; 2]; ABREAST] {
    if columns.len() <= PANEL {
        return panel_of_four(columns, own);
    }
    let mut all = panel_of_four(&columns[..PANEL], own);
    for from in (PANEL..columns.len()).step_by(PANEL) {
        let columns = &columns[from..columns.len().min(from + PANEL)];
        let own = [&own[0][from..], &own[1][from..], &own[2][from..], &own[3][from..]];
        for (all, made) in all.iter_mut().zip(panel_of_four(columns, own)) {
            *all = added(*all, made);
        }
    }
    all
}

/// Eight sums at a time hide how long one takes. Names, since an array would live in memory.
#[target_feature(enable = "avx512f")]
#[inline]
fn panel_of_four(columns: &[[f64; LANES]], own: [&[f64]; ABREAST]) -> [[__m512d; 2]; ABREAST] {
    let zero = _mm512_setzero_pd();
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    let (mut e, mut f, mut g, mut h) = (zero, zero, zero, zero);
    let [first, second, third, fourth] = own;
    for ((((lanes, p), q), r), s) in columns.iter().zip(first).zip(second).zip(third).zip(fourth) {
        let [low, high] = load(lanes);
        let (p, q, r, s) = (_mm512_set1_pd(*p), _mm512_set1_pd(*q), _mm512_set1_pd(*r), _mm512_set1_pd(*s));
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

#[target_feature(enable = "avx512f")]
#[inline]
fn added(left: [__m512d; 2], right: [__m512d; 2]) -> [__m512d; 2] {
    [_mm512_add_pd(left[0], right[0]), _mm512_add_pd(left[1], right[1])]
}

/// A vector's coefficient times its kernel values, from the products.
#[target_feature(enable = "avx512f")]
#[inline]
fn add_one(
    gamma: f64,
    (norm, factor): (f64, f64),
    products: [__m512d; 2],
    norms: [__m512d; 2],
    sums: [__m512d; 2],
) -> [__m512d; 2] {
    let (norm, factor) = (_mm512_set1_pd(norm), _mm512_set1_pd(factor));
    let (minus_gamma, minus_two) = (_mm512_set1_pd(-gamma), _mm512_set1_pd(-2.0));
    let low = _mm512_fmadd_pd(minus_two, products[0], _mm512_add_pd(norm, norms[0]));
    let high = _mm512_fmadd_pd(minus_two, products[1], _mm512_add_pd(norm, norms[1]));
    // Rounding may leave a squared distance a little below 0.
    let low = exp_nonpositive(_mm512_min_pd(_mm512_mul_pd(minus_gamma, low), _mm512_setzero_pd()));
    let high = exp_nonpositive(_mm512_min_pd(_mm512_mul_pd(minus_gamma, high), _mm512_setzero_pd()));
    [_mm512_fmadd_pd(factor, low, sums[0]), _mm512_fmadd_pd(factor, high, sums[1])]
}

/// [`crate::numeric::dense::dot`] of each row, of which there are at most [`TOGETHER`], with both others; all are as long.
#[target_feature(enable = "avx512f")]
pub(super) fn dots(rows: &[&[f64]], others: [&[f64]; 2], made: &mut [[f64; TOGETHER]; 2]) {
    let last = rows.len() - 1;
    for first in (0..rows.len()).step_by(ABREAST) {
        let four = [rows[first], rows[last.min(first + 1)], rows[last.min(first + 2)], rows[last.min(first + 3)]];
        let [one, two] = four_dots(four, others);
        made[0][first..first + ABREAST].copy_from_slice(&one);
        made[1][first..first + ABREAST].copy_from_slice(&two);
    }
}

/// Sixteen sums at a time. Names, as in [`panel_of_four`].
#[target_feature(enable = "avx512f")]
#[inline]
fn four_dots(rows: [&[f64]; ABREAST], others: [&[f64]; 2]) -> [[f64; ABREAST]; 2] {
    let zero = [_mm512_setzero_pd(); 2];
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    let (mut e, mut f, mut g, mut h) = (zero, zero, zero, zero);
    let ([p, q, r, s], [x, y]) = (rows, others);
    let (p, q, r, s) = (p.as_chunks().0, q.as_chunks().0, r.as_chunks().0, s.as_chunks().0);
    let both = x.as_chunks::<LANES>().0.iter().zip(y.as_chunks::<LANES>().0);
    for ((((p, q), r), s), (x, y)) in p.iter().zip(q).zip(r).zip(s).zip(both) {
        let (x, y) = (load(x), load(y));
        let (p, q, r, s) = (load(p), load(q), load(r), load(s));
        (a, b) = (add_products(p, x, a), add_products(q, x, b));
        (c, d) = (add_products(r, x, c), add_products(s, x, d));
        (e, f) = (add_products(p, y, e), add_products(q, y, f));
        (g, h) = (add_products(r, y, g), add_products(s, y, h));
    }
    let mut made = [[halved(a), halved(b), halved(c), halved(d)], [halved(e), halved(f), halved(g), halved(h)]];
    let whole = x.len() / LANES * LANES;
    for (made, other) in made.iter_mut().zip(others) {
        for (made, row) in made.iter_mut().zip(rows) {
            let rest = row[whole..].iter().zip(&other[whole..]);
            let mut sum = 0.0;
            rest.for_each(|(&a, &b)| sum = fma(a, b, sum));
            *made += sum;
        }
    }
    made
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add_products(left: [__m512d; 2], right: [__m512d; 2], sums: [__m512d; 2]) -> [__m512d; 2] {
    [_mm512_fmadd_pd(left[0], right[0], sums[0]), _mm512_fmadd_pd(left[1], right[1], sums[1])]
}

/// The sum of sixteen numbers, each half added to the other.
#[target_feature(enable = "avx512f")]
#[inline]
fn halved([low, high]: [__m512d; 2]) -> f64 {
    let eight = _mm512_add_pd(low, high);
    let four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd::<1>(eight));
    let two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd::<1>(four));
    _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two))
}

/// [`crate::numeric::dense::exp_nonpositive`] of eight numbers.
#[target_feature(enable = "avx512f")]
#[inline]
fn exp_nonpositive(x: __m512d) -> __m512d {
    let round = _mm512_set1_pd(ROUND);
    // Where a number is none, the second operand stays.
    let x = _mm512_max_pd(_mm512_set1_pd(SMALLEST_EXPONENT), x);
    let shifted = _mm512_fmadd_pd(x, _mm512_set1_pd(std::f64::consts::LOG2_E), round);
    let power = _mm512_sub_pd(shifted, round);
    let r = _mm512_fmadd_pd(power, _mm512_set1_pd(-LN2_HIGH), x);
    let r = _mm512_fmadd_pd(power, _mm512_set1_pd(-LN2_LOW), r);
    let mut value = _mm512_set1_pd(TAYLOR[0]);
    for &coefficient in &TAYLOR[1..] {
        value = _mm512_fmadd_pd(value, r, _mm512_set1_pd(coefficient));
    }
    let scale = _mm512_slli_epi64::<52>(_mm512_castpd_si512(shifted));
    _mm512_castsi512_pd(_mm512_add_epi64(scale, _mm512_castpd_si512(value)))
}
