"""Writes tests/golden/data/differential/*.json: the peers' answers to twelve drawn settings of every family on awkward tables."""

import json
import warnings
from pathlib import Path

import ensembles
import numpy as np
import sklearn
from awkward import tables
from imblearn.ensemble import BalancedBaggingClassifier, BalancedRandomForestClassifier, EasyEnsembleClassifier
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, RandomUnderSampler
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

member = ensembles.member
ensembles.FAMILIES["bernoulli-nb"] = BernoulliNB
OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "differential"
SETTINGS = 12
# Besides, of families that take weights of rows.
WEIGHTED = 6
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

# Members of ensembles. What a study gives no seed an ensemble seeds; those that it lists have seeds of their own.
TREES = [member("decision-tree", max_depth=3), member("decision-tree", max_leaf_nodes=7, criterion="entropy", random_state=4)]
MEMBERS = [None, *TREES, "gaussian-nb", member("bernoulli-nb", binarize=0.5), member("random-forest", n_estimators=3)]
LISTS = [[TREES[1], "gaussian-nb"], [member("random-forest", n_estimators=3, random_state=1), member("bernoulli-nb", binarize=0.5)],
         [member("decision-tree", max_depth=4, random_state=2), member("extra-trees", n_estimators=3, random_state=3)]]

# Rows that a bag repeats would be neighbours of themselves, there and not here: these bags repeat none.
RESAMPLERS = {"random-oversampling": RandomOverSampler, "smote": SMOTE, "near-miss": NearMiss, "edited-nearest-neighbours": EditedNearestNeighbours,
              "random-undersampling": RandomUnderSampler}
SAMPLERS = [{"id": "random-oversampling"}, {"id": "smote", "k_neighbors": 3}, {"id": "near-miss"}, {"id": "edited-nearest-neighbours"},
            {"id": "random-undersampling"}]

