"""Writes what numpy and scikit-learn draw and split, one file per scikit-learn version, for tests/golden/splits.rs.

Run it once in a virtual environment with scikit-learn 1.9.1 and once in one with 1.2.2 (numpy < 2):

    python scripts/golden/splits.py tests/golden/data/splits

The kinds by groups, by time and by given folds come from the newer one alone (`GroupKFold` shuffles from 1.6 on): `kinds-*.json`.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
    train_test_split,
)

SEEDS = [0, 1, 42, 100, 2**32 - 1]


def stream(seed):
    """One draw of everything after another, so that a wrong number of draws shows in what follows."""
    rng = np.random.RandomState(seed)
    items = np.arange(100, 117)
    return {
        "seed": seed,
        "u32": rng.randint(0, 2**32, size=4, dtype=np.uint32).tolist(),
        "random_sample": rng.random_sample(4).tolist(),
        "small_int64": rng.randint(-3, 8, size=12).tolist(),
        "small_int32": rng.randint(0, 1000, size=12, dtype=np.int32).tolist(),
        "one_value": rng.randint(5, 6, size=3).tolist(),
        "int32_max": rng.randint(np.iinfo(np.int32).max, size=3).tolist(),
        "full_32_bits": rng.randint(0, 2**32, size=3).tolist(),
        "beyond_32_bits": rng.randint(-7, 2**40 + 13, size=6).tolist(),
        "permutation": rng.permutation(23).tolist(),
        "permuted": rng.permutation([9, 8, 7, 6, 5, 5, 4]).tolist(),
        "shuffled": (rng.shuffle(items), items.tolist())[1],
        "choice": rng.choice(31, size=9, replace=False).tolist(),
        # More than two refills of the state.
        "far": [rng.randint(0, 977, size=1500)[-1].item(), float(rng.random_sample())],
    }


def labels(n, positives, step, offset):
    """`n` labels with `positives` ones at offset, offset + step, ... modulo n: the same formula as in the Rust test."""
    y = np.zeros(n, dtype=np.uint8)
    at = offset
    while y.sum() < positives:
        y[at % n] = 1
        at += step
    return y


# (rows, positives, step, offset): the last ones have the real data's counts, before and after deduplication.
SHAPES = [(37, 9, 5, 3), (50, 25, 7, 0), (23, 11, 2, 1), (101, 12, 13, 40), (284807, 492, 577, 541), (283726, 473, 599, 7)]


def told(indices):
    """Small lists as they are, long ones as the hash of their numbers, comma-separated."""
    indices = [int(i) for i in indices]
    if len(indices) <= 120:
        return indices
    return hashlib.sha256(",".join(map(str, indices)).encode()).hexdigest()


def folds(shape, k, repeats, seed, shuffle):
    y = labels(*shape)
    x = np.zeros((len(y), 1))
    if shuffle:
        cv = RepeatedStratifiedKFold(n_splits=k, n_repeats=repeats, random_state=seed)
    else:
        cv = StratifiedKFold(n_splits=k)
    tests = [test for _, test in cv.split(x, y)]
    if shuffle:
        once = StratifiedKFold(n_splits=k, shuffle=True, random_state=seed).split(x, y)
        assert all((a == b).all() for a, (_, b) in zip(tests[:k], once))
    return {
        "shape": shape,
        "folds": k,
        "repeats": repeats,
        "seed": seed,
        "shuffle": shuffle,
        "tests": [told(test) for test in tests],
    }


def hold_out(shape, test, validation, seed, stratify):
    y = labels(*shape)
    rows = np.arange(len(y))
    keep = {"random_state": seed}
    train, tested = train_test_split(rows, test_size=test, stratify=y if stratify else None, **keep)
    validated = np.array([], dtype=int)
    if validation is not None:
        train, validated = train_test_split(train, test_size=validation, stratify=y[train] if stratify else None, **keep)
    parts = [train, tested] + ([validated] if validation is not None else [])
    if any(len(np.unique(y[part])) < 2 for part in parts):
        return None  # refused by fraudbench: such a part cannot measure
    return {
        "shape": shape,
        "test": test,
        "validation": validation,
        "seed": seed,
        "stratify": stratify,
        "train_rows": told(sorted(train)),
        "validation_rows": told(sorted(validated)),
        "test_rows": told(sorted(tested)),
    }


def groups(n, count, offset):
    """Groups of very different sizes, some of `count` without a row: the same formula as in the Rust test."""
    u = (np.arange(n) * 7919 + offset) % 1009
    return u**3 * count // 1009**3


def times(n):
    """Times out of order, with ties."""
    i = np.arange(n)
    return (i * i * 31 + i * 17) % 997 // 3


def folds_given(n, k):
    """Folds -1 (trains only) to k - 1."""
    return (np.arange(n) * 31) % (k + 1) - 1


def parts(y, splits):
    """Training and test rows of each split; nothing where a part lacks a class, which fraudbench refuses."""
    one = lambda train, test: [told(sorted(train)), told(sorted(test))]
    whole = lambda rows: len(np.unique(y[rows])) == 2
    return [one(a, b) if len(a) and len(b) and whole(a) and whole(b) else None for a, b in splits]


def kinds():
    """(kind, parameters of a study, shape, groups, what scikit-learn makes of them)"""
    cases = []
    for shape, count, offset in [(SHAPES[0], 9, 0), (SHAPES[1], 14, 5), (SHAPES[3], 30, 11), ((5000, 60, 13, 2), 400, 3)]:
        y, g = labels(*shape), groups(shape[0], count, offset)
        x = np.zeros((len(y), 1))
        at = {"shape": shape, "groups": [count, offset]}
        for k, seed in [(2, 0), (3, 42), (5, 2**32 - 1)]:
            if k > len(np.unique(g)):
                continue
            for kind, cls in [("group-k-fold", GroupKFold), ("stratified-group-k-fold", StratifiedGroupKFold)]:
                with_seed = {"folds": k, "shuffle": True, "seed": seed, "repeats": 2}
                shuffled = lambda s: cls(n_splits=k, shuffle=True, random_state=s).split(x, y, g)
                both = [*shuffled(seed), *shuffled((seed + 1) % 2**32)]
                cases.append({"kind": kind, **at, "params": with_seed, "parts": parts(y, both)})
                plain = cls(n_splits=k).split(x, y, g)
                cases.append({"kind": kind, **at, "params": {"folds": k}, "parts": parts(y, plain)})
        for test, train, repeats, seed in [(0.2, None, 3, 7), (0.31, 0.4, 2, 0), (0.1, 0.9, 4, 42)]:
            params = {"repeats": repeats, "test": test, "seed": seed} | ({"train": train} if train else {})
            keep = {"n_splits": repeats, "test_size": test, "train_size": train, "random_state": seed}
            try:
                drawn = list(StratifiedShuffleSplit(**keep).split(x, y))
                cases.append({"kind": "stratified-shuffle", **at, "params": params, "parts": parts(y, drawn)})
            except ValueError:
                pass  # a part with fewer rows than classes
            drawn = GroupShuffleSplit(**keep).split(x, y, g)
            cases.append({"kind": "group-shuffle", **at, "params": params, "parts": parts(y, drawn)})
        order = np.argsort(times(len(y)), kind="stable")
        for k, gap, test, train in [(2, 0, None, None), (5, 0, None, None), (3, 4, 5, None), (4, 1, 3, 11)]:
            series = TimeSeriesSplit(n_splits=k, gap=gap, test_size=test, max_train_size=train).split(x)
            rows = [(order[a], order[b]) for a, b in series]
            params = {"folds": k, "gap": gap} | ({"test": test} if test else {}) | ({"train": train} if train else {})
            cases.append({"kind": "time-series", **at, "params": params, "parts": parts(y, rows)})
        for k in (2, 4):
            given = PredefinedSplit(folds_given(len(y), k)).split()
            cases.append({"kind": "given", **at, "params": {"folds": k}, "parts": parts(y, given)})
    return cases


def main():
    out = Path(sys.argv[1])
    warnings.simplefilter("error")
    kfold_cases = [
        (SHAPES[0], 3, 1, 0, False),
        (SHAPES[0], 4, 3, 42, True),
        (SHAPES[1], 5, 2, 7, True),
        (SHAPES[2], 10, 1, 1, False),
        (SHAPES[2], 2, 2, 2**32 - 1, True),
        (SHAPES[3], 10, 2, 100, True),
        (SHAPES[4], 10, 1, 0, False),
        (SHAPES[4], 5, 2, 42, True),
        (SHAPES[5], 10, 2, 42, True),
    ]
    hold_cases = [
        (shape, test, validation, seed, stratify)
        for shape in SHAPES
        for test, validation in [(0.3, None), (0.3, 0.2), (0.25, 0.5), (0.2, 0.2), (0.29, 0.15)]
        for seed in ([0, 100] if len(labels(*shape)) < 1000 else [100])
        for stratify in (True, False)
    ]
    golden = {
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "streams": [stream(seed) for seed in SEEDS],
        "k_folds": [folds(*case) for case in kfold_cases],
        "hold_outs": [case for case in (hold_out(*case) for case in hold_cases) if case],
    }
    lists = ",\n".join(
        f'"{key}": [\n' + ",\n".join(json.dumps(case) for case in value) + "\n]"
        if isinstance(value, list)
        else f'"{key}": {json.dumps(value)}'
        for key, value in golden.items()
    )
    out.mkdir(parents=True, exist_ok=True)
    if tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 6):
        # Fewer rows of a class than folds, or a single class in a fold, is a warning there.
        warnings.simplefilter("ignore")
        cases = ",\n".join(json.dumps(case) for case in kinds())
        (out / f"kinds-{sklearn.__version__}.json").write_text("[\n" + cases + "\n]\n")
    (out / f"sklearn-{sklearn.__version__}.json").write_text("{\n" + lists + "\n}\n")


if __name__ == "__main__":
    main()
