//! The prefix that cells share: data set, variant, split, imputer, resampler, encoder, scaler, select. What learns from data sees training rows only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::blocks::{Blocks, rows_of_block};
use super::choice;
use super::fitted::{Fitted, Leaked, Steps, all_places, places};
use super::job::Job;
use super::matrices::{Layout, Portion};
use super::parts::{Parts, Seen};
use crate::cell::Cell;
use crate::component::{Context, Features, FittedTransformer, Resampled, Train};
use crate::data::{Column, Kind, hex};
use crate::error::{COLUMN, Error, Result, columns_named};
use crate::os::{map_new, panic_words};
use crate::split::Leak;
use crate::store::{KeptRows, Outcome, SplitRows, Stage, StageCost};

/// Bytes that are hashed at a time.
const HASH_BYTES: usize = 4 << 20;

/// Why a cell could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How it ended; never `scored`.
    pub outcome: Outcome,
    /// Where.
    pub stage: Stage,
    /// One sentence; with [`COLUMN`] where the column is named, if it is about one.
    pub reason: String,
    /// The columns that it is about, counted from 0.
    pub columns: Vec<usize>,
    /// How long the stage took until its worker ended; none where the worker told it itself.
    pub taken: Option<Duration>,
}

impl Failure {
    /// A component's own failure.
    pub fn new(stage: Stage, reason: impl Into<String>) -> Self {
        Failure::other(Outcome::Failed, stage, reason.into())
    }

    /// Another end than a component's own failure.
    pub fn other(outcome: Outcome, stage: Stage, reason: String) -> Self {
        Failure { outcome, stage, reason, columns: Vec::new(), taken: None }
    }

    /// The sentence; `columns` are those that the failed stage was given, if they are known.
    pub fn said(&self, columns: Option<&[Column]>) -> String {
        let name = |at: usize| columns.and_then(|columns| columns.get(at)).map(|column| column.name.clone());
        match self.columns.is_empty() {
            true => self.reason.clone(),
            false => self.reason.replace(COLUMN, &columns_named(&self.columns, name)),
        }
    }
}

/// What a resampler made of the rows that it was given; it lies in a shared file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Chosen rows, repeated ones counted as often as they stand there.
    pub rows: usize,
    /// Made-up rows.
    pub made: usize,
    /// Columns of the made-up rows.
    pub columns: usize,
    /// How long the resampler took.
    pub seconds: f64,
    /// What choosing took in all, as the worker measured it.
    pub cost: Option<StageCost>,
}

/// What is known of a prefix whose matrices lie in a shared file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// Where the parts are.
    pub layout: Layout,
    /// The columns; empty where all are numbers and nobody names them.
    pub columns: Vec<Column>,
    /// Positives of each part.
    pub positives: [usize; 3],
    /// Training rows that the resampler dropped.
    pub removed: usize,
    /// Training rows that stand there again.
    pub repeated: usize,
    /// Training rows that the resampler made up.
    pub made: usize,
    /// Wall seconds of the resampler.
    pub resample_s: f64,
    /// Wall seconds of encoder, scaler and selection.
    pub scale_s: f64,
    /// What choosing and scaling took in all, as the workers measured them.
    pub stages: Vec<StageCost>,
    /// The digest of the rows that the split is judged on; none where a leak has the resampler change them.
    pub rows: Option<String>,
    /// The digest of the same rows with their sides, of a run with several data sets; a worker does not know all sides.
    pub sided_rows: Option<String>,
    /// SHA-256 over layout, columns, matrices and labels: two prefixes with the same digest are the same input.
    pub digest: String,
}

/// Runs `work`; an error or a panic of a component becomes a failure of `stage`.
pub fn guarded<T>(stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Error::Column { at, said })) => Err(Failure { columns: vec![at], ..Failure::new(stage, said) }),
        Ok(Err(Error::Columns { at, said })) => Err(Failure { columns: at, ..Failure::new(stage, said) }),
        Ok(Err(e)) => Err(Failure::new(stage, e.to_string())),
        Err(payload) => Err(Failure::new(stage, format!("panicked: {}", panic_words(payload.as_ref())))),
    }
}

/// Rows of a table with what stands for their missing values, and what their columns are then.
pub(super) struct Gathered<'j> {
    job: &'j Job<'j>,
    cell: &'j Cell,
    /// None where nothing is filled in.
    imputer: Option<Box<dyn FittedTransformer>>,
}

