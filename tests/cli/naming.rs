//! Pipelines by name in runs of several data sets and variants: what is named narrows the choice, and no score of one data set is
//! taken for another's.

use std::fmt::Write as _;

use serde_json::Value;

use crate::Place;

/// Rows of two features, of which `a` tells by `is_positive` which are positive; the last is a duplicate of the first.
fn rows(is_positive: impl Fn(f64) -> bool) -> String {
    let mut text = String::from("a,b,label\n");
    for i in (0..160).chain([0]) {
        let a = (i * 7919 % 1000) as f64 / 100.0;
        writeln!(text, "{a},{},{}", i * 104_729 % 997, u8::from(is_positive(a))).unwrap();
    }
    text
}

const STUDY: &str = r#"
name = "two"
seed = 5
metrics = ["pr-auc"]
data = [{ path = "edge.csv", name = "edge" }, { path = "deep/band.csv", name = "band" }]
[protocol]
kind = "hold-out"
repeats = 3
[grid]
dedup = [true, false]
scalers = ["none"]
classifiers = [
    "logistic-regression", "prior",
    { family = "decision-tree", name = "tree", params = { random_state = 1 }, search = { kind = "grid", space = { max_depth = [1, 4] } } },
]
"#;

/// A run `r` in which a tree of one cut is enough on `edge`, and `band` takes two.
fn place() -> Place {
    let place = Place::new("", STUDY);
    place.write("edge.csv", &rows(|a| a > 8.0));
    std::fs::create_dir(place.path("deep")).unwrap();
    place.write("deep/band.csv", &rows(|a| a > 4.0 && a < 6.0));
    place.expect(0, &["run", "study.toml", "--out", "r"]);
    place
}

fn model(place: &Place, folder: &str) -> Value {
    serde_json::from_slice(&std::fs::read(place.path(folder).join("model.json")).unwrap()).unwrap()
}

/// The values of a classifier without duplicates on a data set, by repeat, as tables have them.
fn values(place: &Place, data_set: &str, classifier: &str) -> Vec<String> {
    let is_it = |r: &Value| r["data_set"] == data_set && r["classifier"] == classifier && r["dedup"] == true;
    let mut of: Vec<(u64, f64)> = place
        .records("r")
        .iter()
        .filter(|r| is_it(r))
        .map(|r| (r["repeat"].as_u64().unwrap(), r["metrics"]["pr-auc"].as_f64().unwrap()))
        .collect();
    of.sort_by_key(|(repeat, _)| *repeat);
    of.into_iter().map(|(_, value)| format!("{value:.4}")).collect()
}

/// The pairs of a comparison's tables, in its order.
fn pairs(text: &str) -> Vec<[String; 2]> {
    let of_fold = text.lines().filter(|line| line.starts_with("0 "));
    let cells = of_fold.map(|line| line.replace(" (repeat ", "-").split_whitespace().map(str::to_owned).collect());
    cells.map(|cells: Vec<String>| [cells[1].clone(), cells[2].clone()]).collect()
}

fn wanted(place: &Place, data_set: &str) -> Vec<[String; 2]> {
    let (tree, line) = (values(place, data_set, "tree"), values(place, data_set, "logistic-regression"));
    assert_eq!(tree.len(), 3);
    tree.into_iter().zip(line).map(Into::into).collect()
}

#[test]
fn pipelines_are_compared_on_each_data_set_by_itself() {
    let place = place();
    let (edge, band) = (wanted(&place, "edge"), wanted(&place, "band"));
    assert!(edge[0] != band[0], "{edge:?} {band:?}");
    let [tree, line] = ["classifier=tree,dedup=on", "classifier=logistic-regression,dedup=on"];
    let of_band = [format!("data-set=band,{tree}"), format!("data-set=band,{line}")];
    // One name is enough to say on which data set.
    for [a, b] in [[&*of_band[0], &*of_band[1]], [&*of_band[0], line], [tree, &*of_band[1]]] {
        let text = place.printed(0, &["compare", "r", a, b]);
        assert_eq!(pairs(&text), band, "{text}");
        assert!(text.contains("\nData set band\n") && text.contains(", 3 folds,"), "{text}");
        assert!(!text.contains("edge") && !text.contains("tested by itself"), "{text}");
    }
    let text = place.printed(0, &["compare", "r", tree, line]);
    assert_eq!(pairs(&text), [edge, band].concat(), "{text}");
    let [first, second] = ["edge", "band"].map(|name| text.find(&format!("\nData set {name}\n")).unwrap());
    assert!(first < second && text.matches(", 3 folds,").count() == 2 && !text.contains("6 folds"), "{text}");
    assert!(text.contains("Each data set is tested by itself: scores of unlike data sets are not averaged."), "{text}");
    let said = place.expect(2, &["compare", "r", "data-set=edge,dedup=on,classifier=tree", &of_band[1]]);
    assert!(said.contains("the two pipelines are on different data sets (edge and band)"), "{said}");
    let said = place.expect(2, &["compare", "r", tree, "classifier=prior,dedup=off"]);
    assert!(said.contains("differ in dedup"), "{said}");
}

