"""Runs resamplers here and in imbalanced-learn on the same rows, one after the other, and prints seconds, ratios and differences.

    scripts/peer-resamplers --data creditcard.csv                 # the quick ones: a minute or two
    scripts/peer-resamplers --data creditcard.csv --only edited-nearest-neighbours,one-sided-selection   # minutes there
    scripts/peer-resamplers --data creditcard.csv --duplicates    # with the exact duplicates

The rows are the first training part of ten stratified folds (seed 42), standardised on itself. A difference is a row that one
side keeps and the other does not, or a made row with a value that is not the same to 1e-9; 0 of them: the same rows.
"""
import argparse
import json
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from imblearn import over_sampling, under_sampling
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from asked import names

SEED = {"random_state": 1}
CASES = [
    ("random-oversampling", over_sampling.RandomOverSampler, SEED, True),
    ("smote", over_sampling.SMOTE, SEED, True),
    ("borderline-smote", over_sampling.BorderlineSMOTE, SEED, True),
    ("adasyn", over_sampling.ADASYN, SEED, True),
    ("svm-smote", over_sampling.SVMSMOTE, SEED, False),
    ("random-undersampling", under_sampling.RandomUnderSampler, SEED | {"sampling_strategy": 1.0}, True),
    ("near-miss", under_sampling.NearMiss, {"version": 1}, True),
    ("near-miss", under_sampling.NearMiss, {"version": 2}, True),
    ("near-miss", under_sampling.NearMiss, {"version": 3}, True),
    ("edited-nearest-neighbours", under_sampling.EditedNearestNeighbours, {}, False),
    ("repeated-edited-nearest-neighbours", under_sampling.RepeatedEditedNearestNeighbours, {}, False),
    ("all-knn", under_sampling.AllKNN, {}, False),
    ("neighbourhood-cleaning-rule", under_sampling.NeighbourhoodCleaningRule, {}, False),
    ("one-sided-selection", under_sampling.OneSidedSelection, SEED, False),
    ("tomek-links", under_sampling.TomekLinks, {}, False),
    ("condensed-nearest-neighbour", under_sampling.CondensedNearestNeighbour, SEED, False),
    ("cluster-centroids", under_sampling.ClusterCentroids, SEED, False),
]


def table(a):
    data = pd.read_csv(a.data)
    if not a.duplicates:
        data = data.drop_duplicates()
    y = data.pop("Class").to_numpy()
    x = data.to_numpy(dtype=float)
    train, _ = next(StratifiedKFold(10, shuffle=True, random_state=42).split(x, y))
    x, y = x[train], y[train]
    return np.ascontiguousarray(StandardScaler().fit_transform(x)), y


def ours(a, folder, x, y, cases):
    x.astype("<f8").tofile(folder / "x.f64")
    y.astype("u1").tofile(folder / "y.u8")
    (folder / "columns.json").write_text(json.dumps([0] * x.shape[1]))
    wanted = json.dumps([{"id": case[0], "params": case[2]} for case in cases])
    done = subprocess.run([a.resample, folder, wanted], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(folder, nth, x, y, sampler, new, labels):
    """Rows kept by one side only, and made rows that are not the same."""
    rows = np.fromfile(folder / f"{nth}.rows", dtype="<u4")
    made = np.fromfile(folder / f"{nth}.made", dtype="<f8").reshape(-1, x.shape[1])
    if hasattr(sampler, "sample_indices_"):
        theirs = np.sort(np.asarray(sampler.sample_indices_))
        if np.array_equal(np.sort(rows), theirs):
            return 0
        return len(np.setxor1d(rows, theirs)) + abs(len(rows) - len(theirs))
    # Over-samplers put made rows after the given ones, cluster centroids in front of the minority's.
    there = new[len(x):] if len(new) >= len(x) else new[labels == 0]
    if len(made) != len(there):
        return max(len(made), len(there))
    return int((~np.isclose(made, there, rtol=1e-9, atol=1e-9)).any(axis=1).sum())


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--data", required=True, help="creditcard.csv")
    a.add_argument("--resample", required=True, help="the built example `resample`")
    a.add_argument("--only", help="ids, separated by commas; without it the quick ones")
    a.add_argument("--duplicates", action="store_true", help="keep the exact duplicates")
    a.add_argument("--ours", action="store_true", help="leave imbalanced-learn out")
    a = a.parse_args()
    warnings.simplefilter("ignore")
    only = names("--only", a.only, [case[0] for case in CASES]) if a.only else None
    cases = [case for case in CASES if (case[0] in only if only else case[3])]
    x, y = table(a)
    print(f"{len(x)} rows, {int(y.sum())} positives, {x.shape[1]} columns\n")
    print("| resampler | here, s | imbalanced-learn, s | ratio | differences |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        told = ours(a, folder, x, y, cases)
        for nth, ((name, family, params, _), here) in enumerate(zip(cases, told)):
            what = name + "".join(f" {key} = {value}" for key, value in params.items() if key == "version")
            if a.ours:
                print(f"| {what} | {here['seconds']:.3f} | | | |", flush=True)
                continue
            sampler = family(**params)
            started = time.perf_counter()
            new, labels = sampler.fit_resample(x, y)
            there = time.perf_counter() - started
            different = differences(folder, nth, x, y, sampler, new, labels)
            print(f"| {what} | {here['seconds']:.3f} | {there:.2f} | {there / here['seconds']:.1f} | {different} |", flush=True)


main()
