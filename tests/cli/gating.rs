//! `fraudbench compare --fail-on regression`: what a nightly job asks, and what it is told.

use crate::{Place, STUDY, csv, time_out};

/// Runs the gate, checks the exit code and the last line's beginning; everything that was printed.
pub fn gated(place: &Place, code: i32, line: &str, arguments: &[&str]) -> String {
    let output = place.run(&[&["compare"], arguments, &["--fail-on", "regression"]].concat());
    let (text, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{arguments:?} said: {text}{said}");
    assert!(text.lines().last().unwrap().starts_with(line), "{text}");
    text
}

/// A copy of a run in which `change` has changed every record.
pub fn copy(place: &Place, from: &str, to: &str, change: impl Fn(&mut serde_json::Value)) {
    std::fs::create_dir(place.path(to)).unwrap();
    std::fs::copy(place.path(&format!("{from}/manifest.toml")), place.path(&format!("{to}/manifest.toml"))).unwrap();
    std::fs::copy(place.path(&format!("{from}/records.jsonl")), place.path(&format!("{to}/records.jsonl"))).unwrap();
    place.edit_records(to, change);
}

/// Takes from the decision tree's area on each fold, a little more on each.
fn drop_tree(record: &mut serde_json::Value) {
    if record["classifier"] == "decision-tree" && record["scaler"] == "none" {
        let area = record["metrics"]["pr-auc"].as_f64().unwrap();
        record["metrics"]["pr-auc"] = (area - 0.2 - 0.01 * record["fold"].as_f64().unwrap()).into();
    }
}

pub fn place() -> Place {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "base"]);
    place
}

#[test]
fn the_same_run_passes_and_a_regression_is_named_in_every_form() {
    let place = place();
    copy(&place, "base", "worse", drop_tree);
    let text = gated(&place, 0, "GATE passed: ", &["base", "base", "--time", "off"]);
    // Costs have no predictions.
    assert!(
        text.contains("6 comparisons on the same rows: fold by fold, one-sided, from 36 kept predictions"),
        "{text}"
    );
    copy(&place, "base", "roomy", |record| record["peak_memory_mib"] = 200.into());
    let text = gated(&place, 0, "GATE passed: ", &["roomy", "roomy", "--time", "off", "--filter", "scaler=none"]);
    // Of three pipelines the metric, which has no predictions here, and the memory.
    assert!(text.contains("6 comparisons on the same rows: fold by fold, corrected resampled t"), "{text}");
    let files = ["--markdown", "gate.md", "--junit", "gate.xml", "--json", "gate.json"];
    let text = gated(&place, 1, "GATE failed: 1 regression (", &[&["base", "worse"], &files[..]].concat());
    let line = text.lines().last().unwrap();
    assert!(line.contains("decision-tree · none") && line.contains("pr-auc from "), "{line}");
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    assert!(read("gate.md").contains("## Regressions") && read("gate.md").contains("**worse**"), "{}", read("gate.md"));
    assert!(read("gate.xml").contains("failures=\"1\"") && read("gate.xml").contains("<failure type=\"gate\""));
    let found: serde_json::Value = serde_json::from_str(&read("gate.json")).unwrap();
    assert_eq!((&found["passed"], found["line"].as_str()), (&false.into(), Some(line)));
    // Since a measure can be called `one-night`.
    assert_eq!(found["layout"], 2);
    // Down is worse, up is not.
    gated(&place, 0, "GATE passed: ", &["worse", "base"]);
    gated(&place, 0, "GATE passed: ", &["base", "worse", "--metric", "recall"]);
    gated(&place, 0, "GATE passed: ", &["base", "worse", "--threshold", "0.5"]);
    gated(&place, 0, "GATE passed: ", &["base", "worse", "--filter", "scaler=standard"]);
}

