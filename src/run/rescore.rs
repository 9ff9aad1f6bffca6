//! Scores from kept predictions: metrics that a study got after its cells were run, and those that read more of the test rows
//! than a worker has. No cell is fitted for them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::component::{Prediction, Registry};
use crate::data::{Role, Sides, TableFacts};
use crate::error::{Error, Result};
use crate::metric::{Metric, Need, PR_AUC, ROC_AUC, Score, Scored};
use crate::store::{KeptRows, Log, Outcome, Predictions, Record, SplitRows};
use crate::study::Study;
use crate::words::counted;

/// Whether a worker can compute a metric: it has the test rows' labels and features, not their sides.
pub fn is_of_worker(metric: &Metric) -> bool {
    metric.is_of_any_data()
}

/// Those of `metrics` that a scored record has no score of, or one of another version.
fn lacking(record: &Record, metrics: &[&'static Metric]) -> Vec<&'static Metric> {
    let lacks = |metric: &&'static Metric| {
        !record.metrics.contains_key(metric.id) || record.metric_version(metric.id) != metric.version
    };
    metrics.iter().copied().filter(lacks).collect()
}

/// Gives a scored record the scores of the study's metrics that it lacks, by what its model said of `rows`.
///
/// # Errors
/// [`Error::Store`] when the predictions do not give the scores that the record has: they are other predictions, or rounded.
pub fn complete(record: &mut Record, said: &Predictions, rows: &SplitRows, study: &Study) -> Result<()> {
    let lacking = lacking(record, &study.metrics);
    let cell = record.cell.named(study.data.len() > 1);
    let refused =
        |what: &str| Error::Store(format!("the predictions of {cell} give another {what} than its record has"));
    let again = |prediction: &Prediction, rows: &KeptRows, known: &BTreeMap<String, Score>| {
        let sides = rows.sides();
        let scored = Scored::new(&rows.y, prediction)?.with(&sides)?;
        if let Some(id) = differing(&scored, record, known, |id| study.registry.metric(id).ok()) {
            return Err(refused(id));
        }
        let new: Vec<(String, Score)> = lacking.iter().map(|m| (m.id.to_owned(), m.score(&scored))).collect();
        Ok((scored.confusion, new))
    };
    let (confusion, new) = again(&said.test, &rows.test, &record.metrics)?;
    if record.confusion != Some(confusion) {
        return Err(refused("confusion matrix"));
    }
    let validation = match (&said.validation, &rows.validation) {
        (Some(said), Some(rows)) => again(said, rows, &record.validation)?.1,
        _ => Vec::new(),
    };
    for metric in &lacking {
        record.metric_versions.remove(metric.id);
    }
    record.metric_versions.extend(versions(&lacking));
    record.metrics.extend(new);
    record.validation.extend(validation);
    Ok(())
}

/// The first metric of which `scored` gives another value than `known`, which are the record's scores of the same rows. Those that
/// `metric` does not know and those of another version say nothing.
pub fn differing<'k>(
    scored: &Scored<'_>,
    record: &Record,
    known: &'k BTreeMap<String, Score>,
    metric: impl Fn(&str) -> Option<&'static Metric>,
) -> Option<&'k str> {
    let differs = |(id, score): &(&String, &Score)| {
        let same = metric(id).filter(|metric| record.metric_version(id) == metric.version);
        same.is_some_and(|metric| metric.score(scored).value() != score.value())
    };
    known.iter().find(differs).map(|(id, _)| id.as_str())
}

/// The value of a metric by other builds differs by less, on the same scores.
const ROUNDING: f64 = 1e-9;

