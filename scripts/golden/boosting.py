"""Predictions of XGBClassifier and LGBMClassifier, one thread, for tests/golden/boosting.rs.

Run with xgboost-cpu 3.2.0 and lightgbm 4.7.0: python scripts/golden/boosting.py
"""

import json
import pathlib

import lightgbm
import numpy as np
import xgboost
from imblearn.ensemble import BalancedBaggingClassifier, EasyEnsembleClassifier, RUSBoostClassifier
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.model_selection import train_test_split

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/data/boosting"


def rows(rng, count):
    """Seven columns: smooth, skewed, heavy ties, two-valued and rare, constant, large scale, noise."""
    x = np.column_stack(
        [
            rng.normal(size=count),
            rng.lognormal(sigma=1.5, size=count),
            rng.integers(0, 7, size=count),
            rng.random(count) < 0.008,
            np.full(count, 3.5),
            rng.normal(scale=4e4, size=count),
            rng.normal(size=count),
        ]
    )
    return np.array([[float(f"{value:.4f}") for value in row] for row in x])


def data():
    rng = np.random.default_rng(20)
    train = rows(rng, 1200)
    # Duplicates, also with the other label.
    train[1100:] = train[:100]
    test = rows(rng, 250)
    test[:20] = train[:20]

    def share(x):
        return 1 / (1 + np.exp(-(1.5 * x[:, 0] + 0.3 * x[:, 1] + 2.5 * x[:, 3] + 0.7 * (x[:, 2] == 2) - 3.6)))

    return train, (rng.random(len(train)) < share(train)).astype(int), test


