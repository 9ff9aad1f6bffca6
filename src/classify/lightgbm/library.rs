//! The calls into LightGBM's C interface, behind two safe functions. The `lightgbm3` crate has a safe interface, but it
//! cannot pass parameters to a data set (bins, seed, threads), without which the results are not those of Python.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use lightgbm3_sys as sys;

use super::dataset::Dataset;
use crate::classify::early_stopping::Watch;
use crate::component::Common;
use crate::error::{Error, Result};

/// LightGBM keeps its number of threads in a global variable and sizes buffers by it, so calls with different numbers
/// must not overlap. Calls of one thread each may, as nothing else is global; a call of several threads is alone.
/// Cells that run side by side are processes of their own and never wait here.
static LIBRARY: Mutex<Inside> = Mutex::new(Inside { calls: 0, is_alone: false });
static LEFT: Condvar = Condvar::new();

struct Inside {
    calls: usize,
    is_alone: bool,
}

/// A call of the library, of as many threads as the current rayon pool has.
pub(super) struct Call;

fn inside() -> MutexGuard<'static, Inside> {
    // Both numbers are right between any two statements.
    LIBRARY.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn enter() -> Call {
    let is_alone = rayon::current_num_threads() > 1;
    let waits = |inside: &mut Inside| inside.is_alone || is_alone && inside.calls > 0;
    let mut inside = LEFT.wait_while(inside(), waits).unwrap_or_else(PoisonError::into_inner);
    *inside = Inside { calls: inside.calls + 1, is_alone };
    Call
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut inside = inside();
        *inside = Inside { calls: inside.calls - 1, is_alone: false };
        drop(inside);
        LEFT.notify_all();
    }
}

/// A matrix of rows x `columns`, C order.
pub(super) struct Matrix<'a> {
    pub(super) values: &'a [f64],
    pub(super) rows: i32,
    pub(super) columns: i32,
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

/// The labels of the training rows, and their weights where not all weigh 1.
pub(super) struct Labels<'a> {
    pub(super) labels: &'a [f32],
    pub(super) weights: Option<Vec<f32>>,
}

/// Rows that are kept out of training, and what watches over them.
pub(super) struct Watched<'a> {
    pub(super) x: Matrix<'a>,
    pub(super) labels: Vec<f32>,
    pub(super) watch: Watch,
}

/// Training rows in bins, for any number of trainings.
pub(super) struct Rows {
    data: Dataset,
    bytes: usize,
}

// SAFETY: a data set belongs to no thread, and trainings read it only.
unsafe impl Send for Rows {}
// SAFETY: as above.
unsafe impl Sync for Rows {}

impl Common for Rows {
    const NAME: &'static str = "lightgbm's training rows";

    fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Rows {
    /// # Errors
    /// Another number of labels than of rows; LightGBM's own message.
    pub(super) fn new(x: &Matrix<'_>, labels: &Labels<'_>, parameters: &str) -> Result<Self> {
        let _call = enter();
        // A bin takes one byte or two, a row its label and its weight.
        let bytes = 2 * x.values.len() + 8 * labels.labels.len();
        Ok(Rows { data: Dataset::new(x, labels, &text(parameters)?, None)?, bytes })
    }
}

/// Trains `rounds` trees and returns the model in LightGBM's text format, which holds every number exactly.
///
/// # Errors
/// LightGBM's own message.
pub(super) fn train(rows: &Rows, parameters: &str, rounds: u32) -> Result<String> {
    let _call = enter();
    let parameters = text(parameters)?;
    let booster = Booster::new(&rows.data, &parameters)?;
    for _ in 0..rounds {
        booster.update()?;
    }
    booster.to_text(None)
}

/// As [`train`], but only as long as the watch over the kept-out rows lets it go on, and up to the best round. The
/// parameters name one metric.
///
/// # Errors
/// Those of [`Rows::new`] and [`train`].
pub(super) fn train_watched(
    x: &Matrix<'_>,
    labels: &Labels<'_>,
    parameters: &str,
    rounds: u32,
    watched: &mut Watched<'_>,
) -> Result<String> {
    let _call = enter();
    let parameters = text(parameters)?;
    let data = Dataset::new(x, labels, &parameters, None)?;
    let kept_out =
        Dataset::new(&watched.x, &Labels { labels: &watched.labels, weights: None }, &parameters, Some(&data))?;
    let booster = Booster::new(&data, &parameters)?;
    // SAFETY: both are live; the data set lives until the end of this function, longer than the booster.
    check(unsafe { sys::LGBM_BoosterAddValidData(booster.0, kept_out.handle()) })?;
    for _ in 0..rounds {
        booster.update()?;
        if watched.watch.stops(booster.value_on_kept_out()?) {
            break;
        }
    }
    booster.to_text(Some(watched.watch.best_round() + 1))
}

/// The probabilities of class 1 for the rows of `x`.
///
/// # Errors
/// LightGBM's own message, for example when the number of columns is not the trained one.
pub(super) fn predict(model: &str, x: &Matrix<'_>, parameters: &str) -> Result<Vec<f64>> {
    if x.rows == 0 {
        return Ok(Vec::new());
    }
    let _call = enter();
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

pub(super) struct Booster(sys::BoosterHandle);

impl Booster {
    /// A booster without trees, which must not outlive `data`.
    pub(super) fn new(data: &Dataset, parameters: &CStr) -> Result<Self> {
        let mut handle = ptr::null_mut();
        // SAFETY: a live data set and a C string; the library writes one handle.
        check(unsafe { sys::LGBM_BoosterCreate(data.handle(), parameters.as_ptr(), &mut handle) })?;
        Ok(Booster(handle))
    }

    /// Trains a round. Like Python, the caller goes on after a round that found no split: with sampled rows a later one
    /// may.
    pub(super) fn update(&self) -> Result<()> {
        let mut found_none = 0;
        // SAFETY: a live booster, and one integer to write.
        check(unsafe { sys::LGBM_BoosterUpdateOneIter(self.0, &mut found_none) })
    }

    /// The one metric's value on the rows that were added with `LGBM_BoosterAddValidData`.
    fn value_on_kept_out(&self) -> Result<f64> {
        let mut metrics = 0;
        // SAFETY: a live booster, and one integer to write.
        check(unsafe { sys::LGBM_BoosterGetEvalCounts(self.0, &mut metrics) })?;
        if metrics != 1 {
            return Err(Error::Component(format!("lightgbm: one metric was asked for, and there are {metrics}")));
        }
        let (mut value, mut written) = (0.0, 0);
        // One thread adds up in one order: with more, the last bits would hang on their number.
        // SAFETY: sets an integer, and -1 takes it back; who else is in the library has one thread as well (see `LIBRARY`).
        check(unsafe { sys::LGBM_SetMaxThreads(1) })?;
        // SAFETY: a live booster, data set 1 is the first that was added, and there is room for the one metric.
        let code = unsafe { sys::LGBM_BoosterGetEval(self.0, 1, &mut written, &mut value) };
        // SAFETY: as above.
        check(unsafe { sys::LGBM_SetMaxThreads(-1) })?;
        check(code)?;
        Ok(value)
    }

    /// The first `rounds` rounds, or all.
    pub(super) fn to_text(&self, rounds: Option<u32>) -> Result<String> {
        let mut buffer: Vec<u8> = Vec::new();
        loop {
            let mut needed = 0;
            // SAFETY: the library writes only when `buffer_len` is enough, and says what it needs (with the final 0).
            check(unsafe {
                sys::LGBM_BoosterSaveModelToString(
                    self.0,
                    0,
                    rounds.map_or(-1, |rounds| rounds as c_int),
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

pub(super) fn text(string: &str) -> Result<CString> {
    CString::new(string).map_err(|_| Error::Component("lightgbm: a zero byte in a text".into()))
}

/// # Errors
/// The library's message, where `code` is not 0.
pub(super) fn check(code: c_int) -> Result<()> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: the library's last message of this thread: a C string that stays until the next call.
    let said = unsafe { CStr::from_ptr(sys::LGBM_GetLastError()) };
    Err(Error::Component(format!("LightGBM: {}", said.to_string_lossy().lines().next().unwrap_or_default())))
}
