"""Lets fraudbench fit and predict with a scikit-learn-compatible estimator; see the protocol of `external`."""
import ctypes
import functools
import gc
import importlib
import inspect
import json
import os
import platform
import sys
import traceback
import warnings
from importlib import metadata

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


def labelled(value):
    """Class weights and counts by label: a study's tables have texts for keys, the labels are numbers."""
    is_by_label = isinstance(value, dict) and value and set(value) <= {"0", "1"}
    return {int(label): of for label, of in value.items()} if is_by_label else value


def estimator(question):
    """The estimator with the study's parameters; seed and threads where it takes them and the study says nothing."""
    parameters = dict(question["parameters"])
    module, _, name = parameters.pop("estimator").partition(":")
    given = {key: labelled(value) for key, value in parameters.pop("params", {}).items()}
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
        raise SystemExit(refused_parameters(name, unknown, list(takes)))
    versions = {"python": platform.python_version(), module.split(".")[0]: getattr(importlib.import_module(module.split(".")[0]), "__version__", "?")}
    versions["installed"] = installed()
    return made(**given), versions


LISTED = 30  # names of parameters; CatBoost has more than a hundred


def refused_parameters(name, unknown, takes):
    """All parameters that a class does not take, with what each may have meant; what it takes where that is not known of each."""
    import difflib

    def nearest(key):
        same = [one for one in takes if one.lower() == key.lower()]
        return next(iter(same or difflib.get_close_matches(key, takes, 1)), None)

    near = {key: nearest(key) for key in unknown}
    said = [f"`{key}` (did you mean `{one}`?)" if one else f"`{key}`" for key, one in near.items()]
    more = f" and {len(takes) - LISTED} more" if len(takes) > LISTED else ""
    listed = "" if all(near.values()) else f"; it takes {', '.join(takes[:LISTED])}{more}"
    return f"{name} takes no parameter{'s' if len(unknown) > 1 else ''} {', '.join(said)}{listed}"


def installed():
    """The packages that were imported, as they are installed here and not as anybody pinned them."""
    imported = {name.split(".")[0] for name in sys.modules}
    names = {package for name, packages in distributions().items() if name in imported for package in packages}
    return sorted(f"{name}=={metadata.version(name)}" for name in names)


@functools.cache
def distributions():
    return metadata.packages_distributions()


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


def weights(model, path):
    """What the rows weigh, as the class's fit takes it."""
    if path is None:
        return {}
    if "sample_weight" not in inspect.signature(model.fit).parameters:
        raise SystemExit(f"the fit of {type(model).__name__} takes no `sample_weight`: take `weight` out of [data] and put its column under `ignore`, or leave the class out")
    import numpy as np
    return {"sample_weight": np.fromfile(path, dtype="<f8")}


def zeros_and_ones(model, label):
    others = sorted(set(label.tolist()) - {0, 1}, key=str)
    if others:
        first = f"{others[0]!r}, a text" if isinstance(others[0], str) else others[0]
        raise SystemExit(f"{type(model).__name__} predicts the label {first}: a classifier's labels are 0 and 1 here")
    return label


def refuse_what_lacks(made, what, *names):
    """A class that does not do what its place in the study needs."""
    if not all(hasattr(made, name) for name in names):
        needed = " and ".join(f"`{name}`" for name in names)
        raise SystemExit(f"{type(made).__name__} is no {what}: name a class that has {needed}")


def labels(path):
    import numpy as np
    return np.fromfile(path, dtype=np.uint8).astype(int)


def places(given, y, made, made_y, told):
    """For each row of `made` the number of the given row that it is, or -1: as the class says, or by values and label."""
    import numpy as np
    if told is not None and len(told) == len(made):
        return np.asarray(told, dtype=np.int64)
    unused = {}
    for number in range(len(given) - 1, -1, -1):
        unused.setdefault((given[number].tobytes(), int(y[number])), []).append(number)
    found = np.full(len(made), -1, dtype=np.int64)
    for number in range(len(made)):
        same = unused.get((made[number].tobytes(), int(made_y[number])))
        if same:
            found[number] = same.pop()
    return found


