//! `best_params.json`: what searches and early stopping have chosen, and what labels and probabilities are set by around a family, per
//! pipeline and fold, with Python code that makes the same estimator.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::python;
use super::{Exporter, Report};
use crate::analyze::Results;
use crate::analyze::leaderboard::{BASELINE, Pipeline};
use crate::analyze::statistics::rounding::equal;
use crate::cell::axis::AXES;
use crate::component::{ComponentFacts, Registry};
use crate::error::{Error, Result};
use crate::metric::Better;
use crate::report::columns::of_pipelines;
use crate::search::{Method, found};
use crate::store::{Outcome, Record};

/// `best_params.json`.
pub(super) const JSON: Exporter =
    Exporter { file: "best_params.json", bytes: |report: &Report<'_>| file(report.results) };

/// What one cell has chosen.
pub(in crate::report) struct Chosen<'a> {
    /// The cell's record.
    pub record: &'a Record,
    /// The parameters that were chosen among candidates; empty where nothing was searched.
    pub params: Map<String, Value>,
    /// The goal of the search and its mean over the inner folds.
    pub goal: Option<(String, Option<f64>)>,
    /// The best round, from 0, and how many rounds were kept, where the training was stopped early.
    pub rounds: Option<(u64, u64)>,
}

impl Chosen<'_> {
    /// Whether parameters or rounds were chosen.
    fn is_choice(&self) -> bool {
        !self.params.is_empty() || self.goal.is_some() || self.rounds.is_some()
    }
}

/// What each cell of each pipeline has chosen on the one data set of `results`, in plan order; pipelines that choose nothing are not
/// there.
pub(in crate::report) fn chosen(results: &Results) -> Vec<(Pipeline, Vec<Chosen<'_>>)> {
    by_pipeline(results, Chosen::is_choice)
}

/// The same of the cells that `takes` names.
fn by_pipeline<'r>(results: &'r Results, takes: impl Fn(&Chosen<'r>) -> bool) -> Vec<(Pipeline, Vec<Chosen<'r>>)> {
    let scored = results.records.iter().filter(|r| r.outcome == Outcome::Scored && r.family != BASELINE);
    let taken = scored.map(of_one).filter(takes);
    let mut pipelines: Vec<(Pipeline, Vec<Chosen<'_>>)> = Vec::new();
    let mut places: HashMap<Pipeline, usize> = HashMap::new();
    for one in taken {
        let pipeline = Pipeline::of(&one.record.cell);
        let place = *places.entry(pipeline.clone()).or_insert_with(|| {
            pipelines.push((pipeline, Vec::new()));
            pipelines.len() - 1
        });
        pipelines[place].1.push(one);
    }
    pipelines
}

fn of_one(record: &Record) -> Chosen<'_> {
    let details = record.details.as_ref();
    let search = details.and_then(found);
    let candidates = || search.and_then(|search| search["candidates"].as_array()).into_iter().flatten();
    let winner = candidates().find(|trial| trial["chosen"] == true);
    let params = winner.and_then(|trial| trial["params"].as_object()).cloned().unwrap_or_default();
    let goal = search.filter(|_| winner.is_some()).map(|search| {
        let goal = search["goal"].as_str().unwrap_or_default().to_owned();
        (goal, winner.and_then(|trial| trial["mean"].as_f64()))
    });
    let rounds = details.and_then(stopped).map(|it| (it["best_iteration"].as_u64(), it["rounds_kept"].as_u64()));
    let rounds = rounds.and_then(|(best, kept)| Some((best?, kept?)));
    Chosen { record, params, goal, rounds }
}

/// Whether a threshold, a calibration or a corrected prior stands around the family. Each is a table or a flag beside `params`; a
/// family's own parameter of such a name is none.
fn is_wrapped(record: &Record) -> bool {
    let params = &record.classifier_facts.params;
    params["threshold"]["rule"].is_string()
        || params["calibrate"]["method"].is_string()
        || params["correct_prior"] == true
}

