//! Two runs of the same cells.

use std::fmt::Write as _;
use std::path::Path;

use super::super::results::read;
use super::{Arguments, aligned};
use crate::analyze::regression::{Change, Regression, regression};
use crate::component::Registry;
use crate::error::Result;
use crate::words::{and_more, counted};

/// Lines of a listing.
const LISTED: usize = 20;

pub fn compare(arguments: &Arguments, other: &Path, registry: &Registry) -> Result<(String, u8)> {
    let (first, second) = (read(&arguments.directory, registry)?, read(other, registry)?);
    let tolerance = arguments.tolerance.unwrap_or(0.0);
    let found = regression(&first, &second, arguments.metric()?, tolerance)?;
    let text = format!(
        "first:  {} (fraudbench {})\nsecond: {} (fraudbench {})\n\n{}",
        arguments.directory.display(),
        first.manifest.fraudbench,
        other.display(),
        second.manifest.fraudbench,
        describe(&found, tolerance, [&first, &second].iter().any(|run| run.has_several_data_sets()))
    );
    Ok((text, u8::from(!found.is_clean())))
}

/// Writing to a string cannot fail, so the results of `write!` are dropped.
fn describe(found: &Regression, tolerance: f64, several_data_sets: bool) -> String {
    let cells = |n: usize| counted(n as u64, "cell");
    let mut out = format!("{} planned in both runs", cells(found.both));
    let _ = writeln!(out, ", {} only in the first, {} only in the second", found.only_first, found.only_second);
    let changed = found.changed_cells().len();
    let _ = writeln!(
        out,
        "{} with scores in both: {} the same in all of {}, {changed} differ{}",
        cells(found.compared),
        found.compared - changed,
        counted(found.metrics.len() as u64, "metric"),
        if tolerance > 0.0 { format!(" by more than {tolerance:e}") } else { String::new() },
    );
    if found.redefined > 0 {
        let _ = writeln!(
            out,
            "{} defined differently: a parameter, the seed, the metrics or a component's version changed",
            cells(found.redefined)
        );
    }
    if !found.outcomes.is_empty() {
        let _ = writeln!(out, "\n{} ended differently:", cells(found.outcomes.len()));
        for (cell, first, second) in found.outcomes.iter().take(LISTED) {
            let _ = writeln!(out, "  {}: {first}, then {second}", cell.named(several_data_sets));
        }
        more(&mut out, found.outcomes.len());
    }
    if !found.changes.is_empty() {
        let _ = writeln!(out, "\nBy metric:\n{}", by_metric(found));
        let _ = writeln!(out, "The largest differences (second - first):");
        let line = |change| line(change, several_data_sets);
        let rows: Vec<Vec<String>> = found.changes.iter().take(LISTED).map(line).collect();
        out.push_str(&aligned(&rows));
        more(&mut out, found.changes.len());
    }
    out
}

fn more(out: &mut String, n: usize) {
    if n > LISTED {
        let _ = writeln!(out, "  {}", and_more(n - LISTED));
    }
}

fn by_metric(found: &Regression) -> String {
    let mut rows = vec![["  metric", "cells that differ", "largest"].map(str::to_owned).to_vec()];
    for metric in &found.metrics {
        // Sorted by size already, so the first is the largest.
        let changes: Vec<&Change> = found.changes.iter().filter(|change| change.metric == *metric).collect();
        if let Some(first) = changes.first() {
            let largest = first.difference().map_or("undefined in one".to_owned(), |d| format!("{d:+e}"));
            rows.push(vec![format!("  {metric}"), changes.len().to_string(), largest]);
        }
    }
    aligned(&rows)
}

fn line(change: &Change, several_data_sets: bool) -> Vec<String> {
    let value = |v: Option<f64>| v.map_or_else(|| "undefined".to_owned(), |v| v.to_string());
    vec![
        format!("  {} {}", change.metric, change.cell.named(several_data_sets)),
        value(change.first),
        value(change.second),
        change.difference().map_or_else(String::new, |d| format!("{d:+e}")),
    ]
}
