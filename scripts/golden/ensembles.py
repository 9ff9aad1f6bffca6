"""Writes tests/golden/data/ensembles/*.json: scikit-learn's and imbalanced-learn's ensembles on small hard data sets."""

import json
import warnings
from pathlib import Path

import imblearn
import numpy as np
import sklearn
from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from trees import data

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "ensembles"
FAMILIES = {
    "decision-tree": DecisionTreeClassifier,
    "random-forest": RandomForestClassifier,
    "extra-trees": ExtraTreesClassifier,
    "adaboost": AdaBoostClassifier,
    "k-neighbors": KNeighborsClassifier,
    "gaussian-nb": GaussianNB,
    "logistic-regression": LogisticRegression,
    "svc": SVC,
    "bagging": BaggingClassifier,
    "balanced-bagging": BalancedBaggingClassifier,
    "balanced-random-forest": BalancedRandomForestClassifier,
    "easy-ensemble": EasyEnsembleClassifier,
    "rus-boost": RUSBoostClassifier,
    "voting": VotingClassifier,
    "stacking": StackingClassifier,
}


def member(family, **params):
    """A member as a study writes it."""
    return {"family": family, "params": params}


TREE = member("decision-tree", max_depth=3, min_samples_leaf=2)
CASES = {
    "balanced-bagging": [
        {},
        {"estimator": TREE, "n_estimators": 6, "replacement": True},
        {"estimator": member("decision-tree", max_features="sqrt"), "max_samples": 0.8, "max_features": 0.6},
        {"estimator": member("k-neighbors", n_neighbors=2), "n_estimators": 4, "bootstrap": False, "max_samples": 0.7},
        {"estimator": member("adaboost", n_estimators=6), "n_estimators": 3, "bootstrap_features": True},
        {"estimator": member("random-forest", n_estimators=3), "n_estimators": 3, "sampling_strategy": "all", "replacement": True},
        {"estimator": "gaussian-nb", "n_estimators": 4, "sampling_strategy": "majority"},
        {"estimator": member("svc", C=0.5), "n_estimators": 5},
        {"estimator": member("extra-trees", n_estimators=2), "n_estimators": 3},
        {"estimator": member("easy-ensemble", n_estimators=2, estimator=member("adaboost", n_estimators=3)), "n_estimators": 2},
    ],
    "balanced-random-forest": [
        {"n_estimators": 12},
        {"n_estimators": 6, "sampling_strategy": "auto", "replacement": False, "bootstrap": True},
        {"n_estimators": 6, "sampling_strategy": "not-minority", "max_features": 0.7, "criterion": "entropy"},
        {"n_estimators": 6, "min_samples_leaf": 3, "max_depth": 4},
        {"n_estimators": 5, "bootstrap": True, "max_samples": 15, "class_weight": "balanced"},
    ],
    "easy-ensemble": [
        {},
        {"n_estimators": 4, "replacement": True, "sampling_strategy": "all"},
        {"n_estimators": 4, "estimator": member("adaboost", n_estimators=9, learning_rate=0.4)},
        {"n_estimators": 5, "estimator": TREE},
        {"n_estimators": 5, "estimator": member("logistic-regression", tol=1e-10, max_iter=5000)},
    ],
}
CASES["bagging"] = [
    {},
    {"estimator": TREE, "n_estimators": 6, "bootstrap": False, "max_samples": 0.6},
    # Some of these bags have rows of one class only.
    {"n_estimators": 8, "max_samples": 25, "max_features": 0.5},
    {"n_estimators": 5, "bootstrap_features": True, "estimator": member("decision-tree", max_features="sqrt", criterion="entropy")},
    {"estimator": member("k-neighbors", n_neighbors=3), "n_estimators": 5, "max_samples": 30, "bootstrap": False},
    {"estimator": member("decision-tree", class_weight="balanced", max_depth=2), "n_estimators": 3, "max_samples": 1.0},
]
CASES["rus-boost"] = [
    {"n_estimators": 12},
    {"n_estimators": 20, "learning_rate": 0.3, "replacement": True, "sampling_strategy": "all"},
    {"n_estimators": 8, "estimator": TREE},
    {"n_estimators": 6, "estimator": member("decision-tree", max_depth=2, criterion="entropy", max_features=3)},
]
LOGISTIC = member("logistic-regression", tol=1e-10, max_iter=5000)
SOME = [member("decision-tree", max_depth=4, random_state=3), "gaussian-nb", LOGISTIC]
CASES["voting"] = [
    {"estimators": SOME},
    {"estimators": [*SOME, member("svc", C=0.7)], "weights": [1.0, 2.0, 0.5, 1.5]},
    {"estimators": SOME, "voting": "soft"},
    {"estimators": [*SOME, member("random-forest", n_estimators=4, random_state=1)], "voting": "soft", "weights": [2.0, 0.0, 1.0, 1.0]},
]
# Nearest neighbours are left out here: which of equally far ones counts is open, and these data have repeated rows.
EXACT = [member("decision-tree", max_depth=4, random_state=3), member("random-forest", n_estimators=3, random_state=4)]
CASES["stacking"] = [
    {"estimators": [*EXACT, "gaussian-nb"], "final_estimator": LOGISTIC},
    {"estimators": [EXACT[0], member("svc", C=0.7, tol=1e-9)], "final_estimator": LOGISTIC},
    {"estimators": EXACT, "final_estimator": member("decision-tree", max_depth=3, random_state=5), "cv": 3, "passthrough": True},
]
# A ratio of the classes fits data sets that are rarer than it.
RATIO = {
    "balanced-bagging": {"estimator": TREE, "n_estimators": 4, "sampling_strategy": 0.5},
    "balanced-random-forest": {"n_estimators": 5, "sampling_strategy": 0.4, "replacement": True},
    "easy-ensemble": {"n_estimators": 3, "sampling_strategy": 0.5},
    "rus-boost": {"n_estimators": 9, "sampling_strategy": 0.5},
}
# Listed last, so that the other cases keep their seeds.
BOOSTED = [
    {"n_estimators": 8, "estimator": TREE},
    {"n_estimators": 6, "learning_rate": 0.5, "estimator": member("decision-tree", max_depth=2, criterion="entropy", max_features=3)},
    {"n_estimators": 5, "estimator": member("decision-tree", max_leaf_nodes=5)},
    {"n_estimators": 9, "estimator": member("decision-tree", max_depth=1)},
]
# Listed last too: class weights without draws, whose sums decide between columns that cut equally well.
WEIGHTED = [
    {"n_estimators": 6, "class_weight": "balanced"},
    {"n_estimators": 6, "class_weight": "balanced_subsample", "max_depth": 4},
    {"n_estimators": 6, "class_weight": "balanced_subsample", "bootstrap": True, "criterion": "entropy"},
]


