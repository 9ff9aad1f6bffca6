use std::time::{Duration, Instant};

use crate::{Place, STUDY, csv};

#[test]
fn a_run_leaves_records_tables_and_charts() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    assert_eq!(records.len(), 18);
    assert!(records.iter().all(|r| r["outcome"] == "scored"));
    for file in [
        "manifest.toml",
        "cells.csv",
        "leaderboard.csv",
        "report.html",
        "report.md",
        "charts/heatmap.svg",
        "charts/heatmap.png",
    ] {
        assert!(place.path("out").join(file).metadata().unwrap().len() > 100, "{file}");
    }
    let cells = std::fs::read_to_string(place.path("out/cells.csv")).unwrap();
    assert_eq!(cells.lines().count(), 19);
    let leaderboard = std::fs::read_to_string(place.path("out/leaderboard.csv")).unwrap();
    assert_eq!(leaderboard.lines().count(), 7);
}

#[test]
fn whether_a_model_learnt_nothing_does_not_depend_on_the_metrics_that_are_listed() {
    // What `a` says of training rows is the opposite in the test rows, so that a model ranks all positives last.
    let row = |t: usize| {
        let (positive, is_test) = (t.is_multiple_of(3), t >= 70);
        let a = if positive == is_test { 0.0 } else { 10.0 } + (t % 7) as f64 / 10.0;
        format!("{t},{a},{}\n", u8::from(positive))
    };
    let data = std::iter::once("t,a,label\n".to_owned()).chain((0..100).map(row)).collect::<String>();
    for metrics in ["\"pr-auc\"", "\"pr-auc\", \"roc-auc\""] {
        let study = format!(
            "name = \"turned\"\nmetrics = [{metrics}]\nprimary = \"pr-auc\"\n[data]\npath = \"data.csv\"\n[protocol]\nkind = \"time-ordered\"\n\
             column = \"t\"\ntest = 0.3\n[grid]\nclassifiers = [\"prior\", \"gaussian-nb\"]\n"
        );
        let place = Place::new(&data, &study);
        place.expect(0, &["run", "study.toml", "--out", "out"]);
        let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
        assert!(report.contains("1 pipeline learnt nothing"), "{metrics}: {report}");
        assert!(report.contains("| 1/1 | positives do not rank above the other rows |"), "{metrics}: {report}");
    }
}

#[test]
fn the_end_of_a_run_says_who_won_and_where_the_page_is() {
    let place = Place::new(&csv(210), STUDY);
    let output = place.run(&["run", "study.toml", "--out", "out"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("rank  classifier           scaler    pr-auc      95% interval\n   1  "), "{said}");
    let flowing = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("Best by mean pr-auc: ") && flowing.contains("ahead of the second, "), "{said}");
    assert!(said.ends_with("Page: out/report.html\nWords and tables: out/report.md\n"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80) && !said.contains('\x1b'), "{said}");
    // The same from the records alone.
    let again = String::from_utf8(place.run(&["report", "out"]).stdout).unwrap();
    assert!(again.starts_with(&said) && again.contains(" files in out\n"), "{again}");
}

#[test]
fn confusion_counts_add_up_to_the_test_rows() {
    let place = Place::new(&csv(211), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    for record in place.records("out") {
        let count = |name: &str| record["confusion"][name].as_u64().unwrap();
        assert_eq!(count("tp") + count("fp") + count("fn") + count("tn"), record["test_rows"].as_u64().unwrap());
        assert_eq!(count("tp") + count("fn"), record["test_positives"].as_u64().unwrap());
    }
}

#[test]
fn the_same_scores_with_one_and_four_threads_and_two_a_cell() {
    let place = Place::new(
        &csv(210),
        &STUDY.replace("\"prior\"", "\"random-forest\", \"adaboost\", \"xgboost\", \"k-neighbors\""),
    );
    place.expect(0, &["run", "study.toml", "--out", "one", "--threads", "1"]);
    place.expect(0, &["run", "study.toml", "--out", "four", "--threads", "4"]);
    place.expect(0, &["run", "study.toml", "--out", "wide", "--threads", "4", "--cell-threads", "2"]);
    assert_eq!(place.records("one"), place.records("four"));
    assert_eq!(place.records("one"), place.records("wide"));
}

#[test]
fn a_filtered_run_gives_the_cells_of_the_whole_one() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    place.expect(
        0,
        &["run", "study.toml", "--out", "part", "--filter", "scaler=standard,family=decision-tree,fold=1,fold=2"],
    );
    let whole = place.records("whole");
    let part = place.records("part");
    assert_eq!(part.len(), 2);
    assert!(part.iter().all(|r| whole.contains(r)));
}

