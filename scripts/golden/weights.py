"""Writes tests/golden/data/weights.json: what rows that weigh differently make of each family that takes `sample_weight`."""

import json
import warnings
from pathlib import Path

import ensembles
import numpy as np
from lightgbm import LGBMClassifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest
from sklearn.linear_model import LinearRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB
from sklearn.svm import LinearSVC
from trees import data
from xgboost import XGBClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "weights.json"
member = ensembles.member
ensembles.FAMILIES |= {
    "prior": DummyClassifier,
    "lda": LinearDiscriminantAnalysis,
    "xgboost": XGBClassifier,
    "lightgbm": LGBMClassifier,
    "ridge": RidgeClassifier,
    "sgd": SGDClassifier,
    "linear-svc": LinearSVC,
    "bernoulli-nb": BernoulliNB,
    "complement-nb": ComplementNB,
    "hist-gradient-boosting": HistGradientBoostingClassifier,
    "isolation-forest": IsolationForest,
    "linear-regression": LinearRegression,
}
# Where a solver would stop short of the optimum that it is after: beside the parameters that ours is given.
TO_THE_END = {
    "logistic-regression": {"solver": "newton-cholesky", "tol": 1e-11, "max_iter": 100_000},
    "linear-svc": {"tol": 1e-12, "max_iter": 1_000_000},
    "svc": {"tol": 1e-10},
}
# And whose columns are scaled, as they would not come to it otherwise.
SCALED = ("logistic-regression", "linear-svc", "svc", "sgd")
LOGISTIC = member("logistic-regression", C=0.1, tol=1e-11, max_iter=100_000)
BALANCED = {"class_weight": "balanced"}
GIVEN = {"class_weight": {"0": 1.0, "1": 3.5}}
TREE = member("decision-tree", max_depth=3, random_state=2)
CASES = [
    ("prior", {}),
    ("decision-tree", {"random_state": 1}),
    ("decision-tree", {"random_state": 2, "max_depth": 4, "min_samples_leaf": 3, "criterion": "entropy"}),
    ("decision-tree", {"random_state": 3, "max_features": 2, "class_weight": "balanced"}),
    ("gaussian-nb", {}),
    ("xgboost", {"n_estimators": 8, "random_state": 1}),
    ("lightgbm", {"n_estimators": 8, "random_state": 1, "min_child_samples": 3, "verbose": -1, "num_threads": 1}),
    ("bagging", {"random_state": 4, "n_estimators": 4}),
    ("bagging", {"random_state": 5, "n_estimators": 4, "bootstrap": False, "max_samples": 60, "estimator": "lda"}),
    ("bagging", {"random_state": 6, "n_estimators": 4, "max_samples": 0.5, "estimator": "gaussian-nb"}),
    ("rus-boost", {"random_state": 7, "n_estimators": 8, "estimator": member("decision-tree", max_depth=3), "sampling_strategy": 0.5}),
    ("voting", {"estimators": [TREE, "gaussian-nb"], "voting": "soft"}),
    ("stacking", {"estimators": [TREE, "gaussian-nb"], "final_estimator": TREE, "cv": 4}),
    ("decision-tree", {"random_state": 4, "splitter": "random", "max_depth": 6}),
    ("decision-tree", {"random_state": 5, "splitter": "random", "min_samples_leaf": 2, "criterion": "entropy", **BALANCED}),
    ("decision-tree", {"random_state": 6, "splitter": "random", "max_leaf_nodes": 9, "min_weight_fraction_leaf": 0.02}),
    ("random-forest", {"random_state": 1, "n_estimators": 5}),
    ("random-forest", {"random_state": 2, "n_estimators": 5, "max_samples": 0.4, **BALANCED}),
    ("random-forest", {"random_state": 3, "n_estimators": 5, "class_weight": "balanced_subsample", "min_samples_leaf": 2}),
    ("random-forest", {"random_state": 4, "n_estimators": 4, "bootstrap": False, "max_features": 3}),
    ("random-forest", {"random_state": 5, "n_estimators": 4, "bootstrap": False, "max_features": 2, **BALANCED}),
    ("random-forest", {"random_state": 6, "n_estimators": 4, "max_samples": 90, "criterion": "log_loss", **GIVEN}),
    ("extra-trees", {"random_state": 1, "n_estimators": 5}),
    ("extra-trees", {"random_state": 2, "n_estimators": 5, "max_depth": 5, **BALANCED}),
    ("extra-trees", {"random_state": 3, "n_estimators": 5, "bootstrap": True, "class_weight": "balanced_subsample"}),
    ("extra-trees", {"random_state": 4, "n_estimators": 5, "bootstrap": True, "max_samples": 0.5, **GIVEN}),
    ("adaboost", {"random_state": 1, "n_estimators": 10}),
    ("adaboost", {"random_state": 2, "n_estimators": 6, "learning_rate": 0.4, "estimator": member("decision-tree", max_depth=2)}),
    ("logistic-regression", {"C": 0.7}),
    ("logistic-regression", {"C": 0.05, "fit_intercept": False, **BALANCED}),
    ("logistic-regression", {"C": 0.3, "solver": "liblinear", **BALANCED}),
    ("logistic-regression", {"C": 0.2, "solver": "saga", "l1_ratio": 0.4, **GIVEN}),
    ("ridge", {"alpha": 2.0}),
    ("ridge", {"alpha": 0.3, **BALANCED}),
    ("ridge", {"alpha": 5.0, "fit_intercept": False, **GIVEN}),
    ("linear-svc", {"C": 0.2}),
    ("linear-svc", {"C": 0.1, "intercept_scaling": 2.0, **BALANCED}),
    # Of the settings that were tried on these columns, those in which liblinear comes to the optimum of the hinge loss.
    ("linear-svc", {"C": 0.003, "loss": "hinge", "max_iter": 3_000, "tol": 1e-9}),
    ("linear-svc", {"C": 0.001, "loss": "hinge", "max_iter": 3_000, "tol": 1e-9, **GIVEN}),
    ("linear-svc", {"C": 0.1, "penalty": "l1", "dual": False, **BALANCED}),
    ("sgd", {"random_state": 1}),
    ("sgd", {"random_state": 2, "loss": "log_loss", "average": True, **BALANCED}),
    ("sgd", {"random_state": 3, "alpha": 0.01, "early_stopping": True, "penalty": "elasticnet", **GIVEN}),
    ("svc", {"C": 0.8, "tol": 1e-8}),
    ("svc", {"C": 0.02, "kernel": "linear", "tol": 1e-8, **BALANCED}),
    ("svc", {"C": 2.0, "gamma": 0.02, "tol": 1e-8, **GIVEN}),
    ("bernoulli-nb", {"alpha": 0.3, "binarize": 0.4}),
    ("bernoulli-nb", {"fit_prior": False}),
    ("complement-nb", {}),
    ("complement-nb", {"alpha": 0.2, "norm": True}),
    ("hist-gradient-boosting", {"random_state": 1, "max_iter": 12, "max_bins": 12}),
    ("hist-gradient-boosting", {"random_state": 2, "max_iter": 12, "min_samples_leaf": 4, "max_features": 0.5, **BALANCED}),
    ("hist-gradient-boosting", {"random_state": 3, "max_iter": 40, "early_stopping": True, "n_iter_no_change": 3, **GIVEN}),
    ("balanced-random-forest", {"random_state": 1, "n_estimators": 5}),
    ("balanced-random-forest", {"random_state": 2, "n_estimators": 5, **BALANCED}),
    ("balanced-random-forest", {"random_state": 3, "n_estimators": 5, "bootstrap": True, "max_samples": 0.2, **GIVEN}),
    ("balanced-random-forest", {"random_state": 4, "n_estimators": 5, "bootstrap": True, "class_weight": "balanced_subsample"}),
    ("voting", {"estimators": [TREE, LOGISTIC], "voting": "soft"}),
    ("isolation-forest", {"random_state": 1, "n_estimators": 20, "max_samples": 100}),
    ("isolation-forest", {"random_state": 2, "n_estimators": 20, "max_samples": 40, "contamination": 0.1}),
    ("isolation-forest", {"random_state": 3, "n_estimators": 20, "max_samples": 0.6, "bootstrap": True, "max_features": 3}),
    ("linear-regression", {}),
    ("linear-regression", {"fit_intercept": False}),
]
OURS_ALONE = ("verbose", "num_threads")