#[test]
fn a_run_that_lacks_folds_hides_no_regression_and_is_said_to_be_left_out() {
    let place = place();
    copy(&place, "base", "worse", drop_tree);
    // Without the folds from this one on.
    let late = |from: u64| {
        move |record: &mut serde_json::Value| {
            if record["classifier"] == "decision-tree" && record["fold"].as_u64().unwrap() >= from {
                time_out(record);
            }
        }
    };
    copy(&place, "base", "late", late(1));
    copy(&place, "base", "short", late(2));
    copy(&place, "base", "twin", |_| {});
    for runs in [["base", "twin", "late", "worse"], ["late", "base", "twin", "worse"]] {
        let text = gated(&place, 1, "GATE failed: ", &[&runs[..], &["--json", "gate.json"]].concat());
        assert!(text.contains("1 of 3 runs (fewer folds with a value than other runs have)"), "{text}");
        let found = std::fs::read_to_string(place.path("gate.json")).unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let all = found["comparisons"].as_array().unwrap();
        let one = all.iter().find(|c| c["call"] == "worse" && c["measure"] == "pr-auc").unwrap();
        assert_eq!((&one["base_runs"], &one["base_runs_left_out"][0]["runs"]), (&2.into(), &1.into()), "{one}");
    }
    // One run alone has the folds that it has, and the others are said to be left out.
    let text = gated(&place, 0, "GATE passed: ", &["short", "base", "--time", "off", "--memory", "off"]);
    assert!(text.contains("Left out of 2 comparisons: 1 fold of the new run that none of the runs used has"), "{text}");
}

#[test]
fn new_rows_are_compared_by_their_means_and_it_is_said() {
    let place = place();
    place.write("data.csv", &csv(217));
    place.expect(0, &["run", "study.toml", "--out", "other"]);
    let text = gated(&place, 0, "GATE passed: ", &["base", "other"]);
    assert!(text.contains("new rows (217 with 31 positives)") && text.contains("unpaired"), "{text}");
    copy(&place, "other", "worse", |record| {
        record["metrics"]["pr-auc"] = (0.1 + 0.01 * record["fold"].as_f64().unwrap()).into();
    });
    let text = gated(&place, 1, "GATE failed: ", &["base", "worse", "--filter", "classifier=decision-tree"]);
    assert!(text.contains("2 regressions") || text.contains("1 regression"), "{text}");
}

#[test]
fn what_fails_recovers_or_is_too_low_is_told() {
    let place = place();
    copy(&place, "base", "failing", |record| {
        if record["classifier"] == "logistic-regression" && record["fold"] == 1 {
            record["metrics"] = serde_json::json!({});
            record["confusion"].take();
            record["outcome"] = "failed".into();
            record["stage"] = "fit".into();
            record["reason"] = "singular".into();
        }
    });
    let text = gated(&place, 1, "GATE failed: 2 cells newly without a score (", &["base", "failing"]);
    assert!(text.contains("1 cell failed, singular"), "{text}");
    let text = gated(&place, 0, "GATE passed: ", &["failing", "base"]);
    assert!(text.contains("Recovered"), "{text}");
    // As long as any run of the base has a score.
    gated(&place, 1, "GATE failed: ", &["base", "failing", "failing"]);
    gated(
        &place,
        1,
        "GATE failed: pr-auc 0.999 not reached: the best is ",
        &["base", "base", "--fail-under", "pr-auc=0.999"],
    );
    gated(&place, 0, "GATE passed: ", &["base", "base", "--fail-under", "pr-auc=0.2", "--fail-under", "recall=0.1"]);
    let cost = gated(&place, 0, "GATE passed: ", &["base", "base", "--fail-under", "brier=0.9"]);
    assert!(cost.contains("brier 0.9 reached"), "{cost}");
}

