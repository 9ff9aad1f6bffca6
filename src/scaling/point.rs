//! What is measured and what is kept of it: the wire shapes of `points.jsonl`.

use serde::{Deserialize, Serialize};

use crate::component::{Entry, Registry, find};
use crate::error::{Error, Result};
use crate::simulate::{Positives, Simulation};
use crate::store::Machine;

/// Kinds of component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A classifier: fit on the training part, predict the test part, both scaled by `standard`.
    Family,
    /// A scaler: fit on the training part, transform both parts.
    Scaler,
    /// A resampler: choose among the training rows, as they are.
    Resampler,
}

/// A component with its default parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its kind.
    pub kind: SubjectKind,
    /// Its id.
    pub name: String,
    /// What implements it.
    pub backend: String,
    /// Its version.
    pub version: u32,
}

impl Subject {
    /// The component called `name`, or `name/backend`.
    ///
    /// # Errors
    /// [`Error::Usage`] for an unknown name, with the nearest one.
    pub fn find(kind: SubjectKind, name: &str) -> Result<Self> {
        let (id, backend) = name.split_once('/').map_or((name, None), |(id, backend)| (id, Some(backend)));
        fn facts<T: ?Sized>(e: &Entry<T>) -> (String, u32) {
            (e.backend.to_owned(), e.version)
        }
        let found = match kind {
            SubjectKind::Family => Registry::built_in().classifier(id, backend).map(facts),
            SubjectKind::Scaler => find("scaler", Registry::built_in().scalers(), id, backend).map(facts),
            SubjectKind::Resampler => find("resampler", Registry::built_in().resamplers(), id, backend).map(facts),
        };
        let (backend, version) = found.map_err(|e| Error::Usage(e.to_string()))?;
        Ok(Subject { kind, name: id.to_owned(), backend, version })
    }

    /// What tables call it: the id, with the backend where that is not the default one.
    pub fn title(&self) -> String {
        let default = Subject::find(self.kind, &self.name).is_ok_and(|known| known.backend == self.backend);
        if default { self.name.clone() } else { format!("{}/{}", self.name, self.backend) }
    }
}

/// One measurement that is to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What is measured.
    #[serde(flatten)]
    pub subject: Subject,
    /// Rows, both parts together.
    pub rows: usize,
    /// The share of positives.
    pub positives: f64,
    /// Feature columns.
    pub columns: usize,
    /// The seed of the data, the split and the component.
    pub seed: u32,
    /// Threads.
    pub threads: usize,
}

impl Task {
    /// The data.
    pub fn simulation(&self) -> Simulation {
        let positives = Positives::Share(self.positives);
        Simulation { rows: self.rows, positives, columns: self.columns, seed: u64::from(self.seed) }
    }
}

/// How a measurement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It has all its stages.
    Measured,
    /// It was ended at the deadline.
    TimedOut,
    /// It wanted more memory than it was allowed, or than there was.
    OutOfMemory,
    /// The component refused, or broke.
    Failed,
    /// It was not begun, because a smaller size had timed out or run out of memory.
    Skipped,
}

impl Ending {
    /// In words, for tables.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Measured => "measured",
            Ending::TimedOut => "timed out",
            Ending::OutOfMemory => "out of memory",
            Ending::Failed => "failed",
            Ending::Skipped => "skipped",
        }
    }
}

/// One stage of a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Wall seconds.
    pub seconds: f64,
    /// Resident memory when it began, MiB; none where the system does not tell.
    pub before_mib: Option<f64>,
    /// The most resident memory while it ran, MiB; none where the system does not tell.
    pub peak_mib: Option<f64>,
}

impl Stage {
    /// What the stage needed beside what was there when it began, MiB.
    pub fn extra_mib(&self) -> Option<f64> {
        Some((self.peak_mib? - self.before_mib?).max(0.0))
    }
}

/// What a measuring process hands back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// Training rows, before resampling.
    pub train_rows: usize,
    /// Test rows.
    pub test_rows: usize,
    /// Rows that dedup dropped.
    pub duplicate_rows: usize,
    /// Average precision on the test part, of a family.
    pub pr_auc: Option<f64>,
}

/// A line of `points.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Version of the format of results directories.
    pub v: u32,
    /// What was to be measured.
    #[serde(flatten)]
    pub task: Task,
    /// How it ended.
    pub outcome: Ending,
    /// Why it has no measurement.
    pub reason: Option<String>,
    /// The measurement.
    pub measured: Option<Measured>,
    /// The deadline, seconds.
    pub limit_seconds: f64,
    /// The memory limit, MiB of address space.
    pub limit_mib: u64,
    /// The program's version.
    pub fraudbench: String,
    /// The machine.
    pub machine: Machine,
}
