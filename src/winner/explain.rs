//! What a pipeline looks at, fold by fold: permutation importance on test rows, and exact SHAP values where there are any.

use std::path::Path;

use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::choose::choose;
use super::shap::shap;
use crate::cell::{Cell, Filter, Plan};
use crate::component::{Better, Classifier, Metric, Prediction};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::harness::Reopened;
use crate::metric::Scored;
use crate::numeric::mt19937::Mt19937;
use crate::run::{Fit, Job, fit_on, halves};
use crate::store::Outcome;
use crate::words::counted;

/// How much is drawn, and with which seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draws {
    /// How often each column is shuffled.
    pub repeats: usize,
    /// Test rows per class that get SHAP values, at most.
    pub rows: usize,
    /// Training rows that they are measured against, at most.
    pub background: usize,
    /// Of all draws.
    pub seed: u32,
}

/// What was found on one fold.
pub(crate) struct Fold {
    /// The repeat and the fold.
    pub split: (u32, u32),
    /// The metric on the test rows as they are.
    pub score: f64,
    /// For each column of the table, what the metric loses each time that the column is shuffled.
    pub importance: Vec<Vec<f64>>,
    /// Rows of the table that it was tested on.
    pub test: Vec<usize>,
    /// SHAP values, if the classifier has any.
    pub shap: Option<OfFold>,
}

/// SHAP values of a fold's test rows.
pub(crate) struct OfFold {
    /// Rows of the table that are explained.
    pub rows: Vec<usize>,
    /// Rows of the table that they are measured against.
    pub background: Vec<usize>,
    /// Rows x columns that reach the classifier.
    pub values: Array2<f64>,
    /// What the values of a row add up to beyond it.
    pub base: f64,
    /// For each column the mean size of its values, over rows of label 0 and of label 1; none where no row of the label is explained.
    pub sizes: Vec<[Option<f64>; 2]>,
}

/// What a pipeline looks at.
pub(crate) struct Explained {
    /// The pipeline, as filters name it.
    pub pipeline: String,
    /// The study's title.
    pub title: String,
    /// The metric.
    pub metric: &'static Metric,
    /// The table's columns.
    pub columns: Vec<String>,
    /// The columns that reach the classifier, where folds agree on them.
    pub made: Vec<String>,
    /// What SHAP values explain, or why there are none.
    pub explains: Result<&'static str, String>,
    /// By fold.
    pub folds: Vec<Fold>,
    /// What was drawn.
    pub draws: Draws,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
}

/// Fits the pipeline of a run that `text` names, or its best one, on each fold again and looks at what it looks at. Nothing is learnt
/// from test rows. `file` is where the table is now, if it was moved.
///
/// # Errors
/// Those of choosing and of reading; [`Error::Component`] when a step fails, or the primary metric is undefined on a fold.
pub(crate) fn explain(run: &Reopened, text: Option<&str>, file: Option<&Path>, draws: Draws) -> Result<Explained> {
    let plan = Plan::of(&run.study, &run.results.manifest.data, &Filter::parse(&run.results.manifest.filter)?)?;
    let chosen = choose(run, &plan, text)?;
    let first = chosen.cell;
    let (data, dedup) = run.data(first.data, file)?;
    let component = run.study.classifiers[first.classifier].component.as_ref();
    let settled = chosen.settled(component)?;
    let classifier = settled.as_deref().unwrap_or(component);
    let job = Job::of_one(&run.study, first.data, (&data, dedup.keep))?;
    let is_of_pipeline = |cell: &&Cell| {
        cell.leaks.is_empty() && cell.id.data_set == first.id.data_set && cell.id.pipeline() == first.id.pipeline()
    };
    let mut explained = Explained {
        pipeline: first.id.pipeline(),
        title: run.results.title.clone(),
        metric: run.study.primary,
        columns: data.columns.iter().map(|column| column.name.clone()).collect(),
        made: Vec::new(),
        explains: Err("no fold was fitted".into()),
        folds: Vec::new(),
        draws,
        notes: Vec::new(),
    };
    if chosen.params.is_some() {
        explained
            .notes
            .push("every fold is fitted with the parameters that the run's searches chose most often".into());
    }
    let mut other = 0;
    for cell in plan.cells.iter().filter(is_of_pipeline) {
        let fold = explained.fold(&job, (cell, classifier), &data)?;
        let record = run.results.records.iter().find(|r| r.cell == cell.id && r.outcome == Outcome::Scored);
        let known = record.and_then(|record| record.metrics.get(run.study.primary.id)).and_then(|score| score.value());
        other += usize::from(known.is_some_and(|known| known != fold.score));
        explained.folds.push(fold);
    }
    if other > 0 && chosen.params.is_none() {
        let said = format!(
            "{} here otherwise than in the run: its fits draw without a seed",
            counted(other as u64, "fold score")
        );
        explained.notes.push(said);
    }
    Ok(explained)
}