#[test]
fn seconds_and_memory_are_judged_by_their_ratio() {
    let place = place();
    let costly = |by: f64| {
        move |record: &mut serde_json::Value| {
            let fold = record["fold"].as_f64().unwrap();
            // Not by quite the same on each fold: then there is a variance.
            let by = by.powf(1.0 + 0.01 * fold);
            record["seconds"]["fit"] = by.into();
            record["peak_memory_mib"] = ((100.0 * by) as u64).into();
        }
    };
    copy(&place, "base", "cheap", costly(1.0));
    copy(&place, "base", "dear", costly(3.1));
    let text = gated(&place, 1, "GATE failed: ", &["cheap", "dear"]);
    assert!(text.contains("GATE failed: 12 regressions") && text.contains("3.14 times"), "{text}");
    gated(&place, 0, "GATE passed: ", &["cheap", "dear", "--time", "4", "--memory", "4"]);
    gated(&place, 0, "GATE passed: ", &["cheap", "dear", "--time", "off", "--memory", "off"]);
    gated(&place, 0, "GATE passed: ", &["dear", "cheap"]);
}

#[test]
fn costs_below_the_floor_are_no_ratio_and_are_not_judged() {
    let place = place();
    let cost = |seconds: f64, mib: u64| {
        move |record: &mut serde_json::Value| {
            record["seconds"]["fit"] = (seconds * (1.0 + 0.01 * record["fold"].as_f64().unwrap())).into();
            // Not by quite the same on each fold: then there is a variance.
            record["peak_memory_mib"] = ((mib as f64 * (1.0 + 0.01 * record["fold"].as_f64().unwrap())) as u64).into();
        }
    };
    copy(&place, "base", "little", cost(0.01, 30));
    copy(&place, "base", "less", cost(0.001, 20));
    copy(&place, "base", "much", cost(0.5, 640));
    let filter = ["--filter", "classifier=decision-tree,scaler=none"];
    let of = |base: &str, new: &str, code: i32, line: &str| {
        let text = gated(&place, code, line, &[&[base, new], &filter[..]].concat());
        let is_row = |line: &&str| line.contains("fit seconds") || line.contains("peak memory (MiB)");
        let rows = text.lines().filter(|line| is_row(line) && !line.contains("Costs: "));
        rows.map(str::to_owned).collect::<Vec<String>>().join("\n")
    };
    let said = of("less", "little", 0, "GATE passed: 1 comparison of 1 pipeline");
    for floor in ["0.1 s", "64 MiB"] {
        assert!(said.contains(&format!("not judged: both below the floor of {floor}")), "{said}");
    }
    assert!(!said.contains("times"), "{said}");
    // What is below the floor was that much at most.
    let said = of("little", "much", 1, "GATE failed: 2 regressions");
    assert!(said.contains("at least 5.05 times") && said.contains("at least 10.09 times"), "{said}");
    let said = of("much", "little", 0, "GATE passed: 3 comparisons of 1 pipeline");
    assert!(said.contains("at most 0.20 times") && said.contains("at most 0.10 times"), "{said}");
}

#[test]
fn a_ratio_of_costs_is_said_to_be_a_bound_wherever_a_fold_is_below_the_floor() {
    let place = place();
    let seconds = |of_folds: [f64; 3]| {
        move |record: &mut serde_json::Value| {
            record["seconds"]["fit"] = of_folds[record["fold"].as_u64().unwrap() as usize].into();
        }
    };
    copy(&place, "base", "little", seconds([0.09, 0.06, 0.11]));
    copy(&place, "base", "less", seconds([0.01, 0.02, 0.12]));
    copy(&place, "base", "some", seconds([0.05, 0.2, 0.2]));
    copy(&place, "base", "others", seconds([0.2, 0.05, 0.2]));
    copy(&place, "base", "none", seconds([0.2, 0.3, 0.4]));
    let only = ["--filter", "classifier=decision-tree,scaler=none", "--memory", "off", "--json", "gate.json"];
    // Folds below 0.1 s count as 0.1 s: 2 times, 1.5 times and 2 times are 1.82 times in the middle, as the third root of 6.
    for (base, new, said, is) in [
        ("some", "none", "at least 1.82 times", "at least"),
        ("none", "some", "at most 0.55 times", "at most"),
        ("some", "others", "about 1.00 times", "about"),
        ("none", "none", " 1.00 times", "exact"),
    ] {
        let text = gated(&place, 0, "GATE passed: 2 comparisons of 1 pipeline", &[&[base, new], &only[..]].concat());
        let row = text.lines().find(|line| line.contains("fit seconds ") && line.contains(" times")).unwrap();
        assert!(row.contains(said), "{base} {new}: {row}");
        let found = std::fs::read_to_string(place.path("gate.json")).unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let comparisons = found["comparisons"].as_array().unwrap();
        let seconds = comparisons.iter().find(|one| one["measure"] == "fit seconds").unwrap();
        assert_eq!((&seconds["ratio_is"], &comparisons[0]["ratio_is"]), (&is.into(), &serde_json::Value::Null));
    }
    // One fold above it on each side tells nothing of means that are below it: these say less, and that fold more.
    let text = gated(&place, 0, "GATE passed: 1 comparison of 1 pipeline", &[&["little", "less"], &only[..]].concat());
    let row = text.lines().find(|line| line.contains("fit seconds ") && line.contains("0.087")).unwrap();
    assert!(row.contains("0.050") && row.contains("not judged: both below the floor of 0.1 s"), "{row}");
    assert!(!row.contains("times"), "{row}");
}