impl<'j> Gathered<'j> {
    /// The imputer learns from `train`, the split's training rows before they are resampled.
    pub fn new(job: &'j Job<'j>, cell: &'j Cell, train: &[usize]) -> Result<Self, Failure> {
        let component = &job.study.imputers[cell.imputer];
        let mut gathered = Gathered { job, cell, imputer: None };
        if component.facts.id != "none" {
            let (x, y) = gathered.rows(train)?;
            let features = Features { x: x.view(), columns: job.table(cell).data.columns };
            let fitted = guarded(Stage::Impute, || component.component.fit(&Train::new(features, &y)))?;
            gathered.imputer = Some(fitted);
        }
        Ok(gathered)
    }

    pub fn into_imputer(self) -> Option<Box<dyn FittedTransformer>> {
        self.imputer
    }

    pub fn columns(&self) -> &[Column] {
        self.imputer.as_ref().map_or(self.job.table(self.cell).data.columns, |imputer| imputer.columns())
    }

    pub fn rows(&self, rows: &[usize]) -> Result<(Array2<f64>, Vec<u8>), Failure> {
        let data = &self.job.table(self.cell).data;
        let x = data.x().select(Axis(0), rows);
        let y = rows.iter().map(|&row| data.y[row]).collect();
        match &self.imputer {
            None => Ok((x, y)),
            Some(imputer) => guarded(Stage::Impute, || imputer.transform(x)).map(|x| (x, y)),
        }
    }

    /// What rows weigh that are the rows `origins` or were made from them; none where all weigh the same.
    pub fn weights(&self, origins: &[usize]) -> Option<Vec<f64>> {
        let weight = self.job.table(self.cell).sides.weight.as_ref()?;
        Some(origins.iter().map(|&row| weight[row]).collect())
    }

    pub fn train<'t>(&'t self, x: &'t Array2<f64>, y: &'t [u8]) -> Train<'t> {
        Train::new(Features { x: x.view(), columns: self.columns() }, y)
    }

    /// Encoder, scaler and selection, fitted on the training rows; under a leak, on the rows that it lets a step see.
    pub fn fit(&self, train: &Train<'_>, seen: &Seen) -> Result<Fitted, Failure> {
        let study = self.job.study;
        let select = &study.selects[self.cell.select];
        let steps = Steps {
            encoder: study.encoders[self.cell.encoder].component.as_ref(),
            scaler: study.scalers[self.cell.scaler].component.as_ref(),
            select: (!select.facts.is_none()).then_some(select.component.as_ref()),
        };
        let gathered = |rows: &Option<Arc<[usize]>>| rows.as_ref().map(|rows| self.rows(rows)).transpose();
        let (encoder, scaler) = (gathered(&seen.encoder)?, gathered(&seen.scaler)?);
        // Nothing is gathered for a selection that there is not.
        let select = if steps.select.is_some() { gathered(&seen.select)? } else { None };
        let leaked = Leaked {
            encoder: encoder.as_ref().map(|(x, y)| (x.view(), y.as_slice())),
            scaler: scaler.as_ref().map(|(x, _)| x.view()),
            select: select.as_ref().map(|(x, y)| (x.view(), y.as_slice())),
        };
        guarded(Stage::Scale, || Fitted::new(steps, train, leaked))
    }
}

/// What a resampler made of the rows that it was given.
pub(super) struct Choice {
    pub resampled: Resampled,
    /// How long it took.
    seconds: f64,
    /// Encoder, scaler and selection, fitted on the training rows before they were resampled; there for a resampler on scaled rows.
    pub steps: Option<Fitted>,
}

/// Lets the resampler choose among the rows `among`. One on scaled rows sees them as the classifier would: encoder, scaler and
/// selection learn from the rows `train` (under a leak, from those in `seen`).
pub(super) fn choose(
    gathered: &Gathered<'_>,
    train: &[usize],
    among: &[usize],
    seen: &Seen,
    seed: u64,
) -> Result<Choice, Failure> {
    let resampler = &gathered.job.study.resamplers[gathered.cell.resampler];
    let (mut x, y) = gathered.rows(among)?;
    let mut fitted = None;
    if resampler.is_on_scaled() {
        let (train_x, train_y) = gathered.rows(train)?;
        let steps = gathered.fit(&gathered.train(&train_x, &train_y), seen)?;
        x = guarded(Stage::Scale, || steps.transform_training(x, &places(among, train)))?;
        fitted = Some(steps);
    }
    let train = fitted.as_ref().map_or_else(|| gathered.train(&x, &y), |steps| steps.train(&x, &y));
    let started = Instant::now();
    let resampled = guarded(Stage::Resample, || {
        let resampled = resampler.component.resample(&train, &Context { seed })?;
        resampled.check(y.len(), train.x().ncols())?;
        Ok(resampled)
    })?;
    Ok(Choice { resampled, seconds: started.elapsed().as_secs_f64(), steps: fitted })
}

