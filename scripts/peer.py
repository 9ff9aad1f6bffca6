"""Runs the same cells with fraudbench and with scikit-learn and prints seconds, ratios and scores side by side.

    scripts/peer --data creditcard.csv                          one fold, standard scaler, every family, two threads each
    scripts/peer --data creditcard.csv --families adaboost --scalers none,quantile --tomek off,on --folds 10 --fold 3

Both sides get the same rows, folds, parameters and number of threads, and never run at the same time.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FAMILIES = "logistic-regression,decision-tree,random-forest,adaboost,k-neighbors,svc,xgboost,lightgbm"
HERE = Path(__file__).resolve().parent


def ours(a, folder):
    """Runs the cells with fraudbench; returns {(tomek, scaler, family): row of cells.csv} and the peak in MiB."""
    quoted = lambda names: ", ".join(f'"{n}"' for n in names.split(","))
    resamplers = {"off": "none", "on": "tomek-links"}
    seeded = {"random-forest", "decision-tree", "adaboost", "xgboost", "lightgbm"}
    classifiers = ", ".join(
        f'{{ family = "{f}", params = {{ random_state = {a.seed} }} }}' if f in seeded else f'"{f}"'
        for f in a.families.split(","))
    study = f"""name = "peer"
seed = {a.seed}
[data]
path = "{Path(a.data).resolve()}"
[protocol]
kind = "stratified-k-fold"
folds = {a.folds}
[grid]
dedup = [{"true" if a.dedup == "on" else "false"}]
resamplers = [{quoted(",".join(resamplers[t] for t in a.tomek.split(",")))}]
scalers = [{quoted(a.scalers)}]
classifiers = [{classifiers}]
"""
    (folder / "peer.toml").write_text(study)
    command = [a.fraudbench, "run", str(folder / "peer.toml"), "--out", str(folder / "out"), "--threads", str(a.threads),
               "--cell-threads", str(a.threads), "--filter", f"fold={a.fold}"]
    done = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    if done.returncode > 1:
        sys.exit(f"fraudbench failed:\n{done.stderr}")
    with open(folder / "out" / "cells.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    peak = next((w.split()[2] for l in done.stderr.splitlines() for w in l.split(";") if "peak memory" in w), "?")
    tomek = {v: k for k, v in resamplers.items()}
    return {(tomek[r["resampler"]], r["scaler"], r["family"]): r for r in rows}, peak


def theirs(a):
    """Runs the cells with scikit-learn; returns {(tomek, scaler, family): fold dict} and the peak in MiB."""
    command = [sys.executable, str(HERE / "peer_grid.py"), a.data, "--families", a.families, "--scalers", a.scalers,
               "--dedup", a.dedup, "--tomek", a.tomek, "--folds", str(a.folds), "--only-fold", str(a.fold), "--seed",
               str(a.seed), "--jobs", str(a.threads)]
    # A forced kernel choice for OpenBLAS would slow the peer down; waiting OpenMP threads must not spin.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")} | {"OMP_WAIT_POLICY": "passive"}
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout.splitlines()
    cells = [json.loads(line) for line in lines]
    peak = next(c["peak_mb"] for c in cells if "peak_mb" in c)
    return {(c["tomek"], c["scaler"], c["family"]): c["folds"][0] for c in cells if "family" in c}, f"{peak:.0f}"


def table(a, left, right):
    """Prints a Markdown table of the cells, then one of the stages before them."""
    print("| tomek | scaler | family | fit s | peer | ratio | predict s | peer | ratio | PR-AUC | peer | F1 | peer | recall | peer |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for key, mine in left.items():
        other = right.get(key, {})
        if mine["outcome"] != "scored" or "error" in other or not other:
            print("|", " | ".join(key), "|", mine["reason"] or other.get("error", "no peer"), "|")
            continue
        cells = []
        for stage in ("fit_s", "predict_s"):
            here, there = float(mine[stage]), other[stage]
            cells += [f"{here:.3f}", f"{there:.3f}", f"{there / max(here, 1e-9):.1f}"]
        for ours_name, theirs_name in (("pr-auc", "pr_auc"), ("f1", "f1"), ("recall", "recall")):
            cells += [f"{float(mine[ours_name] or 'nan'):.4f}", f"{other[theirs_name]:.4f}"]
        print("|", " | ".join(key), "|", " | ".join(cells), "|")
    print("\n| stage | here s | peer s | ratio |\n|---|---|---|---|")
    seen = set()
    for (tomek, scaler, _), mine in left.items():
        other = next((o for k, o in right.items() if k[:2] == (tomek, scaler) and "error" not in o), None)
        for stage, name, value in (("resample_s", f"tomek {tomek}", "tomek_s"), ("scale_s", f"{scaler} (tomek {tomek})", "scale_s")):
            if other is None or name in seen or name == "tomek off" or not mine[stage]:
                continue
            seen.add(name)
            here, there = float(mine[stage]), other[value]
            print(f"| {name} | {here:.3f} | {there:.3f} | {there / max(here, 1e-9):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fraudbench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", required=True, help="a CSV; the last column is the label, 0 or 1")
    parser.add_argument("--families", default=FAMILIES)
    parser.add_argument("--scalers", default="standard")
    parser.add_argument("--tomek", default="off", help="off, on or off,on")
    parser.add_argument("--dedup", default="on", choices=["on", "off"])
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--fold", type=int, default=0, help="the one fold that is run")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        left, here_peak = ours(a, Path(folder))
    right, there_peak = theirs(a)
    table(a, left, right)
    print(f"\npeak memory: {here_peak} MiB here, {there_peak} MiB there")


main()
