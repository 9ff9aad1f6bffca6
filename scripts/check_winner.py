"""Models of a small study, read by Python: equal scores by onnxruntime and by the libraries that wrote a native file.

The ONNX files are read by the code that docs/winner.md prints, as it stands there. Usage: check_winner.py FRAUDBENCH
"""

import contextlib
import csv
import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import lightgbm
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import shap
import xgboost
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

FRAUDBENCH = sys.argv[1]
CLOSE = 1e-6

STUDY = """
name = "small"
seed = 5
[data]
path = "data.csv"
label = "label"
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
imputers = ["none", { id = "median", params = { add_indicator = true } }, "constant"]
encoders = ["native", "one-hot", "ordinal", "target", "frequency"]
scalers = [
    "none", "min-max", { id = "min-max", name = "clipped", params = { clip = true } }, "max-abs", "standard", "power", "quantile",
    "normalizer", { id = "normalizer", name = "l1", params = { norm = "l1" } },
    { id = "normalizer", name = "max", params = { norm = "max" } }, "polynomial",
    { id = "polynomial", name = "cubic", params = { degree = 3, interaction_only = true, include_bias = false } }, "robust", "whitening",
    { id = "function", name = "signed", params = { func = "signed-log1p" } },
    { id = "function", name = "arcsinh", params = { func = "arcsinh" } },
    { id = "function", name = "cbrt", params = { func = "cbrt" } },
]
selects = ["none", { id = "pca", params = { n_components = 3 } }, { id = "select-k-best", params = { k = 4 } }]
classifiers = [
    "prior", "logistic-regression", "ridge", "linear-svc", "sgd", { family = "sgd", name = "huber", params = { loss = "modified_huber" } },
    "lda", "gaussian-nb", "decision-tree", { family = "random-forest", params = { n_estimators = 25 } },
    { family = "extra-trees", params = { n_estimators = 25 } }, { family = "adaboost", params = { n_estimators = 30 } },
    { family = "hist-gradient-boosting", params = { max_iter = 40, min_samples_leaf = 5 } },
    { family = "xgboost", params = { n_estimators = 40 } }, { family = "lightgbm", params = { n_estimators = 40, min_child_samples = 5 } },
    { family = "catboost", params = { iterations = 40, depth = 4 } },
    { family = "mlp", params = { max_iter = 20, hidden_layer_sizes = [6, 5] } },
    { family = "mlp", name = "tanh", params = { max_iter = 20, activation = "tanh" } },
    "svc", { family = "svc", name = "poly", params = { kernel = "poly", coef0 = 1.0, degree = 2 } },
    { family = "svc", name = "tanh-kernel", params = { kernel = "sigmoid", gamma = 0.01 } },
    { family = "svc", name = "linear-kernel", params = { kernel = "linear" } },
    { family = "qda", params = { reg_param = 0.01 } },
    "k-neighbors", { family = "k-neighbors", name = "by-distance", params = { weights = "distance", n_neighbors = 7 } },
    { family = "k-neighbors", name = "blocks", params = { p = 1.0, weights = "distance" } },
    { family = "k-neighbors", name = "cubes", params = { p = 3.0 } }, { family = "k-neighbors", name = "roots", params = { p = 1.5 } },
    { family = "k-neighbors", name = "largest", params = { metric = "chebyshev" } },
    { family = "k-neighbors", name = "cosine", params = { metric = "cosine", weights = "distance" } },
    { family = "voting", params = { estimators = ["svc", "decision-tree", "gaussian-nb", "lda"], weights = [1.0, 2.0, 1.0, 0.5] } },
    { family = "voting", name = "soft", params = { estimators = ["xgboost", "k-neighbors", "random-forest"], voting = "soft" } },
    { family = "bagging", params = { estimator = "logistic-regression", n_estimators = 5, max_features = 0.5 } },
    { family = "balanced-bagging", params = { n_estimators = 5 } }, { family = "easy-ensemble", params = { n_estimators = 3 } },
    { family = "rus-boost", params = { n_estimators = 6 } },
    { family = "stacking", params = { estimators = ["lightgbm", "ridge"], passthrough = true } },
    { family = "svc", name = "platt", calibrate = "sigmoid" }, { family = "lda", name = "rising", calibrate = "isotonic" },
    { family = "qda", name = "two-bounds", params = { reg_param = 0.01 }, calibrate = "venn-abers", threshold = 0.25 },
    { family = "random-forest", name = "counted", params = { n_estimators = 25 }, calibrate = "venn-abers" },
    { family = "lda", name = "tuned", threshold = "max-f1" }, { family = "lda", name = "prior-corrected", correct_prior = true },
]
"""
FAMILIES = [
    "prior", "logistic-regression", "ridge", "linear-svc", "sgd", "huber", "lda", "gaussian-nb", "decision-tree", "random-forest",
    "extra-trees", "adaboost", "hist-gradient-boosting", "xgboost", "lightgbm", "mlp", "tanh", "tuned", "prior-corrected",
    "svc", "poly", "tanh-kernel", "linear-kernel", "qda", "k-neighbors", "by-distance", "blocks", "cubes", "roots", "largest", "cosine", "voting", "soft", "bagging", "balanced-bagging", "easy-ensemble", "rus-boost", "stacking", "platt", "rising", "two-bounds", "counted",
]
SCALERS = [
    "none", "min-max", "clipped", "max-abs", "power", "quantile", "normalizer", "l1", "max", "polynomial", "cubic", "robust",
    "whitening", "signed", "arcsinh", "cbrt",
]