def resample(question):
    """Writes which rows stay and which are made up; how many of each."""
    import numpy as np
    sampler, _ = estimator(question)
    refuse_what_lacks(sampler, "resampler", "fit_resample")
    x, y = np.ascontiguousarray(matrix(question["x"])), labels(question["y"])
    made, made_y = sampler.fit_resample(x, y)
    made, made_y = dense(sampler, made, len(made_y)), zeros_and_ones(sampler, np.asarray(made_y).ravel())
    if made.shape[1] != x.shape[1]:
        raise SystemExit(f"{type(sampler).__name__} makes rows of {made.shape[1]} columns of rows of {x.shape[1]}: a resampler keeps the columns")
    found = places(x, y, made, made_y, getattr(sampler, "sample_indices_", None))
    new = found < 0
    found[~new].astype("<u8").tofile(question["rows"])
    made[new].tofile(question["made"])
    made_y[new].astype(np.uint8).tofile(question["labels"])
    return {"rows": int((~new).sum()), "made": int(new.sum())}


def dense(made_by, values, rows):
    """The rows as doubles, whatever the class gives them in."""
    import numpy as np
    values = np.ascontiguousarray(values.toarray() if hasattr(values, "toarray") else values, dtype="<f8")
    if values.ndim != 2 or len(values) != rows:
        raise SystemExit(f"{type(made_by).__name__} makes an array of shape {values.shape} of {rows} rows: it must have a row for each of them")
    return values


def table(x, columns):
    """Numbers as they are; categories as texts by their columns' names, None where a value is missing."""
    import numpy as np
    values = matrix(x)
    if not any(column["kind"] == "category" for column in columns):
        return values
    import pandas as pd
    made = {}
    for column, v in zip(columns, values.T):
        if column["kind"] == "category":
            levels = np.array([*column["levels"], None], dtype=object)
            v = pd.Series(levels[np.where(np.isnan(v), len(levels) - 1, v).astype(int)], dtype=object)
        made[column["name"]] = v
    return pd.DataFrame(made)


def prepare(question):
    """The fitted transformer and what its columns are called; the training rows are written where they are asked for."""
    model, _ = estimator(question)
    refuse_what_lacks(model, "transformer", "fit", "transform")
    x, y = table(question["x"], question["columns"]), None if question["y"] is None else labels(question["y"])
    rows = question["x"]["rows"]
    if question["made"] is not None and hasattr(model, "fit_transform"):
        made = dense(model, model.fit_transform(x, y), rows)
    else:
        model.fit(x, y)
        made = dense(model, model.transform(x), rows)
    if question["made"] is not None:
        made.tofile(question["made"])
    try:
        names = [str(name) for name in model.get_feature_names_out()]
    except Exception:
        names = []  # not every class has names
    if len(names) != made.shape[1]:
        names = [f"{type(model).__name__}_{number}" for number in range(made.shape[1])]
    return model, names


def predict(model, x):
    import numpy as np
    label = zeros_and_ones(model, np.asarray(model.predict(x)).ravel())
    if hasattr(model, "predict_proba"):
        classes = list(getattr(model, "classes_", [0, 1]))
        return "probability", np.asarray(model.predict_proba(x))[:, classes.index(1)], label
    if hasattr(model, "decision_function"):
        return "decision", np.asarray(model.decision_function(x)).ravel(), label
    return "decision", label.astype(float), label


def save(model, asked):
    """CatBoost's own file, and its trees as JSON where no question is one of categories."""
    model.save_model(asked["model"], format="cbm")
    if not model.get_cat_feature_indices():
        model.save_model(asked["trees"], format="json")


def seed(number):
    """What draws without a generator of its own draws the same whenever and wherever the cell runs."""
    import random
    import numpy as np
    random.seed(number)
    np.random.seed(number)


