//! What those who come from other tools write and expect.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::{Place, STUDY, csv};

/// Standard output of a command with these bytes on its standard input, by a pipe or from a file.
fn with_input(place: &Place, arguments: &[&str], file: &str, is_pipe: bool) -> String {
    let mut command = place.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = match is_pipe {
        false => command.stdin(File::open(place.path(file)).unwrap()).output().unwrap(),
        true => {
            let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
            let bytes = std::fs::read(place.path(file)).unwrap();
            child.stdin.take().unwrap().write_all(&bytes).unwrap();
            child.wait_with_output().unwrap()
        }
    };
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_hyphen_is_standard_input() {
    let place = Place::new(&csv(84), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "r"]);
    place.expect(0, &["refit", "r", "classifier=decision-tree,scaler=none", "--out", "m"]);
    let wanted = place.printed(0, &["score", "m", "data.csv"]);
    let model = std::fs::read(place.path("m/model.json")).unwrap();
    let described = place.printed(0, &["data", "describe", "data.csv", "--json"]);
    let rows = |text: &str| serde_json::from_str::<Value>(text).unwrap()["rows"].clone();
    for is_pipe in [false, true] {
        assert_eq!(with_input(&place, &["score", "m", "-"], "data.csv", is_pipe), wanted);
        let said = with_input(&place, &["data", "describe", "-", "--json"], "data.csv", is_pipe);
        assert_eq!(rows(&said), rows(&described));
        let refit =
            ["refit", "r", "classifier=decision-tree,scaler=none", "--data", "-", "--out", "again", "--overwrite"];
        with_input(&place, &refit, "data.csv", is_pipe);
        assert_eq!(std::fs::read(place.path("again/model.json")).unwrap(), model);
        let explain = ["explain", "r", "scaler=none", "--repeats", "1", "--rows", "5", "--data", "-", "--out", "why"];
        with_input(&place, &explain, "data.csv", is_pipe);
    }
    // Standard output needs no name.
    let said = place.expect(2, &["score", "m", "data.csv", "--out", "-"]);
    let refused =
        "fraudbench: `--out` -: leave it out for standard output, or name a file that ends in .parquet or .csv\n";
    assert_eq!(said, refused);
    assert!(!place.path("-").exists());
    // A file that is called so is named with its folder.
    place.write("-", &csv(84));
    assert_eq!(place.printed(0, &["score", "m", "./-"]), wanted);
}

/// `a_b_c` is a column of numbers, and what scikit-learn calls the levels `b_c` of `a` and `c` of `a_b`.
const SHARED: &str = r#"
name = "shared"
metrics = ["pr-auc"]
data = { path = "data.csv", label = "fraud" }
protocol = { kind = "stratified-k-fold", folds = 2 }
[grid]
encoders = ["one-hot"]
selects = ["none", { id = "columns", name = "just", params = { columns = ["a_b_c"] } }]
classifiers = [{ family = "decision-tree", params = { max_depth = 2 } }]
"#;

#[test]
fn a_column_that_is_named_is_never_another_one() {
    let line = |row: usize| {
        let (level, other) = (["b_c", "q"][row % 2], ["c", "r"][row / 2 % 2]);
        format!("{level},{other},{},{},{}\n", row % 7, row % 5, u8::from(row % 6 == 2))
    };
    let data = format!("a,a_b,a_b_c,x,fraud\n{}", (0..120).map(line).collect::<String>());
    let place = Place::new(&data, SHARED);
    place.expect(0, &["run", "study.toml", "--out", "r"]);
    place.expect(0, &["refit", "r", "select=just", "--out", "m"]);
    let model: Value = serde_json::from_slice(&std::fs::read(place.path("m/model.json")).unwrap()).unwrap();
    // Behind two columns of `a` and two of `a_b`.
    let select = &model["steps"]["steps"]["select"];
    assert_eq!((&select["given"], &select["kept"][0]), (&6.into(), &4.into()));
    place.expect(0, &["explain", "r", "select=none", "--repeats", "1", "--rows", "5", "--out", "w"]);
    let shap = std::fs::read_to_string(place.path("w/shap.csv")).unwrap();
    let mut names: Vec<&str> = shap.lines().skip(1).filter(|line| line.starts_with("0,0,")).collect();
    names.iter_mut().for_each(|line| *line = line.split(',').nth(2).unwrap());
    assert_eq!(names, ["a=b_c", "a_q", "a_b=c", "a_b_r", "a_b_c", "x"]);
    // A name of two columns, neither of them the table's.
    let without = data.replace(",a_b_c,", ",n,");
    let place = Place::new(&without, SHARED);
    place.expect(1, &["run", "study.toml", "--out", "r", "--filter", "select=just"]);
    let wanted = "`columns`: `a_b_c` would be the name of 2 columns, so they are called `a=b_c` and `a_b=c`: write one of these names";
    let reason = place.records("r")[0]["reason"].to_string();
    assert!(reason.contains(wanted), "{reason}");
    place.write("study.toml", &SHARED.replace("columns = [\"a_b_c\"]", "columns = [\"a_b=c\"]"));
    place.expect(0, &["run", "study.toml", "--out", "one"]);
}

