//! The report's section on models that learnt nothing.

use crate::analyze::Results;
use crate::analyze::learnt::{Idle, idle};
use crate::report::document::{Block, Section, Table};
use crate::report::words::pipeline;
use crate::words::counted;

/// Pipelines in the table.
const TOP: usize = 20;
/// What helps where scores part the classes and labels do not.
const LABELS: &str = "the scores may part the classes all the same: tune the threshold (`threshold = \"max-f1\"`, or a number of alarms \
                      a day), or weigh the classes";
/// What helps where nobody knows the family better.
const SCORES: &str = "weigh the classes, resample, or weaken what holds the fit back";

/// Which pipelines learnt nothing, how it shows, and what is likely to help; none where all learnt something.
pub(in crate::report) fn section(results: &Results) -> Option<Section> {
    let all = idle(results);
    if all.is_empty() {
        return None;
    }
    let shown = if all.len() > TOP { format!(" The first {TOP}:") } else { String::new() };
    let text = format!(
        "{} learnt nothing in at least one of their cells: their scores or labels are alike for nearly all rows. The means above \
         count these cells.{shown}",
        counted(all.len() as u64, "pipeline")
    );
    let line = |one: &Idle| {
        let remedy = results.registry.classifier(&one.family, Some(&one.backend)).map_or("", |entry| entry.remedy);
        let help = match (one.what.is_of_scores(), remedy) {
            (false, _) => LABELS,
            (true, "") => SCORES,
            (true, remedy) => remedy,
        };
        vec![
            pipeline(&one.pipeline),
            format!("{}/{}", one.cells, one.scored),
            one.what.words().to_owned(),
            help.to_owned(),
        ]
    };
    let rows = all.iter().take(TOP).map(line).collect();
    let table = Table::marked("learnt-nothing", &["pipeline", "cells", "what shows", "what is likely to help"], rows);
    Some(Section::new("learnt-nothing", "Models that learnt nothing", vec![Block::said(&text), Block::Table(table)]))
}
