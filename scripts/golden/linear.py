"""Writes tests/golden/data/linear/*.json: scikit-learn's answers of linear families and naive Bayes on small hard tables."""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from families import PLAIN, data
from sklearn.linear_model import RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB
from sklearn.svm import LinearSVC

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "linear"
WEIGHTS = {"0": 0.5, "1": 7.0}
# The largest column is divided by this: liblinear takes millions of passes where columns are of unlike size.
LARGE = 40.0

# Family, its class, parameters, and the columns it is shown (none: all).
CASES = [
    ("bernoulli-nb", BernoulliNB, {}, None),
    ("bernoulli-nb", BernoulliNB, {"alpha": 0.1, "binarize": 1.5, "fit_prior": False}, None),
    ("bernoulli-nb", BernoulliNB, {"binarize": 0.2, "class_prior": [0.3, 0.7]}, PLAIN),
    ("complement-nb", ComplementNB, {}, None),
    ("complement-nb", ComplementNB, {"alpha": 0.01, "norm": True}, None),
    ("complement-nb", ComplementNB, {"norm": True, "fit_prior": False}, PLAIN),
    ("ridge", RidgeClassifier, {}, None),
    ("ridge", RidgeClassifier, {"alpha": 50.0, "class_weight": "balanced"}, None),
    ("ridge", RidgeClassifier, {"alpha": 0.3, "fit_intercept": False, "class_weight": WEIGHTS}, None),
    ("ridge", RidgeClassifier, {"alpha": 0.0}, PLAIN),
    ("linear-svc", LinearSVC, {}, None),
    ("linear-svc", LinearSVC, {"C": 0.01, "class_weight": "balanced", "intercept_scaling": 10.0}, None),
    ("linear-svc", LinearSVC, {"C": 20.0, "fit_intercept": False, "class_weight": WEIGHTS}, PLAIN),
    ("linear-svc", LinearSVC, {"loss": "hinge", "C": 0.5}, PLAIN),
    ("linear-svc", LinearSVC, {"loss": "hinge", "C": 0.05, "class_weight": "balanced"}, None),
    ("linear-svc", LinearSVC, {"penalty": "l1", "dual": False, "C": 0.1}, PLAIN),
    ("linear-svc", LinearSVC, {"penalty": "l1", "dual": False, "C": 0.02, "class_weight": "balanced"}, PLAIN),
    ("sgd", SGDClassifier, {"random_state": 1}, None),
    ("sgd", SGDClassifier, {"random_state": 2, "loss": "log_loss", "alpha": 0.01, "class_weight": "balanced"}, None),
    ("sgd", SGDClassifier, {"random_state": 3, "loss": "modified_huber", "penalty": "l1", "alpha": 0.002}, None),
    ("sgd", SGDClassifier, {"random_state": 4, "loss": "squared_hinge", "penalty": "elasticnet", "l1_ratio": 0.4,
                            "learning_rate": "invscaling", "eta0": 0.001, "power_t": 0.3}, None),
    ("sgd", SGDClassifier, {"random_state": 5, "loss": "perceptron", "learning_rate": "constant", "eta0": 0.1,
                            "shuffle": False, "fit_intercept": False}, None),
    ("sgd", SGDClassifier, {"random_state": 6, "loss": "log_loss", "learning_rate": "adaptive", "eta0": 0.05,
                            "n_iter_no_change": 2, "class_weight": WEIGHTS}, None),
    ("sgd", SGDClassifier, {"random_state": 7, "early_stopping": True, "validation_fraction": 0.25}, None),
    ("sgd", SGDClassifier, {"random_state": 8, "loss": "log_loss", "early_stopping": True, "tol": 1e-4}, None),
    ("sgd", SGDClassifier, {"random_state": 9, "average": True, "loss": "log_loss"}, None),
    ("sgd", SGDClassifier, {"random_state": 10, "average": 500, "alpha": 0.5, "penalty": "elasticnet"}, None),
    ("sgd", SGDClassifier, {"random_state": 11, "penalty": None, "learning_rate": "constant", "eta0": 0.01,
                            "tol": None, "max_iter": 7, "alpha": 0.0}, None),
    ("sgd", SGDClassifier, {"random_state": 12, "average": 10**6, "max_iter": 5, "tol": 0.0}, None),
]


def case(family, make, params, columns, x, y, asked):
    """Fits, to the optimum where there is one, and says what came out."""
    kept = list(range(x.shape[1])) if columns is None else columns
    x, asked = x[:, kept], asked[:, kept]
    if family == "complement-nb":
        x, asked = np.abs(x), np.abs(asked)
    theirs = dict(params)
    if isinstance(theirs.get("class_weight"), dict):
        theirs["class_weight"] = {int(label): weight for label, weight in theirs["class_weight"].items()}
    if family == "linear-svc":
        theirs |= {"tol": 1e-10, "max_iter": 20_000_000, "random_state": 0}
    model = make(**theirs).fit(x, y)
    if hasattr(model, "predict_proba"):
        score = model.predict_proba(asked)[:, 1]
    else:
        score = model.decision_function(asked)
    given = {name: "none" if value is None else value for name, value in params.items()}
    if params.get("loss") == "hinge" and family == "linear-svc":
        # Ours stops by the same rule.
        given |= {"tol": 1e-10, "max_iter": 20_000_000}
    return {"family": family, "params": given, "columns": kept, "score": score.tolist(),
            "label": model.predict(asked).tolist()}


def main():
    """One file a data set."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for name, x, y in [data("rare", 420, 31, 1), data("fifth", 150, 30, 3)]:
        x[:, 4] /= LARGE
        rng = np.random.RandomState(9)
        asked = x[rng.randint(0, len(x), 60)] + np.round(rng.normal(size=(60, x.shape[1])), 1)
        cases = [case(*given, x, y, asked) for given in CASES]
        content = {"sklearn": sklearn.__version__, "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist()}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