#[test]
fn what_differs_between_two_runs_is_told_with_its_data_set() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "s"]);
    place.edit_records("s", |record| {
        if record["classifier"] == "logistic-regression" && record["dedup"] == true && record["repeat"] == 1 {
            let by = if record["data_set"] == "edge" { 0.125 } else { 0.0625 };
            record["metrics"]["pr-auc"] = (record["metrics"]["pr-auc"].as_f64().unwrap() - by).into();
        }
    });
    let text = place.printed(1, &["compare", "r", "s"]);
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("  pr-auc data-set=")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("  pr-auc data-set=edge dedup=on ") && lines[0].ends_with("-1.25e-1"), "{text}");
    assert!(lines[1].starts_with("  pr-auc data-set=band dedup=on ") && lines[1].ends_with("-6.25e-2"), "{text}");
    // The second table is looked at, too.
    place.write("deep/band.csv", &rows(|a| a > 4.0 && a < 7.0));
    place.expect(0, &["run", "study.toml", "--out", "other"]);
    let said = place.expect(2, &["compare", "r", "other"]);
    assert!(said.contains("different data (band "), "{said}");
    // Ranks over data sets take those of a run one by one, and need no other run.
    let text = place.printed(0, &["compare", "--data-sets", "r"]);
    let header = text.lines().find(|line| line.starts_with("pipeline ")).unwrap();
    assert_eq!(header.split_whitespace().collect::<Vec<_>>(), ["pipeline", "mean", "rank", "edge", "band"], "{text}");
    place.write("study.toml", &STUDY.replace("edge.csv", "third.csv").replace("\"edge\"", "\"third\""));
    place.write("third.csv", &rows(|a| a < 2.0));
    place.expect(0, &["run", "study.toml", "--out", "t", "--filter", "data-set=third"]);
    let text = place.printed(0, &["compare", "--data-sets", "r", "t"]);
    let header: Vec<&str> =
        text.lines().find(|line| line.starts_with("pipeline ")).unwrap().split_whitespace().collect();
    assert_eq!(header, ["pipeline", "mean", "rank", "edge", "band", "third"], "{text}");
}

#[test]
fn the_best_of_what_is_named_is_fitted_with_what_its_own_data_set_chose() {
    let place = place();
    let refused = |text: &[&str], said: &str| {
        for command in ["refit", "explain"] {
            let told = place.expect(2, &[&[command, "r"], text].concat());
            assert!(told.contains(said), "{told}");
        }
    };
    let several =
        "the run has several data sets, each with a best pipeline: name one with data-set=edge or data-set=band";
    refused(&[], several);
    refused(&["dedup=on"], several);
    refused(&["dedup=on"], "pipeline `dedup=on`: ");
    refused(&["data-set=band"], "name one with dedup=on or dedup=off");
    refused(&["data-set=band,classifier=tree"], "name one with dedup=on or dedup=off");
    refused(&["data-set=bend"], "did you mean `band`?");
    for (data_set, depth) in [("edge", 1_usize), ("band", 4)] {
        let told = place.expect(0, &["refit", "r", &format!("data-set={data_set},dedup=on,classifier=tree")]);
        assert!(told.contains(&format!("classifier=tree on 160 rows of {data_set}, ")), "{told}");
        let folder = format!("r/models/{data_set}-dedup-on-resampler-none-scaler-none-classifier-tree");
        let model = model(&place, &folder);
        assert_eq!((&model["chosen"]["max_depth"], &model["data"]["name"]), (&depth.into(), &data_set.into()));
        // The data sets have folders of their own, so the second one leaves the first one.
        assert_eq!(std::fs::read_dir(place.path("r/models")).unwrap().count(), depth.min(2));
    }
    place.expect(0, &["refit", "r", "data-set=band,dedup=off", "--out", "best"]);
    let best = model(&place, "best");
    assert_eq!(best["pipeline"], "dedup=off resampler=none scaler=none classifier=tree");
    assert_eq!((&best["chosen"]["max_depth"], &best["data"]["rows"]), (&4.into(), &161.into()));
    // The best of the others, which are named by a key given twice.
    let others = "data-set=band,dedup=on,classifier=prior,classifier=logistic-regression";
    let of_others = [values(&place, "band", "prior"), values(&place, "band", "logistic-regression")];
    let sum = |values: &[String]| values.iter().map(|value| value.parse::<f64>().unwrap()).sum::<f64>();
    let name = if sum(&of_others[0]) > sum(&of_others[1]) { "prior" } else { "logistic-regression" };
    place.expect(0, &["refit", "r", others, "--out", "other"]);
    assert_eq!(model(&place, "other")["pipeline"], format!("dedup=on resampler=none scaler=none classifier={name}"));
    let text = place.printed(0, &["explain", "r", "data-set=band,dedup=on", "--repeats", "1", "--rows", "5"]);
    assert!(text.starts_with("data-set=band dedup=on resampler=none scaler=none classifier=tree\n"), "{text}");
    assert!(place.path("r/explain/band-dedup-on-resampler-none-scaler-none-classifier-tree/explain.json").exists());
}