#[test]
fn a_failing_cell_is_a_record_with_its_reason_and_the_rest_goes_on() {
    let study = STUDY.replace("\"standard\"]", "{ id = \"function\", name = \"log\", params = { func = \"log1p\" } }]");
    let place = Place::new(&csv(210), &study);
    let said = place.expect(1, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("9 cells failed (9 with an error); the reasons are in out/report.md"), "{said}");
    let records = place.records("out");
    let (failed, scored): (Vec<_>, Vec<_>) = records.iter().partition(|r| r["outcome"] == "failed");
    assert_eq!((failed.len(), scored.len()), (9, 9));
    for record in failed {
        assert_eq!((record["scaler"].as_str(), record["stage"].as_str()), (Some("log"), Some("scale")));
        assert!(record["reason"].as_str().unwrap().contains("log1p"), "{record}");
    }
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("log1p"), "the reason is missing in the report");
}

#[test]
fn report_regenerates_the_same_bytes_without_the_data() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    std::fs::remove_file(place.path("data.csv")).unwrap();
    std::fs::remove_file(place.path("study.toml")).unwrap();
    place.expect(0, &["report", "out", "--out", "again"]);
    for file in ["cells.csv", "leaderboard.csv", "report.md", "charts/heatmap.svg", "charts/curves.png"] {
        let (first, second) =
            (std::fs::read(place.path("out").join(file)), std::fs::read(place.path("again").join(file)));
        assert!(first.unwrap() == second.unwrap(), "{file}");
    }
}

#[test]
fn hold_out_scores_its_validation_part_too() {
    let study =
        STUDY.replace("kind = \"stratified-k-fold\"\nfolds = 3", "kind = \"hold-out\"\ntest = 0.3\nvalidation = 0.2");
    let place = Place::new(&csv(400), &study);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    assert_eq!(records.len(), 6);
    for record in records {
        assert_eq!((record["test_rows"].as_u64(), record["train_rows"].as_u64()), (Some(120), Some(224)));
        assert!(record["validation"]["accuracy"].as_f64().is_some(), "{record}");
    }
}

#[test]
fn missing_values_are_filled_from_the_training_rows() {
    let data = csv(210).replacen(",-500,", ",,", 1);
    let study = STUDY.replace("[grid]\n", "[grid]\nimputers = [\"median\"]\n");
    let place = Place::new(&data, &study);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert_eq!(place.records("out").len(), 18);
}

#[test]
fn boosting_that_learns_nothing_from_rare_positives_is_told() {
    // XGBoost's defaults, as in Python: at the base score that it estimates hardly a split is allowed, and its values run away.
    let study = STUDY
        .replace("path = \"data.csv\"", "simulate = { rows = 100000, positives = 0.001727, columns = 30, seed = 1 }")
        .replace("[\"none\", \"standard\"]", "[\"none\"]")
        .replace(
            "\"prior\", \"decision-tree\", \"logistic-regression\"",
            "\"xgboost\", { name = \"xgboost-half\", family = \"xgboost\", params = { base_score = 0.5 } }",
        );
    let place = Place::new("", &study);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let said = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    let line = said.lines().find(|line| line.contains("| `base_score = 0.5`")).unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains("| xgboost (") && !said.contains("| xgboost-half (scaler none, resampler none, dedup off) |"),
        "{line}"
    );
    let page = std::fs::read_to_string(place.path("out/report.html")).unwrap();
    assert!(page.contains("Models that learnt nothing"));
    let board: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("out/leaderboard.json")).unwrap()).unwrap();
    assert!(board["pipelines"][1]["n_learnt_nothing"].as_u64().unwrap() > 0);
    assert_eq!(board["pipelines"][0]["n_learnt_nothing"], 0);
}

#[test]
fn the_page_is_there_while_the_run_goes_on() {
    let debug = "{ family = \"debug\", params = { act = 'sleep', stage = 'fit' } }";
    let study = STUDY.replace("\"decision-tree\", \"logistic-regression\"", debug);
    let place = Place::new(
        &csv(210),
        &format!("{study}\n[limits]\ncell_seconds = 20\nretries = 0\n")
            .replace("folds = 3", "folds = 2")
            .replace("\"none\", \"standard\"", "\"none\""),
    );
    let mut run = place.command(&["run", "study.toml", "--out", "out", "--threads", "2"]).spawn().unwrap();
    let page = || std::fs::read_to_string(place.path("out/report.html")).unwrap_or_default();
    let begun = Instant::now();
    while !page().contains(" of 4 cells are done. Ranked are") {
        assert!(begun.elapsed() < Duration::from_secs(120) && run.try_wait().unwrap().is_none(), "{}", page().len());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(page().contains("http-equiv=\"refresh\""));
    let charts = |extension: &str| {
        let names = std::fs::read_dir(place.path("out/charts")).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.extension().is_some_and(|of| of == extension)).count()
    };
    // Bitmaps would take memory beside the cells that run.
    assert!(charts("svg") > 0 && charts("png") == 0);
    assert_eq!(run.wait().unwrap().code(), Some(1));
    assert!(charts("svg") > 0 && charts("svg") == charts("png"));
    assert!(!page().contains("The run goes on") && !page().contains("http-equiv=\"refresh\""));
}
