//! What cannot be printed is no success, whichever command prints it; a reader that has had enough is none of its business.

use std::fs::File;
use std::process::Stdio;

use crate::{Place, STUDY, csv};

/// A run, the same again, and a model.
fn place() -> Place {
    let place = Place::new(&csv(210), STUDY);
    for out in ["out", "same"] {
        place.expect(0, &["run", "study.toml", "--out", out]);
    }
    place.expect(0, &["refit", "out", "--out", "m"]);
    place
}

/// A small table of card transactions.
const SIMULATE: &[&str] = &[
    "data",
    "simulate",
    "handbook",
    "--days",
    "2",
    "--customers",
    "5",
    "--terminals",
    "5",
    "--radius",
    "50",
    "--out",
    "h.csv",
    "--overwrite",
];

/// Commands that print on standard output, each in a form that may be repeated, with its exit code.
const COMMANDS: &[(i32, &[&str])] = &[
    (0, &["list"]),
    (0, &["list", "random-forest"]),
    (0, &["list", "study.toml", "--cells"]),
    (0, &["report", "out"]),
    (0, &["compare", "out", "same"]),
    (0, &["compare", "out", "classifier=prior,scaler=none", "classifier=decision-tree,scaler=none"]),
    (0, &["compare", "out", "same", "--fail-on", "regression", "--time", "off", "--memory", "off"]),
    (0, &["history", "out", "same"]),
    (0, &["merge", "out", "same", "--out", "merged"]),
    (0, &["pack", "same"]),
    (0, &["refit", "out", "--out", "m", "--overwrite"]),
    (0, &["score", "m", "data.csv"]),
    (0, &["score", "m", "data.csv", "--out", "scores.csv", "--overwrite"]),
    (0, &["explain", "out", "--repeats", "1", "--rows", "2", "--out", "why"]),
    (0, &["data", "list"]),
    (0, &["data", "describe", "data.csv"]),
    (0, &["data", "describe", "data.csv", "--json"]),
    (0, SIMULATE),
    (0, &["audit", "study.toml", "--inspect"]),
    (0, &["cluster", "out", "--nodes", "1,2", "--out", "cluster"]),
    (0, &["reproduce"]),
    (0, &["python", "packages"]),
    (0, &["completions", "zsh"]),
    (0, &["man", "pages"]),
    (0, &["run", "--resume", "out"]),
    (0, &["--version"]),
    (0, &["--help"]),
    (0, &["run", "--help"]),
    (0, &["help", "score"]),
];

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_an_error_of_every_command() {
    let place = place();
    let mut wrong = Vec::new();
    for (code, arguments) in COMMANDS {
        let printed = place.run(arguments);
        assert_eq!(printed.status.code(), Some(*code), "{arguments:?}: {}", String::from_utf8_lossy(&printed.stderr));
        assert!(!printed.stdout.is_empty(), "{arguments:?} prints nothing");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ended = place.command(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let is_told = said
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("fraudbench: cannot write standard output: No space left on device"));
        if ended.status.code() != Some(2) || !is_told {
            wrong.push(format!("{arguments:?}: {:?}: {said}", ended.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_reader_that_has_gone_changes_nothing() {
    let place = place();
    for (code, arguments) in COMMANDS {
        let usual = place.run(arguments);
        let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(*code), "{arguments:?}: {said}");
        let complaints = |text: &[u8]| String::from_utf8_lossy(text).matches("fraudbench: ").count();
        assert_eq!(complaints(&ended.stderr), complaints(&usual.stderr), "{arguments:?}: {said}");
    }
}

#[test]
fn a_gate_with_an_alarm_keeps_its_code_where_its_reader_has_gone() {
    let place = place();
    let arguments = ["compare", "out", "same", "--fail-under", "pr-auc=0.999"];
    assert_eq!(place.run(&arguments).status.code(), Some(1));
    let mut child = place.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
