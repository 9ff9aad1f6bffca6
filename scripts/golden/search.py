"""Writes tests/golden/data/search/grid.json: scikit-learn's GridSearchCV on small data with few positives, ties and repeated rows."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "search"
FAMILIES = {"decision-tree": DecisionTreeClassifier, "random-forest": RandomForestClassifier}
# Our goal, scikit-learn's scorer.
SCORERS = {"pr-auc": "average_precision", "f1": "f1", "balanced-accuracy": "balanced_accuracy", "roc-auc": "roc_auc"}
CASES = [
    ("decision-tree", {"random_state": 3}, {"max_depth": [2, 4, 9], "criterion": ["gini", "entropy"]}, "pr-auc", 3, 42),
    # Depths that no tree reaches: their candidates tie, and the first one wins.
    ("decision-tree", {"random_state": 5, "min_samples_leaf": 3}, {"max_depth": [60, 50, 40], "criterion": ["gini"]}, "roc-auc", 4, 7),
    ("decision-tree", {"random_state": 1}, {"min_samples_split": [30, 2, 9], "max_features": [2, 0.7]}, "f1", 5, 0),
    ("random-forest", {"random_state": 9, "n_estimators": 9}, {"max_depth": [3, 12], "max_features": [1, 3]}, "pr-auc", 3, 42),
    (
        "random-forest",
        {"random_state": 2},
        {"n_estimators": [3, 8], "criterion": ["entropy", "gini"], "min_samples_leaf": [4, 1]},
        "balanced-accuracy",
        3,
        11,
    ),
]


def data():
    """Skewed columns on a grid, a constant one, repeated rows with both labels; 32 of 400 rows are positive."""
    rng = np.random.RandomState(17)
    y = np.zeros(400, dtype=int)
    y[rng.permutation(400)[:32]] = 1
    x = rng.standard_t(3, (400, 6)) + 0.9 * y[:, None] * rng.uniform(-1, 2, 6)
    x = np.round(x, 1)
    x[:, 1] = 3.25
    x[rng.randint(0, 400, 40)] = x[rng.randint(0, 400, 40)]
    return x, y


def case(family, fixed, grid, goal, folds, seed, x, y):
    """Searches and says what came out."""
    inner = StratifiedKFold(folds, shuffle=True, random_state=seed)
    search = GridSearchCV(FAMILIES[family](**fixed), grid, scoring=SCORERS[goal], cv=inner, refit=True).fit(x, y)
    found = search.cv_results_
    return {
        "family": family,
        "fixed": fixed,
        "space": grid,
        "goal": goal,
        "folds": folds,
        "seed": seed,
        "candidates": found["params"],
        "scores": [[float(found[f"split{f}_test_score"][i]) for f in range(folds)] for i in range(len(found["params"]))],
        "means": found["mean_test_score"].tolist(),
        "best": int(search.best_index_),
        "probability": search.predict_proba(x)[:, 1].tolist(),
    }


def main():
    """One file with all cases."""
    OUT.mkdir(parents=True, exist_ok=True)
    x, y = data()
    content = {"sklearn": sklearn.__version__, "x": x.tolist(), "y": y.tolist()}
    cases = [case(*one, x, y) for one in CASES]
    (OUT / "grid.json").write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
