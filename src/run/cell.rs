//! One cell: fit, predict, score, and the record of it.

use crate::component::{Context, Features, Model, Prediction, ScoreKind, Train};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use ndarray::ArrayView2;

use super::inner::RawRows;
use super::job::Job;
use super::matrices::{Matrices, Portion};
use super::prefix::{Failure, Prepared, guarded};
use super::rescore::{is_of_worker, versions};
use crate::cell::Cell;
use crate::data::{Column, Kind};
use crate::error::Error;
use crate::metric::{Confusion, PR_AUC, ROC_AUC, Score, Scored};
use crate::os::{map, map_new};
use crate::search::take_seconds;
use crate::store::{FORMAT, Outcome, Predictions, Record, Seconds, Sieve, Stage, StageCost, Tied};
use crate::words::{counted, one_line};

struct Scores {
    test: Said,
    validation: BTreeMap<String, Score>,
    details: Option<serde_json::Value>,
    sieves: Vec<Sieve>,
}

/// The shared files of a cell.
#[derive(Clone, Copy)]
pub struct Files<'f> {
    /// Its prefix's matrices.
    pub matrices: &'f Path,
    /// Where its scores and labels of the test rows go, if anywhere.
    pub said: Option<&'f Path>,
}

/// Runs `cell` on its prefix's matrices. `reached` is told of every stage.
pub fn execute(
    job: &Job<'_>,
    cell: &Cell,
    prepared: &Prepared,
    files: Files<'_>,
    reached: &mut dyn FnMut(Stage),
) -> Record {
    let mut record = blank(job, cell, Some(prepared));
    record.threads = rayon::current_num_threads() as u32;
    match measure(job, cell, (prepared, files), &mut record.seconds, reached) {
        Ok(scores) => {
            record.outcome = Outcome::Scored;
            record.confusion = Some(scores.test.confusion);
            record.tied = scores.test.tied;
            record.no_better_than_chance = scores.test.no_better_than_chance;
            record.metrics = scores.test.metrics;
            record.validation = scores.validation;
            record.details = scores.details;
            record.candidate_seconds = record.details.as_mut().map(take_seconds).unwrap_or_default();
            record.sieves = scores.sieves;
        }
        Err(failure) => note(&mut record, &failure, columns(job, cell, Some(prepared))),
    }
    record
}

/// The record of a cell that could not be run to its end; `prepared` where its prefix was.
pub fn failed(job: &Job<'_>, cell: &Cell, prepared: Option<&Prepared>, failure: Failure) -> Record {
    let mut record = blank(job, cell, prepared);
    note(&mut record, &failure, columns(job, cell, prepared));
    record
}

/// The record of a cell that is not begun.
pub fn skipped(job: &Job<'_>, cell: &Cell, reason: String) -> Record {
    Record { outcome: Outcome::Skipped, reason: Some(reason), ..blank(job, cell, None) }
}

/// The record of a cell whose input is bit for bit that of `other`, a scored one: its result is the other's.
pub fn copied(job: &Job<'_>, cell: &Cell, prepared: &Prepared, other: &Record) -> Record {
    let own = blank(job, cell, Some(prepared));
    let seconds = Seconds { fit: other.seconds.fit, predict: other.seconds.predict, ..own.seconds };
    Record {
        outcome: other.outcome,
        confusion: other.confusion,
        tied: other.tied,
        no_better_than_chance: other.no_better_than_chance,
        metrics: other.metrics.clone(),
        metric_versions: other.metric_versions.clone(),
        validation: other.validation.clone(),
        seconds,
        threads: other.threads,
        peak_memory_mib: other.peak_memory_mib,
        stages: other.stages.clone(),
        details: other.details.clone(),
        candidate_seconds: other.candidate_seconds.clone(),
        sieves: other.sieves.clone(),
        kept: other.kept,
        equals: Some(other.key.clone()),
        ..own
    }
}

fn note(record: &mut Record, failure: &Failure, columns: Option<&[Column]>) {
    record.outcome = failure.outcome;
    record.stage = Some(failure.stage);
    let said = failure.said(columns);
    // Libraries of others and names of columns have line breaks; a reason is one sentence, and stands on one line of a log.
    record.reason = Some(if said.contains(['\n', '\r']) { one_line(&said) } else { said });
    let cost = |taken: Duration| StageCost { stage: failure.stage, seconds: taken.as_secs_f64(), memory_mib: None };
    record.stages.extend(failure.taken.map(cost));
}

/// The columns that a cell's stages are given, for the names in messages; none where encoder or scaler made
/// others of them that have no names.
fn columns<'j>(job: &Job<'j>, cell: &Cell, prepared: Option<&'j Prepared>) -> Option<&'j [Column]> {
    let read = job.table(cell).data.columns;
    let is_number = |column: &Column| !matches!(column.kind, Kind::Category(_));
    match prepared {
        Some(prepared) if !prepared.columns.is_empty() => Some(&prepared.columns),
        Some(prepared) if prepared.layout.columns != read.len() => None,
        _ => Some(read).filter(|columns| columns.iter().all(is_number)),
    }
}

