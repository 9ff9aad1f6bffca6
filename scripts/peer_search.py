"""Runs the grid searches of a finished run again with scikit-learn's GridSearchCV and compares choice, scores and time.

    fraudbench run experiments/grid-search-60.toml --threads 2 --cell-threads 2 --out results/grid-search-60
    scripts/peer-search --data creditcard.csv --run results/grid-search-60 > results/grid-search-60/peer.md

The same rows (seed and share of the hold-out), scaler, inner folds, fixed parameters and grid, all read from the run; `--jobs`
fits at a time, one thread each. A search that is done is a line of RUN/peer.jsonl and is not run again.
"""
import argparse
import json
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from records import read_records
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

FAMILIES = {"random-forest": RandomForestClassifier, "xgboost": XGBClassifier}


def searches(study):
    """The classifiers of the study, if all of them are grid searches that can be run again."""
    classifiers = study["grid"]["classifiers"]
    for asked in classifiers:
        if not isinstance(asked, dict) or asked.get("search", {}).get("kind") != "grid" or asked["family"] not in FAMILIES:
            sys.exit(f"peer-search: only grid searches of {' and '.join(FAMILIES)} can be run again, not {asked}")
    return classifiers


def rows(a, study):
    """Training and test part as the run had them: hold-out without duplicates, standard scaler, nothing else."""
    grid, protocol = study["grid"], study["protocol"]
    if protocol["kind"] != "hold-out" or grid["dedup"] != [True] or grid["scalers"] != ["standard"]:
        sys.exit("peer-search: only hold-out studies with dedup = [true] and scalers = [\"standard\"] can be run again")
    frame = pd.read_csv(a.data).drop_duplicates()
    x, y = frame.iloc[:, :-1].to_numpy(float), frame.iloc[:, -1].to_numpy(int)
    train, test = train_test_split(np.arange(len(y)), test_size=protocol["test"], stratify=y, random_state=study["seed"])
    # A run has its rows in the order of the file, which decides the inner folds and what a forest draws.
    train, test = np.sort(train), np.sort(test)
    return x[train], y[train], x[test], y[test]


def searched(a, asked, parts):
    """One search by GridSearchCV: its means in the order of its candidates, its choice, its seconds."""
    train, y_train, test, y_test = parts
    how = asked["search"]
    inner = StratifiedKFold(how.get("folds", 3), shuffle=True, random_state=how.get("seed", 42))
    # The scaler learns inside each inner fold, as in a run.
    model = Pipeline([("scaler", StandardScaler()), ("model", FAMILIES[asked["family"]](**asked.get("params", {}), n_jobs=1))])
    space = {f"model__{key}": values for key, values in how["space"].items()}
    search = GridSearchCV(model, space, scoring="average_precision", cv=inner, n_jobs=a.jobs, refit=True)
    started = time.perf_counter()
    search.fit(train, y_train)
    seconds = time.perf_counter() - started
    candidates = [{key.removeprefix("model__"): value for key, value in params.items()} for params in search.cv_results_["params"]]
    score = average_precision_score(y_test, search.predict_proba(test)[:, 1])
    return dict(family=asked["family"], seconds=seconds, candidates=candidates,
                means=search.cv_results_["mean_test_score"].tolist(), best=int(search.best_index_), test_pr_auc=score)


def line(record, peer, folds):
    """A row of the table, from our record and their search."""
    trials = record["details"]["search"]["candidates"]
    if [t["params"] for t in trials] != peer["candidates"]:
        sys.exit(f"peer-search: {peer['family']}: the candidates are not the same")
    ours = next(i for i, t in enumerate(trials) if t["chosen"])
    apart = max(abs(t["mean"] - mean) for t, mean in zip(trials, peer["means"]))
    show = lambda i: ", ".join(f"{k} {v}" for k, v in peer["candidates"][i].items())
    here = record["seconds"]["fit"]
    return (f"| {peer['family']} | {len(trials)} x {folds} + 1 | {show(ours)} | {show(peer['best'])} | {apart:.1e} "
            f"| {record['metrics']['pr-auc']:.6f} / {peer['test_pr_auc']:.6f} | {here:.1f} | {peer['seconds']:.1f} | {peer['seconds'] / here:.1f} |")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--data", required=True, type=Path)
    a.add_argument("--run", required=True, type=Path)
    a.add_argument("--jobs", type=int, default=2)
    a = a.parse_args()
    study = tomllib.loads(tomllib.loads((a.run / "manifest.toml").read_text())["study"])
    classifiers = searches(study)
    if not a.data.exists():
        sys.exit(f"peer-search: there is no {a.data}")
    records = {r["family"]: r for r in read_records(a.run)}
    path = a.run / "peer.jsonl"
    done = {p["family"]: p for p in map(json.loads, open(path))} if path.exists() else {}
    parts = None
    print("| family | fits | best here | best of GridSearchCV | largest difference of a mean inner score | PR-AUC on the test part, here / there "
          "| here, s | GridSearchCV, s | ratio |\n|---|---|---|---|---:|---:|---:|---:|---:|")
    for asked in classifiers:
        family = asked["family"]
        if family not in done:
            parts = parts or rows(a, study)
            done[family] = searched(a, asked, parts)
            with open(path, "a") as file:
                file.write(json.dumps(done[family]) + "\n")
        print(line(records[family], done[family], asked["search"].get("folds", 3)), flush=True)
    print(f"\nInner scores are PR-AUC. Seconds are wall time of the search and the last fit, {a.jobs} threads each.")


main()
