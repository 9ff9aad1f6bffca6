"""Writes tests/golden/data/values.json: values of parameters that are None or infinite in the libraries, and bagging on tables with so
few positives that members draw none."""

import json
import math
import warnings
from pathlib import Path

import ensembles
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from xgboost import XGBClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "values.json"
ensembles.FAMILIES |= {
    "ridge": RidgeClassifier,
    "sgd": SGDClassifier,
    "bernoulli-nb": BernoulliNB,
    "complement-nb": ComplementNB,
    "hist-gradient-boosting": HistGradientBoostingClassifier,
    "lda": LinearDiscriminantAnalysis,
    "mlp": MLPClassifier,
    "xgboost": XGBClassifier,
    "k-neighbors": KNeighborsClassifier,
    "lof": LocalOutlierFactor,
}
# Where a solver would stop short of the optimum that it is after: beside the parameters that ours is given.
TO_THE_END = {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 100_000}


def bag(family, seed=0, **params):
    return ("few", "bagging", {"random_state": seed, "estimator": {"family": family, "params": params}})


HGB = {"random_state": 3, "max_iter": 40, "min_samples_leaf": 5}
STOPS = HGB | {"early_stopping": True, "n_iter_no_change": 3, "learning_rate": 0.3}
CASES = [
    bag("ridge"),
    bag("ridge", class_weight="balanced"),
    bag("logistic-regression"),
    bag("logistic-regression", fit_intercept=False),
    bag("gaussian-nb"),
    bag("gaussian-nb", priors=[0.7, 0.3]),
    bag("bernoulli-nb", binarize=0.8),
    bag("bernoulli-nb", binarize=0.8, fit_prior=False),
    bag("complement-nb"),
    bag("hist-gradient-boosting", max_iter=3, min_samples_leaf=2),
    bag("hist-gradient-boosting", max_iter=3, min_samples_leaf=2, class_weight="balanced"),
    bag("sgd"),
    bag("decision-tree"),
    bag("bagging", n_estimators=3, estimator={"family": "gaussian-nb", "params": {}}),
    ("units", "lda", {"solver": "eigen"}),
    ("units", "lda", {"solver": "eigen", "priors": [0.3, 0.7]}),
    ("plain", "hist-gradient-boosting", HGB | {"max_leaf_nodes": "none"}),
    ("plain", "hist-gradient-boosting", STOPS | {"scoring": "none"}),
    ("plain", "hist-gradient-boosting", STOPS | {"validation_fraction": "none", "tol": 1e-2}),
    ("plain", "hist-gradient-boosting", STOPS | {"validation_fraction": "none", "scoring": "none"}),
    ("plain", "hist-gradient-boosting", STOPS | {"validation_fraction": "none", "class_weight": "balanced", "tol": 1e-2}),
    ("plain", "hist-gradient-boosting", HGB | {"early_stopping": False, "class_weight": "balanced", "scoring": "f1"}),
    ("large", "hist-gradient-boosting", STOPS | {"validation_fraction": "none", "scoring": "average_precision", "tol": 1e-2}),
    ("plain", "logistic-regression", {"C": "inf"}),
    ("plain", "logistic-regression", {"C": "inf", "class_weight": "balanced", "l1_ratio": 0.0}),
    ("plain", "logistic-regression", {"l1_ratio": "none", "C": 0.1}),
    ("plain", "bernoulli-nb", {"alpha": 0, "force_alpha": True, "binarize": 0.3}),
    ("few", "complement-nb", {"alpha": 0, "force_alpha": True}),
    ("plain", "k-neighbors", {"p": "inf", "n_neighbors": 4}),
    ("plain", "k-neighbors", {"p": "inf", "weights": "distance"}),
    ("plain", "k-neighbors", {"weights": "none"}),
    ("untied", "lof", {"p": "inf"}),
    ("plain", "mlp", {"hidden_layer_sizes": 7, "random_state": 2, "max_iter": 5}),
    ("plain", "sgd", {"l1_ratio": "none", "random_state": 2}),
    ("plain", "balanced-bagging", {"max_samples": "none", "random_state": 2, "estimator": "none", "sampler": "none"}),
    ("plain", "xgboost", {"max_depth": "none", "max_delta_step": "none", "booster": "none", "n_estimators": 5, "subsample": "none"}),
]


def data():
    r = np.random.default_rng(11)
    few = np.abs(r.normal(size=(60, 3))).round(3)
    few_y = np.zeros(60, int)
    few_y[[7, 40]] = 1
    few[few_y == 1] += 0.5
    plain = r.normal(size=(240, 4)).round(3)
    plain_y = (plain[:, 0] - plain[:, 1] * plain[:, 2] + r.normal(size=240) > 1).astype(int)
    # Of equally distant neighbours each library takes its own.
    untied = plain + r.normal(size=plain.shape) * 1e-5
    units = plain * [1.0, 1e8, 1e-6, 1e3]
    return {"few": (few, few_y), "plain": (plain, plain_y), "units": (units, plain_y), "untied": (untied, plain_y), "large": large()}


def large():
    """As tests/golden/values.rs makes it, so that it need not be stored."""
    x = [[(i * 37) % 1009, (i * i) % 257] for i in range(12_000)]
    y = [int((i * i * 17 + i // 3) % 101 < 4 + a // 100 + b // 50) for i, (a, b) in enumerate(x)]
    return np.array(x, float), np.array(y)


def python(value):
    if isinstance(value, dict):
        return {key: python(value) for key, value in value.items()}
    return {"none": None, "inf": math.inf}.get(value, value) if isinstance(value, str) else value


def estimator(family, params):
    params = python(params)
    member = params.get("estimator")
    if member is not None:
        params["estimator"] = estimator(member["family"], member["params"])
    more = TO_THE_END if family == "logistic-regression" else {}
    more = {"novelty": True} if family == "lof" else more
    return ensembles.FAMILIES[family](**params, **more)


def case(sets, name, family, params):
    x, y = sets[name]
    asked = x[:200]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = estimator(family, params).fit(x, y)
        if family == "lof":
            score, label = -model.score_samples(asked), (model.predict(asked) < 0).astype(int)
        else:
            has = hasattr(model, "predict_proba")
            score = model.predict_proba(asked)[:, 1] if has else model.decision_function(asked)
            label = model.predict(asked)
    assert np.isfinite(score).all(), (family, params)
    if params.get("early_stopping"):
        assert model.n_iter_ < params["max_iter"], (params, model.n_iter_)
    return {"data": name, "family": family, "params": params, "score": score.tolist(), "label": label.tolist()}


def main():
    sets = data()
    stored = {name: {"x": x.tolist(), "y": y.tolist()} for name, (x, y) in sets.items() if name != "large"}
    cases = [case(sets, *given) for given in CASES]
    OUT.write_text(json.dumps({"data": stored, "cases": cases}, separators=(",", ":")) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
