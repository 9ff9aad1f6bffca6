//! What a history keeps of a run: the figures of its pipelines without its records, which are a hundred times as large.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::analyze::gate::{Measure, Part, Rules, Run};
use crate::analyze::leaderboard::Pipeline;
use crate::analyze::{Planned, Results};
use crate::component::Registry;
use crate::metric::Better;
use crate::store::Outcome;

/// A run of a history.
#[derive(Debug, Clone)]
pub struct Night {
    /// By which name people know it.
    pub(super) name: String,
    pub(super) started_unix: u64,
    pub(super) version: String,
    pub(super) title: String,
    pub(super) protocol: String,
    pub(super) metrics: Vec<String>,
    pub(super) primary: String,
    /// Planned cells, and those with scores.
    pub(super) cells: (usize, usize),
    /// On which machine and by how many threads it ran: what its costs depend on.
    machine: (String, u32, u32, u32),
    registry: Registry,
    /// Its data sets, in the study's order.
    pub(super) tables: Vec<Table>,
}

/// The pipelines of a run on one data set.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub name: String,
    measures: Vec<Measure>,
    pipelines: HashMap<Pipeline, Figures>,
}

/// One pipeline.
#[derive(Debug, Clone)]
struct Figures {
    /// The place of its first cell in the plan, and that cell.
    first: (usize, Planned),
    /// In the order of the measures; none where no cell has a value.
    figures: Vec<Option<Figure>>,
}

/// A measure over the splits of a pipeline that have a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    /// The mean.
    pub value: f64,
    /// The mean on the scale on which larger is worse.
    pub badness: f64,
    /// How many splits.
    pub splits: usize,
}

impl Night {
    /// What is kept of `run`.
    pub fn of(run: &Run) -> Self {
        let Results { manifest, records, .. } = &run.results;
        Night {
            name: run.name.clone(),
            started_unix: manifest.started_unix,
            version: manifest.fraudbench.clone(),
            title: run.results.title.clone(),
            protocol: run.results.protocol.clone(),
            metrics: run.results.metrics.clone(),
            primary: run.results.primary.clone(),
            cells: (run.results.planned.len(), records.iter().filter(|r| r.outcome == Outcome::Scored).count()),
            machine: (manifest.machine.cpu.clone(), manifest.machine.cores, manifest.threads, manifest.cell_threads),
            registry: run.results.registry.clone(),
            tables: run.results.data_sets().iter().map(Table::of).collect(),
        }
    }

    /// The name by which people know it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether seconds and memory can be compared with those of `other`.
    pub(super) fn is_on_machine_of(&self, other: &Night) -> bool {
        self.machine == other.machine
    }

    /// The measures that `rules` ask for, each with the threshold on the scale on which larger is worse.
    pub(super) fn measures(&self, rules: &Rules) -> Vec<(Measure, f64)> {
        rules.measures(|id| self.registry.metric(id).map_or(Better::Higher, |metric| metric.better))
    }

    /// The pipelines, each with its data set.
    pub(super) fn pipelines(&self) -> HashSet<(&str, &Pipeline)> {
        self.tables.iter().flat_map(|table| table.pipelines.keys().map(|p| (table.name.as_str(), p))).collect()
    }
}

impl Table {
    fn of(results: &Results) -> Self {
        let part = Part::of(results);
        let ids: BTreeSet<&String> = results.records.iter().flat_map(|record| record.metrics.keys()).collect();
        let metric = |id: &String| Measure::Metric { id: id.clone(), better: results.better(id) };
        let measures: Vec<Measure> = ids.into_iter().map(metric).chain([Measure::Seconds, Measure::Memory]).collect();
        let figure = |pipeline: &Pipeline, measure: &Measure| {
            let sample = part.sample(pipeline, measure)?;
            Some(Figure { value: sample.mean(), badness: sample.badness(), splits: sample.values.len() })
        };
        let figures = |pipeline: &Pipeline| measures.iter().map(|measure| figure(pipeline, measure)).collect();
        let of = part.groups.iter().map(|group| {
            let first = (group.first, results.planned[group.first].clone());
            (group.pipeline.clone(), Figures { first, figures: figures(&group.pipeline) })
        });
        let pipelines = of.collect();
        Table { name: part.name().to_owned(), measures, pipelines }
    }

    /// The pipelines that the rules' filter takes, in plan order, with their families.
    pub fn taken(&self, rules: &Rules) -> Vec<(&Pipeline, &str)> {
        let takes = |planned: &Planned| rules.filter.takes(&planned.cell, &planned.family, &planned.backend);
        let mut taken: Vec<_> = self.pipelines.iter().filter(|(_, figures)| takes(&figures.first.1)).collect();
        taken.sort_by_key(|(_, figures)| figures.first.0);
        taken.into_iter().map(|(pipeline, figures)| (pipeline, figures.first.1.family.as_str())).collect()
    }

    /// Whether it has a pipeline.
    pub fn has(&self, pipeline: &Pipeline) -> bool {
        self.pipelines.contains_key(pipeline)
    }

    /// A pipeline's figure; none where no cell has a value.
    pub fn figure(&self, pipeline: &Pipeline, measure: &Measure) -> Option<Figure> {
        let place = self.measures.iter().position(|own| own == measure)?;
        *self.pipelines.get(pipeline)?.figures.get(place)?
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::metric::Score;
    use crate::store::Directory;

    #[test]
    fn the_figures_of_a_night_are_means_over_the_splits_with_a_value() {
        let registry = Registry::built_in();
        let (manifest, records) = Directory::read(Path::new("results/families-5-fold")).unwrap();
        let mut results = Results::of(manifest, records, &registry).unwrap();
        let pipeline = Pipeline::of(&results.planned[0].cell);
        // Three folds with values, one without, one that failed.
        let own = |record: &&mut crate::store::Record| Pipeline::of(&record.cell) == pipeline;
        let metrics = [Some(0.25), Some(0.5), Some(0.75), None, Some(1.0)];
        for (record, metric) in results.records.iter_mut().filter(own).zip(metrics) {
            let score = metric.map_or(Score::Undefined { undefined: "no positives".into() }, Score::Value);
            record.metrics.insert("pr-auc".into(), score);
            record.outcome = if metric == Some(1.0) { Outcome::Failed } else { Outcome::Scored };
            record.seconds.fit = 1.0;
        }
        let night = Night::of(&Run { name: "night".into(), results: results.clone() });
        let better = Better::Higher;
        let of = |id: &str| night.tables[0].figure(&pipeline, &Measure::Metric { id: id.into(), better });
        assert_eq!(of("pr-auc"), Some(Figure { value: 0.5, badness: -0.5, splits: 3 }));
        assert_eq!(of("nothing"), None);
        // Seconds by their logarithm; the cell that failed has none.
        let seconds = night.tables[0].figure(&pipeline, &Measure::Seconds);
        assert_eq!(seconds, Some(Figure { value: 1.0, badness: 0.0, splits: 4 }));
        assert_eq!(night.cells.0, results.planned.len());
        assert_eq!(night.pipelines().len(), results.planned.len() / 5);
    }
}
