//! `external`: any program can be a family. `docs/external.md` is the protocol of programs.
//!
//! The bridge to Python is not started for every cell, as what it imports takes longer than many a fit: see `lasting.rs`. It
//! forks for every use, and says when a fork has ended, whether that was told to end or not:
//!
//! ```text
//! > {"protocol":2,"end":{}}
//! < {"ended":{"code":0}}
//! < {"ended":{"signal":11}}
//! ```
//!
//! So what holds for programs holds for forks, exit code included. The bridge answers three more questions, in which a class is a
//! resampler, an encoder or a scaler:
//!
//! ```text
//! > {"protocol":2,"resample":{"x":{...},"y":"...","seed":7,"threads":1,"parameters":{},"rows":"...","made":"...","labels":"..."}}
//! < {"resampled":{"rows":900,"made":45}}
//! > {"protocol":2,"prepare":{"x":{...},"y":"...","seed":0,"threads":1,"parameters":{},"columns":[...],"made":null}}
//! < {"prepared":["x0_sp_0","x0_sp_1"]}
//! > {"protocol":2,"transform":{"x":{...},"made":"..."}}
//! < {"transformed":100}
//! ```
//!
//! `rows` gets an eight-byte number for each row of the question that stays, `made` the rows that are made up, `labels` a byte for
//! each of these. `prepare` says what the columns will be called; where it names a file `made`, that gets the training rows'.
//!
//! Two more are for CatBoost, whose models leave and come back. `model` is its own file; `trees` gets the same as JSON, and stays
//! empty where there are categories; `restored` says how many columns the model takes.
//!
//! ```text
//! > {"protocol":2,"save":{"model":"/proc/7/fd/9","trees":"/proc/7/fd/10"}}
//! < {"saved":{}}
//! > {"protocol":2,"restore":{"model":"/proc/7/fd/9","parameters":{"estimator":"catboost:CatBoostClassifier"}}}
//! < {"restored":30}
//! ```

pub(crate) mod catboost;
mod lasting;
mod messages;
pub(crate) mod packages;
mod pipe;
mod program;
pub mod python;
pub(crate) mod step;

use std::path::Path;
use std::sync::Mutex;

use ndarray::{ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use self::messages::{Answer, Matrix, Question, Said, Told, Version};
use self::program::Program;
use crate::component::two_class;
use crate::component::{
    Classifier, Context, Entry, Library, Model, Prediction, SavedModel, ScoreKind, Shape, Train, build, later,
};
use crate::error::{Error, Result};
use crate::os::{SharedFile, map, map_new};
use crate::words::{beginning, count, counted, one_line, short};

/// How far rounding may take a probability beyond 0 or 1: with numbers of 32 bits a sum of shares can come out as 1.0000001. Metrics
/// of probabilities are undefined then, and say so; those of the order are not.
const ROUNDING: f64 = 1e-6;

/// Characters of an error that are told: more than the bridge's own longest sentence has.
const LONGEST_ERROR: usize = 1_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    command: Vec<String>,
    parameters: serde_json::Map<String, serde_json::Value>,
    protocol: Version,
}

/// A family that a program implements; unfitted.
struct External {
    /// What messages call it.
    name: String,
    command: Command,
    parameters: serde_json::Value,
    protocol: Version,
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
    is_catboost: bool,
}

