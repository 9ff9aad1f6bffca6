//! Searches, tuned thresholds, `tpot`, `autosklearn` and early stopping from the outside.

use std::fmt::Write;

use serde_json::Value;

use crate::{Place, csv};

const TREE: &str = r#"{ family = "decision-tree", name = "NAME", params = { random_state = 1 }, search = {
    KIND, goal = "f1", space = { max_depth = [1, 2, 4], min_samples_split = [2, 30] } } }"#;

/// A study of these classifiers that tests on the last rows.
fn study(classifiers: &[&str]) -> String {
    format!(
        "name = 'search'\nseed = 5\n[data]\npath = 'data.csv'\n[protocol]\nkind = 'time-ordered'\ncolumn = 'time'\ntest = 0.3\n\
         [grid]\nclassifiers = [{}]\n",
        classifiers.join(", ")
    )
}

/// A grid of six trees, or the same space searched otherwise.
fn tree(name: &str, kind: &str) -> String {
    TREE.replace("NAME", name).replace("KIND", kind)
}

/// [`csv`] with a first column that counts the rows; from row `poisoned` on, features and labels are made up anew.
fn timed(rows: usize, poisoned: usize) -> String {
    let mut text = String::from("time,a,b,label\n");
    for (i, line) in csv(rows).lines().skip(1).enumerate() {
        match i >= poisoned {
            true => writeln!(text, "{i},{},{},{}", i % 5, i % 11, u8::from(i % 3 == 0)).unwrap(),
            false => writeln!(text, "{i},{line}").unwrap(),
        }
    }
    text
}

fn every_search() -> Vec<String> {
    vec![
        tree("grid", "kind = 'grid'"),
        tree("random", "kind = 'random', candidates = 4"),
        tree("halving", "kind = 'halving', candidates = 6, factor = 2"),
        tree("tpe", "kind = 'tpe', candidates = 12").replace("[2, 30]", "{ low = 2, high = 60 }"),
        "{ family = 'k-neighbors', threshold = 'max-f1' }".into(),
        "{ family = 'svc', threshold = 'cost', cost = { false_negative = 10, false_positive = 1 } }".into(),
        tree("both", "kind = 'grid'").replace("search =", "threshold = 'max-mcc', search ="),
        "{ family = 'tpot', params = { population = 6, evaluations = 12, finalists = 2, negatives_per_positive = 3, families = ['decision-tree', 'adaboost'] } }".into(),
        "{ family = 'autosklearn', params = { evaluations = 18, members = 3, negatives_per_positive = 3, families = ['decision-tree', 'adaboost'] } }".into(),
        "{ family = 'xgboost', params = { n_estimators = 40, early_stopping_rounds = 3, eval_metric = 'aucpr' } }".into(),
        "{ family = 'lightgbm', threshold = 'max-f1', params = { min_child_samples = 5, early_stopping_rounds = 4 } }".into(),
    ]
}

fn details(place: &Place, out: &str) -> Vec<(String, Value)> {
    let records = place.records(out);
    assert!(records.iter().all(|r| r["outcome"] == "scored"), "{records:?}");
    let mut told: Vec<(String, Value)> =
        records.iter().map(|r| (r["classifier"].as_str().unwrap().to_owned(), r["details"].clone())).collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    told
}

#[test]
fn test_rows_change_no_choice() {
    let searches = every_search();
    let study = study(&searches.iter().map(String::as_str).collect::<Vec<_>>());
    let place = Place::new(&timed(300, 300), &study);
    place.expect(0, &["run", "study.toml", "--out", "clean"]);
    place.write("data.csv", &timed(300, 210));
    place.expect(0, &["run", "study.toml", "--out", "poisoned"]);
    place.write("data.csv", &timed(300, 150));
    place.expect(0, &["run", "study.toml", "--out", "trained-on-poison"]);
    let clean = details(&place, "clean");
    assert_eq!(clean.len(), searches.len());
    assert!(clean.iter().all(|(_, told)| told.is_object()), "{clean:?}");
    assert_eq!(clean, details(&place, "poisoned"));
    // What was poisoned would have been noticed: the scores are others, and so are choices where training rows are poisoned.
    let scores = |out: &str| place.records(out).iter().map(|r| r["metrics"].clone()).collect::<Vec<_>>();
    assert_ne!(scores("clean"), scores("poisoned"));
    for (one, other) in clean.iter().zip(details(&place, "trained-on-poison")) {
        assert_ne!(one, &other, "poisoned training rows change what is found");
    }
}

