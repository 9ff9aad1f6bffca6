"""Writes what numpy and scikit-learn draw and split, one file per scikit-learn version, for tests/golden/splits.rs.

Run it once in a virtual environment with scikit-learn 1.9.1 and once in one with 1.2.2 (numpy < 2):

    python scripts/golden/splits.py tests/golden/data/splits
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, train_test_split

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
        "hold_outs": [hold_out(*case) for case in hold_cases],
    }
    lists = ",\n".join(
        f'"{key}": [\n' + ",\n".join(json.dumps(case) for case in value) + "\n]"
        if isinstance(value, list)
        else f'"{key}": {json.dumps(value)}'
        for key, value in golden.items()
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / f"sklearn-{sklearn.__version__}.json").write_text("{\n" + lists + "\n}\n")


if __name__ == "__main__":
    main()
