"""Runs the same cells with fraudbench and with scikit-learn and prints seconds, ratios and scores side by side.

    scripts/peer --data creditcard.csv                          one fold, standard scaler, every family, two threads each
    scripts/peer --data creditcard.csv --families adaboost --scalers none,quantile --tomek off,on --folds 10 --fold 3
    scripts/peer --data creditcard.csv --intelex --times 3 > results/peer-families/peer-families.md

All sides get the same rows, folds, parameters and number of threads, and never run at the same time. With `--intelex` a third one is
scikit-learn-intelex, for the families that it has. Of `--times` runs the medians are printed; a side that took longer than a minute for a
family runs it once. With `--others` the forest modes of XGBoost and LightGBM stand beside the forest, faiss's exact search
beside the neighbours, and ThunderSVM beside the SVC. `FRAUDBENCH` names a program that is built.
"""
import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FAMILIES = "logistic-regression,lda,decision-tree,random-forest,extra-trees,adaboost,k-neighbors,svc,hist-gradient-boosting,xgboost,lightgbm"
# What `sklearnex.patch_sklearn` replaces; everything else would be scikit-learn once more.
INTELEX = {"logistic-regression", "random-forest", "extra-trees", "k-neighbors", "svc"}
# Other packages that do what a family does, as `peer_grid.py` calls them.
OTHERS = {"random-forest": ["xgboost-forest", "lightgbm-forest"], "k-neighbors": ["faiss"], "svc": ["thundersvm"]}
SEEDED = {"random-forest", "extra-trees", "decision-tree", "adaboost", "hist-gradient-boosting", "xgboost", "lightgbm"}
# Above this many seconds a side runs a family once.
LONG = 60.0
HERE = Path(__file__).resolve().parent


def ours(a, family, folder):
    """Runs a family's cells with fraudbench; returns {(tomek, scaler): cell} and the peak in MiB."""
    quoted = lambda names: ", ".join(f'"{n}"' for n in names.split(","))
    resamplers = {"off": "none", "on": "tomek-links"}
    classifier = f'{{ family = "{family}", params = {{ random_state = {a.seed} }} }}' if family in SEEDED else f'"{family}"'
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
classifiers = [{classifier}]
"""
    (folder / "peer.toml").write_text(study)
    out = folder / "out"
    command = [a.fraudbench, "run", str(folder / "peer.toml"), "--out", str(out), "--threads", str(a.threads),
               "--cell-threads", str(a.threads), "--filter", f"fold={a.fold}"]
    done = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    if done.returncode > 1:
        sys.exit(f"fraudbench failed:\n{done.stderr}")
    with open(out / "cells.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    subprocess.run(["rm", "-rf", str(out)], check=True)
    peak = next((w.split()[2] for l in done.stderr.splitlines() for w in l.split(";") if "peak memory" in w), "nan")
    tomek = {v: k for k, v in resamplers.items()}
    number = lambda row, name: float(row[name] or "nan")
    cell = lambda row: {"error": row["reason"]} if row["outcome"] != "scored" else {
        "fit": number(row, "fit_s"), "predict": number(row, "predict_s"), "tomek": number(row, "resample_s"), "scale": number(row, "scale_s"),
        "PR-AUC": number(row, "pr-auc"), "F1": number(row, "f1"), "recall": number(row, "recall")}
    return {(tomek[row["resampler"]], row["scaler"]): cell(row) for row in rows}, float(peak)


def theirs(a, family, python, patched):
    """Runs a family's cells with scikit-learn, as it is or patched; returns {(tomek, scaler): cell} and the peak in MiB."""
    command = [python, *(["-m", "sklearnex"] if patched else []), str(HERE / "peer_grid.py"), a.data, "--families", family,
               "--scalers", a.scalers, "--dedup", a.dedup, "--tomek", a.tomek, "--folds", str(a.folds), "--only-fold", str(a.fold),
               "--seed", str(a.seed), "--jobs", str(a.threads)]
    # A forced kernel choice for OpenBLAS would slow the peer down. How OpenMP threads wait is left as the peer has it: nothing else runs.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    # `-m sklearnex` does not look for modules beside the script.
    environment["PYTHONPATH"] = str(HERE)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, env=environment)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    peak = next(line["peak_mb"] for line in lines if "peak_mb" in line)
    cell = lambda fold: fold if "error" in fold else {
        "fit": fold["fit_s"], "predict": fold["predict_s"], "tomek": fold["tomek_s"], "scale": fold["scale_s"],
        "PR-AUC": fold["pr_auc"], "F1": fold["f1"], "recall": fold["recall"]}
    return {(line["tomek"], line["scaler"]): cell(line["folds"][0]) for line in lines if "family" in line}, peak


def medians(run, times):
    """The cells with the medians of their seconds over several runs, and the largest peak."""
    cells, peak = run()
    runs = [cells]
    if max(sum(cell.get(stage, 0.0) for stage in ("fit", "predict")) for cell in cells.values()) <= LONG:
        for _ in range(times - 1):
            cells, again = run()
            runs.append(cells)
            peak = max(peak, again)
    one = dict(runs[0])
    for key, cell in one.items():
        seconds = {stage: statistics.median(r[key][stage] for r in runs) for stage in ("fit", "predict", "tomek", "scale") if stage in cell}
        one[key] = cell | seconds
    return one, peak


