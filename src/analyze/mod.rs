//! Pure functions over records: the leaderboard and what else is said of a run. No I/O.

pub mod best;
pub mod calibration;
pub mod cascade;
pub mod choice;
mod contradiction;
pub mod curves;
pub mod datasets;
pub mod effect;
pub mod folds;
pub mod gate;
pub mod histogram;
pub mod history;
pub mod ladder;
pub mod leaderboard;
pub mod learnt;
pub mod named;
pub mod operating;
pub mod out_of_fold;
pub mod packages;
pub mod pair;
pub mod regression;
pub mod savings;
pub mod statistics;
pub mod stopped;
pub mod surfaces;
pub mod trend;
mod trust;
pub mod unfinished;
pub mod watched;

use std::path::Path;

use crate::cell::{CellId, Filter, Plan};
use crate::component::Registry;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::metric::{Better, Metric, Score};
use crate::split::Leaks;
use crate::store::{MANIFEST_FILE, Manifest, Outcome, Record};
use crate::study::Study;
use crate::words::counted;

pub use contradiction::agree;
pub(crate) use contradiction::{by_result, difference};
pub use trust::{Doubt, LeftOut};

/// A run as its results directory tells it: what was planned, and what was left behind.
#[derive(Debug, Clone)]
pub struct Results {
    /// The manifest.
    pub manifest: Manifest,
    /// The tables of all data sets of the run; those of the manifest may be a part of them.
    pub tables: Vec<TableFacts>,
    /// The study's title.
    pub title: String,
    /// The study's seed.
    pub seed: u64,
    /// The metrics, in the study's order.
    pub metrics: Vec<String>,
    /// The metric that ranks.
    pub primary: String,
    /// The protocol with its parameters, in words.
    pub protocol: String,
    /// Every planned cell, in plan order.
    pub planned: Vec<Planned>,
    /// One record per cell at most, of those that can be trusted.
    pub records: Vec<Record>,
    /// The records that cannot, by what is wrong with them.
    pub left_out: Vec<LeftOut>,
    /// What the names of components and metrics mean.
    pub registry: Registry,
}

/// A cell of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub cell: CellId,
    /// Its classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
}

impl Results {
    /// Puts a results directory's manifest and records beside the plan that the manifest's study unfolds into, and leaves
    /// out the records that do not fit it.
    ///
    /// # Errors
    /// [`crate::error::Error::Study`] when this version does not understand the manifest's study.
    pub fn of(manifest: Manifest, records: Vec<Record>, registry: &Registry) -> Result<Self> {
        let mut results = Self::as_kept(manifest, records, registry)?;
        let metrics: Vec<&Metric> = results.metrics.iter().map(|id| registry.metric(id)).collect::<Result<_>>()?;
        results.records.iter_mut().for_each(|record| say_what_lacks(record, &metrics));
        Ok(results)
    }

    /// The same with the records as they were read: metrics that a cell was never scored by are not among its scores.
    ///
    /// # Errors
    /// Those of [`Results::of`].
    pub(crate) fn as_kept(manifest: Manifest, records: Vec<Record>, registry: &Registry) -> Result<Self> {
        let (study, plan) = unfolded(&manifest, registry)?;
        let planned: Vec<Planned> = plan
            .cells
            .iter()
            .map(|cell| {
                let facts = &study.classifiers[cell.classifier].facts;
                Planned { cell: cell.id.clone(), family: facts.id.clone(), backend: facts.backend.clone() }
            })
            .collect();
        let (records, left_out) = trust::trusted(&study, &plan, &manifest.data, records);
        let mut title = study.title;
        if study.leaks.iter().all(|leaks| !leaks.is_empty()) {
            let names = leaderboard::distinct(planned.iter().map(|p| p.cell.protocol.as_str()));
            title = format!("{title} [leaky: {}]", names.join(", "));
        }
        let metrics = study.metrics.iter().map(|metric| metric.id.to_owned()).collect();
        let primary = study.primary.id.to_owned();
        let protocol = study.protocol.words();
        Ok(Results {
            tables: manifest.data.clone(),
            manifest,
            title,
            seed: study.seed,
            metrics,
            primary,
            protocol,
            planned,
            records,
            left_out,
            registry: study.registry,
        })
    }

    /// Which end of the metric `id` is the good one; larger for a metric that is not known.
    pub fn better(&self, id: &str) -> Better {
        self.registry.metric(id).map_or(Better::Higher, |metric| metric.better)
    }

    /// The least and the largest value that the metric `id` can have; no limits for a metric that is not known.
    pub fn range(&self, id: &str) -> (f64, f64) {
        self.registry.metric(id).map_or((f64::MIN, f64::MAX), |metric| metric.range)
    }

