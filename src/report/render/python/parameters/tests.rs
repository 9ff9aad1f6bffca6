use super::*;

/// What stands around a component of a table of the columns `a`, `b` and `c`, or of other columns.
fn around<'a>(registry: &'a Registry, columns: Option<&'a [ColumnShape]>) -> Around<'a> {
    Around { registry, columns, is_coded: false, seed: Some(7), stacks_otherwise: "", asked: Asked::Nothing }
}

fn abc() -> [ColumnShape; 3] {
    ["a", "b", "c"].map(|name| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false })
}

fn of<T: ?Sized>(entry: &Entry<T>, given: &Value) -> Result<Code, String> {
    let registry = Registry::built_in();
    let params = differing(given, &defaults(entry, &registry));
    arguments(entry, params, around(&registry, Some(&abc())))
}

/// The arguments of a component of these parameters, as its record has them, and what they import.
fn facts_of<T: ?Sized>(entry: &Entry<T>, study: &str) -> Code {
    let built = entry.build(&study.parse().unwrap(), &Registry::built_in());
    let params = built.map(|built| built.params).unwrap_or_else(|e| panic!("{study}: {e}"));
    of(entry, &params).unwrap_or_else(|e| panic!("{study}: {e}"))
}

fn family(id: &str) -> &'static Entry<dyn crate::component::Classifier> {
    Registry::built_in().classifier(id, None).unwrap()
}

#[test]
fn members_are_calls_of_their_classes() {
    // The seeds are those of SHA-256 over the ensemble's seed 7 and the member's place.
    for (id, study, said) in [
        (
            "adaboost",
            "n_estimators = 5\ncriterion = 'entropy'",
            "n_estimators=5, estimator=DecisionTreeClassifier(max_depth=1, criterion=\"entropy\")",
        ),
        (
            "adaboost",
            "estimator = { family = 'decision-tree', params = { max_depth = 2 } }",
            "estimator=DecisionTreeClassifier(max_depth=2)",
        ),
        ("bagging", "estimator = { id = 'gaussian-nb' }\nn_estimators = 3", "estimator=GaussianNB(), n_estimators=3"),
        (
            "easy-ensemble",
            "estimator = { family = 'adaboost', params = { criterion = 'entropy' } }",
            "estimator=AdaBoostClassifier(estimator=DecisionTreeClassifier(max_depth=1, criterion=\"entropy\"))",
        ),
        // Which of these it is decides the seeds.
        ("bagging", "estimator = 'rus-boost'", "estimator=RUSBoostClassifier(estimator=None)"),
        (
            "bagging",
            "estimator = { family = 'bagging', params = { estimator = 'decision-tree' } }",
            "estimator=BaggingClassifier(estimator=DecisionTreeClassifier())",
        ),
        (
            "balanced-bagging",
            "sampling_strategy = 0.5\nsampler = { id = 'smote', k_neighbors = 3 }",
            "sampling_strategy=0.5, sampler=SMOTE(sampling_strategy=0.5, k_neighbors=3)",
        ),
        (
            "stacking",
            "estimators = ['gaussian-nb', 'decision-tree']\nfinal_estimator = 'random-forest'",
            "estimators=[(\"0\", GaussianNB()), (\"1\", DecisionTreeClassifier(random_state=825215437))], \
             final_estimator=RandomForestClassifier(random_state=203500675)",
        ),
        (
            "voting",
            "estimators = [{ family = 'voting', params = { estimators = ['lda', 'decision-tree'] } }, 'gaussian-nb']",
            "estimators=[(\"0\", VotingClassifier(estimators=[(\"0\", LinearDiscriminantAnalysis()), (\"1\", \
             DecisionTreeClassifier(random_state=3011868943))])), (\"1\", GaussianNB())]",
        ),
    ] {
        assert_eq!(facts_of(family(id), study).text, said);
    }
    let hardness = Registry::built_in().resampler("instance-hardness-threshold").unwrap();
    let said = facts_of(hardness, "estimator = { id = 'decision-tree', max_depth = 3 }");
    assert_eq!(said.text, "estimator=DecisionTreeClassifier(max_depth=3)");
    assert_eq!(said.imports, ["from sklearn.tree import DecisionTreeClassifier"]);
}