/// What early stopping says of itself, however deep.
fn stopped(details: &Value) -> Option<&Value> {
    details.get("early_stopping").or_else(|| details.get("model").and_then(stopped))
}

/// The threshold of the labels, however deep.
pub(super) fn threshold(details: &Value) -> Option<&Value> {
    details.get("threshold").map(|it| &it["value"]).or_else(|| details.get("model").and_then(threshold))
}

/// The fold that speaks for all: of those with the parameters that were chosen most often the one with the best inner mean.
pub(in crate::report) fn typical<'f, 'a>(
    folds: &'f [Chosen<'a>],
    results: &Results,
) -> Option<(&'f Chosen<'a>, usize)> {
    let times = |one: &Chosen<'_>| folds.iter().filter(|other| other.params == one.params).count();
    let worth = |one: &Chosen<'_>| match &one.goal {
        Some((goal, Some(mean))) if results.better(goal) == Better::Lower => -mean,
        Some((_, Some(mean))) => *mean,
        _ => f64::NEG_INFINITY,
    };
    // Of equally good ones the first.
    let by_worth = |a: f64, b: f64| if equal(a, b) { Ordering::Equal } else { a.total_cmp(&b) };
    let better = |a: &&Chosen<'_>, b: &&Chosen<'_>| times(a).cmp(&times(b)).then(by_worth(worth(a), worth(b)));
    folds.iter().rev().max_by(better).map(|one| (one, times(one)))
}

/// The parameters that a search has chosen for a pipeline on the one data set of `results`, by the fold that speaks for all; none where
/// nothing was searched, or no cell of it has scores.
pub(crate) fn searched(results: &Results, pipeline: &Pipeline) -> Option<Map<String, Value>> {
    let all = chosen(results);
    let (_, folds) = all.iter().find(|(known, _)| known == pipeline)?;
    typical(folds, results).map(|(one, _)| one.params.clone()).filter(|params| !params.is_empty())
}

fn file(results: &Results) -> Result<Option<Vec<u8>>> {
    let told = by_pipeline(results, |one| one.is_choice() || is_wrapped(one.record));
    let pipelines: Vec<Value> = told.iter().map(|(pipeline, folds)| pipeline_of(pipeline, folds, results)).collect();
    if pipelines.is_empty() {
        return Ok(None);
    }
    let file = json!({
        "about": "What searches and early stopping chose on the training rows of each fold, and what thresholds and calibrations around \
                  families are. `typical` is the fold that speaks for a pipeline: of those with the parameters chosen most often the \
                  one with the best inner mean, and without a search the first. `python` makes the estimator of a fold: \
                  scikit-learn's, imbalanced-learn's, XGBoost's or LightGBM's class with every parameter that is not at its default. \
                  Where `boosting_rounds` were kept by early stopping, it has these rounds and keeps no rows out: its scores differ \
                  from those of the records, whose rounds were fitted without the rows that early stopping kept out.",
        "primary": results.primary,
        "pipelines": pipelines,
    });
    let mut bytes = serde_json::to_vec_pretty(&file)
        .map_err(|e| Error::Component(format!("cannot encode best_params.json: {e}")))?;
    bytes.push(b'\n');
    Ok(Some(bytes))
}

