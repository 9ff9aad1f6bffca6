"""Writes tests/golden/data/exceptions.json: where answers turn on rounding, or on what a library leaves out, and what the peers answer
there. METHODOLOGY names each of these; `tests/golden/exceptions.rs` holds the words against them."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from awkward import tables
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import PolynomialFeatures
from trees import structure

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "exceptions.json"


def boosted():
    """Stumps that cut equally well: few positives, copied columns, a column that 32 bits make constant. Where numpy may use AVX-512,
    its exponentials and logarithms end in another last bit than the C library's."""
    out = []
    for seed in range(12):
        rng = np.random.RandomState(100 + seed)
        rows, positives = 40 + 5 * seed, 2 + seed % 4
        y = (np.arange(rows) < positives).astype(int)[rng.permutation(rows)]
        x = rng.normal(size=(rows, 3)) + 0.8 * y[:, None]
        if seed % 3 == 1:
            x = np.column_stack([x, np.full(rows, 14.62), 1e6 + 1e-7 * rng.normal(size=rows)])
        if seed % 3 == 2:
            x = np.column_stack([np.round(x, 1), np.round(x[:, 1], 1)])
        asked = x + rng.normal(size=x.shape) * 0.3
        params = {"n_estimators": 20, "random_state": seed, **({"learning_rate": 0.5} if seed % 2 else {})}
        model = AdaBoostClassifier(**params).fit(x, y)
        out.append({"x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "params": params,
                    "score": model.predict_proba(asked)[:, 1].tolist(), "label": model.predict(asked).tolist()})
    return out


def on_both_processors():
    """The same on a processor with AVX-512, which this must be, and as on one without."""
    without = subprocess.run([sys.executable, __file__, "boosted"], env={**os.environ, "NPY_DISABLE_CPU_FEATURES": "X86_V4"},
                             check=True, capture_output=True, text=True)
    return [{**case, "avx512": {"score": there["score"], "label": there["label"]}}
            for case, there in zip(json.loads(without.stdout), boosted())]


def balanced():
    """Forests whose classes have weights that are no binary fractions."""
    out = []
    for name, x, y in tables():
        cases = []
        for family, make in (("random-forest", RandomForestClassifier), ("extra-trees", ExtraTreesClassifier)):
            for class_weight in ("balanced", "balanced_subsample"):
                for bootstrap in (False, True):
                    for seed in range(2):
                        params = {"n_estimators": 5, "class_weight": class_weight, "bootstrap": bootstrap, "random_state": seed}
                        model = make(**params).fit(x, y)
                        cases.append({"family": family, "params": params, "trees": [structure(tree) for tree in model.estimators_]})
        out.append({"name": name, "x": x.tolist(), "y": y.tolist(), "cases": cases})
    return out


def neighbors():
    """Rows whose distances to the asked row differ by less than |a|^2 - 2ab + |b|^2 can tell, on either side of 15 columns."""
    out = []
    for columns in (8, 20):
        rng = np.random.RandomState(columns)
        y = (np.arange(60) % 2).astype(int)
        asked = 1e4 + rng.normal(size=(40, columns))
        x = 1e4 + rng.normal(size=(60, columns))
        # Each asked row has two neighbours of either label, of which one is nearer by 1e-10.
        directions = rng.normal(size=(40, columns))
        directions /= np.linalg.norm(directions, axis=1)[:, None]
        near = asked + 0.01 * directions
        far = asked - (0.01 + 1e-10) * directions
        x, y = np.vstack([x, far, near]), np.concatenate([y, np.zeros(40, int), np.ones(40, int)])
        cases = {how: KNeighborsClassifier(n_neighbors=1, algorithm=how).fit(x, y).predict(asked).tolist()
                 for how in ("auto", "brute", "kd_tree")}
        out.append({"x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "label": cases})
    return out


def exact(x, y, asked):
    """Least squares in 80 bits by Gram and Schmidt, twice over."""
    wide = np.longdouble
    x, y, asked = x.astype(wide), y.astype(wide), asked.astype(wide)
    mean = x.mean(axis=0)
    length = np.sqrt(((x - mean) ** 2).sum(axis=0))
    q, k = (x - mean) / length, x.shape[1]
    r = np.zeros((k, k), dtype=wide)
    for j in range(k):
        for _ in range(2):
            for i in range(j):
                share = q[:, i] @ q[:, j]
                q[:, j] -= share * q[:, i]
                r[i, j] += share
        r[j, j] = np.sqrt(q[:, j] @ q[:, j])
        q[:, j] /= r[j, j]
    b, solution = q.T @ (y - y.mean()), np.zeros(k, dtype=wide)
    for i in range(k - 1, -1, -1):
        solution[i] = (b[i] - r[i, i + 1:] @ solution[i + 1:]) / r[i, i]
    return (((asked - mean) / length) @ solution + y.mean()).astype(float)


def heavy_tails():
    """Amounts (Lomax of shape 2) up to 1e9 beside columns of 1 and of 1e-3; amounts and minutes as `payments` draws them."""
    out = []
    for name, rows in (("up to 1e9", 400), ("payments", 600)):
        rng = np.random.RandomState(rows)
        y = (rng.uniform(size=rows) < 0.1).astype(int)
        amount = 25000 * (1 / np.sqrt(rng.uniform(size=rows)) - 1) * (1 + y)
        if name == "payments":
            x = np.column_stack([np.round(rng.normal(780 + 60 * y, 170)) % 1440, np.round(amount, 2)])
        else:
            x = np.column_stack([amount * 1e9 / amount.max(), 1e-3 * (rng.normal(size=rows) + y), rng.normal(size=rows) - 0.5 * y])
        asked = x[::8]
        products = PolynomialFeatures(2, include_bias=False)
        wide = products.fit_transform(x)
        for family, a, b in (("linear-regression", x, asked), ("quadratic-regression", wide, products.transform(asked))):
            case = {"name": name, "family": family, "exact": exact(a, y, b).tolist(),
                    "score": LinearRegression().fit(a, y).predict(b).tolist(),
                    "without_tol": LinearRegression(tol=1e-15).fit(a, y).predict(b).tolist()}
            out.append({**case, "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist()})
        lda = LinearDiscriminantAnalysis().fit(x, y).predict_proba(asked)[:, 1]
        out.append({"name": name, "family": "lda", "exact": lda.tolist(), "score": lda.tolist(), "without_tol": lda.tolist(),
                    "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist()})
    return out


def copies():
    """A column and almost the same column once more."""
    out = []
    for apart in (1e-4, 1e-8):
        rng = np.random.RandomState(3)
        y = (rng.uniform(size=300) < 0.2).astype(int)
        x = rng.normal(size=(300, 3)) + y[:, None] * [1, 0, 0.5]
        x[:, 1] = x[:, 0] + apart * (x[:, 1] + y)
        asked = x[::6]
        out.append({"apart": apart, "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "exact": exact(x, y, asked).tolist(),
                    "score": LinearRegression().fit(x, y).predict(asked).tolist()})
    return out


def main():
    """One file."""
    warnings.simplefilter("ignore")
    if sys.argv[1:] == ["boosted"]:
        print(json.dumps(boosted()))
        return
    content = {"sklearn": sklearn.__version__, "boosted": on_both_processors(), "balanced": balanced(), "neighbors": neighbors(),
               "heavy_tails": heavy_tails(), "copies": copies()}
    OUT.write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
