"""Writes tests/golden/data/families/*.json: scikit-learn's answers of further families on small hard data sets."""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, IsolationForest
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "families"
PLAIN = [0, 2, 3, 4]
# Where the weights are no binary fractions, rounding decides between cuts that are equally good.
WEIGHTED = {"random_state": 6, "n_estimators": 5, "class_weight": "balanced"}


def quadratic(**params):
    """Products of degree 2 before least squares."""
    return make_pipeline(PolynomialFeatures(2, include_bias=False), LinearRegression(**params))


# Family, its class, parameters, and the columns it is shown (none: all).
CASES = [
    ("gaussian-nb", GaussianNB, {}, None),
    ("gaussian-nb", GaussianNB, {"var_smoothing": 1e-2, "priors": [0.25, 0.75]}, None),
    ("lda", LinearDiscriminantAnalysis, {}, None),
    ("lda", LinearDiscriminantAnalysis, {"priors": [0.6, 0.4], "tol": 0.3}, PLAIN),
    ("lda", LinearDiscriminantAnalysis, {"solver": "lsqr", "priors": [0.6, 0.4]}, PLAIN),
    ("lda", LinearDiscriminantAnalysis, {"solver": "lsqr", "shrinkage": 0.3}, None),
    ("lda", LinearDiscriminantAnalysis, {"solver": "lsqr", "shrinkage": "auto"}, PLAIN),
    ("lda", LinearDiscriminantAnalysis, {"solver": "eigen"}, PLAIN),
    ("lda", LinearDiscriminantAnalysis, {"solver": "eigen", "shrinkage": "auto", "priors": [0.3, 0.7]}, PLAIN),
    ("qda", QuadraticDiscriminantAnalysis, {}, PLAIN),
    ("qda", QuadraticDiscriminantAnalysis, {"solver": "eigen"}, PLAIN),
    ("qda", QuadraticDiscriminantAnalysis, {"solver": "eigen", "shrinkage": 0.3}, None),
    ("qda", QuadraticDiscriminantAnalysis, {"solver": "eigen", "shrinkage": "auto"}, PLAIN),
    ("qda", QuadraticDiscriminantAnalysis, {"reg_param": 0.2, "priors": [0.3, 0.7]}, None),
    ("linear-regression", LinearRegression, {}, None),
    ("linear-regression", LinearRegression, {"fit_intercept": False}, None),
    ("quadratic-regression", quadratic, {}, PLAIN),
    ("extra-trees", ExtraTreesClassifier, {"random_state": 3, "n_estimators": 12}, None),
    ("extra-trees", ExtraTreesClassifier, {"random_state": 4, "n_estimators": 6, "criterion": "entropy", "max_depth": 5,
                                           "min_samples_leaf": 3, "max_features": 0.7}, None),
    ("extra-trees", ExtraTreesClassifier, {"random_state": 5, "n_estimators": 6, "bootstrap": True, "max_samples": 70,
                                           "class_weight": "balanced"}, None),
    ("extra-trees", ExtraTreesClassifier, WEIGHTED, None),
    ("extra-trees", ExtraTreesClassifier, {"random_state": 7, "n_estimators": 5, "max_leaf_nodes": 9, "ccp_alpha": 0.002,
                                           "class_weight": {"0": 1.0, "1": 4.0}}, None),
    ("extra-trees", ExtraTreesClassifier, {"random_state": 8, "n_estimators": 5, "min_weight_fraction_leaf": 0.02,
                                           "min_impurity_decrease": 0.001, "monotonic_cst": [1, 0, -1, 0]}, PLAIN),
    ("hist-gradient-boosting", HistGradientBoostingClassifier, {"random_state": 1, "max_iter": 30}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_bins": 16, "l2_regularization": 1.5, "learning_rate": 0.3, "min_samples_leaf": 4}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 2, "max_depth": 3, "max_leaf_nodes": 5, "min_samples_leaf": 1, "max_iter": 40}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 7, "early_stopping": True, "min_samples_leaf": 6, "tol": 1e-4, "n_iter_no_change": 4}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_iter": 20, "class_weight": {"0": 1.0, "1": 4.0}, "max_bins": 20, "min_samples_leaf": 5}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_iter": 25, "class_weight": "balanced", "early_stopping": True, "min_samples_leaf": 5}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_iter": 25, "monotonic_cst": [1, 0, -1, 1], "min_samples_leaf": 5}, PLAIN),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_iter": 25, "interaction_cst": [[0, 1], [1, 2]], "min_samples_leaf": 5}, PLAIN),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_iter": 25, "interaction_cst": "no_interactions", "min_samples_leaf": 5}, PLAIN),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 4, "max_iter": 25, "max_features": 0.5, "min_samples_leaf": 5}, None),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 4, "max_iter": 25, "max_features": 0.3, "interaction_cst": [[0, 1], [1, 2]], "min_samples_leaf": 5}, PLAIN),
    *(("hist-gradient-boosting", HistGradientBoostingClassifier,
       {"random_state": 3, "early_stopping": True, "scoring": scoring, "min_samples_leaf": 5, "n_iter_no_change": 4}, None)
      for scoring in ["accuracy", "f1", "roc_auc", "average_precision", "neg_log_loss", "balanced_accuracy", "neg_brier_score"]),
    ("hist-gradient-boosting", HistGradientBoostingClassifier,
     {"random_state": 1, "max_iter": 25, "interaction_cst": "pairwise", "min_samples_leaf": 5}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 1, "max_iter": 30}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 2, "hidden_layer_sizes": [8, 5], "activation": "tanh", "batch_size": 32,
                            "alpha": 0.1, "learning_rate_init": 0.01, "tol": 1e-2, "n_iter_no_change": 3}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 3, "hidden_layer_sizes": [6], "activation": "logistic", "max_iter": 60,
                            "early_stopping": True, "n_iter_no_change": 5, "validation_fraction": 0.2}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 4, "hidden_layer_sizes": [], "shuffle": False, "max_iter": 20}, None),
    ("mlp", MLPClassifier, {"random_state": 5, "solver": "sgd", "max_iter": 40, "learning_rate_init": 0.01}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 6, "solver": "sgd", "max_iter": 60, "learning_rate": "adaptive", "momentum": 0.5,
                            "learning_rate_init": 0.1, "tol": 0.01, "n_iter_no_change": 2, "activation": "tanh"}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 7, "solver": "sgd", "max_iter": 25, "learning_rate": "invscaling", "power_t": 0.3,
                            "nesterovs_momentum": False, "learning_rate_init": 0.1}, PLAIN),
    ("mlp", MLPClassifier, {"random_state": 8, "solver": "lbfgs", "max_iter": 15, "hidden_layer_sizes": [5]}, [2, 3]),
    ("mlp", MLPClassifier, {"random_state": 9, "solver": "lbfgs", "max_iter": 25, "hidden_layer_sizes": [4, 3],
                            "activation": "tanh", "alpha": 0.5}, [2, 3]),
    ("isolation-forest", IsolationForest, {"random_state": 3}, None),
    ("isolation-forest", IsolationForest, {"random_state": 4, "n_estimators": 20, "contamination": 0.07}, PLAIN),
    ("isolation-forest", IsolationForest, {"random_state": 5, "max_samples": 0.995, "n_estimators": 9}, None),
    ("isolation-forest", IsolationForest, {"random_state": 6, "max_samples": 4, "n_estimators": 9}, None),
    ("isolation-forest", IsolationForest, {"random_state": 7, "bootstrap": True, "max_samples": 0.5}, None),
    ("isolation-forest", IsolationForest, {"random_state": 8, "max_features": 3, "n_estimators": 12}, None),
    ("isolation-forest", IsolationForest, {"random_state": 9, "max_features": 0.5, "bootstrap": True, "max_samples": 60}, PLAIN),
]


