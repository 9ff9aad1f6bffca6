"""Times the families here, in scikit-learn and in scikit-learn-intelex over a grid of shapes and shares of positives.

    scripts/peer-shapes --out results/peer-shapes
    scripts/peer-shapes --out runs/some --shapes 1000x30,20000x216 --shares 0.1 --families svc,lda

All sides get the same rows (four fifths train, one fifth is scored), the same parameters and one thread, and never run at the same
time. Seconds are fit + predict, the median of `--times` (a cell that takes more than 3 seconds is run once). scikit-learn-intelex
stands only where it has the family. A fit that is not done after `--cap` seconds is stopped, and says so. A cell where a class would
have fewer than 10 rows is left out. Writes `peer-shapes.md` and `peer-shapes.csv`. `FRAUDBENCH` names a program that is built.

The floor is what reading the table once takes: its bytes as 64-bit numbers over the bandwidth of one thread, which is measured first. No
family can be faster that looks at every value.

Tables: normal columns, correlated by common factors, on a third of which the positives lie higher; one label in a hundred is wrong.
"""
import argparse
import csv
import json
import os
import platform
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from asked import names as asked_names

SHAPES = "1000x30,10000x30,100000x30,20000x216,10000x496,60x5000"
SHARES = "0.0017,0.1,0.5"
FEWEST = 10
FOLDS = 5
SEED = 1
# Above this many seconds a cell is run once.
LONG = 3.0
# Smaller budgets than the defaults where a peer would take minutes; the same on all sides.
PARAMS = {
    "logistic-regression": {"max_iter": 1000},
    "linear-svc": {},
    "ridge": {},
    "lda": {},
    "qda": {},
    "gaussian-nb": {},
    "decision-tree": {"random_state": SEED},
    "random-forest": {"random_state": SEED, "n_estimators": 20},
    "extra-trees": {"random_state": SEED, "n_estimators": 20},
    "adaboost": {"random_state": SEED, "n_estimators": 10},
    "k-neighbors": {},
    "svc": {},
    "hist-gradient-boosting": {"random_state": SEED, "max_iter": 30},
    "mlp": {"random_state": SEED, "max_iter": 5},
}


