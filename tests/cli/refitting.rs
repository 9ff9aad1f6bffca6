//! `refit`: the chosen pipeline as a model, which says after reading what it said after fitting.

use std::fmt::Write as _;

use crate::Place;

/// Rows with ties, blanks, a category of four levels, a date and a name that is ignored; every sixth is positive.
pub(crate) fn rows(count: usize) -> String {
    let mut text = String::from("name,amount,age,shop,bought,label\n");
    for i in 0..count {
        let positive = i % 6 == 2;
        let amount = (i * 7919 % 400) as f64 / 8.0 + if positive { 30.0 } else { 0.0 };
        let age = if i % 11 == 5 { String::new() } else { (i * 104_729 % 60).to_string() };
        let shop = match i % 13 {
            4 => "",
            n => ["bar", "cafe", "diner", "kiosk"][(n + usize::from(positive)) % 4],
        };
        let (day, hour) = (1 + i % 28, i % 24);
        writeln!(text, "n{i},{amount},{age},{shop},2024-02-{day:02} {hour:02}:00:00,{}", u8::from(positive)).unwrap();
    }
    text
}

const STUDY: &str = r#"
name = "small"
seed = 5
[data]
path = "data.csv"
label = "label"
ignore = ["name"]
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
imputers = ["none", "median"]
resamplers = ["none", { id = "smote", on = "scaled" }]
encoders = ["native", "one-hot", "ordinal", "target", "frequency"]
scalers = ["none", "min-max", "max-abs", "standard", "power", "quantile", "normalizer", "polynomial", "robust", "whitening"]
selects = ["none", { id = "pca", params = { n_components = 3 } }, { id = "select-k-best", params = { k = 4 } }]
classifiers = [
    "prior", "logistic-regression", "ridge", "linear-svc", "sgd", "lda", "gaussian-nb", "decision-tree",
    { family = "random-forest", params = { n_estimators = 7 } }, { family = "extra-trees", params = { n_estimators = 7 } },
    { family = "adaboost", params = { n_estimators = 9 } }, { family = "hist-gradient-boosting", params = { max_iter = 9 } },
    { family = "xgboost", params = { n_estimators = 9 } }, { family = "lightgbm", params = { n_estimators = 9, min_child_samples = 3 } },
    { family = "mlp", params = { max_iter = 5, hidden_layer_sizes = [6] } }, "bernoulli-nb",
    "svc", { family = "svc", name = "poly", params = { kernel = "poly", coef0 = 1.0, degree = 2 } },
    { family = "svc", name = "tanh-kernel", params = { kernel = "sigmoid", gamma = 0.01 } },
    { family = "svc", name = "linear-kernel", params = { kernel = "linear" } },
    { family = "qda", params = { reg_param = 0.01 } },
    "k-neighbors", { family = "k-neighbors", name = "by-distance", params = { weights = "distance", n_neighbors = 7 } },
    { family = "k-neighbors", name = "blocks", params = { p = 1.0, weights = "distance" } },
    { family = "k-neighbors", name = "cubes", params = { p = 3.0 } }, { family = "k-neighbors", name = "roots", params = { p = 1.5 } },
    { family = "k-neighbors", name = "largest", params = { metric = "chebyshev" } },
    { family = "k-neighbors", name = "cosine", params = { metric = "cosine", weights = "distance" } },
    { family = "voting", params = { estimators = ["svc", "decision-tree", "gaussian-nb", "lda"], weights = [1.0, 2.0, 1.0, 0.5] } },
    { family = "voting", name = "soft", params = { estimators = ["xgboost", "k-neighbors", "random-forest"], voting = "soft" } },
    { family = "bagging", params = { estimator = "logistic-regression", n_estimators = 5, max_features = 0.5 } },
    { family = "balanced-bagging", params = { n_estimators = 5 } }, { family = "easy-ensemble", params = { n_estimators = 3 } },
    { family = "rus-boost", params = { n_estimators = 6 } },
    { family = "stacking", params = { estimators = ["lightgbm", "ridge"], passthrough = true } },
    { family = "svc", name = "platt", calibrate = "sigmoid" }, { family = "lda", name = "rising", calibrate = "isotonic" },
    { family = "qda", name = "two-bounds", params = { reg_param = 0.01 }, calibrate = "venn-abers", threshold = 0.25 },
    { family = "catboost", params = { iterations = 9, depth = 3 } },
    { family = "lda", name = "tuned", threshold = "max-f1" },
    { family = "lda", name = "prior-corrected", correct_prior = true },
]
"#;