#[test]
fn what_cannot_be_compared_is_no_pass() {
    let place = place();
    place.write("four.toml", &STUDY.replace("folds = 3", "folds = 4"));
    place.expect(0, &["run", "four.toml", "--out", "four", "--filter", "classifier=prior"]);
    place.expect(0, &["run", "study.toml", "--out", "part", "--filter", "classifier=prior"]);
    let said = |code: i32, arguments: &[&str]| {
        place.expect(code, &[&["compare"], arguments, &["--fail-on", "regression"]].concat())
    };
    assert!(said(2, &["base", "four"]).contains("their scores cannot be compared"));
    assert!(said(2, &["base", "base", "--metric", "pr-acu"]).contains("did you mean `pr-auc`?"));
    assert!(said(2, &["base", "base", "--filter", "classifier=svc"]).contains("no pipeline that both runs have"));
    assert!(said(3, &["base", "nowhere"]).contains("not a results directory"));
    assert!(said(2, &["base", "base", "--alpha", "2"]).contains("between 0 and 1"));
    let alone = place.expect(2, &["compare", "base", "base", "--threshold", "0.1"]);
    assert!(alone.contains("add `--fail-on regression`"), "{alone}");
    // Two pipelines of three folds of each of two classifiers are not there.
    let text = gated(&place, 1, "GATE failed: 12 cells newly without a score (", &["base", "part"]);
    assert!(text.contains("only before: decision-tree · none"), "{text}");
}

/// What a gate of these runs wrote as JSON.
fn found(place: &Place, code: i32, line: &str, arguments: &[&str]) -> serde_json::Value {
    gated(place, code, line, &[arguments, &["--time", "off", "--memory", "off", "--json", "gate.json"]].concat());
    serde_json::from_str(&std::fs::read_to_string(place.path("gate.json")).unwrap()).unwrap()
}

