"""Lets fraudbench fit and predict with a scikit-learn-compatible estimator; see the protocol of `external`."""
import importlib
import inspect
import json
import os
import platform
import sys

replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what an estimator prints must not be taken for an answer


def matrix(x, categories=()):
    """The matrix; with categories a table whose columns of them hold whole numbers, -1 where the value is missing."""
    import numpy as np
    values = np.memmap(x["path"], dtype="<f8", mode="r", shape=(x["rows"], x["columns"]))
    if not categories:
        return values
    import pandas as pd
    columns = {i: np.where(np.isnan(v), -1, v).astype(int) if i in categories else v for i, v in enumerate(values.T)}
    return pd.DataFrame(columns)


def estimator(question):
    """The estimator with the study's parameters; seed and threads where it takes them and the study says nothing."""
    parameters = dict(question["parameters"])
    module, _, name = parameters.pop("estimator").partition(":")
    given = parameters.pop("params", {})
    try:
        made = getattr(importlib.import_module(module), name)
    except ImportError as e:
        raise SystemExit(f"{module} cannot be imported by {sys.executable} ({e}): `fraudbench python install` "
                         f"installs what fraudbench pins, anything else goes into a Python of your own (FRAUDBENCH_PYTHON)")
    takes = inspect.signature(made).parameters
    everything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in takes.values())
    for names, value in ((("random_seed", "random_state"), question["seed"]), (("thread_count", "n_jobs"), question["threads"])):
        own = next((n for n in names if n in takes), None)
        if own and not any(n in given for n in names):
            given[own] = value
    unknown = [key for key in given if key not in takes]
    if unknown and not everything:
        raise SystemExit(f"{name} takes no parameter `{unknown[0]}`; it takes {', '.join(takes)}")
    versions = {"python": platform.python_version(), module.split(".")[0]: getattr(importlib.import_module(module.split(".")[0]), "__version__", "?")}
    return made(**given), versions


def refuse_what_is_no_classifier(model):
    """A regressor's values are no labels, and an outlier detector says 1 of what it finds ordinary."""
    name = type(model).__name__
    kind = getattr(model, "_estimator_type", None)
    try:
        from sklearn.utils import get_tags
        kind = get_tags(model).estimator_type or kind
    except Exception:
        pass  # an estimator that knows nothing of scikit-learn, or an old scikit-learn
    if kind in ("regressor", "outlier_detector", "clusterer", "density_estimator", "transformer"):
        article = "an" if kind[0] == "o" else "a"
        raise SystemExit(f"{name} is {article} {kind.replace('_', ' ')} and no classifier: name a class whose `predict` gives the labels 0 and 1")


def zeros_and_ones(model, label):
    others = sorted(set(label.tolist()) - {0, 1}, key=str)
    if others:
        raise SystemExit(f"{type(model).__name__} predicts the label {others[0]}: a classifier's labels are 0 and 1 here")
    return label


def predict(model, x):
    import numpy as np
    label = zeros_and_ones(model, np.asarray(model.predict(x)).ravel())
    if hasattr(model, "predict_proba"):
        classes = list(getattr(model, "classes_", [0, 1]))
        return "probability", np.asarray(model.predict_proba(x))[:, classes.index(1)], label
    if hasattr(model, "decision_function"):
        return "decision", np.asarray(model.decision_function(x)).ravel(), label
    return "decision", label.astype(float), label


def main():
    import numpy as np
    model, categories = None, []
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "fit" in question:
                fit = question["fit"]
                model, versions = estimator(fit)
                refuse_what_is_no_classifier(model)
                categories = [i for i, column in enumerate(fit.get("columns", [])) if column["kind"] == "category"]
                # CatBoost's own argument: no other estimator is sent categories.
                more = {"cat_features": categories} if categories else {}
                model.fit(matrix(fit["x"], categories), np.fromfile(fit["y"], dtype=np.uint8).astype(int), **more)
                reply = {"fitted": versions}
            else:
                asked = question["predict"]
                kind, score, label = predict(model, matrix(asked["x"], categories))
                score.astype("<f8").tofile(asked["score"])
                (label == 1).astype(np.uint8).tofile(asked["label"])
                reply = {"predicted": kind}
        except (Exception, SystemExit) as e:
            reply = {"error": str(e) if isinstance(e, SystemExit) else f"{type(e).__name__}: {e}"}
        print(json.dumps(reply), file=replies, flush=True)


try:
    main()
except ImportError as e:
    print(json.dumps({"error": f"{sys.executable} lacks what the bridge needs ({e}): `fraudbench python install`"}), file=replies, flush=True)