/// What a command that ends well prints.
pub(crate) fn ok(place: &Place, arguments: &[&str]) -> String {
    let said = place.run(arguments);
    assert!(said.status.success(), "{arguments:?} said: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}

pub(crate) fn place() -> Place {
    with_one_cell(
        STUDY,
        "fold=0,imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=prior",
    )
}

/// A results directory with the records of one cell, the one that `filter` takes, as a refit needs the run's study and data only.
pub(crate) fn with_one_cell(study: &str, filter: &str) -> Place {
    let place = Place::new(&rows(240), study);
    ok(&place, &["run", "study.toml", "--out", "r", "--filter", filter]);
    // The whole plan, as if its other cells were still to be run.
    let manifest = std::fs::read_to_string(place.path("r/manifest.toml")).unwrap();
    place.write("r/manifest.toml", &manifest.replace(&format!("filter = \"{filter}\""), "filter = \"\""));
    place
}

pub(crate) fn refit(place: &Place, pipeline: &str, out: &str) {
    ok(place, &["refit", "r", &format!("{pipeline},dedup=off"), "--out", out, "--overwrite"]);
}

/// The score column of a file.
pub(crate) fn scores(text: &str) -> Vec<String> {
    text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
}

/// Refits each pipeline, which compares what it has written with what it has fitted and fails where a bit differs; how many of the
/// models say different scores.
fn refit_all(pipelines: &[String]) -> usize {
    let place = place();
    let mut all = Vec::new();
    for pipeline in pipelines {
        refit(&place, pipeline, "m");
        ok(&place, &["score", "m", "data.csv", "--out", "scores.csv", "--overwrite"]);
        let said = scores(&std::fs::read_to_string(place.path("scores.csv")).unwrap());
        assert_eq!(said.len(), 240, "{pipeline}");
        all.push(said);
    }
    all.sort();
    all.dedup();
    all.len()
}

fn of_families(families: &[&str]) -> Vec<String> {
    let whole = "imputer=median,resampler=none,encoder=one-hot,scaler=standard,select=none";
    families.iter().map(|family| format!("{whole},classifier={family}")).collect()
}

#[test]
fn every_family_says_after_reading_what_it_said_after_fitting() {
    let families = [
        "prior",
        "logistic-regression",
        "ridge",
        "linear-svc",
        "sgd",
        "lda",
        "gaussian-nb",
        "decision-tree",
        "random-forest",
        "extra-trees",
        "adaboost",
        "hist-gradient-boosting",
        "xgboost",
        "lightgbm",
        "mlp",
        "tuned",
        "prior-corrected",
    ];
    // A threshold changes labels alone, and some trees tell the classes apart altogether.
    assert!(refit_all(&of_families(&families)) > families.len() - 4);
}

#[test]
fn rows_that_are_kept_and_members_say_after_reading_what_they_said_after_fitting() {
    let families = [
        "svc",
        "poly",
        "tanh-kernel",
        "linear-kernel",
        "qda",
        "k-neighbors",
        "by-distance",
        "blocks",
        "cubes",
        "roots",
        "largest",
        "cosine",
        "voting",
        "soft",
        "bagging",
        "balanced-bagging",
        "easy-ensemble",
        "rus-boost",
        "stacking",
        "platt",
        "rising",
        "two-bounds",
    ];
    // Neighbours by two distances may be the same rows.
    assert!(refit_all(&of_families(&families)) > families.len() - 3);
}

#[test]
fn every_scaler_encoder_and_selection_says_after_reading_what_it_said_after_fitting() {
    let mut pipelines = Vec::new();
    for scaler in ["none", "min-max", "max-abs", "power", "quantile", "normalizer", "polynomial", "robust", "whitening"]
    {
        pipelines
            .push(format!("imputer=median,resampler=smote,encoder=one-hot,scaler={scaler},select=none,classifier=lda"));
    }
    for encoder in ["native", "ordinal", "target", "frequency"] {
        pipelines
            .push(format!("imputer=none,resampler=none,encoder={encoder},scaler=none,select=none,classifier=lightgbm"));
        pipelines
            .push(format!("imputer=none,resampler=none,encoder={encoder},scaler=none,select=none,classifier=xgboost"));
    }
    for select in ["pca", "select-k-best"] {
        pipelines.push(format!(
            "imputer=median,resampler=none,encoder=target,scaler=none,select={select},classifier=random-forest"
        ));
    }
    // LightGBM and XGBoost may not look at a column that encoders differ in.
    assert!(refit_all(&pipelines) > pipelines.len() - 7);
}

#[test]
fn catboost_leaves_in_its_own_format_and_comes_back() {
    if let Err(e) = fraudbench::external::python::python("catboost") {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{e}");
        eprintln!("skipped: {e}");
        return;
    }
    let place = place();
    let catboost = |encoder: &str| {
        format!("imputer=none,resampler=none,encoder={encoder},scaler=none,select=none,classifier=catboost")
    };
    refit(&place, &catboost("one-hot"), "m");
    assert!(place.path("m/model.onnx").exists());
    let numbers = scores(&ok(&place, &["score", "m", "data.csv"]));
    // Categories are counted by the library itself, which only its own file can say.
    refit(&place, &catboost("native"), "m");
    let file = std::fs::read(place.path("m/model.cbm")).unwrap();
    assert!(!place.path("m/model.onnx").exists());
    let categories = scores(&ok(&place, &["score", "m", "data.csv"]));
    assert!(numbers.len() == 240 && categories.len() == 240 && numbers != categories);
    std::fs::write(place.path("m/model.cbm"), &file[..file.len() / 2]).unwrap();
    assert!(place.expect(3, &["score", "m", "data.csv"]).contains("m/model.cbm is not the file that `refit` wrote"));
    forget_digests(&place, "m");
    let said = String::from_utf8(place.run(&["score", "m", "data.csv"]).stderr).unwrap();
    assert!(said.contains("catboost: CatBoostError"), "{said}");
}

#[test]
fn trees_of_64_bits_behind_powers_have_no_onnx_file_and_it_is_said_why() {
    let place = place();
    let pipeline = |scaler: &str| {
        format!(
            "imputer=median,resampler=none,encoder=one-hot,scaler={scaler},select=none,classifier=hist-gradient-boosting"
        )
    };
    refit(&place, &pipeline("power"), "m");
    assert!(!place.path("m/model.onnx").exists());
    let model = std::fs::read_to_string(place.path("m/model.json")).unwrap();
    assert!(model.contains("behind `power`, ONNX's exponentials miss its trees' thresholds"), "{model}");
    refit(&place, &pipeline("standard"), "n");
    assert!(place.path("n/model.onnx").exists());
}

/// Makes a model's folder one of before it knew its files.
pub(crate) fn forget_digests(place: &Place, folder: &str) {
    let path = place.path(folder).join("model.json");
    let mut model: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    model.as_object_mut().unwrap().remove("digests").unwrap();
    std::fs::write(path, model.to_string()).unwrap();
}

#[test]
fn what_cannot_be_a_model_is_said_before_anything_is_written() {
    let place = place();
    let refused = |arguments: &[&str], code: i32| {
        let said = place.run(arguments);
        assert_eq!(said.status.code(), Some(code), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stderr).unwrap()
    };
    let bernoulli =
        "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=bernoulli-nb,dedup=off";
    let said = refused(&["refit", "r", bernoulli, "--out", "m"], 2);
    assert!(said.contains("the classifier `bernoulli-nb` (native) cannot be written as a model"), "{said}");
    assert!(!place.path("m").exists());
    assert!(refused(&["refit", "r", "classifier=lda", "--out", "m"], 2).contains("must name exactly one pipeline"));
    assert!(refused(&["refit", "r", "classifier=lda,fold=0", "--out", "m"], 2).contains("leave out `fold`"));
    // Rows were added since the run.
    place.write("more.csv", &rows(241));
    let said =
        refused(&["refit", "r", &bernoulli.replace("bernoulli-nb", "lda"), "--out", "m", "--data", "more.csv"], 2);
    assert!(said.contains("was run on other data"), "{said}");
}

#[test]
fn a_model_of_a_newer_version_or_with_a_file_missing_is_told() {
    let place = place();
    refit(&place, "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=lightgbm", "m");
    let refused = |model: &str| {
        let said = place.run(&["score", model, "data.csv"]);
        assert_eq!(said.status.code(), Some(3));
        String::from_utf8(said.stderr).unwrap()
    };
    let model = std::fs::read_to_string(place.path("m/model.json")).unwrap();
    place.write("newer.json", &model.replace("{\"format\":1", "{\"format\":99"));
    assert!(refused("newer.json").contains("has format 99, and this fraudbench reads up to 1"));
    place.write("cut.json", &model[..model.len() / 2]);
    assert!(refused("cut.json").contains("is no model, or was cut short"));
    // What LightGBM would abort on, or take for another model.
    let trees = std::fs::read(place.path("m/model.txt")).unwrap();
    let edited = String::from_utf8(trees.clone()).unwrap().replace("leaf_value=", "leaf_value=1 ").into_bytes();
    for damaged in [&trees[..trees.len() / 2], &[], &edited] {
        std::fs::write(place.path("m/model.txt"), damaged).unwrap();
        assert!(refused("m").contains("m/model.txt is not the file that `refit` wrote: it is damaged"));
    }
    std::fs::write(place.path("m/model.txt"), &trees).unwrap();
    ok(&place, &["score", "m", "data.csv"]);
    refit(
        &place,
        "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=decision-tree",
        "t",
    );
    let tree = std::fs::read_to_string(place.path("t/model.json")).unwrap();
    let (start, rest) = tree.split_once("\"value\":[").unwrap();
    place.write("t/model.json", &format!("{start}\"value\":[{}", rest.split_once(',').unwrap().1));
    forget_digests(&place, "t");
    assert!(refused("t").contains("the classifier's numbers do not fit each other"));
    std::fs::remove_file(place.path("m/model.txt")).unwrap();
    assert!(refused("m").contains("the model lacks a file: cannot read m/model.txt"));
    refit(&place, "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=soft", "m");
    // The files of an earlier model are gone, and members have files of their own.
    let files = |ending: &str| {
        let names =
            std::fs::read_dir(place.path("m")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(ending)).collect::<Vec<_>>()
    };
    assert_eq!(
        (files("ubj"), files("rows"), files("txt").len()),
        (vec!["member-1.ubj".into()], vec!["member-2.rows".into()], 0)
    );
    let rows = std::fs::read(place.path("m/member-2.rows")).unwrap();
    std::fs::write(place.path("m/member-2.rows"), &rows[8..]).unwrap();
    assert!(refused("m").contains("m/member-2.rows is not the file that `refit` wrote"));
    forget_digests(&place, "m");
    assert!(refused("m").contains("the file of training rows is not as long as the model says"));
    assert!(refused("nowhere").contains("not a model: cannot read nowhere/model.json"));
}

#[test]
fn files_of_two_models_in_one_folder_are_told() {
    let place = place();
    let pipeline = "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=";
    refit(&place, &format!("{pipeline}gaussian-nb"), "m");
    refit(&place, &format!("{pipeline}lda"), "other");
    let own = std::fs::read(place.path("m/model.onnx")).unwrap();
    std::fs::copy(place.path("other/model.onnx"), place.path("m/model.onnx")).unwrap();
    let said = place.expect(3, &["score", "m", "data.csv"]);
    let wanted = "m/model.onnx is not the file that `refit` wrote: it is damaged, or of another model";
    assert!(said.contains(wanted), "{said}");
    // Of a folder of before nothing is known of that file, and where it was moved away there is none.
    forget_digests(&place, "m");
    place.expect(0, &["score", "m", "data.csv"]);
    refit(&place, &format!("{pipeline}gaussian-nb"), "m");
    assert_eq!(std::fs::read(place.path("m/model.onnx")).unwrap(), own);
    std::fs::remove_file(place.path("m/model.onnx")).unwrap();
    place.expect(0, &["score", "m", "data.csv"]);
}

#[test]
fn a_model_that_refit_was_ended_in_has_no_description_and_it_is_said() {
    let place = place();
    refit(&place, "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=lda", "m");
    std::fs::remove_file(place.path("m/model.json")).unwrap();
    let said = place.expect(3, &["score", "m", "data.csv"]);
    assert!(said.contains("cannot read m/model.json"), "{said}");
    assert!(said.trim_end().ends_with("; `refit` was ended while it wrote the model: refit it again"), "{said}");
    let pipeline =
        "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=gaussian-nb,dedup=off";
    ok(&place, &["refit", "r", pipeline, "--out", "m"]);
    ok(&place, &["score", "m", "data.csv"]);
}

#[test]
fn a_search_is_refitted_with_what_the_run_has_chosen() {
    let study = r#"
name = "searched"
seed = 5
[data]
path = "data.csv"
label = "label"
ignore = ["name", "shop", "bought", "age"]
[protocol]
kind = "stratified-k-fold"
folds = 2
[grid]
classifiers = [{ family = "decision-tree", threshold = 0.3, search = { kind = "grid", folds = 2, space = { max_depth = [1, 2] } } }]
"#;
    let place = Place::new(&rows(240), study);
    ok(&place, &["run", "study.toml", "--out", "r"]);
    ok(&place, &["refit", "r", "--out", "m"]);
    let model: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("m/model.json")).unwrap()).unwrap();
    let best: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("r/best_params.json")).unwrap()).unwrap();
    assert_eq!(model["chosen"], best["pipelines"][0]["typical"]["params"]);
    assert_eq!(model["steps"]["model"]["threshold"], 0.3);
    let depth = model["chosen"]["max_depth"].as_u64().unwrap();
    let nodes = model["steps"]["model"]["model"]["trees"][0]["value"].as_array().unwrap().len() as u64;
    assert!(nodes > 1 && nodes < 1 << (depth + 1), "{nodes} nodes at depth {depth}");
}