def said(model, family, rows):
    """Scores and labels as they are here."""
    if family == "isolation-forest":
        return -model.score_samples(rows), (model.predict(rows) == -1).astype(int)
    if family == "linear-regression":
        return model.predict(rows), (model.predict(rows) > 0.5).astype(int)
    has_probabilities = hasattr(model, "predict_proba") and family != "svc"
    return model.predict_proba(rows)[:, 1] if has_probabilities else model.decision_function(rows), model.predict(rows)


def main():
    """Weights of 0, whole ones and fractions."""
    warnings.simplefilter("ignore")
    _, x, y = data("weights", 300, 6, 40, 6)
    rng = np.random.RandomState(3)
    weights = {
        "whole": rng.randint(0, 4, len(y)).astype(float),
        "fractions": np.where(rng.rand(len(y)) < 0.15, 0.0, np.round(rng.exponential(size=len(y)), 3)),
    }
    asked = x[rng.randint(0, len(x), 40)] + np.round(rng.normal(size=(40, x.shape[1])), 1)
    # Powers of two, so that the quotients are exact.
    spread = 2.0 ** np.round(np.log2(x.std(axis=0) + 0.1))
    middle = np.round((x / spread).mean(axis=0))
    cases = []
    for name, weight in weights.items():
        for family, params in CASES:
            shown = {key: value for key, value in params.items() if key not in OURS_ALONE}
            own = dict(params)
            if isinstance(own.get("class_weight"), dict):
                own["class_weight"] = {int(label): value for label, value in own["class_weight"].items()}
            rows, asked_rows = (np.abs(x), np.abs(asked)) if family == "complement-nb" else (x, asked)
            if family in SCALED:
                rows, asked_rows = rows / spread, asked_rows / spread
            if params.get("loss") == "hinge":
                rows, asked_rows = rows - middle, asked_rows - middle
                own |= TO_THE_END[family]
            model = ensembles.build({"family": family, "params": TO_THE_END.get(family, {}) | own}).fit(rows, y, sample_weight=weight)
            score, label = said(model, family, asked_rows)
            made = {"scaled": family in SCALED, "centred": params.get("loss") == "hinge"}
            cases.append({"family": family, "params": shown, "weights": name, "score": score.tolist(), "label": label.tolist(), **made})
    content = {"x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "spread": spread.tolist(), "middle": middle.tolist(), "weights": {k: v.tolist() for k, v in weights.items()}}
    OUT.write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