impl Explained {
    fn fold(&mut self, job: &Job<'_>, (cell, classifier): (&Cell, &dyn Classifier), data: &Dataset) -> Result<Fold> {
        let failed = |failure: crate::run::Failure| {
            Error::Component(format!("{}, {}: {}", cell.id, failure.stage.name(), failure.said(Some(&data.columns))))
        };
        let [train, test] = halves(job, cell).map_err(failed)?;
        let fit = fit_on(job, cell, classifier, train.clone()).map_err(failed)?;
        let x = data.x.select(Axis(0), &test);
        let y: Vec<u8> = test.iter().map(|&row| data.y[row]).collect();
        let sides = job.table(cell).sides.select(&test);
        let worth = |said: &Prediction| -> Result<f64> {
            let score = self.metric.score(&Scored::new(&y, said)?.with(&sides)?);
            score.value().ok_or_else(|| {
                Error::Component(format!("{}: {} is undefined on its test rows", cell.id, self.metric.id))
            })
        };
        let score = worth(&fit.whole.predict(x.clone())?)?;
        let importance = permuted(&fit, &x, self.draws, &|said| {
            let now = worth(said)?;
            Ok(if self.metric.better == Better::Lower { now - score } else { score - now })
        })?;
        let shap = self.shap(&fit, data, (&train, &test))?;
        fit.whole.close()?;
        Ok(Fold { split: (cell.id.repeat, cell.id.fold), score, importance, test, shap })
    }

    fn shap(&mut self, fit: &Fit, data: &Dataset, (train, test): (&[usize], &[usize])) -> Result<Option<OfFold>> {
        let Some(model) = fit.whole.model() else {
            self.explains = Err("the classifier cannot be told as data".into());
            return Ok(None);
        };
        let mut draw = Mt19937::new(self.draws.seed);
        let mut some = |rows: &[usize], most: usize| -> Vec<usize> {
            let mut places = draw.permutation(rows.len());
            places.truncate(most);
            places.sort_unstable();
            places.into_iter().map(|place| rows[place]).collect()
        };
        let of = |label: u8| test.iter().copied().filter(|&row| data.y[row] == label).collect::<Vec<usize>>();
        let background = some(train, self.draws.background);
        let rows = [some(&of(1), self.draws.rows), some(&of(0), self.draws.rows)].concat();
        let prepared = |rows: &[usize]| fit.whole.prepared(data.x.select(Axis(0), rows));
        let (x, against) = (prepared(&rows)?, prepared(&background)?);
        let found = match shap(&model, x.view(), against.view()) {
            Ok(found) => found,
            Err(why) => {
                self.explains = Err(why);
                return Ok(None);
            }
        };
        self.explains = Ok(found.explains);
        if self.made.is_empty() {
            self.made.clone_from(&fit.names);
        }
        let size = |at: usize, label: u8| {
            let own = rows.iter().zip(found.values.column(at)).filter(|(row, _)| data.y[**row] == label);
            let sizes: Vec<f64> = own.map(|(_, value)| value.abs()).collect();
            (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64)
        };
        let sizes = (0..found.values.ncols()).map(|at| [size(at, 0), size(at, 1)]).collect();
        Ok(Some(OfFold { rows, background, values: found.values, base: found.base, sizes }))
    }

    /// Everything as JSON.
    pub fn json(&self) -> Value {
        let fold = |fold: &Fold| {
            let shap = fold.shap.as_ref().map(|shap| {
                let values: Vec<Vec<f64>> = shap.values.rows().into_iter().map(|row| row.to_vec()).collect();
                json!({ "rows": shap.rows, "background": shap.background, "base": shap.base, "values": values })
            });
            json!({
                "repeat": fold.split.0, "fold": fold.split.1, "score": fold.score,
                "importance": fold.importance, "test": fold.test, "shap": shap,
            })
        };
        json!({
            "pipeline": self.pipeline, "metric": self.metric.id, "seed": self.draws.seed, "columns": self.columns, "made": self.made,
            "shap_explains": self.explains.as_ref().ok(), "no_shap": self.explains.as_ref().err(),
            "folds": self.folds.iter().map(fold).collect::<Vec<Value>>(),
        })
    }
}

/// For each column what is lost each time that it is shuffled among the rows: every column by the same shuffles, each on top of the one
/// before, as scikit-learn's `permutation_importance` has it.
fn permuted(
    fit: &Fit,
    x: &Array2<f64>,
    draws: Draws,
    lost: &(dyn Fn(&Prediction) -> Result<f64> + Sync),
) -> Result<Vec<Vec<f64>>> {
    let seed = Mt19937::new(draws.seed).randint(0, 1 << 31) as u32;
    let of_column = |at: usize| -> Result<Vec<f64>> {
        let mut draw = Mt19937::new(seed);
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        let mut changed = x.clone();
        let once = |_| {
            draw.shuffle(&mut order);
            let before = changed.column(at).to_owned();
            changed.column_mut(at).iter_mut().zip(&order).for_each(|(value, &row)| *value = before[row]);
            lost(&fit.whole.predict(changed.clone())?)
        };
        (0..draws.repeats).map(once).collect()
    };
    let all: Vec<Result<Vec<f64>>> = (0..x.ncols()).into_par_iter().map(of_column).collect();
    all.into_iter().collect()
}
