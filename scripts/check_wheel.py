"""Checks an installed wheel: the program runs with the libraries that the wheel carries, and `fraudbench.load` reads what it wrote.

Needs pandas, pyarrow and polars beside the wheel, and what `scripts/sources` says as its argument. Runs in an empty folder; exits with
1 at the first difference.
"""

import ast
import json
import random
import subprocess
import sys
from pathlib import Path

import fraudbench

# As pip has installed it.
PROGRAM = str(Path(sys.executable).parent / "fraudbench")
STUDY = """
name = "wheel"
seed = 1
metrics = ["pr-auc", "recall"]
[data]
path = "data.csv"
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
scalers = ["none", "standard"]
classifiers = [
    "prior", "xgboost", "lightgbm",
    { family = "decision-tree", search = { kind = "grid", folds = 3, space = { max_depth = [2, 3] } } },
]
"""
# Two data sets under names that are no folders', with and without duplicates; the first None that a search tries stands behind more
# rows than polars looks at by itself.
SEVERAL = """
name = "several"
seed = 1
metrics = ["pr-auc"]
[[data]]
name = "a.1"
path = "data.csv"
group = "card"
[[data]]
name = "b+2"
path = "other.csv"
group = "card"
[protocol]
kind = "hold-out"
[grid]
dedup = [false, true]
classifiers = [
    "gaussian-nb",
    { family = "decision-tree", search = { kind = "grid", folds = 3, space = {
        max_depth = [1, 2, 3, 4, "none"],
        min_samples_split = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
    } } },
    { family = "random-forest", params = { n_estimators = 5 }, search = { kind = "grid", folds = 3, space = { min_samples_leaf = [1, 2] } } },
]
"""


def same(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r} instead of {wanted!r}")


def command(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def data():
    draws = random.Random(3)
    rows = ["a,b,label"]
    for row in range(300):
        label = int(row % 10 == 3)
        rows.append(f"{draws.gauss(2 * label, 1)},{draws.random()},{label}")
    return "\n".join(rows) + "\n"


def cards():
    """The same rows of cards, with some of them twice."""
    header, *rows = data().splitlines()
    rows = [f"card {place % 40},{row}" for place, row in enumerate(rows)]
    return "\n".join([f"card,{header}", *rows, *rows[:20]]) + "\n"


def check_libraries():
    linked = command("ldd", fraudbench.program())
    for library in ("libxgboost", "lib_lightgbm"):
        line = next(line for line in linked.splitlines() if library in line)
        if "fraudbench.libs" not in line:
            raise SystemExit(f"not the wheel's own: {line.strip()}")


def check_frames(run, records):
    """The frames as lists of dicts, whichever library made them."""
    def rows(frame):
        return frame.to_dicts() if hasattr(frame, "to_dicts") else frame.to_dict("records")

    by_key = {row["key"]: row for row in rows(run.records)}
    same("cells", set(by_key), {record["key"] for record in records})
    for record in records:
        row = by_key[record["key"]]
        same("pr-auc", row["pr-auc"], record["metrics"]["pr-auc"])
        same("classifier", row["classifier"], record["classifier"])
    # The baseline stands in no rank.
    board = [row for row in rows(run.leaderboard) if row["rank"] == 1]
    means = {}
    for record in records:
        means.setdefault((record["classifier"], record["scaler"]), []).append(record["metrics"]["pr-auc"])
    best = max(sum(values) / 3 for values in means.values())
    if abs(board[0]["pr-auc_mean"] - best) > 1e-12:
        raise SystemExit(f"the leaderboard's best mean is {board[0]['pr-auc_mean']} instead of {best}")
    same("tries of the searches", len(rows(run.search)), 2 * 3 * 2)
    found = {}
    for row in rows(run.predictions):
        counts = found.setdefault(row["key"], [0, 0])
        counts[0] += 1
        counts[1] += bool(row["label"] and row["positive"])
    same("predictions", found, {r["key"]: [100, r["confusion"]["tp"]] for r in records})


def check_several(run, records):
    """Frames of two data sets: they have the same names, and go together by them."""
    def rows(frame):
        return frame.to_dicts() if hasattr(frame, "to_dicts") else frame.to_dict("records")

    def is_missing(value):
        return value is None or value != value

    def place(row, *more):
        return tuple(row[axis] for axis in ("data_set", "dedup", "resampler", "scaler", "classifier", *more))

    cells = {place(record, "repeat", "fold") for record in records}
    same("cells", {place(row, "repeat", "fold") for row in rows(run.records)}, cells)
    same("pipelines", {place(row) for row in rows(run.leaderboard)}, {cell[:-2] for cell in cells})
    same("order of data sets", list(dict.fromkeys(row["data_set"] for row in rows(run.leaderboard))), ["a.1", "b+2"])
    search = rows(run.search)
    same("searches", {place(row, "repeat", "fold") for row in search}, {cell for cell in cells if cell[4] != "gaussian-nb"})
    depths = {"decision-tree": set(), "random-forest": set()}
    for row in search:
        depths[row["classifier"]].add("missing" if is_missing(row["param_max_depth"]) else str(row["param_max_depth"]))
        same("a None that was tried", row["param_max_depth"] == "None", ast.literal_eval(row["params"]).get("max_depth", 0) is None)
    same("depths", depths, {"decision-tree": {"1", "2", "3", "4", "None"}, "random-forest": {"missing"}})
    # Data sets with the same features and labels share keys.
    cells = {(record["data_set"], record["key"]) for record in records}
    same("cells with predictions", {(row["data_set"], row["key"]) for row in rows(run.predictions)}, cells)
    groups = {row["group"] for row in rows(run.predictions)}
    same("codes of groups", all(isinstance(code, int) for code in groups) and len(groups) > 2, True)


def main():
    build = f"{fraudbench.__version__}+{sys.argv[1]}"
    same("version", command(PROGRAM, "--version").split()[1], build)
    same("python -m fraudbench", command(sys.executable, "-m", "fraudbench", "--version").split()[1], build)
    check_libraries()
    Path("data.csv").write_text(data())
    Path("study.toml").write_text(STUDY)
    command(PROGRAM, "run", "study.toml", "--out", "out")
    records = [record for record in map(json.loads, Path("out/records.jsonl").read_text().splitlines()) if "key" in record]
    same("outcomes", {record["outcome"] for record in records}, {"scored"})
    for frames in ("pandas", "polars"):
        check_frames(fraudbench.load("out", frames=frames), records)
    # Without a report the reader has one made, and leaves the directory as it is.
    for table in ("cells.parquet", "leaderboard.csv", "search.csv"):
        Path("out", table).unlink()
    check_frames(fraudbench.load("out"), records)
    same("tables that came back", Path("out/cells.parquet").exists(), False)
    Path("data.csv").write_text(cards())
    Path("other.csv").write_text(cards().replace("card 1,", "card 41,"))
    Path("several.toml").write_text(SEVERAL)
    command(PROGRAM, "run", "several.toml", "--out", "several")
    several = [record for record in map(json.loads, Path("several/records.jsonl").read_text().splitlines()) if "key" in record]
    for frames in ("pandas", "polars"):
        check_several(fraudbench.load("several", frames=frames), several)
    Path("several/cells.parquet").unlink()
    check_several(fraudbench.load("several"), several)
    try:
        fraudbench.load("nowhere")
    except FileNotFoundError as e:
        same("nowhere", str(e), "nowhere is no results directory: it has no records.jsonl")
    print(f"the wheel's program ran {len(records)} cells, and pandas and polars read them")


main()
