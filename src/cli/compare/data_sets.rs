//! The pipelines of several runs, each on its own data set.

use std::fmt::Write as _;
use std::path::Path;

use super::super::results::read;
use super::{Arguments, DIGITS, aligned};
use crate::analyze::Results;
use crate::analyze::best::ALPHA;
use crate::analyze::datasets::{Across, Tables};
use crate::analyze::statistics::ranks::Corrected;
use crate::component::Registry;
use crate::error::Result;
use crate::report::chart::critical_difference;
use crate::report::number::probability_to;
use crate::report::words::{ALL_AGREE, without_ranks};
use crate::report::{remove_others, write_files};
use crate::store::enter_reports;
use crate::words::counted;

/// Wilcoxon pairs that are listed.
const LISTED: usize = 20;

pub fn compare(arguments: &Arguments, registry: &Registry) -> Result<(String, u8)> {
    let others = arguments.with.iter().map(|other| read(Path::new(other), registry));
    let mut runs: Vec<Results> = Vec::new();
    for run in std::iter::once(read(&arguments.directory, registry)).chain(others) {
        // A run may have several data sets by itself, and a filter may leave out some of them.
        runs.extend(run?.ranked().data_sets_with_cells().into_iter().map(|(_, part)| part));
    }
    if let Some(id) = arguments.metric()? {
        registry.metric(id)?;
    }
    let tables = Tables::of(&runs, arguments.metric()?)?;
    let without = without_ranks(&tables);
    let all = tables.across(ALPHA)?;
    let mut text = all.iter().map(describe).collect::<Vec<_>>().join("\n");
    for said in without {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{said}");
    }
    if let Some(out) = &arguments.out {
        enter_reports(out)?;
        let mut all_written = Vec::new();
        for chart in critical_difference::draw_all(&all) {
            let (files, left_out) = chart.files()?;
            let files: Vec<_> = files.into_iter().map(|(name, bytes)| (name.into(), bytes)).collect();
            let written = write_files(out, &files)?;
            let lines: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
            all_written.extend(written);
            for line in lines.into_iter().chain(left_out) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{line}");
            }
        }
        remove_others(out, &all_written, critical_difference::is_ours)?;
    }
    Ok((text, 0))
}

fn describe(across: &Across) -> String {
    let (table, friedman) = (&across.table, &across.friedman);
    let names = table.names();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| across.mean_ranks[a].total_cmp(&across.mean_ranks[b]));
    let mut rows = vec![vec!["pipeline".to_owned(), "mean rank".to_owned()]];
    rows[0].extend(table.datasets.iter().cloned());
    for &i in &order {
        let means = table.means.iter().map(|row| format!("{:.4}", row[i]));
        rows.push([names[i].clone(), format!("{:.2}", across.mean_ranks[i])].into_iter().chain(means).collect());
    }
    let which = table.variant.as_ref().map_or_else(String::new, |name| format!(", {name}"));
    let mut out = format!("Mean {} by pipeline and data set{which}\n\n{}\n", table.metric, aligned(&rows));
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Friedman: chi-squared {:.4}, p {}; {}\nNemenyi: critical difference {:.4} at {}",
        friedman.chi_squared,
        probability_to(friedman.p, DIGITS),
        match friedman.corrected {
            Some(Corrected { f, p }) => format!("Iman and Davenport: F {f:.4}, p {}", probability_to(p, DIGITS)),
            None => ALL_AGREE.to_owned(),
        },
        across.critical_difference,
        across.alpha
    );
    for clique in &across.cliques {
        let members: Vec<&str> = clique.iter().map(|&i| names[i].as_str()).collect();
        let _ = writeln!(out, "  not told apart: {}", members.join("; "));
    }
    if table.left_out > 0 {
        let _ = writeln!(
            out,
            "{} without a score on every fold of every data set: not compared",
            counted(table.left_out as u64, "pipeline")
        );
    }
    let mut pairs = across.pairs.clone();
    pairs.sort_by(|a, b| a.p.total_cmp(&b.p));
    let mut rows = vec![["Wilcoxon signed-rank", "p", "p (Holm)"].map(str::to_owned).to_vec()];
    let line = |pair: &crate::analyze::datasets::PairTest| {
        vec![
            format!("{} against {}", names[pair.a], names[pair.b]),
            probability_to(pair.p, DIGITS),
            probability_to(pair.p_holm, DIGITS),
        ]
    };
    rows.extend(pairs.iter().take(LISTED).map(line));
    let _ = write!(out, "\n{}", aligned(&rows));
    if pairs.len() > LISTED {
        let _ = writeln!(out, "and {}", counted((pairs.len() - LISTED) as u64, "more pair"));
    }
    let n = table.datasets.len();
    if 0.5_f64.powi(n as i32 - 1) > across.alpha {
        let _ = writeln!(out, "With {n} data sets Wilcoxon's p cannot fall below {}.", 0.5_f64.powi(n as i32 - 1));
    }
    out
}