#[test]
fn tuples_functions_and_names_are_pythons() {
    let registry = Registry::built_in();
    let scaler = |id: &str| registry.scaler(id).unwrap();
    assert_eq!(facts_of(scaler("min-max"), "feature_range = [-1, 1]").text, "feature_range=(-1.0, 1.0)");
    assert_eq!(facts_of(scaler("robust"), "quantile_range = [10, 90]").text, "quantile_range=(10.0, 90.0)");
    let said = facts_of(scaler("function"), "func = 'arcsinh'");
    assert_eq!((said.text.as_str(), said.imports), ("func=np.arcsinh", vec!["import numpy as np".to_owned()]));
    let said = facts_of(scaler("function"), "func = 'signed-log1p'");
    assert_eq!(said.text, "func=lambda x: np.sign(x) * np.log1p(np.abs(x))");
    let best = registry.select("select-k-best").unwrap();
    assert_eq!(facts_of(best, "k = 3\nn_neighbors = 5").text, "k=3");
    let said = facts_of(best, "score_func = 'chi2'\nk = 3");
    assert_eq!(said.text, "score_func=chi2, k=3");
    assert_eq!(said.imports, ["from sklearn.feature_selection import chi2"]);
    let said = facts_of(best, "score_func = 'mutual_info_classif'\nk = 3\nn_neighbors = 5");
    assert_eq!(said.text, "score_func=partial(mutual_info_classif, n_neighbors=5, random_state=0), k=3");
    assert_eq!(
        said.imports,
        ["from sklearn.feature_selection import mutual_info_classif", "from functools import partial"]
    );
    let ordinal = registry.encoder("ordinal").unwrap();
    assert_eq!(facts_of(ordinal, "unknown_value = -5").text, "unknown_value=-5");
    for (id, written, said) in [
        ("random-undersampling", "not-minority", "not minority"),
        ("smote", "not majority", "not majority"),
        ("edited-nearest-neighbours", "majority", "majority"),
    ] {
        let resampler = registry.resampler(id).unwrap();
        let text = facts_of(resampler, &format!("sampling_strategy = '{written}'")).text;
        assert_eq!(text, format!("sampling_strategy=\"{said}\""));
    }
}

#[test]
fn constraints_have_the_form_of_each_library() {
    for (id, study, said) in [
        ("xgboost", "monotone_constraints = { b = -1 }", "monotone_constraints=(0, -1, 0)"),
        ("xgboost", "monotone_constraints = [1, 0, 0]", "monotone_constraints=(1, 0, 0)"),
        ("xgboost", "interaction_constraints = [[0, 1], [2]]", "interaction_constraints=\"[[0, 1], [2]]\""),
        ("lightgbm", "monotone_constraints = { b = -1 }", "monotone_constraints=[0, -1, 0]"),
        ("lightgbm", "interaction_constraints = [[0, 1], [2]]", "interaction_constraints=[[0, 1], [2]]"),
        ("hist-gradient-boosting", "monotonic_cst = { c = 1 }", "monotonic_cst=[0, 0, 1]"),
    ] {
        assert_eq!(facts_of(family(id), study).text, said);
    }
    let registry = Registry::built_in();
    let params = json!({ "monotone_constraints": { "b": -1 } });
    let without_names = || arguments(family("lightgbm"), params.as_object().unwrap().clone(), around(&registry, None));
    assert_eq!(
        without_names().unwrap_err(),
        "`monotone_constraints` names columns, and those that Python's class gets have other places than the table's, or other \
         names"
    );
    // Each member gets columns that are drawn for it.
    let member = json!({ "family": "lightgbm", "params": { "monotone_constraints": { "b": -1 } } });
    let bag = |max_features: f64| of(family("bagging"), &json!({ "estimator": member, "max_features": max_features }));
    assert_eq!(bag(1.0).unwrap().text, "estimator=LGBMClassifier(monotone_constraints=[0, -1, 0])");
    assert!(bag(0.5).unwrap_err().starts_with("`monotone_constraints` names columns"));
}

