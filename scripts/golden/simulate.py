"""Writes draws of numpy's legacy RandomState and of Python's random that the simulated card transactions are made of, and the
order in which numpy's quicksort leaves equal values."""

import json
import random
from pathlib import Path

import numpy as np

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "simulate"


def numpy_draws(seed):
    """One stream, all kinds in turn, so that what one draw leaves over counts for the next."""
    rng = np.random.RandomState(seed)
    drawn = []
    for mean in [0.0, 0.3, 1.5, 3.99, 9.99, 10.0, 12.5, 37.0, 400.0, 1e6]:
        drawn.append([mean, float(rng.uniform(-3, mean + 5)), float(rng.normal(mean, 2.5))])
        drawn[-1].append([int(n) for n in rng.poisson(mean, 40)])
        drawn[-1].append(float(rng.normal(43200, 20000)))
    return {"seed": seed, "drawn": drawn, "permutation": rng.permutation(11).tolist(),
            "choice": rng.choice(50, size=3, replace=False).tolist()}


def python_draws(seed):
    random.seed(seed)
    chosen = [[n, [random.choice(range(n)) for _ in range(30)]] for n in [1, 2, 3, 4, 7, 8, 9, 100, 1 << 16, 1 << 31]]
    sizes = [[1, 1], [3, 0], [21, 5], [22, 5], [22, 6], [84, 6], [85, 6], [86, 6], [50, 16], [277, 80], [278, 90], [5000, 3]]
    return {"seed": seed, "chosen": chosen, "sampled": [[n, k, random.sample(range(n), k)] for n, k in sizes]}


def killer(n):
    """Values that make the median of three the second smallest each time (Musser 1997), so that the heap takes over."""
    half, values = n // 2, []
    for i in range(1, half + 1):
        values += [i if i % 2 else half + i - 1]
    return values + [2 * i for i in range(1, half + 1)]


def sorted_order(values):
    """Times have no vectorised sort: they show numpy's own steps on any machine. pandas sorts downwards as is done here."""
    times = np.asarray(values, dtype="int64").astype("M8[ns]")
    backwards = np.arange(len(times))[::-1]
    return {"values": [int(v) for v in values], "ascending": times.argsort(kind="quicksort").tolist(),
            "descending": backwards[times[::-1].argsort(kind="quicksort")][::-1].tolist()}


def sorts():
    rng = np.random.RandomState(0)
    cases = [[], [5], [3, 3], list(range(17)), [1] * 18, [1] * 500, killer(400), killer(2000), list(range(300, 0, -1))]
    return [sorted_order(v) for v in cases + [rng.randint(0, m, n).tolist() for m, n in [(2, 17), (3, 40), (5, 333), (200, 1000)]]]


OUT.mkdir(parents=True, exist_ok=True)
found = {"numpy": [numpy_draws(seed) for seed in [0, 1, 4999, 2**32 - 1]],
         "python": [python_draws(seed) for seed in [0, 1, 4999, 2**32 - 1]]}
(OUT / "draws.json").write_text(json.dumps(found) + "\n")
(OUT / "quicksort.json").write_text(json.dumps(sorts()) + "\n")
