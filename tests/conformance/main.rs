//! One suite over the catalogues: what every component must do, whichever it is. A new component is tested by being listed.

mod class_weights;
mod classifiers;
mod resamplers;
mod scalers;
mod selects;
mod splits;

use ndarray::{Array2, Axis};

/// A small task with everything that trips components up: few positives, ties, duplicate rows, a constant column, a column
/// of large and one of tiny values. Separable well, not perfectly. No randomness: a multiplicative sequence.
pub fn task(rows: usize) -> (Array2<f64>, Vec<u8>) {
    let mut state = 12_345_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let y: Vec<u8> = (0..rows).map(|i| u8::from(i % 12 == 5)).collect();
    let mut x = Array2::zeros((rows, 6));
    for (i, mut row) in x.axis_iter_mut(Axis(0)).enumerate() {
        let shift = if y[i] == 1 { 2.5 } else { 0.0 };
        row[0] = ((next() * 4.0 + shift) * 4.0).round() / 4.0;
        row[1] = next() * 2.0 - shift;
        row[2] = 7.5;
        row[3] = next() * 100_000.0;
        row[4] = (next() - 0.5) * 1e-3;
        row[5] = (i % 3) as f64;
    }
    for i in (24..rows).step_by(24) {
        let copy = x.row(i - 24).to_owned();
        if y[i] == y[i - 24] {
            x.row_mut(i).assign(&copy);
        }
    }
    (x, y)
}

/// Runs `work` on a pool of so many threads.
pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// The bit patterns, so that NaN and -0.0 cannot hide.
pub fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}
