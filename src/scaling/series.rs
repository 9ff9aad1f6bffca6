//! From records to series: what one component took at every size, and how fast that grows.

use std::path::Path;

use super::growth::exponent;
use crate::analyze::Results;
use crate::cell::CellId;
use crate::cell::axis::of_pipelines;
use crate::classify::BASELINE;
use crate::error::{Error, Result};
use crate::metric::Score;
use crate::simulate::Simulation;
use crate::store::{Outcome, Record, Stage};
use crate::study::{DataSource, Study};

/// Seconds at or below this are left out of the exponent: process and cache warm-up are of that order.
const SECONDS_FLOOR: f64 = 0.01;
/// MiB at or below this are left out of the exponent: allocators keep more than that in reserve.
const MIB_FLOOR: f64 = 4.0;
/// The name of a component's own stages taken together.
pub const ALL: &str = "all";
/// The id of the component that leaves the rows as they are.
const NONE: &str = "none";

/// What a series is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A classifier: fit and predict.
    Family,
    /// A scaler: fit on the training part, transform of all parts.
    Scaler,
    /// A resampler: choosing among the training rows.
    Resampler,
}

impl Group {
    /// Every group, in the order of tables.
    const EVERY: [Group; 3] = [Group::Family, Group::Scaler, Group::Resampler];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Group::Family => "family",
            Group::Scaler => "scaler",
            Group::Resampler => "resampler",
        }
    }

    /// The stages of its own, in order.
    pub fn stages(self) -> &'static [Stage] {
        match self {
            Group::Family => &[Stage::Fit, Stage::Predict],
            Group::Scaler => &[Stage::Scale],
            Group::Resampler => &[Stage::Resample],
        }
    }
}

/// Tables that are simulated alike, whatever their number of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// The share of positives.
    pub positives: f64,
    /// Feature columns.
    pub columns: usize,
    /// The simulation's seed.
    pub seed: u64,
}

/// One size of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// How it ended.
    pub outcome: Outcome,
    /// Wall seconds; the median over splits, like all values here.
    pub seconds: Option<f64>,
    /// MiB needed beyond what was resident when a stage began; the largest of its stages.
    pub memory_mib: Option<f64>,
    /// The worker's most resident memory, shared matrices included, of a family's [`ALL`], MiB.
    pub peak_mib: Option<f64>,
    /// The study's primary metric, of a family's [`ALL`].
    pub score: Option<f64>,
}

/// One stage of one component on tables that are alike, at every size.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is of.
    pub group: Group,
    /// The component's name in the study, with what tells its pipelines apart where it has several.
    pub name: String,
    /// [`ALL`], or the name of a stage.
    pub stage: &'static str,
    /// On which tables.
    pub alike: Alike,
    /// One per size of [`Growth::rows`]; none where there is no record.
    pub cells: Vec<Option<Cell>>,
    /// The growth exponent of the seconds.
    pub seconds_exponent: Option<f64>,
    /// The growth exponent of the memory.
    pub memory_exponent: Option<f64>,
}

/// What a results directory says of growth.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Numbers of rows, ascending.
    pub rows: Vec<usize>,
    /// The kinds of table, in the study's order.
    pub alike: Vec<Alike>,
    /// Families, scalers, resamplers, each by kind of table; of a component first [`ALL`], then its stages if these are several.
    pub series: Vec<Series>,
    /// The metric of the scores.
    pub metric: String,
}

/// The study's simulated tables by name.
struct Tables(Vec<(String, Simulation)>);

impl Tables {
    fn of(results: &Results) -> Result<Self> {
        let manifest = &results.manifest;
        let study = Study::parse(&manifest.study, &manifest.study_file, Path::new("."), &results.registry)?;
        let simulated = study.data.into_iter().filter_map(|spec| match spec.source {
            DataSource::Simulated(simulation) => Some((spec.name, simulation)),
            _ => None,
        });
        let tables: Vec<_> = simulated.collect();
        match tables.is_empty() {
            true => Err(Error::Store(
                "growth is told of simulated data sets (`simulate` in [[data]]), and these results have none".into(),
            )),
            false => Ok(Tables(tables)),
        }
    }

    fn simulation(&self, data_set: &str) -> Option<&Simulation> {
        self.0.iter().find(|(name, _)| name == data_set).map(|(_, simulation)| simulation)
    }

    fn is(&self, cell: &CellId, alike: Alike) -> bool {
        self.simulation(&cell.data_set).is_some_and(|simulation| alike_of(simulation) == alike)
    }
}

fn alike_of(simulation: &Simulation) -> Alike {
    Alike { positives: simulation.share(), columns: simulation.columns, seed: simulation.seed }
}

