//! What one cell left behind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cell::CellId;
use crate::component::ComponentFacts;
use crate::metric::{Confusion, Score};
use crate::search::CandidateSeconds;

/// How a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All its scores are there.
    Scored,
    /// It could not be scored; `stage` and `reason` say why, here and below.
    Failed,
    /// It was not done when its time was up.
    TimedOut,
    /// It took more memory than it may.
    OutOfMemory,
    /// Its worker process died, and so did those that tried again.
    Crashed,
    /// It was not begun: the same cell was too much on a smaller table.
    Skipped,
}

impl Outcome {
    /// The name in records, tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Scored => "scored",
            Outcome::Failed => "failed",
            Outcome::TimedOut => "timed-out",
            Outcome::OutOfMemory => "out-of-memory",
            Outcome::Crashed => "crashed",
            Outcome::Skipped => "skipped",
        }
    }
}

/// Where a cell failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Dividing the rows into parts.
    Split,
    /// Filling in missing values.
    Impute,
    /// Choosing training rows.
    Resample,
    /// Fitting or applying the scaler.
    Scale,
    /// Fitting the classifier.
    Fit,
    /// Predicting the test rows.
    Predict,
    /// Computing the metrics.
    Score,
}

impl Stage {
    /// The name in records, tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Split => "split",
            Stage::Impute => "impute",
            Stage::Resample => "resample",
            Stage::Scale => "scale",
            Stage::Fit => "fit",
            Stage::Predict => "predict",
            Stage::Score => "score",
        }
    }
}

/// Wall seconds of each stage. Resample and scale belong to the prefix, which the cells of a prefix share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Choosing training rows.
    pub resample: f64,
    /// Fitting and applying the scaler.
    pub scale: f64,
    /// Fitting the classifier.
    pub fit: f64,
    /// Predicting the test rows.
    pub predict: f64,
}

/// What one stage of a cell took in its worker.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StageCost {
    /// Which.
    pub stage: Stage,
    /// Wall seconds from its beginning to the next stage's.
    pub seconds: f64,
    /// MiB that it needed at most beyond what was resident when it began; none where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<f64>,
}

/// What one stage of a cascade did to the test rows that reached it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sieve {
    /// What decides there.
    pub stage: String,
    /// Rows that reached it.
    pub rows: u64,
    /// Positives among them.
    pub positives: u64,
    /// Rows that it passed on.
    pub left_rows: u64,
    /// Positives among these.
    pub left_positives: u64,
}

// Records whose counts do not follow from each other are left out before anything reads them (`analyze::trust`).
impl Sieve {
    /// Positives that it stopped.
    pub fn missed(&self) -> u64 {
        self.positives - self.left_positives
    }

    /// Negatives that it stopped.
    pub fn filtered(&self) -> u64 {
        self.rows - self.left_rows - self.missed()
    }

    /// Adds what it did on other rows.
    pub fn add(&mut self, other: &Sieve) {
        self.rows += other.rows;
        self.positives += other.positives;
        self.left_rows += other.left_rows;
        self.left_positives += other.left_positives;
    }

    /// Those of stages `names`, from the rows' labels and how many stages each row has passed.
    pub fn of(names: Vec<String>, y: &[u8], passed: impl Fn(usize) -> usize) -> Vec<Self> {
        let blank = |stage| Sieve { stage, rows: 0, positives: 0, left_rows: 0, left_positives: 0 };
        let mut sieves: Vec<Sieve> = names.into_iter().map(blank).collect();
        for (row, &label) in y.iter().enumerate() {
            let (passed, positive) = (passed(row), u64::from(label));
            for (nth, sieve) in sieves.iter_mut().enumerate().take(passed + 1) {
                sieve.rows += 1;
                sieve.positives += positive;
                if nth < passed {
                    sieve.left_rows += 1;
                    sieve.left_positives += positive;
                }
            }
        }
        sieves
    }
}

