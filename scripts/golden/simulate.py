"""Writes draws of numpy's legacy RandomState and of Python's random that the simulated card transactions are made of."""

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


OUT.mkdir(parents=True, exist_ok=True)
found = {"numpy": [numpy_draws(seed) for seed in [0, 1, 4999, 2**32 - 1]],
         "python": [python_draws(seed) for seed in [0, 1, 4999, 2**32 - 1]]}
(OUT / "draws.json").write_text(json.dumps(found) + "\n")
