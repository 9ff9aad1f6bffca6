//! The values that LightGBM makes its bins from, drawn as it draws them itself, but column by column and already sorted: it sorts them with
//! a stable merge sort, which takes a third of its time on a wide table and is quick on what is in order.

use std::ffi::{CStr, c_int, c_void};

use lightgbm3_sys as sys;

use super::aside::aside;
use super::library::{Matrix, check};
use crate::error::Result;

/// Smaller values are zero to the library (its `kZeroThreshold`), and no part of a sample.
const ZERO: f64 = 1e-35_f32 as f64;

/// Columns that are read together: those of a line of the cache.
const TOGETHER: usize = 8;

/// Of each column the sampled values that are not zero, and where in the sample they are.
pub(super) struct Sampled {
    values: Vec<Vec<f64>>,
    places: Vec<Vec<c_int>>,
    rows: c_int,
}

impl Sampled {
    /// Of the rows that the library draws for these `parameters`.
    ///
    /// # Errors
    /// LightGBM's own message.
    pub(super) fn new(x: &Matrix<'_>, parameters: &CStr) -> Result<Self> {
        let drawn = drawn(x.rows, parameters)?;
        let columns = x.columns as usize;
        let blocks: Vec<usize> = (0..columns).step_by(TOGETHER).collect();
        let of_block = |&from: &usize| {
            let until = columns.min(from + TOGETHER);
            let mut block: Vec<(Vec<f64>, Vec<c_int>)> =
                (from..until).map(|_| (Vec::with_capacity(drawn.len()), Vec::with_capacity(drawn.len()))).collect();
            for (place, &row) in (0..).zip(&drawn) {
                let row = &x.values[row as usize * columns..][from..until];
                for (&value, (values, places)) in row.iter().zip(&mut block) {
                    if value.abs() > ZERO || value.is_nan() {
                        values.push(value);
                        places.push(place);
                    }
                }
            }
            block.iter_mut().for_each(|(values, _)| sort(values));
            block
        };
        let blocks: Vec<Vec<(Vec<f64>, Vec<c_int>)>> = aside(&blocks, of_block);
        let (values, places) = blocks.into_iter().flatten().unzip();
        Ok(Self { values, places, rows: drawn.len() as c_int })
    }

    /// A data set with bins, which waits for `rows` rows.
    ///
    /// # Errors
    /// LightGBM's own message.
    pub(super) fn bins(mut self, rows: c_int, parameters: &CStr) -> Result<sys::DatasetHandle> {
        let counts: Vec<c_int> = self.values.iter().map(|values| values.len() as c_int).collect();
        let mut values: Vec<*mut f64> = self.values.iter_mut().map(|values| values.as_mut_ptr()).collect();
        let mut places: Vec<*mut c_int> = self.places.iter_mut().map(|places| places.as_mut_ptr()).collect();
        let mut handle = std::ptr::null_mut();
        // SAFETY: of each column as many values and places as `counts` says, which the library reorders, reads and does not keep; it writes
        // one handle.
        check(unsafe {
            sys::LGBM_DatasetCreateFromSampledColumn(
                values.as_mut_ptr(),
                places.as_mut_ptr(),
                counts.len() as c_int,
                counts.as_ptr(),
                self.rows,
                rows,
                i64::from(rows),
                parameters.as_ptr(),
                &mut handle,
            )
        })?;
        Ok(handle)
    }
}

/// The rows that the library draws, ascending; all, where they are no more than it takes.
fn drawn(rows: c_int, parameters: &CStr) -> Result<Vec<i32>> {
    let (mut most, mut drawn) = (0, 0);
    // SAFETY: an integer and a C string in, one integer out.
    check(unsafe { sys::LGBM_GetSampleCount(rows, parameters.as_ptr(), &mut most) })?;
    let mut sample = vec![0_i32; most as usize];
    // SAFETY: room for as many numbers of 32 bits as the library just asked for.
    check(unsafe {
        sys::LGBM_SampleIndices(rows, parameters.as_ptr(), sample.as_mut_ptr().cast::<c_void>(), &mut drawn)
    })?;
    sample.truncate(drawn as usize);
    Ok(sample)
}

/// Sorts values that have no missing ones among them. With some the library moves values over them before it sorts, and looks at what is
/// left behind when it bundles columns: these stay as they came.
fn sort(values: &mut [f64]) {
    if values.iter().any(|value| value.is_nan()) {
        return;
    }
    // As whole numbers in the same order, which are compared without a branch. To turn one and back is the same step.
    let turned = |bits: i64| bits ^ (((bits >> 63) as u64) >> 1) as i64;
    let mut keys: Vec<i64> = values.iter().map(|value| turned(value.to_bits() as i64)).collect();
    keys.sort_unstable();
    values.iter_mut().zip(keys).for_each(|(value, key)| *value = f64::from_bits(turned(key) as u64));
}

#[cfg(test)]
impl Sampled {
    /// With columns that have missing values sorted too, which the library does not take.
    pub(super) fn all_sorted(mut self) -> Self {
        self.values.iter_mut().for_each(|values| values.sort_by(f64::total_cmp));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_sorted_unless_some_are_missing() {
        let mut values = [2.5, -1.0, f64::INFINITY, -3.5, 2.5, 1e-30, f64::NEG_INFINITY, -1e-30];
        sort(&mut values);
        assert_eq!(values, [f64::NEG_INFINITY, -3.5, -1.0, -1e-30, 1e-30, 2.5, 2.5, f64::INFINITY]);
        let mut with_missing = [2.0, f64::NAN, 1.0];
        sort(&mut with_missing);
        assert!(with_missing[0] == 2.0 && with_missing[1].is_nan() && with_missing[2] == 1.0);
    }
}