fn pipeline_of(pipeline: &Pipeline, folds: &[Chosen<'_>], results: &Results) -> Value {
    let mut object: Map<String, Value> =
        of_pipelines().map(|axis| (axis.column.to_owned(), Value::from(axis.value(pipeline).to_string()))).collect();
    if let Some((one, times)) = typical(folds, results) {
        object.insert("family".into(), one.record.family.clone().into());
        object.insert("backend".into(), one.record.backend.clone().into());
        let mut typical = fold(one, results);
        // Without a search nothing was chosen, and thresholds and rounds beside it differ from fold to fold.
        if one.goal.is_some() {
            typical.insert("chosen_in_folds".into(), times.into());
        }
        object.insert("typical".into(), typical.into());
    }
    let folds: Vec<Value> = folds.iter().map(|one| fold(one, results).into()).collect();
    object.insert("folds".into(), folds.into());
    object.into()
}

fn fold(one: &Chosen<'_>, results: &Results) -> Map<String, Value> {
    let Chosen { record, params, goal, rounds } = one;
    let mut object = Map::new();
    for axis in AXES.iter().filter(|axis| ["repeat", "fold"].contains(&axis.id)) {
        object.insert(axis.column.into(), axis.value(&record.cell).to_string().parse::<u64>().ok().into());
    }
    object.insert("params".into(), params.clone().into());
    if let Some((goal, mean)) = goal {
        object.insert("goal".into(), goal.clone().into());
        object.insert("mean_test_score".into(), (*mean).into());
    }
    object.insert("best_iteration".into(), rounds.map(|(best, _)| best).into());
    object.insert("boosting_rounds".into(), rounds.map(|(_, kept)| kept).into());
    if let Some(value) = record.details.as_ref().and_then(threshold) {
        object.insert("threshold".into(), value.clone());
    }
    if draws_by(&record.classifier_facts, &results.registry, rounds.is_some()) {
        // As texts where JSON's numbers would lose digits.
        object.insert("seed".into(), record.seed.to_string().into());
    }
    let score = record.metrics.get(&results.primary);
    object.insert(results.primary.clone(), crate::analyze::leaderboard::value(score).into());
    let table = results.manifest.data.iter().find(|table| table.name == record.cell.data_set);
    let columns = table.map_or(&[][..], |table| &table.columns);
    match python::code((record, columns), (&results.registry, results.seed), params, rounds.map(|(_, kept)| kept)) {
        Ok(code) => object.insert("python".into(), code.into()),
        Err(why) => object.insert("python_lacks".into(), why.into()),
    };
    object
}

/// Whether a classifier with these facts can have drawn by the cell's seed: a family with its library's own does so only for the
/// candidates of a search, or for rows to stop early by.
fn draws_by(facts: &ComponentFacts, registry: &Registry, is_stopped: bool) -> bool {
    let entry = registry.classifier(&facts.id, Some(&facts.backend)).ok();
    let has_own = entry.is_some_and(|entry| entry.has_fixed_seed);
    let draws_candidates = facts.params["search"]["kind"].as_str().is_some_and(|kind| kind != Method::Grid.name());
    !has_own || is_stopped || draws_candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_that_nothing_was_drawn_by_is_not_told() {
        let registry = Registry::built_in();
        let draws = |id: &str, backend: &str, params: Value, is_stopped: bool| {
            let facts = ComponentFacts { id: id.into(), backend: backend.into(), version: 1, params };
            draws_by(&facts, &registry, is_stopped)
        };
        let searched = |kind: &str| json!({ "params": {}, "search": { "kind": kind } });
        for library in ["xgboost", "lightgbm"] {
            assert!(!draws(library, library, json!({ "params": {}, "threshold": { "rule": "max-f1" } }), false));
            assert!(!draws(library, library, searched("grid"), false));
            assert!(
                draws(library, library, searched("random"), false)
                    && draws(library, library, searched("halving"), false)
            );
            assert!(draws(library, library, json!({}), true));
        }
        assert!(draws("random-forest", "native", searched("grid"), false));
        assert!(draws("bagging", "native", json!({ "estimator": { "family": "xgboost" } }), false));
        assert!(draws("of-another-time", "native", json!({}), false));
    }

    #[test]
    fn what_stopped_and_was_cut_is_found_at_any_depth() {
        let details = json!({ "threshold": { "value": 0.25 }, "model": { "search": { "candidates": [] }, "model": {
            "early_stopping": { "best_iteration": 7, "rounds_kept": 8 } } } });
        assert_eq!(stopped(&details).unwrap()["rounds_kept"], 8);
        assert_eq!(threshold(&details).unwrap(), &json!(0.25));
        assert_eq!(stopped(&json!({ "model": {} })), None);
    }
}
