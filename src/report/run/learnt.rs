//! The report's section on models that learnt nothing.

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

/// How many pipelines learnt nothing, in one sentence; none where all learnt something.
pub(in crate::report) fn said(all: &[Idle]) -> Option<String> {
    let whose = agree(all.len(), "its", "their");
    (!all.is_empty()).then(|| {
        format!(
            "{} learnt nothing in at least one of {whose} cells: {whose} scores or labels are alike for nearly all rows.",
            counted(all.len() as u64, "pipeline")
        )
    })
}

/// Which pipelines learnt nothing, how it shows, and what is likely to help; none where all learnt something.
pub(in crate::report) fn section(results: &Results) -> Option<Section> {
    let all = idle(results);
    let text = format!("{} The means above count these cells; `cells.csv` has each.", said(&all)?);
    let kind = |one: &Idle| (one.family.clone(), one.backend.clone(), one.what);
    let kinds = distinct(all.iter().map(kind));
    let line = |(family, backend, what): &(String, String, Nothing)| {
        let of: Vec<&Idle> = all.iter().filter(|one| kind(one) == (family.clone(), backend.clone(), *what)).collect();
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
    let table = Table::marked("learnt-nothing", &["pipelines", "cells", "what shows", "what is likely to help"], rows);
    Some(Section::new("learnt-nothing", "Models that learnt nothing", vec![Block::said(&text), Block::Table(table)]))
}
