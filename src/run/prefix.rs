//! The prefix that cells share: dataset variant, split, resampler, scaler. What learns from data sees training rows only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use ndarray::{Array2, Axis};

use super::runner::Job;
use crate::classify::Context;
use crate::data::Impute;
use crate::error::Result;
use crate::store::Stage;
use crate::study::Cell;

/// Why a stage could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub stage: Stage,
    pub reason: String,
}

/// Rows that a model may be shown.
pub struct Part {
    pub x: Array2<f64>,
    pub y: Vec<u8>,
}

/// The matrices of one prefix.
pub struct Prepared {
    pub train: Part,
    pub validation: Option<Part>,
    pub test: Part,
    pub removed: usize,
    pub resample_s: f64,
    pub scale_s: f64,
}

/// The rows that a resampler kept of a split's training rows (positions in the split's list), and how long it took.
pub struct Kept {
    pub positions: Vec<usize>,
    pub seconds: f64,
}

/// Runs `work`; an error or a panic of a component becomes a failure of `stage`.
pub fn guarded<T>(stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(Failure { stage, reason: e.to_string() }),
        Err(payload) => {
            let said = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Err(Failure { stage, reason: format!("panicked: {said}") })
        }
    }
}

/// The rows of the data set behind a split's training, validation or test positions.
fn gather(job: &Job<'_>, cell: &Cell, positions: &[usize]) -> Part {
    let keep = job.variant_rows(cell.id.dedup);
    let rows: Vec<usize> = positions.iter().map(|&p| keep.map_or(p, |k| k[p])).collect();
    Part { x: job.data.x.select(Axis(0), &rows), y: rows.iter().map(|&r| job.data.y[r]).collect() }
}

/// A split's training rows with missing values filled in, and the filling values for the other parts.
fn imputed_train(job: &Job<'_>, cell: &Cell, positions: &[usize]) -> Result<(Part, Option<Vec<f64>>), Failure> {
    let mut train = gather(job, cell, positions);
    let Some(impute) = job.study.data.impute else { return Ok((train, None)) };
    let values = guarded(Stage::Impute, || impute.fit(train.x.view(), &job.data.columns))?;
    Impute::transform(&mut train.x, &values);
    Ok((train, Some(values)))
}

/// Lets the resampler choose among the split's training rows.
pub fn resample(job: &Job<'_>, cell: &Cell) -> Result<Kept, Failure> {
    let split = job.split(cell);
    let (train, _) = imputed_train(job, cell, &split.train)?;
    let context = Context { seed: cell.resampler_seed(job.study) };
    let started = Instant::now();
    let component = &job.study.resamplers[cell.resampler].component;
    let positions = guarded(Stage::Resample, || component.resample(train.x.view(), &train.y, &context))?;
    let seconds = started.elapsed().as_secs_f64();
    let valid = positions.windows(2).all(|w| w[0] < w[1]) && positions.last().is_none_or(|&p| p < train.y.len());
    match valid && !positions.is_empty() {
        true => Ok(Kept { positions, seconds }),
        false => Err(Failure {
            stage: Stage::Resample,
            reason: "the resampler kept no row, or rows out of order or out of range".into(),
        }),
    }
}

/// Fits the scaler on the kept training rows and transforms every part.
pub fn prepare(job: &Job<'_>, cell: &Cell, kept: &Kept) -> Result<Prepared, Failure> {
    let split = job.split(cell);
    // Filling values come from all training rows of the split: resampling must not change them.
    let (whole, fill) = imputed_train(job, cell, &split.train)?;
    let removed = split.train.len() - kept.positions.len();
    let mut train = match removed {
        0 => whole,
        _ => Part {
            x: whole.x.select(Axis(0), &kept.positions),
            y: kept.positions.iter().map(|&p| whole.y[p]).collect(),
        },
    };
    let others = |positions: &[usize]| {
        let mut part = gather(job, cell, positions);
        if let Some(values) = &fill {
            Impute::transform(&mut part.x, values);
        }
        part
    };
    let mut test = others(&split.test);
    let mut validation = (!split.validation.is_empty()).then(|| others(&split.validation));
    let started = Instant::now();
    let scaler = &job.study.scalers[cell.scaler].component;
    guarded(Stage::Scale, || {
        let fitted = scaler.fit(train.x.view())?;
        for part in [Some(&mut train), validation.as_mut(), Some(&mut test)].into_iter().flatten() {
            part.x = fitted.transform(std::mem::take(&mut part.x))?;
        }
        Ok(())
    })?;
    let scale_s = started.elapsed().as_secs_f64();
    Ok(Prepared { train, validation, test, removed, resample_s: kept.seconds, scale_s })
}
