"""Writes tests/golden/data/trees/*.json: scikit-learn's trees, forests and AdaBoost on small hard data sets."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "trees"
FAMILIES = {
    "decision-tree": DecisionTreeClassifier,
    "random-forest": RandomForestClassifier,
    "adaboost": AdaBoostClassifier,
}
TREES = [
    {},
    {"criterion": "entropy"},
    {"criterion": "log_loss", "max_depth": 4},
    {"min_samples_leaf": 4, "min_samples_split": 11},
    {"max_features": 2},
    {"max_features": 0.7, "max_depth": 6},
    {"max_leaf_nodes": 7},
    {"max_leaf_nodes": 9, "max_features": 2, "min_samples_leaf": 3, "criterion": "entropy"},
    {"min_impurity_decrease": 0.004},
    {"min_impurity_decrease": 0.002, "max_leaf_nodes": 12},
    {"min_samples_split": 0.06, "min_samples_leaf": 0.012},
    {"min_weight_fraction_leaf": 0.02},
    {"ccp_alpha": 0.003},
    {"ccp_alpha": 0.001, "max_leaf_nodes": 15, "max_features": 3},
    {"monotonic_cst": "some"},
    {"monotonic_cst": "some", "max_leaf_nodes": 10, "max_features": 3},
    {"class_weight": {"0": 1.0, "1": 4.0}},
    {"class_weight": {"0": 0.5, "1": 2.0}, "min_weight_fraction_leaf": 0.03, "ccp_alpha": 0.002},
    {"splitter": "random"},
    {"splitter": "random", "max_features": 3, "max_leaf_nodes": 12},
    {"splitter": "random", "min_weight_fraction_leaf": 0.02, "min_impurity_decrease": 0.001, "monotonic_cst": "some"},
]
FORESTS = [
    {"n_estimators": 10},
    {"n_estimators": 4, "max_features": "log2", "criterion": "entropy"},
    {"n_estimators": 4, "max_samples": 0.4},
    {"n_estimators": 3, "bootstrap": False, "max_features": None},
    {"n_estimators": 4, "class_weight": "balanced", "max_samples": 77},
    {"n_estimators": 5, "min_samples_leaf": 3},
    {"n_estimators": 4, "min_samples_leaf": 6, "max_features": 4, "criterion": "entropy"},
    {"n_estimators": 4, "class_weight": {"0": 1.0, "1": 4.0}, "max_samples": 0.5},
    {"n_estimators": 4, "max_leaf_nodes": 8, "oob_score": True},
    {"n_estimators": 3, "min_weight_fraction_leaf": 0.01, "min_impurity_decrease": 0.002},
    {"n_estimators": 3, "min_samples_leaf": 0.02, "min_samples_split": 0.08, "max_samples": 0.6},
    {"n_estimators": 3, "monotonic_cst": "some", "ccp_alpha": 0.002},
]
# Their weights are no binary fractions, so rounding decides between cuts that are equally good.
SUBSAMPLES = [{"n_estimators": 3, "class_weight": "balanced_subsample", "max_depth": 2, "max_features": None}]
BOOSTS = [{"n_estimators": 12}, {"n_estimators": 25, "learning_rate": 0.3}]


def data(name, rows, columns, positives, seed):
    """Skewed columns on a grid, a constant one, one with values nearer than 1e-7, repeated rows with both labels."""
    rng = np.random.RandomState(seed)
    y = np.zeros(rows, dtype=int)
    y[rng.permutation(rows)[:positives]] = 1
    x = rng.standard_t(3, (rows, columns)) + 0.9 * y[:, None] * rng.uniform(-1, 2, columns)
    x = np.round(x, 1)
    x[:, 0] = np.round(np.exp(x[:, 0]), 2)
    x[:, 1] = 3.25
    # Pairs of values that scikit-learn takes for one, and which one row less can make into two.
    x[:, 2] = np.round(x[:, 2] * 0.25, 2) + rng.randint(0, 3, rows) * 6e-8
    x[rng.randint(0, rows, rows // 10)] = x[rng.randint(0, rows, rows // 10)]
    return name, x, y


def structure(tree):
    """The node arrays of one fitted tree, a left child behind its parent; -2 marks a leaf's feature."""
    tree = tree.tree_
    out = {"feature": [], "threshold": [], "right": []}

    def walk(node):
        at, feature = len(out["feature"]), int(tree.feature[node])
        out["feature"].append(feature)
        out["threshold"].append(0.0 if feature < 0 else float(tree.threshold[node]))
        out["right"].append(0)
        if feature >= 0:
            walk(tree.children_left[node])
            out["right"][at] = len(out["feature"])
            walk(tree.children_right[node])

    walk(0)
    return out


def spelt(params, columns):
    """The parameters as the class takes them."""
    out = dict(params)
    if params.get("monotonic_cst"):
        out["monotonic_cst"] = [[1, 0, -1, 0, -1, 1, 0][column] for column in range(columns)]
    if isinstance(params.get("class_weight"), dict):
        out["class_weight"] = {int(label): weight for label, weight in params["class_weight"].items()}
    return out


def case(family, params, seed, x, y, asked):
    """Fits and says what came out."""
    taken = spelt(params, x.shape[1])
    model = FAMILIES[family](random_state=seed, **taken).fit(x, y)
    if "monotonic_cst" in params:
        params = {**params, "monotonic_cst": taken["monotonic_cst"]}
    members = [model] if family == "decision-tree" else model.estimators_
    probability = model.predict_proba(asked)
    score = probability[:, list(model.classes_).index(1)] if 1 in model.classes_ else np.zeros(len(asked))
    out = {
        "family": family,
        "params": {"random_state": seed, **{k: v for k, v in params.items() if v is not None}},
        "all_features": "max_features" in params and params["max_features"] is None,
        "trees": [structure(member) for member in members],
        "score": score.tolist(),
        "label": model.predict(asked).tolist(),
    }
    if params.get("oob_score"):
        out["oob_score"] = model.oob_score_
    if family == "adaboost":
        n = len(members)
        out["weights"] = model.estimator_weights_[:n].tolist()
        out["errors"] = model.estimator_errors_[:n].tolist()
    return out


def main():
    """One file a data set."""
    OUT.mkdir(parents=True, exist_ok=True)
    # Boosted weights are fractions, so rounding decides between columns that cut equally well; `single` is a draw in which no
    # round meets such a tie (with other seeds some do).
    sets = [
        data("rare", 420, 7, 25, 1),
        data("single", 130, 5, 1, 8),
        data("balanced", 150, 5, 75, 3),
        data("mostly-positive", 160, 5, 141, 4),
    ]
    one = data("one-class", 20, 3, 0, 5)
    for name, x, y in [*sets, one, (one[0] + "-positive", one[1], one[2] + 1)]:
        rng = np.random.RandomState(9)
        asked = x[rng.randint(0, len(x), 40)] + np.round(rng.normal(size=(40, x.shape[1])), 1)
        # With one class there is nothing to cut, whatever the settings.
        few = None if len(set(y.tolist())) > 1 else 6
        cases = [case("decision-tree", p, 11 + i, x, y, asked) for i, p in enumerate(TREES[:few])]
        cases += [case("random-forest", p, 31 + i, x, y, asked) for i, p in enumerate(FORESTS[:few])]
        cases += [case("random-forest", p, 71 + i, x, y, asked) for i, p in enumerate(SUBSAMPLES[:few]) if name == "rare"]
        cases += [case("adaboost", p, 51 + i, x, y, asked) for i, p in enumerate(BOOSTS)]
        content = {"sklearn": sklearn.__version__, "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist()}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
