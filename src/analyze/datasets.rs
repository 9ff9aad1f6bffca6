//! Pipelines over several data sets, as Demsar (2006) compares them: mean ranks, Friedman's test, Nemenyi's critical
//! difference, and Wilcoxon's test for each pair.

use std::collections::HashMap;

use super::Results;
use super::folds::by_pipeline;
use super::leaderboard::{Leaderboard, Pipeline, distinct, leaderboard, variant_name};
use super::statistics::ranks::{Friedman, cliques, critical_difference, friedman, mean_ranks};
use super::statistics::rounding::difference;
use super::statistics::{holm, wilcoxon};
use crate::cell::axis::{AXES, Axis, Value};
use crate::error::{Error, Result};
use crate::metric::Better;
use crate::words::counted;

/// What is compared, by dataset variant: pipelines with and without duplicates were tested on other rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// A table per variant that has at least two pipelines to compare, in plan order.
    pub tables: Vec<Table>,
    /// The other variants by name, and how many pipelines they have.
    pub without: Vec<(String, usize)>,
}

/// The mean of one metric by data set and pipeline, of one dataset variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The variant's name; none where the runs have one alone.
    pub variant: Option<String>,
    /// The metric.
    pub metric: String,
    /// Which end of it is good.
    pub better: Better,
    /// The data sets' names.
    pub datasets: Vec<String>,
    /// The pipelines that are complete on every data set, in plan order.
    pub pipelines: Vec<Pipeline>,
    /// A row a data set, a column a pipeline.
    pub means: Vec<Vec<f64>>,
    /// Pipelines that lack a data set or a fold of one: they are not compared.
    pub left_out: usize,
}

/// What the tests say of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    /// What was compared.
    pub table: Table,
    /// The level of all tests.
    pub alpha: f64,
    /// Mean rank of each pipeline, 1 is best.
    pub mean_ranks: Vec<f64>,
    /// Whether there is any difference at all.
    pub friedman: Friedman,
    /// Mean ranks that differ by no more than this are not told apart.
    pub critical_difference: f64,
    /// The largest groups of pipelines that are not told apart.
    pub cliques: Vec<Vec<usize>>,
    /// Wilcoxon's test for every pair of columns.
    pub pairs: Vec<PairTest>,
}

/// Wilcoxon's signed-rank test of two columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairTest {
    /// The first column.
    pub a: usize,
    /// The second, after the first.
    pub b: usize,
    /// Two-sided p-value.
    pub p: f64,
    /// The same by Holm over all pairs.
    pub p_holm: f64,
}

impl Tables {
    /// Puts the runs of several data sets side by side; `metric` defaults to the primary metric of the first run.
    ///
    /// # Errors
    /// [`Error::Usage`] when two runs saw the same data, when there is one data set only, when a run does not have the metric, or
    /// fewer than two pipelines are complete on all of them.
    pub fn of(runs: &[Results], metric: Option<&str>) -> Result<Self> {
        for (i, run) in runs.iter().enumerate() {
            let data = run.manifest.table();
            if runs[..i].iter().any(|other| other.manifest.table().sha256 == data.sha256) {
                return Err(Error::Usage(format!(
                    "two of the runs saw the same data ({}): ranks over runs or folds of one data set would count the same \
                     evidence twice",
                    data.name
                )));
            }
        }
        let [first, _, ..] = runs else { return Err(one_data_set()) };
        let metric = metric.unwrap_or(&first.primary).to_owned();
        all_have(runs, &metric)?;
        let boards: Vec<_> =
            runs.iter().map(|run| leaderboard(&Results { primary: metric.clone(), ..run.clone() })).collect();
        let all = distinct(runs.iter().flat_map(|run| by_pipeline(run).into_iter().map(|group| group.pipeline)));
        let means = |board: &Leaderboard| -> HashMap<Pipeline, f64> {
            let ranked = board.rows.iter().filter(|row| row.rank.is_some());
            ranked.filter_map(|row| Some((row.pipeline.clone(), board.primary_mean(row)?))).collect()
        };
        let means: Vec<HashMap<Pipeline, f64>> = boards.iter().map(means).collect();
        let means_of = |pipeline: &Pipeline| -> Option<Vec<f64>> {
            means.iter().map(|means| means.get(pipeline).copied()).collect()
        };
        let variants = distinct(all.iter().map(Pipeline::variant));
        let mut found = Tables { tables: Vec::new(), without: Vec::new() };
        for variant in &variants {
            let own: Vec<&Pipeline> = all.iter().filter(|pipeline| pipeline.variant() == *variant).collect();
            let columns: Vec<(Pipeline, Vec<f64>)> =
                own.iter().filter_map(|pipeline| Some(((*pipeline).clone(), means_of(pipeline)?))).collect();
            let name = variant_name(&variants, *variant);
            if columns.len() < 2 {
                found.without.push((name, own.len()));
                continue;
            }
            found.tables.push(Table {
                variant: (variants.len() > 1).then_some(name),
                better: first.better(&metric),
                metric: metric.clone(),
                datasets: runs.iter().map(|run| run.manifest.table().name.clone()).collect(),
                left_out: own.len() - columns.len(),
                means: (0..runs.len()).map(|i| columns.iter().map(|(_, means)| means[i]).collect()).collect(),
                pipelines: columns.into_iter().map(|(pipeline, _)| pipeline).collect(),
            });
        }
        if found.tables.is_empty() {
            return Err(Error::Usage(format!(
                "fewer than two pipelines have {metric} on every fold of all {} data sets, so there is nothing to compare",
                runs.len()
            )));
        }
        Ok(found)
    }

