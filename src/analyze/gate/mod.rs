//! A gate for nights: is the new run worse than those before it, by more than matters and more than chance?
//!
//! One-sided throughout: an improvement is never an alarm. Runs on the same rows are compared split by split, runs on other rows by
//! their means ([`super::statistics::worse`]); kept predictions tell how much of a difference its test rows explain
//! ([`super::statistics::by_rows`]). Holm's correction is over all pipelines and metrics; seconds and memory have a part
//! of alpha of their own, so that all alarms together stay within it.

mod ends;
mod floor;
mod judge;
mod measure;
mod rules;
mod said;
mod sample;
mod test;
mod unlike;

pub use ends::{Changed, Ends};
pub use floor::Floor;
pub use judge::{Bound, Call, Comparison};
pub use measure::Measure;
pub use rules::{RATIO, Rules};
pub use said::Kept;
pub use test::{Rows, Why};
pub use unlike::{Likeness, Unlike, alike};

use std::path::Path;

use super::Results;
use super::leaderboard::distinct;
use crate::component::Registry;
use crate::error::{Error, Result, unknown};
use crate::store::Outcome;
use crate::words::{agree, listed, quoted_path};
pub(in crate::analyze) use sample::Part;

/// A run with the name by which people know it.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its directory.
    pub name: String,
    /// What it left.
    pub results: Results,
}

/// Refuses metrics that there are none of, or that a run does not have: by its name, and those that it has.
pub(in crate::analyze) fn refuse_unknown<'i>(
    ids: impl IntoIterator<Item = &'i String>,
    (run, metrics): (&str, &[String]),
    registry: &Registry,
) -> Result<()> {
    for id in ids {
        registry.metric(id)?;
        if !metrics.contains(id) {
            let known: Vec<&str> = metrics.iter().map(String::as_str).collect();
            return Err(Error::Usage(format!("{run}: {}", unknown("metric of this run", id, &known))));
        }
    }
    Ok(())
}

/// What the gate found.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The rules that it judged by, with the metrics by name.
    pub rules: Rules,
    /// The runs that the new one was judged against, oldest first.
    pub base: Vec<String>,
    /// Runs of the folder that it could not be, oldest first, with why.
    pub unlike: Vec<(String, Unlike)>,
    /// The new run.
    pub new: String,
    /// Every pipeline by every measure, in plan order.
    pub comparisons: Vec<Comparison>,
    /// How cells ended, against the runs of the base.
    pub ends: Ends,
    /// The values that had to be reached.
    pub floors: Vec<Floor>,
    /// What a reader should know of the comparison.
    pub notes: Vec<String>,
}

impl Gate {
    /// The regressions, the surest first.
    pub fn regressions(&self) -> Vec<&Comparison> {
        let mut found: Vec<&Comparison> = self.comparisons.iter().filter(|c| c.call == Call::Worse).collect();
        found.sort_by(|a, b| a.p.total_cmp(&b.p));
        found
    }

    /// The values that were not reached.
    pub fn under(&self) -> Vec<&Floor> {
        self.floors.iter().filter(|floor| !floor.is_reached).collect()
    }

    /// The same with the runs of the folder that [`alike`] has left out.
    #[must_use]
    pub fn without(self, unlike: Vec<(String, Unlike)>) -> Self {
        Gate { unlike, ..self }
    }

    /// Whether nothing raises an alarm.
    pub fn is_passed(&self) -> bool {
        self.regressions().is_empty() && self.under().is_empty() && self.ends.failed.is_empty()
    }
}

/// Judges `new` against the runs of `base`, oldest first. Without any, as on the first night, only the values that must be reached are judged.
/// Where `kept` has predictions of both sides, test rows tell how large chance is.
///
/// # Errors
/// [`Error::Usage`] for a metric that a run does not have, a value that a metric cannot have, or a filter that takes no pipeline;
/// [`Error::Data`] when the runs cannot be compared: no pipeline in common, or nothing that tells how large chance is.
pub fn gate(base: &[Run], new: &Run, rules: &Rules, registry: &Registry, kept: &Kept<'_>) -> Result<Gate> {
    let rules = Rules { metrics: rules.metrics_of(&new.results.primary), ..rules.clone() };
    // What must be reached is asked of the new run alone.
    let asked = rules.metrics.iter().chain(rules.floors.iter().map(|(id, _)| id));
    refuse_unknown(asked, (&new.name, &new.results.metrics), registry)?;
    rules.refuse_impossible(registry)?;
    for run in base {
        refuse_unknown(&rules.metrics, (&run.name, &run.results.metrics), registry)?;
        if run.results.protocol != new.results.protocol {
            return Err(Error::Data(format!(
                "{} splits by {}, {} by {}: their scores cannot be compared",
                run.name, run.results.protocol, new.name, new.results.protocol
            )));
        }
    }
    let mut gate = Gate {
        unlike: Vec::new(),
        base: base.iter().map(|run| run.name.clone()).collect(),
        new: new.name.clone(),
        comparisons: Vec::new(),
        ends: Ends::default(),
        floors: Vec::new(),
        notes: Vec::new(),
        rules,
    };
    let tables = |run: &Run| run.results.data_sets();
    let (news, bases) = (tables(new), base.iter().map(tables).collect::<Vec<_>>());
    let mut takes_any = false;
    for table in &news {
        let name = &table.manifest.table().name;
        let own = Part::of_run(table, new);
        takes_any |= own.groups.iter().any(|group| own.takes(&gate.rules, &group.pipeline));
        let with_name = |tables: &'_ [Results]| tables.iter().position(|t| t.manifest.table().name == *name);
        let mut before = Vec::new();
        for (run, tables) in base.iter().zip(&bases) {
            before.extend(with_name(tables).map(|at| Part::of_run(&tables[at], run)));
        }
        judge::judge(&mut gate, name, &before, &own, kept);
        floor::judge(&mut gate, name, &own);
        gate.ends.add(&gate.rules, name, &before, Some(&own));
        gate.notes.extend(notes(name, &before, &own));
    }
    let of_base = || bases.iter().flatten().map(|table| &table.manifest.table().name);
    for name in distinct(of_base().filter(|name| !news.iter().any(|table| table.manifest.table().name == **name))) {
        let on = bases.iter().flatten().filter(|table| table.manifest.table().name == *name);
        let before: Vec<Part<'_>> = on.map(Part::of).collect();
        gate.ends.add(&gate.rules, name, &before, None);
    }
    judge::correct(&mut gate);
    refuse_nothing(&gate, base, takes_any)?;
    Ok(gate)
}

