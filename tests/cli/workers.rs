use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Place, STUDY, csv};

/// The small study with the hidden family `debug` in place of the decision tree.
fn misbehaving(limits: &str, debug: &str) -> String {
    let families = "\"prior\", \"decision-tree\", \"logistic-regression\"";
    format!("{}\n[limits]\n{limits}", STUDY.replace(families, &format!("\"prior\", {debug}, \"logistic-regression\"")))
}

/// Runs the study and returns what became of the debug cells: (outcome, stage, reason), once each.
fn debug_cells(limits: &str, params: &str) -> BTreeSet<(String, String, String)> {
    let debug = format!("{{ family = \"debug\", params = {{ {params} }} }}");
    let place = Place::new(&csv(210), &misbehaving(limits, &debug));
    place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "2"]);
    let records = place.records("out");
    assert_eq!(records.len(), 18);
    let (debug, others): (Vec<&Value>, Vec<&Value>) = records.iter().partition(|r| r["family"] == "debug");
    assert_eq!(debug.len(), 6);
    assert!(others.iter().all(|r| r["outcome"] == "scored"), "the other cells are untouched");
    let text = |r: &Value, key: &str| r[key].as_str().unwrap_or("").to_owned();
    debug.iter().map(|r| (text(r, "outcome"), text(r, "stage"), text(r, "reason"))).collect()
}

fn one(outcome: &str, stage: &str, reason: &str) -> BTreeSet<(String, String, String)> {
    [(outcome.to_owned(), stage.to_owned(), reason.to_owned())].into()
}

#[test]
fn a_panic_is_a_failed_cell() {
    assert_eq!(debug_cells("", "act = 'panic'"), one("failed", "fit", "panicked: debug panics"));
}

#[test]
fn an_abort_is_a_crashed_cell() {
    let said = "its worker was ended by signal 6 (abort)";
    assert_eq!(debug_cells("retries = 1", "act = 'abort'"), one("crashed", "fit", said));
}

#[test]
fn a_crash_is_told_without_what_an_earlier_cell_said() {
    let debug =
        |name: &str, act: &str| format!("{{ family = \"debug\", name = \"{name}\", params = {{ act = \"{act}\" }} }}");
    let both = format!("{}, {}", debug("a-panic", "panic"), debug("b-abort", "abort"));
    let place = Place::new(&csv(210), &misbehaving("retries = 0", &both));
    // One worker runs the cells one after another: a panic ends none.
    place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let records = place.records("out");
    let reasons = |name: &str| -> Vec<&str> {
        records.iter().filter(|r| r["classifier"] == name).map(|r| r["reason"].as_str().unwrap()).collect()
    };
    assert_eq!(reasons("a-panic"), ["panicked: debug panics"; 6]);
    assert_eq!(reasons("b-abort"), ["its worker was ended by signal 6 (abort)"; 6]);
}

#[test]
fn a_segmentation_fault_is_a_crashed_cell() {
    let said = "its worker was ended by signal 11 (segmentation fault)";
    assert_eq!(debug_cells("retries = 0", "act = 'fault', stage = 'predict'"), one("crashed", "predict", said));
}

#[test]
fn an_exit_is_a_crashed_cell() {
    assert_eq!(debug_cells("retries = 0", "act = 'exit'"), one("crashed", "fit", "its worker ended with exit code 7"));
}

#[test]
fn a_hang_is_a_timed_out_cell() {
    let said = "not done after 1 s (`cell_seconds` of the limits)";
    assert_eq!(debug_cells("cell_seconds = 1", "act = 'sleep', stage = 'predict'"), one("timed-out", "predict", said));
}

#[test]
fn boundless_allocation_is_an_out_of_memory_cell() {
    let said = "took more memory than 200 MiB (`cell_memory` of the limits)";
    assert_eq!(debug_cells("cell_memory = 200", "act = 'allocate'"), one("out-of-memory", "fit", said));
}

