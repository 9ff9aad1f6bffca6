//! What one run has of one pipeline: the values of a measure by split, and which rows these splits are of.

use std::collections::HashMap;

use super::Run;
use super::measure::Measure;
use super::rules::Rules;
use crate::analyze::Results;
use crate::analyze::folds::{Group, Ratios, Split, by_pipeline};
use crate::analyze::leaderboard::{Pipeline, distinct};
use crate::analyze::statistics::by_rows::{ByRows, Spread};
use crate::analyze::statistics::mean::mean_and_sd;
use crate::analyze::statistics::worse::Night;
use crate::data::{Digests, Role};
use crate::store::Record;

/// A run on one data set, by pipeline.
pub(in crate::analyze) struct Part<'a> {
    pub results: &'a Results,
    /// The run that it is a part of, where predictions are looked for.
    pub run: Option<&'a Run>,
    pub groups: Vec<Group<'a>>,
    /// The place of each pipeline among the groups.
    places: HashMap<Pipeline, usize>,
    ratios: Ratios,
}

impl<'a> Part<'a> {
    pub fn of(results: &'a Results) -> Self {
        let groups = by_pipeline(results);
        let places = groups.iter().map(|group| group.pipeline.clone()).zip(0..).collect();
        Part { results, run: None, groups, places, ratios: Ratios::of(results) }
    }

    /// The same with the run that kept the predictions.
    pub fn of_run(results: &'a Results, run: &'a Run) -> Self {
        Part { run: Some(run), ..Part::of(results) }
    }

    /// The data set's name.
    pub fn name(&self) -> &'a str {
        &self.results.manifest.table().name
    }

    /// Whether the rules' filter takes a pipeline.
    pub fn takes(&self, rules: &Rules, pipeline: &Pipeline) -> bool {
        let planned = self.group(pipeline).and_then(|group| self.results.planned.get(group.first));
        planned.is_some_and(|p| rules.filter.takes(&p.cell, &p.family, &p.backend))
    }

    /// The measures that `rules` ask for, each with the threshold on the scale on which larger is worse.
    pub fn measures(&self, rules: &Rules) -> Vec<(Measure, f64)> {
        rules.measures(|id| self.results.better(id))
    }

    pub fn group(&self, pipeline: &Pipeline) -> Option<&Group<'a>> {
        self.groups.get(*self.places.get(pipeline)?)
    }

    /// The values of `measure` for a pipeline; none without any.
    pub fn sample(&self, pipeline: &Pipeline, measure: &Measure) -> Option<Sample<'a>> {
        let group = self.group(pipeline)?;
        let values: Vec<Value<'a>> = group.scored().filter_map(|record| Value::of(record, measure)).collect();
        let splits: Vec<Split> = values.iter().map(|value| value.split).collect();
        let ratio = self.ratios.mean(pipeline.variant(), &splits);
        let planned = group.records.len();
        let digests = &self.results.manifest.table().digests;
        let metric = measure.metric().and_then(|id| self.results.registry.metric(id).ok());
        let reads = metric.iter().flat_map(|metric| metric.needs).filter_map(|need| need.role()).collect();
        let (by_rows, spreads) = (None, Vec::new());
        (!values.is_empty()).then_some(Sample { values, digests, reads, ratio, planned, by_rows, spreads })
    }

    /// Whether the two runs saw the same table.
    pub fn has_data_of(&self, other: &Part<'_>) -> bool {
        self.other_than(other).is_none()
    }

    /// What of the table differs from the one that `other` saw, in words.
    pub fn other_than(&self, other: &Part<'_>) -> Option<&'static str> {
        let [own, others] = [self, other].map(|part| &part.results.manifest.table().digests);
        own.other_than(others)
    }

    /// Whether the two runs saw the same rows with the same features, be it that other columns of roles differ.
    pub fn has_features_of(&self, other: &Part<'_>) -> bool {
        let [own, others] = [self, other].map(|part| &part.results.manifest.table().digests);
        own.features == others.features && own.labels == others.labels && own.kept == others.kept
    }

    /// Whether the two runs saw the same rows, with the same features or others: both tables have the same labels in the same order.
    pub fn has_labels_of(&self, other: &Part<'_>) -> bool {
        let [own, others] = [self, other].map(|part| &part.results.manifest.table().digests.labels);
        own == others
    }

    /// Whether seconds and memory can be compared with those of `other`.
    pub fn is_on_machine_of(&self, other: &Part<'_>) -> bool {
        let [own, others] = [self, other].map(|part| &part.results.manifest);
        let same = |a: &crate::store::Manifest| (a.machine.cpu.clone(), a.machine.cores, a.threads, a.cell_threads);
        same(own) == same(others)
    }
}