# Says of the rows of a file, in CatBoost's own Python, what its own file says: `model.cbm`, rows as numpy saved them.
CATBOOST = """
import sys, numpy, catboost
model = catboost.CatBoostClassifier().load_model(sys.argv[1])
numpy.save(sys.argv[3], model.predict_proba(numpy.load(sys.argv[2]))[:, 1])
print(catboost.__version__)
"""


def rows(count):
    """Rows with ties, blanks in many spellings, a category of five levels, a date; every sixth is positive."""
    yield ["amount", "age", "shop", "bought", "label"]
    for i in range(count):
        positive = i % 6 == 2
        amount = (i * 7919 % 400) / 8 - 10 + (30 if positive else 0)
        age = ["", "NA", "?", "none"][i % 4] if i % 11 == 5 else i * 104729 % 60
        shop = ["", "none", "?", "n/a", "Na"][i % 5] if i % 13 == 4 else ["bar", "cafe", "diner", "kiosk", "pub"][(i * 31 % 13 + 2 * positive) % 5]
        bought = f"2024-02-{1 + i % 28:02} {i % 24:02}:{i * 7 % 60:02}:00"
        yield [amount, age, shop, bought, int(positive)]


def write(path, table):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(table)


def run(folder, *arguments):
    done = subprocess.run([FRAUDBENCH, *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout


def catboost_python():
    """The Python that has CatBoost; none where it is not installed."""
    done = subprocess.run([FRAUDBENCH, "python", "path"], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def scored(folder, model, data):
    out = run(folder, "score", model, data).splitlines()[1:]
    cells = [line.split(",") for line in out]
    return np.array([float(cell[1]) for cell in cells]), np.array([int(cell[2]) for cell in cells])


def printed():
    """The code that docs/winner.md prints for readers of an ONNX file, compiled."""
    text = (Path(__file__).parent.parent / "docs/winner.md").read_text()
    _, behind = text.split("\n    import json, onnxruntime", 1)
    lines = ("    import json, onnxruntime" + behind).split("\n")
    block = next(i for i, line in enumerate(lines) if line and not line.startswith("    "))
    return compile(textwrap.dedent("\n".join(lines[:block])), "docs/winner.md", "exec")


PRINTED = printed()


def read_by_page(folder, data):
    """Scores and labels of a file's rows by the page's code."""
    shutil.copyfile(folder / data, folder / "new-rows.csv")
    names = {}
    with contextlib.chdir(folder):
        exec(PRINTED, names)  # noqa: S102, what is on trial is the code
    return names["score"], names["label"]


def check_onnx(folder, pipeline, data):
    model = json.loads((folder / "model/model.json").read_text())
    path = folder / "model/model.onnx"
    if not path.exists():
        raise SystemExit(f"{pipeline}: no ONNX file: {model['no_onnx']}")
    onnx.checker.check_model(str(path), full_check=True)
    score, label = scored(folder, "model", data)
    said, labels = read_by_page(folder, data)
    off = np.abs(said - score) / np.maximum(1, np.abs(score))
    assert said.shape == score.shape and off.max() <= CLOSE, f"{pipeline}, {data}: scores differ by {off.max():g}"
    # A score that lies on the bound may fall on either side.
    assert (labels != label).sum() == 0 or off[labels != label].max() > 0, f"{pipeline}: labels differ"
    return off.max()


def numbers(path, blank):
    """Amount and age of every row."""
    texts = pd.read_csv(path, dtype=str, na_values=["?", "none"])[["amount", "age"]]
    x = texts.to_numpy(object).astype(float)
    return np.where(np.isnan(x), blank, x)


def check_native(folder, pipeline, data):
    """The library's own file says of the prepared rows, which are the file's where no step changes them, what we say."""
    score, _ = scored(folder, "model", data)
    x = numbers(folder / data, np.nan)
    if (folder / "model/model.ubj").exists():
        classifier = xgboost.XGBClassifier()
        classifier.load_model(folder / "model/model.ubj")
        said = classifier.predict_proba(x)[:, 1]
        # In 32 bits, as the library has them.
        assert np.array_equal(said.astype(float), score), f"{pipeline}: {np.abs(said - score).max():g}"
    elif (folder / "model/model.cbm").exists():
        np.save(folder / "x.npy", x)
        told = [str(folder / name) for name in ["model/model.cbm", "x.npy", "said.npy"]]
        version = subprocess.run([catboost_python(), "-c", CATBOOST, *told], capture_output=True, text=True, check=True).stdout.strip()
        said = np.load(folder / "said.npy")
        assert np.array_equal(said, score), f"{pipeline}: {np.abs(said - score).max():g}"
        print(f"catboost {version} reads its file and says the same to the bit")
    else:
        said = lightgbm.Booster(model_file=folder / "model/model.txt").predict(x)
        assert np.array_equal(said, score), f"{pipeline}: {np.abs(said - score).max():g}"


KINDS = """
name = "kinds"
data = { path = "kinds.csv", label = "label", categorical = ["code"] }
protocol = { kind = "hold-out" }
[grid]
imputers = ["most-frequent"]
encoders = ["one-hot"]
classifiers = ["lda", "decision-tree"]
"""


def kinds(count):
    """Rows with codes that look like numbers, words for numbers, dates with and without a time of day, blanks in all of these, and
    spaces around some of each, as exports of fixed width have them."""
    blank = ["", "none", "?", "nUll", "#N/A", "-1.#QNAN", "<NA>", "n/A", " na ", "   "]
    zone = ["", " 10:30:00", "T10:30:00.25+02:00", " 10:30:00 UTC", "t10:30:00GMT", " 10:30 -0330", " 10:30:00z"]
    yield [" code", "known ", "true", " when ", "label"]
    for i in range(count):
        positive = i % 5 == 1
        known = blank[i // 23 % len(blank)] if i % 23 == 7 else ["no", "Yes", " no ", "Yes "][(i * 13 % 5 + positive) % 4]
        true = "NA" if i % 19 == 3 else ["TRUE", "false", " false"][i * 7 % 3]
        when = "9999-12-31" if i % 31 == 5 else f"2024-03-{1 + i % 28:02}" + zone[(i + positive) % len(zone)]
        code = f"00{i * 17 % 4}" if i % 17 else ""
        yield [code.center(5) if i % 3 else code, known, true, "" if i % 29 == 8 else f" {when}", int(positive)]


def check_kinds(folder):
    """The page's code on every kind of column, by the usual blanks and by the study's own."""
    write(folder / "kinds.csv", kinds(300))
    # With these `none` and `?` are levels, and an empty field and `NA` are missing.
    named = KINDS.replace('categorical = ["code"]', 'categorical = ["code"], missing = ["", "NA"]').replace('"kinds"', '"named"')
    for name, study in [("kinds", KINDS), ("named", named)]:
        (folder / f"{name}.toml").write_text(study)
        run(folder, "run", f"{name}.toml", "--out", name)
        for classifier in ["lda", "decision-tree"]:
            run(folder, "refit", name, f"classifier={classifier}", "--out", "model", "--overwrite")
            check_onnx(folder, f"{name}, {classifier}", "kinds.csv")


EXPLAINED = """
name = "explained"
seed = 5
primary = "pr-auc"
[data]
path = "plain.csv"
label = "label"
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
imputers = [{ id = "constant", params = { fill_value = -1.0 } }]
classifiers = [
    { family = "decision-tree", params = { random_state = 3, max_depth = 5 } },
    { family = "random-forest", params = { random_state = 3, n_estimators = 12 } },
    { family = "extra-trees", params = { random_state = 3, n_estimators = 12 } },
    { family = "logistic-regression", params = { tol = 1e-10 } },
    { family = "xgboost", params = { n_estimators = 30 } },
    { family = "lightgbm", params = { n_estimators = 30, min_child_samples = 5 } },
]
"""


def library(name, x, y):
    """The same classifier, fitted by Python's library."""
    return {
        "decision-tree": DecisionTreeClassifier(random_state=3, max_depth=5),
        "random-forest": RandomForestClassifier(random_state=3, n_estimators=12),
        "extra-trees": ExtraTreesClassifier(random_state=3, n_estimators=12),
        "logistic-regression": LogisticRegression(tol=1e-10, max_iter=10000),
        "xgboost": xgboost.XGBClassifier(n_estimators=30),
        "lightgbm": lightgbm.LGBMClassifier(n_estimators=30, min_child_samples=5, deterministic=True, force_col_wise=True, verbose=-1),
    }[name].fit(x, y)


def check_explained(folder, name):
    """Importances and SHAP values of a fold against scikit-learn's and shap's, for models that are fitted on the same rows."""
    run(folder, "explain", "x", f"classifier={name}", "--rows", "40", "--background", "30", "--repeats", "3", "--seed", "7", "--out", "e")
    said = json.loads((folder / "e/explain.json").read_text())
    x = numbers(folder / "plain.csv", -1.0)
    y = pd.read_csv(folder / "plain.csv")["label"].to_numpy()
    off = [0.0, 0.0]
    for fold in said["folds"]:
        test = np.array(fold["test"])
        train = np.setdiff1d(np.arange(len(y)), test)
        model = library(name, x[train], y[train])
        theirs = permutation_importance(model, x[test], y[test], scoring="average_precision", n_repeats=3, random_state=7)
        off[0] = max(off[0], np.abs(theirs.importances - np.array(fold["importance"])).max())
        rows, background = fold["shap"]["rows"], fold["shap"]["background"]
        assert set(rows) <= set(test) and set(background) <= set(train)
        if name == "logistic-regression":
            explainer = shap.LinearExplainer(model, shap.maskers.Independent(x[background], max_samples=len(background)))
            values = explainer.shap_values(x[rows])
        else:
            explainer = shap.TreeExplainer(model, x[background], feature_perturbation="interventional", model_output="raw")
            values = explainer.shap_values(x[rows], check_additivity=False)
            values = values[:, :, 1] if values.ndim == 3 else values
        off[1] = max(off[1], np.abs(values - np.array(fold["shap"]["values"])).max())
    # Equal leaves of LightGBM's trees differ in their last bits here and there, so that rows with tied scores are ranked otherwise.
    close = 0.01 if name == "lightgbm" else 1e-9
    assert off[0] < close and off[1] < 2e-5, f"{name}: importances differ by {off[0]:g}, SHAP values by {off[1]:g}"
    return off


def main():
    whole = "imputer={imputer},encoder={encoder},scaler={scaler},select={select},classifier={classifier},resampler=none,dedup=off"
    pipelines = [dict(imputer="median", encoder="one-hot", scaler="standard", select="none", classifier=c) for c in FAMILIES]
    for scaler in SCALERS:
        pipelines.append(dict(imputer="median", encoder="one-hot", scaler=scaler, select="none", classifier="logistic-regression"))
    # These tell last digits apart, which the scalers have to have as we have them.
    for scaler in ["min-max", "max", "quantile", "polynomial", "cubic"]:
        for classifier in ["hist-gradient-boosting", "k-neighbors"]:
            pipelines.append(dict(imputer="median", encoder="one-hot", scaler=scaler, select="none", classifier=classifier))
    for encoder in ["native", "ordinal", "target", "frequency"]:
        for classifier in ["xgboost", "lightgbm", "hist-gradient-boosting"]:
            pipelines.append(dict(imputer="none", encoder=encoder, scaler="none", select="none", classifier=classifier))
            pipelines.append(dict(imputer="constant", encoder=encoder, scaler="standard", select="none", classifier=classifier))
    for select in ["pca", "select-k-best"]:
        pipelines.append(dict(imputer="median", encoder="target", scaler="robust", select=select, classifier="random-forest"))
    if catboost_python():
        for imputer, scaler in [("none", "none"), ("constant", "standard")]:
            pipelines.append(dict(imputer=imputer, encoder="ordinal", scaler=scaler, select="none", classifier="catboost"))
    # Encoders pass categories on that not every family takes.
    pipelines = [p for p in pipelines if not (p["encoder"] == "native" and p["scaler"] == "standard")]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        table = list(rows(600))
        new = [table[0]] + [[v, a, s if i % 5 else "market", b, y] for i, (v, a, s, b, y) in enumerate(table[1:120])]
        plain = [[row[0], row[1], row[4]] for row in table]
        for name, content in [("data.csv", table), ("new.csv", new), ("plain.csv", plain)]:
            write(folder / name, content)
        (folder / "study.toml").write_text(STUDY)
        text = STUDY.replace("data.csv", "plain.csv")
        text = "".join(line for line in text.splitlines(True) if not line.startswith("encoders"))
        (folder / "plain.toml").write_text(text)
        one = "fold=0,imputer=median,scaler=none,select=none,classifier=prior"
        for study, out, only in [("study.toml", "r", one + ",encoder=one-hot"), ("plain.toml", "p", one)]:
            run(folder, "run", study, "--out", out, "--filter", only)
            # The whole plan, as if its other cells were still to be run: a refit needs no records of them.
            manifest = folder / out / "manifest.toml"
            manifest.write_text(manifest.read_text().replace(f'filter = "{only}"', 'filter = ""'))
        farthest = 0
        for pipeline in pipelines:
            name = whole.format(**pipeline)
            run(folder, "refit", "r", name, "--out", "model", "--overwrite")
            for data in ["data.csv", "new.csv"]:
                farthest = max(farthest, check_onnx(folder, name, data))
        check_kinds(folder)
        print(f"onnxruntime {onnxruntime.__version__} scores {len(pipelines)} pipelines within {farthest:.1e} of fraudbench")
        for classifier in ["xgboost", "lightgbm"] + ["catboost"] * bool(catboost_python()):
            name = whole.format(imputer="none", encoder="native", scaler="none", select="none", classifier=classifier)
            run(folder, "refit", "p", name, "--out", "model", "--overwrite")
            check_native(folder, name, "plain.csv")
        (folder / "explained.toml").write_text(EXPLAINED)
        run(folder, "run", "explained.toml", "--out", "x")
        names = ["decision-tree", "random-forest", "extra-trees", "logistic-regression", "xgboost", "lightgbm"]
        off = np.max([check_explained(folder, name) for name in names], axis=0)
        print(f"shap {shap.__version__} and scikit-learn explain {len(names)} families within {off[1]:.1e} and {off[0]:.1e} of fraudbench")
        print(f"xgboost {xgboost.__version__} and lightgbm {lightgbm.__version__} read their files and say the same to the bit")


main()