#[test]
fn parameters_that_change_nothing_are_told_by_list_and_run() {
    let classifiers = "{ family = \"svc\", name = \"fifth\", params = { degree = 5 } }";
    let place = Place::new(&csv(84), &STUDY.replace("\"decision-tree\"", classifiers));
    let note = "grid.classifiers: `fifth`: `degree` has no effect: it needs `kernel = \"poly\"`";
    assert!(place.printed(0, &["list", "study.toml"]).contains(&format!("note       {note}")));
    assert!(place.expect(0, &["run", "study.toml", "--out", "r"]).contains(note));
    let listed = place.printed(0, &["list", "svc"]);
    assert!(listed.contains("`degree` needs `kernel = \"poly\"`; without effect else"), "{listed}");
}

#[test]
fn combinations_that_cannot_work_are_refused_before_any_cell_with_the_name_of_their_entry() {
    let refused = |classifier: &str, said: &str| {
        let place = Place::new(&csv(84), &STUDY.replace("\"decision-tree\"", classifier));
        for command in [&["list", "study.toml"][..], &["run", "study.toml", "--out", "r"]] {
            let found = place.expect(2, command);
            assert!(found.contains(said), "{found}");
        }
        assert!(!place.path("r").exists());
    };
    refused(
        "{ family = \"lightgbm\", name = \"few\", params = { boosting_type = \"rf\" } }",
        "grid.classifiers: `lightgbm` (`few`): trees of `boosting_type = \"rf\"` must see different rows or columns: write \
         `subsample = 0.8` and `subsample_freq = 1`, or `colsample_bytree = 0.8`",
    );
    refused(
        "{ family = \"voting\", params = { voting = \"soft\", estimators = [\"lda\", \"svc\"] } }",
        "`voting`: `estimators[1]` has no probabilities, which `voting = \"soft\"` averages: take it out, or use `voting = \"hard\"`",
    );
    refused(
        "{ family = \"xgboost\", params = { rate_drop = 0.5 } }",
        "`xgboost`: `rate_drop` goes with `booster = \"dart\"` only: leave it out",
    );
}

#[test]
fn names_of_other_libraries_are_answered_with_ours() {
    let place = Place::new(&csv(84), &format!("metrics = [\"sensitivity\", \"average_precision\"]\n{STUDY}"));
    let said = place.expect(2, &["list", "study.toml"]);
    assert!(said.contains("unknown metric `sensitivity`; did you mean `recall`?"), "{said}");
    assert!(said.contains("unknown metric `average_precision`; did you mean `pr-auc`?"), "{said}");
    place.write(
        "study.toml",
        &STUDY.replace("\"standard\"", "\"MinMaxScaler\"").replace("\"prior\"", "\"XGBClassifier\""),
    );
    let said = place.expect(2, &["list", "study.toml"]);
    assert!(said.contains("unknown scaler `MinMaxScaler`; did you mean `min-max`?"), "{said}");
    assert!(said.contains("unknown classifier `XGBClassifier`; did you mean `xgboost`?"), "{said}");
}