    /// The results on each data set for itself, in the study's order: scores of unlike data sets do not go into one table.
    pub fn data_sets(&self) -> Vec<Results> {
        self.manifest.data.iter().map(|table| self.on(&table.name)).collect()
    }

    /// Whether its study has several data sets, so that a cell is named with its own.
    pub fn has_several_data_sets(&self) -> bool {
        self.manifest.data.len() > 1
    }

    /// Those of [`Results::data_sets`] that have a planned cell, with their numbers in the study: a filter leaves out others.
    pub fn data_sets_with_cells(&self) -> Vec<(usize, Results)> {
        self.data_sets().into_iter().enumerate().filter(|(_, part)| !part.planned.is_empty()).collect()
    }

    /// The results on one data set, by its name in the study: no tables, cells and records where the run has none of that name.
    #[must_use]
    pub fn on(&self, data_set: &str) -> Results {
        let mut part = self.clone();
        part.manifest.data.retain(|table| table.name == data_set);
        part.planned.retain(|planned| planned.cell.data_set == data_set);
        part.records.retain(|record| record.cell.data_set == data_set);
        part
    }

    /// What was left out in one sentence, for whoever reads results in `place`; none where nothing was.
    pub fn warning(&self, place: &Path) -> Option<String> {
        let kinds: Vec<String> = self.left_out.iter().map(LeftOut::to_string).collect();
        (!kinds.is_empty()).then(|| format!("warning: left out of {}: {}", place.display(), kinds.join("; ")))
    }

    /// Whether every planned cell has a record, scored or not.
    pub fn is_complete(&self) -> bool {
        leaderboard::matched(self).iter().all(Option::is_some)
    }

    /// Whether any planned cell has a leaky protocol.
    pub fn is_leaky(&self) -> bool {
        self.planned.iter().any(|p| is_leaky(&p.cell))
    }

    /// The part that may be ranked together: the honest cells where the run has any, else all, whose title says that they
    /// leak. An honest pipeline never stands in one ranking with a leaky one.
    pub fn ranked(&self) -> Results {
        let mut part = self.clone();
        if part.planned.iter().any(|p| !is_leaky(&p.cell)) {
            part.planned.retain(|p| !is_leaky(&p.cell));
            part.records.retain(|r| !is_leaky(&r.cell));
        }
        part
    }
}

/// The scored records of the cells that have different scores, of those that can be trusted otherwise.
///
/// # Errors
/// Those of [`Results::of`].
pub(crate) fn contradicting(manifest: &Manifest, records: Vec<Record>, registry: &Registry) -> Result<Vec<Record>> {
    let (study, plan) = unfolded(manifest, registry)?;
    Ok(trust::contradicting(&study, &plan, &manifest.data, records))
}

/// That a manifest has not the facts of as many data sets as its study names; none where it has.
pub(crate) fn other_facts(manifest: &Manifest, study: &Study) -> Option<String> {
    let (facts, named) = (manifest.data.len(), study.data.len());
    (facts != named).then(|| {
        format!("{MANIFEST_FILE} has facts of {}, and its study names {named}", counted(facts as u64, "data set"))
    })
}

/// The study of a manifest, and its plan.
///
/// # Errors
/// [`Error::Store`] for one with [`other_facts`]; those of a study that cannot be read.
pub(crate) fn unfolded(manifest: &Manifest, registry: &Registry) -> Result<(Study, Plan)> {
    let study = Study::parse(&manifest.study, &manifest.study_file, Path::new("."), registry)?;
    if let Some(said) = other_facts(manifest, &study) {
        return Err(Error::Store(format!(
            "{said}: put back the file that was written, or have `fraudbench run --resume DIR` read the data again"
        )));
    }
    let plan = Plan::of(&study, &manifest.data, &Filter::parse(&manifest.filter)?)?;
    Ok((study, plan))
}

/// Metrics that a scored cell has no score of, or one of another version, are undefined with the reason.
fn say_what_lacks(record: &mut Record, metrics: &[&Metric]) {
    if record.outcome != Outcome::Scored {
        return;
    }
    for Metric { id, version, .. } in metrics {
        let reason = match record.metrics.get(*id) {
            None => "the cell was run without this metric and has not been scored again".to_owned(),
            Some(_) if record.metric_version(id) == *version => continue,
            Some(_) => {
                format!("scored by version {} of the metric, this is version {version}", record.metric_version(id))
            }
        };
        let undefined = format!("{reason}: `fraudbench run --resume` does that from kept predictions");
        record.metrics.insert((*id).to_owned(), Score::Undefined { undefined });
    }
}

pub(crate) fn is_leaky(cell: &CellId) -> bool {
    !Leaks::of_protocol(&cell.protocol).is_empty()
}