    /// All tests at `alpha`, each of one variant alone.
    ///
    /// # Errors
    /// Those of [`Table::across`].
    pub fn across(self, alpha: f64) -> Result<Vec<Across>> {
        self.tables.into_iter().map(|table| table.across(alpha)).collect()
    }
}

impl Table {
    /// All tests at `alpha`.
    ///
    /// # Errors
    /// [`Error::Usage`] for a single data set: its folds are no data sets.
    pub fn across(self, alpha: f64) -> Result<Across> {
        let (n, k) = (self.means.len(), self.pipelines.len());
        if n < 2 {
            return Err(one_data_set());
        }
        let mean_ranks = mean_ranks(&self.means, self.better == Better::Lower);
        let critical_difference = critical_difference(alpha, k, n);
        let columns: Vec<(usize, usize)> = (0..k).flat_map(|a| (a + 1..k).map(move |b| (a, b))).collect();
        let p: Vec<f64> = columns
            .iter()
            .map(|&(a, b)| {
                wilcoxon::signed_rank(&self.means.iter().map(|row| difference(row[a], row[b])).collect::<Vec<_>>())
            })
            .collect();
        let adjusted = holm::adjust(&p);
        let pairs = columns.iter().zip(p.iter().zip(adjusted));
        Ok(Across {
            alpha,
            friedman: friedman(&self.means),
            critical_difference,
            cliques: cliques(&mean_ranks, critical_difference),
            pairs: pairs.map(|(&(a, b), (&p, p_holm))| PairTest { a, b, p, p_holm }).collect(),
            mean_ranks,
            table: self,
        })
    }

    /// What tells the pipelines apart: the places on those axes on which they differ, in one line each.
    pub fn names(&self) -> Vec<String> {
        let place = |axis: &Axis, pipeline: &Pipeline| match axis.value(pipeline) {
            Value::Text(name) => name.into_owned(),
            value => format!("{} {value}", axis.id),
        };
        // The classifier first and always, so that no name is empty.
        let differs = |axis: &&Axis| {
            axis.id == "classifier" || self.pipelines.iter().any(|p| axis.value(p) != axis.value(&self.pipelines[0]))
        };
        let axes: Vec<&Axis> = AXES.iter().rev().filter(differs).collect();
        let name = |p: &Pipeline| axes.iter().map(|axis| place(axis, p)).collect::<Vec<_>>().join(" · ");
        self.pipelines.iter().map(name).collect()
    }
}

/// Refuses a metric that is not computed on every data set; it names those without it, and the metrics that all have.
fn all_have(runs: &[Results], metric: &str) -> Result<()> {
    let has = |run: &Results, metric: &str| run.primary == metric || run.metrics.iter().any(|known| known == metric);
    let without: Vec<&str> =
        runs.iter().filter(|run| !has(run, metric)).map(|run| run.manifest.table().name.as_str()).collect();
    if without.is_empty() {
        return Ok(());
    }
    let own = runs.iter().flat_map(|run| run.metrics.iter().chain([&run.primary]));
    let common: Vec<&str> =
        distinct(own.map(String::as_str)).into_iter().filter(|id| runs.iter().all(|run| has(run, id))).collect();
    let whose = match without.len() {
        n if n == runs.len() => "any of the data sets".to_owned(),
        n => format!("{} of {}: {}", n, counted(runs.len() as u64, "data set"), without.join(", ")),
    };
    let take = match common.is_empty() {
        true => "no metric is computed on all of them".to_owned(),
        false => format!("write `--metric` with one that all have: {}", common.join(", ")),
    };
    Err(Error::Usage(format!("{metric} is not computed on {whose}; {take}")))
}

fn one_data_set() -> Error {
    Error::Usage(
        "a comparison of ranks needs several data sets: the folds of one data set share training rows, so ranks over them \
         would count the same evidence many times"
            .to_owned(),
    )
}
