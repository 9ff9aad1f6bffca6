//! A study over simulated tables of growing rows: one in memory at a time, a worker per cell, larger sizes skipped.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Place;

const TABLES: &str = r#"name = "growth"
metrics = ["pr-auc", "recall"]
[[data]]
name = "small"
simulate = { rows = 2000, positives = 0.02, columns = 8, seed = 1 }
[[data]]
name = "large"
simulate = { rows = 6000, positives = 0.02, columns = 8, seed = 1 }
[protocol]
kind = "hold-out"
test = 0.2
[grid]
resamplers = ["none", "tomek-links"]
scalers = ["standard"]
"#;

/// The records of a study by their keys.
fn records(place: &Place, out: &str) -> BTreeMap<String, Value> {
    let log = std::fs::read_to_string(place.path(&format!("{out}/records.jsonl"))).unwrap();
    let parsed = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    parsed.map(|record| (record["key"].as_str().unwrap().to_owned(), record)).collect()
}

#[test]
fn one_table_at_a_time_and_a_worker_per_cell_change_no_score() {
    let study = format!("{TABLES}classifiers = [\"decision-tree\", \"prior\"]\n");
    let limits = "[limits]\none_table = true\nfresh_workers = true\n";
    let place = Place::new("", &study);
    std::fs::write(place.path("limited.toml"), format!("{study}{limits}")).unwrap();
    place.expect(0, &["run", "study.toml", "--out", "all"]);
    place.expect(0, &["run", "limited.toml", "--out", "one"]);
    let (all, one) = (records(&place, "all"), records(&place, "one"));
    assert_eq!((all.len(), all.keys().collect::<Vec<_>>()), (8, one.keys().collect::<Vec<_>>()));
    for (key, record) in &all {
        assert_eq!((&record["metrics"], &record["input"]), (&one[key]["metrics"], &one[key]["input"]), "{record}");
    }
    // The larger table's records are lost, and made again without the smaller one.
    let log = place.path("one/records.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let kept: String =
        text.lines().filter(|line| line.contains("\"data_set\":\"small\"")).map(|l| format!("{l}\n")).collect();
    std::fs::write(&log, kept).unwrap();
    place.expect(0, &["run", "--resume", "one"]);
    assert_eq!(records(&place, "one").len(), 8);
}

#[test]
fn progress_counts_the_cells_of_all_tables() {
    let limits = "[limits]\none_table = true\n";
    let place = Place::new("", &format!("{TABLES}classifiers = [\"decision-tree\", \"prior\"]\n{limits}"));
    // Two tables, two resamplers, two classifiers.
    let said = place.expect(0, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let line = |end: &str| said.lines().filter(|line| line.ends_with(end)).count();
    assert_eq!(line(" 8 of 8 cells to run, 1 at a time"), 1, "{said}");
    assert_eq!((said.matches(" to run, ").count(), line(" 8/8 cells, 0 failed, 0 s left")), (1, 1), "{said}");
    // Two of the smaller table's records are there.
    let log = place.path("out/records.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let output = place.run(&["run", "--resume", "out", "--threads", "1", "--progress", "json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let events: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    let started = named("started");
    assert_eq!(
        (started.len(), [&started[0]["cells"], &started[0]["to_run"]]),
        (1, [&Value::from(8), &Value::from(6)]),
        "{said}"
    );
    let counts: Vec<_> = named("finished").iter().map(|event| (event["done"].clone(), event["of"].clone())).collect();
    assert_eq!(counts, (1..=6).map(|done| (Value::from(done), Value::from(6))).collect::<Vec<_>>(), "{said}");
    // What the larger table takes is not told by the smaller one's two cells.
    let told: Vec<bool> = named("finished").iter().map(|event| event["seconds_left"].is_number()).collect();
    assert_eq!(told, [false, false, true, true, true, true], "{said}");
}

#[test]
fn what_was_too_slow_on_a_small_table_is_skipped_on_a_larger_one() {
    let slow = "{ family = \"debug\", params = { act = \"sleep\" } }";
    let limits = "[limits]\nskip_larger = true\none_table = true\ncell_seconds = 2\n";
    let place = Place::new("", &format!("{TABLES}classifiers = [\"prior\", {slow}]\n{limits}"));
    place.expect(1, &["run", "study.toml", "--out", "out", "--threads", "1"]);
    let seen: Vec<Value> = records(&place, "out").into_values().filter(|r| r["family"] == "debug").collect();
    let outcomes = |data_set: &str| -> Vec<&str> {
        seen.iter().filter(|r| r["data_set"] == data_set).map(|r| r["outcome"].as_str().unwrap()).collect()
    };
    assert_eq!((outcomes("small"), outcomes("large")), (vec!["timed-out"; 2], vec!["skipped"; 2]));
    let skipped = seen.iter().find(|r| r["outcome"] == "skipped").unwrap();
    assert_eq!(skipped["reason"], "2000 rows timed out (`skip_larger` of the limits)");
    let report = std::fs::read_to_string(place.path("out/2-large/report.md")).unwrap();
    assert!(report.contains("2000 rows timed out"), "{report}");
}
