"""Writes tests/golden/data/calibration/expected.json: CalibratedClassifierCV(ensemble=False) on fixed folds, of families whose scores are
scikit-learn's response too (there a decision function goes before probabilities)."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "calibration"
FAMILIES = {
    "decision-tree": (DecisionTreeClassifier, {"random_state": 3, "max_depth": 6}),
    "random-forest": (RandomForestClassifier, {"random_state": 4, "n_estimators": 15}),
    "k-neighbors": (KNeighborsClassifier, {"n_neighbors": 9}),
    "gaussian-nb": (GaussianNB, {}),
    "svc": (SVC, {"C": 2.0, "tol": 1e-6}),
}


def data():
    """Skewed columns; about a fifth of the rows is positive."""
    rng = np.random.RandomState(41)
    y = (rng.rand(500) < 0.2).astype(int)
    x = rng.standard_t(5, (500, 4)) + y[:, None] * rng.uniform(0, 1.5, 4)
    return x, y


def main():
    """Learns from the first 350 rows, says probabilities of the others."""
    x, y = data()
    cases = []
    for family, (make, params) in FAMILIES.items():
        for method in ("isotonic", "sigmoid"):
            inner = StratifiedKFold(3, shuffle=True, random_state=42)
            model = CalibratedClassifierCV(make(**params), method=method, cv=inner, ensemble=False).fit(x[:350], y[:350])
            p = model.predict_proba(x[350:])[:, 1]
            cases.append({"family": family, "params": params, "method": method, "probability": p.tolist(), "label": model.predict(x[350:]).tolist()})
    OUT.mkdir(parents=True, exist_ok=True)
    content = {"sklearn": sklearn.__version__, "train": 350, "x": x.tolist(), "y": y.tolist(), "cases": cases}
    (OUT / "expected.json").write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
