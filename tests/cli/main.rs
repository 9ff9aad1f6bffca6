//! The program from the outside: what a user meets, good days and bad.

mod at_once;
mod auditing;
mod bad_input;
mod boundless;
mod cluster;
mod cluster_page;
mod commands;
mod comparing;
mod damaged;
mod documents;
mod explaining;
mod external;
mod featuring;
mod first_tables;
mod forbidden;
mod gate_files;
mod gating;
mod growing;
mod history;
mod kubernetes;
mod lasting;
mod left_behind;
mod listing;
mod many;
mod merging;
mod moved;
mod naming;
mod newcomers;
mod nightly;
mod nights;
mod onnx_files;
mod outcomes;
mod packages;
mod packing;
mod planning;
mod power;
mod predictions;
mod printing;
mod received;
mod refitting;
mod reproducing;
mod running;
mod same_features;
mod scaling;
mod scoring;
mod scripts;
mod searching;
mod served;
mod shell;
mod simulating;
mod splitting;
mod stories;
mod streams;
mod submitting;
mod surviving;
mod telling;
mod trusting;
mod trying;
mod waiting;
mod workers;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a data file and a study, and the program to run in it.
pub struct Place {
    pub folder: TempDir,
}

/// Rows of two numeric features, every seventh positive and mostly told apart by `a`; `b` holds negative values.
pub fn csv(rows: usize) -> String {
    let mut text = String::from("a,b,label\n");
    for i in 0..rows {
        let positive = i % 7 == 3;
        let noise = (i * 7919 % 1000) as f64 / 250.0;
        let a = noise + if positive { 3.0 } else { 0.0 };
        text.push_str(&format!("{a},{},{}\n", (i * 104_729 % 997) as f64 - 500.0, u8::from(positive)));
    }
    text
}

/// A study of two scalers and three classifiers, 3-fold, on `data.csv`; `more` goes to the grid's end.
pub const STUDY: &str = r#"
name = "small"
seed = 5
[data]
path = "data.csv"
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
scalers = ["none", "standard"]
classifiers = ["prior", "decision-tree", "logistic-regression"]
"#;

impl Place {
    pub fn new(data: &str, study: &str) -> Self {
        let place = Place { folder: TempDir::new().unwrap() };
        place.write("data.csv", data);
        place.write("study.toml", study);
        place
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fraudbench"));
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs and checks the exit code; returns what was printed on standard error.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?} said: {said}");
        said
    }

    /// The same; returns what was printed on standard output.
    pub fn printed(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} said: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Changes the records of a results directory, line by line.
    pub fn edit_records(&self, directory: &str, mut change: impl FnMut(&mut serde_json::Value)) {
        let log = self.path(directory).join("records.jsonl");
        let edited = |line: &str| {
            let mut record = serde_json::from_str(line).unwrap();
            change(&mut record);
            format!("{record}\n")
        };
        let text = std::fs::read_to_string(&log).unwrap();
        std::fs::write(&log, text.lines().map(edited).collect::<String>()).unwrap();
    }

    /// The records of a results directory, times taken out, in a fixed order.
    pub fn records(&self, directory: &str) -> Vec<serde_json::Value> {
        records(&self.path(directory).join("records.jsonl"))
    }
}

/// Has a record say that fitting its cell took too long.
pub fn time_out(record: &mut serde_json::Value) {
    record["outcome"] = "timed-out".into();
    record["reason"] = "made up".into();
    record["stage"] = "fit".into();
    record["metrics"] = serde_json::json!({});
    record.as_object_mut().unwrap().remove("confusion");
}

pub fn records(log: &Path) -> Vec<serde_json::Value> {
    let mut records: Vec<serde_json::Value> = std::fs::read_to_string(log)
        .unwrap()
        .lines()
        .map(|line| {
            let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
            let object = record.as_object_mut().unwrap();
            object.remove("seconds").unwrap();
            object.remove("threads").unwrap();
            object.remove("peak_memory_mib");
            object.remove("stages");
            object.remove("candidate_seconds");
            record
        })
        .collect();
    records.sort_by_key(|r| r["key"].as_str().unwrap().to_owned());
    records
}
