//! Fits that a limit ended before they had converged are told, and searches that the clock ended.

use fraudbench::analyze::leaderboard::{Over, leaderboard};
use fraudbench::cell::CellId;
use fraudbench::report::terminal::summary;
use fraudbench::store::Record;
use serde_json::{Value, json};

use crate::sample::{cell, record, results};

/// The report of a run of classifiers, of each the details of its cells, fold by fold.
fn report(of: &[(&str, &[Value])]) -> String {
    let one = |(name, details): &(&str, &[Value])| {
        let fold = |(fold, details): (usize, &Value)| {
            let cell: CellId = cell(true, "none", "standard", name, fold as u32);
            let details = (!details.is_null()).then(|| details.clone());
            Record { details, ..record(&cell, &[("pr-auc", 0.7)]) }
        };
        details.iter().enumerate().map(fold).collect::<Vec<Record>>()
    };
    let records: Vec<Record> = of.iter().flat_map(one).collect();
    let cells = records.iter().map(|record| record.cell.clone()).collect();
    let results = results(cells, records, &["pr-auc"], "pr-auc");
    crate::report(&results, &leaderboard(&results))
}

#[test]
fn the_report_names_the_pipelines_their_cells_and_what_to_write() {
    let reached = json!({ "max_iter_reached": 200 });
    let searched = json!({ "search": {}, "model": reached });
    let text = report(&[
        ("mlp", &[reached.clone(), json!({ "history": {} }), reached.clone()]),
        ("whole", &[Value::Null, Value::Null, Value::Null]),
        ("tuned", &[searched, Value::Null, Value::Null]),
    ]);
    let wanted = "- On 3 cells of 2 pipelines a limit ended the fit before it had converged (mlp (scaler standard, resampler none, dedup \
                  on) on 2 of 3 scored cells; tuned (scaler standard, resampler none, dedup on) on 1 of 3 scored cells), where \
                  scikit-learn warns: write a larger `max_iter` for them.\n";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn many_pipelines_are_counted_and_every_limit_is_named() {
    let (iterations, evaluations) = (json!({ "max_iter_reached": 1 }), json!({ "max_fun_reached": 9 }));
    let text = report(&[
        ("a", std::slice::from_ref(&iterations)),
        ("b", std::slice::from_ref(&evaluations)),
        ("c", std::slice::from_ref(&iterations)),
        ("d", std::slice::from_ref(&iterations)),
    ]);
    assert!(text.contains("- On 4 cells of 4 pipelines a limit ended the fit"), "{text}");
    assert!(text.contains("on 1 of 1 scored cell; and 1 more pipeline), where"), "{text}");
    assert!(text.contains("write a larger `max_iter` or `max_fun` for them."), "{text}");
    let alone = report(&[("b", std::slice::from_ref(&evaluations))]);
    assert!(alone.contains("- On 1 cell of 1 pipeline a limit") && alone.contains("`max_fun` for it."), "{alone}");
    assert!(!report(&[("a", &[Value::Null])]).contains("before it had converged"));
}

#[test]
fn searches_that_the_clock_ended_are_told_in_the_report_and_at_the_end_of_a_run() {
    let search = |stopped: &str| json!({ "search": { "kind": "tpot", "goal": "pr-auc", "stopped": stopped } });
    // As a threshold beside the search would wrap it.
    let wrapped = json!({ "threshold": { "value": 0.5 }, "model": search("seconds") });
    let text = report(&[
        ("bred", &[search("seconds"), search("early"), wrapped.clone()]),
        ("found", &[search("seconds"), Value::Null, Value::Null]),
        ("whole", &[search("evaluations"), Value::Null, Value::Null]),
    ]);
    let wanted = "- In 3 cells the search of `bred` and `found` was ended by `seconds`: how far it comes depends on the machine, so their \
                  scores will not come out again exactly. Leave `seconds` out, and bound the search by `evaluations`.\n";
    assert!(text.contains(wanted), "{text}");
    assert!(!report(&[("whole", &[search("evaluations")])]).contains("was ended by"));
    let cell = cell(true, "none", "standard", "bred", 0);
    let ended = Record { details: Some(wrapped), ..record(&cell, &[("pr-auc", 0.7)]) };
    let results = results(vec![cell], vec![ended], &["pr-auc"], "pr-auc");
    let said = summary(&results, Over::Planned, false, 100).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("In 1 cell the search of `bred` was ended by `seconds`"), "{said}");
}
