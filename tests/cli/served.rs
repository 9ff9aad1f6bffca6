//! A model in production: what is wrong with its folder is told of the folder, and what is wrong with rows of the rows.

use serde_json::{Value, json};

use crate::refitting::{forget_digests, ok, place, refit, scores};
use crate::{Place, STUDY, csv};

const PLANE: &str =
    "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=logistic-regression";

/// A model `m`.
fn served() -> Place {
    let place = place();
    refit(&place, PLANE, "m");
    place
}

fn description(place: &Place) -> Value {
    serde_json::from_slice(&std::fs::read(place.path("m/model.json")).unwrap()).unwrap()
}

/// What `score` says of the model `m` whose description was changed, as if it were one of before it knew its own digest.
fn said_of_old(place: &Place, change: impl Fn(&mut Value)) -> String {
    let before = std::fs::read(place.path("m/model.json")).unwrap();
    let mut model = description(place);
    change(&mut model);
    place.write("m/model.json", &model.to_string());
    forget_digests(place, "m");
    let said = place.expect(3, &["score", "m", "data.csv"]);
    std::fs::write(place.path("m/model.json"), before).unwrap();
    said
}

#[test]
fn an_edited_description_scores_nothing() {
    let place = served();
    let whole = ok(&place, &["score", "m", "data.csv"]);
    let text = std::fs::read_to_string(place.path("m/model.json")).unwrap();
    let mut edited = description(&place);
    let coefficient = &mut edited["steps"]["model"]["coefficients"][1];
    *coefficient = json!(coefficient.as_f64().unwrap() * -100.0);
    let own = edited["digests"]["model.json"].as_str().unwrap().to_owned();
    assert_eq!(own.len(), 64);
    let renamed = text.replacen("\"study\":\"small\"", "\"study\":\"smell\"", 1);
    assert_ne!(renamed, text);
    let number = text.replacen(&format!("\"{own}\""), "7", 1);
    for wrong in [edited.to_string(), renamed, text.replacen(&own, "", 1), number, format!("{text}\n")] {
        place.write("m/model.json", &wrong);
        let wanted = "fraudbench: m/model.json is not the file that `refit` wrote: it is damaged or edited; put back the one that was \
                      written, or refit the model\n";
        assert_eq!(place.expect(3, &["score", "m", "data.csv"]), wanted);
    }
    // Wherever and however the whole one is called, it is the same.
    place.write("m/other.json", &text);
    assert_eq!(ok(&place, &["score", "m/other.json", "data.csv"]), whole);
    place.write("m/model.json", &text);
    assert_eq!(ok(&place, &["score", "m", "data.csv"]), whole);
    // One of before has no digest, and is read as it was.
    forget_digests(&place, "m");
    assert_eq!(ok(&place, &["score", "m", "data.csv"]), whole);
}

#[test]
fn a_model_with_a_column_twice_or_of_no_format_is_refused() {
    let place = served();
    let end = "it is damaged or edited; refit the model\n";
    let said = said_of_old(&place, |model| model["columns"][1]["name"] = json!("amount"));
    assert_eq!(said, format!("fraudbench: m/model.json names the column `amount` twice: {end}"));
    let said = said_of_old(&place, |model| drop(model["columns"].as_array_mut().unwrap().pop()));
    let wanted = format!("m/model.json has 3 columns, and says of 4 whether values may be missing: {end}");
    assert_eq!(said, format!("fraudbench: {wanted}"));
    let said = said_of_old(&place, |model| model["format"] = json!(0));
    let wanted =
        "fraudbench: m/model.json has format 0, which no fraudbench writes: put back the file that was written\n";
    assert_eq!(said, wanted);
    for format in [json!("1"), json!(-1), Value::Null] {
        let said = said_of_old(&place, |model| model["format"] = format.clone());
        assert!(said.contains("m/model.json is no model, or was cut short: invalid "), "{said}");
    }
}

#[test]
fn a_model_whose_parts_do_not_fit_is_not_blamed_on_the_rows() {
    let place = served();
    let said = said_of_old(&place, |model| {
        model["columns"].as_array_mut().unwrap().pop();
        model["blanks"].as_array_mut().unwrap().pop();
    });
    let start = "fraudbench: m/model.json cannot score any row: ";
    assert!(said.starts_with(&format!("{start}the imputer learnt 4 columns, and 3 are given; ")), "{said}");
    let width = description(&place)["steps"]["model"]["coefficients"].as_array().unwrap().len();
    let said = said_of_old(&place, |model| drop(model["steps"]["model"]["coefficients"].as_array_mut().unwrap().pop()));
    let wanted = format!("{start}the model was fitted on {} columns, but is given {width}; ", width - 1);
    assert!(said.starts_with(&wanted) && !said.contains("data.csv"), "{said}");
    // So is one that cannot be restored.
    refit(&place, &PLANE.replace("logistic-regression", "decision-tree"), "m");
    let said =
        said_of_old(&place, |model| drop(model["steps"]["model"]["trees"][0]["value"].as_array_mut().unwrap().pop()));
    assert_eq!(said, "fraudbench: m/model.json: the classifier's numbers do not fit each other\n");
}

