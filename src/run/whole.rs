//! A pipeline fitted on rows of one's choice and kept: what `fraudbench refit` writes, `score` reads back and `explain` looks at.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::fitted::{Fitted, all_places, places};
use super::inner::RawRows;
use super::job::Job;
use super::parts::{Parts, Seen};
use super::prefix::{Failure, Gathered, choose, guarded, piece};
use crate::cell::Cell;
use crate::classify;
use crate::component::{
    Classifier, Context, Features, FittedTransformer, Model, Prediction, SavedModel, SavedScaler, SavedStep, StepForm,
    Train,
};
use crate::data::Column;
use crate::error::{Error, Result};
use crate::store::Stage;
use crate::{encode, impute, scale, select};

/// Every step of a pipeline, fitted.
pub struct Whole {
    /// None where nothing is filled in.
    imputer: Option<Box<dyn FittedTransformer>>,
    steps: Fitted,
    model: Box<dyn Model>,
}

/// A fitted pipeline as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPipeline {
    /// None where nothing is filled in.
    pub imputer: Option<SavedStep>,
    /// What the steps between imputer and classifier do.
    pub steps: SavedSteps,
    /// The classifier.
    pub model: SavedModel,
}

/// Encoder, scaler and selection as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSteps {
    /// None where there is nothing to encode.
    pub encoder: Option<SavedStep>,
    /// What the scaler does to the numbers.
    pub scaler: SavedScaler,
    /// The columns that pass by the scaler, as the encoder leaves them.
    pub categories: Vec<usize>,
    /// The others, where there are categories.
    pub numbers: Vec<usize>,
    /// None where all columns stay.
    pub select: Option<SavedStep>,
    /// The columns after all steps; empty where all are numbers and nobody names them.
    pub columns: Vec<Column>,
}

/// What a fit was given and made.
pub struct Fit {
    /// The pipeline.
    pub whole: Whole,
    /// Rows that the classifier was fitted on, resampled ones counted as they stand there.
    pub rows: usize,
    /// How many of them are positive.
    pub positives: usize,
    /// The names of the columns that reach the classifier, made up where they have none.
    pub names: Vec<String>,
}

/// The rows that a cell trains and is tested on.
///
/// # Errors
/// Its split cannot be made.
pub fn halves(job: &Job<'_>, cell: &Cell) -> Result<[Vec<usize>; 2], Failure> {
    Parts::of(job, cell).map(|parts| [parts.train, parts.test])
}

/// Fits the pipeline of a cell, with `classifier` in the place of its own, on rows of the table as if they were the cell's training
/// rows: with the cell's seeds, and without regard to its split and leaks.
///
/// # Errors
/// Those of the components, with the stage that failed.
pub fn fit_on(job: &Job<'_>, cell: &Cell, classifier: &dyn Classifier, rows: Vec<usize>) -> Result<Fit, Failure> {
    let seen = Seen::default();
    let gathered = Gathered::new(job, cell, &rows)?;
    let seed = cell.resampler_seed(job.study);
    let choice = choose(&gathered, &rows, &rows, &seen, seed)?;
    let (chosen, made) = choice.resampled.of(&rows);
    let on_scaled = job.study.resamplers[cell.resampler].is_on_scaled();
    let learnt = piece(&gathered, &chosen, (&choice.resampled, &made), on_scaled)?;
    let origins = choice.resampled.origins(&rows);
    let steps = match choice.steps {
        Some(steps) => steps,
        None => gathered.fit(&gathered.train(&learnt.x, &learnt.y).of_origins(&origins), &seen)?,
    };
    let own = if on_scaled { places(&chosen, &rows) } else { all_places(learnt.x.nrows()) };
    let weight = gathered.weights(&origins);
    let mut x = guarded(Stage::Scale, || steps.transform_training(learnt.x, &own))?;
    if learnt.scaled.nrows() > 0 {
        x.append(Axis(0), learnt.scaled.view()).map_err(|e| Failure::new(Stage::Resample, e.to_string()))?;
    }
    let names = match steps.columns.is_empty() {
        true => steps.named(gathered.columns(), x.ncols()),
        false => steps.columns.clone(),
    };
    let names = names.into_iter().map(|column| column.name).collect();
    let raw = RawRows::new(job, cell, (rows, seen), seed);
    let columns = raw.named(steps.columns.clone(), x.ncols());
    let mut train = Train::new(Features { x: x.view(), columns: &columns }, &learnt.y);
    train.weight = weight.as_deref();
    if classifier.uses_raw_rows() {
        train = train.made_of(&raw);
    }
    let context = Context { seed: cell.classifier_seed(job.study) };
    let model = guarded(Stage::Fit, || classifier.fit(&train, &context))?;
    let positives = learnt.y.iter().filter(|&&label| label == 1).count();
    let whole = Whole { imputer: gathered.into_imputer(), steps, model };
    Ok(Fit { whole, rows: learnt.y.len(), positives, names })
}