/// The metric of which `scored` gives another value than the record has, although it reads scores alone: average precision, where the
/// record has none ROC-AUC, else the first of that kind. Rounded scores give the record's counts, too, and rank the rows otherwise.
pub fn misranked(scored: &Scored<'_>, record: &Record, registry: &Registry) -> Option<&'static str> {
    let of = |(id, score): (&String, &Score)| {
        let metric = registry.metric(id).ok()?;
        let is_told = metric.needs == [Need::Scores] && record.metric_version(id) == metric.version;
        is_told.then(|| (metric, score.value()))
    };
    let told: Vec<(&'static Metric, Option<f64>)> = record.metrics.iter().filter_map(of).collect();
    let by = |id: &str| told.iter().find(|(metric, _)| metric.id == id);
    let (metric, known) = by(PR_AUC.id).or_else(|| by(ROC_AUC.id)).or_else(|| told.first())?;
    let is_same = match (metric.score(scored).value(), known) {
        (Some(again), Some(known)) => (again - known).abs() <= ROUNDING,
        (again, known) => again.is_none() && known.is_none(),
    };
    (!is_same).then_some(metric.id)
}

/// The versions of those of the metrics that are not of version 1.
pub fn versions(metrics: &[&Metric]) -> BTreeMap<String, u32> {
    let later = metrics.iter().filter(|metric| metric.version != 1);
    later.map(|metric| (metric.id.to_owned(), metric.version)).collect()
}

/// What became of the records that lacked a metric.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rescored {
    /// How many have all metrics now.
    pub records: usize,
    /// How many have no predictions, so that the metric stays undefined.
    pub without: usize,
    /// Why others could not be scored, one sentence each, each once.
    pub refused: Vec<String>,
}

impl Rescored {
    /// What a person should know of it, in sentences.
    pub fn said(&self) -> Vec<String> {
        let cells = |n: usize| counted(n as u64, "cell");
        let mut said = Vec::new();
        if self.records > 0 {
            said.push(format!("{} scored again by the study's metrics, none fitted", cells(self.records)));
        }
        if self.without > 0 {
            let cells = cells(self.without);
            said.push(format!(
                "warning: {cells} without predictions: metrics that were added since stay undefined there"
            ));
        }
        said.extend(self.refused.iter().map(|why| format!("warning: not scored again: {why}")));
        said
    }
}

/// Scores the records again that lack one of the study's metrics, from the predictions in `directory`; each is appended to the log as a
/// line of its own and takes the old one's place.
///
/// # Errors
/// [`Error::Io`].
pub fn rescore(
    directory: &Path,
    (study, data): (&Study, &[TableFacts]),
    records: &mut [Record],
    log: &mut Log,
) -> Result<Rescored> {
    let mut done = Rescored::default();
    let mut told = HashSet::new();
    let stale = |record: &&mut Record| record.outcome == Outcome::Scored && !lacking(record, &study.metrics).is_empty();
    for record in records.iter_mut().filter(stale) {
        let new = match kept(directory, record) {
            Ok(None) => {
                done.without += 1;
                continue;
            }
            Ok(Some((said, rows))) => {
                let mut new = record.clone();
                let known = check_whose(record, &rows, (study, data));
                known.and_then(|()| complete(&mut new, &said, &rows, study)).map(|()| new)
            }
            Err(e) => Err(e),
        };
        match new {
            Ok(new) => {
                log.append(&new)?;
                *record = new;
                done.records += 1;
            }
            Err(Error::Store(said) | Error::Component(said)) => {
                if told.insert(said.clone()) {
                    done.refused.push(said);
                }
            }
            Err(other) => return Err(other),
        }
    }
    Ok(done)
}

/// Which sides of the kept rows of a record may be another data set's: builds that did not write `sided_rows` kept rows once for all
/// data sets in which they have the same places and labels. Where a score of the record reads a side, that shows whose it is.
pub fn may_be_of_others(record: &Record, kept: &Sides, data: &[TableFacts], registry: &Registry) -> Vec<Role> {
    let Some(own) = data.iter().find(|own| record.sided_rows.is_none() && own.name == record.cell.data_set) else {
        return Vec::new();
    };
    let shows = |role: Role| {
        let reads = |(id, score): (&String, &Score)| {
            let metric = registry.metric(id).ok().filter(|metric| record.metric_version(id) == metric.version);
            score.value().is_some() && metric.is_some_and(|metric| reads(metric, role))
        };
        record.metrics.iter().any(reads)
    };
    let may_be = |role: Role| {
        let is_other = |other: &TableFacts| {
            other.digests.labels == own.digests.labels && other.digests.of_role(role) != own.digests.of_role(role)
        };
        data.iter().any(is_other)
    };
    let sides =
        [(Role::Amount, kept.amount.is_some()), (Role::Group, kept.group.is_some()), (Role::Time, kept.time.is_some())];
    let there = sides.into_iter().filter(|(role, is_kept)| *is_kept || own.digests.of_role(*role).is_some());
    there.map(|(role, _)| role).filter(|role| may_be(*role) && !shows(*role)).collect()
}

fn reads(metric: &Metric, role: Role) -> bool {
    metric.needs.iter().any(|need| need.role() == Some(role))
}

/// Refuses to score by sides that may be another data set's.
fn check_whose(record: &Record, rows: &SplitRows, (study, data): (&Study, &[TableFacts])) -> Result<()> {
    let unknown = may_be_of_others(record, &rows.test.sides(), data, &study.registry);
    let lacking = lacking(record, &study.metrics);
    match lacking.iter().find(|metric| unknown.iter().any(|role| reads(metric, *role))) {
        None => Ok(()),
        Some(metric) => Err(Error::Store(format!(
            "the rows that were kept for the data set {} may have the amounts, groups or days of another one, so that {} stays \
             undefined there: run the study again with another `--out`",
            record.cell.data_set, metric.id
        ))),
    }
}

/// What a cell's model said, and of which rows; a copied cell's predictions are those of the cell that it equals.
///
/// # Errors
/// [`Error::Store`] when a file is not what the run wrote; [`Error::Io`].
pub fn kept(directory: &Path, record: &Record) -> Result<Option<(Predictions, SplitRows)>> {
    let Some(rows) = record.rows_file() else { return Ok(None) };
    let said = Predictions::read(directory, record.equals.as_ref().unwrap_or(&record.key))?;
    Ok(said.zip(SplitRows::read(directory, rows)?))
}
