"""Writes tests/golden/data/weights.json: what rows that weigh differently make of each family that takes `sample_weight`."""

import json
import warnings
from pathlib import Path

import ensembles
import numpy as np
from lightgbm import LGBMClassifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from trees import data
from xgboost import XGBClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "weights.json"
ensembles.FAMILIES |= {"prior": DummyClassifier, "lda": LinearDiscriminantAnalysis, "xgboost": XGBClassifier, "lightgbm": LGBMClassifier}
member = ensembles.member
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
]
OURS_ALONE = ("verbose", "num_threads")


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
    cases = []
    for name, weight in weights.items():
        for family, params in CASES:
            # Whole weights count rows; times a class weight, rounding decides between equal cuts in another order than there.
            if name == "whole" and "class_weight" in params:
                continue
            model = ensembles.build({"family": family, "params": params}).fit(x, y, sample_weight=weight)
            shown = {key: value for key, value in params.items() if key not in OURS_ALONE}
            score = model.predict_proba(asked)[:, 1].tolist()
            cases.append({"family": family, "params": shown, "weights": name, "score": score, "label": model.predict(asked).tolist()})
    content = {"x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "weights": {k: v.tolist() for k, v in weights.items()}}
    OUT.write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
