//! Studies whose truth is known.

use crate::Place;

const STUDY: &str = r#"
name = "worth"
seed = 1
metrics = ["roc-auc"]
primary = "roc-auc"
[protocol]
kind = "stratified-k-fold"
folds = 5
[grid]
dedup = [false]
scalers = ["none"]
classifiers = ["gaussian-nb"]
[[data]]
name = "null"
simulate = { kind = "normal", rows = 300, positives = 60, columns = 4, separation = 1.0, seed = 1 }
[[data]]
name = "lead"
simulate = { kind = "normal", rows = 300, positives = 60, columns = 4, separation = 0.5, lead = 3.0, seed = 1 }
"#;

/// The rows of a table, by column.
fn table(place: &Place, name: &str) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(place.path(name)).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| header.iter().zip(&row).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    reader.records().map(|line| row(line.unwrap())).collect()
}

#[test]
fn a_lead_is_found_and_no_lead_is_none() {
    let place = Place::new("", STUDY);
    place.expect(0, &["power", "study.toml", "--draws", "27", "--out", "out", "--scratch", "."]);
    let rows = table(&place, "out/power.csv");
    let [null, lead] = &rows[..] else { panic!("{rows:?}") };
    let of = |row: &std::collections::HashMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    assert_eq!((null["data_set"].as_str(), null["draws"].as_str(), null["pipelines"].as_str()), ("null", "27", "4"));
    // The area under the curve of one column is the normal distribution's value at separation / sqrt(2).
    assert!((of(null, "worth_first") - 0.7602).abs() < 0.02 && null["worth_first"] == null["worth_others"]);
    assert!((of(lead, "worth_first") - 0.9933).abs() < 0.01 && (of(lead, "worth_others") - 0.6382).abs() < 0.02);
    assert!(of(null, "flattery") > 0.005 && of(null, "corrected_flattery") < of(null, "flattery"));
    assert!(of(lead, "best_found") == 1.0 && of(lead, "others_told") > 0.7);
    assert_eq!(null["best_found"], "");
    // 27 draws of 4 pipelines each, and both intervals over rows.
    assert_eq!((null["coverage_of"].as_str(), null["rows_coverage_of"].as_str()), ("108", "27"));
    assert!(of(null, "coverage") > 0.8);
    let text = std::fs::read_to_string(place.path("out/power.md")).unwrap();
    assert!(text.contains("No pipeline is better than another") && text.contains("| lead | 60 | 27 |"), "{text}");
    let left: Vec<_> = std::fs::read_dir(place.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("power-")), "{left:?}");
}

#[test]
fn what_cannot_be_tried_is_said() {
    let place = Place::new("", STUDY);
    let refused = |from: &str, to: &str, wanted: &str| {
        place.write("wrong.toml", &STUDY.replace(from, to));
        let said = place.expect(2, &["power", "wrong.toml", "--draws", "1"]);
        assert!(said.contains(wanted) && said.trim().lines().count() == 1, "{said}");
    };
    refused(
        "kind = \"normal\", rows = 300, positives = 60, columns = 4, separation = 1.0, ",
        "rows = 300, ",
        "the truth of `null`",
    );
    refused("columns = 4, separation = 0.5", "columns = 5, separation = 0.5", "as many `columns`");
    refused("[\"gaussian-nb\"]", "[\"gaussian-nb\", \"prior\"]", "name one classifier, not 2");
    refused("dedup = [false]", "dedup = [false]\nselects = [\"none\"]", "leave out `selects`");
    let debug = "[{ name = \"d\", family = \"debug\", params = { act = \"refuse\" } }]";
    refused("[\"gaussian-nb\"]", debug, "40 cells of 40 failed, so nothing can be said of the design; the first is");
    refused("lead = 3.0", "lead = \"much\"", "[[data]] 2 (lead): simulate.lead: ");
    refused("[\"none\"]", "[\"none\", \"standard\"]", "name one scaler, not 2: pipelines differ in their column");
    refused("dedup = [false]", "dedup = [false, true]", "name one value of `dedup`, not 2");
    refused(
        "dedup = [false]",
        "dedup = [false, true]\nresamplers = [\"none\", \"tomek-links\"]",
        "name one resampler, not 2, one value of `dedup`, not 2",
    );
    place.write("wrong.toml", &STUDY.replace("columns = 4", "columns = 1"));
    assert!(place.expect(2, &["power", "wrong.toml"]).contains("`columns = 1` leaves nothing to compare"));
    place.write("table.csv", "a,label\n1,0\n");
    assert!(place.expect(2, &["power", "table.csv"]).contains("is a table and not a study"));
}

#[test]
fn every_study_is_read_and_split_before_the_first_draw() {
    let place = Place::new("", STUDY);
    // 61 folds of 60 positives.
    place.write("folds.toml", &STUDY.replace("folds = 5", "folds = 61"));
    for (second, wanted) in [("nope.toml", "cannot read the study nope.toml"), ("folds.toml", "61 folds need 61 rows")]
    {
        let said = place.expect(2, &["power", "study.toml", second, "--draws", "1", "--out", "out"]);
        assert!(said.contains(wanted) && !said.contains("of 1 draws"), "{said}");
        assert!(!place.path("out").exists());
    }
}

#[test]
fn a_metric_whose_smaller_values_are_better_is_read_so() {
    let place = Place::new("", &STUDY.replace("roc-auc", "log-loss"));
    place.expect(0, &["power", "study.toml", "--draws", "6", "--out", "out", "--scratch", "."]);
    let rows = table(&place, "out/power.csv");
    let of = |row: usize, name: &str| rows[row][name].parse::<f64>().unwrap();
    // The smallest of several means is below what all are worth.
    assert!(of(0, "flattery") > 0.0, "{rows:?}");
    // Whoever is told from the first is worse than it.
    assert!(of(1, "worth_first") < of(1, "worth_others") && of(1, "best_found") == 1.0, "{rows:?}");
    assert!(of(1, "others_told") > 0.0 && of(1, "false_alarms") == 0.0, "{rows:?}");
    assert_eq!(rows[1]["false_alarms_se"], "");
    let text = std::fs::read_to_string(place.path("out/power.md")).unwrap();
    assert!(text.contains("| lead | 60 | 6 | +"), "the lead is one: {text}");
}
