//! One cell: fit, predict, score, and the record of it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::prefix::{Failure, Part, Prepared, guarded};
use super::runner::Job;
use crate::classify::{Context, Model, Prediction};
use crate::error::Error;
use crate::metric::{self, Confusion, Score, Scored};
use crate::store::{FORMAT, Outcome, Record, Seconds, Stage};
use crate::study::Cell;

struct Scores {
    confusion: Confusion,
    metrics: BTreeMap<String, Score>,
    validation: BTreeMap<String, Score>,
}

/// Runs `cell` on its prefix's matrices.
pub fn execute(job: &Job<'_>, cell: &Cell, prepared: &Prepared) -> Record {
    let mut record = blank(job, cell);
    let positives = |y: &[u8]| y.iter().filter(|&&label| label == 1).count() as u64;
    record.train_rows = prepared.train.y.len() as u64;
    record.train_positives = positives(&prepared.train.y);
    record.removed_rows = prepared.removed as u64;
    record.columns = prepared.train.x.ncols() as u64;
    record.test_rows = prepared.test.y.len() as u64;
    record.test_positives = positives(&prepared.test.y);
    record.seconds.resample = prepared.resample_s;
    record.seconds.scale = prepared.scale_s;
    match measure(job, cell, prepared, &mut record.seconds) {
        Ok(scores) => {
            record.outcome = Outcome::Scored;
            record.confusion = Some(scores.confusion);
            record.metrics = scores.metrics;
            record.validation = scores.validation;
        }
        Err(failure) => note(&mut record, failure),
    }
    record
}

/// The record of a cell whose prefix could not be prepared.
pub fn failed(job: &Job<'_>, cell: &Cell, failure: Failure) -> Record {
    let mut record = blank(job, cell);
    note(&mut record, failure);
    record
}

fn note(record: &mut Record, failure: Failure) {
    record.outcome = Outcome::Failed;
    record.stage = Some(failure.stage);
    record.reason = Some(failure.reason);
}

fn measure(job: &Job<'_>, cell: &Cell, prepared: &Prepared, seconds: &mut Seconds) -> Result<Scores, Failure> {
    let component = &job.study.classifiers[cell.classifier].component;
    let context = Context { seed: cell.classifier_seed(job.study) };
    let started = Instant::now();
    let model = guarded(Stage::Fit, || component.fit(prepared.train.x.view(), &prepared.train.y, &context));
    seconds.fit = started.elapsed().as_secs_f64();
    let model = model?;
    let started = Instant::now();
    let prediction = predict(model.as_ref(), &prepared.test);
    seconds.predict = started.elapsed().as_secs_f64();
    let (confusion, metrics) = score(job, &prepared.test, &prediction?)?;
    let validation = match &prepared.validation {
        Some(part) => score(job, part, &predict(model.as_ref(), part)?)?.1,
        None => BTreeMap::new(),
    };
    Ok(Scores { confusion, metrics, validation })
}

fn predict(model: &dyn Model, part: &Part) -> Result<Prediction, Failure> {
    guarded(Stage::Predict, || {
        let prediction = model.predict(part.x.view())?;
        let rows = part.y.len();
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

fn score(job: &Job<'_>, part: &Part, prediction: &Prediction) -> Result<(Confusion, BTreeMap<String, Score>), Failure> {
    guarded(Stage::Score, || {
        let scored = Scored::new(&part.y, prediction)?;
        let metrics = job
            .study
            .metrics
            .iter()
            .map(|id| Ok((id.clone(), (metric::find(id)?.compute)(&scored))))
            .collect::<Result<_, Error>>()?;
        Ok((scored.confusion, metrics))
    })
}

fn blank(job: &Job<'_>, cell: &Cell) -> Record {
    let study = job.study;
    let classifier = &study.classifiers[cell.classifier].facts;
    Record {
        v: FORMAT,
        key: cell.key(study, &job.data.sha256),
        cell: cell.id.clone(),
        family: classifier.id.clone(),
        backend: classifier.backend.clone(),
        outcome: Outcome::Failed,
        stage: None,
        reason: None,
        train_rows: 0,
        train_positives: 0,
        removed_rows: 0,
        columns: 0,
        test_rows: 0,
        test_positives: 0,
        confusion: None,
        metrics: BTreeMap::new(),
        validation: BTreeMap::new(),
        seconds: Seconds::default(),
        threads: job.limits.cell_threads as u32,
        seed: cell.classifier_seed(study),
        resampler_facts: study.resamplers[cell.resampler].facts.clone(),
        scaler_facts: study.scalers[cell.scaler].facts.clone(),
        classifier_facts: classifier.clone(),
    }
}
