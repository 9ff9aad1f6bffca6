//! What is said between the run and its workers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cell::Cell;
use crate::run::prefix::{Failure, Kept, Prepared};
use crate::run::tables::TableLayout;
use crate::split::Leaks;
use crate::store::{Record, Stage};

/// The first line that a worker reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Begin {
    /// The study file's text.
    pub study: String,
    /// Its name.
    pub study_file: String,
    /// The shared file with the tables.
    pub data: PathBuf,
    /// The number of the first table in it, among the study's data sets.
    pub first: usize,
    /// Of the last tables in it, the data sets that leaks of columns made them of, and these leaks.
    pub derived: Vec<(usize, Leaks)>,
    /// The tables in it.
    pub tables: Vec<TableLayout>,
}

/// What a worker is to do, and with what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    pub threads: usize,
    /// Bytes of private memory that the worker may have meanwhile, as the operating system enforces it.
    pub memory: u64,
    pub cell: Cell,
    pub work: Work,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// Let the cell's resampler choose; positions go into the shared file.
    Resample { into: PathBuf },
    /// Make the matrices of the cell's prefix.
    Prepare { choice: PathBuf, kept: Kept, into: PathBuf },
    /// Run the cell. Its scores and labels of the test rows go into the shared file `said`, where there is one.
    Run { matrices: PathBuf, prepared: Prepared, said: Option<PathBuf> },
}

impl Work {
    /// The stage that it begins with.
    pub fn first_stage(&self) -> Stage {
        match self {
            Work::Resample { .. } => Stage::Resample,
            Work::Prepare { .. } => Stage::Scale,
            Work::Run { .. } => Stage::Fit,
        }
    }
}

/// What a worker says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// It has mapped the data.
    Ready,
    /// It has reached this stage.
    Stage(Stage),
    /// The processes that it keeps from cell to cell are these now: their own memory is no cell's.
    Lasting(BTreeSet<u32>),
    Kept(Kept),
    Prepared(Prepared),
    Failed(Failure),
    Record(Box<Record>),
}