fn measure(
    job: &Job<'_>,
    cell: &Cell,
    (prepared, files): (&Prepared, Files<'_>),
    seconds: &mut Seconds,
    reached: &mut dyn FnMut(Stage),
) -> Result<Scores, Failure> {
    let component = &job.study.classifiers[cell.classifier].component;
    let context = Context { seed: cell.classifier_seed(job.study) };
    // The rows are resident before the fit begins: its memory is what it needs beside them.
    let matrices = guarded(Stage::Fit, || Matrices::open(files.matrices, prepared.layout))?;
    reached(Stage::Fit);
    let started = Instant::now();
    let (x, y) = matrices.part(Portion::Train);
    let raw = if component.uses_raw_rows() { RawRows::of(job, cell)? } else { None };
    let names = columns(job, cell, Some(prepared)).unwrap_or(&prepared.columns);
    let mut train = Train::new(Features { x, columns: names }, y);
    train.weight = matrices.weights();
    train.validation = Some(matrices.part(Portion::Validation)).filter(|(_, y)| !y.is_empty());
    let train = raw.as_ref().map_or(train, |raw| train.made_of(raw));
    let model = guarded(Stage::Fit, || component.fit(&train, &context));
    seconds.fit = started.elapsed().as_secs_f64();
    let model = model.map_err(|failure| with_resampler(job, cell, prepared, failure))?;
    reached(Stage::Predict);
    let started = Instant::now();
    let (x, y) = matrices.part(Portion::Test);
    let prediction = predict(model.as_ref(), x);
    seconds.predict = started.elapsed().as_secs_f64();
    reached(Stage::Score);
    let prediction = prediction?;
    let test = score(job, y, &prediction)?;
    let sieves = sieves(model.as_ref(), x, (y, &prediction))?;
    let (validated, validation) = match matrices.part(Portion::Validation) {
        (_, []) => (None, BTreeMap::new()),
        (x, y) => {
            let validated = predict(model.as_ref(), x)?;
            let scores = guarded(Stage::Score, || Ok(metrics(job, &Scored::new(y, &validated)?)))?;
            (Some(validated), scores)
        }
    };
    guarded(Stage::Predict, || model.close())?;
    if let Some(path) = files.said {
        let parts: Vec<&Prediction> = std::iter::once(&prediction).chain(&validated).collect();
        guarded(Stage::Score, || write_said(path, &parts))?;
    }
    Ok(Scores { test, validation, details: model.details(), sieves })
}

/// What the model's stages did to the test rows, if it has any.
fn sieves(model: &dyn Model, x: ArrayView2<'_, f64>, (y, said): (&[u8], &Prediction)) -> Result<Vec<Sieve>, Failure> {
    let stages = model.stages();
    if stages.is_empty() {
        return Ok(Vec::new());
    }
    let passed = guarded(Stage::Score, || model.passed(x, said))?;
    Ok(Sieve::of(stages, y, |row| passed[row]))
}

/// The failure of a fit; with the resampler, where that has left one class only.
fn with_resampler(job: &Job<'_>, cell: &Cell, prepared: &Prepared, failure: Failure) -> Failure {
    let (rows, positives) =
        (prepared.layout.rows[Portion::Train as usize], prepared.positives[Portion::Train as usize]);
    let lost = match positives {
        _ if prepared.removed == 0 => return failure,
        0 => "positive",
        all if all == rows => "negative",
        _ => return failure,
    };
    let resampler = &job.study.resamplers[cell.resampler].facts.id;
    let reason = format!(
        "{}; the resampler `{resampler}` dropped {} and left no {lost} one: write another resampler, or another `sampling_strategy`",
        failure.reason,
        counted(prepared.removed as u64, "training row"),
    );
    Failure { reason, ..failure }
}

/// All scores, then all labels, then what the scores are.
fn write_said(path: &Path, parts: &[&Prediction]) -> Result<(), Error> {
    let rows: usize = parts.iter().map(|part| part.score.len()).sum();
    let mut map = map_new(path, rows * (size_of::<f64>() + 1) + 1)?;
    let (scores, rest) = map.split_at_mut(rows * size_of::<f64>());
    let mut at = 0;
    for part in parts {
        let n = part.score.len();
        scores[at * size_of::<f64>()..][..n * size_of::<f64>()].copy_from_slice(bytemuck::cast_slice(&part.score));
        rest[at..][..n].copy_from_slice(&part.label);
        at += n;
    }
    rest[rows] = u8::from(parts.iter().all(|part| part.kind == ScoreKind::Probability));
    Ok(())
}

/// What [`execute`] has written into the file at `path` for the prefix's test and validation rows.
///
/// # Errors
/// [`Error::Io`]; [`Error::Component`] when it has another size.
pub fn read_said(path: &Path, prepared: &Prepared) -> Result<Predictions, Error> {
    let [test, validation] = [Portion::Test, Portion::Validation].map(|part| prepared.layout.rows[part as usize]);
    let rows = test + validation;
    let map = map(path, rows * (size_of::<f64>() + 1) + 1)?;
    let (scores, rest) = map.split_at(rows * size_of::<f64>());
    let scores: &[f64] = bytemuck::cast_slice(scores);
    let kind = if rest[rows] == 1 { ScoreKind::Probability } else { ScoreKind::Decision };
    let part = |rows: std::ops::Range<usize>| Prediction {
        score: scores[rows.clone()].to_vec(),
        label: rest[rows].to_vec(),
        kind,
    };
    Ok(Predictions { test: part(0..test), validation: (validation > 0).then(|| part(test..rows)) })
}

fn predict(model: &dyn Model, x: ArrayView2<'_, f64>) -> Result<Prediction, Failure> {
    guarded(Stage::Predict, || {
        let prediction = model.predict(x)?;
        let rows = x.nrows();
        if prediction.score.len() != rows || prediction.label.len() != rows {
            return Err(Error::Component(format!(
                "{} scores and {} labels came back for {rows} rows",
                prediction.score.len(),
                prediction.label.len()
            )));
        }
        Ok(prediction)
    })
}

/// What scores and labels of the test rows say.
struct Said {
    confusion: Confusion,
    tied: Option<Tied>,
    no_better_than_chance: bool,
    metrics: BTreeMap<String, Score>,
}

fn score(job: &Job<'_>, y: &[u8], prediction: &Prediction) -> Result<Said, Failure> {
    guarded(Stage::Score, || {
        let scored = Scored::new(y, prediction)?;
        let area = ROC_AUC.score(&scored).value();
        let no_better_than_chance = area.is_some_and(|area| area <= 0.5);
        let metrics = metrics(job, &scored);
        Ok(Said { confusion: scored.confusion, tied: tied(&scored), no_better_than_chance, metrics })
    })
}

/// The study's metrics that a worker can compute.
fn metrics(job: &Job<'_>, scored: &Scored<'_>) -> BTreeMap<String, Score> {
    let of_worker = job.study.metrics.iter().filter(|metric| is_of_worker(metric));
    of_worker.map(|metric| (metric.id.to_owned(), metric.score(scored))).collect()
}

/// The rows of one score, where they are more than half of all.
fn tied(scored: &Scored<'_>) -> Option<Tied> {
    let step = scored.ranks().ok()?.most_tied()?;
    let rows = step.positives + step.negatives_tied;
    (2 * rows > scored.confusion.rows()).then(|| Tied {
        rows,
        positives: step.positives,
        average_precision: PR_AUC.score(scored).value(),
    })
}

fn blank(job: &Job<'_>, cell: &Cell, prepared: Option<&Prepared>) -> Record {
    let study = job.study;
    let classifier = &study.classifiers[cell.classifier].facts;
    let rows = |part: Portion| prepared.map_or(0, |p| p.layout.rows[part as usize] as u64);
    let positives = |part: Portion| prepared.map_or(0, |p| p.positives[part as usize] as u64);
    Record {
        v: FORMAT,
        key: job.key(cell),
        cell: cell.id.clone(),
        family: classifier.id.clone(),
        backend: classifier.backend.clone(),
        outcome: Outcome::Failed,
        stage: None,
        reason: None,
        train_rows: rows(Portion::Train),
        train_positives: positives(Portion::Train),
        removed_rows: prepared.map_or(0, |p| p.removed as u64),
        repeated_rows: prepared.map_or(0, |p| p.repeated as u64),
        made_rows: prepared.map_or(0, |p| p.made as u64),
        columns: prepared.map_or(0, |p| p.layout.columns as u64),
        test_rows: rows(Portion::Test),
        test_positives: positives(Portion::Test),
        rows: prepared.and_then(|p| p.rows.clone()),
        sided_rows: prepared.and_then(|p| p.sided_rows.clone()),
        confusion: None,
        tied: None,
        no_better_than_chance: false,
        metrics: BTreeMap::new(),
        metric_versions: versions(&study.metrics),
        validation: BTreeMap::new(),
        seconds: Seconds {
            resample: prepared.map_or(0.0, |p| p.resample_s),
            scale: prepared.map_or(0.0, |p| p.scale_s),
            ..Seconds::default()
        },
        threads: 1,
        peak_memory_mib: None,
        stages: prepared.map_or_else(Vec::new, |p| p.stages.clone()),
        input: prepared.map(|p| super::reuse::input(job, cell, p)),
        equals: None,
        details: None,
        candidate_seconds: Vec::new(),
        sieves: Vec::new(),
        kept: false,
        seed: cell.classifier_seed(study),
        imputer_facts: study.imputers[cell.imputer].facts.clone(),
        resampler_facts: study.resamplers[cell.resampler].facts.clone(),
        encoder_facts: study.encoders[cell.encoder].facts.clone(),
        scaler_facts: study.scalers[cell.scaler].facts.clone(),
        select_facts: study.selects[cell.select].facts.clone(),
        classifier_facts: classifier.clone(),
    }
}
