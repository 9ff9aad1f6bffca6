use serde_json::json;

use super::*;
use crate::component::InPython;

/// The code for a record of a cell with nothing but a scaler and a family, of the data set's columns `a` and `b`.
fn coded(protocol: &str, steps: [(&str, Value); 2], details: Value) -> Result<String, String> {
    coded_with(protocol, steps, details, &Map::new())
}

/// The same where a search has chosen these parameters.
fn coded_with(
    protocol: &str,
    steps: [(&str, Value); 2],
    details: Value,
    chosen: &Map<String, Value>,
) -> Result<String, String> {
    coded_behind(("none", json!({})), (protocol, steps), details, chosen)
}

/// The same behind a resampler.
fn coded_behind(
    resampler: (&str, Value),
    (protocol, [scaler, family]): (&str, [(&str, Value); 2]),
    details: Value,
    chosen: &Map<String, Value>,
) -> Result<String, String> {
    let facts = |id: &str, params: Value| json!({ "id": id, "backend": "native", "version": 1, "params": params });
    let none = || facts("none", json!({}));
    let record = json!({
        "v": 2, "key": "k", "data_set": "d", "protocol": protocol, "dedup": false, "imputer": "none", "resampler": resampler.0,
        "encoder": "native", "scaler": scaler.0, "classifier": family.0, "repeat": 0, "fold": 0, "family": family.0,
        "backend": "native", "outcome": "scored", "train_rows": 9, "train_positives": 3, "removed_rows": 0, "columns": 2,
        "test_rows": 5, "test_positives": 1, "seconds": { "resample": 0.0, "scale": 0.0, "fit": 0.0, "predict": 0.0 },
        "threads": 1, "details": details, "seed": 7, "imputer_facts": none(), "resampler_facts": facts(resampler.0, resampler.1),
        "encoder_facts": facts("native", json!({})), "scaler_facts": facts(scaler.0, scaler.1),
        "classifier_facts": facts(family.0, family.1),
    });
    let record: Record = serde_json::from_value(record).unwrap();
    let columns = ["a", "b"].map(|name| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false });
    code((&record, &columns), (&Registry::built_in(), 1), chosen, None)
}

#[test]
fn what_stops_scikit_learns_classes_early_stays() {
    let none = || ("none", json!({}));
    for (family, class) in [
        ("mlp", "MLPClassifier"),
        ("sgd", "SGDClassifier"),
        ("hist-gradient-boosting", "HistGradientBoostingClassifier"),
    ] {
        let params = json!({ "early_stopping": true, "validation_fraction": 0.4, "random_state": 3 });
        let said = coded("stratified-k-fold", [none(), (family, params)], json!({})).unwrap();
        let call = format!("{class}(early_stopping=True, validation_fraction=0.4, random_state=3)");
        assert!(said.contains(&call), "{said}");
    }
}

#[test]
fn what_a_class_lacks_may_be_chosen_at_its_default() {
    let mlp = |chosen: Value| {
        let steps = [("none", json!({})), ("mlp", json!({ "random_state": 3 }))];
        coded_with("stratified-k-fold", steps, json!({}), chosen.as_object().unwrap())
    };
    for chosen in [json!({ "alpha": 0.5, "dropout": 0 }), json!({ "alpha": 0.5, "dropout": 0.0, "class_weight": null })]
    {
        let said = mlp(chosen).unwrap();
        assert!(said.contains("MLPClassifier(random_state=3, alpha=0.5)"), "{said}");
    }
    assert_eq!(
        mlp(json!({ "alpha": 0.5, "dropout": 0.25 })).unwrap_err(),
        "no class of Python does what `dropout` of `mlp` does"
    );
}

#[test]
fn whitening_is_an_analysis_that_whitens() {
    let whitened = [("whitening", json!({})), ("gaussian-nb", json!({}))];
    let said = coded("stratified-k-fold", whitened, json!({})).unwrap();
    assert!(said.contains("    (\"scaler\", PCA(whiten=True)),\n"), "{said}");
}

#[test]
fn members_are_made_with_their_own_seeds_and_imported() {
    let params = json!({
        "estimators": [{ "family": "gaussian-nb", "params": {} }, { "family": "decision-tree", "params": {} }],
        "voting": "soft",
    });
    let said = coded("stratified-k-fold", [("none", json!({})), ("voting", params)], json!({})).unwrap();
    assert_eq!(
        said,
        "from sklearn.ensemble import VotingClassifier\nfrom sklearn.naive_bayes import GaussianNB\n\
         from sklearn.pipeline import Pipeline\nfrom sklearn.tree import DecisionTreeClassifier\n\n\
         model = Pipeline([\n    (\"classifier\", VotingClassifier(estimators=[(\"0\", GaussianNB()), \
         (\"1\", DecisionTreeClassifier(random_state=825215437))], voting=\"soft\")),\n])\n"
    );
}

