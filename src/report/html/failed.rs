//! The failed cells of the page: one group per reason, as elements that open and close without a script.

use std::collections::HashMap;

use crate::analyze::Results;
use crate::analyze::folds::Split;
use crate::analyze::leaderboard::Pipeline;
use crate::cell::axis::Axis;
use crate::report::columns::of_pipelines;
use crate::report::render::html::escape;
use crate::report::words::on_axes;
use crate::store::{Outcome, Record, Stage};
use crate::words::counted;

/// Cells that failed alike.
struct Group<'a> {
    outcome: &'a str,
    stage: &'a str,
    reason: &'a str,
    cells: Vec<&'a Record>,
}

/// Whether any cell failed.
pub(super) fn is_any(results: &Results) -> bool {
    results.records.iter().any(|r| r.outcome != Outcome::Scored)
}

/// All groups, the largest first; each lists its pipelines with their splits.
pub(super) fn groups(results: &Results) -> String {
    // Names say only what tells the run's pipelines apart.
    let planned = || results.planned.iter().map(|p| &p.cell);
    let differs =
        |axis: &&Axis| planned().any(|cell| Some(axis.value(cell)) != planned().next().map(|c| axis.value(c)));
    let apart: Vec<&str> = of_pipelines().filter(differs).map(|axis| axis.id).collect();
    let repeats = planned().any(|cell| cell.repeat > 0);
    let split = |(repeat, fold): &Split| if repeats { format!("{repeat}/{fold}") } else { fold.to_string() };
    let line = |(pipeline, mut splits): (Pipeline, Vec<Split>)| {
        splits.sort_unstable();
        let name = on_axes(&pipeline, |axis| apart.contains(&axis.id));
        let splits: Vec<String> = splits.iter().map(split).collect();
        format!("<li>{}: fold {}</li>\n", escape(&name), splits.join(", "))
    };
    let of = |group: Group<'_>| {
        let lines: String = by_pipeline(&group.cells).into_iter().map(line).collect();
        format!("<details><summary>{}</summary><ul>\n{lines}</ul></details>\n", summary(&group))
    };
    gathered(results).into_iter().map(of).collect()
}

/// How and where the cells ended, how many they are, and why.
fn summary(group: &Group<'_>) -> String {
    let stage = if group.stage.is_empty() { String::new() } else { format!(" in {}", group.stage) };
    let reason = if group.reason.is_empty() { "no reason was recorded" } else { group.reason };
    let cells = counted(group.cells.len() as u64, "cell");
    format!("<strong class=\"bad\">{}{}</strong> · {cells} · {}", escape(group.outcome), escape(&stage), escape(reason))
}

/// The failed cells by outcome, stage and reason; the largest group first.
fn gathered(results: &Results) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut at: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for r in results.records.iter().filter(|r| r.outcome != Outcome::Scored) {
        let (outcome, stage) = (r.outcome.name(), r.stage.map_or("", Stage::name));
        let reason = r.reason.as_deref().unwrap_or("");
        let group = *at.entry((outcome, stage, reason)).or_insert_with(|| {
            groups.push(Group { outcome, stage, reason, cells: Vec::new() });
            groups.len() - 1
        });
        groups[group].cells.push(r);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.cells.len()));
    groups
}

/// The splits of each pipeline, in the order in which the pipelines come.
fn by_pipeline(records: &[&Record]) -> Vec<(Pipeline, Vec<Split>)> {
    let mut all: Vec<(Pipeline, Vec<Split>)> = Vec::new();
    let mut at: HashMap<Pipeline, usize> = HashMap::new();
    for r in records {
        let pipeline = Pipeline::of(&r.cell);
        let place = *at.entry(pipeline.clone()).or_insert_with(|| {
            all.push((pipeline, Vec::new()));
            all.len() - 1
        });
        all[place].1.push((r.cell.repeat, r.cell.fold));
    }
    all
}
