use crate::{Place, STUDY, csv};

fn place() -> Place {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "one"]);
    place
}

const TREE: &str = "classifier=decision-tree,scaler=none";
const LOGISTIC: &str = "family=logistic-regression,scaler=standard";

#[test]
fn two_pipelines_are_compared_fold_by_fold() {
    let place = place();
    let text = place.printed(0, &["compare", "one", TREE, LOGISTIC, "--metric", "recall", "--rope", "0.02"]);
    let values = |classifier: &str, scaler: &str| -> Vec<f64> {
        let mut of: Vec<(u64, f64)> = place
            .records("one")
            .iter()
            .filter(|r| r["classifier"] == classifier && r["scaler"] == scaler)
            .map(|r| (r["fold"].as_u64().unwrap(), r["metrics"]["recall"].as_f64().unwrap()))
            .collect();
        of.sort_by_key(|(fold, _)| *fold);
        of.into_iter().map(|(_, value)| value).collect()
    };
    let (a, b) = (values("decision-tree", "none"), values("logistic-regression", "standard"));
    for (fold, (a, b)) in a.iter().zip(&b).enumerate() {
        let line = text.lines().find(|line| line.starts_with(&format!("{fold} "))).unwrap();
        assert!(line.contains(&format!("{a:.4}  {b:.4}")), "{line}");
    }
    let mean = (0..3).map(|i| a[i] - b[i]).sum::<f64>() / 3.0;
    for wanted in
        [&format!("{mean:+.6}"), "rope ±0.02", "3 folds", "P(practically equal)", "A: classifier=decision-tree"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn a_difference_that_is_the_same_on_every_fold_has_a_p_of_1() {
    let place = place();
    place.edit_records("one", |record| {
        let area = if record["classifier"] == "decision-tree" { 0.75 } else { 0.5 };
        record["metrics"]["pr-auc"] = area.into();
    });
    let text = place.printed(0, &["compare", "one", TREE, LOGISTIC]);
    let line =
        |begin: &str| text.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("{begin}: {text}"));
    assert!(
        line("95% interval of the mean")
            .ends_with("none: the difference is the same on every fold, which tells no variance")
    );
    assert!(line("p, corrected resampled t").ends_with(" 1.000000"), "{text}");
}

#[test]
fn a_pipeline_that_is_not_one_is_named() {
    let place = place();
    let said = |arguments: &[&str]| place.expect(2, &[&["compare", "one"], arguments].concat());
    let two = said(&["classifier=decision-tree", LOGISTIC]);
    assert!(two.contains("names 2: classifier=decision-tree,scaler=none"), "{two}");
    assert!(said(&["classifier=decisiontree", LOGISTIC]).contains("did you mean `decision-tree`?"));
    assert!(said(&["fold=1", LOGISTIC]).contains("leave out `fold`"));
    assert!(said(&[TREE, TREE]).contains("both name the same pipeline"));
    assert!(said(&[TREE]).contains("Name a second pipeline"));
    assert!(said(&[TREE, LOGISTIC, "--metric", "recal"]).contains("did you mean `recall`?"));
    assert!(said(&[TREE, LOGISTIC, "--rope", "-1"]).contains("not negative"));
    assert!(said(&[TREE, LOGISTIC, "third"]).contains("two pipelines, or two results directories"));
}

#[test]
fn a_pipeline_is_named_by_all_that_tells_it_from_the_others_of_its_run() {
    let selects = "[\"none\", { id = \"pca\", params = { n_components = 1 } }]";
    let place = Place::new(&csv(210), &format!("{STUDY}selects = {selects}\n"));
    place.expect(0, &["run", "study.toml", "--out", "one"]);
    let said = place.expect(2, &["compare", "one", TREE, LOGISTIC]);
    let named = said.trim().split("names 2: ").nth(1).unwrap();
    let names: Vec<&str> = named.split("; ").collect();
    let tree = |select: &str| format!("classifier=decision-tree,scaler=none,resampler=none,dedup=off,select={select}");
    assert_eq!(names, [tree("none"), tree("pca")]);
    // What is offered can be used.
    let text = place.printed(0, &["compare", "one", names[0], names[1]]);
    assert!(text.contains(&format!("\nA: {}\nB: {}\n", names[0], names[1])), "{text}");
    place.write("one/records.jsonl", "");
    let said = place.expect(2, &["refit", "one", TREE, "--out", "m"]);
    let wanted = ["none", "pca"].map(|select| format!("scaler=none,select={select},classifier=decision-tree"));
    assert!(wanted.iter().all(|name| said.contains(name)), "{said}");
}

#[test]
fn options_of_another_comparison_are_refused() {
    let place = place();
    let said = |arguments: &[&str]| place.expect(2, &[&["compare", "one"], arguments].concat());
    let (rope, tolerance) = ("--rope goes with two pipelines only", "--tolerance goes with two runs only");
    assert!(said(&[TREE, LOGISTIC, "--tolerance", "0.5"]).contains(tolerance));
    assert!(said(&["one", "--rope", "5"]).contains(rope));
    let both = format!("{rope}; {tolerance}");
    assert!(said(&["one", "--data-sets", "--rope", "9", "--tolerance", "4"]).contains(&both));
    let gate = said(&["one", "--fail-on", "regression", "--rope", "0.5", "--tolerance", "0.1"]);
    assert!(gate.contains(&format!("{both}; what the gate lets pass is `--threshold`")), "{gate}");
    let ranks = said(&["one", "--data-sets", "--fail-on", "regression"]);
    assert!(ranks.contains("--data-sets goes with ranks over data sets only"), "{ranks}");
    let gates = said(&["one", "--threshold", "0.1", "--time", "off"]);
    assert!(gates.contains("--threshold, --time belong to the gate: add `--fail-on regression`"), "{gates}");
    // Each of them has a use, and a default.
    place.printed(0, &["compare", "one", TREE, LOGISTIC, "--rope", "0.02"]);
    assert!(place.printed(0, &["compare", "one", TREE, LOGISTIC]).contains("rope ±0.01"));
    place.printed(0, &["compare", "one", "one"]);
}

#[test]
fn runs_on_other_features_of_one_file_are_refused() {
    let place = place();
    place.write("study.toml", &STUDY.replace("\"data.csv\"\n", "\"data.csv\"\nignore = [\"b\"]\n"));
    place.expect(0, &["run", "study.toml", "--out", "fewer", "--filter", "family=prior"]);
    let said = place.expect(2, &["compare", "one", "fewer"]);
    assert!(
        said.contains("… in both, with a difference in the features), so their scores cannot be compared"),
        "{said}"
    );
}

#[test]
fn two_runs_are_compared_cell_by_cell() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "two", "--filter", "scaler=standard"]);
    let text = place.printed(0, &["compare", "one", "two"]);
    assert!(text.contains("9 cells planned in both runs, 9 only in the first, 0 only in the second"), "{text}");
    assert!(text.contains("9 the same in all of"), "{text}");
    place.edit_records("two", |record| {
        if record["classifier"] == "decision-tree" && record["fold"] == 1 {
            // A change that the counts do not contradict.
            let area = record["metrics"]["pr-auc"].as_f64().unwrap();
            record["metrics"]["pr-auc"] = (area - 0.25).into();
        }
    });
    let text = place.printed(1, &["compare", "one", "two"]);
    assert!(text.contains("8 the same in all of 19 metrics, 1 differ"), "{text}");
    assert!(text.contains("pr-auc dedup=") && text.contains("fold=1") && text.contains("-2.5e-1"), "{text}");
    place.printed(0, &["compare", "one", "two", "--tolerance", "0.6"]);
    place.printed(0, &["compare", "one", "two", "--metric", "f1"]);
    // The same values in another file.
    place.write("data.csv", &csv(210).replace('\n', "\r\n"));
    place.expect(0, &["run", "study.toml", "--out", "windows"]);
    place.printed(0, &["compare", "one", "windows"]);
    place.write("data.csv", &csv(211));
    place.expect(0, &["run", "study.toml", "--out", "other", "--filter", "classifier=prior"]);
    assert!(place.expect(2, &["compare", "one", "other"]).contains("different data"));
    assert!(place.expect(3, &["compare", "one", "nowhere"]).contains("not a results directory"));
}

