//! Another Python is another result: its packages are in the records and in their keys.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::external::python;
use crate::{Place, STUDY, csv};

/// A class that needs no package but numpy.
const OWN: &str = r#"
class Rule:
    def fit(self, x, y):
        return self
    def predict(self, x):
        return (x[:, 0] > 4).astype(int)
"#;

/// A run with the class, and a Python that is `python` with a numpy that is called 0.0.1.
fn place(python: &str) -> (Place, String) {
    let head = STUDY.split("[grid]").next().unwrap();
    let place = Place::new(&csv(210), &format!("{head}[grid]\nclassifiers = [{{ python = \"own:Rule\" }}]\n"));
    place.write("own.py", OWN);
    let info = place.path("packages/numpy-0.0.1.dist-info");
    std::fs::create_dir_all(&info).unwrap();
    std::fs::write(info.join("METADATA"), "Metadata-Version: 2.1\nName: numpy\nVersion: 0.0.1\n").unwrap();
    std::fs::write(info.join("top_level.txt"), "numpy\n").unwrap();
    let packages = place.path("packages");
    place.write("other", &format!("#!/bin/sh\nPYTHONPATH='{}' exec '{python}' \"$@\"\n", packages.display()));
    let other = place.path("other");
    std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o755)).unwrap();
    let other = other.display().to_string();
    (place, other)
}

fn with(place: &Place, python: &str, arguments: &[&str]) -> String {
    let output: Output = place.command(arguments).env("FRAUDBENCH_PYTHON", python).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?} said: {said}");
    said
}

fn lines(place: &Place) -> Vec<String> {
    let log = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    log.lines().map(str::to_owned).collect()
}

fn report(place: &Place) -> String {
    // Who reads a report need not have that Python.
    let mut command = place.command(&["report", "out"]);
    let output = command.env_remove("FRAUDBENCH_PYTHON").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(0) && !said.contains("left out"), "{said}");
    std::fs::read_to_string(place.path("out/report.md")).unwrap()
}

#[test]
fn a_run_that_goes_on_with_another_python_runs_its_cells_again_and_says_so() {
    let Some(python) = python() else { return };
    let (place, other) = place(&python);
    with(&place, &other, &["run", "study.toml", "--out", "out"]);
    let old = lines(&place);
    assert_eq!(old.len(), 3);
    assert!(old.iter().all(|line| line.contains("\"numpy==0.0.1\"")), "{old:?}");
    let text = report(&place);
    assert!(text.contains("| Python packages | not the pinned ones: ") && text.contains("numpy 0.0.1"), "{text}");
    assert!(!text.contains("Cells are by different Python packages"), "{text}");
    // As after a kill.
    place.write("out/records.jsonl", &format!("{}\n{}\n", old[0], old[1]));
    let said = with(&place, &python, &["run", "--resume", "out"]);
    let again =
        "2 cells run again: another version of a component or other Python packages (FRAUDBENCH_PYTHON) made what";
    assert!(said.contains(again), "{said}");
    let all = lines(&place);
    assert_eq!(all.len(), 5);
    assert!(all[2..].iter().all(|line| !line.contains("numpy==0.0.1")), "{all:?}");
    let key = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap()["key"].to_string();
    assert_eq!(all.iter().map(key).collect::<BTreeSet<_>>().len(), 5);
    let text = report(&place);
    assert!(text.contains("3 of 3 cells scored") && !text.contains("numpy 0.0.1"), "{text}");
    // Nothing is left to do with this Python.
    with(&place, &python, &["run", "--resume", "out"]);
    assert_eq!(lines(&place).len(), 5);
    // Broken off after the first cell: the folds are of two Pythons, which the report says.
    let fold = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap()["fold"].to_string();
    let third = all[2..].iter().find(|line| fold(line) == fold(&old[2])).unwrap();
    place.write("out/records.jsonl", &format!("{}\n{}\n{third}\n", old[0], old[1]));
    let text = report(&place);
    assert!(text.contains("Cells are by different Python packages (numpy 0.0.1 in 2 cells and "), "{text}");
}
