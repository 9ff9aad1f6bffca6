//! Studies and tables that lie elsewhere than when a run was begun, and others that lie in their place.

use std::fs;

use crate::{Place, STUDY, csv};

/// A folder with the study and a table of so many rows.
fn folder(place: &Place, name: &str, rows: usize) {
    fs::create_dir(place.path(name)).unwrap();
    place.write(&format!("{name}/data.csv"), &csv(rows));
    place.write(&format!("{name}/study.toml"), STUDY);
}

/// Runs a command in a folder; what it said.
fn within(place: &Place, name: &str, code: i32, arguments: &[&str]) -> String {
    let output = place.command(arguments).current_dir(place.path(name)).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?} in {name}: {said}");
    said
}

/// Leaves two records of a run.
fn cut(place: &Place, run: &str) {
    let log = place.path(run).join("records.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[test]
fn a_run_is_resumed_on_its_own_table_wherever_one_stands() {
    let place = Place::new("", "");
    folder(&place, "may", 210);
    folder(&place, "june", 217);
    within(&place, "may", 0, &["run", "study.toml", "--out", "r", "--filter", "family=logistic-regression"]);
    cut(&place, "may/r");
    let said = within(&place, "june", 0, &["run", "--resume", "../may/r"]);
    assert!(said.contains("data: 210 rows") && said.contains("4 of 6 cells to run"), "{said}");
    let best = ["classifier=logistic-regression,scaler=none", "--out", "model"];
    within(&place, "june", 0, &[&["refit", "../may/r"][..], &best].concat());
    // What is merged elsewhere keeps the way.
    within(&place, "june", 0, &["merge", "../may/r", "--out", "far/m"]);
    let said = within(&place, "june", 0, &["run", "--resume", "far/m"]);
    assert!(said.contains("data: 210 rows") && said.contains("0 of 6 cells to run"), "{said}");
    // Where the study is gone from there, the one that lies here is taken, and it is said which table that is.
    fs::rename(place.path("may/r"), place.path("r")).unwrap();
    let said = within(&place, "june", 2, &["run", "--resume", "../r"]);
    assert!(
        said.contains("the features of data are not what they were") && said.contains("what was read is data.csv"),
        "{said}"
    );
    let said = within(&place, "june", 2, &["refit", "../r", best[0], "--out", "other"]);
    assert!(said.contains("are not what they were (what was read is data.csv); name the table"), "{said}");
}

#[test]
fn an_empty_variable_names_no_folder_of_tables() {
    let place = Place::new("", "");
    fs::create_dir_all(place.path("cache/data")).unwrap();
    // Empty, the variable once led into the folder in which the program was started.
    for lies in ["creditcard.csv", "cache/data/creditcard.csv"] {
        place.write(lies, "a,b\n");
    }
    let mut list = place.command(&["data", "list"]);
    let output = list.env("FRAUDBENCH_DATA", "").env("FRAUDBENCH_CACHE", place.path("cache")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let files: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("  file: ")).collect();
    assert_eq!(files[0], place.path("cache/data/creditcard.csv").display().to_string(), "{said}");
}

#[test]
fn a_study_that_was_moved_is_named_once() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "r", "--filter", "family=logistic-regression"]);
    let before = fs::read_to_string(place.path("r/manifest.toml")).unwrap();
    cut(&place, "r");
    fs::create_dir(place.path("sub")).unwrap();
    for name in ["study.toml", "data.csv"] {
        fs::rename(place.path(name), place.path("sub").join(name)).unwrap();
    }
    let refit = ["refit", "r", "classifier=logistic-regression,scaler=none", "--out", "model"];
    let way =
        "where it was moved with its data, name it once, and its new place is kept: fraudbench run STUDY --resume r";
    for command in [&["run", "--resume", "r"][..], &refit] {
        let said = place.expect(2, command);
        assert!(said.contains("data.csv: No such file or directory") && said.contains(way), "{said}");
    }
    // A table that is gone alone is no moved study.
    place.write("study.toml", STUDY);
    assert!(!place.expect(2, &["run", "--resume", "r"]).contains("moved"));
    fs::remove_file(place.path("study.toml")).unwrap();
    assert_eq!(fs::read_to_string(place.path("r/manifest.toml")).unwrap(), before);
    let said = place.expect(0, &["run", "sub/study.toml", "--resume", "r"]);
    assert!(said.contains("4 of 6 cells to run"), "{said}");
    let manifest: toml::Table = fs::read_to_string(place.path("r/manifest.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["study_file"].as_str(), Some("sub/study.toml"));
    assert_eq!(manifest["study_folder"].as_str(), Some("../sub"));
    let said = place.expect(0, &["run", "--resume", "r"]);
    assert!(said.contains("0 of 6 cells to run"), "{said}");
    place.expect(0, &refit);
}