def build(spec):
    """The estimator that a study's component stands for."""
    if isinstance(spec, str):
        return FAMILIES[spec]()
    params = {key: value for key, value in spec.get("params", {}).items()}
    for one in ("estimator", "final_estimator"):
        if one in params:
            params[one] = build(params[one])
    if "estimators" in params:
        params["estimators"] = [(f"member {i}", build(one)) for i, one in enumerate(params["estimators"])]
    if "sampling_strategy" in params and isinstance(params["sampling_strategy"], str):
        params["sampling_strategy"] = params["sampling_strategy"].replace("-", " ")
    return FAMILIES[spec["family"]](**params)


def score(model, asked):
    """The probability of the positive class; of a vote by labels the share of votes."""
    if getattr(model, "voting", None) == "hard":
        return np.average(model.transform(asked), axis=1, weights=model.weights)
    return model.predict_proba(asked)[:, list(model.classes_).index(1)]


def case(family, params, seed, x, y, asked):
    """Fits and says what came out."""
    if family not in ("voting", "stacking"):
        params = {"random_state": seed, **params}
    try:
        model = build({"family": family, "params": params}).fit(x, y)
    except ValueError as e:
        assert "worse than random" in str(e)
        return {"family": family, "params": params, "refused": "worse than random", "score": [], "label": []}
    return {
        "family": family,
        "params": params,
        "score": score(model, asked).tolist(),
        "label": model.predict(asked).tolist(),
    }


def main():
    """One file a data set."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    sets = [
        data("one-in-a-hundred", 700, 5, 7, 1),
        data("tenth", 260, 6, 26, 2),
        data("half", 150, 5, 75, 3),
        data("mostly-positive", 160, 5, 141, 4),
    ]
    for name, x, y in sets:
        rng = np.random.RandomState(9)
        asked = x[rng.randint(0, len(x), 40)] + np.round(rng.normal(size=(40, x.shape[1])), 1)
        listed = [(family, params) for family, many in CASES.items() for params in many]
        if name in ("one-in-a-hundred", "tenth"):
            listed += list(RATIO.items())
        listed += [("adaboost", params) for params in BOOSTED]
        listed += [("balanced-random-forest", params) for params in WEIGHTED]
        cases = [case(family, params, 11 + i, x, y, asked) for i, (family, params) in enumerate(listed)]
        content = {"sklearn": sklearn.__version__, "imblearn": imblearn.__version__, "x": x.tolist(), "y": y.tolist()}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "asked": asked.tolist(), "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
