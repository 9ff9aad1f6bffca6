//! How cells ended: what newly fails, what recovered, and what only one side has.

use std::collections::{HashMap, HashSet};

use super::Rules;
use super::sample::Part;
use crate::analyze::folds::Split;
use crate::analyze::leaderboard::{Pipeline, distinct};
use crate::store::{Outcome, Record};

/// Cells of one pipeline that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The data set's name.
    pub data_set: String,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// How many cells.
    pub cells: usize,
    /// How the first of them ended: an outcome's name, `missing`, `not run`, or `undefined`.
    pub how: String,
    /// Why, where it is known.
    pub reason: Option<String>,
}

/// What differs in how cells ended, against the runs before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    /// Cells that have no score any more, or were not run: an alarm.
    pub failed: Vec<Changed>,
    /// Cells that have a score again.
    pub recovered: Vec<Changed>,
    /// Pipelines that runs of the base have and the new one lacks, with their data set; those with a score there are among
    /// [`Ends::failed`], too.
    pub only_base: Vec<(String, Pipeline)>,
    /// Pipelines that no run of the base has.
    pub only_new: Vec<(String, Pipeline)>,
}

/// How a cell ended, as far as the metrics that are judged go.
fn end(record: Option<&Record>, metrics: &[String]) -> End {
    let Some(record) = record else { return Err(("missing".into(), None)) };
    if record.outcome != Outcome::Scored {
        return Err((record.outcome.name().into(), record.reason.clone()));
    }
    let undefined = metrics.iter().find(|id| crate::analyze::leaderboard::value(record.metrics.get(*id)).is_none());
    match undefined {
        None => Ok(()),
        Some(id) => {
            let why = match record.metrics.get(id) {
                Some(crate::metric::Score::Undefined { undefined }) => format!("{id}: {undefined}"),
                _ => format!("{id} is not a finite number"),
            };
            Err(("undefined".into(), Some(why)))
        }
    }
}

impl Ends {
    /// Adds those of one data set. A cell that any run of `base` has a score of had one; the last of them says what recovered.
    /// The new run has no part where it does not have the data set.
    pub(super) fn add(&mut self, rules: &Rules, data_set: &str, base: &[Part<'_>], new: Option<&Part<'_>>) {
        let of = |part: &Part<'_>, pipeline: &Pipeline| ended(part, pipeline, &rules.metrics);
        let of_base = |pipeline: &Pipeline| base.iter().map(|part| of(part, pipeline)).collect::<Vec<_>>();
        for (part, pipeline) in
            new.into_iter().flat_map(|part| taken(part, rules).map(move |pipeline| (part, pipeline)))
        {
            if base.iter().all(|before| before.group(pipeline).is_none()) {
                self.only_new.push((data_set.to_owned(), pipeline.clone()));
                continue;
            }
            self.compare(data_set, pipeline, (&of_base(pipeline), &of(part, pipeline)), (NOT_RUN.to_owned(), None));
        }
        // Whichever run of the base had it: a night that left it out says nothing of it.
        let own: HashSet<&Pipeline> = new.iter().flat_map(|part| &part.groups).map(|group| &group.pipeline).collect();
        let gone = base.iter().flat_map(|part| taken(part, rules)).filter(|pipeline| !own.contains(*pipeline));
        for pipeline in distinct(gone) {
            self.only_base.push((data_set.to_owned(), pipeline.clone()));
            self.compare(
                data_set,
                pipeline,
                (&of_base(pipeline), &[]),
                (NOT_RUN.to_owned(), Some(NO_PIPELINE.to_owned())),
            );
        }
    }

    /// `unplanned` is how cells ended that the new run does not have.
    fn compare<'e>(
        &mut self,
        data_set: &str,
        pipeline: &Pipeline,
        (old, new): (&'e [Vec<Ended>], &'e [Ended]),
        unplanned: (String, Option<String>),
    ) {
        let by_split = |ended: &'e [Ended]| -> HashMap<Split, &'e End> {
            ended.iter().map(|(split, end)| (*split, end)).collect()
        };
        let (before, now) = (old.iter().map(|ended| by_split(ended)).collect::<Vec<_>>(), by_split(new));
        let (mut failed, mut recovered) = (Vec::new(), Vec::new());
        // A run that was told to leave folds out has no plan for them, and says nothing of them.
        let mut left_out: HashSet<Split> = HashSet::new();
        for (split, end) in old.iter().flatten() {
            if end.is_ok() && !now.contains_key(split) && left_out.insert(*split) {
                failed.push(&unplanned);
            }
        }
        for (split, now) in new {
            let ends = || before.iter().map(|ended| ended.get(split).copied());
            match now {
                Err(how) if ends().any(|end| end == Some(&Ok(()))) => failed.push(how),
                Ok(()) => recovered.extend(ends().next_back().flatten().and_then(|end| end.as_ref().err())),
                Err(_) => {}
            }
        }
        let of = |cells: Vec<&(String, Option<String>)>| {
            let (how, reason) = (*cells.first()?).clone();
            Some(Changed { data_set: data_set.to_owned(), pipeline: pipeline.clone(), cells: cells.len(), how, reason })
        };
        self.failed.extend(of(failed));
        self.recovered.extend(of(recovered));
    }
}

/// How a cell ended that is not in the new run's plan.
const NOT_RUN: &str = "not run";
/// Why, where none of its pipeline's cells is, and what to do where that is meant.
const NO_PIPELINE: &str = "the new run has no such pipeline: if it was taken out on purpose, name runs without it as the base, or \
                           with `--filter` the pipelines that stay";

/// The pipelines of a run that the rules' filter takes.
fn taken<'p>(part: &'p Part<'_>, rules: &'p Rules) -> impl Iterator<Item = &'p Pipeline> {
    part.groups.iter().map(|group| &group.pipeline).filter(|pipeline| part.takes(rules, pipeline))
}

/// Whether a cell has a score; else how it ended, and why.
type End = Result<(), (String, Option<String>)>;
/// The split of a pipeline's cell, and how the cell ended.
type Ended = (Split, End);

/// The cells of a pipeline on one data set, in plan order; none where the run has no such pipeline.
fn ended(part: &Part<'_>, pipeline: &Pipeline, metrics: &[String]) -> Vec<Ended> {
    let Some(group) = part.group(pipeline) else { return Vec::new() };
    let cells = group.cells.iter().zip(&group.records);
    cells.map(|(cell, record)| ((cell.repeat, cell.fold), end(*record, metrics))).collect()
}
