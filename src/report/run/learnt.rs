//! The report's sections on models that learnt nothing, and on those whose threshold parts no rows.

use serde_json::Value;

use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::analyze::learnt::{Idle, Nothing, idle};
use crate::component::{Remedies, Remedy};
use crate::report::document::{Block, Section, Table};
use crate::report::words::pipeline;
use crate::words::{agree, counted};

/// Pipelines of a family that are named.
const NAMED: usize = 2;
/// What weighs rows by their class.
const WEIGH: Remedy = Remedy::params(
    "weigh the classes",
    &[
        ("class_weight", |given| !given.is_null()),
        ("scale_pos_weight", |given| given.as_f64().is_some_and(|given| given != 1.0)),
        ("is_unbalance", |given| *given == true),
    ],
);
/// What helps where scores part the classes and labels do not.
const LABELS: Remedies = Remedies {
    any: &[
        Remedy::params(
            "tune the threshold (`threshold = \"max-f1\"`, or a number of alarms a day)",
            &[("threshold", |given| given["rule"].as_str().is_some_and(|rule| rule != "fixed"))],
        ),
        WEIGH,
    ],
    why: "",
};
/// What helps where nobody knows the family better, or where a pipeline does what its family is advised.
const SCORES: Remedies = Remedies {
    any: &[
        WEIGH,
        Remedy::resampler("resample"),
        Remedy::params("a larger `C`", &[("C", |given| given.as_f64().is_some_and(|given| given > 1.0))]),
    ],
    why: "",
};
/// Where a pipeline does all that is known to help.
const NOTHING_KNOWN: &str = "columns that tell more, or more positives";

/// How many pipelines learnt nothing, and of how many others the labels alone are alike: a sentence each, where there are any.
pub(in crate::report) fn said(all: &[Idle]) -> Vec<String> {
    let (scores, labels) = parted(all);
    let of = |found: Vec<&Idle>, words: fn(bool, &str) -> String| {
        let pipelines = counted(found.len() as u64, "pipeline");
        let said = || format!("{pipelines} {}", words(found.len() == 1, agree(found.len(), "its", "their")));
        (!found.is_empty()).then(said)
    };
    let of_scores = of(scores, |_, whose| {
        format!(
            "learnt nothing in at least one of {whose} cells: {whose} scores are alike for most rows and hardly find positives among \
             the others, or do not rank positives above the others."
        )
    });
    let of_labels = of(labels, |is_one, whose| {
        let (raises, calls) = if is_one { ("raises", "calls") } else { ("raise", "call") };
        format!(
            "{raises} no alarm, or {calls} every row one, in at least one of {whose} cells: {whose} scores tell rows apart there, but \
             the threshold does not."
        )
    });
    of_scores.into_iter().chain(of_labels).collect()
}

/// Those that learnt nothing, and those whose labels alone are alike.
fn parted(all: &[Idle]) -> (Vec<&Idle>, Vec<&Idle>) {
    all.iter().partition(|one| one.what.is_of_scores())
}

/// Which pipelines learnt nothing, and of which the labels alone are alike: how it shows, and what is likely to help. A section each,
/// where there are any.
pub(in crate::report) fn sections(results: &Results) -> Vec<Section> {
    let all = idle(results);
    let (scores, labels) = parted(&all);
    let kinds = [
        ("learnt-nothing", "Models that learnt nothing", "`cells.csv` has each", scores),
        ("labels-alike", "Models whose threshold parts no rows", "`cells.csv` has the counts of each", labels),
    ];
    let some = kinds.into_iter().filter(|(.., found)| !found.is_empty());
    some.zip(said(&all))
        .map(|((id, heading, more, found), said)| {
            let text = format!("{said} The means above count these cells; {more}.");
            Section::new(id, heading, vec![Block::said(&text), Block::Table(table(id, results, &found))])
        })
        .collect()
}

/// What is likely to help a pipeline, without what it does already.
fn help(results: &Results, one: &Idle) -> String {
    let entry = results.registry.classifier(&one.family, Some(&one.backend)).ok();
    let params = entry.map_or(Value::Null, |entry| entry.defaults(&results.registry));
    // Every family may have a threshold.
    let takes = |name: &str| name == "threshold" || params.get(name).is_some();
    let left = |remedies: Remedies| remedies.left(&one.scaler, &one.resampler, &one.classifier, takes);
    if !one.what.is_of_scores() {
        let else_ = || "give another `threshold`".to_owned();
        return format!("the scores may part the classes all the same: {}", left(LABELS).unwrap_or_else(else_));
    }
    let own = entry.map_or(Remedies::NONE, |entry| entry.remedy);
    left(own).or_else(|| left(SCORES)).unwrap_or_else(|| NOTHING_KNOWN.to_owned())
}

fn table(id: &str, results: &Results, all: &[&Idle]) -> Table {
    type Kind = (String, String, Nothing, String);
    let kind = |one: &&Idle| (one.family.clone(), one.backend.clone(), one.what, help(results, one));
    let kinds: Vec<Kind> = all.iter().map(kind).collect();
    let line = |shown: &Kind| {
        let of = all.iter().zip(&kinds).filter(|(_, kind)| *kind == shown).map(|(one, _)| *one);
        let of: Vec<&Idle> = of.collect();
        let (.., what, help) = shown;
        let mut named: Vec<String> = of.iter().take(NAMED).map(|one| pipeline(&one.pipeline)).collect();
        if of.len() > NAMED {
            named.push(format!("and {} more", of.len() - NAMED));
        }
        let sum = |count: fn(&Idle) -> usize| of.iter().map(|one| count(one)).sum::<usize>();
        let cells = format!("{}/{}", sum(|one| one.cells), sum(|one| one.scored));
        vec![named.join("; "), cells, what.words().to_owned(), help.clone()]
    };
    let rows = distinct(kinds.iter()).into_iter().map(line).collect();
    Table::marked(id, &["pipelines", "cells", "what shows", "what is likely to help"], rows)
}
