"""Writes tests/golden/data/selects/cases.json: what scikit-learn's decompositions and feature selections make of hard tables."""

import json
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectKBest, VarianceThreshold, chi2, f_classif, mutual_info_classif

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "selects"
FUNCTIONS = {"f_classif": f_classif, "chi2": chi2}


def table(rows, columns, positives, seed):
    """Skewed columns on a grid, a constant one, one that repeats another, large and small units, repeated rows."""
    rng = np.random.RandomState(seed)
    y = np.zeros(rows, dtype=int)
    y[rng.permutation(rows)[:positives]] = 1
    x = rng.standard_t(4, (rows, columns)) + 0.9 * y[:, None] * rng.uniform(-1, 2, columns)
    x[:, 3] += 0.7 * x[:, 2]
    x = np.round(x, 2)
    x[:, 0] = np.round(np.exp(x[:, 0] / 2), 2)
    x[:, 1] = 3.25
    x[:, 4] *= 40.0
    x[:, 5] = x[:, 3]
    x[rng.randint(0, rows, rows // 10)] = x[rng.randint(0, rows, rows // 10)]
    return x, y


# Component, parameters as a study has them, the estimator, columns that it is shown (none: all).
MUTUAL = {"score_func": "mutual_info_classif"}
NO_REPEAT = [0, 1, 2, 3, 4]
NO_NULL = [0, 2, 3, 4]
CASES = [
    ("pca", {}, lambda: PCA(), None),
    ("pca", {"n_components": 3}, lambda: PCA(3, svd_solver="full"), None),
    ("pca", {"n_components": 0.9}, lambda: PCA(0.9), None),
    ("pca", {"n_components": 0.999}, lambda: PCA(0.999), None),
    ("pca", {"whiten": True}, lambda: PCA(whiten=True), NO_NULL),
    ("pca", {"n_components": 2, "whiten": True}, lambda: PCA(2, whiten=True, svd_solver="covariance_eigh"), None),
    ("truncated-svd", {}, lambda: TruncatedSVD(algorithm="arpack"), None),
    ("truncated-svd", {"n_components": 4}, lambda: TruncatedSVD(4, n_iter=100, random_state=0), None),
    ("select-k-best", {"k": 2}, lambda: SelectKBest(f_classif, k=2), None),
    ("select-k-best", {"k": 4}, lambda: SelectKBest(f_classif, k=4), None),
    ("select-k-best", {"k": "all"}, lambda: SelectKBest(f_classif, k="all"), None),
    ("select-k-best", {"k": 3, "score_func": "chi2"}, lambda: SelectKBest(chi2, k=3), "positive"),
    ("select-k-best", {"k": 1, "score_func": "chi2"}, lambda: SelectKBest(chi2, k=1), "positive"),
    ("select-k-best", {"k": 3, **MUTUAL}, lambda: SelectKBest(partial(mutual_info_classif, random_state=0), k=3), NO_REPEAT),
    ("select-k-best", {"k": 2, "random_state": 9, **MUTUAL}, lambda: SelectKBest(partial(mutual_info_classif, random_state=9), k=2), None),
    ("select-k-best", {"k": 1, "n_neighbors": 2, **MUTUAL},
     lambda: SelectKBest(partial(mutual_info_classif, n_neighbors=2, random_state=0), k=1), NO_REPEAT),
    ("variance-threshold", {}, lambda: VarianceThreshold(), None),
    ("variance-threshold", {"threshold": 1.7}, lambda: VarianceThreshold(1.7), None),
]


def main():
    """One file for all tables."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    tables = []
    # Few rows beside the columns: scikit-learn then takes the singular values of the rows, not the covariance.
    for name, shape in {"tall": (160, 6, 12, 1), "wide": (24, 14, 6, 2)}.items():
        x, y = table(*shape)
        asked, _ = table(20, shape[1], 3, 7)
        cases = []
        for component, params, make, columns in CASES:
            kept = columns if isinstance(columns, list) else list(range(x.shape[1]))
            positive = columns == "positive"
            # Equal columns score alike, to the last bit, where the rows lie in order.
            given, shown = (np.ascontiguousarray(np.abs(t[:, kept]) if positive else t[:, kept]) for t in (x, asked))
            model = make().fit(given, y)
            cases.append({"component": component, "params": params, "columns": kept, "positive": positive,
                          "made": model.transform(shown).tolist()})
        tables.append({"name": name, "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "cases": cases})
    (OUT / "cases.json").write_text(json.dumps({"sklearn": sklearn.__version__, "tables": tables}) + "\n")


if __name__ == "__main__":
    main()