/// A value on one split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::analyze) struct Value<'a> {
    pub split: Split,
    pub value: f64,
    pub badness: f64,
    /// Whether it is a cost below the floor, for which the floor stands in [`Value::badness`].
    pub is_floored: bool,
    rows: Option<&'a str>,
}

impl<'a> Value<'a> {
    fn of(record: &'a Record, measure: &Measure) -> Option<Self> {
        let value = measure.value(record)?;
        let split = (record.cell.repeat, record.cell.fold);
        let is_floored = measure.floor().is_some_and(|floor| value < floor);
        Some(Value { split, value, badness: measure.badness(value), is_floored, rows: record.rows.as_deref() })
    }
}

/// The values of one pipeline of one run.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::analyze) struct Sample<'a> {
    pub values: Vec<Value<'a>>,
    /// Of the table that it is of.
    digests: &'a Digests,
    /// Columns that the metric reads beside labels and predictions.
    reads: Vec<Role>,
    pub ratio: f64,
    pub planned: usize,
    /// What test rows tell of the variance of one split; none where not all have predictions.
    by_rows: Option<ByRows>,
    /// How the values depend on their rows, an element a value; empty where nobody asked.
    spreads: Vec<Spread>,
}

impl Sample<'_> {
    /// Takes in what predictions tell of each value, in their order. Only runs on the rows of another are asked for more than the variance.
    pub fn set_spreads(&mut self, spreads: Vec<Spread>, is_on_rows: bool) {
        let of_splits: Vec<ByRows> = spreads.iter().map(Spread::by_rows).collect();
        self.by_rows = ByRows::over(&of_splits, self.repeats());
        self.spreads = if is_on_rows { spreads } else { Vec::new() };
    }

    /// How often the same rows are tested.
    pub fn repeats(&self) -> usize {
        distinct(self.values.iter().map(|value| value.split.0)).len()
    }

    /// How many predictions were used.
    pub fn predictions(&self) -> usize {
        if self.by_rows.is_some() { self.values.len() } else { 0 }
    }

    /// How the value of a split depends on its rows.
    pub fn spread_at(&self, split: Split) -> Option<&Spread> {
        self.spreads.get(self.values.iter().position(|value| value.split == split)?)
    }

    /// The mean value over all its splits.
    pub fn mean(&self) -> f64 {
        self.mean_over(|_| true)
    }

    /// The mean value over the splits that `takes` takes.
    pub fn mean_over(&self, takes: impl Fn(Split) -> bool) -> f64 {
        let values = self.values.iter().filter(|value| takes(value.split)).map(|value| value.value);
        mean_and_sd(&values.collect::<Vec<_>>()).0.unwrap_or(f64::NAN)
    }

    /// The mean on the scale on which larger is worse.
    pub fn badness(&self) -> f64 {
        mean_and_sd(&self.values.iter().map(|value| value.badness).collect::<Vec<_>>()).0.unwrap_or(f64::NAN)
    }

    pub fn night(&self) -> Option<Night> {
        Night::of(&self.values.iter().map(|value| value.badness).collect::<Vec<_>>(), self.by_rows, self.ratio)
    }

    /// The same of costs whose splits have a standard deviation of `least` at least, on the scale of badness.
    pub fn night_of_costs(&self, least: f64) -> Option<Night> {
        Night::of_costs(&self.values.iter().map(|value| value.badness).collect::<Vec<_>>(), least, self.ratio)
    }

    /// Whether all splits that both have are of the same rows, and there is one. A row with other features is another row, so that a
    /// difference between two nights on the same rows is one of models and seeds alone; and so is one with other amounts to a metric
    /// that reads these.
    pub fn has_rows_of(&self, other: &Sample<'_>) -> bool {
        let is_other = |role: &Role| self.digests.has_other(*role, other.digests);
        if self.digests.features != other.digests.features || self.reads.iter().any(is_other) {
            return false;
        }
        let mut common = self.values.iter().filter_map(|own| Some((own, other.at(own.split)?))).peekable();
        common.peek().is_some() && common.all(|(a, b)| a.rows.is_some() && a.rows == b.rows)
    }

    pub fn at(&self, split: Split) -> Option<&Value<'_>> {
        self.values.iter().find(|value| value.split == split)
    }
}
