"""Writes tests/golden/data/search: grid.json, scikit-learn's GridSearchCV on small data with few positives, ties and repeated rows;
pipelines.json, searches and tuned thresholds over whole pipelines, whose steps are fitted again inside each inner fold."""

import json
from pathlib import Path

import imblearn
import numpy as np
import sklearn
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler, TomekLinks
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, matthews_corrcoef
from sklearn.model_selection import GridSearchCV, StratifiedKFold, TimeSeriesSplit, train_test_split
from sklearn.preprocessing import QuantileTransformer, StandardScaler
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


# Pipelines: name, imputer, resampler, whether it stands on scaled rows, scaler, family, fixed parameters, grid, goal, in time.
TREE, LINEAR = "decision-tree", "logistic-regression"
DEPTHS, PENALTIES = {"max_depth": [2, 4, 8]}, {"C": [0.01, 1.0, 100.0]}
PIPELINES = [
    ("scaled", "median", None, False, "standard", LINEAR, {}, PENALTIES, "pr-auc", False),
    ("ranks", "mean", None, False, "quantile", TREE, {"random_state": 3}, DEPTHS, "pr-auc", False),
    ("fewer", "median", ("random-undersampling", {"sampling_strategy": 0.4, "random_state": 5}), False, "standard", TREE, {"random_state": 3}, DEPTHS, "f1", False),
    ("tomek", "median", ("tomek-links", {}), False, "quantile", LINEAR, {}, PENALTIES, "roc-auc", False),
    ("smote", "mean", ("smote", {"random_state": 9}), False, "standard", LINEAR, {}, PENALTIES, "pr-auc", False),
    ("smote-on-scaled", "median", ("smote", {"random_state": 9, "k_neighbors": 3}), True, "standard", TREE, {"random_state": 1}, DEPTHS, "balanced-accuracy", False),
    ("in-time", "median", ("smote", {"random_state": 2}), False, "standard", LINEAR, {}, PENALTIES, "pr-auc", True),
]
STEPS = {
    "random-undersampling": RandomUnderSampler,
    "tomek-links": TomekLinks,
    "smote": SMOTE,
    "standard": StandardScaler,
    "quantile": lambda: QuantileTransformer(subsample=None),
    TREE: DecisionTreeClassifier,
    # Ours goes to the optimum.
    LINEAR: lambda **params: LogisticRegression(tol=1e-12, max_iter=100_000, solver="newton-cholesky", **params),
}


def blanks():
    """Continuous columns (no ties that libraries could break in another way), some of their values missing; 45 of 600 rows are positive."""
    rng = np.random.RandomState(23)
    y = np.zeros(600, dtype=int)
    y[rng.permutation(600)[:45]] = 1
    x = rng.standard_t(4, (600, 5)) * [1, 10, 0.1, 3, 1] + y[:, None] * rng.uniform(-1, 2, 5) * [1, 10, 0.1, 3, 1]
    x[rng.rand(600, 5) < 0.06] = np.nan
    return x, y


def pipeline(imputer, resampler, on_scaled, scaler, family, fixed):
    """The steps in the order in which ours are fitted."""
    impute, scale = ("imputer", SimpleImputer(strategy=imputer)), ("scaler", STEPS[scaler]())
    sample = [("resampler", STEPS[resampler[0]](**resampler[1]))] if resampler else []
    return Pipeline([impute, *([scale, *sample] if on_scaled else [*sample, scale]), ("classifier", STEPS[family](**fixed))])


def best_threshold(y, score, merit):
    """The score at which labels are best, the largest of equally good ones."""
    values = sorted(set(score[y == 1]), reverse=True)
    merits = [merit(y, (score >= value).astype(int)) for value in values]
    best = int(np.argmax(merits))
    return {"value": float(values[best]), "merit": float(merits[best])}


def pipelines():
    """Inner folds cut from the training rows of a hold-out: every step learns inside each fold's training part."""
    x, y = blanks()
    cases = []
    for name, imputer, resampler, on_scaled, scaler, family, fixed, grid, goal, in_time in PIPELINES:
        rows = np.arange(len(y))
        if in_time:
            train, test = rows[:450], rows[450:]
            inner = TimeSeriesSplit(3)
        else:
            train, test = map(np.sort, train_test_split(rows, test_size=0.25, random_state=4, stratify=y))
            inner = StratifiedKFold(3, shuffle=True, random_state=42)
        whole = pipeline(imputer, resampler, on_scaled, scaler, family, fixed)
        space = {f"classifier__{key}": values for key, values in grid.items()}
        search = GridSearchCV(whole, space, scoring=SCORERS[goal], cv=inner, refit=True).fit(x[train], y[train])
        found = search.cv_results_
        # Rows that no fold in time tests have no score, which `cross_val_predict` refuses.
        score, tested = np.zeros(len(train)), np.zeros(len(train), dtype=bool)
        for learn, judge in inner.split(x[train], y[train]):
            model = sklearn.base.clone(search.best_estimator_).fit(x[train][learn], y[train][learn])
            score[judge], tested[judge] = model.predict_proba(x[train][judge])[:, 1], True
        tune = lambda merit: best_threshold(y[train][tested], score[tested], merit)
        cases.append({
            "name": name,
            "imputer": imputer,
            "resampler": resampler and {"id": resampler[0], "params": resampler[1], "on": "scaled" if on_scaled else "raw"},
            "scaler": scaler,
            "family": family,
            "fixed": fixed,
            "space": grid,
            "goal": goal,
            "in_time": in_time,
            "scores": [[float(found[f"split{f}_test_score"][i]) for f in range(3)] for i in range(len(found["params"]))],
            "best": int(search.best_index_),
            "test": float(average_precision_score(y[test], search.predict_proba(x[test])[:, 1])),
            "max-f1": tune(f1_score),
            "max-mcc": tune(matthews_corrcoef),
        })
    x = [[None if np.isnan(value) else value for value in row] for row in x]
    return {"imblearn": imblearn.__version__, "x": x, "y": y.tolist(), "cases": cases}


def main():
    """One file with all cases of searches on a matrix, one with those over pipelines."""
    OUT.mkdir(parents=True, exist_ok=True)
    x, y = data()
    content = {"sklearn": sklearn.__version__, "x": x.tolist(), "y": y.tolist()}
    cases = [case(*one, x, y) for one in CASES]
    (OUT / "grid.json").write_text(json.dumps({**content, "cases": cases}) + "\n")
    (OUT / "pipelines.json").write_text(json.dumps({"sklearn": sklearn.__version__, **pipelines()}) + "\n")


if __name__ == "__main__":
    main()
