"""Writes what scikit-learn and imbalanced-learn say of neighbours, Tomek links and undersampling, for tests/golden."""

import json
from pathlib import Path

import numpy as np
from imblearn.under_sampling import RandomUnderSampler, TomekLinks
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "neighbors"


def write_csv(name, x, y=None):
    rows = np.column_stack([x, y]) if y is not None else x
    (OUT / name).write_text("".join(",".join(repr(float(v)) for v in row) + "\n" for row in rows))


def voters(rng):
    """Two overlapping classes on unequal scales, a constant column, copies of rows (with their labels)."""
    x = rng.normal(size=(500, 6)) * [1, 30, 0.2, 5, 1, 2]
    x[:, 4] = 7.0
    y = (rng.random(500) < 0.15 + 0.3 * (x[:, 0] > 1)).astype(int)
    x = x.round(4)
    copied = rng.choice(400, 60, replace=False)
    x[440:], y[440:] = x[copied], y[copied]
    queries = (rng.normal(size=(60, 6)) * [1, 30, 0.2, 5, 0, 2] + [0, 0, 0, 0, 7, 0]).round(4)
    queries[:15] = x[rng.choice(500, 15, replace=False)]
    return x, y, queries


def refuse_ties_that_matter(x, y, queries, k, metric):
    distances, rows = NearestNeighbors(n_neighbors=k + 8, **metric).fit(x).kneighbors(queries)
    for d, r in zip(distances, rows):
        tied = r[np.isclose(d, d[k - 1], rtol=1e-12, atol=0)]
        assert len(set(y[tied])) == 1, "choose another seed: a tie at the k-th place decides a vote"


def links(rng):
    x = rng.normal(size=(900, 4)) * [1, 2, 1, 0.5]
    x[:, 2] = -1.0
    y = (rng.random(900) < 0.12).astype(int)
    x[y == 1, 0] += 0.7
    x = x.round(6)
    assert len(np.unique(x, axis=0)) == len(x)
    distances = NearestNeighbors(n_neighbors=3).fit(x).kneighbors(x)[0]
    assert (distances[:, 1] < distances[:, 2]).all(), "choose another seed: two rows are equally near"
    return x, y


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    x, y, queries = voters(np.random.default_rng(8))
    write_csv("train.csv", x, y)
    write_csv("queries.csv", queries)
    votes = []
    for k in (1, 5, 50):
        for weights, p, metric in (
            ("uniform", 2, "minkowski"), ("distance", 2, "minkowski"), ("distance", 1, "minkowski"),
            ("uniform", 3, "minkowski"), ("distance", 1.5, "minkowski"), ("uniform", 9, "minkowski"),
            ("distance", 2, "chebyshev"), ("uniform", 2, "cosine"), ("uniform", 2, "l1"),
        ):
            refuse_ties_that_matter(x, y, queries, k, {"p": p, "metric": metric})
            model = KNeighborsClassifier(n_neighbors=k, weights=weights, p=p, metric=metric).fit(x, y)
            votes.append({
                "n_neighbors": k, "weights": weights, "p": p, "metric": metric,
                "score": model.predict_proba(queries)[:, 1].tolist(), "label": model.predict(queries).tolist(),
            })
    x, y = links(np.random.default_rng(3))
    write_csv("links.csv", x, y)
    tomek = {}
    for strategy in ("auto", "majority", "all"):
        sampler = TomekLinks(sampling_strategy=strategy)
        sampler.fit_resample(x, y)
        tomek[strategy] = sorted(set(range(len(y))) - set(sampler.sample_indices_.tolist()))
    draws = []
    for ratio, seed in ((1.0, 0), (1.0, 42), (0.3, 7)):
        sampler = RandomUnderSampler(sampling_strategy=ratio, random_state=seed)
        sampler.fit_resample(x, y)
        draws.append({"sampling_strategy": ratio, "random_state": seed, "kept": sorted(sampler.sample_indices_.tolist())})
    expected = {"votes": votes, "tomek_removed": tomek, "undersampled": draws}
    (OUT / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
