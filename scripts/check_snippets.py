"""Runs searches and holds the Python code that they leave in best_params.json against their scores. Called by check-snippets."""

import csv
import json
import random
import subprocess
import sys
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedKFold

FOLDS = 3

# Families whose fits are scikit-learn's or the library's own, so that the scores must agree, and how closely. Solvers that go on
# until a tolerance is met get a small one.
FAMILIES = {
    "decision-tree": ("max_depth = [3, 6], min_samples_leaf = [2, 5]", 1e-12),
    "random-forest": ("n_estimators = [10, 20], max_depth = [4]", 1e-12),
    "extra-trees": ("n_estimators = [10], max_features = [0.5, 'sqrt']", 1e-12),
    "adaboost": ("n_estimators = [5, 10]", 1e-9),
    "k-neighbors": ("n_neighbors = [3, 9], weights = ['uniform', 'distance']", 1e-9),
    "logistic-regression": ("C = [0.1, 1.0]", 1e-6),
    "gaussian-nb": ("var_smoothing = [1e-9, 1e-3]", 1e-9),
    "lda": ("shrinkage = [0.1, 0.5]", 1e-6),
    "svc": ("C = [1.0, 4.0]", 1e-6),
    "xgboost": ("max_depth = [2, 4], learning_rate = [0.1, 0.3]", 1e-9),
    "lightgbm": ("num_leaves = [7, 31], min_child_samples = [5, 20]", 1e-9),
}
FIXED = {"lda": "solver = 'lsqr'", "logistic-regression": "tol = 1e-10, max_iter = 10000", "svc": "tol = 1e-9", "xgboost": "n_estimators = 20", "lightgbm": "n_estimators = 20"}
# Those whose score scikit-learn calibrates as it is.
CALIBRATED = ["decision-tree", "random-forest", "k-neighbors", "gaussian-nb", "xgboost"]
# One whose decisions scikit-learn calibrates, where ours calibrates its probabilities: why there is no code must be said.
CALIBRATED_OTHERWISE = ["lightgbm"]
# Those with labels by a threshold: of probabilities, and of decisions.
CUT = ["decision-tree", "random-forest", "logistic-regression", "gaussian-nb", "lda", "svc", "xgboost", "lightgbm"]
ON_CATEGORIES = ["decision-tree", "logistic-regression", "gaussian-nb", "xgboost", "lightgbm"]


def numbers(path):
    """Five columns with ties, duplicates and a constant; the rows that are positive are mostly told apart by two of them."""
    draw = random.Random(5)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["a", "b", "c", "tied", "constant", "label"])
        for i in range(600):
            label = int(i % 9 == 4)
            row = [draw.gauss(1.5 * label, 1), draw.expovariate(1) + label, draw.uniform(-3, 3), draw.randrange(4), 7.0]
            rows.writerow([*(f"{value:.4f}" for value in row), label])
            if i % 50 == 4:
                rows.writerow([*(f"{value:.4f}" for value in row), label])


def categories(path):
    """Texts among numbers: shops of very unequal frequency, one of which only one fold has."""
    draw = random.Random(6)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["amount", "shop", "country", "hour", "label"])
        for i in range(600):
            label = int(i % 7 == 2)
            shop = "rare" if i == 11 else draw.choice(["corner"] * 6 + ["market"] * 3 + (["web"] * (4 if label else 1)))
            country = draw.choice(["DE", "FR", "PL"] if label else ["DE", "DE", "DE", "FR"])
            rows.writerow([f"{draw.expovariate(0.02) + 30 * label:.2f}", shop, country, draw.randrange(24), label])


def blanks(path):
    """More rows than scikit-learn's quantiles are of by themselves, and some values missing."""
    draw = random.Random(7)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["a", "b", "label"])
        for i in range(24_000):
            label = int(i % 11 == 3)
            a, b = f"{draw.gauss(label, 1):.4f}", draw.randrange(9)
            rows.writerow(["" if i % 17 == 5 else a, "" if i % 13 == 2 else b, label])


def classifier(family, keys=""):
    space, _ = FAMILIES[family]
    fixed = f"params = {{ {FIXED[family]} }}, " if family in FIXED else ""
    return f'{{ family = "{family}", {keys}{fixed}search = {{ kind = "grid", goal = "pr-auc", space = {{ {space} }} }} }}'


def study(name, families, grid, keys="", metric="pr-auc"):
    lines = ",\n    ".join(classifier(family, keys) for family in families)
    return (
        f'name = "{name}"\nseed = 3\nmetrics = ["{metric}"]\nprimary = "{metric}"\n[data]\npath = "{name}.csv"\nlabel = "label"\n'
        f'[protocol]\nkind = "stratified-k-fold"\nfolds = {FOLDS}\nshuffle = false\n[grid]\ndedup = [false]\n{grid}\n'
        f"classifiers = [\n    {lines}\n]\n"
    )


