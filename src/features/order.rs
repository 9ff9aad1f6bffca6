//! Rows in the order of their key, and then of time.

use rayon::prelude::*;

/// Rows sorted by key, time and place in the table, with where each key begins.
pub(super) struct Order {
    /// Rows that have a key.
    pub rows: Vec<u32>,
    /// Where the rows of each key begin in `rows`; its end is the last one.
    pub starts: Vec<usize>,
}

impl Order {
    /// `codes` are below `keys`; a row with another one has no key.
    pub fn new(codes: &[u32], keys: usize, time: &[i64]) -> Self {
        let mut by_time: Vec<u32> = (0..codes.len() as u32).collect();
        if !time.is_sorted() {
            by_time.par_sort_unstable_by_key(|&row| (time[row as usize], row));
        }
        let mut starts = vec![0; keys + 1];
        codes.iter().filter(|&&code| (code as usize) < keys).for_each(|&code| starts[code as usize + 1] += 1);
        (0..keys).for_each(|key| starts[key + 1] += starts[key]);
        let mut next = starts.clone();
        let mut rows = vec![0; starts[keys]];
        for row in by_time {
            let code = codes[row as usize] as usize;
            if code < keys {
                rows[next[code]] = row;
                next[code] += 1;
            }
        }
        Order { rows, starts }
    }
}

/// A code per value, the same for equal values; missing values get one that is not below the number of codes, which is
/// given too.
pub(super) fn codes(values: &[f64]) -> (Vec<u32>, usize) {
    let most = (2 * values.len() + (1 << 16)) as f64;
    // Numbers that are given to cards and terminals are codes already.
    let is_code = |value: &f64| value.is_nan() || (*value >= 0.0 && *value < most && value.fract() == 0.0);
    if values.par_iter().all(is_code) {
        let keys =
            values.par_iter().filter(|value| !value.is_nan()).map(|value| *value as usize + 1).max().unwrap_or(0);
        let code = |value: &f64| if value.is_nan() { u32::MAX } else { *value as u32 };
        return (values.par_iter().map(code).collect(), keys);
    }
    // -0.0 is 0.0.
    let mut distinct: Vec<f64> = values.iter().filter(|value| !value.is_nan()).map(|value| value + 0.0).collect();
    distinct.par_sort_unstable_by(f64::total_cmp);
    distinct.dedup();
    let code = |value: &f64| match value.is_nan() {
        true => u32::MAX,
        false => distinct.partition_point(|known| *known < *value) as u32,
    };
    (values.par_iter().map(code).collect(), distinct.len())
}

/// The codes of pairs of codes.
pub(super) fn pairs((a, of_a): (Vec<u32>, usize), (b, of_b): (Vec<u32>, usize)) -> (Vec<u32>, usize) {
    let both = |(a, b): (&u32, &u32)| match (*a as usize) < of_a && (*b as usize) < of_b {
        true => u64::from(*a) * of_b as u64 + u64::from(*b),
        false => u64::MAX,
    };
    let pairs: Vec<u64> = a.par_iter().zip(&b).map(both).collect();
    let mut distinct: Vec<u64> = pairs.iter().copied().filter(|pair| *pair != u64::MAX).collect();
    distinct.par_sort_unstable();
    distinct.dedup();
    let code = |pair: &u64| match *pair {
        u64::MAX => u32::MAX,
        pair => distinct.partition_point(|known| *known < pair) as u32,
    };
    (pairs.par_iter().map(code).collect(), distinct.len())
}