#[test]
fn a_pipeline_that_any_run_of_the_base_has_and_the_new_one_lacks_is_an_alarm_in_every_form() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "part", "--filter", "classifier=prior"]);
    copy(&place, "part", "again", |_| ());
    let failed = "GATE failed: 12 cells newly without a score (decision-tree · none: 3 cells not run, the new run has no such \
                  pipeline: if it was taken out on purpose, name runs without it as the base, or with `--filter` the pipelines \
                  that stay; and of 3 more)";
    // Whichever run of the base has it.
    for runs in [&["base", "part"][..], &["base", "part", "again"], &["part", "base", "again"]] {
        let files = ["--markdown", "gate.md", "--junit", "gate.xml"];
        let told = found(&place, 1, failed, &[runs, &files[..]].concat());
        let gone: Vec<_> = told["newly_without_score"].as_array().unwrap().iter().collect();
        assert_eq!((told["passed"].as_bool(), gone.len()), (Some(false), 4), "{told}");
        for one in gone {
            assert_eq!((&one["cells"], &one["outcome"]), (&3.into(), &"not run".into()), "{one}");
            assert!(one["reason"].as_str().unwrap().starts_with("the new run has no such pipeline"), "{one}");
        }
        let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
        let (markdown, junit) = (read("gate.md"), read("gate.xml"));
        assert!(
            markdown.contains("## Newly without a score") && markdown.matches("3 cells not run").count() > 4,
            "{markdown}"
        );
        assert!(
            junit.contains("failures=\"4\"") && junit.contains("logistic-regression · standard: 3 cells not run"),
            "{junit}"
        );
    }
    // What is not judged may go, and a base without it has nothing to miss.
    gated(&place, 0, "GATE passed: ", &["base", "part", "--filter", "classifier=prior"]);
    gated(&place, 0, "GATE passed: ", &["part", "again"]);
    let gone = ["base", "part", "--filter", "classifier=decision-tree"];
    gated(&place, 1, "GATE failed: 6 cells newly without a score (decision-tree · none: 3 cells not run", &gone);
    // A pipeline that never had a score is no alarm.
    copy(&place, "base", "never", |record| {
        if record["classifier"] != "prior" {
            time_out(record);
        }
    });
    let told = found(&place, 0, "GATE passed: ", &["never", "part"]);
    assert_eq!(told["only_base"].as_array().unwrap().len(), 4, "{told}");
}

#[test]
fn a_night_that_leaves_a_pipeline_out_hides_no_failure_of_the_next_one() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "part", "--filter", "classifier=prior"]);
    copy(&place, "base", "failing", |record| {
        if record["classifier"] == "decision-tree" {
            time_out(record);
        }
    });
    for runs in [&["base", "failing"][..], &["base", "part", "failing"]] {
        let told = found(
            &place,
            1,
            "GATE failed: 6 cells newly without a score (decision-tree · none: 3 cells timed-out",
            runs,
        );
        assert_eq!(told["only_new"], serde_json::json!([]), "{told}");
    }
    // What no run before has is new.
    let told = found(&place, 0, "GATE passed: ", &["part", "base"]);
    assert_eq!(told["only_new"].as_array().unwrap().len(), 4, "{told}");
}

#[test]
fn a_data_set_that_the_new_run_lacks_is_an_alarm() {
    let place = place();
    place.write("more.csv", &csv(217));
    let study = |more: &str| {
        let data = format!("data = [{{ path = \"data.csv\", name = \"data\" }}{more}]\n");
        format!("{data}{}", STUDY.replace("[data]\npath = \"data.csv\"\n", ""))
    };
    place.write("two.toml", &study(", { path = \"more.csv\", name = \"more\" }"));
    place.write("one.toml", &study(""));
    place.expect(0, &["run", "two.toml", "--out", "two", "--filter", "classifier=prior"]);
    place.expect(0, &["run", "one.toml", "--out", "one", "--filter", "classifier=prior"]);
    let told = found(
        &place,
        1,
        "GATE failed: 6 cells newly without a score (more: prior · none: 3 cells not run",
        &["two", "one"],
    );
    assert!(told["newly_without_score"].as_array().unwrap().iter().all(|one| one["data_set"] == "more"), "{told}");
    found(&place, 0, "GATE passed: ", &["two", "one", "--filter", "data-set=data"]);
}

/// The tree that fits these data.
const STUMP: &str = "{ family = \"decision-tree\", params = { max_depth = 1 } }";

/// A hold-out in the place of three folds, and rows enough that a drop is no chance.
fn hold_out() -> Place {
    let study = STUDY.replace("kind = \"stratified-k-fold\"\nfolds = 3", "kind = \"hold-out\"\ntest = 0.5");
    Place::new(&csv(1_400), &study.replace("\"decision-tree\"", STUMP))
}

