//! What pipelines look at: explanations that `fraudbench explain` has left in a run's folder, as the report shows them.
//!
//! | file | what it does |
//! |---|---|
//! | `files` | the files of one explanation: tables, and its charts |
//! | `section` | all explanations of a run in words and tables |

mod files;
mod section;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::analyze::Results;
use crate::analyze::leaderboard::{Leaderboard, distinct};
use crate::error::{Error, Result};
use crate::store::{names_in, read_beside};
use crate::words::harmless_line;

pub(super) use section::{chart, section};

/// The folder of explanations in a results directory; each has a folder in it.
pub(crate) const FOLDER: &str = "explain";
/// All of an explanation.
const FILE: &str = "explain.json";

/// What a pipeline looks at, fold by fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The study's title.
    pub title: String,
    /// The data set.
    pub data_set: String,
    /// The pipeline, as filters name it.
    pub pipeline: String,
    /// The metric that columns are shuffled for.
    pub metric: String,
    /// Whether smaller values of it are better.
    pub lower_is_better: bool,
    /// The seed of all draws.
    pub seed: u32,
    /// How often each column is shuffled.
    pub repeats: usize,
    /// The table's columns.
    pub columns: Vec<String>,
    /// The columns that reach the classifier, where folds agree on them.
    pub made: Vec<String>,
    /// What SHAP values explain; none where there are none.
    pub shap_explains: Option<String>,
    /// Why there are no SHAP values.
    pub no_shap: Option<String>,
    /// By fold.
    pub folds: Vec<ExplainedFold>,
}

/// What was found on one fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainedFold {
    /// The repeat.
    pub repeat: u32,
    /// The fold.
    pub fold: u32,
    /// The metric on the test rows as they are.
    pub score: f64,
    /// For each column of the table, what the metric loses each time that the column is shuffled.
    pub importance: Vec<Vec<f64>>,
    /// Rows of the table that it was tested on.
    pub test: Vec<usize>,
    /// SHAP values, if the classifier has any.
    pub shap: Option<FoldShap>,
}

/// SHAP values of a fold's test rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldShap {
    /// Rows of the table that are explained.
    pub rows: Vec<usize>,
    /// Rows of the table that they are measured against.
    pub background: Vec<usize>,
    /// What the values of a row add up to beyond it.
    pub base: f64,
    /// For each explained row a value per column that reaches the classifier.
    pub values: Vec<Vec<f64>>,
    /// For each column the mean size of its values, over rows of label 0 and of label 1; none where no row of the label is explained.
    pub mean_abs: Vec<[Option<f64>; 2]>,
}

/// A name and a value on each fold that has one.
type Line<'e> = (&'e str, Vec<f64>);

impl Explanation {
    /// Of each column what it loses, the most first.
    pub fn losses(&self) -> Vec<Line<'_>> {
        let of = |(at, name): (usize, _)| (name, self.folds.iter().map(|fold| mean(&fold.importance[at])).collect());
        sorted(self.columns.iter().map(String::as_str).enumerate().map(of).collect())
    }

    /// Of each column that reaches the classifier the mean size of its values for positives, the largest first.
    pub fn sizes(&self) -> Vec<Line<'_>> {
        let of = |(at, name): (usize, _)| (name, self.sizes_of(at, 1));
        sorted(self.made.iter().map(String::as_str).enumerate().map(of).collect())
    }

    /// The mean sizes of a column's values for rows of a label, by fold.
    fn sizes_of(&self, column: usize, label: usize) -> Vec<f64> {
        let shaps = self.folds.iter().filter_map(|fold| fold.shap.as_ref());
        shaps.filter_map(|shap| shap.mean_abs.get(column).and_then(|of_label| of_label[label])).collect()
    }

    /// Whether its lists are as long as its columns say.
    fn is_whole(&self) -> bool {
        let of_fold = |fold: &ExplainedFold| fold.importance.len() == self.columns.len();
        !self.folds.is_empty() && self.folds.iter().all(of_fold)
    }
}

fn sorted(mut lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    lines.sort_by(|a, b| mean(&b.1).total_cmp(&mean(&a.1)));
    lines
}

/// 0 without values.
fn mean(values: &[f64]) -> f64 {
    // Without values `sum` would be -0.0.
    values.iter().fold(0.0, |sum, value| sum + value) / values.len().max(1) as f64
}

/// The explanations of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explained {
    /// With their folders' names; the best pipeline first.
    pub all: Vec<(String, Explanation)>,
    /// What could not be shown, one sentence each.
    pub refused: Vec<String>,
}

/// Reads the explanations in a results directory that are of the run's first data set.
///
/// # Errors
/// [`Error::Io`] when the folder cannot be read.
pub fn read(directory: &Path, results: &Results, board: &Leaderboard) -> Result<Explained> {
    let folder = directory.join(FOLDER);
    let mut found = Explained::default();
    let pipelines = distinct(results.planned.iter().map(|planned| planned.cell.pipeline()));
    for name in names_in(&folder).map_err(|e| Error::io("read", &folder, e))? {
        let path = folder.join(&name).join(FILE);
        let name = harmless_line(&name.to_string_lossy()).into_owned();
        let text = match read_beside(&path) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(e) => {
                let said = format!(
                    "`{FOLDER}/{name}/{FILE}` cannot be read ({e}): remove it, and run `fraudbench explain` again"
                );
                found.refused.push(said);
                continue;
            }
        };
        match serde_json::from_slice::<Explanation>(&text).ok().filter(Explanation::is_whole) {
            None => found.refused.push(format!(
                "`{FOLDER}/{name}/{FILE}` is no explanation of this version: run `fraudbench explain` again"
            )),
            Some(it) if it.data_set != results.manifest.table().name => {}
            Some(it) if pipelines.contains(&it.pipeline) => found.all.push((name, it)),
            Some(it) => {
                found.refused.push(format!("`{FOLDER}/{name}` explains {}, which the run has not", it.pipeline))
            }
        }
    }
    let place = |it: &Explanation| board.rows.iter().position(|row| row.pipeline.pipeline() == it.pipeline);
    found.all.sort_by_key(|(_, it)| place(it).unwrap_or(usize::MAX));
    Ok(found)
}