/// A component in its pipeline, as a series is of.
struct Subject {
    group: Group,
    name: String,
    /// A cell of it; data set and split are any.
    cell: CellId,
}

impl Growth {
    /// The series that the records of `results` make.
    ///
    /// # Errors
    /// [`Error::Store`] where no data set is simulated; [`Error::Study`] when this version does not understand the
    /// manifest's study.
    pub fn of(results: &Results) -> Result<Self> {
        let tables = Tables::of(results)?;
        let mut rows: Vec<usize> = tables.0.iter().map(|(_, simulation)| simulation.rows).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut alike: Vec<Alike> = Vec::new();
        tables.0.iter().map(|(_, simulation)| alike_of(simulation)).for_each(|of| {
            if !alike.contains(&of) {
                alike.push(of);
            }
        });
        let mut growth = Growth { rows, alike, series: Vec::new(), metric: results.primary.clone() };
        let subjects = subjects(results);
        for group in Group::EVERY {
            for &alike in &growth.alike.clone() {
                for subject in subjects.iter().filter(|subject| subject.group == group) {
                    let added = growth.of_subject(results, &tables, subject, alike);
                    growth.series.extend(added);
                }
            }
        }
        Ok(growth)
    }

    /// The series of a group's [`ALL`].
    pub fn whole(&self, group: Group, alike: Alike) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(move |s| s.group == group && s.alike == alike && s.stage == ALL)
    }

    /// What tells a kind of table from the others, in words.
    pub fn title(&self, alike: Alike) -> String {
        let mut title = format!("{}% positive", percent(alike.positives));
        if self.alike.iter().any(|other| other.columns != alike.columns) {
            title.push_str(&format!(", {} columns", alike.columns));
        }
        if self.alike.iter().any(|other| other.seed != alike.seed) {
            title.push_str(&format!(", seed {}", alike.seed));
        }
        title
    }

    fn of_subject(&self, results: &Results, tables: &Tables, subject: &Subject, alike: Alike) -> Vec<Series> {
        let records: Vec<&Record> = results.records.iter().filter(|r| subject.has(&r.cell)).collect();
        let planned = results.planned.iter().any(|p| subject.has(&p.cell) && tables.is(&p.cell, alike));
        if !planned {
            return Vec::new();
        }
        let own = subject.group.stages();
        let parts = own.iter().map(|stage| (stage.name(), std::slice::from_ref(stage))).filter(|_| own.len() > 1);
        let made = |(stage, stages): (&'static str, &[Stage])| {
            let at = |rows: &usize| {
                let here = |r: &&&Record| {
                    let table = tables.simulation(&r.cell.data_set);
                    table.is_some_and(|table| table.rows == *rows && alike_of(table) == alike)
                };
                let here: Vec<&Record> = records.iter().filter(here).copied().collect();
                cell(&here, (subject.group, stages), (stage == ALL).then_some(self.metric.as_str()))
            };
            let cells = self.rows.iter().map(at).collect();
            let name = subject.name.clone();
            let (seconds_exponent, memory_exponent) = (None, None);
            let mut series =
                Series { group: subject.group, name, stage, alike, cells, seconds_exponent, memory_exponent };
            series.seconds_exponent = exponent(&series.points(&self.rows, |cell| cell.seconds), SECONDS_FLOOR);
            series.memory_exponent = exponent(&series.points(&self.rows, |cell| cell.memory_mib), MIB_FLOOR);
            series
        };
        std::iter::once((ALL, own)).chain(parts).map(made).collect()
    }
}

impl Series {
    /// (rows, value) of every cell that has the value.
    pub fn points(&self, sizes: &[usize], value: fn(&Cell) -> Option<f64>) -> Vec<(f64, f64)> {
        let known = sizes.iter().zip(&self.cells);
        known.filter_map(|(rows, cell)| Some((*rows as f64, value(cell.as_ref()?)?))).collect()
    }
}

impl Subject {
    /// Whether a cell is of it: the same pipeline, on whatever data set and split. What comes before the classifier is the same
    /// for all classifiers.
    fn has(&self, cell: &CellId) -> bool {
        prepared_alike(cell, &self.cell) && (self.group != Group::Family || cell.classifier == self.cell.classifier)
    }
}

/// Whether two cells are of classifiers on the same prepared rows.
fn prepared_alike(a: &CellId, b: &CellId) -> bool {
    of_pipelines().filter(|axis| axis.id != "classifier").all(|axis| axis.value(a) == axis.value(b))
}

