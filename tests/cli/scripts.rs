//! Scripts that users start, as far as they need no package of Python.

use std::fs;
use std::process::Command;

#[test]
fn a_script_that_does_not_know_a_family_names_those_that_it_knows() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peer_shapes.py");
    let asked = ["--fraudbench", "none", "--out", "none", "--families", "lightgbm,svc"];
    let output = Command::new("python3").args(["-B", script]).args(asked).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "--families: `lightgbm` cannot be asked for here: write one or more of logistic-regression, linear-svc, ridge, lda, qda, gaussian-nb, \
         decision-tree, random-forest, extra-trees, adaboost, k-neighbors, svc, hist-gradient-boosting, mlp\n"
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_kept_rows_of_a_cell_are_those_that_its_record_names() {
    let place = tempfile::tempdir().unwrap();
    let (run, kept) = (place.path().join("run"), place.path().join("kept"));
    fs::create_dir_all(run.join("predictions")).unwrap();
    let pipeline = r#""protocol": "p", "dedup": true, "resampler": "none", "scaler": "none", "classifier": "a""#;
    let board = format!(r#"{{"pipelines": [{{"rank": 1, "family": "a", {pipeline}}}]}}"#);
    fs::write(run.join("leaderboard.json"), board).unwrap();
    // Of several data sets, of one, and of a run that kept no rows.
    let records = [
        format!(r#"{{{pipeline}, "key": "one", "rows": "plain", "sided_rows": "sided"}}"#),
        format!(r#"{{{pipeline}, "key": "two", "rows": "alone", "sided_rows": null}}"#),
        format!(r#"{{{pipeline}, "key": "three"}}"#),
    ];
    fs::write(run.join("records.jsonl"), records.join("\n")).unwrap();
    for name in ["one", "two", "three", "four", "rows-sided", "rows-alone", "rows-other"] {
        fs::write(run.join("predictions").join(format!("{name}.parquet")), "").unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/keep-results");
    // What packs them is not asked here.
    let output =
        Command::new("python3").args(["-B", script]).args([&run, &kept]).env("FRAUDBENCH", "true").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = fs::read_dir(kept.join("predictions")).unwrap();
    let mut found: Vec<String> = found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, ["one.parquet", "rows-alone.parquet", "rows-sided.parquet", "three.parquet", "two.parquet"]);
}