impl Whole {
    /// What reaches the classifier of raw rows, which have the columns of the table.
    ///
    /// # Errors
    /// Those of the steps.
    pub fn prepared(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let x = match &self.imputer {
            Some(imputer) => imputer.transform(x)?,
            None => x,
        };
        self.steps.transform(x)
    }

    /// What the classifier says of prepared rows.
    ///
    /// # Errors
    /// Those of the classifier.
    pub fn said(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        self.model.predict(x)
    }

    /// What the pipeline says of raw rows.
    ///
    /// # Errors
    /// Those of the steps and the classifier.
    pub fn predict(&self, x: Array2<f64>) -> Result<Prediction> {
        self.said(self.prepared(x)?.view())
    }

    /// Why it can score no row of `width` columns, whatever its values are; none where it is not known that it cannot.
    pub fn refuses_all(&self, width: usize) -> Option<String> {
        match self.predict(Array2::zeros((1, width))) {
            Err(Error::Component(said)) => Some(said),
            // What is about a value is the row's own.
            _ => None,
        }
    }

    /// The pipeline as data.
    ///
    /// # Errors
    /// [`Error::Usage`] with the kinds of step that cannot be said, such as `encoder`.
    pub fn saved(&self) -> Result<SavedPipeline, Vec<&'static str>> {
        let mut lacks = Vec::new();
        let imputer = self.imputer.as_ref().map(|imputer| imputer.saved());
        if matches!(imputer, Some(None)) {
            lacks.push("imputer");
        }
        let steps = self.steps.saved().map_err(|kinds| lacks.extend(kinds)).ok();
        let model = self.model.saved();
        if model.is_none() {
            lacks.push("classifier");
        }
        match (steps, model) {
            (Some(steps), Some(model)) if lacks.is_empty() => {
                Ok(SavedPipeline { imputer: imputer.flatten(), steps, model })
            }
            _ => Err(lacks),
        }
    }

    /// The classifier as data; none where it cannot be said.
    pub fn model(&self) -> Option<SavedModel> {
        self.model.saved()
    }

    /// It is asked nothing any more.
    ///
    /// # Errors
    /// [`Error::Component`] where it turns out only now that its predictions are not to be trusted.
    pub fn close(&self) -> Result<()> {
        self.imputer.as_ref().map_or(Ok(()), |imputer| imputer.close())?;
        self.steps.close()?;
        self.model.close()
    }

    /// The pipeline that said this of itself.
    ///
    /// # Errors
    /// [`Error::Store`] where a part is none of its kind.
    pub fn restored(saved: SavedPipeline) -> Result<Self> {
        let broken = |kind: &str| Error::Store(format!("the {kind} is none that this fraudbench knows"));
        let step = |saved: Option<SavedStep>, kind: &str, of: fn(SavedStep) -> Option<Box<dyn FittedTransformer>>| {
            let saved = saved.filter(|saved| saved.form != StepForm::Same);
            saved.map(|saved| of(saved).ok_or_else(|| broken(kind))).transpose()
        };
        let SavedPipeline { imputer, steps, model } = saved;
        let SavedSteps { encoder, scaler, categories, numbers, select, columns } = steps;
        let steps = Fitted::restored(
            step(encoder, "encoder", encode::restored)?,
            scale::restored(scaler)?,
            [categories, numbers],
            step(select, "select", select::restored)?,
            columns,
        );
        Ok(Whole { imputer: step(imputer, "imputer", impute::restored)?, steps, model: classify::restored(model)? })
    }
}
