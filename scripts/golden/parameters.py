"""Writes tests/golden/data/parameters.json: names and defaults of the parameters of the libraries' estimators, family by family."""

import json
import math
from pathlib import Path

import lightgbm
import numpy as np
import xgboost
from imblearn.ensemble import BalancedBaggingClassifier, BalancedRandomForestClassifier, EasyEnsembleClassifier, RUSBoostClassifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "parameters.json"
FAMILIES = {
    "logistic-regression": LogisticRegression,
    "decision-tree": DecisionTreeClassifier,
    "random-forest": RandomForestClassifier,
    "adaboost": AdaBoostClassifier,
    "k-neighbors": KNeighborsClassifier,
    "svc": SVC,
    "gaussian-nb": GaussianNB,
    "lda": LinearDiscriminantAnalysis,
    "qda": QuadraticDiscriminantAnalysis,
    "linear-regression": LinearRegression,
    "quadratic-regression": LinearRegression,
    "extra-trees": ExtraTreesClassifier,
    "mlp": MLPClassifier,
    "hist-gradient-boosting": HistGradientBoostingClassifier,
    "isolation-forest": IsolationForest,
    "bernoulli-nb": BernoulliNB,
    "complement-nb": ComplementNB,
    "linear-svc": LinearSVC,
    "sgd": SGDClassifier,
    "ridge": RidgeClassifier,
    "lof": LocalOutlierFactor,
    "xgboost": xgboost.XGBClassifier,
    "lightgbm": lightgbm.LGBMClassifier,
    "prior": DummyClassifier,
    "bagging": BaggingClassifier,
    "balanced-bagging": BalancedBaggingClassifier,
    "balanced-random-forest": BalancedRandomForestClassifier,
    "easy-ensemble": EasyEnsembleClassifier,
    "rus-boost": RUSBoostClassifier,
    "voting": VotingClassifier,
    "stacking": StackingClassifier,
}
# They have no default here or there.
MEMBERS = {"voting": {"estimators": []}, "stacking": {"estimators": []}}


def plain(value):
    """A default as JSON has it; NaN, which stands for nothing, as null."""
    if isinstance(value, float) and math.isnan(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def resolved():
    """What XGBoost puts for the parameters that its Python class leaves open."""
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    config = json.loads(xgboost.XGBClassifier(n_estimators=1).fit(x, y).get_booster().save_config())["learner"]
    names = {"learning_rate": "learning_rate", "alpha": "reg_alpha", "lambda": "reg_lambda"}
    found = {"n_estimators": 100, "scale_pos_weight": 1.0, "eval_metric": "logloss", "booster": config["learner_train_param"]["booster"]}
    sections = [config["gradient_booster"]["gbtree_model_param"], config["gradient_booster"]["tree_train_param"], config["gradient_booster"]["gbtree_train_param"]]
    for name, text in (item for section in sections for item in section.items()):
        try:
            found[names.get(name, name)] = float(f"{float(text):.6g}")
        except ValueError:
            found[names.get(name, name)] = text
    # `auto` is another name of `hist`; empty constraints are none.
    empty = {"tree_method": "hist", "interaction_constraints": None, "monotone_constraints": None}
    return {**found, **empty}


def main():
    out = {}
    for family, make in FAMILIES.items():
        members = MEMBERS.get(family, {})
        params = {name: plain(value) for name, value in make(**members).get_params().items() if name not in members}
        if family == "stacking":
            params["cv"] = 5  # what None stands for
        if family == "xgboost":
            known = resolved()
            params = {name: known.get(name) if value is None else value for name, value in params.items()}
        out[family] = {"class": make.__name__, "params": params}
    OUT.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
