//! What a pipeline looks at, fold by fold: permutation importance on test rows, and exact SHAP values where there are any.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use super::choose::{choose, folder};
use super::shap::shap;
use crate::cell::{Cell, Filter, Plan};
use crate::component::{Better, Classifier, Metric, Prediction};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::harness::Reopened;
use crate::metric::Scored;
use crate::numeric::mt19937::Mt19937;
use crate::report::explained::{ExplainedFold, Explanation, FoldShap};
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

/// How many shuffles of a column are done, for whoever waits for them.
#[derive(Debug, Default)]
pub(crate) struct Shuffles {
    done: AtomicUsize,
    of: AtomicUsize,
}

impl Shuffles {
    /// How many are done, and of how many; 0 of 0 while that is not known.
    pub fn far(&self) -> (usize, usize) {
        // In this order, as it can only be more of all by then.
        (self.done.load(Ordering::Relaxed), self.of.load(Ordering::Relaxed))
    }
}

/// What was found out about a pipeline.
pub(crate) struct Looked {
    /// All of it.
    pub explanation: Explanation,
    /// The name of the pipeline's folder among the run's explanations.
    pub folder: String,
    /// What a reader has to know, one sentence each.
    pub notes: Vec<String>,
}

/// Fits the pipeline of a run that `text` names, or its best one, on each fold again and looks at what it looks at. Nothing is learnt
/// from test rows. `file` is where the table is now, if it was moved; `shuffles` are counted as they are done.
///
/// # Errors
/// Those of choosing and of reading; [`Error::Component`] when a step fails, or the primary metric is undefined on a fold.
pub(crate) fn explain(
    run: &Reopened,
    text: Option<&str>,
    file: Option<&Path>,
    (draws, shuffles): (Draws, &Shuffles),
) -> Result<Looked> {
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
    let mut notes = Vec::new();
    if chosen.params.is_some() {
        notes.push("every fold is fitted with the parameters that the run's searches chose most often".into());
    }
    let mut look = Look {
        metric: run.study.primary,
        draws,
        shuffles,
        made: Vec::new(),
        explains: Err("no fold was fitted".into()),
    };
    let cells: Vec<&Cell> = plan.cells.iter().filter(is_of_pipeline).collect();
    shuffles.of.store(cells.len() * data.x.ncols() * draws.repeats, Ordering::Relaxed);
    let mut folds = Vec::new();
    let mut other = 0;
    for cell in cells {
        let fold = look.fold(&job, (cell, classifier), &data)?;
        let record = run.results.records.iter().find(|r| r.cell == cell.id && r.outcome == Outcome::Scored);
        let known = record.and_then(|record| record.metrics.get(run.study.primary.id)).and_then(|score| score.value());
        other += usize::from(known.is_some_and(|known| known != fold.score));
        folds.push(fold);
    }
    if other > 0 && chosen.params.is_none() {
        let said = format!(
            "{} here otherwise than in the run: its fits draw without a seed",
            counted(other as u64, "fold score")
        );
        notes.push(said);
    }
    let explanation = Explanation {
        title: run.results.title.clone(),
        data_set: first.id.data_set.clone(),
        pipeline: first.id.pipeline(),
        metric: run.study.primary.id.to_owned(),
        lower_is_better: run.study.primary.better == Better::Lower,
        seed: draws.seed,
        repeats: draws.repeats,
        columns: data.columns.iter().map(|column| column.name.clone()).collect(),
        made: look.made,
        shap_explains: look.explains.as_ref().ok().map(|what| (*what).to_owned()),
        no_shap: look.explains.err(),
        folds,
    };
    Ok(Looked { explanation, folder: folder(&plan, &first.id, run.study.data.len() > 1), notes })
}

/// What is looked at on every fold.
struct Look<'s> {
    metric: &'static Metric,
    draws: Draws,
    shuffles: &'s Shuffles,
    /// The columns that reach the classifier, where folds agree on them.
    made: Vec<String>,
    /// What SHAP values explain, or why there are none.
    explains: Result<&'static str, String>,
}

