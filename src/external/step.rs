//! What the bridge does for resamplers, encoders and scalers: `python = "module:Class"` there as for classifiers. Deadline, memory
//! limit and messages are those of any program; so are the packages in the key.

use std::path::Path;
use std::sync::Mutex;

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::program::Program;
use super::{Answer, Question, Told, Version, matrix, packages, python, share, unexpected};
use crate::component::{Built, Context, Features, Resampled, Train, build};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Nearest, Pair};
use crate::os::{SharedFile, map, map_new};

/// What a study's `python = "module:Class"` becomes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    estimator: String,
    params: Map<String, Value>,
}

/// A class of Python that is a step before the classifier; without parameters of ours.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    name: String,
    parameters: Value,
}

/// Makes a component of a study's parameters.
///
/// # Errors
/// What is not `module:Class`.
pub(crate) fn built<T: ?Sized>(table: &toml::Table, make: impl Fn(Step) -> Box<T>) -> Result<Built<T>> {
    let mut built = build("python", table, |params: Params| {
        let name = python::class(&params.estimator)?.to_owned();
        let parameters = json!({ "estimator": params.estimator, "params": params.params });
        Ok(make(Step { name, parameters }))
    })?;
    packages::add(&mut built.params)?;
    Ok(built)
}

impl Step {
    fn start(&self) -> Result<Program> {
        python::program(&self.name, &self.parameters, Version::Two)
    }

    /// What the class makes of training rows. Rows of the answer that are rows of the question, label included, are these rows;
    /// the others are made up, and inherit the sides of the nearest row of their label.
    ///
    /// # Errors
    /// What the class or the program says, in one sentence.
    pub(crate) fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let x = train.x();
        let (values, labels) = (share(x)?, share_labels(train.y)?);
        let [rows, made, made_labels] =
            [file("fraudbench-rows")?, file("fraudbench-made")?, file("fraudbench-labels")?];
        let mut program = self.start()?;
        let question = Question::Resample {
            x: matrix(&values, x),
            y: labels.path(),
            seed: u64::from(context.seed as u32),
            threads: rayon::current_num_threads(),
            parameters: &self.parameters,
            rows: rows.path(),
            made: made.path(),
            labels: made_labels.path(),
        };
        let (kept, new) = match program.ask(&question)? {
            Answer::Resampled { rows, made } => (rows, made),
            other => return Err(unexpected(&self.name, "resample", other)),
        };
        let places = self.read(&rows.path(), kept, "row numbers", u64::from_le_bytes)?;
        let values = self.read(&made.path(), new * x.ncols(), "values", f64::from_le_bytes)?;
        let made = Array2::from_shape_vec((new, x.ncols()), values)
            .map_err(|e| Error::Component(format!("{}: {e}", self.name)))?;
        let made_y = self.read(&made_labels.path(), new, "labels", |[label]| label)?;
        let made_from = origins(train, &made, &made_y)?;
        program.close()?;
        Ok(Resampled { rows: places.into_iter().map(|place| place as usize).collect(), made, made_y, made_from })
    }

    /// Fits the class on training rows. With `keeps_training`, it also gives what the class makes of these rows while it learns,
    /// which for some differs from what it makes of rows afterwards.
    ///
    /// # Errors
    /// What the class or the program says, in one sentence.
    pub(crate) fn fit(&self, features: &Features<'_>, y: Option<&[u8]>, keeps_training: bool) -> Result<FittedStep> {
        let x = features.x;
        let values = share(x)?;
        let labels = y.map(share_labels).transpose()?;
        let training = if keeps_training { Some(file("fraudbench-made")?) } else { None };
        let mut program = self.start()?;
        let question = Question::Prepare {
            x: matrix(&values, x),
            y: labels.as_ref().map(SharedFile::path),
            seed: 0,
            threads: rayon::current_num_threads(),
            parameters: &self.parameters,
            columns: features.columns.iter().map(Told::from).collect(),
            made: training.as_ref().map(SharedFile::path),
        };
        let columns = match program.ask(&question)? {
            Answer::Prepared(columns) => columns,
            other => return Err(unexpected(&self.name, "fit", other)),
        };
        let mut fitted =
            FittedStep { step: self.clone(), columns, given: x.ncols(), training: None, program: Mutex::new(program) };
        if let Some(file) = &training {
            fitted.training = Some(fitted.rows_in(&file.path(), x.nrows())?);
        }
        Ok(fitted)
    }

    /// The values that the program has written.
    fn read<T, const N: usize>(
        &self,
        path: &Path,
        count: usize,
        what: &str,
        one: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>> {
        let bytes = std::fs::metadata(path).map_err(|e| Error::io("look at", path, e))?.len() as usize;
        if bytes != count * N {
            let wanted = count * N;
            return Err(Error::Component(format!("{} wrote {bytes} bytes of {what} instead of {wanted}", self.name)));
        }
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let map = map(path, bytes)?;
        Ok(map.chunks_exact(N).map(|chunk| one(std::array::from_fn(|i| chunk[i]))).collect())
    }
}

