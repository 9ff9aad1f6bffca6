//! What lies in a results directory and does not fit it is told and left out, by every subcommand that reads one.

use std::fs;

use serde_json::{Value, json};

use crate::{Place, STUDY, csv};

/// A run, and another of another study beside it.
fn place() -> Place {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place
}

/// Edits the record of the decision tree without scaler on fold 1.
fn edit(place: &Place, change: impl Fn(&mut Value)) {
    let mut edited = 0;
    place.edit_records("out", |record| {
        if record["classifier"] == "decision-tree" && record["scaler"] == "none" && record["fold"] == 1 {
            change(record);
            edited += 1;
        }
    });
    assert_eq!(edited, 1);
}

/// That a report leaves one record out, says why on standard error and in both of its documents, and that `--resume` mends it.
fn is_left_out(place: &Place, why: &str) {
    let said = place.expect(0, &["report", "out"]);
    assert!(said.contains("warning: left out of out: 1 record: ") && said.contains(why), "{said}");
    for document in ["report.md", "report.html"] {
        let report = fs::read_to_string(place.path("out").join(document)).unwrap();
        assert!(report.contains("1 record: ") && report.contains(why), "{document}: {report}");
    }
    let report = fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("17 of 18 cells scored"), "{report}");
    let cells = fs::read_to_string(place.path("out/cells.csv")).unwrap();
    assert!(cells.lines().any(|line| line.contains("missing")), "{cells}");
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains(why) && said.contains("1 of 18 cells to run"), "{said}");
    let report = fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("18 of 18 cells scored"), "{report}");
}

#[test]
fn a_score_out_of_range_is_left_out() {
    let place = place();
    edit(&place, |record| record["metrics"]["pr-auc"] = json!(2.0));
    is_left_out(&place, "a score is outside the range of its metric");
}

#[test]
fn an_edited_seed_is_left_out() {
    let place = place();
    edit(&place, |record| record["seed"] = json!(12));
    is_left_out(&place, "a component, a parameter or the seed is not the plan's");
}

#[test]
fn a_metric_that_contradicts_the_counts_is_left_out() {
    let place = place();
    edit(&place, |record| record["metrics"]["recall"] = json!(0.987));
    is_left_out(&place, "a metric contradicts the confusion matrix");
}

#[test]
fn counts_that_contradict_each_other_are_left_out() {
    let place = place();
    edit(&place, |record| record["test_positives"] = json!(11));
    is_left_out(&place, "the counts of rows contradict each other");
}

#[test]
fn the_record_of_another_cell_is_left_out() {
    let place = place();
    edit(&place, |record| record["fold"] = json!(7));
    is_left_out(&place, "the key is that of another cell than the one named");
}

#[test]
fn no_key_becomes_a_path() {
    let place = place();
    fs::create_dir_all(place.path("elsewhere")).unwrap();
    place.write("elsewhere/secret.parquet", "PAR1 not to be copied");
    edit(&place, |record| record["key"] = json!("../../elsewhere/secret"));
    let said = place.expect(1, &["merge", "out", "--out", "merged"]);
    assert!(said.contains("the key is not 32 hexadecimal digits"), "{said}");
    assert!(said.contains("1 cell has no record now: what the parts have of it was left out"), "{said}");
    assert!(!place.path("merged/elsewhere").exists());
    is_left_out(&place, "the key is not 32 hexadecimal digits");
}

#[test]
fn records_of_another_study_are_left_out_whoever_reads_them() {
    let place = place();
    place.write("other.toml", &STUDY.replace("seed = 5", "seed = 6"));
    place.expect(0, &["run", "other.toml", "--out", "other"]);
    fs::copy(place.path("other/records.jsonl"), place.path("out/records.jsonl")).unwrap();
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    let why = "warning: left out of out: 18 records: no planned cell has the key";
    let says = |code: i32, arguments: &[&str]| {
        let said = place.expect(code, arguments);
        assert!(said.contains(why), "{arguments:?}: {said}");
    };
    says(0, &["report", "out", "--out", "elsewhere"]);
    let report = fs::read_to_string(place.path("elsewhere/report.md")).unwrap();
    assert!(report.contains("0 of 18 cells scored") && report.contains("18 records: "), "{report}");
    says(1, &["compare", "whole", "out"]);
    says(2, &["compare", "out", "classifier=prior,scaler=none", "classifier=decision-tree,scaler=none"]);
    says(0, &["merge", "whole", "out", "--out", "merged"]);
    assert_eq!(place.records("merged"), place.records("whole"));
    says(0, &["run", "--resume", "out"]);
    place.expect(0, &["compare", "whole", "out"]);
}

#[test]
fn two_results_of_one_cell_count_for_nothing_until_a_third_decides() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "same"]);
    edit(&place, |record| record["metrics"]["pr-auc"] = json!(0.5));
    let said = place.expect(1, &["merge", "out", "same", "--out", "both"]);
    let why = "2 records: several records of one cell have different scores";
    assert!(said.contains(why) && said.contains("17 of 18 planned cells"), "{said}");
    let said = place.expect(1, &["merge", "same", "out", "--out", "both"]);
    assert!(said.contains("0 records added"), "{said}");
    place.expect(0, &["run", "--resume", "both"]);
    let said = place.expect(0, &["compare", "both", "same"]);
    assert!(said.contains("1 record: several records of one cell"), "{said}");
}
