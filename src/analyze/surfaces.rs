//! What the searches of a run have seen: the inner scores over the parameters that they varied.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Results;
use super::leaderboard::distinct;
use crate::cell::CellId;
use crate::metric::Better;
use crate::search::found;
use crate::search::trial::DROPPED;
use crate::store::Record;

/// The search of one classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// The classifier's name in the study.
    pub classifier: String,
    /// How candidates were found: `grid`, `random`, `halving`, `tpe`, `tpot` or `autosklearn`.
    pub kind: String,
    /// The metric that decided.
    pub goal: String,
    /// Which values of it are better.
    pub better: Better,
    /// The parameters that differ between candidates, at least one.
    pub parameters: Vec<Parameter>,
    /// One, or the rungs of halving, with ever more rows.
    pub rungs: Vec<Rung>,
    /// The cells that the means are over.
    pub cells: Vec<CellId>,
    /// The cells that searched; more than `cells` where candidates differ from cell to cell, and only the first is shown.
    pub searched: usize,
}

/// A parameter and where its values come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its values.
    pub domain: Domain,
}

/// The values of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// These; numbers are in ascending order.
    List(Vec<Value>),
    /// Numbers from `low` to `high`.
    Range {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
        /// Whether draws are equally likely by their logarithm.
        log: bool,
        /// Whether only whole numbers occur.
        whole: bool,
    },
}

/// The candidates that were tried on the same rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    /// Rows of all inner folds together, in the first cell.
    pub rows: u64,
    /// In the order in which they were tried.
    pub candidates: Vec<Candidate>,
}

/// A candidate, and what became of it in the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its values, one a parameter of the surface.
    pub values: Vec<Value>,
    /// Mean over the cells of its mean over the inner folds; none where it failed in a cell.
    pub mean: Option<f64>,
    /// In how many cells it failed.
    pub failed: usize,
    /// The first reason for that.
    pub reason: Option<String>,
    /// In how many cells it was chosen.
    pub chosen: usize,
}

impl Surface {
    /// Why candidates lack a mean, each rung's by themselves: those that failed somewhere, and those that a race dropped.
    pub fn lacking(&self) -> (Vec<&str>, Vec<&str>) {
        let lacking = self.rungs.iter().flat_map(|rung| &rung.candidates).filter(|candidate| candidate.failed > 0);
        let reasons = lacking.map(|candidate| candidate.reason.as_deref().unwrap_or("no reason was given"));
        reasons.partition(|reason| *reason != DROPPED)
    }
}

/// The surface of every classifier whose cells searched among at least two candidates, in plan order. What `tpot` and
/// `autosklearn` try are pipelines that have one thing in common, a classifier: their surface is over its family.
pub fn surfaces(results: &Results) -> Vec<Surface> {
    let names = distinct(results.records.iter().map(|record| record.cell.classifier.as_str()));
    names.into_iter().filter_map(|classifier| surface(results, classifier)).collect()
}

/// A trial of one cell, with the number of its rung.
struct Trial<'a> {
    rung: usize,
    rows: u64,
    /// The candidate as it was tried.
    whole: &'a Value,
    /// What of it the surface is over.
    params: Cow<'a, Map<String, Value>>,
    found: &'a Value,
}