#[test]
fn stacking_has_code_where_scikit_learn_cuts_its_folds_alike() {
    let stacking = || {
        let members = json!([{ "family": "gaussian-nb", "params": {} }, { "family": "lda", "params": {} }]);
        ("stacking", json!({ "estimators": members, "cv": 3 }))
    };
    let none = || ("none", json!({}));
    let said = coded("stratified-k-fold", [none(), stacking()], json!({})).unwrap();
    assert!(
        said.contains(
            "StackingClassifier(estimators=[(\"0\", GaussianNB()), (\"1\", LinearDiscriminantAnalysis())], cv=3)"
        ),
        "{said}"
    );
    assert_eq!(
        coded("time-ordered", [none(), stacking()], json!({})).unwrap_err(),
        "no class of Python cuts the inner folds of `time-ordered` for `stacking`"
    );
    assert_eq!(
        coded("stratified-k-fold", [("standard", json!({})), stacking()], json!({})).unwrap_err(),
        "scikit-learn cuts the inner folds of `stacking` behind the steps before it, which are fitted in each fold here"
    );
}

#[test]
fn a_threshold_needs_a_classifier_of_scikit_learn() {
    for family in ["linear-regression", "isolation-forest"] {
        let params = json!({ "params": {}, "threshold": { "version": 1, "rule": "fixed", "value": 0.5 } });
        let details = json!({ "threshold": { "rule": "fixed", "value": 0.5 } });
        assert_eq!(
            coded("stratified-k-fold", [("none", json!({})), (family, params)], details).unwrap_err(),
            format!("scikit-learn sets no threshold of `{family}`, which is no classifier there")
        );
    }
}

#[test]
fn what_entries_say_of_pythons_classes_is_toml_and_of_a_class() {
    fn check<T: ?Sized>(entries: &[&Entry<T>], registry: &Registry, checked: &mut usize) {
        for entry in entries.iter().filter(|entry| entry.in_python != InPython::new()) {
            assert!(class(entry.source).is_some(), "{} names no class", entry.id);
            for text in [entry.in_python.given, entry.in_python.with_categories] {
                assert!(text.parse::<toml::Table>().is_ok(), "{}: {text}", entry.id);
            }
            let all = entry.build(&toml_table(entry.least), registry).ok().unwrap().all;
            for name in entry.in_python.lacks {
                assert!(all.get(name).is_some(), "{} has no `{name}`", entry.id);
            }
            *checked += 1;
        }
    }
    let (registry, mut checked) = (Registry::built_in(), 0);
    check(registry.imputers(), &registry, &mut checked);
    check(registry.encoders(), &registry, &mut checked);
    check(registry.scalers(), &registry, &mut checked);
    check(registry.classifiers(), &registry, &mut checked);
    check(registry.resamplers(), &registry, &mut checked);
    assert!(checked >= 17, "{checked}");
}

#[test]
fn classes_that_find_outliers_are_those_that_scikit_learn_calls_no_classifiers() {
    let registry = Registry::built_in();
    let detectors = registry.classifiers().iter().filter(|entry| entry.in_python.is_outlier_detector);
    let mut classes: Vec<String> = detectors.filter_map(|entry| class(entry.source)).collect();
    classes.sort();
    assert_eq!(classes, ["sklearn.ensemble.IsolationForest", "sklearn.neighbors.LocalOutlierFactor"]);
    let regressors = registry.classifiers().iter().filter(|entry| entry.in_python.is_regressor);
    let classes: Vec<String> = regressors.filter_map(|entry| class(entry.source)).collect();
    assert_eq!(classes, ["sklearn.linear_model.LinearRegression"]);
}

#[test]
fn splits_say_themselves_whether_scikit_learn_cuts_their_inner_folds() {
    let registry = Registry::built_in();
    let inside: Vec<&str> =
        registry.splits().iter().map(|entry| entry.id).filter(|id| is_stratified_inside(id, &registry)).collect();
    assert_eq!(inside, ["stratified-k-fold", "hold-out", "stratified-shuffle", "given"]);
    assert!(!is_stratified_inside("hold-out[duplicates-across-split]", &registry));
}