XGBOOST = [
    {},
    {"n_estimators": 30, "scale_pos_weight": 7.5},
    {"n_estimators": 40, "max_depth": 3, "learning_rate": 0.1, "reg_alpha": 0.5, "reg_lambda": 2.0, "gamma": 0.3},
    {"n_estimators": 25, "max_bin": 16, "min_child_weight": 0.2, "max_delta_step": 1.0, "base_score": 0.5},
    {"n_estimators": 25, "subsample": 0.7, "colsample_bytree": 0.6, "colsample_bylevel": 0.8, "random_state": 7},
    {"n_estimators": 25, "subsample": 0.7, "colsample_bynode": 0.5},
    {"n_estimators": 20, "grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0, "num_parallel_tree": 2},
    {"n_estimators": 20, "tree_method": "exact"},
    {"n_estimators": 20, "tree_method": "approx"},
    {"n_estimators": 15, "booster": "dart", "rate_drop": 0.3, "skip_drop": 0.2, "random_state": 5},
    {"n_estimators": 15, "booster": "dart", "rate_drop": 0.5, "one_drop": True, "sample_type": "weighted",
     "normalize_type": "forest", "random_state": 5},
    {"n_estimators": 40, "booster": "gblinear", "reg_lambda": 0.1},
    {"n_estimators": 20, "booster": "gblinear", "updater": "coord_descent", "feature_selector": "greedy", "top_k": 3},
    {"n_estimators": 20, "objective": "binary:logitraw"},
    {"n_estimators": 20, "objective": "binary:hinge"},
    {"n_estimators": 20, "objective": "reg:logistic"},
    {"n_estimators": 20, "missing": 2.0},
    {"n_estimators": 20, "monotone_constraints": [1, -1, 0, 0, 0, 1, 0]},
    {"n_estimators": 20, "interaction_constraints": [[0, 1], [2, 3, 5]]},
]

LIGHTGBM = [
    {},
    {"n_estimators": 30, "scale_pos_weight": 7.5},
    {"n_estimators": 30, "is_unbalance": True, "max_bin": 16},
    {"n_estimators": 40, "max_depth": 3, "num_leaves": 6, "learning_rate": 0.3, "reg_alpha": 0.5, "reg_lambda": 2.0},
    {"n_estimators": 25, "min_child_samples": 3, "min_child_weight": 0.1, "min_split_gain": 0.05},
    {"n_estimators": 25, "subsample": 0.6, "subsample_freq": 2, "colsample_bytree": 0.6, "random_state": 7},
    {"n_estimators": 25, "subsample": 0.6, "subsample_freq": 1},
    {"n_estimators": 25, "subsample_for_bin": 300, "random_state": 3},
    {"n_estimators": 25, "boosting_type": "dart", "drop_rate": 0.4, "skip_drop": 0.1, "max_drop": 5, "random_state": 3},
    {"n_estimators": 25, "boosting_type": "dart", "xgboost_dart_mode": True, "uniform_drop": True, "drop_seed": 9},
    {"n_estimators": 25, "boosting_type": "goss", "top_rate": 0.3, "other_rate": 0.2, "learning_rate": 0.3, "random_state": 3},
    {"n_estimators": 15, "boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1, "random_state": 3},
    {"n_estimators": 20, "class_weight": "balanced"},
    {"n_estimators": 20, "class_weight": {"0": 1.0, "1": 7.5}},
    {"n_estimators": 20, "monotone_constraints": [1, -1, 0, 0, 0, 1, 0]},
    {"n_estimators": 20, "monotone_constraints": [1, -1, 0, 0, 0, 1, 0], "monotone_constraints_method": "advanced",
     "monotone_penalty": 1.5},
    {"n_estimators": 20, "interaction_constraints": [[0, 1], [2, 3, 5]]},
    {"n_estimators": 20, "subsample_freq": 1, "pos_bagging_fraction": 0.9, "neg_bagging_fraction": 0.3, "random_state": 3},
    {"n_estimators": 20, "feature_fraction_bynode": 0.5, "extra_trees": True, "path_smooth": 2.0, "random_state": 3},
    {"n_estimators": 20, "max_delta_step": 0.5, "min_data_in_bin": 20, "boost_from_average": False, "zero_as_missing": True},
]

# Early stopping on rows that are split off the training rows. The last ones of each use up their rounds.
XGBOOST_STOPPED = [
    {"early_stopping_rounds": 10, "random_state": 7},
    {"early_stopping_rounds": 5, "random_state": 3, "learning_rate": 0.1, "eval_metric": "aucpr", "max_depth": 3},
    {"early_stopping_rounds": 8, "random_state": 5, "eval_metric": "auc", "scale_pos_weight": 6.0, "subsample": 0.8},
    {"early_stopping_rounds": 9, "random_state": 11, "validation_fraction": 0.3, "num_parallel_tree": 2},
    {"early_stopping_rounds": 40, "random_state": 7, "n_estimators": 45},
]

LIGHTGBM_STOPPED = [
    {"early_stopping_rounds": 10, "random_state": 7},
    {"early_stopping_rounds": 5, "random_state": 3, "eval_metric": "average_precision", "max_depth": 3},
    {"early_stopping_rounds": 8, "random_state": 5, "eval_metric": "auc", "scale_pos_weight": 6.0},
    {"early_stopping_rounds": 9, "random_state": 11, "validation_fraction": 0.3, "subsample": 0.7, "subsample_freq": 1},
    {"early_stopping_rounds": 60, "random_state": 7, "n_estimators": 65},
]

# Members that draw rows or columns themselves: an ensemble gives each of them a seed, whatever `random_state` or `seed` says.
XGBOOST_MEMBER = {"family": "xgboost", "params": {"n_estimators": 6, "subsample": 0.5, "colsample_bytree": 0.6, "max_depth": 3}}
LIGHTGBM_MEMBER = {
    "family": "lightgbm",
    "params": {"n_estimators": 6, "subsample": 0.5, "subsample_freq": 1, "colsample_bytree": 0.6, "max_depth": 3},
}
# Boosting's weights are small, and so are the Hessians of the rows.
LIGHT = {"min_child_weight": 0.0001}
MEMBERS = [
    ("bagging", {"bootstrap": False, "n_estimators": 4, "random_state": 1}, XGBOOST_MEMBER),
    ("bagging", {"n_estimators": 4, "max_features": 0.6, "random_state": 2}, LIGHTGBM_MEMBER),
    ("balanced-bagging", {"n_estimators": 4, "random_state": 3}, XGBOOST_MEMBER),
    ("easy-ensemble", {"n_estimators": 4, "random_state": 4}, LIGHTGBM_MEMBER),
    ("adaboost", {"n_estimators": 4, "random_state": 5}, LIGHTGBM_MEMBER),
    ("rus-boost", {"n_estimators": 4, "random_state": 6}, XGBOOST_MEMBER),
]
ENSEMBLES = {
    "bagging": BaggingClassifier,
    "balanced-bagging": BalancedBaggingClassifier,
    "easy-ensemble": EasyEnsembleClassifier,
    "adaboost": AdaBoostClassifier,
    "rus-boost": RUSBoostClassifier,
}


def main():
    x, y, test = data()
    cases = []
    for params in XGBOOST:
        given = dict(params)
        if "monotone_constraints" in given:
            given["monotone_constraints"] = tuple(given["monotone_constraints"])
        if "interaction_constraints" in given:
            # A list is of the columns' names, which an array has not; only a text is of their places.
            given["interaction_constraints"] = str(given["interaction_constraints"])
        model = xgboost.XGBClassifier(n_jobs=1, **given).fit(x, y)
        cases.append(case("xgboost", params, model, test))
    for params in LIGHTGBM:
        given = dict(params)
        if isinstance(given.get("class_weight"), dict):
            given["class_weight"] = {int(label): weight for label, weight in given["class_weight"].items()}
        model = lightgbm.LGBMClassifier(n_jobs=1, verbose=-1, deterministic=True, force_col_wise=True, **given).fit(x, y)
        cases.append(case("lightgbm", params, model, test))
    for params in XGBOOST_STOPPED:
        cases.append(stopped_xgboost(params, x, y, test))
    for params in LIGHTGBM_STOPPED:
        cases.append(stopped_lightgbm(params, x, y, test))
    for family, params, member in MEMBERS:
        if family in ("adaboost", "rus-boost"):
            member = {**member, "params": {**member["params"], **LIGHT}}
        cases.append(ensemble(family, params, member, x, y, test))
    OUT.mkdir(parents=True, exist_ok=True)
    doc = {"x": x.tolist(), "y": y.tolist(), "test": test.tolist()}
    (OUT / "data.json").write_text(json.dumps(doc, separators=(",", ":")) + "\n")
    (OUT / "cases.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


def ensemble(family, params, member, x, y, test):
    """A case of an ensemble of such members; a study's `random_state` of a member changes nothing, as here."""
    own = member["params"]
    one = {
        "xgboost": lambda: xgboost.XGBClassifier(n_jobs=1, random_state=8, **own),
        "lightgbm": lambda: lightgbm.LGBMClassifier(
            n_jobs=1, verbose=-1, deterministic=True, force_col_wise=True, random_state=8, **own
        ),
    }[member["family"]]()
    model = ENSEMBLES[family](estimator=one, **params).fit(x, y)
    return case(family, {**params, "estimator": member}, model, test)


def parts(params, x, y):
    """The parameters that the library knows, and rows to train on and to watch."""
    rest = {"n_estimators": 100, **params}
    share, seed = rest.pop("validation_fraction", 0.1), rest["random_state"]
    return rest, train_test_split(x, y, test_size=share, stratify=y, random_state=seed)


def stopped_xgboost(params, x, y, test):
    rest, (train, kept_out, y, y_kept_out) = parts(params, x, y)
    model = xgboost.XGBClassifier(n_jobs=1, **rest).fit(train, y, eval_set=[(kept_out, y_kept_out)], verbose=False)
    trained = model.get_booster().num_boosted_rounds()
    stopped = {"best_iteration": model.best_iteration, "rounds_trained": trained, "best_value": model.best_score}
    return {**case("xgboost", params, model, test), "stopped": stopped}


def stopped_lightgbm(params, x, y, test):
    rest, (train, kept_out, y, y_kept_out) = parts(params, x, y)
    patience, metric = rest.pop("early_stopping_rounds"), rest.pop("eval_metric", "binary_logloss")
    model = lightgbm.LGBMClassifier(n_jobs=1, verbose=-1, metric=metric, **rest)
    values = {}
    watch = [lightgbm.early_stopping(patience, verbose=False), lightgbm.record_evaluation(values)]
    model.fit(train, y, eval_X=kept_out, eval_y=y_kept_out, callbacks=watch)
    (trained,) = (len(column) for column in values["valid_0"].values())
    # Python counts from 1 here.
    stopped = {
        "best_iteration": model.best_iteration_ - 1,
        "rounds_trained": trained,
        "best_value": model.best_score_["valid_0"][metric],
    }
    return {**case("lightgbm", params, model, test), "stopped": stopped}


def case(family, params, model, test):
    score = model.predict_proba(test)[:, 1]
    return {
        "family": family,
        "params": params,
        "score": [float(str(p)) for p in score],
        "label": model.predict(test).tolist(),
    }


if __name__ == "__main__":
    main()
