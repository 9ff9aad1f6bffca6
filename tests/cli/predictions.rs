use std::fs;
use std::path::Path;

use fraudbench::component::Registry;
use fraudbench::metric::Scored;
use fraudbench::store::{Predictions, Record, SplitRows, predictions_path, read_records};
use serde_json::Value;

use crate::{Place, STUDY, csv};

fn records(place: &Place, out: &str) -> Vec<Record> {
    read_records(&place.path(out).join("records.jsonl")).unwrap()
}

#[test]
fn kept_predictions_give_the_metrics_again() {
    let place = Place::new(&csv(210).replace("a,b,label", "a,Amount,label"), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--predictions", "all"]);
    let records = records(&place, "out");
    assert_eq!(records.len(), 18);
    let out = place.path("out");
    for record in &records {
        let said = Predictions::read(&out, &record.key).unwrap().expect("has predictions").test;
        let rows = SplitRows::read(&out, record.rows.as_ref().unwrap()).unwrap().expect("has rows").test;
        let amount = rows.amount.as_ref().expect("the data have amounts");
        // The amount of row i of the file.
        assert!(rows.row.iter().zip(amount).all(|(&i, &a)| a == f64::from(i * 104_729 % 997) - 500.0));
        let scored = Scored::new(&rows.y, &said).unwrap();
        assert_eq!(Some(scored.confusion), record.confusion);
        for (id, score) in &record.metrics {
            assert_eq!(Registry::built_in().metric(id).unwrap().score(&scored), *score, "{id} of {}", record.cell);
        }
    }
}

#[test]
fn the_rows_of_a_sample_are_named_by_their_places_in_the_file() {
    let sample = "path = \"data.csv\"\nsample = { positives = 21, negatives = 60, seed = 1 }";
    let place =
        Place::new(&csv(210).replace("a,b,label", "a,Amount,label"), &STUDY.replace("path = \"data.csv\"", sample));
    place.expect(0, &["run", "study.toml", "--out", "out", "--predictions", "all"]);
    let mut tested = Vec::new();
    for record in records(&place, "out") {
        let rows = SplitRows::read(&place.path("out"), record.rows.as_ref().unwrap()).unwrap().expect("has rows").test;
        // The label and the amount of row i of the file.
        assert!(rows.row.iter().zip(&rows.y).all(|(&i, &y)| y == u8::from(i % 7 == 3)));
        let amount = rows.amount.as_ref().expect("the data have amounts");
        assert!(rows.row.iter().zip(amount).all(|(&i, &a)| a == f64::from(i * 104_729 % 997) - 500.0));
        tested.extend(rows.row);
    }
    tested.sort_unstable();
    tested.dedup();
    // Each of the 81 rows tests once, and they are of the whole file.
    assert_eq!(tested.len(), 81);
    assert!(tested[80] > 80, "{tested:?}");
}

#[test]
fn what_is_kept_takes_no_more_than_the_help_says() {
    let half = STUDY.replace("kind = \"stratified-k-fold\"\nfolds = 3", "kind = \"hold-out\"\ntest = 0.5");
    let place = Place::new(&csv(30_000), &half);
    place.expect(
        0,
        &["run", "study.toml", "--out", "out", "--filter", "scaler=standard,classifier=logistic-regression"],
    );
    let record = records(&place, "out").remove(0);
    let bytes = fs::metadata(predictions_path(&place.path("out"), &record.key).unwrap()).unwrap().len();
    // A probability in 64 bits hardly becomes smaller, and a label is a bit.
    let help = place.printed(0, &["run", "--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, told) = help.split_once("in DIR/predictions: at most about ").unwrap();
    let (told, _) = told.split_once(" bytes per row and cell").unwrap();
    let per_row = bytes as f64 / record.test_rows as f64;
    assert!((4.0..told.parse().unwrap()).contains(&per_row), "{per_row}");
}

/// A study that names its metrics.
fn with(metrics: &str) -> String {
    STUDY.replace("seed = 5\n", &format!("seed = 5\nmetrics = [{metrics}]\n"))
}

/// Amounts in column `b`, as all of them are positive.
fn worth(rows: usize) -> String {
    let worth = |line: &str| {
        let [a, b, label] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        format!("{a},{},{label}\n", b.parse().map_or("Amount".to_owned(), |b: f64| (b + 501.0).to_string()))
    };
    csv(rows).lines().map(worth).collect()
}

/// The cells of a log by their last line, without what may differ between two runs.
fn last_lines(place: &Place, out: &str) -> Vec<Value> {
    let mut last: Vec<Value> = Vec::new();
    for record in place.records(out) {
        last.retain(|other| other["key"] != record["key"]);
        last.push(record);
    }
    last
}

#[test]
fn a_metric_that_is_added_is_computed_from_what_was_kept() {
    let protocol = "kind = \"hold-out\"\ntest = 0.3\nvalidation = 0.2\nrepeats = 3";
    let few = with("'pr-auc', 'recall'").replace("kind = \"stratified-k-fold\"\nfolds = 3", protocol);
    let more = few.replace("'pr-auc', 'recall'", "'recall', 'amount-recall', 'brier', 'pr-auc'");
    let more = more.replace("seed = 5", "seed = 5\nprimary = 'brier'");
    let place = Place::new(&worth(400), &few);
    place.write("more.toml", &more);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let said = place.expect(0, &["run", "--resume", "out", "more.toml"]);
    assert!(said.contains("18 cells scored again by the study's metrics, none fitted"), "{said}");
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    place.expect(0, &["run", "more.toml", "--out", "whole"]);
    assert_eq!(last_lines(&place, "out"), place.records("whole"));
    let amount = |record: &Value, part: &str| record[part]["amount-recall"].as_f64().unwrap();
    assert!(place.records("whole").iter().any(|r| amount(r, "metrics") > 0.1 && amount(r, "validation") > 0.1));
    let report = fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("Leaderboard by brier"), "{report}");
    // Once is enough, and the manifest knows the study from now on.
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(!said.contains("scored again") && said.contains("0 of 18 cells to run"), "{said}");
    place.write("other.toml", &more.replace("seed = 5", "seed = 6"));
    let said = place.expect(2, &["run", "--resume", "out", "other.toml"]);
    assert!(said.contains("differs in more than `metrics` and `primary`"), "{said}");
}

#[test]
fn without_predictions_an_added_metric_is_undefined_with_the_reason() {
    let place = Place::new(&csv(210), &with("'pr-auc', 'recall'"));
    place.write("more.toml", &with("'pr-auc', 'recall', 'brier', 'amount-recall'"));
    place.expect(0, &["run", "study.toml", "--out", "bare", "--predictions", "none"]);
    let said = place.expect(0, &["run", "--resume", "bare", "more.toml"]);
    assert!(said.contains("18 cells without predictions") && said.contains("0 of 18 cells to run"), "{said}");
    let cells = fs::read_to_string(place.path("bare/cells.csv")).unwrap();
    assert!(cells.contains("the cell was run without this metric"), "{cells}");
    // Predictions that are there again are used; the data have no amounts.
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let predictions = place.path("bare/predictions");
    fs::rename(place.path("out/predictions"), &predictions).unwrap();
    place.expect(0, &["run", "--resume", "bare"]);
    for record in records(&place, "bare").iter().skip(18) {
        assert!(record.metrics["brier"].value().is_some());
        let said = serde_json::to_string(&record.metrics["amount-recall"]).unwrap();
        assert!(said.contains("no column with the role `amount`"), "{said}");
    }
}

#[test]
fn swapped_predictions_score_nothing() {
    let place = Place::new(&csv(210), &with("'pr-auc', 'recall'"));
    place.write("more.toml", &with("'pr-auc', 'recall', 'roc-auc'"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = records(&place, "out");
    let path = |of: &Record| predictions_path(&place.path("out"), &of.key).unwrap();
    let tree = |fold: u32| records.iter().find(|r| r.family == "decision-tree" && r.cell.fold == fold).unwrap();
    fs::copy(path(tree(1)), path(tree(0))).unwrap();
    let said = place.expect(0, &["run", "--resume", "out", "more.toml", "--predictions", "none"]);
    assert!(said.contains("17 cells scored again"), "{said}");
    assert!(said.contains("not scored again") && said.contains("these are the predictions of another cell"), "{said}");
}

#[test]
fn predictions_that_were_swapped_are_made_again() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = records(&place, "out");
    // A report reads those of a family's best pipeline alone.
    let scalers = ["none", "standard"];
    let path = |scaler: &str, fold: u32| {
        let is_it = |r: &&Record| r.family == "decision-tree" && r.cell.scaler == scaler && r.cell.fold == fold;
        let tree = records.iter().find(is_it).unwrap();
        predictions_path(&place.path("out"), tree.equals.as_ref().unwrap_or(&tree.key)).unwrap()
    };
    let written = scalers.map(|scaler| fs::read(path(scaler, 0)).unwrap());
    for scaler in scalers {
        fs::copy(path(scaler, 1), path(scaler, 0)).unwrap();
    }
    let warning = place.expect(0, &["report", "out"]);
    assert!(warning.contains("`fraudbench run --resume DIR` runs the cell"), "{warning}");
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(
        said.contains("run again, as the predictions that were kept are gone or cut, or not what the run"),
        "{said}"
    );
    assert!(!said.contains("Left out because"), "{said}");
    assert!(scalers.map(|scaler| fs::read(path(scaler, 0)).unwrap()) == written);
}

#[test]
fn every_run_into_a_directory_is_in_its_manifest() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "scaler=none"]);
    place.expect(0, &["run", "--resume", "out", "--threads", "1"]);
    place.expect(0, &["run", "study.toml", "--out", "rest", "--filter", "scaler=standard"]);
    place.expect(0, &["merge", "out", "rest", "--out", "both"]);
    place.expect(0, &["merge", "rest", "--out", "both"]);
    let runs = |out: &str| -> Vec<String> {
        let text = fs::read_to_string(place.path(out).join("manifest.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let runs = manifest.get("runs").and_then(|runs| runs.as_array()).cloned().unwrap_or_default();
        runs.iter().map(|run| run["command"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(runs("out"), ["fraudbench run --resume out --threads 1"]);
    let both = runs("both");
    let expected = [
        "fraudbench run --resume out --threads 1",
        "fraudbench run study.toml --out out --filter scaler=none",
        "fraudbench run study.toml --out rest --filter scaler=standard",
        "fraudbench merge out rest --out both",
    ];
    assert_eq!(both, expected);
}

#[test]
fn a_run_goes_on_from_another_folder() {
    let place = Place::new("", "");
    fs::create_dir_all(place.path("a/b")).unwrap();
    place.write("a/b/data.csv", &csv(210));
    place.write("a/b/study.toml", STUDY);
    let inside = |arguments: &[&str]| {
        let output = place.command(arguments).current_dir(place.path("a/b")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    inside(&["run", "study.toml", "--out", "out", "--filter", "family=prior"]);
    let log = place.path("a/b/out/records.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let said = place.expect(0, &["run", "--resume", "a/b/out"]);
    assert!(said.contains("4 of 6 cells to run"), "{said}");
}

#[test]
fn curves_are_drawn_where_predictions_are() {
    // Frauds of no worth in all would have no share of it: amounts are made positive.
    let place = Place::new(&worth(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let table = std::fs::read_to_string(place.path("out/curves.csv")).unwrap();
    // 30 positives of 210 rows, 3 folds: with the 70 highest scores everything is found.
    let last = table.lines().rfind(|l| l.starts_with("decision-tree") && l.contains("recall-by-false-positive-rate"));
    assert!(last.unwrap().ends_with(",1,1,1,1"), "{last:?}");
    assert!(table.contains("amount-among-n-highest"));
    assert!(place.path("out/charts/curves.svg").exists());
    let savings = std::fs::read_to_string(place.path("out/savings.csv")).unwrap();
    assert!(savings.lines().skip(1).all(|line| line.ends_with(",10")), "{savings}");
    let said = place.expect(2, &["report", "out", "--check-cost", "-1"]);
    assert!(said.contains("a positive number"), "{said}");
    place.expect(0, &["report", "out", "--check-cost", "2.5"]);
    let savings = std::fs::read_to_string(place.path("out/savings.csv")).unwrap();
    assert!(savings.lines().skip(1).all(|line| line.ends_with(",2.5")), "{savings}");
    for bad in ["0", "-3", "nan", "inf", "much"] {
        let said = place.expect(2, &["report", "out", &format!("--check-cost={bad}")]);
        assert!(said.contains("the cost of a check is a positive number"), "{said}");
    }
    std::fs::remove_dir_all(place.path("out/predictions")).unwrap();
    place.expect(0, &["report", "out"]);
    assert!(!place.path("out/charts/curves.svg").exists(), "a chart that nothing stands behind any more");
}

#[test]
fn predictions_are_left_out_when_not_wanted() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--predictions", "none"]);
    assert!(!Path::new(&place.path("out/predictions")).exists());
}

#[test]
fn what_a_report_cannot_read_is_said_on_the_terminal() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let lines = |said: &str| said.lines().filter(|line| line.contains("not what the run wrote")).count();
    assert_eq!(lines(&place.expect(0, &["report", "out"])), 0);
    for file in fs::read_dir(place.path("out/predictions")).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("rows-") {
            fs::remove_file(file).unwrap();
        }
    }
    let said = place.expect(0, &["report", "out"]);
    assert!(lines(&said) == 1 && said.contains(".parquet: the file is not there"), "{said}");
    assert!(said.contains("warning: out: Left out because"), "{said}");
    assert!(!place.path("out/thresholds.csv").exists());
}

#[test]
fn what_the_report_of_a_run_cannot_read_is_said_on_the_terminal() {
    let place = Place::new(&csv(210), STUDY);
    let lines = |said: &str| said.lines().filter(|line| line.contains("not what the run wrote")).count();
    assert_eq!(lines(&place.expect(0, &["run", "study.toml", "--out", "out"])), 0);
    let records = records(&place, "out");
    let path = |of: &Record| predictions_path(&place.path("out"), of.equals.as_ref().unwrap_or(&of.key)).unwrap();
    let first = fs::read(path(&records[0])).unwrap();
    // Files that are whole, and another cell's.
    for record in &records[1..] {
        if path(record) != path(&records[0]) {
            fs::write(path(record), &first).unwrap();
        }
    }
    // No file is looked at by a run that keeps none.
    let said = place.expect(0, &["run", "--resume", "out", "--predictions", "none"]);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    let warning = said.lines().find(|line| line.starts_with("warning: out: Left out because the files kept of "));
    assert!(
        lines(&said) == 1 && warning.is_some_and(|line| line.contains("the predictions of another cell")),
        "{said}"
    );
}

/// [`STUDY`] on two tables.
fn on_two() -> String {
    STUDY.replace(
        "[data]\npath = \"data.csv\"",
        "[[data]]\npath = \"data.csv\"\nname = \"one\"\n[[data]]\npath = \"other.csv\"\nname = \"two\"",
    )
}

#[test]
fn what_is_wrong_in_one_of_several_data_sets_is_told_with_its_name() {
    let place = Place::new(&csv(210), &on_two().replace("seed = 5\n", "seed = 5\nmetrics = ['pr-auc', 'recall']\n"));
    place.write("other.csv", &csv(217));
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "classifier=decision-tree,scaler=none"]);
    let change = |score: f64, fold: u64| {
        place.edit_records("out", |record| {
            if record["data_set"] == "two" && record["fold"] == fold {
                record["metrics"]["pr-auc"] = score.into();
            }
        });
    };
    // A record that cannot be.
    change(2.0, 1);
    let said = place.expect(0, &["report", "out"]);
    assert!(said.contains("1 record: a score is outside the range of its metric (data-set=two dedup=off "), "{said}");
    // One whose predictions say something else.
    change(0.123, 1);
    let more = fs::read_to_string(place.path("study.toml")).unwrap().replace("'recall'", "'recall', 'roc-auc'");
    place.write("more.toml", &more);
    let said = place.expect(0, &["run", "--resume", "out", "more.toml"]);
    assert!(said.contains("not scored again: the predictions of data-set=two dedup=off "), "{said}");
    let said = place.printed(0, &["explain", "out", "data-set=two,classifier=decision-tree", "--rows", "5"]);
    assert!(said.contains("data-set=two dedup=off "), "{said}");
}

#[test]
fn a_data_set_that_a_filter_leaves_out_has_no_report() {
    let place = Place::new(&csv(210), &on_two());
    place.write("other.csv", &csv(217));
    let output = place.run(&["run", "study.toml", "--out", "out", "--filter", "data-set=two"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    // The table of the one that was run, under its name, and nothing of the other.
    assert!(shown.lines().any(|line| line == "two") && !shown.lines().any(|line| line == "one"), "{shown}");
    assert!(place.path("out/2-two/report.md").exists() && !place.path("out/1-one").exists());
    let report = fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("No cell was planned on one, so there is no report on it."), "{report}");
    assert!(
        report.contains("1 data set with its own leaderboard.")
            && report.contains("## two")
            && !report.contains("## one"),
        "{report}"
    );
    // A report that an earlier version left on it goes; what others put there stays.
    fs::create_dir_all(place.path("out/1-one/charts")).unwrap();
    place.write("out/1-one/report.md", "nothing");
    place.expect(0, &["report", "out"]);
    assert!(!place.path("out/1-one").exists());
    fs::create_dir_all(place.path("out/1-one")).unwrap();
    place.write("out/1-one/mine.txt", "mine");
    place.expect(0, &["report", "out"]);
    assert!(place.path("out/1-one/mine.txt").exists());
}

#[test]
fn a_threshold_of_the_table_gives_the_alarms_beside_it_in_a_study() {
    // Shares of 15 trees, such as 14/15, which 32 bits round up.
    let study = |threshold: &str| {
        STUDY.replace("kind = \"stratified-k-fold\"\nfolds = 3", "kind = \"hold-out\"\ntest = 0.3").replace(
            "scalers = [\"none\", \"standard\"]\nclassifiers = [\"prior\", \"decision-tree\", \"logistic-regression\"]",
            &format!(
                "classifiers = [{{ family = \"random-forest\", params = {{ n_estimators = 15, random_state = 0 }}{threshold} }}]"
            ),
        )
    };
    let place = Place::new(&csv(420), &study(""));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let mut table = csv::Reader::from_path(place.path("out/thresholds.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let cell = |row: &csv::StringRecord, column: &str| {
        row.get(header.iter().position(|name| name == column).unwrap()).unwrap().parse::<f64>()
    };
    let points: Vec<[f64; 3]> = rows
        .iter()
        .filter_map(|row| Some([cell(row, "threshold").ok()?, cell(row, "alarms").ok()?, cell(row, "found").ok()?]))
        .collect();
    assert!(points.len() > 5, "{points:?}");
    for (i, [threshold, alarms, found]) in points.into_iter().enumerate() {
        place.write("again.toml", &study(&format!(", threshold = {threshold:?}")));
        let out = format!("again-{i}");
        place.expect(0, &["run", "again.toml", "--out", &out]);
        let confusion = records(&place, &out)[0].confusion.unwrap();
        assert_eq!((confusion.alarms() as f64, confusion.tp as f64), (alarms, found), "{threshold}");
    }
}
