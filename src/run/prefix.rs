//! The prefix that cells share: dataset variant, split, resampler, scaler. What learns from data sees training rows only.

use crate::component::{Context, FittedScaler, Train};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use ndarray::{Array2, Axis, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::job::Job;
use super::matrices::{Layout, Part};
use super::parts::Parts;
use crate::data::Impute;
use crate::error::{Error, Result};
use crate::os::{map, map_new};
use crate::store::{Outcome, Stage};
use crate::study::Cell;

/// Rows that a scaler transforms at a time: large enough for all threads, small beside the matrix.
const BLOCK_ROWS: usize = 16_384;
/// Bytes that are hashed at a time.
const HASH_BYTES: usize = 4 << 20;

/// Why a cell could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How it ended; never `scored`.
    pub outcome: Outcome,
    /// Where.
    pub stage: Stage,
    /// One sentence.
    pub reason: String,
}

impl Failure {
    /// A component's own failure.
    pub fn new(stage: Stage, reason: impl Into<String>) -> Self {
        Failure { outcome: Outcome::Failed, stage, reason: reason.into() }
    }
}

/// The rows that a resampler kept of those that it chose among; their positions in that list lie in a shared file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// How many.
    pub rows: usize,
    /// How long the resampler took.
    pub seconds: f64,
}

/// What is known of a prefix whose matrices lie in a shared file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// Where the parts are.
    pub layout: Layout,
    /// Positives of each part.
    pub positives: [usize; 3],
    /// Training rows that the resampler removed.
    pub removed: usize,
    /// Wall seconds of the resampler.
    pub resample_s: f64,
    /// Wall seconds of the scaler.
    pub scale_s: f64,
    /// SHA-256 over layout, matrices and labels: two prefixes with the same digest are the same input.
    pub digest: String,
}

/// Runs `work`; an error or a panic of a component becomes a failure of `stage`.
pub fn guarded<T>(stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(Failure::new(stage, e.to_string())),
        Err(payload) => {
            let said = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Err(Failure::new(stage, format!("panicked: {said}")))
        }
    }
}

/// These rows of the data, with missing values filled in.
fn gather(job: &Job<'_>, rows: &[usize], fill: Option<&[f64]>) -> (Array2<f64>, Vec<u8>) {
    let mut x = job.data.x().select(Axis(0), rows);
    if let Some(values) = fill {
        Impute::transform(&mut x, values);
    }
    (x, rows.iter().map(|&row| job.data.y[row]).collect())
}

/// What stands for missing values, learnt from the training rows; none where the study does not impute.
fn filling(job: &Job<'_>, train: &[usize]) -> Result<Option<Vec<f64>>, Failure> {
    let Some(impute) = job.study.data.impute else { return Ok(None) };
    let (x, _) = gather(job, train, None);
    guarded(Stage::Impute, || impute.fit(x.view(), job.data.columns)).map(Some)
}

/// Lets the resampler choose among the split's training rows (all rows under `resample-before-split`); the positions that
/// it kept go into the shared file `into`.
pub fn resample(job: &Job<'_>, cell: &Cell, into: &Path) -> Result<Kept, Failure> {
    let parts = Parts::of(job, cell);
    let fill = filling(job, &parts.train)?;
    let (x, y) = gather(job, parts.before_resampling(), fill.as_deref());
    let context = Context { seed: cell.resampler_seed(job.study) };
    let started = Instant::now();
    let component = &job.study.resamplers[cell.resampler].component;
    let resampled = guarded(Stage::Resample, || component.resample(&Train::numbers(x.view(), &y), &context))?;
    let seconds = started.elapsed().as_secs_f64();
    guarded(Stage::Resample, || resampled.check(y.len(), x.ncols()))?;
    let positions = resampled.rows;
    guarded(Stage::Resample, || {
        let mut map = map_new(into, positions.len() * size_of::<usize>())?;
        map.copy_from_slice(bytemuck::cast_slice(&positions));
        Ok(Kept { rows: positions.len(), seconds })
    })
}

fn read_kept(path: &Path, kept: Kept) -> Result<Vec<usize>> {
    let map = map(path, kept.rows * size_of::<usize>())?;
    Ok(bytemuck::cast_slice(&map).to_vec())
}

/// Fits the scaler on the kept training rows (all rows under `scaler-on-all-rows`) and writes every part, transformed, into the shared file `into`.
pub fn prepare(job: &Job<'_>, cell: &Cell, kept: (&Path, Kept), into: &Path) -> Result<Prepared, Failure> {
    let mut rows = Parts::of(job, cell);
    // Filling values come from all training rows of the split: resampling must not change them.
    let fill = filling(job, &rows.train)?;
    let before = rows.train.len();
    if kept.1.rows < rows.before_resampling().len() {
        rows.keep(&guarded(Stage::Scale, || read_kept(kept.0, kept.1))?);
    }
    let removed = before - rows.train.len();
    let gathered = |part: &[usize]| gather(job, part, fill.as_deref());
    let parts = [gathered(&rows.train), gathered(&rows.validation), gathered(&rows.test)];
    let scaler_rows = rows.scaler_rows().map(|all| gathered(all).0);
    let positives = [0, 1, 2].map(|part| parts[part].1.iter().filter(|&&label| label == 1).count());
    let started = Instant::now();
    let scaler = &job.study.scalers[cell.scaler].component;
    let (layout, map) = guarded(Stage::Scale, || {
        let fitted = scaler.fit(scaler_rows.as_ref().unwrap_or(&parts[0].0).view())?;
        write_parts(fitted.as_ref(), &parts, into)
    })?;
    let scale_s = started.elapsed().as_secs_f64();
    let digest = digest(layout, &map);
    Ok(Prepared { layout, positives, removed, resample_s: kept.1.seconds, scale_s, digest })
}

/// Transforms block by block straight into the file, so that a wide matrix is in memory once.
fn write_parts(
    fitted: &dyn FittedScaler,
    parts: &[(Array2<f64>, Vec<u8>); 3],
    into: &Path,
) -> Result<(Layout, memmap2::MmapMut)> {
    let width = fitted.transform(parts[0].0.slice(s![..1, ..]).to_owned())?.ncols();
    let layout = Layout { columns: width, rows: [0, 1, 2].map(|part| parts[part].1.len()) };
    let mut map = map_new(into, layout.bytes())?;
    for (part, (x, y)) in Part::ALL.into_iter().zip(parts) {
        let (values, labels) = layout.part_mut(&mut map, part);
        labels.copy_from_slice(y);
        for (block, out) in x.axis_chunks_iter(Axis(0), BLOCK_ROWS).zip(values.chunks_mut(BLOCK_ROWS * width.max(1))) {
            let done = fitted.transform(block.to_owned())?;
            let same = done.as_slice().filter(|d| d.len() == out.len());
            let done = same.ok_or_else(|| Error::Component("the scaler returned a matrix of another shape".into()))?;
            out.copy_from_slice(done);
        }
    }
    Ok((layout, map))
}

fn digest(layout: Layout, bytes: &[u8]) -> String {
    let blocks: Vec<[u8; 32]> = bytes.par_chunks(HASH_BYTES).map(|block| Sha256::digest(block).into()).collect();
    let mut all = Sha256::new();
    all.update(format!("{layout:?}"));
    blocks.iter().for_each(|block| all.update(block));
    hex(&all.finalize())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