/// Lets the resampler choose among the split's training rows (all rows under `resample-before-split`); what it made of them
/// goes into the shared file `into`.
pub fn resample(job: &Job<'_>, cell: &Cell, into: &Path) -> Result<Kept, Failure> {
    let parts = Parts::of(job, cell)?;
    let gathered = Gathered::new(job, cell, &parts.train)?;
    let seed = cell.resampler_seed(job.study);
    let Choice { resampled, seconds, steps } =
        choose(&gathered, &parts.train, parts.before_resampling(), &parts.seen(), seed)?;
    guarded(Stage::Scale, || steps.as_ref().map_or(Ok(()), Fitted::close))?;
    guarded(Stage::Resample, || choice::write(into, &resampled))?;
    Ok(Kept {
        rows: resampled.rows.len(),
        made: resampled.made_y.len(),
        columns: resampled.made.ncols(),
        seconds,
        cost: None,
    })
}

/// Rows of one part on their way to the classifier.
pub(super) struct Piece {
    /// Before encoder, scaler and selection.
    pub x: Array2<f64>,
    /// Made-up rows that have been scaled already.
    pub scaled: Array2<f64>,
    /// Labels of both.
    pub y: Vec<u8>,
}

/// Fits encoder, scaler and selection on the resampled training rows (see [`resample`] for those of a resampler on scaled rows) and
/// writes every part, transformed, into the shared file `into`.
pub fn prepare(job: &Job<'_>, cell: &Cell, kept: (&Path, Kept), into: &Path) -> Result<Prepared, Failure> {
    let mut parts = Parts::of(job, cell)?;
    // What stands for missing values comes from all training rows of the split: resampling must not change it.
    let gathered = Gathered::new(job, cell, &parts.train)?;
    let on_scaled = job.study.resamplers[cell.resampler].is_on_scaled();
    // A list of all training rows is long: only what acts on scaled rows looks at it again.
    let trained = parts.train.len();
    let before = if on_scaled { parts.train.clone() } else { Vec::new() };
    let whole = match on_scaled {
        true => Some(gathered.rows(&before)?),
        false => None,
    };
    let seen = parts.seen();
    let resampled = guarded(Stage::Scale, || choice::read(kept.0, kept.1))?;
    let origins: Vec<usize> = resampled.made_from.iter().map(|&place| parts.before_resampling()[place]).collect();
    let made = parts.resample(&resampled, cell.resampler_seed(job.study));
    let counts = parts.counts(trained);
    let pieces = [
        piece(&gathered, &parts.train, (&resampled, &made[0]), on_scaled)?,
        piece(&gathered, &parts.validation, (&resampled, &made[1]), on_scaled)?,
        piece(&gathered, &parts.test, (&resampled, &made[2]), on_scaled)?,
    ];
    drop(resampled);
    let origins: Vec<usize> = parts.train.iter().copied().chain(made[0].iter().map(|&nth| origins[nth])).collect();
    let positives = [0, 1, 2].map(|part| pieces[part].y.iter().filter(|&&label| label == 1).count());
    let started = Instant::now();
    let fitted = match &whole {
        Some((x, y)) => gathered.fit(&gathered.train(x, y), &seen)?,
        None => gathered.fit(&gathered.train(&pieces[0].x, &pieces[0].y).of_origins(&origins), &parts.seen())?,
    };
    let learnt = match on_scaled {
        true => places(&parts.train, &before),
        false => all_places(pieces[0].x.nrows()),
    };
    let weights = gathered.weights(&origins);
    let (layout, map) = guarded(Stage::Scale, || {
        write_parts((&fitted, is_native(job, cell)), &pieces, (&learnt, weights.as_deref()), into)
    })?;
    guarded(Stage::Scale, || fitted.close())?;
    let scale_s = started.elapsed().as_secs_f64();
    // What is in the file need not be in memory while the rows are listed.
    drop((pieces, origins, learnt));
    let digest = digest(layout, &fitted.columns, &map);
    Ok(Prepared {
        layout,
        rows: judged_rows(job, cell).map(|rows| rows.digest()),
        sided_rows: None,
        columns: fitted.columns,
        positives,
        removed: counts.removed,
        repeated: counts.repeated,
        made: made[0].len(),
        resample_s: kept.1.seconds,
        scale_s,
        stages: kept.1.cost.into_iter().collect(),
        digest,
    })
}