#[test]
fn a_hold_out_is_judged_by_its_predictions_on_the_same_rows_and_on_others() {
    let place = hold_out();
    place.expect(0, &["run", "study.toml", "--out", "base"]);
    // The same name with other parameters: a tree that never divides.
    let study = std::fs::read_to_string(place.path("study.toml")).unwrap();
    place.write("worse.toml", &study.replace("max_depth = 1", "min_samples_split = 1_000"));
    place.expect(0, &["run", "worse.toml", "--out", "worse"]);
    let only = ["--filter", "classifier=decision-tree", "--time", "off", "--memory", "off"];
    let text = gated(&place, 0, "GATE passed: ", &[&["base", "base"], &only[..]].concat());
    assert!(text.contains("2 comparisons on the same rows") && text.contains("from 4 kept predictions"), "{text}");
    let text = gated(&place, 1, "GATE failed: ", &[&["base", "worse", "--json", "gate.json"], &only[..]].concat());
    assert!(text.contains("from 4 kept predictions"), "{text}");
    let found: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("gate.json")).unwrap()).unwrap();
    assert_eq!(found["comparisons"][0]["predictions"], 2);
    gated(&place, 0, "GATE passed: ", &[&["worse", "base"], &only[..]].concat());
    // Rows of another month.
    place.write("data.csv", &csv(1_407));
    place.expect(0, &["run", "study.toml", "--out", "other"]);
    place.expect(0, &["run", "worse.toml", "--out", "other-worse"]);
    let text = gated(&place, 0, "GATE passed: ", &[&["base", "other"], &only[..]].concat());
    assert!(text.contains("2 comparisons are unpaired") && text.contains("from 4 kept predictions"), "{text}");
    gated(&place, 1, "GATE failed: ", &[&["base", "other-worse"], &only[..]].concat());
}

#[test]
fn a_hold_out_without_predictions_is_no_pass_and_says_what_to_do() {
    let place = hold_out();
    place.expect(0, &["run", "study.toml", "--out", "base"]);
    place.expect(0, &["run", "study.toml", "--out", "bare", "--predictions", "none"]);
    let said = |runs: &[&str]| place.expect(2, &[&["compare"], runs, &["--fail-on", "regression"]].concat());
    let text = said(&["base", "bare"]);
    assert!(
        text.contains("nothing of bare can be judged") && text.contains("the new run has no predictions"),
        "{text}"
    );
    assert!(
        text.contains("keep them in both runs (`run --predictions all`, the default), or take two folds"),
        "{text}"
    );
    assert!(said(&["bare", "base"]).contains("the base has no predictions"));
    // What is not what the run wrote is not used, and told.
    let folder = place.path("base/predictions");
    for file in std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
        if !file.file_name().unwrap().to_str().unwrap().starts_with("rows-") {
            std::fs::write(file, "no parquet").unwrap();
        }
    }
    gated(&place, 0, "GATE passed: ", &["base", "base", "--fail-under", "pr-auc=0.1"]);
    let text = gated(&place, 0, "GATE passed: ", &["bare", "base", "--fail-under", "pr-auc=0.1"]);
    assert!(text.contains("predictions of base not used: "), "{text}");
}

#[test]
fn a_run_is_not_judged_against_itself_beside_others_and_alone_that_is_told() {
    let place = place();
    copy(&place, "base", "worse", drop_tree);
    let gate = ["--fail-on", "regression", "--time", "off", "--memory", "off"];
    let said = place.expect(0, &[&["compare", "base", "base"], &gate[..]].concat());
    assert_eq!(said, "warning: base is judged against itself, which tells nothing: name a run before it\n");
    std::os::unix::fs::symlink("worse", place.path("latest")).unwrap();
    // By whatever name, it would stand for half of what it is judged against.
    let options = ["--time", "off", "--memory", "off", "--json", "gate.json"];
    for runs in [["base", "worse", "worse"], ["base", "worse", "latest"], ["worse", "base", "./worse"]] {
        gated(&place, 1, "GATE failed: 1 regression (", &[&runs[..], &options[..]].concat());
        let found = std::fs::read_to_string(place.path("gate.json")).unwrap();
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        assert_eq!(found["base"], serde_json::json!(["base"]));
    }
}