def measure(a, family):
    """What each side says of a family, side after side."""
    with tempfile.TemporaryDirectory() as folder:
        sides = {"here": medians(lambda: ours(a, family, Path(folder)), a.times)}
    sides["scikit-learn"] = medians(lambda: theirs(a, family, sys.executable, False), a.times)
    if a.intelex and family in INTELEX:
        sides["intelex"] = medians(lambda: theirs(a, family, sys.executable, True), a.times)
    for other in OTHERS.get(family, []) if a.others else []:
        sides[other] = medians(lambda: theirs(a, other, a.others_python, False), a.times)
    return sides


def table(a, found):
    """Prints a Markdown table of the cells, then one of the stages before them."""
    names = ["here", "scikit-learn"] + (["intelex"] if a.intelex else [])
    peers, scores = names[1:], ("PR-AUC", "F1", "recall")
    print("| tomek | scaler | family | here s |", " | ".join(f"{name} s | ratio" for name in peers), "|",
          " | ".join(f"{score} {' / '.join(names)}" for score in scores), "|")
    print("|---" * (4 + 2 * len(peers) + len(scores)) + "|")
    seconds = lambda cell: cell["fit"] + cell["predict"]
    for family, sides in found.items():
        for key, mine in sides["here"][0].items():
            others = [sides[name][0].get(key) if name in sides else None for name in peers]
            said = [cell["error"] for cell in (mine, *others) if cell and "error" in cell]
            if said:
                print("|", " | ".join([*key, family]), "|", "; ".join(said), "|")
                continue
            cells = [f"{seconds(mine):.3f}"]
            for other in others:
                cells += [f"{seconds(other):.3f}", f"{seconds(other) / max(seconds(mine), 1e-9):.1f}"] if other else ["–", "–"]
            cells += [" / ".join(f"{cell[score]:.4f}" for cell in (mine, *others) if cell) for score in scores]
            print("|", " | ".join([*key, family]), "|", " | ".join(cells), "|")
    other_table(found)
    print("\n| stage | here s | scikit-learn s | ratio |\n|---|---|---|---|")
    first = next(iter(found.values()))
    for (tomek, scaler), mine in first["here"][0].items():
        other = first["scikit-learn"][0].get((tomek, scaler), {})
        for stage, name in (("tomek", f"tomek {tomek}"), ("scale", f"{scaler} (tomek {tomek})")):
            if name != "tomek off" and other.get(stage) and mine.get(stage):
                print(f"| {name} | {mine[stage]:.3f} | {other[stage]:.3f} | {other[stage] / max(mine[stage], 1e-9):.1f} |")
    peaks = [f"{max(sides[name][1] for sides in found.values() if name in sides):.0f} MiB {name}" for name in names]
    print(f"\npeak memory of a process: {', '.join(peaks)}")


def other_table(found):
    """Prints a Markdown table of what other packages took."""
    rows = [(key, family, sides, other) for family, sides in found.items() for other in OTHERS.get(family, []) if other in sides
            for key in sides["here"][0]]
    if rows:
        print("\n| tomek | scaler | family | here s | other | other s | ratio | PR-AUC here / other |\n|---|---|---|---|---|---|---|---|")
    for key, family, sides, other in rows:
        mine, theirs = sides["here"][0][key], sides[other][0][key]
        if "error" in theirs:
            print("|", " | ".join([*key, family]), "|", other, "|", theirs["error"], "|")
            continue
        here, there = (cell["fit"] + cell["predict"] for cell in (mine, theirs))
        print("|", " | ".join([*key, family, f"{here:.3f}", other, f"{there:.3f}", f"{there / max(here, 1e-9):.1f}",
                               f"{mine['PR-AUC']:.4f} / {theirs['PR-AUC']:.4f}"]), "|")


def processor():
    with open("/proc/cpuinfo") as file:
        named = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {named[0] if named else platform.machine()}"


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
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--intelex", action="store_true", help="scikit-learn-intelex as a third side")
    parser.add_argument("--others", action="store_true", help="the forest modes of XGBoost and LightGBM, faiss and ThunderSVM, too")
    parser.add_argument("--others-python", help=argparse.SUPPRESS)
    a = parser.parse_args()
    # Before the first side works for minutes: the peer knows other names than the program here.
    named = [sys.executable, str(HERE / "peer_grid.py"), a.data, "--families", a.families, "--scalers", a.scalers, "--tomek", a.tomek, "--only-names"]
    if subprocess.run(named).returncode:
        sys.exit(2)
    found = {}
    for family in a.families.split(","):
        found[family] = measure(a, family)
        print(family, {name: round(sum(c.get("fit", 0) + c.get("predict", 0) for c in cells.values()), 3) for name, (cells, _) in found[family].items()},
              file=sys.stderr, flush=True)
    print(f"# Families on one fold\n\nSeconds of fit and predict on {a.threads} threads; `scripts/peer` on {processor()}, {time.strftime('%Y-%m-%d')}.\n")
    table(a, found)


main()