/// The test and validation rows of a cell's split, as they are kept beside predictions; none under `resample-before-split`,
/// where the resampler drops and makes up some of them.
pub fn judged_rows(job: &Job<'_>, cell: &Cell) -> Option<SplitRows> {
    if cell.leaks.has(Leak::ResampleBeforeSplit) {
        return None;
    }
    let (parts, table) = (Parts::of(job, cell).ok()?, job.table(cell));
    let kept = |rows: &[usize]| KeptRows::of(rows, table.data.y, &table.sides);
    let validation = Some(parts.validation.as_slice()).filter(|rows| !rows.is_empty());
    Some(SplitRows { test: kept(&parts.test), validation: validation.map(kept) })
}

/// The rows of a part, then the made-up ones `made` that belong to it.
pub(super) fn piece(
    gathered: &Gathered<'_>,
    rows: &[usize],
    (resampled, made): (&Resampled, &[usize]),
    on_scaled: bool,
) -> Result<Piece, Failure> {
    let (mut x, mut y) = gathered.rows(rows)?;
    y.extend(made.iter().map(|&nth| resampled.made_y[nth]));
    let mut scaled = Array2::zeros((0, 0));
    if !made.is_empty() {
        let added = resampled.made.select(Axis(0), made);
        match on_scaled {
            true => scaled = added,
            false => x.append(Axis(0), added.view()).map_err(|e| Failure::new(Stage::Resample, e.to_string()))?,
        }
    }
    Ok(Piece { x, scaled, y })
}

/// Whether encoder, scaler and selection are this program's own: what they make of a row hangs on no other row.
fn is_native(job: &Job<'_>, cell: &Cell) -> bool {
    let study = job.study;
    let steps =
        [&study.encoders[cell.encoder].facts, &study.scalers[cell.scaler].facts, &study.selects[cell.select].facts];
    steps.into_iter().all(|facts| facts.backend == "native")
}

/// Transforms block by block straight into the file, so that a wide matrix is in memory once. `learnt` are the places of the
/// training rows among those that the steps learnt from, `weights` what the training rows weigh.
fn write_parts(
    (fitted, native): (&Fitted, bool),
    pieces: &[Piece; 3],
    (learnt, weights): (&[Option<u32>], Option<&[f64]>),
    into: &Path,
) -> Result<(Layout, memmap2::MmapMut)> {
    let (width, widest) = fitted.widths(pieces[0].x.view())?;
    let layout =
        Layout { columns: width, rows: [0, 1, 2].map(|part| pieces[part].y.len()), weighted: weights.is_some() };
    let mut map = map_new(into, layout.bytes())?;
    layout.weights_mut(&mut map).copy_from_slice(weights.unwrap_or_default());
    for (part, piece) in Portion::ALL.into_iter().zip(pieces) {
        let (values, labels) = layout.part_mut(&mut map, part);
        labels.copy_from_slice(&piece.y);
        let (values, tail) = values.split_at_mut(piece.x.nrows() * width);
        let learnt = (part == Portion::Train).then_some(learnt);
        let rows = native.then(|| rows_of_block(piece.x.ncols(), widest));
        Blocks { fitted, x: piece.x.view(), learnt }.write(values, width, rows)?;
        for (row, out) in piece.scaled.rows().into_iter().zip(tail.chunks_exact_mut(width.max(1))) {
            row.iter().zip(out).for_each(|(value, out)| *out = *value);
        }
    }
    Ok((layout, map))
}

fn digest(layout: Layout, columns: &[Column], bytes: &[u8]) -> String {
    let blocks: Vec<[u8; 32]> = bytes.par_chunks(HASH_BYTES).map(|block| Sha256::digest(block).into()).collect();
    let mut all = Sha256::new();
    // Weights came after the first records: without them the text is what it was.
    let Layout { columns: width, rows, weighted } = layout;
    all.update(format!("Layout {{ columns: {width}, rows: {rows:?} }}"));
    if weighted {
        all.update("weighted");
    }
    // Names are for people: what a classifier is told of columns are their kinds, if they are not numbers all.
    let has_categories = columns.iter().any(|column| matches!(column.kind, Kind::Category(_)));
    columns.iter().filter(|_| has_categories).for_each(|column| all.update(format!("{:?}", column.kind)));
    blocks.iter().for_each(|block| all.update(block));
    hex(&all.finalize())
}