#[test]
fn rows_with_another_separator_than_the_study_names_are_told_so() {
    let study = STUDY.replace("[protocol]", "separator = \";\"\n[protocol]");
    let place = Place::new(&csv(210).replace(',', ";"), &study);
    ok(&place, &["run", "study.toml", "--out", "r", "--filter", "classifier=decision-tree,scaler=none"]);
    ok(&place, &["refit", "r", "--out", "m"]);
    place.write("new.csv", "a,b\n1,2\n");
    let wanted = "fraudbench: new.csv: the header has one field, `a,b`: the model's study has separator = \";\", and this file seems to be \
                  separated by `,`: write it with `;`\n";
    assert_eq!(place.expect(2, &["score", "m", "new.csv"]), wanted);
    place.write("new.csv", "a;b\n1;2\n");
    assert_eq!(scores(&ok(&place, &["score", "m", "new.csv"])).len(), 1);
}

#[test]
fn features_that_the_study_makes_are_not_asked_for_as_columns_of_a_file() {
    let rows: String = (0..120)
        .map(|i| format!("2024-02-{:02} {:02}:00:00,{},{}\n", 1 + i % 28, i % 24, i % 50, u8::from(i % 6 == 2)))
        .collect();
    let study = STUDY.replace(
        "[protocol]",
        "label = \"fraud\"\ntime = \"when\"\n[[data.features]]\ncalendar = [\"weekend\", \"hour\"]\n[protocol]",
    );
    let place = Place::new(&format!("when,amount,fraud\n{rows}"), &study);
    ok(&place, &["run", "study.toml", "--out", "r", "--filter", "classifier=decision-tree,scaler=none"]);
    let told = place.expect(0, &["refit", "r", "--out", "m"]);
    let wanted = "`data.features` of the study makes `when_weekend` and `when_hour`: rows to be scored need them, and \
                  `fraudbench data features` writes them (docs/winner.md)";
    assert!(told.contains(wanted), "{told}");
    place.write("new.csv", "when,amount\n2024-02-03 04:00:00,5\n");
    let wanted = "fraudbench: new.csv: the model needs the features `when_weekend` and `when_hour`, which are not there: `data.features` of \
                  the model's study makes them of other columns; `fraudbench data features STUDY --data FILE --out ROWS` writes them behind the \
                  rows of a file that holds these rows and the earlier ones at which windows look\n";
    assert_eq!(place.expect(2, &["score", "m", "new.csv"]), wanted);
    // What else is not there is a column of the file.
    place.write("new.csv", "when,Amount,when_hour\n2024-02-03 04:00:00,5,4\n");
    let said = place.expect(2, &["score", "m", "new.csv"]);
    assert!(said.contains("needs the feature `when_weekend`, which is not there: `data.features`"), "{said}");
    assert!(
        said.contains("; the model needs the column `amount`, which is not there; did you mean `Amount`?"),
        "{said}"
    );
    place.write("new.csv", "when,amount,when_weekend,when_hour\n2024-02-03 04:00:00,5,1,4\n");
    assert_eq!(scores(&ok(&place, &["score", "m", "new.csv"])).len(), 1);
}

#[test]
fn a_table_that_is_not_the_runs_and_a_results_directory_take_no_model() {
    let place = place();
    place.write("new.csv", "name,\"shop, kind\"\nx,bar\n");
    let said = place.expect(2, &["refit", "r", &format!("{PLANE},dedup=off"), "--data", "new.csv", "--out", "m"]);
    let wanted =
        "Allowed: `name`, `shop, kind`; if new.csv is not the table that r was run on, name that one with `--data`\n";
    assert!(
        said.starts_with("fraudbench: new.csv: unknown column in `label` `label`") && said.ends_with(wanted),
        "{said}"
    );
    let wanted = "fraudbench: r is a results directory, and a model has a folder of its own: name another `--out`, such as r/models/model\n";
    let out = ["refit", "r", &format!("{PLANE},dedup=off"), "--out", "r"];
    assert_eq!(place.expect(2, &out), wanted);
    assert_eq!(place.expect(2, &[&out[..], &["--overwrite"]].concat()), wanted);
    assert!(!place.path("r/model.json").exists() && !place.path("m").exists());
    ok(&place, &["refit", "r", &format!("{PLANE},dedup=off"), "--out", "r/models/model"]);
}

#[test]
fn a_columns_long_name_does_not_make_every_line_of_a_table_as_long() {
    let long = "x".repeat(300);
    let place = Place::new(&csv(210).replacen("a,b,", &format!("{long},b,"), 1), STUDY);
    ok(&place, &["run", "study.toml", "--out", "r", "--filter", "classifier=logistic-regression,scaler=none"]);
    let printed = ok(&place, &["explain", "r", "--repeats", "1", "--rows", "5"]);
    let lines: Vec<&str> = printed.lines().filter(|line| line.starts_with("  ")).collect();
    // Two columns, of importance and of SHAP values.
    assert_eq!(lines.len(), 4, "{printed}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{printed}");
    let cut = format!("  {}…  ", "x".repeat(59));
    assert_eq!(lines.iter().filter(|line| line.starts_with(&cut)).count(), 2, "{printed}");
}
