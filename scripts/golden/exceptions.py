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
from imblearn.ensemble import RUSBoostClassifier
from imblearn.over_sampling import SVMSMOTE
from imblearn.under_sampling import EditedNearestNeighbours, InstanceHardnessThreshold
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer
from sklearn.svm import SVC
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


def rus_boosted():
    """The same of boosting with undersampling."""
    out = []
    for seed in range(12):
        rng = np.random.RandomState(300 + seed)
        rows = 60 + 5 * seed
        y = (np.arange(rows) < 12).astype(int)[rng.permutation(rows)]
        x = np.round(rng.normal(size=(rows, 3)) + 0.8 * y[:, None], 1)
        x = np.column_stack([x, x[:, 1]])
        asked = x + rng.normal(size=x.shape) * 0.3
        params = {"n_estimators": 20, "random_state": seed}
        model = RUSBoostClassifier(**params).fit(x, y)
        out.append({"x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "params": params,
                    "score": model.predict_proba(asked)[:, 1].tolist(), "label": model.predict(asked).tolist()})
    return out


def powers():
    """Yeo and Johnson's powers of small tables: the top of a likelihood is flat, and rounding decides where on it the search ends."""
    out = []
    for seed in range(6):
        rng = np.random.RandomState(seed)
        x = np.column_stack([rng.normal(size=60), 2 * rng.standard_t(3, size=60), np.exp(2 * rng.normal(size=60))]).round(6)
        out.append({"x": x.tolist(), "scaled": PowerTransformer().fit_transform(x).tolist()})
    return out


TURN_ON_THE_PROCESSOR = {"boosted": (boosted, ("score", "label")), "rus_boosted": (rus_boosted, ("score", "label")),
                         "powers": (powers, ("scaled",))}


def on_both_processors(what):
    """The same on a processor with AVX-512, which this must be, and as on one without."""
    make, answers = TURN_ON_THE_PROCESSOR[what]
    without = subprocess.run([sys.executable, __file__, what], env={**os.environ, "NPY_DISABLE_CPU_FEATURES": "X86_V4"},
                             check=True, capture_output=True, text=True)
    return [{**case, "avx512": {answer: there[answer] for answer in answers}}
            for case, there in zip(json.loads(without.stdout), make())]


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
        out.append({"name": name, "x": x.tolist(), "y": y.tolist(), "cases": cases, "hardness": hardness(x, y)})
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
        # The asked rows are a majority that each has a majority row nearest, and a minority row almost as near.
        edited = EditedNearestNeighbours(n_neighbors=1)
        edited.fit_resample(np.vstack([asked, x]), np.concatenate([np.zeros(40, int), 1 - y]))
        out.append({"x": x.tolist(), "y": y.tolist(), "asked": asked.tolist(), "label": cases,
                    "edited": sorted(edited.sample_indices_.tolist())})
    return out


def directions():
    """Singular directions of noise, whose singular values lie near each other: exact ones, and those of a few iterations."""
    x = np.random.RandomState(5).normal(size=(120, 20)).round(3)
    of = lambda **params: TruncatedSVD(4, random_state=0, **params).fit(x).transform(x).tolist()
    return {"x": x.tolist(), "arpack": of(algorithm="arpack"), "default": of(), "iterations_20": of(n_iter=20), "iterations_100": of(n_iter=100)}


def components():
    """Principal components of a table of 510 columns of noise, which the test draws too: exact ones, and what `auto` takes for them."""
    x = np.random.RandomState(7).randint(0, 1000, size=(60, 510)).astype(float)
    of = lambda **params: PCA(2, random_state=0, **params).fit(x).transform(x).tolist()
    return {"full": of(svd_solver="full"), "auto": of()}


def stopped_early():
    """`SGDClassifier` with its early stopping, and the same where the kept-out rows are judged by what the model says of them."""
    out = []
    for what, given in (
        ("factor", {"loss": "hinge", "alpha": 0.1, "random_state": 5}),
        ("log_loss", {"loss": "log_loss", "penalty": None, "learning_rate": "constant", "eta0": 0.01, "random_state": 0}),
    ):
        rng = np.random.RandomState(11)
        y = (rng.uniform(size=150) < 0.3).astype(int)
        x = (rng.normal(size=(150, 3)) + 0.7 * y[:, None]).round(3)
        params = {**given, "early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 3}
        model = SGDClassifier(**params).fit(x, y)
        kept_out = SGDClassifier(**params)._make_validation_split(y, sample_mask=np.ones(len(y), bool)).astype(bool)
        best, idle = -np.inf, 0
        for passes in range(1, 1001):
            judged = SGDClassifier(**params, max_iter=passes).set_params(tol=None).fit(x, y)
            share = judged.score(x[kept_out], y[kept_out])
            idle = idle + 1 if share < best + 1e-3 else 0
            best = max(best, share)
            if idle >= 3:
                break
        out.append({"what": what, "x": x.tolist(), "y": y.tolist(), "asked": x.tolist(),
                    "params": {name: "none" if value is None else value for name, value in params.items()},
                    "passes": int(model.n_iter_), "score": scores(model, x), "passes_if_judged": passes, "if_judged": scores(judged, x)})
    return out


def scores(model, x):
    """What a record calls the score."""
    return (model.predict_proba(x)[:, 1] if model.loss == "log_loss" else model.decision_function(x)).tolist()


def support():
    """Tables where a minority row is a support vector or not as the tolerance has it, and SVM-SMOTE's rows there."""
    out = []
    for seed in range(600):
        rng = np.random.RandomState(seed)
        y = (np.arange(200) % 4 == 0).astype(int)
        x = (rng.normal(size=(200, 8)) + y[:, None]).round(2)
        # numbers of the minority's support vectors, with their coefficients
        found = []
        for tol in (1e-3, 1e-8):
            model = SVC(tol=tol).fit(x, y)
            found.append({row: abs(c) for row, c in zip(model.support_, model.dual_coef_[0]) if y[row] == 1})
        doubtful = set(found[0]) ^ set(found[1])
        if not doubtful:
            continue
        new = SVMSMOTE(random_state=seed).fit_resample(x, y)[0][len(x):]
        out.append({"x": x.tolist(), "y": y.tolist(), "seed": seed, "made": new.tolist(),
                    "coefficient": max(max(f.get(row, 0) for f in found) for row in doubtful)})
    return out


def hardness(x, y):
    """Rows that are easy to a forest: imbalanced-learn's default, and one that is named."""
    out = []
    for params in ({"random_state": 1}, {"random_state": 2, "cv": 3, "sampling_strategy": 0.8}):
        kept = {}
        for name, estimator in (("kept", None), ("kept_by_named", RandomForestClassifier())):
            sampler = InstanceHardnessThreshold(estimator=estimator, **params)
            sampler.fit_resample(x, y)
            kept[name] = sorted(sampler.sample_indices_.tolist())
        out.append({"params": params, **kept})
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
    if sys.argv[1:]:
        print(json.dumps(TURN_ON_THE_PROCESSOR[sys.argv[1]][0]()))
        return
    content = {"sklearn": sklearn.__version__, "boosted": on_both_processors("boosted"), "balanced": balanced(), "neighbors": neighbors(),
               "heavy_tails": heavy_tails(), "copies": copies(), "directions": directions(), "stopped_early": stopped_early(),
               "support": support(), "rus_boosted": on_both_processors("rus_boosted"), "components": components(), "powers": on_both_processors("powers")}
    OUT.write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
