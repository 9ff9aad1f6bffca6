"""Golden files for logistic-regression and svc: scikit-learn's probabilities and decision values at a tight tolerance."""

import json
import pathlib
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "data" / "linear_svc"


def rows(n, positives, seed):
    """Asymmetric rows: skewed columns, ties, a constant column, duplicates, and equal rows with opposite labels."""
    rng = np.random.default_rng(seed)
    y = np.zeros(n, dtype=int)
    y[rng.choice(n, positives, replace=False)] = 1
    x = rng.normal(size=(n, 6)) + 1.1 * y[:, None] * np.array([1.0, -0.8, 0.5, 0.0, 0.0, 0.0])
    x[:, 1] = np.exp(0.7 * x[:, 1])
    x[:, 2] = np.round(x[:, 2])
    x[:, 3] = 2.75
    x[:, 5] = 0.5 * x[:, 0] + 0.01 * x[:, 5]
    x[n // 2 : n // 2 + 8] = x[:8]
    y[n // 2 : n // 2 + 4] = 1 - y[:4]
    return np.round(x, 6), y


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    x, y = rows(400, 37, 7)
    test, _ = rows(60, 9, 8)
    wide = x * np.array([300.0, 1.0, 0.03, 1.0, 10.0, 1.0])
    wide_test = test * np.array([300.0, 1.0, 0.03, 1.0, 10.0, 1.0])
    cases = []
    for name, params in [
        ("default", {}),
        ("strong penalty", {"C": 0.01}),
        ("weak penalty", {"C": 1000.0}),
        ("balanced", {"class_weight": "balanced"}),
        ("no intercept", {"fit_intercept": False}),
    ]:
        for data, (train, shown) in {"plain": (x, test), "wide": (wide, wide_test)}.items():
            solver = "newton-cholesky" if data == "wide" else "lbfgs"
            model = LogisticRegression(**params, solver=solver, tol=1e-12, max_iter=100000)
            model.fit(train, y)
            cases.append({"family": "logistic-regression", "name": name, "data": data, "params": params,
                          "score": model.predict_proba(shown)[:, 1].tolist(), "label": model.predict(shown).tolist()})
    for name, params in [
        ("absolute", {"l1_ratio": 1.0, "C": 0.3}),
        ("both", {"penalty": "elasticnet", "l1_ratio": 0.4, "C": 0.1}),
        ("penalised intercept", {"solver": "liblinear", "intercept_scaling": 2.5, "C": 0.2}),
        ("absolute with intercept", {"solver": "liblinear", "penalty": "l1", "C": 0.2, "class_weight": {"0": 1.0, "1": 5.0}}),
        ("no penalty", {"penalty": "none"}),
    ]:
        train, shown = x, test
        given = {key: value for key, value in params.items() if key != "penalty"}
        given["class_weight"] = {int(k): v for k, v in params["class_weight"].items()} if "class_weight" in params else None
        given.update({"l1": {"l1_ratio": 1.0}, "none": {"C": np.inf}}.get(params.get("penalty"), {}))
        given.setdefault("solver", "lbfgs" if name == "no penalty" else "saga")
        model = LogisticRegression(**given, tol=1e-12, max_iter=1000000, random_state=1).fit(train, y)
        cases.append({"family": "logistic-regression", "name": name, "data": "plain", "params": params,
                      "score": model.predict_proba(shown)[:, 1].tolist(), "label": model.predict(shown).tolist()})
    for name, params in [
        ("polynomial", {"kernel": "poly", "coef0": 1.0}),
        ("square", {"kernel": "poly", "degree": 2, "gamma": 0.3, "class_weight": {"0": 1.0, "1": 6.0}}),
        ("sigmoid", {"kernel": "sigmoid", "gamma": 0.01, "coef0": -0.1}),
        ("default", {}),
        ("large C", {"C": 30.0}),
        ("balanced", {"class_weight": "balanced"}),
        ("auto", {"gamma": "auto"}),
        ("own gamma", {"gamma": 2.5, "C": 0.3}),
        ("linear", {"kernel": "linear"}),
    ]:
        for data, (train, shown) in {"plain": (x, test), "wide": (wide, wide_test)}.items():
            if data == "wide" and name in ("linear", "auto", "own gamma", "large C", "polynomial", "square", "sigmoid"):
                continue
            # Where the kernel matrix is nearly singular libsvm takes a hundred million steps to a tight tolerance.
            singular = name == "linear" or (data == "wide" and name != "balanced")
            # With these kernels the default tolerance is far from the optimum, on either side.
            tols = [1e-8] if params.get("kernel") in ("poly", "sigmoid") else [1e-8, 1e-3]
            for tol in [1e-3] if singular else tols:
                given = dict(params)
                if isinstance(given.get("class_weight"), dict):
                    given["class_weight"] = {int(label): weight for label, weight in given["class_weight"].items()}
                model = SVC(**given, tol=tol).fit(train, y)
                cases.append({"family": "svc", "name": name, "data": data, "params": params | {"tol": tol},
                              "score": model.decision_function(shown).tolist(), "label": model.predict(shown).tolist()})
    data = {"plain": {"x": x.tolist(), "test": test.tolist()}, "wide": {"x": wide.tolist(), "test": wide_test.tolist()}}
    (OUT / "cases.json").write_text(json.dumps({"y": y.tolist(), "data": data, "cases": cases}))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        main()