fn surface(results: &Results, classifier: &str) -> Option<Surface> {
    let searches: Vec<(&Record, &Value, Vec<Trial<'_>>)> = results
        .records
        .iter()
        .filter(|record| record.cell.classifier == classifier)
        .filter_map(|record| {
            let search = record.details.as_ref().and_then(found)?;
            Some((record, search, trials(search)?))
        })
        .collect();
    let (first, search, tried) = searches.first()?;
    // Each cell's trials in the order of the first's, where all tried the same.
    let in_order: Option<Vec<Vec<&Trial<'_>>>> = searches.iter().map(|(_, _, other)| as_in(tried, other)).collect();
    let in_order = in_order.unwrap_or_else(|| vec![tried.iter().collect()]);
    let shown = &searches[..in_order.len()];
    let parameters = parameters(tried, &first.classifier_facts.params["search"]["space"]);
    let goal = search["goal"].as_str()?;
    let mut rungs: Vec<Rung> = Vec::new();
    for (i, trial) in tried.iter().enumerate() {
        if trial.rung == rungs.len() {
            rungs.push(Rung { rows: trial.rows, candidates: Vec::new() });
        }
        let in_cells: Vec<&Value> = in_order.iter().map(|trials| trials[i].found).collect();
        rungs[trial.rung].candidates.push(candidate(trial, &parameters, &in_cells));
    }
    (tried.len() > 1 && !parameters.is_empty()).then(|| Surface {
        classifier: classifier.to_owned(),
        kind: search["kind"].as_str().unwrap_or_default().to_owned(),
        goal: goal.to_owned(),
        better: results.better(goal),
        parameters,
        rungs,
        cells: shown.iter().map(|(record, _, _)| record.cell.clone()).collect(),
        searched: searches.len(),
    })
}

/// A cell's trials in the order of those `tried` by another; none where it tried others, or not as often. A random search goes through
/// one space in another order in each cell.
fn as_in<'a, 'b>(tried: &[Trial<'_>], other: &'b [Trial<'a>]) -> Option<Vec<&'b Trial<'a>>> {
    let mut left: Vec<&Trial<'_>> = other.iter().collect();
    let found: Option<Vec<&Trial<'_>>> = tried
        .iter()
        .map(|one| {
            let place = left.iter().position(|other| (other.rung, other.whole) == (one.rung, one.whole))?;
            Some(left.remove(place))
        })
        .collect();
    found.filter(|_| left.is_empty())
}

/// The trials of a cell; none where candidates have no parameters.
fn trials(search: &Value) -> Option<Vec<Trial<'_>>> {
    let candidates = search["candidates"].as_array()?;
    let mut rungs: Vec<u64> = Vec::new();
    let mut trials = Vec::new();
    for found in candidates {
        let whole = found.get("params")?;
        let params = shown(whole.as_object()?)?;
        let rows = found.get("rows")?.as_u64()?;
        if !rungs.contains(&rows) {
            rungs.push(rows);
        }
        trials.push(Trial { rung: rungs.iter().position(|r| *r == rows)?, rows, whole, params, found });
    }
    Some(trials)
}

/// What of a candidate's parameters lies on axes.
fn shown(params: &Map<String, Value>) -> Option<Cow<'_, Map<String, Value>>> {
    let family = params.get("classifier").and_then(|classifier| classifier.get("id"));
    if let Some(family) = family {
        return Some(Cow::Owned(Map::from_iter([("classifier".to_owned(), family.clone())])));
    }
    (!params.is_empty()).then_some(Cow::Borrowed(params))
}

fn candidate(trial: &Trial<'_>, parameters: &[Parameter], in_cells: &[&Value]) -> Candidate {
    let means: Vec<f64> = in_cells.iter().filter_map(|found| found["mean"].as_f64()).collect();
    let whole = means.len() == in_cells.len();
    Candidate {
        values: parameters.iter().map(|p| trial.params.get(&p.name).cloned().unwrap_or(Value::Null)).collect(),
        mean: whole.then(|| means.iter().sum::<f64>() / means.len() as f64),
        failed: in_cells.len() - means.len(),
        reason: in_cells.iter().find_map(|found| found["failed"].as_str()).map(str::to_owned),
        chosen: in_cells.iter().filter(|found| found["chosen"] == true).count(),
    }
}

/// The parameters with more than one value, by the study's domains where the record has them.
fn parameters(trials: &[Trial<'_>], space: &Value) -> Vec<Parameter> {
    let names = distinct(trials.iter().flat_map(|trial| trial.params.keys()));
    let varies = |name: &&String| distinct(trials.iter().map(|trial| trial.params.get(*name))).len() > 1;
    let parameter = |name: &String| {
        let values = distinct(trials.iter().filter_map(|trial| trial.params.get(name)));
        Parameter { name: name.clone(), domain: domain(space.get(name), &values) }
    };
    names.into_iter().filter(varies).map(parameter).collect()
}

fn domain(given: Option<&Value>, values: &[&Value]) -> Domain {
    let ends = |given: &Value| Some((given.get("low")?.as_f64()?, given.get("high")?.as_f64()?));
    if let Some((low, high)) = given.and_then(ends).filter(|(low, high)| low < high) {
        let log = given.is_some_and(|given| given["log"] == true);
        let whole = values.iter().all(|value| value.is_i64() || value.is_u64());
        return Domain::Range { low, high, log, whole };
    }
    let listed = given.and_then(Value::as_array).into_iter().flatten();
    let mut list: Vec<Value> = distinct(listed.chain(values.iter().copied())).into_iter().cloned().collect();
    if list.iter().all(Value::is_number) {
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        list.sort_by(|a, b| number(a).total_cmp(&number(b)));
    }
    Domain::List(list)
}
