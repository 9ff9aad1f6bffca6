"""Estimates what a whole grid would cost on scikit-learn from a sample of its cells, beside what the grid's records say.

    scripts/peer-sample --data creditcard.csv --out results/peer-sample measure       # hours; goes on where it was
    fraudbench run experiments/ruchay-2023.toml --no-reuse --out runs/peer-sample \\
        --filter "$(scripts/peer-sample --out results/peer-sample filter)"            # the same cells here
    scripts/peer-sample --out results/peer-sample --run runs/peer-sample report       # Markdown, from cells.jsonl and records

The strata are (family, polynomial columns or not): their cells differ by an order of magnitude. `--others` cells without and
`--polynomials` with are drawn of each family, at random in dedup, scaler and fold. Each runs in a process of its own;
`--together` of them at a time share the processors, one thread each. What counts is processor seconds of fit and predict,
so that cells beside each other cost what they cost alone. Tomek links run before the first cell only: they take minutes,
and the few rows that they remove change no fit's time. A cell that is not done after `--cap` seconds of processor time
(data, scaler and all) counts with that much, so the sum is a lower bound.
"""
import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from records import read_records

FAMILIES = ["logistic-regression", "decision-tree", "random-forest", "adaboost", "k-neighbors", "svc", "xgboost", "lightgbm"]
SCALERS = ["none", "min-max", "max-abs", "standard", "power", "quantile", "normalizer", "function", "robust"]
FOLDS = 10
# Processor seconds that Tomek links may take before their cell.
TOMEK_CAP = 1800
HERE = Path(__file__).resolve().parent


def sample(a):
    """The cells, cheap strata first, in a fixed order for a seed."""
    draw = random.Random(a.seed)
    cells = []
    for scalers, count in ((SCALERS, a.others), (["polynomial"], a.polynomials)):
        for _ in range(count):
            for family in FAMILIES:
                cells.append(dict(family=family, scaler=draw.choice(scalers), dedup=draw.choice(["off", "on"]),
                                  tomek="off" if cells else "on", fold=draw.randrange(FOLDS)))
    return cells


def one(a, cell):
    """Runs one cell in a child process; returns it with its seconds, or with `capped`."""
    command = [sys.executable, str(HERE / "peer_grid.py"), a.data, "--families", cell["family"], "--scalers", cell["scaler"],
               "--dedup", cell["dedup"], "--tomek", cell["tomek"], "--folds", str(FOLDS), "--only-fold", str(cell["fold"]),
               "--seed", "42", "--jobs", str(a.jobs)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    environment |= {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": str(a.jobs), "OPENBLAS_NUM_THREADS": str(a.jobs)}
    cap = a.cap + (TOMEK_CAP if cell["tomek"] == "on" else 0)
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (cap, cap + 5))
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=limit)
    if done.returncode != 0:
        if done.returncode != -signal.SIGXCPU:
            raise SystemExit(f"{cell} ended with {done.returncode}")
        return cell | dict(capped=True, cpu_s=float(a.cap), wall_s=time.perf_counter() - started)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    fold = next(line["folds"][0] for line in lines if "family" in line)
    if "error" in fold:
        raise SystemExit(f"{cell} failed: {fold['error']}")
    fold |= dict(cpu_s=fold["fit_cpu_s"] + fold["predict_cpu_s"])
    return cell | fold | dict(peak_mb=next(line["peak_mb"] for line in lines if "peak_mb" in line))


def measure(a):
    path = Path(a.out) / "cells.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    have = [json.loads(line) for line in open(path)] if path.exists() else []
    cells = sample(a)
    # The same combination may be drawn twice: each place of the sample is done once.
    done = {cell["place"] for cell in have}
    todo = [cell | dict(place=place) for place, cell in enumerate(cells) if place not in done]
    with open(path, "a") as file, ThreadPoolExecutor(a.together) as pool:
        for result in as_done(pool, lambda cell: one(a, cell), todo):
            file.write(json.dumps(result) + "\n")
            file.flush()
            print(f"{result['place'] + 1}/{len(cells)}", json.dumps(result), file=sys.stderr, flush=True)


def as_done(pool, work, items):
    for future in as_completed([pool.submit(work, item) for item in items]):
        yield future.result()


def cell_filter(a):
    """Prints what `fraudbench run --filter` takes to run the measured cells."""
    cells = [json.loads(line) for line in open(Path(a.out) / "cells.jsonl")]
    resampler = {"on": "tomek-links", "off": "none"}
    print(";".join(f"family={c['family']},scaler={c['scaler']},dedup={c['dedup']},fold={c['fold']},resampler={resampler[c['tomek']]}"
                   for c in sorted(cells, key=lambda c: c["place"])))


def report(a):
    theirs, ours = defaultdict(list), defaultdict(list)
    stratum = lambda family, scaler: (family, "polynomial" if scaler == "polynomial" else "others")
    sampled = [json.loads(line) for line in open(Path(a.out) / "cells.jsonl")]
    for cell in sampled:
        theirs[stratum(cell["family"], cell["scaler"])].append(cell)
    for r in read_records(a.run):
        if r["outcome"] == "scored" and r["family"] in FAMILIES:
            ours[stratum(r["family"], r["scaler"])].append(r["seconds"]["fit"] + r["seconds"]["predict"])
    print("| family | scalers | cells sampled | processor s a cell, scikit-learn | cells of the grid | run here | here, s of one thread a cell | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    total = [0.0, 0.0]
    for key in sorted(theirs):
        there = sum(c["cpu_s"] for c in theirs[key]) / len(theirs[key])
        # Dedup off and on, Tomek links off and on: what the sample was drawn of, whether all of it was run here or not.
        planned = 4 * FOLDS * (1 if key[1] == "polynomial" else len(SCALERS))
        here = sum(ours[key]) / max(len(ours[key]), 1)
        total = [total[0] + there * planned, total[1] + here * planned]
        capped = sum(bool(c.get("capped")) for c in theirs[key])
        more = f" ({capped} stopped at the cap)" if capped else ""
        print(f"| {key[0]} | {key[1]} | {len(theirs[key])}{more} | {there:.1f} | {planned} | {len(ours[key])} | {here:.2f} | {there / max(here, 1e-9):.1f} |")
    tomek = [c["tomek_cpu_s"] for c in sampled if c.get("tomek") == "on" and "tomek_cpu_s" in c]
    shared = sum(tomek) / max(len(tomek), 1) * 2 * FOLDS
    print(f"\nAll cells: at least {total[0] / 3600:.1f} processor hours with scikit-learn, {total[1] / 3600:.2f} here, ratio "
          f"at least {total[0] / max(total[1], 1e-9):.1f}. Tomek links once a fold and variant: {shared / 3600:.1f} processor hours more there.")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("action", choices=["measure", "filter", "report"])
    a.add_argument("--data")
    a.add_argument("--out", required=True)
    a.add_argument("--run")
    a.add_argument("--others", type=int, default=5)
    a.add_argument("--polynomials", type=int, default=1)
    a.add_argument("--cap", type=int, default=2400)
    a.add_argument("--together", type=int, default=1, help="cells at a time")
    a.add_argument("--jobs", type=int, default=1, help="threads of a cell")
    a.add_argument("--seed", type=int, default=1)
    a = a.parse_args()
    {"measure": measure, "filter": cell_filter, "report": report}[a.action](a)


main()
