//! What a run keeps account of: how many cells there are still, how long they take, who has which input.

use std::collections::HashMap;

use super::estimate;
use super::job::Job;
use super::pace::{Alike, Pace};
use super::reuse::{Course, Inputs};
use super::runner::{Order, Summary};
use crate::cell::{Cell, CellId};
use crate::store::{Outcome, Record};
use crate::study::Study;

/// See the module.
pub struct Ledger {
    pace: Pace,
    outstanding: HashMap<Alike, usize>,
    /// None where every cell is fitted, equal input or not.
    inputs: Option<Inputs>,
    threads: usize,
    pub summary: Summary,
}

impl Ledger {
    /// What is known before the first cell: the estimates, corrected by the records that are there.
    pub fn new(job: &Job<'_>, order: &Order<'_>) -> Self {
        let mut outstanding = HashMap::new();
        for cell in order.cells {
            *outstanding.entry(kind(job.study, cell)).or_default() += 1;
        }
        Ledger {
            pace: pace(job, order),
            outstanding,
            inputs: (!order.refit).then(|| Inputs::of(order.records)),
            threads: order.limits.threads,
            summary: Summary { left: order.cells.len(), ..Summary::default() },
        }
    }

    /// Sorts cells so that those that are expected to take longest come first.
    pub fn longest_first(&self, cells: &mut [usize], kind: impl Fn(usize) -> Alike) {
        cells.sort_by(|&a, &b| self.pace.expect(kind(b)).total_cmp(&self.pace.expect(kind(a))));
    }

    /// What to do with a cell whose prefix is there; `input` says what its input is.
    pub fn enter(&mut self, cell: usize, input: impl FnOnce() -> String) -> Course {
        match &mut self.inputs {
            Some(inputs) => inputs.enter(&input(), cell),
            None => Course::Run,
        }
    }

    /// Takes account of a record that is on disk. Returns the estimated seconds until all cells are done, and the cells that
    /// waited for its result.
    pub fn record(&mut self, kind: Alike, record: &Record) -> (Option<f64>, Vec<usize>) {
        if let Some(count) = self.outstanding.get_mut(&kind) {
            *count -= 1;
        }
        match record.outcome {
            Outcome::Scored => self.summary.scored += 1,
            _ => self.summary.failed += 1,
        }
        self.summary.left -= 1;
        let mut waiting = Vec::new();
        match record.equals {
            Some(_) => self.summary.copied += 1,
            None => {
                self.pace.add(kind, thread_seconds(record));
                self.summary.busy += thread_seconds(record);
                waiting = self.inputs.as_mut().map(|inputs| inputs.finished(record)).unwrap_or_default();
            }
        }
        (self.pace.remaining(&self.outstanding, self.threads), waiting)
    }
}

/// Which cells are alike: (data set and classifier, encoder, scaler and select).
pub fn kind(study: &Study, cell: &Cell) -> Alike {
    let steps = cell.encoder * study.scalers.len() + cell.scaler;
    (cell.data * study.classifiers.len() + cell.classifier, steps * study.selects.len() + cell.select)
}

fn pace(job: &Job<'_>, order: &Order<'_>) -> Pace {
    let study = job.study;
    let mut estimates = HashMap::new();
    // Names of the kinds, as records have them.
    let mut kinds = HashMap::new();
    for cell in order.cells {
        let kind = kind(study, cell);
        estimates.entry(kind).or_insert_with(|| {
            let (rows, columns) = job.table(cell).data.x().dim();
            estimate::cell_seconds(study, cell, (rows, columns))
        });
        kinds.insert(alike(&cell.id), kind);
    }
    let mut pace = Pace::new(estimates);
    for record in order.records.iter().filter(|r| r.outcome == Outcome::Scored && r.equals.is_none()) {
        if let Some(kind) = kinds.get(&alike(&record.cell)) {
            pace.add(*kind, thread_seconds(record));
        }
    }
    pace.into_estimates()
}

fn alike(cell: &CellId) -> [&str; 5] {
    [&cell.data_set, &cell.classifier, &cell.encoder, &cell.scaler, &cell.select]
}

fn thread_seconds(record: &Record) -> f64 {
    (record.seconds.fit + record.seconds.predict) * f64::from(record.threads.max(1))
}
