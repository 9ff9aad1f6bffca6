//! The report's sections on models that learnt nothing, and on those whose threshold parts no rows.

use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::analyze::learnt::{Idle, Nothing, idle};
use crate::report::document::{Block, Section, Table};
use crate::report::words::pipeline;
use crate::words::{agree, counted};

/// Pipelines of a family that are named.
const NAMED: usize = 2;
/// What helps where scores part the classes and labels do not.
const LABELS: &str = "the scores may part the classes all the same: tune the threshold (`threshold = \"max-f1\"`, or a number of alarms \
                      a day), or weigh the classes";
/// What helps where nobody knows the family better.
const SCORES: &str = "weigh the classes, resample, or weaken what holds the fit back";

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
            "learnt nothing in at least one of {whose} cells: {whose} scores are alike for nearly all rows, or do not rank positives \
             above the others."
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

fn table(id: &str, results: &Results, all: &[&Idle]) -> Table {
    let kind = |one: &Idle| (one.family.clone(), one.backend.clone(), one.what);
    let kinds = distinct(all.iter().copied().map(kind));
    let line = |(family, backend, what): &(String, String, Nothing)| {
        let of: Vec<&Idle> =
            all.iter().copied().filter(|one| kind(one) == (family.clone(), backend.clone(), *what)).collect();
        let remedy = results.registry.classifier(family, Some(backend)).map_or("", |entry| entry.remedy);
        let help = match (what.is_of_scores(), remedy) {
            (false, _) => LABELS,
            (true, "") => SCORES,
            (true, remedy) => remedy,
        };
        let mut named: Vec<String> = of.iter().take(NAMED).map(|one| pipeline(&one.pipeline)).collect();
        if of.len() > NAMED {
            named.push(format!("and {} more", of.len() - NAMED));
        }
        let sum = |count: fn(&Idle) -> usize| of.iter().map(|one| count(one)).sum::<usize>();
        let cells = format!("{}/{}", sum(|one| one.cells), sum(|one| one.scored));
        vec![named.join("; "), cells, what.words().to_owned(), help.to_owned()]
    };
    let rows = kinds.iter().map(line).collect();
    Table::marked(id, &["pipelines", "cells", "what shows", "what is likely to help"], rows)
}