/// Every component that the plan measures, in plan order. A scaler is taken behind no resampler where there is such a
/// pipeline, a resampler in the first pipeline that has it.
fn subjects(results: &Results) -> Vec<Subject> {
    let mut pipelines: Vec<(&CellId, &str)> = Vec::new();
    for planned in &results.planned {
        let same = |(known, _): &&(&CellId, &str)| of_pipelines().all(|a| a.value(known) == a.value(&planned.cell));
        if !pipelines.iter().any(|known| same(&known)) {
            pipelines.push((&planned.cell, &planned.family));
        }
    }
    // The baseline learns nothing: it is a family where others are fitted on the same rows, else it only follows a scaler or a
    // resampler.
    let is_family = |(cell, family): &(&CellId, &str)| {
        *family != BASELINE
            || pipelines.iter().any(|(other, family)| *family != BASELINE && prepared_alike(cell, other))
    };
    let families: Vec<&CellId> = pipelines.iter().filter(|p| is_family(p)).map(|(cell, _)| *cell).collect();
    let mut subjects: Vec<Subject> = families
        .iter()
        .map(|cell| Subject { group: Group::Family, name: family_name(cell, &families), cell: (*cell).clone() })
        .collect();
    let by_name = |group: Group, name: fn(&CellId) -> &String| {
        let mut found: Vec<Subject> = Vec::new();
        for (cell, _) in &pipelines {
            let component = name(cell);
            match found.iter_mut().find(|known| known.name == *component) {
                None if component == NONE => {}
                None => found.push(Subject { group, name: component.clone(), cell: (*cell).clone() }),
                Some(known) if known.cell.resampler != NONE && cell.resampler == NONE => known.cell = (*cell).clone(),
                Some(_) => {}
            }
        }
        found
    };
    subjects.extend(by_name(Group::Scaler, |cell| &cell.scaler));
    subjects.extend(by_name(Group::Resampler, |cell| &cell.resampler));
    subjects
}

/// A classifier's name, with its place on the axes on which the preparations of families differ.
fn family_name(cell: &CellId, all: &[&CellId]) -> String {
    let others = of_pipelines().filter(|axis| axis.id != "classifier");
    let varied = others.filter(|axis| all.iter().any(|other| axis.value(other) != axis.value(cell)));
    let said: Vec<String> = varied.map(|axis| format!("{} {}", axis.id, axis.value(cell))).collect();
    match said.is_empty() {
        true => cell.classifier.clone(),
        false => format!("{} ({})", cell.classifier, said.join(", ")),
    }
}

/// What the records of a component at one size say of its `stages`; `metric` is looked up for families.
fn cell(records: &[&Record], (group, stages): (Group, &[Stage]), metric: Option<&str>) -> Option<Cell> {
    let is_family = group == Group::Family;
    // A prefix is done where a later stage was reached, whatever became of that; a family only with the whole cell.
    let is_done = |r: &&&Record| {
        r.outcome == Outcome::Scored || !is_family && r.stage.is_some_and(|stage| stages.iter().all(|own| stage > *own))
    };
    let done: Vec<&Record> = records.iter().filter(is_done).copied().collect();
    if done.is_empty() || is_family && done.len() < records.len() {
        let is_about = |r: &&&Record| is_family || r.stage.is_none_or(|stage| stages.contains(&stage));
        let failed = records.iter().find(|r| !is_done(r) && is_about(r))?;
        return Some(Cell { outcome: failed.outcome, seconds: None, memory_mib: None, peak_mib: None, score: None });
    }
    let seconds = |r: &Record| stages.iter().map(|stage| seconds(r, *stage)).sum();
    let memory = |r: &&Record| {
        let own = r.stages.iter().filter(|cost| stages.contains(&cost.stage));
        own.filter_map(|cost| cost.memory_mib).reduce(f64::max)
    };
    let of_whole = |value: &dyn Fn(&Record) -> Option<f64>| {
        median(done.iter().filter(|_| is_family && metric.is_some()).filter_map(|r| value(r)).collect())
    };
    Some(Cell {
        outcome: Outcome::Scored,
        seconds: median(done.iter().map(|r| seconds(r)).collect()),
        memory_mib: median(done.iter().filter_map(memory).collect()),
        peak_mib: of_whole(&|r| r.peak_memory_mib.map(|mib| mib as f64)),
        score: of_whole(&|r| match r.metrics.get(metric?) {
            Some(Score::Value(value)) => Some(*value),
            _ => None,
        }),
    })
}

/// Seconds of the component alone, without the copying of rows around it.
fn seconds(record: &Record, stage: Stage) -> f64 {
    match stage {
        Stage::Resample => record.seconds.resample,
        Stage::Scale => record.seconds.scale,
        Stage::Fit => record.seconds.fit,
        Stage::Predict => record.seconds.predict,
        Stage::Split | Stage::Impute | Stage::Score => 0.0,
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// A share in per cent, without trailing zeros.
pub fn percent(share: f64) -> String {
    // Ten digits are more than a share of rows needs, and hide what binary fractions add.
    let text = format!("{:.10}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