def data(name, rows, positives, seed):
    """Skewed columns on a grid, a constant one, one that repeats another, repeated rows with both labels."""
    rng = np.random.RandomState(seed)
    y = np.zeros(rows, dtype=int)
    y[rng.permutation(rows)[:positives]] = 1
    x = rng.standard_t(4, (rows, 6)) + 0.8 * y[:, None] * rng.uniform(-1, 2, 6)
    x[:, 3] += 0.7 * x[:, 2]
    x = np.round(x, 1)
    x[:, 0] = np.round(np.exp(x[:, 0] / 2), 2)
    x[:, 1] = 3.25
    x[:, 4] *= 40.0
    x[:, 5] = x[:, 3]
    x[rng.randint(0, rows, rows // 10)] = x[rng.randint(0, rows, rows // 10)]
    return name, x, y


def case(family, make, params, columns, x, y, asked):
    """Fits and says what came out."""
    kept = list(range(x.shape[1])) if columns is None else columns
    taken = dict(params)
    if isinstance(params.get("class_weight"), dict):
        taken["class_weight"] = {int(label): weight for label, weight in params["class_weight"].items()}
    model = make(**taken).fit(x[:, kept], y)
    if family == "isolation-forest":
        score = -model.score_samples(asked[:, kept])
        label = (model.predict(asked[:, kept]) == -1).astype(int)
    elif hasattr(model, "predict_proba"):
        score = model.predict_proba(asked[:, kept])[:, 1]
        label = model.predict(asked[:, kept])
    else:
        score = model.predict(asked[:, kept])
        label = (score > 0.5).astype(int)
    return {"family": family, "params": params, "columns": kept, "score": score.tolist(), "label": label.tolist()}


def main():
    """One file a data set."""
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    # One in five: balanced weights are then 2.5 and 0.625, whose sums no rounding touches.
    for name, x, y in [data("rare", 420, 31, 1), data("fifth", 150, 30, 3)]:
        rng = np.random.RandomState(9)
        # Columns are asked about in pairs, so that the repeated one stays a repetition.
        moved = np.round(rng.normal(size=(60, x.shape[1])), 1)
        moved[:, 1] = 0.0
        moved[:, 5] = moved[:, 3]
        asked = x[rng.randint(0, len(x), 60)] + moved
        exact = [given for given in CASES if name == "fifth" or given[2] != WEIGHTED]
        cases = [case(*given, x, y, asked) for given in exact]
        content = {"sklearn": sklearn.__version__, "x": x.tolist(), "y": y.tolist(), "asked": asked.tolist()}
        (OUT / f"{name}.json").write_text(json.dumps({**content, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