impl Classifier for External {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        if self.protocol == Version::Two {
            return Ok(());
        }
        let hint = match self.command {
            Command::Given(_) => ", or say `protocol = 2` if the program understands it",
            Command::Python => "",
        };
        given.numbers_only().and_then(|()| given.complete()).map_err(|said| format!("{said}{hint}"))
    }

    /// Whether a class of Python takes them turns out when it is there.
    fn weights(&self) -> Result<(), String> {
        match (&self.command, self.protocol) {
            (Command::Given(_), Version::One) => {
                Err("a program of protocol 1 is told no weights of rows; say `protocol = 2` if it understands it"
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        two_class::counts(&self.name, x.nrows(), y)?;
        let mut program = match &self.command {
            Command::Given(words) => Program::start(&self.name, words, self.protocol)?,
            Command::Python => python::program(&self.name, &self.parameters, self.protocol)?,
        };
        let (values, labels) = (share(x)?, SharedFile::create("fraudbench-labels")?);
        map_new(&labels.path(), y.len())?.copy_from_slice(y);
        let weights = train.weight.map(|weight| share(ArrayView1::from(weight).insert_axis(Axis(1)))).transpose()?;
        let question = Question::Fit {
            x: matrix(&values, x),
            y: labels.path(),
            // Other languages' seeds are often 32 bits wide.
            seed: u64::from(context.seed as u32),
            threads: rayon::current_num_threads(),
            parameters: &self.parameters,
            columns: (self.protocol == Version::Two).then(|| train.features.columns.iter().map(Told::from).collect()),
            weights: weights.as_ref().map(SharedFile::path),
        };
        match program.ask(&question)? {
            Answer::Fitted(details) => {
                Ok(Box::new(ExternalModel::new(&self.name, x.ncols(), program, details, self.is_catboost())))
            }
            other => Err(unexpected(&self.name, "fit", other)),
        }
    }

    fn cannot_be_saved(&self) -> bool {
        !self.is_catboost()
    }
}

impl External {
    /// Whether the bridge fits CatBoost, which writes its model.
    fn is_catboost(&self) -> bool {
        matches!(self.command, Command::Python) && catboost::is_named(&self.parameters)
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
            Answer::Predicted(Said::Probability) => ScoreKind::Probability,
            Answer::Predicted(Said::Decision) => ScoreKind::Decision,
            other => return Err(unexpected(&self.name, "predict", other)),
        };
        let score = self.read(&scores.path(), x.nrows(), "scores", f64::from_le_bytes)?;
        let label = self.read(&labels.path(), x.nrows(), "labels", |[byte]| byte)?;
        match not_as_promised(&score, kind) {
            None => {}
            Some(said) => return Err(Error::Component(format!("{} {said}", self.name))),
        }
        Ok(Prediction { score, label, kind })
    }

    fn saved(&self) -> Option<SavedModel> {
        let mut program = self.program.lock().ok().filter(|_| self.is_catboost)?;
        // A library that cannot write its model has none that could leave.
        catboost::saved(&self.name, &mut program).ok()
    }

    fn details(&self) -> Option<serde_json::Value> {
        (!self.details.is_null()).then(|| self.details.clone())
    }

    fn close(&self) -> Result<()> {
        // One that has failed before has said so.
        self.program.lock().map_or(Ok(()), |mut program| program.close())
    }
}

impl ExternalModel {
    fn new(name: &str, columns: usize, program: Program, details: serde_json::Value, is_catboost: bool) -> Self {
        ExternalModel { name: name.to_owned(), columns, program: Mutex::new(program), details, is_catboost }
    }

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
                "{} wrote {bytes} bytes of {what} for {} instead of {}",
                self.name,
                counted(rows as u64, "row"),
                rows * N
            )));
        }
        let map = map(path, bytes)?;
        Ok(map.chunks_exact(N).map(|chunk| one(std::array::from_fn(|i| chunk[i]))).collect())
    }
}

