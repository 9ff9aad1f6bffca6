//! The end of a run in a terminal says what `report.md` says.

use fraudbench::analyze::leaderboard::{Over, leaderboard};
use fraudbench::cell::CellId;
use fraudbench::report::terminal;
use fraudbench::store::{Outcome, Record, Stage};

use crate::sample::{SMALL, Shape, cell, failed, made_up, record, results, smaller_is_better};

/// The values of `f1` on five folds of each pipeline.
fn run(values: &[(&str, &str, [f64; 5])]) -> fraudbench::analyze::Results {
    let cells = values.iter().flat_map(|(scaler, name, values)| {
        values.iter().enumerate().map(|(fold, value)| (cell(false, "none", scaler, name, fold as u32), *value))
    });
    let (planned, records): (Vec<CellId>, Vec<Record>) =
        cells.map(|(cell, value)| (cell.clone(), record(&cell, &[("f1", value)]))).unzip();
    results(planned, records, &["f1"], "f1")
}

/// Words without line breaks.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const FIRST: [f64; 5] = [0.80, 0.84, 0.79, 0.88, 0.82];

#[test]
fn the_table_has_the_axes_that_differ_and_the_words_are_the_reports() {
    let far = FIRST.map(|v| v - 0.3 - 0.01 * v);
    let near = [0.81, 0.82, 0.80, 0.86, 0.80];
    let results = run(&[("standard", "far", far), ("standard", "near", near), ("none", "first", FIRST)]);
    let text = terminal::summary(&results, Over::Planned, false, terminal::WIDTH);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "rank  classifier  scaler        f1      95% interval",
            "   1  first       none      0.8260  0.7491 to 0.8830",
            "   2  near        standard  0.8180  0.7670 to 0.8599  ~",
            "   3  far         standard  0.5177  0.4518 to 0.5830",
            "~ not distinguishable from the best (adjusted p above 0.05)",
        ]
    );
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
    let verdict = "Best by mean f1: first (scaler none, resampler none, dedup off) with 0.8260 ± 0.0358 (95% CI 0.7491 to 0.8830) over 5 \
                   folds, 0.0080 ahead of the second, near (scaler standard, resampler none, dedup off).";
    assert!(flowing(&text).contains(verdict), "{text}");
    let report = crate::report(&results, &leaderboard(&results));
    assert!(flowing(&report).replace("**", "").contains(verdict), "{report}");
    let equals = "1 of 2 others is not distinguishable from it. By family: near.";
    assert!(flowing(&text).contains(equals) && flowing(&report).contains(equals), "{text}");
    let flattery = "The best was chosen on these same folds. Read on folds on which it was not chosen it has";
    assert!(flowing(&text).contains(flattery) && flowing(&report).contains(flattery), "{text}");
    assert_eq!(terminal::failed(&results), None);
    let bold = terminal::summary(&results, Over::Planned, true, terminal::WIDTH);
    assert_eq!(bold.replace("\x1b[1m", "").replace("\x1b[0m", ""), text);
    assert!(bold.contains("\x1b[1m   1  first"), "{bold}");
}

#[test]
fn the_lead_is_told_whichever_end_is_good() {
    let equal = run(&[("none", "a", FIRST), ("none", "b", FIRST)]);
    let text = flowing(&terminal::summary(&equal, Over::Planned, false, terminal::WIDTH));
    assert!(text.contains("over 5 folds, as much as b (scaler none"), "{text}");
    assert!(
        text.contains("rank classifier f1") && text.contains("1 a 0.8260") && text.contains("1 b 0.8260"),
        "{text}"
    );
    let near = FIRST.map(|v| v - 1e-7);
    let text = flowing(&terminal::summary(
        &run(&[("none", "a", FIRST), ("none", "b", near)]),
        Over::Planned,
        false,
        terminal::WIDTH,
    ));
    assert!(text.contains("less than 0.0001 ahead of the second, b (scaler none"), "{text}");
    let loss = smaller_is_better(made_up(SMALL, 3));
    let text = flowing(&terminal::summary(&loss, Over::Planned, false, terminal::WIDTH));
    assert!(text.contains(" ahead of the second, ") && !text.contains("-0."), "{text}");
}

#[test]
fn failed_cells_and_pipelines_without_a_rank_are_counted() {
    let mut some = run(&[("none", "a", FIRST), ("none", "b", FIRST), ("none", "c", FIRST)]);
    some.records[5] = failed(&some.planned[5].cell, Stage::Fit, "stopped");
    some.records[6] = failed(&some.planned[6].cell, Stage::Fit, "stopped");
    some.records[10] =
        Record { outcome: Outcome::TimedOut, ..failed(&some.planned[10].cell, Stage::Fit, "took too long") };
    assert_eq!(terminal::failed(&some).unwrap(), "3 cells failed (2 with an error, 1 timed-out)");
    let text = flowing(&terminal::summary(&some, Over::Planned, false, terminal::WIDTH));
    assert!(text.contains("2 pipelines are not ranked, because they lack scores."), "{text}");
    let nothing = made_up(Shape { missing: 1_000, ..SMALL }, 6);
    let text = terminal::summary(&nothing, Over::Planned, false, terminal::WIDTH);
    assert!(text.starts_with("No pipeline is complete yet, so none is ranked.\n"), "{text}");
}

#[test]
fn variants_are_ranked_apart_and_long_rankings_end() {
    let values: Vec<(String, [f64; 5])> =
        (0..14).map(|i| (format!("p{i}"), FIRST.map(|v| v - 0.01 * i as f64))).collect();
    let values: Vec<(&str, &str, [f64; 5])> = values.iter().map(|(name, v)| ("none", name.as_str(), *v)).collect();
    let mut results = run(&values);
    for i in 0..5 {
        results.planned[i].cell.dedup = true;
        results.records[i].cell.dedup = true;
    }
    let text = terminal::summary(&results, Over::Planned, false, terminal::WIDTH);
    assert!(text.contains("Dedup on\n") && text.contains("Dedup off\n"), "{text}");
    assert!(text.contains("      and 3 more: leaderboard.csv\n"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("   1  p")).count(), 2, "{text}");
}
