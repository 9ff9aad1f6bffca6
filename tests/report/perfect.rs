//! Means that are too good to be taken as they are.

use fraudbench::analyze::leaderboard::{Over, leaderboard};
use fraudbench::cell::CellId;
use fraudbench::report::terminal;

use crate::sample::{cell, record, results};

/// What report and terminal say of three pipelines with this metric.
fn told(metric: &str, means: [f64; 3]) -> (String, String) {
    told_under(None, metric, means)
}

/// The same under another protocol.
fn told_under(protocol: Option<&str>, metric: &str, means: [f64; 3]) -> (String, String) {
    let names = ["random-forest", "decision-tree", "prior"];
    let cells: Vec<CellId> =
        names.iter().flat_map(|name| [0, 1].map(|fold| cell(true, "none", "standard", name, fold))).collect();
    let under = |cell: CellId| match protocol {
        Some(protocol) => CellId { protocol: protocol.into(), ..cell },
        None => cell,
    };
    let cells: Vec<CellId> = cells.into_iter().map(under).collect();
    let of = |cell: &CellId| {
        let place = names.iter().position(|name| *name == cell.classifier).unwrap();
        record(cell, &[(metric, means[place])])
    };
    let records = cells.iter().map(of).collect();
    let results = results(cells, records, &[metric], metric);
    let said = terminal::summary(&results, Over::Planned, false, 80);
    (crate::report(&results, &leaderboard(&results)), said.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn a_perfect_mean_may_be_a_leak() {
    let best =
        "The mean pr-auc of random-forest (scaler standard, resampler none, dedup on) is 1.0000, the best possible";
    let rest = "that may be a leak, such as a column that is filled in after the fraud was found. `fraudbench audit STUDY --inspect` looks for";
    let (report, said) = told("pr-auc", [1.0, 0.9995, 1.0]);
    for text in [&report, &said] {
        assert!(text.contains(&format!("{best}, and 1 other pipeline has such a mean, too: {rest}")), "{text}");
    }
    // The baseline alone is not meant, and below 0.999 nothing is said.
    let (report, said) = told("pr-auc", [0.9989, 0.5, 1.0]);
    assert!(!report.contains("may be a leak") && !said.contains("may be a leak"), "{report}");
    assert!(told("pr-auc", [0.999, 0.5, 0.1]).0.contains("is 0.9990, nearly the best possible: that may be a leak"));
    assert!(
        told("pr-auc", [0.99996, 0.5, 0.1]).0.contains("is the best possible but for the fifth digit: that may be")
    );
    // Others are told at their best alone: the many negatives bring them near it.
    assert!(told("roc-auc", [1.0, 0.5, 0.1]).0.contains("The mean roc-auc of random-forest"));
    assert!(!told("roc-auc", [0.9999, 0.5, 0.1]).0.contains("may be a leak"));
    // And not where all rows, or a few clear ones, as alarms give that.
    for metric in ["recall", "precision", "precision-at(100)"] {
        assert!(!told(metric, [1.0, 0.5, 0.1]).0.contains("may be a leak"), "{metric}");
    }
    // What is known to leak is no news.
    let leaky = told_under(Some("stratified-k-fold+judged-on-training-rows"), "pr-auc", [1.0, 0.5, 0.1]);
    assert!(!leaky.0.contains("may be a leak") && !leaky.1.contains("may be a leak"), "{}", leaky.0);
    // Of log loss the best is 0.
    assert!(told("log-loss", [0.0, 0.5, 0.1]).0.contains("The mean log-loss of random-forest"));
}