/// A gate that looked at nothing must not be taken for one that was passed; `takes_any`: the filter takes a pipeline of the new run.
fn refuse_nothing(gate: &Gate, base: &[Run], takes_any: bool) -> Result<()> {
    let Some(last) = base.last() else {
        // A filter with a slip of the pen would pass every first night.
        return match gate.rules.filter.text() {
            "" => Ok(()),
            _ if takes_any => Ok(()),
            filter => Err(Error::Usage(format!("no pipeline of {} passes `{filter}`", gate.new))),
        };
    };
    if gate.comparisons.is_empty() {
        return match gate.rules.filter.text() {
            "" => Err(Error::Data(format!("{} and {} have no pipeline in common", last.name, gate.new))),
            // What was asked for was there, and is gone.
            _ if !gate.ends.failed.is_empty() => Ok(()),
            filter => Err(Error::Usage(format!("no pipeline that both runs have passes `{filter}`"))),
        };
    }
    let reasons = gate.comparisons.iter().filter(|c| !c.measure.is_cost()).map(|c| match &c.call {
        Call::NotJudged(reason) => Some(reason),
        _ => None,
    });
    let reasons: Option<Vec<&String>> = reasons.collect();
    match reasons {
        // What fails is an alarm, and what must be reached was looked at.
        Some(reasons) if gate.ends.failed.is_empty() && gate.floors.is_empty() => {
            let is_without = |run: &Run| run.results.records.iter().all(|record| record.outcome != Outcome::Scored);
            if base.iter().all(is_without) {
                return Err(without_scores(gate, base));
            }
            let reasons: Vec<&str> = distinct(reasons).into_iter().map(String::as_str).collect();
            Err(Error::Data(format!("nothing of {} can be judged: {}", gate.new, reasons.join("; "))))
        }
        _ => Ok(()),
    }
}

/// That none of the runs of the base has a score: what is wrong is with them, and not with the new run.
fn without_scores(gate: &Gate, base: &[Run]) -> Error {
    let names: Vec<String> = base.iter().map(|run| run.name.clone()).collect();
    let command = |run: &Run| format!("`fraudbench run --resume {} --retry-failed`", quoted_path(Path::new(&run.name)));
    let commands: Vec<String> = base.iter().map(command).collect();
    let one = |one: &'static str, many: &'static str| agree(base.len(), one, many);
    Error::Data(format!(
        "{} {} no cell with scores, so nothing of {} can be judged against {}: finish {} with {}, or name another run before {}",
        listed(&names),
        one("has", "have"),
        gate.new,
        one("it", "them"),
        one("it", "them"),
        listed(&commands),
        gate.new
    ))
}

/// What is said of the data before any number.
fn notes(table: &str, before: &[Part<'_>], own: &Part<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let same = before.iter().filter(|part| part.has_data_of(own)).count();
    let facts = own.results.manifest.table();
    if same == 0 && !before.is_empty() {
        let of_same_features = before.iter().rev().find(|part| part.has_features_of(own));
        let nearest = of_same_features.or_else(|| before.iter().rev().find(|part| part.has_labels_of(own)));
        let what = match nearest.and_then(|part| part.other_than(own)) {
            Some(what) => format!("{what} are not those of the runs before"),
            None => format!(
                "new rows ({} with {} positives)",
                crate::words::count(facts.rows),
                crate::words::count(facts.positives)
            ),
        };
        let compared = match of_same_features.is_some() {
            true => "metrics that read them are",
            false => "the runs are",
        };
        notes.push(format!("{table}: {what}, so {compared} compared by their means, not fold by fold"));
    }
    if let Some(last) = before.last() {
        let keys = |part: &Part<'_>| -> Vec<(crate::cell::CellId, String)> {
            part.results.records.iter().map(|r| (r.cell.clone(), r.key.clone())).collect()
        };
        if last.has_data_of(own) {
            let others: std::collections::HashMap<_, _> = keys(last).into_iter().collect();
            let changed =
                keys(own).iter().filter(|(cell, key)| others.get(cell).is_some_and(|other| other != key)).count();
            if changed > 0 {
                notes.push(format!(
                    "{table}: {} defined differently (a parameter, the seed or a component's version)",
                    crate::words::counted(changed as u64, "cell")
                ));
            }
        }
    }
    notes
}