/// What of the scores is not what the program says they are; all of it in one sentence without its name.
fn not_as_promised(score: &[f64], kind: ScoreKind) -> Option<String> {
    let first = |is: &dyn Fn(f64) -> bool| {
        let mut odd = score.iter().enumerate().filter(|(_, score)| is(**score));
        let (row, value) = odd.next()?;
        let rows = 1 + odd.count();
        let which = if rows > 1 { "the first is" } else { "that is" };
        Some((rows, format!("{which} row {} of those that it was asked for: `{}`", row + 1, short(*value))))
    };
    let all = counted(score.len() as u64, "row");
    let nan = first(&f64::is_nan).map(|(rows, place)| match rows == score.len() {
        true if rows == 1 => "gave no score: NaN for the only row".to_owned(),
        true => format!("gave no score: NaN for each of {all}"),
        false => format!("gave no score for {} of {all} ({place}): write a number for every row", count(rows as u64)),
    });
    let is_none = |score: f64| !score.is_nan() && !(-ROUNDING..=1.0 + ROUNDING).contains(&score);
    let outside = first(&is_none).filter(|_| kind == ScoreKind::Probability).map(|(rows, place)| {
        let rows = count(rows as u64);
        format!(
            "called its scores probabilities, and {rows} of {all} got none between 0 and 1 ({place}): say `decision`, or mend them"
        )
    });
    let said: Vec<String> = [nan, outside].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; it "))
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

/// That something else was answered; of any length, an error too.
fn unexpected(name: &str, asked: &str, answer: Answer) -> Error {
    Error::Component(match answer {
        Answer::Error(said) if said.trim().is_empty() => {
            format!("{name} answered `{asked}` with an error without words: say in a sentence what is wrong")
        }
        // A line of its own could look like one of fraudbench.
        Answer::Error(said) => format!("{name}: {}", beginning(&one_line(&said), LONGEST_ERROR)),
        other => format!("{name} was asked to {asked} and answered {}", beginning(&format!("{other:?}"), pipe::QUOTED)),
    })
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    let Some(first) = params.command.first() else {
        return Err(Error::Component("`command` must name a program, such as command = [\"./my-program\"]".into()));
    };
    let name = Path::new(first).file_name().map_or(first.clone(), |name| name.to_string_lossy().into_owned());
    let parameters = serde_json::Value::Object(params.parameters);
    let (command, protocol) = (Command::Given(params.command), params.protocol);
    Ok(Box::new(External { name, command, parameters, protocol }))
}

/// `external`.
pub static ENTRY: Entry<dyn Classifier> = Entry::new(
    "external",
    "any program: family = \"external\", command = [...], params passed to it; docs/external.md is the protocol",
    |table| build("external", table, make).map(|built| later::<Params, _>(built, &["protocol"])),
)
.backend("program")
.least("command = [\"./program\"]")
.look(39);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Built, ColumnShape, Features, Registry};
    use crate::data::{self, Column};

    /// Repeats in its details what it was told of the columns, and scores by the level of the last one; blank is 0.5.
    const PROGRAM: &str = r#"
import json, struct, sys
for line in sys.stdin:
    question = json.loads(line)
    if "fit" in question:
        columns = question["fit"].get("columns")
        told = {"protocol": question["protocol"], "columns": columns}
        if "weights" in question["fit"]:
            weights = open(question["fit"]["weights"], "rb").read()
            told["weights"] = struct.unpack("<%dd" % question["fit"]["x"]["rows"], weights)
        print(json.dumps({"fitted": told}), flush=True)
    else:
        x = question["predict"]["x"]
        values = struct.unpack("<%dd" % (x["rows"] * x["columns"]), open(x["path"], "rb").read())
        last = values[x["columns"] - 1::x["columns"]]
        score = [0.5 if v != v else float(columns[-1]["levels"][int(v)] == "market") for v in last]
        open(question["predict"]["score"], "wb").write(struct.pack("<%dd" % len(score), *score))
        open(question["predict"]["label"], "wb").write(bytes(int(s) for s in score))
        print('{"predicted":"probability"}', flush=True)
