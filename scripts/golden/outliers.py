"""Writes tests/golden/data/outliers/*.json: what PyOD and scikit-learn say of rows without a look at labels."""

import json
import warnings
from pathlib import Path

import numpy as np
import pyod
import sklearn
from awkward import tables
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from sklearn.neighbors import LocalOutlierFactor

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "outliers"

CASES = [
    ("ecod", ECOD, {}),
    ("ecod", ECOD, {"contamination": 0.03}),
    ("copod", COPOD, {}),
    ("copod", COPOD, {"contamination": 0.2}),
    ("lof", LocalOutlierFactor, {}),
    ("lof", LocalOutlierFactor, {"n_neighbors": 5, "contamination": 0.07}),
    ("lof", LocalOutlierFactor, {"n_neighbors": 9, "p": 1}),
]


def table(rows, seed):
    """Skewed columns either way, ties, a constant column, one of 0 and 1, repeated rows."""
    rng = np.random.RandomState(seed)
    x = rng.standard_t(4, (rows, 6))
    x[:, 0] = np.exp(x[:, 0] / 2)
    x[:, 1] = 3.25
    x[:, 2] = np.round(x[:, 2])
    x[:, 3] = -np.exp(x[:, 3])
    x[:, 5] = rng.randint(0, 2, rows)
    x[rng.randint(0, rows, rows // 20)] = x[rng.randint(0, rows, rows // 20)]
    return x


def case(family, make, params, x, asked):
    """What is said of each row, asked about by itself."""
    if family == "lof":
        model = make(**params, novelty=True).fit(x)
        score, label = -model.score_samples(asked), (model.predict(asked) == -1).astype(int)
    else:
        model = make(**params).fit(x)
        # Asked about together, rows are ranked among each other.
        score = np.array([model.decision_function(row[None])[0] for row in asked])
        label = (score > model.threshold_).astype(int)
    return {"family": family, "params": params, "score": score.tolist(), "label": label.tolist()}


def main():
    """One file a table; of the differential test's, what PyOD says of the rows that it asks about."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for name, x, _ in tables():
        is_asked = np.arange(len(x)) % 4 == 1
        x, asked = x[~is_asked], x[is_asked]
        cases = [case(*given, x, asked) for given in CASES if given[0] != "lof"]
        content = {"sklearn": sklearn.__version__, "pyod": pyod.__version__, "x": x.tolist(), "asked": asked.tolist()}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}) + "\n")
    for name, rows, seed in [("large", 400, 1), ("small", 60, 2)]:
        x = table(rows, seed)
        rng = np.random.RandomState(5)
        asked = np.concatenate([x[:20], x[rng.randint(0, rows, 30)] + rng.normal(size=(30, 6))])
        content = {"sklearn": sklearn.__version__, "pyod": pyod.__version__, "x": x.tolist(), "asked": asked.tolist()}
        cases = [case(*given, x, asked) for given in CASES]
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