def ours(binary, folder, name, text):
    (folder / f"{name}.toml").write_text(text)
    subprocess.run([binary, "run", f"{name}.toml", "--out", f"{name}-run"], cwd=folder, check=True, capture_output=True)
    return json.loads((folder / f"{name}-run" / "best_params.json").read_text())["pipelines"]


def theirs(code, table, fold, metric):
    """The average precision of a piece of code on one fold, or the F1 score of its labels."""
    names = {}
    exec(code, names)  # noqa: S102, what is on trial is the code
    x, y = table.drop(columns="label"), table["label"].to_numpy()
    train, test = list(StratifiedKFold(FOLDS).split(np.zeros(len(y)), y))[fold]
    model = names["model"].fit(x.iloc[train], y[train])
    if metric == "f1":
        return f1_score(y[test], model.predict(x.iloc[test]))
    if hasattr(model, "predict_proba"):
        score = model.predict_proba(x.iloc[test])[:, 1]
    else:
        score = model.decision_function(x.iloc[test])
    return average_precision_score(y[test], score)


def check(pipelines, table, metric):
    """The largest difference of each family, and what is beyond its tolerance."""
    worst, wrong = {}, []
    for pipeline in pipelines:
        for fold in pipeline["folds"]:
            what = f"{pipeline['family']}, encoder {pipeline['encoder']}, scaler {pipeline['scaler']}, fold {fold['fold']}"
            if "python" not in fold:
                wrong.append(f"{what}: no code, {fold['python_lacks']}")
                continue
            difference = abs(theirs(fold["python"], table, fold["fold"], metric) - fold[metric])
            worst[pipeline["family"]] = max(worst.get(pipeline["family"], 0), difference)
            if not difference <= FAMILIES[pipeline["family"]][1]:
                wrong.append(f"{what}: differs by {difference:.3g}\n{fold['python']}")
    return worst, wrong


class Silent:
    """LightGBM says where it cannot split, which on tables this small is often."""

    def info(self, said):
        pass

    def warning(self, said):
        pass


def main():
    lightgbm.register_logger(Silent())
    warnings.simplefilter("ignore")
    binary, folder = sys.argv[1], Path(sys.argv[2])
    numbers(folder / "numbers.csv")
    categories(folder / "categories.csv")
    blanks(folder / "blanks.csv")
    (folder / "calibrated.csv").write_bytes((folder / "numbers.csv").read_bytes())
    for name in ("sampled", "fixed", "tuned", "both"):
        (folder / f"{name}.csv").write_bytes((folder / "numbers.csv").read_bytes())
    wrong, seen = [], 0
    for name, families, grid, keys in [
        ("numbers", list(FAMILIES), 'resamplers = ["none", "tomek-links"]\nscalers = ["none", "standard", "robust", "quantile"]', ""),
        ("categories", ON_CATEGORIES, 'encoders = ["one-hot", "ordinal", "target"]\nscalers = ["standard"]', ""),
        ("calibrated", CALIBRATED, 'scalers = ["standard"]', 'calibrate = "isotonic", '),
        ("fixed", CUT, 'scalers = ["standard"]', "threshold = 0.1, "),
        ("tuned", CUT, 'scalers = ["standard"]', 'threshold = "max-f1", '),
        ("both", CALIBRATED, 'scalers = ["standard"]', 'calibrate = "sigmoid", threshold = "max-mcc", '),
        ("sampled", ["decision-tree", "gaussian-nb"], 'resamplers = ["random-undersampling", "random-oversampling", "smote"]', ""),
        ("blanks", ["gaussian-nb", "decision-tree"], 'imputers = ["mean", "median", "most-frequent", "constant"]\nscalers = ["quantile"]', ""),
    ]:
        metric = "f1" if "threshold" in keys else "pr-auc"
        pipelines = ours(binary, folder, name, study(name, families, grid, keys, metric))
        worst, bad = check(pipelines, pd.read_csv(folder / f"{name}.csv"), metric)
        seen += len(pipelines)
        wrong += bad
        print(f"{name}: {len(pipelines)} pipelines of {FOLDS} folds; largest differences of {metric}:")
        for family, difference in worst.items():
            print(f"  {family:20} {difference:.2g}")
    (folder / "otherwise.csv").write_bytes((folder / "numbers.csv").read_bytes())
    for pipeline in ours(binary, folder, "otherwise", study("otherwise", CALIBRATED_OTHERWISE, "", 'calibrate = "sigmoid", ')):
        wrong += [f"{pipeline['family']}: code for another calibration\n{fold['python']}" for fold in pipeline["folds"] if "python" in fold]
    assert seen > 0
    for said in wrong:
        print(said, file=sys.stderr)
    sys.exit(bool(wrong))


main()
