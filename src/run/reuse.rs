//! Exact reuse: a cell whose real input is bit for bit that of an earlier one is not fitted again.

use std::collections::HashMap;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::job::Job;
use super::prefix::Prepared;
use crate::cell::Cell;
use crate::data::hex;
use crate::store::{Outcome, Record};

/// All that a cell's predictions follow from, hashed: matrices and labels, classifier with parameters and version, its seed.
/// All other components, data set and variant matter only through the matrices that they made, unless inner folds are cut from
/// the rows before them. In a run with several data sets the test rows' amounts, groups and days count, too: metrics read them.
pub fn input(job: &Job<'_>, cell: &Cell, prepared: &Prepared) -> String {
    let study = job.study;
    let facts = &study.classifiers[cell.classifier].facts;
    let mut whole = vec![json!(prepared.digest), json!(facts), json!(cell.classifier_seed(study))];
    if cell.has_own_inner_folds(study, job.table(cell).data.digests) {
        whole.push(json!(job.key(cell)));
    }
    if let Some(rows) = &prepared.sided_rows {
        whole.push(json!(rows));
    }
    let whole = json!(whole);
    hex(&Sha256::digest(whole.to_string().as_bytes())[..16])
}

/// Who has which input. Prefixes are entered in plan order, so that whatever the number of workers the earliest cell of
/// the plan is the one that is fitted.
#[derive(Default)]
pub struct Inputs(HashMap<String, Holder>);

enum Holder {
    /// Being run; these cells wait for it.
    Running(Vec<usize>),
    Scored(Box<Record>),
}

/// What to do with a cell.
pub enum Course {
    /// Nobody has its input: run it.
    Run,
    /// An earlier cell has it and is not done: it is handed back by [`Inputs::finished`].
    Wait,
    /// This record's result is its result.
    Copy(Box<Record>),
}

impl Inputs {
    /// Knows the scored ones among `records`, of an earlier run into the same directory.
    pub fn of(records: &[Record]) -> Self {
        let mut inputs = Inputs::default();
        for record in records.iter().filter(|r| r.equals.is_none()) {
            inputs.finished(record);
        }
        inputs
    }

    /// Enters a cell by its input.
    pub fn enter(&mut self, input: &str, cell: usize) -> Course {
        match self.0.get_mut(input) {
            Some(Holder::Scored(record)) => Course::Copy(record.clone()),
            Some(Holder::Running(waiting)) => {
                waiting.push(cell);
                Course::Wait
            }
            None => {
                self.0.insert(input.to_owned(), Holder::Running(Vec::new()));
                Course::Run
            }
        }
    }

    /// Takes the record of a cell that was run; returns the cells that waited for it. If it was scored they are to be
    /// copied, else they have to be entered again.
    pub fn finished(&mut self, record: &Record) -> Vec<usize> {
        let Some(input) = &record.input else { return Vec::new() };
        let before = match record.outcome {
            Outcome::Scored => self.0.insert(input.clone(), Holder::Scored(Box::new(record.clone()))),
            _ => self.0.remove(input),
        };
        match before {
            Some(Holder::Running(waiting)) => waiting,
            _ => Vec::new(),
        }
    }
}