#[test]
fn a_variant_alone_names_its_best_where_the_run_has_no_other() {
    let one = STUDY.replace("[true, false]", "[true]").replace(r#", { path = "deep/band.csv", name = "band" }"#, "");
    let place = Place::new("", &one);
    // Two cuts, so that the tree is better than a plane.
    place.write("edge.csv", &rows(|a| a > 4.0 && a < 6.0));
    place.expect(0, &["run", "study.toml", "--out", "r"]);
    for name in [&["dedup=on"][..], &["data-set=edge"], &[]] {
        place.expect(0, &[&["refit", "r", "--out", "m", "--overwrite"], name].concat());
        assert_eq!(model(&place, "m")["pipeline"], "dedup=on resampler=none scaler=none classifier=tree");
    }
    place.printed(0, &["explain", "r", "dedup=on", "--repeats", "1", "--rows", "5"]);
    // Where no fold has scores, only a pipeline by its whole name can be fitted.
    place.write("r/records.jsonl", "");
    let said = place.expect(2, &["refit", "r", "dedup=on", "--out", "m", "--overwrite"]);
    assert!(said.contains("must name exactly one pipeline, and names 3: dedup=on,resampler=none,"), "{said}");
    assert!(said.contains("none of them has scores on all its folds"), "{said}");
    place.expect(0, &["refit", "r", "classifier=prior", "--out", "m", "--overwrite"]);
}

#[test]
fn a_pipeline_with_long_names_has_a_folder_all_the_same() {
    let [imputer, scaler, select, classifier] = ["i", "s", "c", "t"].map(|letter| letter.repeat(60));
    let study = format!(
        "name = 'long'\nmetrics = ['pr-auc']\n[data]\npath = 'data.csv'\nlabel = 'label'\n[protocol]\nkind = \
         'stratified-k-fold'\nfolds = 2\n[grid]\nimputers = [{{ id = 'median', name = '{imputer}' }}]\nscalers = [{{ id = 'standard', \
         name = '{scaler}' }}]\nselects = [{{ id = 'variance-threshold', name = '{select}' }}]\nclassifiers = [{{ family = \
         'decision-tree', name = '{classifier}' }}]\n"
    );
    let row = |i: usize| format!("{},{},{}\n", i * 7919 % 400, i % 7, u8::from(i % 6 == 2));
    let data = format!("amount,age,label\n{}", (0..60).map(row).collect::<String>());
    let place = Place::new(&data, &study);
    place.expect(0, &["run", "study.toml", "--out", "r"]);
    let folders = |folder: &str| -> Vec<String> {
        let all = std::fs::read_dir(place.path(folder)).unwrap().map(|entry| entry.unwrap());
        let all = all.filter(|entry| entry.file_type().unwrap().is_dir());
        all.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    for _ in 0..2 {
        place.expect(0, &["refit", "r"]);
        place.expect(0, &["explain", "r", "--repeats", "1", "--rows", "5"]);
    }
    let [folder] = &folders("r/models")[..] else { panic!("{:?}", folders("r/models")) };
    assert!(folder.len() <= 255 && folder.starts_with("dedup-off-imputer-iii"), "{folder}");
    assert_eq!(folders("r/explain"), std::slice::from_ref(folder));
    assert!(place.path("r/models").join(folder).join("model.json").exists());
}

#[test]
fn pipelines_whose_names_differ_in_marks_alone_have_folders_of_their_own() {
    let study = r#"
name = "marks"
seed = 5
metrics = ["pr-auc"]
[data]
path = "data.csv"
[protocol]
kind = "stratified-k-fold"
folds = 2
[grid]
classifiers = [
    { family = "decision-tree", name = "a-1", params = { max_depth = 1 } },
    { family = "decision-tree", name = "a_1", params = { max_depth = 3 } },
    { family = "decision-tree", name = "b-1", params = { max_depth = 2 } },
]
"#;
    let place = Place::new(&crate::csv(120), study);
    place.expect(0, &["run", "study.toml", "--out", "r"]);
    for name in ["a-1", "a_1", "b-1", "a-1"] {
        place.expect(0, &["refit", "r", &format!("classifier={name}")]);
        place.expect(0, &["explain", "r", &format!("classifier={name}"), "--repeats", "1", "--rows", "5"]);
    }
    for (folder, file) in [("models", "model.json"), ("explain", "explain.json")] {
        let entries = std::fs::read_dir(place.path("r").join(folder)).unwrap();
        let of = |path: std::path::PathBuf| -> (String, String) {
            let it: Value = serde_json::from_slice(&std::fs::read(path.join(file)).unwrap()).unwrap();
            let name = it["pipeline"].as_str().unwrap().rsplit_once("classifier=").unwrap().1.to_owned();
            (name, path.file_name().unwrap().to_str().unwrap().to_owned())
        };
        let mut all: Vec<(String, String)> = entries.map(|entry| of(entry.unwrap().path())).collect();
        all.sort();
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a-1", "a_1", "b-1"], "{folder}");
        // What is told apart by its letters keeps its name.
        assert!(all[2].1.ends_with("classifier-b-1"), "{all:?}");
    }
}