#[test]
fn a_model_and_scores_are_written_over_only_where_it_is_asked_for() {
    let place = place();
    let pipeline = |family: &str| {
        format!("imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier={family},dedup=off")
    };
    let (lda, prior) = (pipeline("lda"), pipeline("prior"));
    let model = || std::fs::read(place.path("m/model.json")).unwrap();
    ok(&place, &["refit", "r", &lda, "--out", "m"]);
    let first = model();
    let refused = |what: &str, kind: &str| {
        format!(
            "fraudbench: {what} is there already and is not overwritten: name another {kind} with --out, or give --overwrite\n"
        )
    };
    assert_eq!(place.expect(2, &["refit", "r", &prior, "--out", "m"]), refused("m/model.json", "folder"));
    assert_eq!(model(), first);
    ok(&place, &["refit", "r", &prior, "--out", "m", "--overwrite"]);
    assert_ne!(model(), first);
    // The folder that has the pipeline's name holds the same model again.
    ok(&place, &["refit", "r", &lda]);
    ok(&place, &["refit", "r", &lda]);
    place.write("scores.csv", "mine");
    let score = ["score", "m", "data.csv", "--out", "scores.csv"];
    assert_eq!(place.expect(2, &score), refused("scores.csv", "file"));
    assert_eq!(std::fs::read(place.path("scores.csv")).unwrap(), b"mine");
    ok(&place, &[&score[..], &["--overwrite"]].concat());
    assert_eq!(scores(&std::fs::read_to_string(place.path("scores.csv")).unwrap()).len(), 240);
}