#[test]
fn data_sets_are_compared_by_rank_and_drawn() {
    let place = place();
    for (name, rows) in [("two", 217), ("three", 238)] {
        place.write("data.csv", &csv(rows));
        place.expect(0, &["run", "study.toml", "--out", name]);
    }
    let text = place.printed(0, &["compare", "--data-sets", "one", "two", "three", "--out", "drawn"]);
    for wanted in ["mean rank", "Friedman: chi-squared", "critical difference", "decision-tree · none against"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    for file in ["drawn/critical-difference.svg", "drawn/critical-difference.png"] {
        assert!(place.path(file).metadata().unwrap().len() > 1_000, "{file}");
    }
    let said = place.expect(2, &["compare", "--data-sets", "one"]);
    assert!(said.contains("a comparison of ranks needs several data sets"), "{said}");
    let said = place.expect(2, &["compare", "--data-sets", "one", "one"]);
    assert!(said.contains("saw the same data"), "{said}");
}

#[test]
fn of_many_pairs_the_first_are_listed_and_the_rest_is_counted_below_them() {
    // Seven pipelines make 7 * 6 / 2 = 21 pairs, of which 20 are listed. Of three data sets, p is 2 / 2^3 at least.
    let seven =
        "[\"logistic-regression\", \"gaussian-nb\", \"decision-tree\", \"lda\", \"qda\", \"k-neighbors\", \"ridge\"]";
    let study = STUDY.replace("\nscalers = [\"none\", \"standard\"]", "");
    let place = Place::new("", &study.replace("[\"prior\", \"decision-tree\", \"logistic-regression\"]", seven));
    for (name, rows) in [("one", 210), ("two", 217), ("three", 238)] {
        place.write("data.csv", &csv(rows));
        place.expect(0, &["run", "study.toml", "--out", name]);
    }
    let text = place.printed(0, &["compare", "--data-sets", "one", "two", "three"]);
    let end: Vec<&str> = text.trim_end().lines().rev().take(3).collect();
    assert_eq!(end[..2], ["With 3 data sets Wilcoxon's p cannot fall below 0.25.", "and 1 more pair"], "{text}");
    assert!(end[2].contains(" against "), "{text}");
}

#[test]
fn pipelines_with_and_without_duplicates_have_ranks_of_their_own() {
    let place = Place::new(&csv(210), &STUDY.replace("[grid]\n", "[grid]\ndedup = [false, true]\n"));
    for (name, rows) in [("one", 210), ("two", 217), ("three", 238)] {
        place.write("data.csv", &csv(rows));
        place.expect(0, &["run", "study.toml", "--out", name]);
    }
    let compared = ["compare", "--data-sets", "one", "two", "three", "--out", "drawn"];
    place.expect(0, &compared);
    // Of one variant there was one chart.
    std::fs::copy(place.path("drawn/critical-difference-1.svg"), place.path("drawn/critical-difference.svg")).unwrap();
    let text = place.printed(0, &compared);
    for which in ["on", "off"] {
        assert!(text.contains(&format!("Mean pr-auc by pipeline and data set, dedup {which}\n")), "{text}");
    }
    assert_eq!(text.matches("Friedman: chi-squared").count(), 2, "{text}");
    assert!(!text.contains("· dedup"), "{text}");
    for file in ["drawn/critical-difference-1.svg", "drawn/critical-difference-2.svg"] {
        assert!(place.path(file).exists(), "{file}: {text}");
    }
    assert!(!place.path("drawn/critical-difference.svg").exists());
}

#[test]
fn a_report_over_the_intersection_says_so() {
    let place = place();
    let log = std::fs::read_to_string(place.path("one/records.jsonl")).unwrap();
    let kept: Vec<&str> =
        log.lines().filter(|line| !(line.contains("\"fold\":2") && line.contains("\"scaler\":\"none\""))).collect();
    assert_eq!(kept.len(), 15);
    place.write("one/records.jsonl", &format!("{}\n", kept.join("\n")));
    place.expect(0, &["report", "one", "--out", "planned"]);
    place.expect(0, &["report", "one", "--out", "common", "--intersection"]);
    let read = |folder: &str| std::fs::read_to_string(place.path(folder).join("report.md")).unwrap();
    assert!(read("planned").contains("3 of 6 pipelines ranked"), "{}", read("planned"));
    let common = read("common");
    assert!(common.contains("6 of 6 pipelines ranked") && common.contains("2 of 3 splits"), "{common}");
    let chart = std::fs::read_to_string(place.path("common/charts/heatmap.svg")).unwrap();
    assert!(chart.contains("2 of 3 folds"));
}