/// A class of Python that has seen the training rows, in its process.
pub(crate) struct FittedStep {
    step: Step,
    /// What it makes.
    columns: Vec<String>,
    given: usize,
    /// What it made of the training rows, if that is kept.
    training: Option<Array2<f64>>,
    // A program answers one question at a time.
    program: Mutex<Program>,
}

impl FittedStep {
    /// The columns that it makes.
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.columns.iter().map(|name| Column::number(name.as_str())).collect()
    }

    /// What it makes of any rows.
    ///
    /// # Errors
    /// Another number of columns; what the class or the program says; values that are not finite.
    pub(crate) fn transform(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let name = &self.step.name;
        if x.ncols() != self.given {
            let (given, trained) = (x.ncols(), self.given);
            return Err(Error::Component(format!("{name} was fitted on {trained} columns, but is given {given}")));
        }
        if x.nrows() == 0 {
            return Ok(Array2::zeros((0, self.columns.len())));
        }
        let (values, made) = (share(x)?, file("fraudbench-made")?);
        let question = Question::Transform { x: matrix(&values, x), made: made.path() };
        let mut program = self.program.lock().map_err(|_| Error::Component(format!("{name} has failed before")))?;
        match program.ask(&question)? {
            Answer::Transformed(rows) if rows == x.nrows() => self.rows_in(&made.path(), x.nrows()),
            other => Err(unexpected(name, "transform", other)),
        }
    }

    /// Has its process end.
    ///
    /// # Errors
    /// It ends otherwise than well: what it has made is not to be trusted then.
    pub(crate) fn close(&self) -> Result<()> {
        // One that has failed before has said so.
        self.program.lock().map_or(Ok(()), |mut program| program.close())
    }

    /// The same for rows that it was fitted on, by their places among these.
    ///
    /// # Errors
    /// As [`Self::transform`].
    pub(crate) fn transform_training(&self, x: ArrayView2<'_, f64>, places: &[Option<u32>]) -> Result<Array2<f64>> {
        let Some(training) = &self.training else { return self.transform(x) };
        let others: Vec<usize> = (0..places.len()).filter(|&row| places[row].is_none()).collect();
        let made = self.transform(x.select(Axis(0), &others).view())?;
        let mut all = Array2::zeros((x.nrows(), self.columns.len()));
        for (mut to, place) in all.rows_mut().into_iter().zip(places) {
            if let Some(place) = place {
                to.assign(&training.row(*place as usize));
            }
        }
        for (&row, from) in others.iter().zip(made.rows()) {
            all.row_mut(row).assign(&from);
        }
        Ok(all)
    }

    fn rows_in(&self, path: &Path, rows: usize) -> Result<Array2<f64>> {
        let name = &self.step.name;
        let columns = self.columns.len();
        let values = self.step.read(path, rows * columns, "values", f64::from_le_bytes)?;
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::Component(format!(
                "{name} makes {} of a row (its column `{}`): what follows needs finite numbers",
                values[at],
                self.columns[at % columns]
            )));
        }
        Array2::from_shape_vec((rows, columns), values).map_err(|e| Error::Component(format!("{name}: {e}")))
    }
}

fn file(name: &str) -> Result<SharedFile> {
    SharedFile::create(name)
}

fn share_labels(y: &[u8]) -> Result<SharedFile> {
    let labels = file("fraudbench-labels")?;
    map_new(&labels.path(), y.len().max(1))?[..y.len()].copy_from_slice(y);
    Ok(labels)
}

/// For each made row the nearest training row of its label; of any label where there is none of its own.
fn origins(train: &Train<'_>, made: &Array2<f64>, made_y: &[u8]) -> Result<Vec<usize>> {
    let mut origins = vec![0; made_y.len()];
    for label in [0, 1] {
        let asked: Vec<usize> = (0..made_y.len()).filter(|&row| made_y[row] == label).collect();
        let own: Vec<usize> = (0..train.y.len()).filter(|&row| train.y[row] == label).collect();
        let own = if own.is_empty() { (0..train.y.len()).collect() } else { own };
        if asked.is_empty() || own.is_empty() {
            continue;
        }
        let rows = train.x().select(Axis(0), &own);
        let pair = Pair::new(rows.as_standard_layout().view(), &vec![1; own.len()])?;
        let queries = made.select(Axis(0), &asked);
        let nearest = pair.k_nearest::<Euclidean>(queries.as_standard_layout().view(), 1)?;
        for (&row, nearest) in asked.iter().zip(&nearest) {
            if let Nearest::Rows(near) = nearest
                && let Some(first) = near.first()
            {
                origins[row] = own[first.row as usize];
            }
        }
    }
    Ok(origins)
}