#[test]
fn a_cell_that_is_alone_has_the_memory_of_all_workers() {
    let study = misbehaving("memory = 800", "{ family = \"debug\", params = { act = 'allocate' } }");
    let place = Place::new(&csv(210), &study);
    let filter = "family=debug,scaler=none,fold=0";
    place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "4", "--filter", filter]);
    let reason = place.records("out")[0]["reason"].clone();
    let share = "its share of `memory` of the limits; `cell_memory` gives a cell more";
    assert_eq!(reason, format!("took more memory than 400 MiB ({share})"));
}

#[test]
fn one_allocation_beyond_the_limit_is_refused_by_the_system() {
    let cells = debug_cells("cell_memory = 100\nretries = 0", "act = 'reserve'");
    assert_eq!(cells.len(), 1);
    let (outcome, stage, reason) = cells.first().unwrap();
    assert_eq!((outcome.as_str(), stage.as_str()), ("out-of-memory", "fit"));
    assert!(reason.contains("cell_memory") && reason.contains("memory allocation of"), "{reason}");
}

#[test]
fn a_wrong_number_of_predictions_is_a_failed_cell() {
    let said = "35 scores and 35 labels came back for 70 rows";
    assert_eq!(debug_cells("", "act = 'short'"), one("failed", "predict", said));
}

#[test]
fn nan_scores_leave_ranking_metrics_undefined_with_the_reason() {
    let place = Place::new(&csv(210), &misbehaving("", "{ family = \"debug\", params = { act = 'nan' } }"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let debug = records.iter().find(|r| r["family"] == "debug").unwrap();
    assert!(debug["metrics"]["pr-auc"].to_string().contains("70 of 70 scores are NaN"), "{debug}");
    assert!(debug["metrics"]["accuracy"].is_number(), "{debug}");
}

/// Three columns and a scaler that changes nothing, so that there is something to reuse; Tomek links, so that there are
/// prefixes with the same scaler and other rows.
fn varied() -> String {
    let scalers = "[\"none\", \"standard\", \"function\", \"polynomial\"]\nresamplers = [\"none\", \"tomek-links\"]";
    let study = STUDY.replace("[\"none\", \"standard\"]", scalers);
    study.replace("\"prior\"", "\"random-forest\", \"k-neighbors\", \"xgboost\", \"prior\"")
}

#[test]
fn records_are_the_same_whatever_threads_workers_and_process() {
    let place = Place::new(&csv(700), &varied());
    let ways: [&[&str]; 6] = [
        &["--threads", "1"],
        &["--threads", "2"],
        &["--threads", "4"],
        &["--threads", "4", "--cell-threads", "2"],
        &["--threads", "2", "--in-process"],
        // Not even two prefixes fit: they take turns.
        &["--threads", "4", "--memory", "1", "--cell-memory", "2000"],
    ];
    let mut first = Vec::new();
    for (number, way) in ways.iter().enumerate() {
        let out = format!("out{number}");
        place.expect(0, &[&["run", "study.toml", "--out", &out], *way].concat());
        let records = place.records(&out);
        assert_eq!(records.len(), 3 * 2 * 4 * 6);
        match number {
            0 => first = records,
            _ => assert_eq!(records, first, "{way:?}"),
        }
    }
}

#[test]
fn an_equal_input_is_not_fitted_again_and_a_refit_says_the_same() {
    let place = Place::new(&csv(700), &varied());
    let said = place.expect(0, &["run", "study.toml", "--out", "reused"]);
    assert!(said.contains("not fitted again"), "{said}");
    place.expect(0, &["run", "study.toml", "--out", "refitted", "--no-reuse"]);
    let (reused, mut refitted) = (place.records("reused"), place.records("refitted"));
    assert!(refitted.iter().all(|r| r.get("equals").is_none()));
    let mut copies = 0;
    for (left, right) in reused.iter().zip(&mut refitted) {
        let Some(equal) = left.get("equals") else { continue };
        copies += 1;
        let fitted = reused.iter().find(|r| &r["key"] == equal).expect("names a record");
        assert_eq!((&fitted["scaler"], &left["scaler"]), (&"none".into(), &"function".into()));
        right.as_object_mut().unwrap().insert("equals".into(), equal.clone());
    }
    // `function` without a function changes nothing, and each of its cells finds its equal.
    assert_eq!(copies, 3 * 2 * 6);
    assert_eq!(reused, refitted);
}

#[test]
fn dedup_of_data_without_duplicates_fits_nothing_twice() {
    let place = Place::new(&csv(210), &STUDY.replace("scalers", "dedup = [false, true]\nscalers"));
    let said = place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("36 scored (18 of them not fitted again"), "{said}");
}

#[test]
fn a_worker_killed_from_outside_is_replaced_and_nothing_is_lost() {
    let study = varied().replace("folds = 3", "folds = 3\nrepeats = 3");
    let place = Place::new(&csv(700), &study);
    // On a slow machine one cell may be in flight at every kill.
    let mut command = place.command(&["run", "study.toml", "--out", "out", "--threads", "2", "--retries", "5"]);
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut killed = 0;
    while killed < 5 && run.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "{killed} workers killed in a minute");
        std::thread::sleep(Duration::from_millis(60));
        let children = std::process::Command::new("pgrep").args(["-P", &run.id().to_string()]).output().unwrap();
        if let Some(worker) = String::from_utf8_lossy(&children.stdout).lines().next() {
            assert!(std::process::Command::new("kill").args(["-9", worker]).status().unwrap().success());
            killed += 1;
        }
    }
    assert!(killed > 0, "the run was over before a worker was killed");
    assert!(run.wait().unwrap().success());
    place.expect(0, &["run", "study.toml", "--out", "whole", "--threads", "2"]);
    assert_eq!(place.records("out"), place.records("whole"));
}