#[test]
fn the_same_choice_with_one_and_three_threads_and_again() {
    let searches = every_search();
    let study = study(&searches.iter().map(String::as_str).collect::<Vec<_>>());
    let place = Place::new(&timed(260, 260), &study);
    place.expect(0, &["run", "study.toml", "--out", "one", "--threads", "1"]);
    place.expect(0, &["run", "study.toml", "--out", "wide", "--threads", "3", "--cell-threads", "3"]);
    assert_eq!(place.records("one"), place.records("wide"));
}

#[test]
fn search_csv_has_a_row_a_candidate_and_one_chosen_among_the_best() {
    let grid = tree("grid", "kind = 'grid'");
    let place = Place::new(&timed(300, 300), &study(&[&grid, "'prior'"]));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let mut reader = csv::Reader::from_path(place.path("out/search.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    let mean = |row: &csv::StringRecord| row[at("mean_test_score")].parse::<f64>().unwrap();
    let best = rows.iter().map(mean).fold(0.0, f64::max);
    let first = rows.iter().position(|row| mean(row) == best).unwrap();
    let chosen: Vec<usize> = (0..6).filter(|&i| &rows[i][at("chosen")] == "yes").collect();
    assert_eq!(chosen, [first]);
    for row in &rows {
        let score = |fold: usize| row[at(&format!("split{fold}_test_score"))].parse::<f64>().unwrap();
        let scores = [score(0), score(1), score(2)];
        let middle = scores.iter().sum::<f64>() / 3.0;
        assert!((middle - mean(row)).abs() < 1e-12);
        let spread = (scores.iter().map(|score| (score - middle).powi(2)).sum::<f64>() / 3.0).sqrt();
        assert!((spread - row[at("std_test_score")].parse::<f64>().unwrap()).abs() < 1e-12);
        let rank = 1 + rows.iter().filter(|other| mean(other) > mean(row)).count();
        assert_eq!(row[at("rank_test_score")], rank.to_string());
        assert_eq!((&row[at("classifier")], &row[at("rows")], &row[at("goal")]), ("grid", "210", "f1"));
        let params = format!(
            "{{\"max_depth\": {}, \"min_samples_split\": {}}}",
            &row[at("param_max_depth")],
            &row[at("param_min_samples_split")]
        );
        assert_eq!(row[at("params")], params);
        let time = |name: &str| row[at(name)].parse::<f64>().unwrap();
        assert!(time("mean_fit_time") > 0.0 && time("mean_score_time") > 0.0);
        assert!(time("std_fit_time") >= 0.0 && time("std_score_time") >= 0.0);
    }
    // Times differ from run to run, and what is told of a search does not.
    let record = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    let record: serde_json::Value =
        serde_json::from_str(record.lines().find(|l| l.contains("\"search\"")).unwrap()).unwrap();
    let seconds = record["candidate_seconds"].as_array().unwrap();
    assert_eq!(seconds.len(), record["details"]["search"]["candidates"].as_array().unwrap().len());
    assert!(seconds.iter().all(|one| one["fit"].as_array().unwrap().len() == 3), "{seconds:?}");
    assert!(record["details"]["search"]["candidates"][0].get("seconds").is_none());
    assert!(place.path("out/charts/search-grid.svg").exists());
    place.expect(0, &["run", "study.toml", "--out", "prior", "--filter", "family=prior"]);
    assert!(!place.path("prior/search.csv").exists());
    assert!(!place.path("prior/charts/search-grid.svg").exists());
}

#[test]
fn what_was_chosen_is_a_file_with_python_code_and_a_section_of_the_report() {
    let (grid, cut) = (
        tree("grid", "kind = 'grid'"),
        tree("both", "kind = 'grid'").replace("search =", "threshold = 'max-mcc', search ="),
    );
    let early = "{ family = 'xgboost', params = { n_estimators = 40, max_depth = 3, early_stopping_rounds = 3, eval_metric = 'aucpr' } }";
    let ours = "{ family = 'tpot', params = { population = 6, evaluations = 12, finalists = 2, negatives_per_positive = 3, families = ['decision-tree'] } }";
    let text = study(&["'prior'", &grid, &cut, early, ours])
        .replace("[grid]", "[grid]\nscalers = ['standard']\nresamplers = ['smote']");
    let place = Place::new(&timed(300, 300), &text);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let file: Value = serde_json::from_slice(&std::fs::read(place.path("out/best_params.json")).unwrap()).unwrap();
    let told = details(&place, "out");
    let of = |name: &str| {
        let pipelines = file["pipelines"].as_array().unwrap();
        assert_eq!(pipelines.len(), 4);
        let typical = &pipelines.iter().find(|it| it["classifier"] == name).unwrap()["typical"];
        (typical.clone(), told.iter().find(|(known, _)| known == name).unwrap().1.clone())
    };
    let code = |typical: &Value| typical["python"].as_str().unwrap_or_else(|| panic!("{typical}")).to_owned();
    let (typical, details) = of("grid");
    assert_eq!(typical["params"], details["search"]["chosen"]);
    let depth = &typical["params"]["max_depth"];
    let said = code(&typical);
    for wanted in [
        "from imblearn.pipeline import Pipeline\n",
        "from imblearn.over_sampling import SMOTE\n",
        "from sklearn.preprocessing import StandardScaler\n",
        "    (\"scaler\", StandardScaler()),\n    (\"classifier\", DecisionTreeClassifier(random_state=1, ",
        &format!("max_depth={depth}"),
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert_eq!((&typical["chosen_in_folds"], &typical["best_iteration"]), (&Value::from(1), &Value::Null));
    let (typical, _) = of("both");
    assert!(typical["threshold"].is_f64(), "{typical}");
    let said = code(&typical);
    for wanted in [
        "from sklearn.model_selection import FixedThresholdClassifier\n",
        "# The threshold was tuned on inner folds of the training rows",
        "\nmodel = FixedThresholdClassifier(Pipeline([\n",
        &format!("\n]), threshold={})\n", typical["threshold"]),
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    let (typical, details) = of("xgboost");
    let kept = &details["early_stopping"]["rounds_kept"];
    assert_eq!(&typical["boosting_rounds"], kept);
    assert_eq!(typical["best_iteration"].as_u64().unwrap() + 1, kept.as_u64().unwrap());
    let said = code(&typical);
    assert!(said.contains(&format!("XGBClassifier(n_estimators={kept}, max_depth=3)")), "{said}");
    // It is not the same estimator, and says so.
    let note = "\n# Early stopping kept these rounds, fitted without the rows that it kept out: fitted on all training rows, scores differ.\n";
    assert!(said.contains(note), "{said}");
    let about = file["about"].as_str().unwrap();
    assert!(
        about
            .contains("Where `boosting_rounds` were kept by early stopping, it has these rounds and keeps no rows out"),
        "{about}"
    );
    assert!(of("tpot").0["python_lacks"].as_str().unwrap().contains("`tpot`"), "{}", of("tpot").0);
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    let line =
        report.split("## Best parameters").nth(1).unwrap().lines().find(|line| line.starts_with("| grid (")).unwrap();
    assert!(line.contains(&format!("`max_depth = {depth}`")) && line.contains("| 1/1 | f1 0."), "{line}");
    assert!(std::fs::read_to_string(place.path("out/report.html")).unwrap().contains("Best parameters"));
}

#[test]
fn a_threshold_without_a_search_reaches_the_python_code() {
    let text = study(&[
        "{ family = 'decision-tree', name = 'fixed', params = { max_depth = 2 }, threshold = 0.1 }",
        "{ family = 'logistic-regression', name = 'tuned', threshold = 'max-f1' }",
        "{ family = 'decision-tree', name = 'calibrated', calibrate = 'sigmoid' }",
        "{ family = 'decision-tree', name = 'plain' }",
    ]);
    let place = Place::new(&timed(300, 300), &text);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let file: Value = serde_json::from_slice(&std::fs::read(place.path("out/best_params.json")).unwrap()).unwrap();
    let pipelines = file["pipelines"].as_array().unwrap();
    let names: Vec<&str> = pipelines.iter().map(|it| it["classifier"].as_str().unwrap()).collect();
    assert_eq!(names, ["fixed", "tuned", "calibrated"], "around the last one is nothing");
    let typical = |name: &str| &pipelines.iter().find(|it| it["classifier"] == name).unwrap()["typical"];
    let code = |name: &str| typical(name)["python"].as_str().unwrap_or_else(|| panic!("{}", typical(name))).to_owned();
    assert_eq!(
        (&typical("fixed")["threshold"], &typical("fixed")["params"]),
        (&Value::from(0.1), &serde_json::json!({}))
    );
    let said = code("fixed");
    assert!(said.contains("\nmodel = FixedThresholdClassifier(Pipeline([\n") && said.contains("max_depth=2"), "{said}");
    assert!(said.ends_with("\n]), threshold=0.1)\n") && !said.contains("was tuned"), "{said}");
    let found = details(&place, "out").into_iter().find(|(name, _)| name == "tuned").unwrap().1;
    let tuned = &typical("tuned")["threshold"];
    assert!(tuned.is_f64() && *tuned == found["threshold"]["value"], "{tuned} {found}");
    let said = code("tuned");
    assert!(said.contains("# The threshold was tuned on inner folds of the training rows"), "{said}");
    assert!(said.ends_with(&format!("\n]), threshold={tuned})\n")), "{said}");
    let lacks = typical("calibrated")["python_lacks"].as_str().unwrap();
    assert_eq!(lacks, "no class of Python cuts the inner folds of `time-ordered` for `calibrate`");
    // Nothing was chosen, so that no folds chose the same, and the report has no such section.
    let all = |name: &str| typical(name).as_object().unwrap();
    assert!(names.iter().all(|name| !all(name).contains_key("chosen_in_folds")), "{pipelines:?}");
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(!report.contains("Best parameters"), "{report}");
}

#[test]
fn inner_folds_that_are_too_many_are_told_with_their_key() {
    let study = |keys: &str| {
        format!(
            "name = 'few'\n[data]\npath = 'data.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 3\n[grid]\nclassifiers = \
             [{{ family = 'decision-tree', {keys} }}]\n"
        )
    };
    // Two of three positives are left to train on.
    let place = Place::new(&csv(21), "");
    let search = "search = { kind = 'grid', space = { max_depth = [1, 2] }";
    let [searched, on_fewer] = [format!("{search} }}"), format!("{search}, folds = 2 }}")];
    for (nth, (keys, fewer, key)) in [
        ("calibrate = 'isotonic'", "calibrate = 'isotonic', folds = 2", "`folds` beside `calibrate`"),
        ("threshold = 'max-f1'", "threshold = 'max-f1', folds = 2", "`folds` beside `threshold`"),
        (searched.as_str(), on_fewer.as_str(), "`folds` in `search`"),
    ]
    .into_iter()
    .enumerate()
    {
        let run = |keys: &str, code: i32| {
            let out = format!("out-{nth}-{code}");
            place.write("study.toml", &study(keys));
            place.expect(code, &["run", "study.toml", "--out", &out]);
            out
        };
        // It is known before any cell is begun, and nothing is written.
        place.write("study.toml", &study(keys));
        let said = place.expect(2, &["run", "study.toml", "--out", "refused"]);
        assert_eq!(
            said.lines().last(),
            Some(
                format!(
                    "fraudbench: study.toml: inner folds cannot be cut: data, stratified-k-fold: `decision-tree` ({key}): 3 folds need 3 \
                     rows of each class, but there are 2 positives and 12 negatives: use at most 2 folds"
                )
                .as_str()
            ),
            "{said}"
        );
        assert!(!place.path("refused").exists());
        run(fewer, 0);
    }
    let file: Value = serde_json::from_slice(&std::fs::read(place.path("out-0-0/best_params.json")).unwrap()).unwrap();
    let code = file["pipelines"][0]["folds"][0]["python"].as_str().unwrap_or_else(|| panic!("{file}"));
    assert!(code.contains("method=\"isotonic\", cv=StratifiedKFold(2, shuffle=True, random_state=42)"), "{code}");
    assert!(code.contains("\n# scikit-learn's isotonic map takes scores within 1e-15 for one"), "{code}");
}

#[test]
fn a_record_holds_the_whole_search_and_its_key_follows_it() {
    let grid = tree("grid", "kind = 'grid'");
    let key_and_params = |classifier: &str| {
        let place = Place::new(&timed(120, 120), &study(&[classifier]));
        place.expect(0, &["run", "study.toml", "--out", "out"]);
        let record = place.records("out").swap_remove(0);
        (record["key"].as_str().unwrap().to_owned(), record["classifier_facts"]["params"].clone())
    };
    let (key, params) = key_and_params(&grid);
    assert_eq!(params["params"]["random_state"], 1);
    let search = &params["search"];
    assert_eq!((&search["kind"], &search["seed"], &search["folds"]), (&"grid".into(), &42.into(), &3.into()));
    assert_eq!(search["space"]["max_depth"], serde_json::json!([1, 2, 4]));
    assert_eq!(key, key_and_params(&grid).0);
    for other in [
        grid.replace("[1, 2, 4]", "[1, 2, 5]"),
        grid.replace("goal = \"f1\"", "goal = \"mcc\""),
        grid.replace("kind = 'grid'", "kind = 'grid', folds = 4"),
        grid.replace("search =", "threshold = 0.25, search ="),
    ] {
        assert_ne!(key, key_and_params(&other).0, "{other}");
    }
}

#[test]
fn a_threshold_moves_labels_and_leaves_scores() {
    let classifiers = [
        "{ family = 'logistic-regression', name = 'plain' }",
        "{ family = 'logistic-regression', name = 'low', threshold = 0.01 }",
        "{ family = 'logistic-regression', name = 'none', threshold = 1.5 }",
    ];
    let place = Place::new(&timed(300, 300), &study(&classifiers));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let of = |name: &str| records.iter().find(|r| r["classifier"] == name).unwrap();
    for name in ["low", "none"] {
        assert_eq!(of("plain")["metrics"]["pr-auc"], of(name)["metrics"]["pr-auc"]);
    }
    let alarms = |name: &str| {
        let counts = &of(name)["confusion"];
        counts["tp"].as_u64().unwrap() + counts["fp"].as_u64().unwrap()
    };
    assert!(alarms("low") > alarms("plain") && alarms("plain") > alarms("none"));
    assert_eq!(alarms("none"), 0);
}

#[test]
fn a_search_whose_cells_all_failed_is_refitted_by_nobody_and_it_is_said_why() {
    // Two inner folds of two folds of 120 rows.
    let far = "{ family = 'k-neighbors', search = { kind = 'grid', folds = 2, space = { n_neighbors = [5000] } } }";
    let study = format!(
        "name = 's'\n[data]\npath = 'data.csv'\nlabel = 'label'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 2\n[grid]\n\
         classifiers = ['prior', {far}]\n"
    );
    let row = |i: usize| format!("{},{}\n", i * 7919 % 400, u8::from(i % 6 == 2));
    let place = Place::new(&format!("amount,label\n{}", (0..120).map(row).collect::<String>()), &study);
    place.expect(1, &["run", "study.toml", "--out", "r"]);
    let wanted = "fraudbench: nothing is known of what the pipeline's search chooses, as its cells have no scores (fit: none of 1 candidates \
                  could be fitted and scored; the first: `n_neighbors` is 5000, but there are 30 training rows): mend that and run \
                  `fraudbench run --resume r --retry-failed`, or name another pipeline\n";
    for command in ["refit", "explain"] {
        assert_eq!(place.expect(2, &[command, "r", "classifier=k-neighbors", "--out", "m"]), wanted);
    }
    place.expect(1, &["run", "study.toml", "--out", "f", "--filter", "classifier=k-neighbors"]);
    let said = place.expect(2, &["refit", "f", "--out", "m"]);
    assert!(said.ends_with("name one, or go on with `fraudbench run --resume f --retry-failed`\n"), "{said}");
    // Where cells are still to be run, these may help.
    let records = std::fs::read_to_string(place.path("r/records.jsonl")).unwrap();
    let of = |keep: &dyn Fn(&str) -> bool| {
        let lines: String = records.lines().filter(|line| keep(line)).map(|line| format!("{line}\n")).collect();
        place.write("r/records.jsonl", &lines);
    };
    of(&|line| !(line.contains("k-neighbors") && line.contains("\"fold\":1")));
    let said = place.expect(2, &["refit", "r", "classifier=k-neighbors", "--out", "m"]);
    assert!(said.ends_with("of what its search chose: go on with `fraudbench run --resume r`\n"), "{said}");
    of(&|_| false);
    let said = place.expect(2, &["refit", "r", "--out", "m"]);
    assert!(said.ends_with("name one, or go on with `fraudbench run --resume r`\n"), "{said}");
}

#[test]
fn what_is_no_search_is_named() {
    let refused = |classifier: &str, words: &[&str]| {
        let place = Place::new(&timed(70, 70), &study(&[classifier]));
        let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
        for word in words {
            assert!(said.contains(word), "`{word}` is missing in: {said}");
        }
    };
    let grid = tree("grid", "kind = 'grid'");
    refused(&grid.replace("'grid'", "'gird'"), &["grid.classifiers", "search", "did you mean `grid`"]);
    refused(&grid.replace("goal =", "gaol ="), &["unknown key of a `grid` search `gaol`", "did you mean `goal`"]);
    refused(&grid.replace("\"f1\"", "\"f3\""), &["goal", "did you mean `f2`"]);
    refused(&grid.replace("max_depth", "max_dept"), &["decision-tree", "did you mean `max_depth`"]);
    refused(&grid.replace("[1, 2, 4]", "[1, 0]"), &["`max_depth` must be at least 1"]);
    refused(&grid.replace("[1, 2, 4]", "{ low = 1, high = 4 }"), &["max_depth", "a grid needs a list of values"]);
    refused(
        &grid.replace("space = { max_depth", "space = { random_state"),
        &["`random_state` is in `params` and in `space`"],
    );
    refused(&grid.replace("kind = 'grid'", "kind = 'grid', candidates = 3"), &["unknown key", "`candidates`"]);
    refused("{ family = 'prior', threshold = 'max-f2' }", &["did you mean `max-f1`"]);
    refused("{ family = 'prior', threshold = 'cost' }", &["needs `cost = {"]);
    refused("{ family = 'prior', threshold = 0.5, cost = { false_negative = 1 } }", &["goes with `threshold"]);
    refused("{ family = 'tpot', params = { families = ['xgbost'] } }", &["tpot", "did you mean `xgboost`"]);
    refused("{ family = 'autosklearn', params = { goal = 'pr-acu' } }", &["autosklearn", "did you mean `pr-auc`"]);
}

#[test]
fn stages_of_a_cascade_are_told_whatever_is_around_it() {
    let cascade = |name: &str, params: &str, around: &str| {
        format!(
            "{{ family = 'cascade', name = '{name}', params = {{ stages = ['gaussian-nb', {{ family = 'decision-tree', params = {{ \
             max_depth = 3, random_state = 1 }} }}], check_cost = 2.0 {params} }} {around} }}"
        )
    };
    let missed = ", max_missed = 0.2";
    let all = [
        cascade("plain", missed, ""),
        cascade("fixed", missed, ", threshold = 1.5"),
        cascade("tuned", missed, ", threshold = 'max-f1'"),
        cascade("mapped", missed, ", calibrate = 'isotonic'"),
        cascade("both", missed, ", calibrate = 'sigmoid', threshold = 'max-f1'"),
        cascade("found", "", ", search = { kind = 'grid', space = { max_missed = [0.2] } }"),
    ];
    let text = study(&all.each_ref().map(String::as_str));
    let by_time = "kind = 'time-ordered'\ncolumn = 'time'\n";
    let place = Place::new(&csv(300), &text.replacen(by_time, "kind = 'hold-out'\n", 1));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let plain = records.iter().find(|record| record["classifier"] == "plain").unwrap()["sieves"].clone();
    assert_eq!(plain.as_array().map(Vec::len), Some(2), "{plain}");
    // All rows reach the first stage, and the second those that the first has left.
    assert_eq!((&plain[0]["rows"], &plain[1]["rows"]), (&Value::from(90), &plain[0]["left_rows"]));
    assert_eq!(records.len(), all.len());
    for record in &records {
        assert_eq!(record["sieves"], plain, "{}: it is the same model", record["classifier"]);
    }
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert_eq!(report.matches("1 gaussian-nb").count(), all.len(), "{report}");
    assert_eq!(report.matches(" per fold, 2 per row").count(), all.len(), "{report}");
    assert!(report.contains("Where a cascade has `threshold` or `calibrate`, that decides its alarms"), "{report}");
}
