"""Writes tests/golden/data/differential/*.json: the peers' answers to twelve drawn settings of every family on awkward tables."""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from imblearn.ensemble import BalancedBaggingClassifier, BalancedRandomForestClassifier, EasyEnsembleClassifier
from lightgbm import LGBMClassifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (AdaBoostClassifier, ExtraTreesClassifier, HistGradientBoostingClassifier, IsolationForest,
                              RandomForestClassifier)
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "differential"
SETTINGS = 12
# Weights that are binary fractions: sums of them are exact, so that equally good cuts stay equally good on both sides.
WEIGHTS = [None, {"0": 0.5, "1": 4.0}]

TREE = {
    "criterion": ["gini", "entropy"],
    "max_depth": [None, 2, 5],
    "min_samples_split": [2, 9, 0.08],
    "min_samples_leaf": [1, 4, 0.02],
    "max_leaf_nodes": [None, None, 6],
    "min_impurity_decrease": [0.0, 0.004],
    "ccp_alpha": [0.0, 0.003],
    "class_weight": WEIGHTS,
    "random_state": [0, 1, 2],
}
FOREST = {**TREE, "n_estimators": [7], "max_features": ["sqrt", "log2", 0.5, 3]}

# Family, its class, the values that its parameters are drawn from (none: left at the default), fixed ones of the peer alone.
FAMILIES = [
    ("logistic-regression", LogisticRegression,
     {"C": [0.02, 0.5, 1.0, 20.0], "fit_intercept": [True, False], "class_weight": [*WEIGHTS, "balanced"]},
     {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 500}),
    ("decision-tree", DecisionTreeClassifier, {**TREE, "splitter": ["best", "best", "random"], "max_features": [None, "sqrt", 0.5, 3]}, {}),
    ("random-forest", RandomForestClassifier,
     {**FOREST, "bootstrap": [True, True, False], "max_samples": [None, 0.6]}, {}),
    ("extra-trees", ExtraTreesClassifier, {**FOREST, "bootstrap": [False, True]}, {}),
    ("adaboost", AdaBoostClassifier, {"n_estimators": [1, 8, 30], "learning_rate": [1.0, 0.5, 2.0], "random_state": [0]}, {}),
    ("k-neighbors", KNeighborsClassifier,
     {"n_neighbors": [1, 2, 5, 11], "weights": ["uniform", "distance"], "p": [1, 2, 3]}, {}),
    ("svc", SVC,
     {"C": [0.2, 1.0, 8.0], "gamma": ["scale", "auto", 0.05], "class_weight": [*WEIGHTS, "balanced"], "tol": [1e-9]}, {}),
    ("gaussian-nb", GaussianNB, {"var_smoothing": [1e-9, 1e-3, 0.1], "priors": [None, [0.7, 0.3], [0.99, 0.01]]}, {}),
    ("lda", LinearDiscriminantAnalysis,
     {"solver": ["svd", "lsqr"], "priors": [None, [0.6, 0.4]], "shrinkage": [None, 0.3, "auto"]}, {}),
    ("qda", QuadraticDiscriminantAnalysis, {"reg_param": [0.05, 0.2, 0.9], "priors": [None, [0.6, 0.4]]}, {}),
    ("mlp", MLPClassifier,
     {"hidden_layer_sizes": [[5], [6, 3]], "activation": ["relu", "tanh", "logistic"], "alpha": [1e-4, 0.3],
      "batch_size": [None, 32], "learning_rate_init": [0.001, 0.02], "max_iter": [12], "random_state": [0, 1]}, {}),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"max_iter": [5, 25], "learning_rate": [0.1, 0.6], "max_leaf_nodes": [31, 6], "max_depth": [None, 3],
      "min_samples_leaf": [20, 3], "l2_regularization": [0.0, 2.0], "max_bins": [255, 12], "random_state": [0]}, {}),
    ("linear-svc", LinearSVC,
     {"C": [0.05, 1.0, 6.0], "fit_intercept": [True, False], "intercept_scaling": [1.0, 3.0], "class_weight": [*WEIGHTS, "balanced"]},
     {"dual": False, "tol": 1e-10, "max_iter": 100_000}),
    ("sgd", SGDClassifier,
     {"loss": ["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"], "penalty": ["l2", "l1", "elasticnet"],
      "alpha": [1e-4, 0.02], "learning_rate": ["optimal", "constant", "invscaling", "adaptive"], "eta0": [0.01, 0.2],
      "average": [False, True], "max_iter": [15], "class_weight": WEIGHTS, "random_state": [0, 1]}, {}),
    ("ridge", RidgeClassifier,
     {"alpha": [0.01, 1.0, 30.0], "fit_intercept": [True, False], "class_weight": [*WEIGHTS, "balanced"]}, {}),
    ("bernoulli-nb", BernoulliNB, {"alpha": [1.0, 0.1], "binarize": [0.0, 0.7], "fit_prior": [True, False]}, {}),
    ("complement-nb", ComplementNB, {"alpha": [1.0, 0.1, 5.0], "norm": [False, True]}, {}),
    ("lof", LocalOutlierFactor, {"n_neighbors": [3, 8, 20], "contamination": ["auto", 0.1]}, {"novelty": True}),
    ("balanced-bagging", BalancedBaggingClassifier,
     {"n_estimators": [3, 6], "sampling_strategy": ["auto", 1.0], "replacement": [False, True], "max_samples": [1.0, 0.7],
      "max_features": [1.0, 0.6], "random_state": [0, 1]}, {}),
    ("balanced-random-forest", BalancedRandomForestClassifier,
     {"n_estimators": [3, 6], "criterion": ["gini", "entropy"], "max_depth": [None, 3], "sampling_strategy": ["all", "auto"],
      "replacement": [True, False], "bootstrap": [False, True], "random_state": [0, 1]}, {}),
    ("easy-ensemble", EasyEnsembleClassifier, {"n_estimators": [2, 4], "replacement": [False, True], "random_state": [0, 1]}, {}),
    ("isolation-forest", IsolationForest,
     {"n_estimators": [5, 20], "max_samples": ["auto", 0.4, 50], "contamination": ["auto", 0.1], "bootstrap": [False, True],
      "random_state": [0, 1]}, {}),
    ("xgboost", XGBClassifier,
     {"n_estimators": [4, 20], "max_depth": [None, 2], "learning_rate": [None, 0.7], "min_child_weight": [None, 4.0],
      "subsample": [None, 0.6], "reg_lambda": [None, 5.0], "scale_pos_weight": [None, 8.0],
      "tree_method": [None, "exact", "hist"], "random_state": [0, 3]}, {"n_jobs": 1}),
    ("lightgbm", LGBMClassifier,
     {"n_estimators": [4, 20], "num_leaves": [31, 5], "learning_rate": [0.1, 0.5], "min_child_samples": [20, 3],
      "reg_lambda": [0.0, 3.0], "subsample": [1.0, 0.7], "subsample_freq": [0, 1], "random_state": [0, 3]},
     {"n_jobs": 1, "verbose": -1, "deterministic": True, "force_row_wise": True}),
]