#[test]
fn limits_are_checked_like_everything_in_a_study() {
    let cases = [
        ("cell_second = 3", "unknown key in [limits] `cell_second`; did you mean `cell_seconds`?"),
        ("memory = 0", "limits.memory: 0 must be a whole number of at least 1"),
        ("retries = 'two'", "limits.retries: \"two\" must be a whole number of at least 0"),
    ];
    for (limits, expected) in cases {
        let place = Place::new(&csv(210), &format!("{STUDY}\n[limits]\n{limits}"));
        let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_worker_is_not_started_by_hand() {
    let place = Place::new("", "");
    let said = place.expect(2, &["fraudbench-worker"]);
    assert!(said.contains("a worker is started by a run, not by hand"), "{said}");
}

#[test]
fn records_say_what_each_stage_took() {
    let place = Place::new(&csv(2100), &STUDY.replace("\"prior\"", "\"random-forest\", \"prior\""));
    place.expect(0, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let log = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    let mut largest: f64 = 0.0;
    for line in log.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let stages = record["stages"].as_array().unwrap();
        let names: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
        assert_eq!(names, ["resample", "scale", "fit", "predict", "score"], "{record}");
        assert!(stages[1]["seconds"].as_f64() >= record["seconds"]["scale"].as_f64(), "{record}");
        assert!(stages[2]["seconds"].as_f64() >= record["seconds"]["fit"].as_f64(), "{record}");
        let memory = stages[2]["memory_mib"].as_f64().unwrap();
        assert!(memory <= record["peak_memory_mib"].as_u64().unwrap() as f64 + 1.0, "{record}");
        largest = largest.max(memory);
    }
    assert!(largest > 0.5, "a hundred trees of 1,400 rows take more than {largest} MiB");
}

#[test]
fn a_killed_cell_says_how_long_its_last_stage_took() {
    let debug = "{ family = \"debug\", params = { act = 'sleep' } }";
    let place = Place::new(&csv(210), &misbehaving("cell_seconds = 1", debug));
    place.expect(1, &["run", "study.toml", "--out", "out", "--filter", "scaler=none,fold=0"]);
    let log = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    let records = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let late = records.into_iter().find(|record| record["outcome"] == "timed-out").unwrap();
    let last = late["stages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["stage"], "fit");
    // Looks at the clock may come late on a busy machine, never early by more than what came before the stage.
    assert!(last["seconds"].as_f64().unwrap() > 0.5, "{late}");
    let junit = std::fs::read_to_string(place.path("out/junit.xml")).unwrap();
    let case = junit.lines().find(|line| line.contains("timed-out in fit")).unwrap();
    let seconds = case.split("time=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(seconds.parse::<f64>().unwrap() > 0.5, "{case}");
}
