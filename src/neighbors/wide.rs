//! The two loops that searches spend their time in, on processors with AVX-512. The operations on each sum, and their order, are
//! those of [`super::coarse`] and [`super::tile`]: the processor changes no bit.

use std::arch::x86_64::{
    __m512, _CMP_LE_OQ, _mm512_add_pd, _mm512_cmp_pd_mask, _mm512_fmadd_ps, _mm512_loadu_pd, _mm512_loadu_ps,
    _mm512_mul_pd, _mm512_set1_pd, _mm512_set1_ps, _mm512_setzero_pd, _mm512_storeu_pd, _mm512_storeu_ps,
    _mm512_sub_pd,
};

use super::coarse::{ABREAST, TILES};
use super::tile::{LANES, STRETCH};

/// The squares of a leaf's rows plus the products with each query, tile by tile. The values are a row of lanes a column, tile after
/// tile.
#[target_feature(enable = "avx512f")]
pub(super) fn sums(
    values: &[[f32; LANES]],
    squares: &[[f32; LANES]; TILES],
    factors: [&[f32]; ABREAST],
) -> [[[f32; LANES]; ABREAST]; TILES] {
    let width = values.len() / TILES;
    let [first, second, third, fourth] = std::array::from_fn(|tile| &values[tile * width..][..width]);
    let factors = factors.map(|factors| &factors[..width]);
    let mut sums = [squares.map(|squares| loaded(&squares)); ABREAST];
    let [a, b, c, d, e, f] = &mut sums;
    for column in 0..width {
        let tiles = [loaded(&first[column]), loaded(&second[column]), loaded(&third[column]), loaded(&fourth[column])];
        // One query after another, each with its four sums: names, since an index would keep the sums in memory.
        add(a, &tiles, factors[0][column]);
        add(b, &tiles, factors[1][column]);
        add(c, &tiles, factors[2][column]);
        add(d, &tiles, factors[3][column]);
        add(e, &tiles, factors[4][column]);
        add(f, &tiles, factors[5][column]);
    }
    let mut made = [[[0.0; LANES]; ABREAST]; TILES];
    for (query, sums) in sums.iter().enumerate() {
        for (made, &sum) in made.iter_mut().zip(sums) {
            // SAFETY: there are sixteen numbers.
            unsafe { _mm512_storeu_ps(made[query].as_mut_ptr(), sum) };
        }
    }
    made
}

#[target_feature(enable = "avx512f")]
#[inline]
fn loaded(lanes: &[f32; LANES]) -> __m512 {
    // SAFETY: there are sixteen numbers.
    unsafe { _mm512_loadu_ps(lanes.as_ptr()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add(sums: &mut [__m512; TILES], tiles: &[__m512; TILES], factor: f32) {
    let factor = _mm512_set1_ps(factor);
    *sums = [
        _mm512_fmadd_ps(factor, tiles[0], sums[0]),
        _mm512_fmadd_ps(factor, tiles[1], sums[1]),
        _mm512_fmadd_ps(factor, tiles[2], sums[2]),
        _mm512_fmadd_ps(factor, tiles[3], sums[3]),
    ];
}

/// The sums of squared differences between the rows of a tile and `query`, or `None` as soon as all exceed `bound`.
#[target_feature(enable = "avx512f")]
pub(super) fn squares(tile: &[[[f64; LANES]; STRETCH]], query: &[[f64; STRETCH]], bound: f64) -> Option<[f64; LANES]> {
    let (mut low, mut high) = (_mm512_setzero_pd(), _mm512_setzero_pd());
    let limit = _mm512_set1_pd(bound);
    for (columns, values) in tile.iter().zip(query) {
        for (lanes, &value) in columns.iter().zip(values) {
            let value = _mm512_set1_pd(value);
            // SAFETY: there are sixteen numbers.
            let (left, right) =
                unsafe { (_mm512_loadu_pd(lanes.as_ptr()), _mm512_loadu_pd(lanes.as_ptr().add(LANES / 2))) };
            let (left, right) = (_mm512_sub_pd(left, value), _mm512_sub_pd(right, value));
            low = _mm512_add_pd(low, _mm512_mul_pd(left, left));
            high = _mm512_add_pd(high, _mm512_mul_pd(right, right));
        }
        let within = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(low, limit) | _mm512_cmp_pd_mask::<_CMP_LE_OQ>(high, limit);
        if within == 0 {
            return None;
        }
    }
    let mut sums = [0.0; LANES];
    // SAFETY: there are sixteen numbers.
    unsafe {
        _mm512_storeu_pd(sums.as_mut_ptr(), low);
        _mm512_storeu_pd(sums.as_mut_ptr().add(LANES / 2), high);
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::super::coarse::Leaf;
    use super::super::{Euclidean, tile};
    use super::*;
    use crate::numeric::dense::has_wide_vectors;

    /// Values without order, of both signs and many sizes.
    fn value(at: usize) -> f64 {
        ((at * 7919) % 1013) as f64 / 97.0 - 5.0 + ((at * 31) % 7) as f64 * 1e-3
    }

    #[test]
    fn the_width_of_vectors_changes_no_bit() {
        if !has_wide_vectors() {
            return;
        }
        for columns in [8, 32, 504] {
            let mut leaf = Leaf::new(columns);
            leaf.values.iter_mut().flatten().enumerate().for_each(|(at, v)| *v = value(at) as f32);
            leaf.squares.iter_mut().flatten().enumerate().for_each(|(at, v)| *v = value(at).abs() as f32);
            let queries: Vec<Vec<f32>> =
                (0..ABREAST).map(|q| (0..columns).map(|c| value(q * 641 + c * 3) as f32).collect()).collect();
            let factors: [&[f32]; ABREAST] = std::array::from_fn(|q| &queries[q][..]);
            let plain = leaf.sums_by_tiles(factors);
            assert_ne!(plain[0][0], plain[3][5]);
            // SAFETY: the processor has said that it knows the instructions.
            assert_eq!(unsafe { sums(&leaf.values, &leaf.squares, factors) }, plain, "{columns} columns");
        }
    }

    #[test]
    fn the_width_of_vectors_changes_no_bit_of_exact_sums() {
        if !has_wide_vectors() {
            return;
        }
        for columns in [8, 16, 400] {
            let values: Vec<f64> = (0..columns * LANES).map(value).collect();
            let query: Vec<f64> = (0..columns).map(|column| value(column * 13 + 5)).collect();
            let rows = values.as_chunks::<LANES>().0.as_chunks::<STRETCH>().0;
            // SAFETY: the processor has said that it knows the instructions.
            let wide = |bound| unsafe { squares(rows, query.as_chunks::<STRETCH>().0, bound) };
            let plain = |bound| tile::sums_by_stretches::<Euclidean>(&values, &query, bound);
            let sums = plain(f64::INFINITY).unwrap();
            assert_eq!(wide(f64::INFINITY), Some(sums), "{columns} columns");
            let least = sums.iter().fold(f64::INFINITY, |least, sum| least.min(*sum));
            assert_eq!((wide(least), plain(least)), (Some(sums), Some(sums)), "a tie counts");
            assert_eq!((wide(least.next_down()), plain(least.next_down())), (None, None), "{columns} columns");
        }
    }
}