# Families that do not take every table: counts are not negative, and of equally far neighbours the peer's choice is open.
ONLY = {"complement-nb": ["halves"], "lof": ["tails"]}


def drawn(rng, space):
    """A value of each parameter, those left at their default left out."""
    chosen = {name: values[rng.randint(len(values))] for name, values in space.items()}
    # Shrinkage is the least squares solver's; so are rows of a bag the bag's.
    if chosen.get("solver") == "svd":
        chosen["shrinkage"] = None
    if chosen.get("bootstrap") is False and "max_samples" in space and None in space["max_samples"]:
        chosen["max_samples"] = None
    return {name: value for name, value in chosen.items() if value is not None}


def given(params):
    """The parameters as Python takes them: JSON knows texts as keys only."""
    weights = params.get("class_weight")
    if isinstance(weights, dict):
        return {**params, "class_weight": {int(label): weight for label, weight in weights.items()}}
    return params


def answer(model, asked):
    """Scores and labels of rows that it has not seen."""
    if isinstance(model, (IsolationForest, LocalOutlierFactor)):
        return -model.score_samples(asked), (model.predict(asked) == -1).astype(int)
    if hasattr(model, "predict_proba"):
        return model.predict_proba(asked)[:, 1], model.predict(asked)
    return model.decision_function(asked), model.predict(asked)


def tables():
    """Ties, repeated rows with both labels and a constant column; heavy tails on unlike scales; two-valued columns, half positive."""
    rng = np.random.RandomState(5)
    y = (np.arange(260) < 19).astype(int)[rng.permutation(260)]
    x = np.round(rng.normal(size=(260, 5)) + 0.9 * y[:, None] * [1, 0, 1, -1, 0], 1)
    x[:, 1] = -2.0
    x[:, 4] = np.floor(2 * np.abs(x[:, 4]))
    x[rng.randint(0, 260, 30)] = x[rng.randint(0, 260, 30)]
    yield "ties", x, y
    y = (np.arange(220) < 22).astype(int)[rng.permutation(220)]
    x = rng.standard_t(2, (220, 6)) * [1, 10, 0.01, 1000, 1, 0.1] + y[:, None] * [2, 5, 0, 900, 0, 0.05]
    x[:, 5] = x[:, 0] * 0.1 - 0.3 * x[:, 4]
    yield "tails", x, y
    y = (rng.uniform(size=200) < 0.47).astype(int)
    x = np.column_stack([rng.uniform(size=(200, 4)) < 0.3 + 0.25 * y[:, None], rng.poisson(2 + y[:, None], (200, 3))]).astype(float)
    yield "halves", x, y


def main():
    """One file a table: what was fitted, what was asked, and what each setting answered."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for number, (name, x, y) in enumerate(tables()):
        train, asked = np.arange(len(x)) % 4 != 1, np.arange(len(x)) % 4 == 1
        cases = []
        for family, make, space, fixed in FAMILIES:
            if name not in ONLY.get(family, [name]):
                continue
            rng = np.random.RandomState([number, *family.encode()])
            for _ in range(SETTINGS):
                params = drawn(rng, space)
                model = make(**given(params), **fixed).fit(x[train], y[train])
                score, label = answer(model, x[asked])
                cases.append({"family": family, "params": params, "score": [float(f"{s:.12g}") for s in score], "label": label.tolist()})
        content = {"sklearn": sklearn.__version__, "x": x[train].tolist(), "y": y[train].tolist(), "asked": x[asked].tolist()}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
