"""Thirty simulated nights, run by examples/nightly/nightly.sh on new rows each, with one planted regression.

From the planted night on the forest has three trees instead of thirty: nothing fails and nothing is said of it. The gate must pass every night before, and name the
forest on the planted night or the next; the history must name the planted night as the first bad one, and nothing else.
"""
import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STUDY = """name = "night"
title = "Simulated nights"
primary = "pr-auc"
metrics = ["pr-auc", "roc-auc", "recall"]
data = {{ simulate = {{ kind = "rare", rows = 6000, positives = 200, columns = 8, seed = {seed} }} }}
protocol = {{ kind = "stratified-k-fold", folds = 5 }}
[grid]
scalers = ["standard"]
classifiers = ["logistic-regression", {{ family = "random-forest", params = {forest} }}, {{ family = "decision-tree", params = {{ max_depth = 4 }} }}]
"""
GOOD, BAD = "{ n_estimators = 30 }", "{ n_estimators = 3 }"
FIRST = datetime.datetime(2026, 9, 1, 2, 0, tzinfo=datetime.timezone.utc)


def dated(root, number):
    """Gives the newest night its simulated day, in name and manifest; its new place."""
    night = (root / "latest").resolve()
    moment = FIRST + datetime.timedelta(days=number)
    manifest = night / "manifest.toml"
    lines = manifest.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("started_unix"))
    lines[at] = f"started_unix = {int(moment.timestamp())}"
    manifest.write_text("\n".join(lines) + "\n")
    place = root / f"{moment:%Y-%m-%d}.1"
    night.rename(place)
    (root / "latest").unlink()
    (root / "latest").symlink_to(place.name)
    return place


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--fraudbench", required=True, type=Path)
    arguments.add_argument("--nights", type=int, default=30)
    arguments.add_argument("--planted", type=int, default=21, help="the number of the first bad night, from 1")
    arguments.add_argument("--folder", type=Path, help="where the nights stay; without it they are removed")
    asked = arguments.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).resolve().parent.parent / "examples/nightly/nightly.sh", folder)
    path = f"{asked.fraudbench.resolve().parent}:{os.environ['PATH']}"
    root = folder / "results/night"
    wrong, found = [], None
    for number in range(1, asked.nights + 1):
        forest = BAD if number >= asked.planted else GOOD
        (folder / "night.toml").write_text(STUDY.format(seed=number, forest=forest))
        done = subprocess.run(["./nightly.sh"], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
        line = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
        print(f"night {number}: exit {done.returncode}: {line}", flush=True)
        if number < asked.planted and done.returncode != 0:
            wrong.append(f"night {number} is clean and raised an alarm")
        if number >= asked.planted and found is None and done.returncode == 1 and "random-forest: pr-auc" in line:
            found = number
        dated(root, number)
    told = subprocess.run(["fraudbench", "history", "results/night", "--fail-on", "regression", "--json", "history.json"],
                          cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    print(told.stdout + told.stderr)
    if asked.planted <= asked.nights:
        if found is None or found > asked.planted + 1:
            wrong.append(f"planted on night {asked.planted}, found on night {found}")
        bad = json.loads((folder / "history.json").read_text())["regressions"]
        first = f"results/night/{FIRST + datetime.timedelta(days=asked.planted):%Y-%m-%d}.1"
        named = [(one["classifier"], one["measure"], one["first_bad_run"]) for one in bad]
        if named != [("random-forest", "pr-auc", first)] or told.returncode != 1:
            wrong.append(f"the history names {named}, and not {first} alone")
    if not asked.folder:
        shutil.rmtree(folder)
    print("\n".join(wrong) or f"{asked.nights} nights: no false alarm; planted on night {asked.planted}, found on night {found}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