#[test]
fn an_order_that_pythons_class_leaves_otherwise_is_told() {
    let behind = |resampler: &str, family: (&str, Value)| {
        let steps = ("stratified-k-fold", [("none", json!({})), family]);
        coded_behind((resampler, json!({ "random_state": 1 })), steps, json!({}), &Map::new()).unwrap()
    };
    let note = |id: &str| {
        format!(
            "# `{id}` leaves rows in the table's order and the class here in another: a family that draws rows or takes them in \
             turn learns otherwise.\n"
        )
    };
    let said = behind("random-undersampling", ("random-forest", json!({ "random_state": 3 })));
    assert!(said.contains(&format!("\n\n{}model = Pipeline([\n", note("random-undersampling"))), "{said}");
    // imbalanced-learn 0.14.2 leaves these in the table's order, and puts made rows behind them.
    for id in ["smote", "random-oversampling", "tomek-links", "neighbourhood-cleaning-rule", "adasyn"] {
        assert!(!behind(id, ("sgd", json!({}))).contains("table's order"), "{id}");
    }
    let bag = |sampler: Value| ("balanced-bagging", json!({ "sampler": sampler }));
    assert!(behind("smote", bag(json!({ "id": "near-miss" }))).contains(&note("near-miss")));
    assert!(!behind("smote", bag(json!({ "id": "tomek-links" }))).contains("table's order"));
}

#[test]
fn a_resampler_with_a_seed_for_each_inner_fold_is_not_calibrated_alike() {
    let calibrated = |resampler: &str, params: Value| {
        let calibrate = json!({ "params": {}, "calibrate": { "method": "sigmoid" } });
        let steps = ("stratified-k-fold", [("none", json!({})), ("gaussian-nb", calibrate)]);
        coded_behind((resampler, params), steps, json!({}), &Map::new())
    };
    assert_eq!(
        calibrated("smote", json!({})).unwrap_err(),
        "`smote` draws by another seed in each inner fold of `calibrate`, and by one in scikit-learn: give it a `random_state`"
    );
    assert!(calibrated("smote", json!({ "random_state": 1 })).unwrap().contains("SMOTE(random_state=1)"));
    // What draws nothing has no seed.
    assert!(calibrated("tomek-links", json!({})).unwrap().contains("TomekLinks()"));
}

#[test]
fn what_scikit_learn_asks_before_a_fit_is_written_out() {
    let cut = |family: &str, params: Value| {
        let params = json!({ "params": params, "threshold": { "version": 1, "rule": "fixed", "value": 0.5 } });
        let details = json!({ "threshold": { "rule": "fixed", "value": 0.5 } });
        coded("stratified-k-fold", [("none", json!({})), (family, params)], details)
    };
    let members = || json!([{ "family": "gaussian-nb", "params": {} }, { "family": "lda", "params": {} }]);
    let listed = "estimators=[(\"0\", GaussianNB()), (\"1\", LinearDiscriminantAnalysis())]";
    // scikit-learn 1.9.1: without it `FixedThresholdClassifier` refuses the class, which has no `predict_proba` before a fit.
    let said = cut("stacking", json!({ "estimators": members() })).unwrap();
    let stacking = format!("StackingClassifier({listed}, final_estimator=LogisticRegression(");
    assert!(said.contains(&stacking), "{said}");
    assert!(said.contains("from sklearn.linear_model import LogisticRegression\n"), "{said}");
    // `BaggingClassifier` refuses one without `predict`.
    let bag = json!({ "estimator": { "family": "stacking", "params": { "estimators": members() } } });
    let said = coded("stratified-k-fold", [("none", json!({})), ("bagging", bag)], json!({})).unwrap();
    assert!(said.contains(&format!("BaggingClassifier(estimator={stacking}")), "{said}");
    let hard = "scikit-learn's `VotingClassifier` has no scores without `voting = \"soft\"`, which a threshold cuts";
    assert_eq!(cut("voting", json!({ "estimators": members(), "voting": "hard" })).unwrap_err(), hard);
    let last = json!({ "family": "voting", "params": { "estimators": members() } });
    assert_eq!(cut("stacking", json!({ "estimators": members(), "final_estimator": last })).unwrap_err(), hard);
    assert!(cut("voting", json!({ "estimators": members(), "voting": "soft" })).is_ok());
    let bag = json!({ "estimator": { "family": "voting", "params": { "estimators": members() } } });
    assert!(cut("bagging", bag).is_ok());
}