#[test]
fn what_has_no_translation_says_why() {
    let boosted = json!({ "family": "xgboost", "params": { "early_stopping_rounds": 5, "validation_fraction": 0.2 } });
    for (id, given, said) in [
        (
            "mlp",
            json!({ "monitor": "loss", "dropout": 0.5 }),
            "no class of Python does what `dropout` and `monitor` of `mlp` do",
        ),
        ("bernoulli-nb", json!({ "binarize": -1.0 }), "scikit-learn's `BernoulliNB` takes no `binarize` below 0"),
        (
            "bagging",
            json!({ "estimator": { "id": "isolation-forest" } }),
            "`isolation-forest` is a member here, and no classifier of scikit-learn, whose ensembles take no others",
        ),
        (
            "voting",
            json!({ "estimators": ["gaussian-nb", "linear-regression"] }),
            "`linear-regression` is a member here, and no classifier of scikit-learn, whose ensembles take no others",
        ),
        (
            "voting",
            json!({ "estimators": ["rectangles"] }),
            "no class of Python is known for the classifier `rectangles`",
        ),
        (
            "bagging",
            json!({ "estimator": boosted }),
            "no class of Python stops the member `xgboost` early by rows of its own",
        ),
    ] {
        assert_eq!(of(family(id), &given).unwrap_err(), said);
    }
    let registry = Registry::built_in();
    let smote = registry.resampler("smote").unwrap();
    assert_eq!(
        of(smote, &json!({ "integer_columns": ["a"] })).unwrap_err(),
        "no class of Python does what `integer_columns` of `smote` does"
    );
    let ordinal = registry.encoder("ordinal").unwrap();
    assert_eq!(
        of(ordinal, &json!({ "unknown_value": -0.5 })).unwrap_err(),
        "Python's class of `ordinal` takes a whole number for `unknown_value`, not -0.5"
    );
}

#[test]
fn what_was_chosen_has_the_form_of_facts() {
    let registry = Registry::built_in();
    for (id, chosen, given, form) in [
        ("xgboost", json!({ "eta": 0.5 }), json!({}), json!({ "learning_rate": 0.5 })),
        (
            "logistic-regression",
            json!({ "class_weight": 5 }),
            json!({}),
            json!({ "class_weight": { "0": 1.0, "1": 5.0 } }),
        ),
        ("logistic-regression", json!({ "C": 2 }), json!({}), json!({ "C": 2 })),
        // What is refused stays as it is.
        ("logistic-regression", json!({ "C": -1 }), json!({}), json!({ "C": -1 })),
        (
            "voting",
            json!({ "voting": "soft" }),
            json!({ "estimators": ["lda", "gaussian-nb"] }),
            json!({ "voting": "soft" }),
        ),
    ] {
        let made = resolved(family(id), &given, chosen.as_object().unwrap(), &registry);
        assert_eq!(Value::from(made), form, "{id}");
    }
    let chosen = json!({ "estimator": "gaussian-nb" });
    let made = resolved(family("bagging"), &json!({}), chosen.as_object().unwrap(), &registry);
    assert_eq!(of(family("bagging"), &made.into()).unwrap().text, "estimator=GaussianNB()");
}

#[test]
fn values_are_pythons() {
    let value = json!({ "0": 1.5, "a": [true, null, "none", "x"] });
    assert_eq!(literal(&value), "{0: 1.5, \"a\": [True, None, None, \"x\"]}");
    assert_eq!(literal(&json!("inf")), "float(\"inf\")");
}

#[test]
fn classes_are_read_from_the_sources() {
    let of = |source: &str| class(source);
    assert_eq!(of("https://x.org/1.9/modules/generated/sklearn.svm.SVC.html").as_deref(), Some("sklearn.svm.SVC"));
    assert_eq!(of("https://x.io/python_api.html#xgboost.XGBClassifier").as_deref(), Some("xgboost.XGBClassifier"));
    assert_eq!(of("https://y.org/new_one.forests.Forest2.html").as_deref(), Some("new_one.forests.Forest2"));
    assert_eq!(of("https://doi.org/10.1000/182"), None);
    assert_eq!(of("https://doi.org/10.21681/2311-3456-2019-5-63-69"), None);
    assert_eq!(of("https://y.org/page.html#module-pyod.models.ecod"), None);
    assert_eq!(of("https://y.org/Chapter_5/ValidationStrategies.html"), None);
    assert_eq!(of("https://x.org/sklearn.model_selection.html"), None);
    let registry = Registry::built_in();
    // What every search has in mind first has a class.
    for family in ["logistic-regression", "random-forest", "xgboost", "lightgbm", "svc", "k-neighbors", "decision-tree"]
    {
        let entry = registry.classifier(family, None).unwrap();
        assert!(class(entry.source).is_some(), "{family}: {}", entry.source);
    }
}
