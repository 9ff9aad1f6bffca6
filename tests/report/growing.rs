//! What is said of runs of many pipelines.

use fraudbench::analyze::cascade::cascades;
use fraudbench::analyze::gate::{Rules, Run, gate};
use fraudbench::analyze::{Results, leaderboard::distinct};
use fraudbench::component::Registry;
use fraudbench::report::gate::{junit, line};
use fraudbench::store::Sieve;

use crate::sample::{cell, record, results};

/// Pipelines on two folds each, which all score alike.
fn run(pipelines: usize) -> Results {
    let names: Vec<String> = (0..pipelines).map(|nth| format!("pipeline-{nth}")).collect();
    let cells: Vec<_> =
        names.iter().flat_map(|name| [0, 1].map(|fold| cell(true, "none", "standard", name, fold))).collect();
    let records = cells.iter().map(|cell| record(cell, &[("pr-auc", 0.5 + 0.01 * f64::from(cell.fold))])).collect();
    results(cells, records, &["pr-auc"], "pr-auc")
}

#[test]
fn a_gate_judges_each_of_many_pipelines() {
    let registry = Registry::built_in();
    let [base, new] = ["base", "new"].map(|name| Run { name: name.into(), results: run(1_600) });
    let found = gate(std::slice::from_ref(&base), &new, &Rules::default(), &registry, &|_, _| Ok(None)).unwrap();
    assert!(found.is_passed());
    assert!(line(&found).contains("of 1,600 pipelines"), "{}", line(&found));
    // Of each its score, its seconds and its memory.
    let cases = junit(&found);
    assert_eq!(cases.matches("<testcase ").count(), 3 * 1_600);
    assert_eq!(cases.matches(" name=\"pr-auc\"/>").count(), 1_600);
}

#[test]
fn a_cascade_is_found_among_many_pipelines() {
    let mut run = run(3_200);
    let sieve = Sieve { stage: "x".into(), rows: 10, positives: 2, left_rows: 4, left_positives: 2 };
    run.records.iter_mut().filter(|r| r.family == "pipeline-7").for_each(|r| r.sieves = vec![sieve.clone()]);
    let found = cascades(&run);
    let names: Vec<&str> = found.iter().map(|stages| stages.pipeline.classifier.as_str()).collect();
    assert_eq!((names, found[0].folds, found[0].sieves[0].rows), (vec!["pipeline-7"], 2, 20));
}

#[test]
fn different_items_keep_the_order_of_their_first_appearance() {
    assert_eq!(distinct(["b", "a", "b", "c", "a"]), ["b", "a", "c"]);
    assert_eq!(distinct(Vec::<u32>::new()), [0; 0]);
}
