//! `external`: any program can be a family. Its doc is the protocol.
//!
//! The program is started for every cell. It reads one JSON object a line from standard input, answers each with one line on
//! standard output, and ends when its input ends. What it writes on standard error is quoted if it dies. Matrices are
//! files that it maps or reads: little-endian doubles, row after row, nothing else; labels are one byte a row, 0 or 1.
//!
//! ```text
//! > {"protocol":1,"fit":{"x":{"path":"/proc/7/fd/9","rows":1000,"columns":30},"y":"/proc/7/fd/10","seed":7,"threads":1,
//!    "parameters":{"depth":6}}}
//! < {"fitted":{"any":"details for the record"}}
//! > {"protocol":1,"predict":{"x":{"path":"/proc/7/fd/11","rows":100,"columns":30},"score":"/proc/7/fd/12",
//!    "label":"/proc/7/fd/13"}}
//! < {"predicted":"probability"}
//! < {"error":"one sentence"}
//! ```
//!
//! `predict` is answered after the program has written a double for every row into the file `score` and a byte for every row
//! into the file `label`, and says what the scores are: `probability` or `decision`. `error` can answer anything. `seed` is
//! the cell's own, `parameters` are the study's. Deadline and memory limit hold for the program as for any cell.

mod program;
pub mod python;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use self::program::Program;
use super::two_class;
use crate::component::{Classifier, Context, Entry, Model, Prediction, ScoreKind, Train, build};
use crate::error::{Error, Result};
use crate::os::{SharedFile, map, map_new};

/// What is asked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Question<'q> {
    Fit { x: Matrix, y: PathBuf, seed: u64, threads: usize, parameters: &'q serde_json::Value },
    Predict { x: Matrix, score: PathBuf, label: PathBuf },
}

#[derive(Debug, Serialize)]
struct Matrix {
    path: PathBuf,
    rows: usize,
    columns: usize,
}

/// What may be answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Fitted(serde_json::Value),
    Predicted(Kind),
    Error(String),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Probability,
    Decision,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    command: Vec<String>,
    parameters: serde_json::Map<String, serde_json::Value>,
}

/// A family that a program implements; unfitted.
struct External {
    /// What messages call it.
    name: String,
    command: Command,
    parameters: serde_json::Value,
}

/// How the program is found: when it is needed, not when the study is read.
enum Command {
    Given(Vec<String>),
    Python,
}

struct ExternalModel {
    name: String,
    columns: usize,
    // A program answers one question at a time.
    program: Mutex<Program>,
    details: serde_json::Value,
}

impl Classifier for External {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        two_class::counts(&self.name, x.nrows(), y)?;
        let command = match &self.command {
            Command::Given(words) => words.clone(),
            Command::Python => python::command(&self.name)?,
        };
        let mut program = Program::start(&self.name, &command)?;
        let (values, labels) = (share(x)?, SharedFile::create("fraudbench-labels")?);
        map_new(&labels.path(), y.len())?.copy_from_slice(y);
        let question = Question::Fit {
            x: matrix(&values, x),
            y: labels.path(),
            // Other languages' seeds are often 32 bits wide.
            seed: u64::from(context.seed as u32),
            threads: rayon::current_num_threads(),
            parameters: &self.parameters,
        };
        match program.ask(&question)? {
            Answer::Fitted(details) => {
                let (name, columns) = (self.name.clone(), x.ncols());
                Ok(Box::new(ExternalModel { name, columns, program: Mutex::new(program), details }))
            }
            other => Err(unexpected(&self.name, "fit", other)),
        }
    }
}

impl Model for ExternalModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(&self.name, self.columns, x.ncols())?;
        if x.nrows() == 0 {
            return Ok(Prediction { score: Vec::new(), label: Vec::new(), kind: ScoreKind::Decision });
        }
        let values = share(x)?;
        let (scores, labels) = (SharedFile::create("fraudbench-scores")?, SharedFile::create("fraudbench-labels")?);
        let question = Question::Predict { x: matrix(&values, x), score: scores.path(), label: labels.path() };
        let mut program =
            self.program.lock().map_err(|_| Error::Component(format!("{} has failed before", self.name)))?;
        let kind = match program.ask(&question)? {
            Answer::Predicted(Kind::Probability) => ScoreKind::Probability,
            Answer::Predicted(Kind::Decision) => ScoreKind::Decision,
            other => return Err(unexpected(&self.name, "predict", other)),
        };
        let score = self.read(&scores.path(), x.nrows(), "scores", f64::from_le_bytes)?;
        let label = self.read(&labels.path(), x.nrows(), "labels", |[byte]| byte)?;
        Ok(Prediction { score, label, kind })
    }

    fn details(&self) -> Option<serde_json::Value> {
        (!self.details.is_null()).then(|| self.details.clone())
    }
}

impl ExternalModel {
    /// The values that the program has written, one a row.
    fn read<T, const N: usize>(
        &self,
        path: &Path,
        rows: usize,
        what: &str,
        one: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>> {
        let bytes = std::fs::metadata(path).map_err(|e| Error::io("look at", path, e))?.len() as usize;
        if bytes != rows * N {
            return Err(Error::Component(format!(
                "{} wrote {bytes} bytes of {what} for {rows} rows instead of {}",
                self.name,
                rows * N
            )));
        }
        let map = map(path, bytes)?;
        Ok(map.chunks_exact(N).map(|chunk| one(std::array::from_fn(|i| chunk[i]))).collect())
    }
}

/// Copies `x` to where the program can read it.
fn share(x: ArrayView2<'_, f64>) -> Result<SharedFile> {
    let file = SharedFile::create("fraudbench-matrix")?;
    let mut map = map_new(&file.path(), (x.len() * size_of::<f64>()).max(1))?;
    for (to, from) in map.chunks_exact_mut(size_of::<f64>()).zip(x.iter()) {
        to.copy_from_slice(&from.to_le_bytes());
    }
    Ok(file)
}

fn matrix(file: &SharedFile, x: ArrayView2<'_, f64>) -> Matrix {
    Matrix { path: file.path(), rows: x.nrows(), columns: x.ncols() }
}

fn unexpected(name: &str, asked: &str, answer: Answer) -> Error {
    Error::Component(match answer {
        Answer::Error(said) => format!("{name}: {said}"),
        other => format!("{name} was asked to {asked} and answered {other:?}"),
    })
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    let Some(first) = params.command.first() else {
        return Err(Error::Component("`command` must name a program, such as command = [\"./my-program\"]".into()));
    };
    let name = Path::new(first).file_name().map_or(first.clone(), |name| name.to_string_lossy().into_owned());
    let parameters = serde_json::Value::Object(params.parameters);
    Ok(Box::new(External { name, command: Command::Given(params.command), parameters }))
}

/// `external`.
pub static ENTRY: Entry<dyn Classifier> =
    Entry::new("external", "any program: family = \"external\", command = [...], params passed to it", |table| {
        build("external", table, make)
    })
    .backend("program");