"#;

    fn built(more: &str) -> Result<Built<dyn Classifier>> {
        let mut table: toml::Table = more.parse().unwrap();
        table.insert("command".into(), vec!["python3", "-c", PROGRAM].into());
        ENTRY.build(&table, &Registry::empty())
    }

    #[test]
    fn scores_that_are_not_what_the_program_says_are_refused() {
        let (nan, probability, decision) = (f64::NAN, ScoreKind::Probability, ScoreKind::Decision);
        assert_eq!(not_as_promised(&[0.0, 0.5, 1.0 + f64::EPSILON], probability), None);
        // Of numbers of 32 bits this is one step, and eight of them below 0 are as good as 0.
        assert_eq!(
            not_as_promised(&[f64::from(1.0 + f32::EPSILON), -8.0 * f64::from(f32::EPSILON)], probability),
            None
        );
        assert_eq!(not_as_promised(&[-2.25, f64::INFINITY], decision), None);
        let said = |score: &[f64], kind| not_as_promised(score, kind).unwrap();
        assert!(said(&[1.000_01], probability).contains("1 of 1 row got none between 0 and 1"));
        assert_eq!(said(&[nan, nan], probability), "gave no score: NaN for each of 2 rows");
        assert_eq!(
            said(&[1.5, nan, 3.0], decision),
            "gave no score for 1 of 3 rows (that is row 2 of those that it was asked for: `NaN`): write a number for every row"
        );
        assert_eq!(
            said(&[0.5, -2.25, nan, 7.0], probability),
            "gave no score for 1 of 4 rows (that is row 3 of those that it was asked for: `NaN`): write a number for every row; \
             it called its scores probabilities, and 2 of 4 rows got none between 0 and 1 (the first is row 2 of those that it \
             was asked for: `-2.25`): say `decision`, or mend them"
        );
    }

    fn columns() -> [Column; 3] {
        let levels = ["corner", "market"].map(str::to_owned);
        [
            Column::number("amount"),
            Column { kind: data::Kind::Time, ..Column::number("when") },
            Column { kind: data::Kind::Category(levels.into()), ..Column::number("shop") },
        ]
    }

    #[test]
    fn the_second_version_tells_what_columns_are() {
        let x = ndarray::array![[1.0, 5.0, 0.0], [f64::NAN, 6.0, 1.0], [2.0, 7.0, f64::NAN]];
        let columns = columns();
        let train = Train::new(Features { x: x.view(), columns: &columns }, &[0, 1, 0]);
        let model = built("protocol = 2").unwrap().component.fit(&train, &Context { seed: 1 }).unwrap();
        let told = serde_json::json!([
            { "name": "amount", "kind": "number" },
            { "name": "when", "kind": "time" },
            { "name": "shop", "kind": "category", "levels": ["corner", "market"] },
        ]);
        assert_eq!(model.details().unwrap(), serde_json::json!({ "protocol": 2, "columns": told }));
        assert_eq!(model.predict(x.view()).unwrap().score, [0.0, 1.0, 0.5]);
    }

    #[test]
    fn the_second_version_tells_what_rows_weigh() {
        let x = ndarray::array![[1.0], [2.0], [3.0]];
        let train = Train::numbers(x.view(), &[0, 1, 0]);
        let second = built("protocol = 2").unwrap().component;
        let model = second.fit(&train.weighted(&[0.5, 0.0, 2.25]), &Context { seed: 1 }).unwrap();
        assert_eq!(model.details().unwrap()["weights"], serde_json::json!([0.5, 0.0, 2.25]));
        assert_eq!(second.fit(&train, &Context { seed: 1 }).unwrap().details().unwrap().get("weights"), None);
        assert_eq!(second.weights(), Ok(()));
        let said = built("").unwrap().component.weights().unwrap_err();
        assert!(said.starts_with("a program of protocol 1 is told no weights"), "{said}");
    }

    #[test]
    fn the_first_version_is_spoken_unless_a_study_says_otherwise() {
        let first = built("").unwrap();
        assert!(first.params.get("protocol").is_none(), "{}", first.params);
        assert_eq!(built("protocol = 2").unwrap().params["protocol"], 2);
        let x = ndarray::array![[1.0], [2.0]];
        let model = first.component.fit(&Train::numbers(x.view(), &[0, 1]), &Context { seed: 1 }).unwrap();
        assert_eq!(model.details().unwrap(), serde_json::json!({ "protocol": 1, "columns": null }));
        let said = built("protocol = 3").err().unwrap().to_string();
        assert!(said.contains("`protocol`: there is no version 3: write 1 or 2"), "{said}");
    }

    #[test]
    fn a_program_of_the_first_version_is_not_paired_with_categories_or_blanks() {
        let column = |levels, blanks| ColumnShape { name: "shop".into(), levels, blanks, empty: false };
        for (column, what) in [(column(Some(2), false), "categories"), (column(None, true), "missing values")] {
            let shape = Shape::new(3, vec![column]);
            let said = built("").unwrap().component.accepts(&shape).unwrap_err();
            assert!(
                said.contains(what) && said.ends_with("or say `protocol = 2` if the program understands it"),
                "{said}"
            );
            assert_eq!(built("protocol = 2").unwrap().component.accepts(&shape), Ok(()));
        }
    }
}
