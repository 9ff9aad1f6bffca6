//! What a run keeps account of: how many cells there are still, how long they take, who has which input.

use std::collections::HashMap;

use super::estimate;
use super::job::Job;
use super::pace::{Kind, Pace};
use super::reuse::{Inputs, Verdict};
use super::runner::{Order, Summary};
use crate::store::{Outcome, Record};

/// See the module.
pub struct Ledger {
    pace: Pace,
    outstanding: HashMap<Kind, usize>,
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
            *outstanding.entry((cell.classifier, cell.scaler)).or_default() += 1;
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
    pub fn longest_first(&self, cells: &mut [usize], kind: impl Fn(usize) -> Kind) {
        cells.sort_by(|&a, &b| self.pace.expect(kind(b)).total_cmp(&self.pace.expect(kind(a))));
    }

    /// What to do with a cell whose prefix is there; `input` says what its input is.
    pub fn enter(&mut self, cell: usize, input: impl FnOnce() -> String) -> Verdict {
        match &mut self.inputs {
            Some(inputs) => inputs.enter(&input(), cell),
            None => Verdict::Run,
        }
    }

    /// Takes account of a record that is on disk. Returns the estimated seconds until all cells are done, and the cells that
    /// waited for its result.
    pub fn record(&mut self, kind: Kind, record: &Record) -> (Option<f64>, Vec<usize>) {
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

fn pace(job: &Job<'_>, order: &Order<'_>) -> Pace {
    let (rows, columns) = job.data.x().dim();
    let mut estimates = HashMap::new();
    for classifier in 0..job.study.classifiers.len() {
        for scaler in 0..job.study.scalers.len() {
            let seconds = estimate::cell_seconds(job.study, scaler, classifier, rows, columns);
            estimates.insert((classifier, scaler), seconds);
        }
    }
    let mut pace = Pace::new(estimates);
    for record in order.records.iter().filter(|r| r.outcome == Outcome::Scored && r.equals.is_none()) {
        let classifier = job.study.classifiers.iter().position(|c| c.name == record.cell.classifier);
        let scaler = job.study.scalers.iter().position(|s| s.name == record.cell.scaler);
        if let (Some(classifier), Some(scaler)) = (classifier, scaler) {
            pace.add((classifier, scaler), thread_seconds(record));
        }
    }
    pace.into_estimates()
}

fn thread_seconds(record: &Record) -> f64 {
    (record.seconds.fit + record.seconds.predict) * f64::from(record.threads.max(1))
}