# Family, its class, the values that its parameters are drawn from (none: left at the default), fixed ones of the peer alone.
FAMILIES = [
    ("logistic-regression", LogisticRegression,
     {"C": [0.02, 0.5, 1.0, 20.0], "fit_intercept": [True, False], "class_weight": [*WEIGHTS, "balanced"]},
     {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 500}),
    ("logistic-regression penalties", LogisticRegression,
     {"C": [0.2, 0.5, 4.0], "fit_intercept": [True, False], "l1_ratio": [1.0, 0.3, 0.7], "class_weight": [*WEIGHTS, "balanced"]},
     {"solver": "saga", "tol": 1e-12, "max_iter": 200_000}),
    ("decision-tree", DecisionTreeClassifier, {**TREE, "splitter": ["best", "best", "random"], "max_features": [None, "sqrt", 0.5, 3]}, {}),
    ("random-forest", RandomForestClassifier,
     {**FOREST, "bootstrap": [True, True, False], "max_samples": [None, 0.6]}, {}),
    ("extra-trees", ExtraTreesClassifier, {**FOREST, "bootstrap": [False, True]}, {}),
    ("adaboost", AdaBoostClassifier, {"n_estimators": [1, 8, 30], "learning_rate": [1.0, 0.5, 2.0], "random_state": [0]}, {}),
    ("k-neighbors", KNeighborsClassifier,
     {"n_neighbors": [1, 2, 5, 11], "weights": ["uniform", "distance"], "p": [1, 2, 3]}, {}),
    ("svc", SVC,
     {"C": [0.2, 1.0, 8.0], "gamma": ["scale", "auto", 0.05], "class_weight": [*WEIGHTS, "balanced"], "tol": [1e-9]}, {}),
    ("svc kernels", SVC,
     {"kernel": ["poly", "poly", "sigmoid"], "C": [0.2, 1.0], "gamma": ["scale", 0.05], "degree": [2, 3], "coef0": [0.0, 1.0],
      "class_weight": [*WEIGHTS, "balanced"], "tol": [1e-9]}, {}),
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
    ("balanced-bagging samplers", BalancedBaggingClassifier,
     {"sampler": SAMPLERS, "n_estimators": [3], "estimator": [None, "gaussian-nb"], "max_samples": [1.0, 0.8], "max_features": [1.0, 0.6],
      "bootstrap": [False], "random_state": [0, 1]}, {}),
    ("balanced-random-forest", BalancedRandomForestClassifier,
     {"n_estimators": [3, 6], "criterion": ["gini", "entropy"], "max_depth": [None, 3], "sampling_strategy": ["all", "auto"],
      "replacement": [True, False], "bootstrap": [False, True], "random_state": [0, 1]}, {}),
    ("easy-ensemble", EasyEnsembleClassifier, {"n_estimators": [2, 4], "replacement": [False, True], "random_state": [0, 1]}, {}),
    ("bagging", ensembles.FAMILIES["bagging"],
     {"n_estimators": [3, 6], "estimator": MEMBERS, "max_samples": [None, 0.6, 40], "max_features": [1.0, 0.6],
      "bootstrap": [True, False], "bootstrap_features": [False, True], "random_state": [0, 1]}, {}),
    ("rus-boost", ensembles.FAMILIES["rus-boost"],
     {"n_estimators": [3, 9], "estimator": [None, *TREES], "learning_rate": [1.0, 0.4], "sampling_strategy": ["auto", 1.0],
      "replacement": [False, True], "random_state": [0, 1]}, {}),
    ("voting", ensembles.FAMILIES["voting"],
     {"estimators": LISTS, "voting": ["soft", "hard"], "weights": [None, [1.0, 2.5]]}, {}),
    ("stacking", ensembles.FAMILIES["stacking"],
     {"estimators": LISTS, "final_estimator": [*TREES[1:], "gaussian-nb"], "cv": [3, 5], "passthrough": [False, True]}, {}),
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


# Row weights: whole ones with zeros among them, binary fractions, and any fractions.
SOME_WEIGHTS = {
    "whole": lambda rng, rows: rng.randint(0, 4, rows).astype(float),
    "quarters": lambda rng, rows: rng.randint(0, 9, rows) / 4,
    "any": lambda rng, rows: np.where(rng.uniform(size=rows) < 0.1, 0.0, np.round(rng.exponential(size=rows), 3)),
}
# What the peer refuses, and what is said here.
REFUSED = {
    "worse than random": "no better than guessing",
    "Fewer non-zero entries in p": "rows without replacement",
    "larger sample than population": "rows without replacement",
}
# Families that a study with weights can have; of the members of a bag some take none.
WEIGHED = ["logistic-regression", "logistic-regression penalties", "decision-tree", "random-forest", "extra-trees", "adaboost", "svc",
           "gaussian-nb", "hist-gradient-boosting", "linear-svc", "sgd", "ridge", "bernoulli-nb", "complement-nb",
           "balanced-random-forest", "bagging", "rus-boost", "voting", "stacking", "xgboost", "lightgbm"]


# Families that do not take every table: counts are not negative, and of equally far neighbours the peer's choice is open.
# Polynomials of columns on unlike scales keep libsvm busy for ever, and saga never comes to its optimum there. Nor does it where the
# penalty leaves no coefficient: it looks at these alone, and stops before the intercept is right (C below 0.2 here).
ONLY = {"complement-nb": ["halves"], "lof": ["tails"], "svc kernels": ["ties", "halves"],
        "logistic-regression penalties": ["ties", "halves"], "balanced-bagging samplers": ["tails"]}


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
    """The parameters as Python takes them: JSON knows texts as keys only, and members are made of what a study writes."""
    weights = params.get("class_weight")
    made = dict(params)
    if isinstance(weights, dict):
        made["class_weight"] = {int(label): weight for label, weight in weights.items()}
    made |= {one: ensembles.build(params[one]) for one in ("estimator", "final_estimator") if one in params}
    if "sampler" in params:
        made["sampler"] = RESAMPLERS[params["sampler"]["id"]](**{key: value for key, value in params["sampler"].items() if key != "id"})
    if "estimators" in params:
        made["estimators"] = [(f"member {i}", ensembles.build(one)) for i, one in enumerate(params["estimators"])]
    return made


def answer(model, asked):
    """Scores and labels of rows that it has not seen."""
    if isinstance(model, (IsolationForest, LocalOutlierFactor)):
        return -model.score_samples(asked), (model.predict(asked) == -1).astype(int)
    if getattr(model, "voting", None) == "hard":
        return ensembles.score(model, asked), model.predict(asked)
    if hasattr(model, "predict_proba"):
        return model.predict_proba(asked)[:, 1], model.predict(asked)
    return model.decision_function(asked), model.predict(asked)


def main():
    """One file a table: what was fitted, what was asked, and what each setting answered."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for number, (name, x, y) in enumerate(tables()):
        train, asked = np.arange(len(x)) % 4 != 1, np.arange(len(x)) % 4 == 1
        weights = {kind: make(np.random.RandomState(number), train.sum()) for kind, make in SOME_WEIGHTS.items()}
        cases = []
        for family, make, space, fixed in FAMILIES:
            if name not in ONLY.get(family, [name]):
                continue
            kinds = [None] * SETTINGS
            if family in WEIGHED:
                kinds += list(SOME_WEIGHTS) * (WEIGHTED // len(SOME_WEIGHTS))
            rng = np.random.RandomState([number, *family.encode()])
            for kind in kinds:
                params = drawn(rng, space)
                case = {"family": family.split()[0], "params": params, "score": [], "label": []}
                own = {"sample_weight": weights[kind]} if kind else {}
                case |= {"weights": kind} if kind else {}
                try:
                    model = make(**given(params), **fixed).fit(x[train], y[train], **own)
                    score, label = answer(model, x[asked])
                    case |= {"score": [float(f"{s:.12g}") for s in score], "label": label.tolist()}
                except ValueError as e:
                    case["refused"] = next((ours for theirs, ours in REFUSED.items() if theirs in str(e)), None)
                    if case["refused"] is None:
                        raise
                cases.append(case)
        content = {"sklearn": sklearn.__version__, "x": x[train].tolist(), "y": y[train].tolist(), "asked": x[asked].tolist(),
                   "weights": {kind: weight.tolist() for kind, weight in weights.items()}}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
