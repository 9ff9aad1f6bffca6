"""Writes tests/golden/data/networks.json: what rows that weigh differently make of scikit-learn's MLPClassifier."""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "networks.json"
CASES = [
    {"random_state": 1, "hidden_layer_sizes": [9, 5], "batch_size": 32, "max_iter": 12},
    {"random_state": 2, "hidden_layer_sizes": [7], "solver": "sgd", "learning_rate_init": 0.05, "alpha": 0.1, "max_iter": 15, "activation": "tanh"},
    {"random_state": 3, "hidden_layer_sizes": [6], "early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 4, "max_iter": 60,
     "learning_rate_init": 0.02},
    {"random_state": 4, "hidden_layer_sizes": [5], "solver": "lbfgs", "max_iter": 15, "alpha": 1.0},
]


def main():
    """Weights of 0, whole ones and fractions."""
    warnings.simplefilter("ignore")
    rng = np.random.RandomState(8)
    y = (rng.rand(120) < 0.3).astype(int)
    x = np.round(rng.normal(size=(120, 5)) + 0.8 * y[:, None], 2)
    weight = np.where(rng.rand(120) < 0.1, 0.0, np.round(rng.exponential(size=120), 2))
    asked = np.round(rng.normal(size=(25, 5)), 2)
    cases = []
    for params in CASES:
        model = MLPClassifier(**params).fit(x, y, sample_weight=weight)
        cases.append({"params": params, "score": model.predict_proba(asked)[:, 1].tolist(), "label": model.predict(asked).tolist()})
    content = {"x": x.tolist(), "y": y.tolist(), "weight": weight.tolist(), "asked": asked.tolist(), "cases": cases}
    OUT.write_text(json.dumps(content) + "\n")


main()