/// Test rows with one and the same score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tied {
    /// How many.
    pub rows: u64,
    /// How many of them are positive, at least one.
    pub positives: u64,
    /// The average precision of all test rows, be it among the study's metrics or not; none in records of older builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<f64>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Format version of this line.
    pub v: u32,
    /// Everything that could change the predictions, hashed: data, protocol, parameters, split, seed, component versions.
    pub key: String,
    /// Which cell.
    #[serde(flatten)]
    pub cell: CellId,
    /// The classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Why it failed, one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Training rows after resampling.
    pub train_rows: u64,
    /// Positives among them.
    pub train_positives: u64,
    /// Training rows that the resampler dropped.
    pub removed_rows: u64,
    /// Training rows that the resampler repeated, counted without their first time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeated_rows: u64,
    /// Training rows that the resampler made up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub made_rows: u64,
    /// Columns after scaling.
    pub columns: u64,
    /// Test rows.
    pub test_rows: u64,
    /// Positives among them.
    pub test_positives: u64,
    /// The digest of the split's test and validation rows, which names the file that keeps them; none where its prefix could
    /// not be prepared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// The digest of the same rows with their amounts, groups and days, which names the file instead; where the run has several
    /// data sets, of which two may have the same rows with other ones of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sided_rows: Option<String>,
    /// Counts at the model's own labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    /// The score of a positive that most rows have, where that is more than half of them; none in records of older builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tied: Option<Tied>,
    /// Whether positives rank no better than chance: the ROC-AUC of the test rows is 0.5 or less, be it among the study's metrics or
    /// not. Records of older builds do not tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_better_than_chance: bool,
    /// Every metric of the study by id.
    #[serde(default)]
    pub metrics: BTreeMap<String, Score>,
    /// The same metrics on the validation rows, where the protocol has them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub validation: BTreeMap<String, Score>,
    /// The versions of the metrics above that are not of version 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metric_versions: BTreeMap<String, u32>,
    /// Wall seconds by stage.
    pub seconds: Seconds,
    /// Threads that the cell could use.
    pub threads: u32,
    /// What each candidate of its search took, in the order of `details`; empty where nothing was searched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidate_seconds: Vec<CandidateSeconds>,
    /// The most memory that its worker had, the shared matrices included; none where cells share a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_mib: Option<u64>,
    /// What its stages took, in order, up to the one that failed; empty where cells share a process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageCost>,
    /// All that its result follows from, hashed; none where its prefix could not be prepared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The key of the cell that was fitted on the same input: scores and times are that cell's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// What else the model tells of itself, such as what a search found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// What each stage of a cascade did to the test rows; empty for other families.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sieves: Vec<Sieve>,
    /// Whether what the model said was kept, under this record's key or under that of the one that it equals.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// The seed that the classifier got.
    pub seed: u64,
    /// The imputer as used.
    pub imputer_facts: ComponentFacts,
    /// The resampler as used.
    pub resampler_facts: ComponentFacts,
    /// The encoder as used.
    pub encoder_facts: ComponentFacts,
    /// The scaler as used.
    pub scaler_facts: ComponentFacts,
    /// What selects columns, as used; left out where nothing does.
    #[serde(default = "ComponentFacts::none", skip_serializing_if = "ComponentFacts::is_none")]
    pub select_facts: ComponentFacts,
    /// The classifier as used.
    pub classifier_facts: ComponentFacts,
}

impl Record {
    /// Training rows before resampling.
    ///
    /// Records of the first builds did not say which rows a resampler had added: there it is what was left after it.
    pub fn rows_before_resampling(&self) -> u64 {
        (self.train_rows + self.removed_rows).saturating_sub(self.repeated_rows + self.made_rows)
    }

    /// Which cell's it is, and by which key: data sets with the same features and labels share keys.
    pub fn whose(&self) -> (&CellId, &str) {
        (&self.cell, &self.key)
    }

    /// What names the file that keeps the rows that it was judged on; none where its prefix could not be prepared.
    pub fn rows_file(&self) -> Option<&str> {
        self.sided_rows.as_deref().or(self.rows.as_deref())
    }

    /// The components of its cell as they were used, in the order of the work.
    pub fn components(&self) -> [(&'static str, &ComponentFacts); 6] {
        [
            ("imputer", &self.imputer_facts),
            ("resampler", &self.resampler_facts),
            ("encoder", &self.encoder_facts),
            ("scaler", &self.scaler_facts),
            ("select", &self.select_facts),
            ("classifier", &self.classifier_facts),
        ]
    }
}

impl Record {
    /// The version of the metric `id` that its score is by.
    pub fn metric_version(&self, id: &str) -> u32 {
        self.metric_versions.get(id).copied().unwrap_or(1)
    }
}

/// Whether `text` is a record's key: 32 hexadecimal digits, so that nothing else becomes the name of a file.
pub fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_see_what_those_before_have_passed_on() {
        let passed = [0, 1, 2, 2, 0, 1];
        let sieves = Sieve::of(vec!["a".into(), "b".into()], &[0, 0, 0, 1, 1, 1], |row| passed[row]);
        let of = |nth: usize| {
            let sieve: &Sieve = &sieves[nth];
            (sieve.rows, sieve.filtered(), sieve.missed(), sieve.left_rows, sieve.left_positives)
        };
        assert_eq!((of(0), of(1)), ((6, 1, 1, 4, 2), (4, 1, 1, 2, 1)));
        assert!(Sieve::of(Vec::new(), &[0, 1], |_| 0).is_empty());
    }
}
