"""The awkward tables of the differential test, which needs no library but numpy."""

import numpy as np


def tables():
    """Ties, repeated rows with both labels and a constant column; heavy tails on unlike scales; two-valued columns, half positive."""
    rng = np.random.RandomState(5)
    y = (np.arange(260) < 19).astype(int)[rng.permutation(260)]
    x = np.round(rng.normal(size=(260, 5)) + 0.9 * y[:, None] * [1, 0, 1, -1, 0], 1)
    x[:, 1] = -2.0
    x[:, 4] = np.floor(2 * np.abs(x[:, 4]))
    x[rng.randint(0, 260, 30)] = x[rng.randint(0, 260, 30)]
    yield "ties", x, y
    y = (np.arange(220) < 22).astype(int)[rng.permutation(220)]
    x = rng.standard_t(2, (220, 6)) * [1, 10, 0.01, 1000, 1, 0.1] + y[:, None] * [2, 5, 0, 900, 0, 0.05]
    x[:, 5] = x[:, 0] * 0.1 - 0.3 * x[:, 4]
    yield "tails", x, y
    y = (rng.uniform(size=200) < 0.47).astype(int)
    x = np.column_stack([rng.uniform(size=(200, 4)) < 0.3 + 0.25 * y[:, None], rng.poisson(2 + y[:, None], (200, 3))]).astype(float)
    yield "halves", x, y