def answers():
    """Answers one question after the other; what was fitted stays until the next fit."""
    import numpy as np
    model, categories, columns = None, [], []

    def answer(question):
        nonlocal model, categories, columns
        if "fit" in question:
            fit = question["fit"]
            seed(fit["seed"])
            model, versions = estimator(fit)
            refuse_what_is_no_classifier(model)
            categories = [i for i, column in enumerate(fit.get("columns", [])) if column["kind"] == "category"]
            # CatBoost's own argument: no other estimator is sent categories.
            more = {"cat_features": categories} if categories else {}
            more |= weights(model, fit.get("weights"))
            model.fit(matrix(fit["x"], categories), np.fromfile(fit["y"], dtype=np.uint8).astype(int), **more)
            return {"fitted": versions}
        if "resample" in question:
            seed(question["resample"]["seed"])
            return {"resampled": resample(question["resample"])}
        if "prepare" in question:
            seed(question["prepare"]["seed"])
            columns = question["prepare"]["columns"]
            model, names = prepare(question["prepare"])
            return {"prepared": names}
        if "transform" in question:
            asked = question["transform"]
            rows = asked["x"]["rows"]
            dense(model, model.transform(table(asked["x"], columns)), rows).tofile(asked["made"])
            return {"transformed": rows}
        if "save" in question:
            save(model, question["save"])
            return {"saved": {}}
        if "restore" in question:
            model, _ = estimator({**question["restore"], "seed": 0, "threads": 1})
            model.load_model(question["restore"]["model"], format="cbm")
            categories = list(model.get_cat_feature_indices())
            return {"restored": len(model.feature_names_)}
        asked = question["predict"]
        kind, score, label = predict(model, matrix(asked["x"], categories))
        score.astype("<f8").tofile(asked["score"])
        (label == 1).astype(np.uint8).tofile(asked["label"])
        return {"predicted": kind}

    return answer


def refused(error):
    """What is said where nothing can be answered."""
    def answer(question):
        raise SystemExit(f"{sys.executable} lacks what the bridge needs ({error}): `fraudbench python install`")
    return answer


def in_words(error, asked):
    """What is told of an error: its own words, or what there is where it has none."""
    if isinstance(error, SystemExit):
        # With a text it is a refusal: ours, or the class's own.
        if isinstance(error.code, str) and error.code.strip():
            return error.code
        code = "" if error.code is None else repr(error.code)
        return f"sys.exit({code}) was called in `{asked}`: raise an error that says why instead"
    name, words = type(error).__name__, str(error)
    if words.strip():
        return f"{name}: {words}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{name} without words ({os.path.basename(place.filename)}, line {place.lineno}): give it some"


def use(line):
    """The questions of one use, the first of which is there, up to its end."""
    try:
        answer = answers()
    except ImportError as e:
        answer = refused(e)
    while line:
        question = json.loads(line)
        if "end" in question:
            return
        try:
            reply = answer(question)
        except (Exception, SystemExit) as e:
            reply = {"error": in_words(e, next(key for key in question if key != "protocol"))}
        print(json.dumps(reply), file=replies, flush=True)
        line = sys.stdin.buffer.readline()


def imported_once(modules):
    """Imports what all forks share; what is missing is told by the fork that needs it."""
    for module in ["numpy", *modules]:
        try:
            importlib.import_module(module)
        except Exception:
            pass
    distributions()
    gc.collect()
    gc.freeze()  # a fork's collections leave these pages alone, so that they stay shared


def end_with(parent):
    """Lets a fork be killed when the process ends that it was made by, where the system can."""
    try:
        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
    except (AttributeError, OSError):
        pass
    if os.getppid() != parent:
        os._exit(1)


def main():
    imported_once(sys.argv[1:])
    own = os.getpid()
    # A line is read when it is there and none ahead, so that a fork reads on where this process has stopped.
    while line := sys.stdin.buffer.readline():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # numpy's threads end before the fork by themselves
            fork = os.fork()
        if fork == 0:
            end_with(own)
            return use(line)
        status = os.waitpid(fork, 0)[1]
        killed = os.WIFSIGNALED(status)
        ended = {"signal": os.WTERMSIG(status)} if killed else {"code": os.WEXITSTATUS(status)}
        print(json.dumps({"ended": ended}), file=replies, flush=True)


main()