impl Look<'_> {
    fn fold(
        &mut self,
        job: &Job<'_>,
        (cell, classifier): (&Cell, &dyn Classifier),
        data: &Dataset,
    ) -> Result<ExplainedFold> {
        let name = cell.id.named(job.study.data.len() > 1);
        let failed = |failure: crate::run::Failure| {
            Error::Component(format!("{name}, {}: {}", failure.stage.name(), failure.said(Some(&data.columns))))
        };
        let [train, test] = halves(job, cell).map_err(failed)?;
        let fit = fit_on(job, cell, classifier, train.clone()).map_err(failed)?;
        let x = data.x.select(Axis(0), &test);
        let y: Vec<u8> = test.iter().map(|&row| data.y[row]).collect();
        let sides = job.table(cell).sides.select(&test);
        let worth = |said: &Prediction| -> Result<f64> {
            let score = self.metric.score(&Scored::new(&y, said)?.with(&sides)?);
            score
                .value()
                .ok_or_else(|| Error::Component(format!("{name}: {} is undefined on its test rows", self.metric.id)))
        };
        let score = worth(&fit.whole.predict(x.clone())?)?;
        let importance = permuted(&x, (self.draws, self.shuffles), &|changed| {
            let now = worth(&fit.whole.predict(changed)?)?;
            Ok(if self.metric.better == Better::Lower { now - score } else { score - now })
        })?;
        let shap = self.shap(&fit, data, (&train, &test))?;
        fit.whole.close()?;
        Ok(ExplainedFold { repeat: cell.id.repeat, fold: cell.id.fold, score, importance, test, shap })
    }

    fn shap(&mut self, fit: &Fit, data: &Dataset, (train, test): (&[usize], &[usize])) -> Result<Option<FoldShap>> {
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
            self.made = told_apart(&fit.names);
        }
        let size = |at: usize, label: u8| {
            let own = rows.iter().zip(found.values.column(at)).filter(|(row, _)| data.y[**row] == label);
            let sizes: Vec<f64> = own.map(|(_, value)| value.abs()).collect();
            (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64)
        };
        let sizes = (0..found.values.ncols()).map(|at| [size(at, 0), size(at, 1)]).collect();
        let values = found.values.rows().into_iter().map(|row| row.to_vec()).collect();
        Ok(Some(FoldShap { rows, background, base: found.base, values, mean_abs: sizes }))
    }
}

/// Names that several columns have, with the place of each; other names as they are.
fn told_apart(names: &[String]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    names.iter().for_each(|name| *counts.entry(name).or_default() += 1);
    let of = |(at, name): (usize, &String)| match counts[name.as_str()] {
        1 => name.clone(),
        _ => format!("{name} (column {at}, counted from 0)"),
    };
    names.iter().enumerate().map(of).collect()
}

/// For each column of `x` what is lost by its rows each time that it is shuffled among the rows: every column by the same shuffles, each on top of the one
/// before, as scikit-learn's `permutation_importance` has it.
fn permuted(
    x: &Array2<f64>,
    (draws, shuffles): (Draws, &Shuffles),
    lost: &(dyn Fn(Array2<f64>) -> Result<f64> + Sync),
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
            let lost = lost(changed.clone());
            shuffles.done.fetch_add(1, Ordering::Relaxed);
            lost
        };
        (0..draws.repeats).map(once).collect()
    };
    let all: Vec<Result<Vec<f64>>> = (0..x.ncols()).into_par_iter().map(of_column).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shuffle_is_counted() {
        let draws = Draws { repeats: 5, rows: 1, background: 1, seed: 0 };
        let shuffles = Shuffles::default();
        assert_eq!(shuffles.far(), (0, 0));
        let x = Array2::from_shape_fn((4, 3), |(row, at)| (10 * at + row) as f64);
        let lost = permuted(&x, (draws, &shuffles), &|changed| Ok(changed.sum())).unwrap();
        // Shuffled columns have the same sum: 0 to 3, 10 to 13, and 20 to 23.
        assert_eq!((lost, shuffles.far().0), (vec![vec![138.0; 5]; 3], 15));
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let names = ["a b", "c", "a b"].map(str::to_owned);
        let wanted = ["a b (column 0, counted from 0)", "c", "a b (column 2, counted from 0)"];
        assert_eq!(told_apart(&names), wanted);
    }
}
