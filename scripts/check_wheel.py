"""Checks an installed wheel: the program runs with the libraries that the wheel carries, and `fraudbench.load` reads what it wrote.

Needs pandas, pyarrow and polars beside the wheel. Runs in an empty folder; exits with 1 at the first difference.
"""

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


def main():
    same("version", command(PROGRAM, "--version").split()[1], fraudbench.__version__)
    same("python -m fraudbench", command(sys.executable, "-m", "fraudbench", "--version").split()[1], fraudbench.__version__)
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
    try:
        fraudbench.load("nowhere")
    except FileNotFoundError as e:
        same("nowhere", str(e), "nowhere is no results directory: it has no records.jsonl")
    print(f"the wheel's program ran {len(records)} cells, and pandas and polars read them")


main()
