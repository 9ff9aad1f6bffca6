//! The calls into LightGBM's C interface, behind two safe functions. The `lightgbm3` crate has a safe interface, but it
//! cannot pass parameters to a data set (bins, seed, threads), without which the results are not those of Python.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lightgbm3_sys as sys;

use crate::error::{Error, Result};

/// LightGBM keeps its number of threads in a global variable and sizes buffers by it, so calls with different numbers
/// must not overlap. Cells that run side by side are processes of their own and never wait here.
static LIBRARY: Mutex<()> = Mutex::new(());

fn lock() -> MutexGuard<'static, ()> {
    // The mutex guards no data of ours that a panic could have left half-written.
    LIBRARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A matrix of rows x `columns`, C order.
pub(super) struct Matrix<'a> {
    values: &'a [f64],
    rows: i32,
    columns: i32,
}

impl<'a> Matrix<'a> {
    /// # Errors
    /// More rows or columns than the library can count.
    pub(super) fn new(values: &'a [f64], columns: usize) -> Result<Self> {
        let count = |n: usize| {
            i32::try_from(n).map_err(|_| Error::Component(format!("lightgbm cannot take {n} rows or columns")))
        };
        Ok(Self { values, rows: count(values.len() / columns.max(1))?, columns: count(columns)? })
    }
}

/// Trains `rounds` trees and returns the model in LightGBM's text format, which holds every number exactly.
///
/// # Errors
/// Another number of labels than of rows; LightGBM's own message.
pub(super) fn train(x: &Matrix<'_>, labels: &[f32], parameters: &str, rounds: u32) -> Result<String> {
    if labels.len() != x.rows as usize {
        return Err(Error::Component(format!("lightgbm: {} labels for {} rows", labels.len(), x.rows)));
    }
    let _alone = lock();
    let parameters = text(parameters)?;
    let data = Dataset::new(x, labels, &parameters)?;
    let mut handle = ptr::null_mut();
    // SAFETY: the data set lives until the end of this function, longer than the booster declared after it; the
    // parameters are a C string; the library writes one handle.
    check(unsafe { sys::LGBM_BoosterCreate(data.0, parameters.as_ptr(), &mut handle) })?;
    let booster = Booster(handle);
    for _ in 0..rounds {
        // Like Python, goes on after a round that found no split: with sampled rows a later one may.
        let mut found_none = 0;
        // SAFETY: a live booster, and one integer to write.
        check(unsafe { sys::LGBM_BoosterUpdateOneIter(booster.0, &mut found_none) })?;
    }
    booster.to_text()
}

/// The probabilities of class 1 for the rows of `x`.
///
/// # Errors
/// LightGBM's own message, for example when the number of columns is not the trained one.
pub(super) fn predict(model: &str, x: &Matrix<'_>, parameters: &str) -> Result<Vec<f64>> {
    if x.rows == 0 {
        return Ok(Vec::new());
    }
    let _alone = lock();
    let (model, parameters) = (text(model)?, text(parameters)?);
    let (mut handle, mut rounds) = (ptr::null_mut(), 0);
    // SAFETY: a C string in, an integer and a handle out.
    check(unsafe { sys::LGBM_BoosterLoadModelFromString(model.as_ptr(), &mut rounds, &mut handle) })?;
    let booster = Booster(handle);
    let mut outputs = 0;
    // SAFETY: a live booster, and one integer to write.
    check(unsafe { sys::LGBM_BoosterGetNumClasses(booster.0, &mut outputs) })?;
    if outputs != 1 {
        return Err(Error::Component(format!("lightgbm: a model of two classes has 1 output, this one {outputs}")));
    }
    let mut scores = vec![0.0; x.rows as usize];
    let mut written = 0;
    // SAFETY: `values` holds rows x columns doubles in C order, and `scores` has room for the one output a row that
    // was just checked.
    check(unsafe {
        sys::LGBM_BoosterPredictForMat(
            booster.0,
            x.values.as_ptr().cast::<c_void>(),
            sys::C_API_DTYPE_FLOAT64 as c_int,
            x.rows,
            x.columns,
            1,
            sys::C_API_PREDICT_NORMAL as c_int,
            0,
            -1,
            parameters.as_ptr(),
            &mut written,
            scores.as_mut_ptr(),
        )
    })?;
    Ok(scores)
}

struct Dataset(sys::DatasetHandle);

impl Dataset {
    fn new(x: &Matrix<'_>, labels: &[f32], parameters: &CStr) -> Result<Self> {
        let mut handle = ptr::null_mut();
        // SAFETY: `values` holds rows x columns doubles in C order, which the library reads and does not keep.
        check(unsafe {
            sys::LGBM_DatasetCreateFromMat(
                x.values.as_ptr().cast::<c_void>(),
                sys::C_API_DTYPE_FLOAT64 as c_int,
                x.rows,
                x.columns,
                1,
                parameters.as_ptr(),
                ptr::null_mut(),
                &mut handle,
            )
        })?;
        let data = Self(handle);
        // SAFETY: as many floats as rows, which `train` has checked; the library copies them.
        check(unsafe {
            sys::LGBM_DatasetSetField(
                data.0,
                c"label".as_ptr(),
                labels.as_ptr().cast::<c_void>(),
                x.rows,
                sys::C_API_DTYPE_FLOAT32 as c_int,
            )
        })?;
        Ok(data)
    }
}

impl Drop for Dataset {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own and is freed once. The code it returns says nothing we could act on.
        unsafe { sys::LGBM_DatasetFree(self.0) };
    }
}

struct Booster(sys::BoosterHandle);

impl Booster {
    fn to_text(&self) -> Result<String> {
        let mut buffer: Vec<u8> = Vec::new();
        loop {
            let mut needed = 0;
            // SAFETY: the library writes only when `buffer_len` is enough, and says what it needs (with the final 0).
            check(unsafe {
                sys::LGBM_BoosterSaveModelToString(
                    self.0,
                    0,
                    -1,
                    sys::C_API_FEATURE_IMPORTANCE_SPLIT as c_int,
                    buffer.len() as i64,
                    &mut needed,
                    buffer.as_mut_ptr().cast::<c_char>(),
                )
            })?;
            if needed <= buffer.len() as i64 {
                break;
            }
            buffer = vec![0; needed as usize];
        }
        let model = CStr::from_bytes_until_nul(&buffer).ok().and_then(|model| model.to_str().ok());
        model.map(str::to_owned).ok_or_else(|| Error::Component("lightgbm wrote a model that is not text".into()))
    }
}

impl Drop for Booster {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own and is freed once. The code it returns says nothing we could act on.
        unsafe { sys::LGBM_BoosterFree(self.0) };
    }
}

fn text(string: &str) -> Result<CString> {
    CString::new(string).map_err(|_| Error::Component("lightgbm: a zero byte in a text".into()))
}

fn check(code: c_int) -> Result<()> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: the library's last message of this thread: a C string that stays until the next call.
    let said = unsafe { CStr::from_ptr(sys::LGBM_GetLastError()) };
    Err(Error::Component(format!("LightGBM: {}", said.to_string_lossy().lines().next().unwrap_or_default())))
}
