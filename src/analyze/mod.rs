//! Pure functions over records: the leaderboard and what else is said of a run. No I/O.

pub mod best;
pub mod calibration;
pub mod curves;
pub mod datasets;
pub mod effect;
pub mod folds;
pub mod histogram;
pub mod ladder;
pub mod leaderboard;
pub mod operating;
pub mod out_of_fold;
pub mod pair;
pub mod regression;
pub mod savings;
pub mod statistics;
pub mod surfaces;

use std::collections::HashMap;
use std::path::Path;

use crate::error::Result;
use crate::metric::{self, Better};
use crate::split::Leaks;
use crate::store::{CellId, Manifest, Record};
use crate::study::{Filter, Plan, Study};

/// A run as its results directory tells it: what was planned, and what was left behind.
#[derive(Debug, Clone)]
pub struct Results {
    /// The manifest.
    pub manifest: Manifest,
    /// The study's title.
    pub title: String,
    /// The metrics, in the study's order.
    pub metrics: Vec<String>,
    /// The metric that ranks.
    pub primary: String,
    /// Every planned cell, in plan order.
    pub planned: Vec<Planned>,
    /// One record a cell at most: where a cell was run again, its last.
    pub records: Vec<Record>,
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
    /// Puts a results directory's manifest and records beside the plan that the manifest's study unfolds into.
    ///
    /// # Errors
    /// [`crate::error::Error::Study`] when this version does not understand the manifest's study.
    pub fn of(manifest: Manifest, records: Vec<Record>) -> Result<Self> {
        let study = Study::parse(&manifest.study, &manifest.study_file, Path::new("."))?;
        let plan = Plan::of(&study, &Filter::parse(&manifest.filter)?)?;
        let planned: Vec<Planned> = plan
            .cells
            .iter()
            .map(|cell| {
                let facts = &study.classifiers[cell.classifier].facts;
                Planned { cell: cell.id.clone(), family: facts.id.clone(), backend: facts.backend.clone() }
            })
            .collect();
        let mut last: HashMap<CellId, Record> = records.into_iter().map(|r| (r.cell.clone(), r)).collect();
        let records = planned.iter().filter_map(|p| last.remove(&p.cell)).collect();
        let mut title = study.title;
        if study.leaks.iter().all(|leaks| !leaks.is_empty()) {
            let names = leaderboard::distinct(planned.iter().map(|p| p.cell.protocol.as_str()));
            title = format!("{title} [leaky: {}]", names.join(", "));
        }
        Ok(Results { manifest, title, metrics: study.metrics, primary: study.primary, planned, records })
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

fn is_leaky(cell: &CellId) -> bool {
    !Leaks::of_protocol(&cell.protocol).is_empty()
}

/// Which end of the metric `id` is the good one; larger for a metric that is not known.
pub fn better(id: &str) -> Better {
    metric::find(id).map_or(Better::Higher, |metric| metric.better)
}