def table(rows, columns, share):
    """The rows and labels of a table; every value has few digits, so that its text is read as the same number everywhere."""
    import numpy as np
    draw = np.random.default_rng([SEED, rows, columns, round(share * 10_000)])
    positives = round(share * rows)
    y = np.zeros(rows, dtype=int)
    y[draw.permutation(rows)[:positives]] = 1
    factors = max(2, columns // 10)
    x = draw.normal(size=(rows, factors)) @ draw.normal(size=(factors, columns)) / factors**0.5 + draw.normal(size=(rows, columns))
    told = y.copy()
    wrong = draw.permutation(rows)[: rows // 100]
    if positives > 10 * len(wrong):
        told[wrong] = 1 - told[wrong]
    x[:, ::3] += 1.2 * y[:, None] / max(1.0, (columns / 30) ** 0.5)
    return np.round(x, 4), told


def bandwidth():
    """Bytes a second that one thread reads from memory: the best of five sums over an array far larger than the caches."""
    import numpy as np
    long = np.ones(1 << 27)
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        long.sum()
        best = min(best, time.perf_counter() - begun)
    return long.nbytes / best


def names(columns):
    return [f"x{at}" for at in range(columns)]


def write(path, x, y):
    import numpy as np
    with open(path, "w") as file:
        file.write(",".join(names(x.shape[1]) + ["y"]) + "\n")
        np.savetxt(file, np.column_stack([x, y]), fmt=["%.4f"] * x.shape[1] + ["%d"], delimiter=",")


def value(v):
    return json.dumps(v)


def ours(a, folder, family, path):
    """Seconds and PR-AUC of a family here, or why there are none."""
    params = ", ".join(f"{name} = {value(v)}" for name, v in PARAMS[family].items())
    (folder / "study.toml").write_text(f"""name = "peer-shapes"
seed = {SEED}
[data]
path = "{path}"
[protocol]
kind = "stratified-k-fold"
folds = {FOLDS}
[grid]
dedup = [false]
resamplers = ["none"]
scalers = ["none"]
classifiers = [{{ family = "{family}", params = {{ {params} }} }}]
[limits]
cell_seconds = {a.cap}
""")
    out = folder / "out"
    command = [a.fraudbench, "run", str(folder / "study.toml"), "--out", str(out), "--threads", "1", "--cell-threads", "1",
               "--filter", "fold=0"]
    done = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    if done.returncode > 1:
        sys.exit(f"fraudbench failed:\n{done.stderr}")
    with open(out / "cells.csv", newline="") as file:
        row = next(csv.DictReader(file))
    subprocess.run(["rm", "-rf", str(out)], check=True)
    if row["outcome"] != "scored":
        return None, None, row["outcome"]
    return float(row["fit_s"]) + float(row["predict_s"]), float(row["pr-auc"] or "nan"), ""


def family(name):
    """The peer's class."""
    if name == "logistic-regression":
        from sklearn.linear_model import LogisticRegression as it
    elif name == "linear-svc":
        from sklearn.svm import LinearSVC as it
    elif name == "ridge":
        from sklearn.linear_model import RidgeClassifier as it
    elif name == "lda":
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis as it
    elif name == "qda":
        from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis as it
    elif name == "gaussian-nb":
        from sklearn.naive_bayes import GaussianNB as it
    elif name == "decision-tree":
        from sklearn.tree import DecisionTreeClassifier as it
    elif name == "random-forest":
        from sklearn.ensemble import RandomForestClassifier as it
    elif name == "extra-trees":
        from sklearn.ensemble import ExtraTreesClassifier as it
    elif name == "adaboost":
        from sklearn.ensemble import AdaBoostClassifier as it
    elif name == "k-neighbors":
        from sklearn.neighbors import KNeighborsClassifier as it
    elif name == "svc":
        from sklearn.svm import SVC as it
    elif name == "hist-gradient-boosting":
        from sklearn.ensemble import HistGradientBoostingClassifier as it
    else:
        from sklearn.neural_network import MLPClassifier as it
    return it


def serve(patched):
    """The peer's process: takes a line of JSON for each fit, and answers with one."""
    import warnings
    warnings.simplefilter("ignore")
    if patched:
        from sklearnex import patch_sklearn
        patch_sklearn(verbose=False)
    import numpy as np
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import StratifiedKFold
    known = {}
    for line in sys.stdin:
        asked = json.loads(line)
        kind = family(asked["family"])
        if patched and not kind.__module__.startswith(("sklearnex", "daal4py", "onedal")):
            print(json.dumps({"said": "not there"}), flush=True)
            continue
        if asked["data"] not in known:
            known = {asked["data"]: np.load(asked["data"])}
        x, y = known[asked["data"]]["x"], known[asked["data"]]["y"]
        train, test = next(iter(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(x, y)))
        rows, labels, asked_rows = x[train], y[train], x[test]
        try:
            begun = time.perf_counter()
            model = kind(**PARAMS[asked["family"]]).fit(rows, labels)
            score = model.predict_proba(asked_rows)[:, 1] if hasattr(model, "predict_proba") else model.decision_function(asked_rows)
            model.predict(asked_rows) if asked["family"] == "svc" else None
            seconds = time.perf_counter() - begun
            print(json.dumps({"seconds": seconds, "pr_auc": float(average_precision_score(y[test], score)), "said": ""}), flush=True)
        except ValueError:
            # As of qda on a covariance without full rank; it fails here too, with a sentence.
            print(json.dumps({"said": "failed"}), flush=True)


class Peer:
    """A process that fits what it is asked to, and is ended where it takes too long."""

    def __init__(self, patched, cap):
        self.patched, self.cap, self.process = patched, cap, None

    def start(self):
        one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        # A forced kernel choice for OpenBLAS would slow the peer down.
        environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"} | one
        command = [sys.executable, __file__, "--serve", "patched" if self.patched else "plain"]
        if self.patched:
            # oneDAL takes as many threads as the process may use.
            command = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.answers = queue.Queue()
        process, answers = self.process, self.answers
        threading.Thread(target=lambda: [answers.put(line) for line in process.stdout], daemon=True).start()

    def __call__(self, name, path):
        if self.process is None:
            self.start()
        self.process.stdin.write(json.dumps({"family": name, "data": str(path)}) + "\n")
        self.process.stdin.flush()
        try:
            # Beyond the fit: the start of the process and reading the table.
            answer = json.loads(self.answers.get(timeout=self.cap + 15))
        except queue.Empty:
            self.stop()
            return None, None, "stopped"
        if answer.get("seconds", 0.0) > self.cap:
            return None, None, "stopped"
        return answer.get("seconds"), answer.get("pr_auc"), answer["said"]

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def measured(run, times):
    """The median of several runs, or of one that is long."""
    seconds, score, said = run()
    if seconds is None or seconds > LONG:
        return seconds, score, said
    all_seconds = [seconds] + [run()[0] for _ in range(times - 1)]
    known = [s for s in all_seconds if s is not None]
    return statistics.median(known), score, said


def text(seconds, said, cap):
    return f"{seconds:.4f}" if seconds is not None else f"> {cap}" if said in ("stopped", "timed-out") else "–" if said == "not there" else said


def ratio(mine, other, cap):
    """How many times as long the peer takes; a bound where one of them was stopped, nothing where it has no answer."""
    (here, _, here_said), (there, _, there_said) = mine, other
    if here is not None and there is not None:
        return there / max(here, 1e-9), ""
    if here is not None and there_said == "stopped":
        return cap / max(here, 1e-9), "> "
    if there is not None and here_said == "timed-out":
        return there / cap, "< "
    return None, ""


def sides(row):
    return [("scikit-learn", row["plain"]), ("scikit-learn-intelex", row["patched"])]


def report(a, rows, out):
    with open(out / "peer-shapes.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rows", "columns", "share", "family", "seconds", "said", "pr_auc", "sklearn_seconds", "sklearn_said", "sklearn_pr_auc",
                         "intelex_seconds", "intelex_said", "intelex_pr_auc"])
        for row in rows:
            cells = [row["ours"], row["plain"], row["patched"]]
            flat = ["" if v is None else f"{v:.6f}" if isinstance(v, float) else v for s, p, said in cells for v in (s, said, p)]
            writer.writerow([row["rows"], row["columns"], row["share"], row["family"], *flat])
    behind = []
    for row in rows:
        times = [(name, ratio(row["ours"], other, a.cap)[0]) for name, other in sides(row)]
        said = [f"{name} {ratio:.2f}" for name, ratio in times if ratio is not None and ratio < 1.0]
        if said:
            behind.append(f"{row['rows']:,} x {row['columns']}, {row['share'] * 100:g}%, {row['family']}: {', '.join(said)}")
    lines = ["# Families by shape and share of positives", "",
             "Seconds of fit and predict, one thread, and how many times as long a peer takes; "
             f"made by `{' '.join(['scripts/peer-shapes', *a.words])}` on {processor()}, {time.strftime('%Y-%m-%d')}. "
             f"Parameters: `{json.dumps(PARAMS)}`; scikit-learn's defaults where none is named.", "",
             f"The floor is reading the table once at {a.bandwidth / 1e9:.1f} GB/s, which one thread was measured to read.", "",
             f"Behind a peer in {len(behind)} of {len(rows)} cells" + (":" if behind else "."), "", *[f"- {one}" for one in behind], "",
             "| rows x columns | positive | family | here | over the floor | scikit-learn | ratio | intelex | ratio | PR-AUC | scikit-learn | intelex |",
             "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    score = lambda p: "–" if p is None else f"{p:.4f}"
    for row in rows:
        cells = [f"{row['rows']:,} x {row['columns']}", f"{row['share'] * 100:g}%", row["family"], text(row["ours"][0], row["ours"][2], a.cap)]
        floor = row["rows"] * row["columns"] * 8 / a.bandwidth
        cells.append("–" if row["ours"][0] is None else f"{row['ours'][0] / floor:.3g}")
        for _, other in sides(row):
            times, bound = ratio(row["ours"], other, a.cap)
            cells += [text(other[0], other[2], a.cap), "–" if times is None else f"{bound}{times:.2f}"]
        cells += [score(row[side][1]) for side in ("ours", "plain", "patched")]
        lines.append("| " + " | ".join(cells) + " |")
    (out / "peer-shapes.md").write_text("\n".join(lines) + "\n")


def processor():
    with open("/proc/cpuinfo") as file:
        named = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {named[0] if named else platform.machine()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fraudbench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--shapes", default=SHAPES, help="rows x columns, as 1000x30")
    parser.add_argument("--shares", default=SHARES)
    parser.add_argument("--families", default=",".join(PARAMS))
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--cap", type=int, default=15, help="seconds that a fit may take")
    a = parser.parse_args()
    a.families = asked_names("--families", a.families, PARAMS)
    a.words = sys.argv[1:]
    a.words = a.words[2:] if a.words[0] == "--fraudbench" else a.words
    a.out.mkdir(parents=True, exist_ok=True)
    a.bandwidth = bandwidth()
    import numpy as np
    plain, patched, rows = Peer(False, a.cap), Peer(True, a.cap), []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for shape in a.shapes.split(","):
            count, columns = map(int, shape.split("x"))
            for share in map(float, a.shares.split(",")):
                if min(round(share * count), count - round(share * count)) < FEWEST:
                    continue
                x, y = table(count, columns, share)
                write(folder / "table.csv", x, y)
                np.savez(folder / f"{shape}-{share}.npz", x=x, y=y)
                for name in a.families:
                    row = dict(rows=count, columns=columns, share=share, family=name)
                    row["ours"] = measured(lambda: ours(a, folder, name, folder / "table.csv"), a.times)
                    for side, peer in (("plain", plain), ("patched", patched)):
                        row[side] = measured(lambda: peer(name, folder / f"{shape}-{share}.npz"), a.times)
                    rows.append(row)
                    said = [f"{label} {text(row[side][0], row[side][2], a.cap)}" for label, side in
                            (("here", "ours"), ("scikit-learn", "plain"), ("intelex", "patched"))]
                    print(f"{shape} {share} {name}: {', '.join(said)}", file=sys.stderr, flush=True)
                    report(a, rows, a.out)
                (folder / f"{shape}-{share}.npz").unlink()
    plain.stop()
    patched.stop()


if sys.argv[1:2] == ["--serve"]:
    serve(sys.argv[2] == "patched")
else:
    main()
