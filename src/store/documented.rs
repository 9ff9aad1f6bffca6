//! docs/records.md against what is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::{Value, json};

use super::*;
use crate::cell::CellId;
use crate::component::{ComponentFacts, Confusion, Prediction, ScoreKind};
use crate::metric::Score;
use crate::search::CandidateSeconds;

const DOCUMENT: &str = include_str!("../../docs/records.md");

/// The names in the first column of the table whose heading begins so, with what the second one says.
fn listed(heading: &str) -> Vec<(&str, &str)> {
    let lines = DOCUMENT.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|')).map(|line| {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        (cells.next().unwrap().trim_matches('`'), cells.next().unwrap())
    });
    rows.collect()
}

fn names(heading: &str, is_it: impl Fn(&str) -> bool) -> BTreeSet<String> {
    listed(heading).into_iter().filter(|(_, there)| is_it(there)).map(|(name, _)| name.to_owned()).collect()
}

/// A record with everything that one can hold: a field more is a line more here.
fn whole() -> Record {
    let facts = || ComponentFacts { id: "x".into(), ..ComponentFacts::none() };
    let score = || [("f1".to_owned(), Score::Value(0.5))].into();
    Record {
        v: FORMAT,
        key: String::new(),
        cell: CellId {
            data_set: String::new(),
            protocol: String::new(),
            dedup: true,
            imputer: String::new(),
            resampler: String::new(),
            encoder: String::new(),
            scaler: String::new(),
            select: "x".into(),
            classifier: String::new(),
            repeat: 0,
            fold: 0,
        },
        family: String::new(),
        backend: String::new(),
        outcome: Outcome::Failed,
        stage: Some(Stage::Fit),
        reason: Some(String::new()),
        train_rows: 0,
        train_positives: 0,
        removed_rows: 0,
        repeated_rows: 1,
        made_rows: 1,
        columns: 0,
        test_rows: 0,
        test_positives: 0,
        rows: Some(String::new()),
        sided_rows: Some(String::new()),
        confusion: Some(Confusion { tp: 0, fp: 0, fn_: 0, tn: 0 }),
        tied: Some(Tied { rows: 1, positives: 1, average_precision: Some(0.0) }),
        no_better_than_chance: true,
        metrics: score(),
        validation: score(),
        metric_versions: [("f1".to_owned(), 2)].into(),
        seconds: Seconds::default(),
        threads: 1,
        candidate_seconds: vec![CandidateSeconds { fit: Vec::new(), score: Vec::new() }],
        peak_memory_mib: Some(1),
        stages: vec![StageCost { stage: Stage::Fit, seconds: 0.0, memory_mib: Some(0.0) }],
        input: Some(String::new()),
        equals: Some(String::new()),
        details: Some(json!({})),
        sieves: Sieve::of(vec!["a".into()], &[1], |_| 0),
        kept: true,
        seed: 0,
        imputer_facts: facts(),
        resampler_facts: facts(),
        encoder_facts: facts(),
        scaler_facts: facts(),
        select_facts: facts(),
        classifier_facts: facts(),
    }
}

/// The same with nothing that may be left out.
fn bare() -> Record {
    Record {
        cell: CellId { select: "none".into(), ..whole().cell },
        stage: None,
        reason: None,
        repeated_rows: 0,
        made_rows: 0,
        rows: None,
        sided_rows: None,
        confusion: None,
        tied: None,
        no_better_than_chance: false,
        validation: BTreeMap::new(),
        metric_versions: BTreeMap::new(),
        candidate_seconds: Vec::new(),
        peak_memory_mib: None,
        stages: Vec::new(),
        input: None,
        equals: None,
        details: None,
        sieves: Vec::new(),
        kept: false,
        select_facts: ComponentFacts::none(),
        ..whole()
    }
}

fn fields(record: &Record) -> BTreeSet<String> {
    serde_json::to_value(record).unwrap().as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_document_on_records_lists_every_field_and_says_which_are_always_there() {
    assert_eq!(names("field", |_| true), fields(&whole()));
    assert_eq!(names("field", |there| there == "always"), fields(&bare()));
    let record = serde_json::to_value(whole()).unwrap();
    let mut within = BTreeSet::new();
    let mut add = |place: &str, value: &Value| {
        within.extend(value.as_object().unwrap().keys().map(|key| format!("{place}.{key}")));
    };
    ["confusion", "tied", "seconds"].iter().for_each(|name| add(name, &record[*name]));
    ["candidate_seconds", "stages", "sieves"].iter().for_each(|name| add(&format!("{name}[]"), &record[*name][0]));
    add("*_facts", &record["classifier_facts"]);
    assert_eq!(names("field within", |_| true), within);
    let said = |field: &str| {
        let line = DOCUMENT.lines().find(|line| line.starts_with(&format!("| `{field}` |"))).unwrap();
        line.rsplit(" | ").next().unwrap()
    };
    let has = |field: &str, name: &str| assert!(said(field).contains(&format!("`{name}`")), "{field}: {name}");
    [Outcome::Scored, Outcome::Failed, Outcome::TimedOut, Outcome::OutOfMemory, Outcome::Crashed, Outcome::Skipped]
        .iter()
        .for_each(|outcome| has("outcome", outcome.name()));
    [Stage::Split, Stage::Impute, Stage::Resample, Stage::Scale, Stage::Fit, Stage::Predict, Stage::Score]
        .iter()
        .for_each(|stage| has("stage", stage.name()));
    assert!(said("v").contains(&format!(", {FORMAT} |")));
}

#[test]
fn the_document_on_records_lists_every_column_of_the_predictions() {
    let folder = tempfile::TempDir::new().unwrap();
    let columns = |path: &Path| -> BTreeSet<String> {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| column.name().to_owned()).collect()
    };
    let key = "0".repeat(32);
    let test = Prediction { score: vec![0.5], label: vec![1], kind: ScoreKind::Probability };
    Predictions { test, validation: None }.write(folder.path(), &key).unwrap();
    let written = columns(&predictions_path(folder.path(), &key).unwrap());
    assert_eq!(names("column of `KEY.parquet`", |_| true), written);
    let with = |amount, group, day| {
        let folder = tempfile::TempDir::new().unwrap();
        let test = KeptRows { row: vec![0], y: vec![1], amount, group, day };
        let rows = SplitRows { test, validation: None };
        rows.write(folder.path()).unwrap();
        columns(&rows_path(folder.path(), &rows.digest()).unwrap())
    };
    assert_eq!(names("column of `rows-ROWS.parquet`", |_| true), with(Some(vec![1.0]), Some(vec![1]), Some(vec![1])));
    assert_eq!(names("column of `rows-ROWS.parquet`", |there| there == "always"), with(None, None, None));
}
