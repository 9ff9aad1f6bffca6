"""Writes what imbalanced-learn's resamplers make of awkward tables, for tests/golden.

Expected are rows, not copies of them: a resampler's own row numbers where it tells them, else what it made up. No table has
two rows equally far from a third where imbalanced-learn leaves their order open, so that there is one answer; equal rows stand
where they decide nothing.
"""

import json
from pathlib import Path

import numpy as np
from imblearn.over_sampling import ADASYN, SMOTE, SMOTEN, SMOTENC, SVMSMOTE, BorderlineSMOTE, RandomOverSampler
from imblearn.under_sampling import (
    AllKNN, ClusterCentroids, CondensedNearestNeighbour, EditedNearestNeighbours, InstanceHardnessThreshold, NearMiss,
    NeighbourhoodCleaningRule, OneSidedSelection, RandomUnderSampler, RepeatedEditedNearestNeighbours, TomekLinks,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "resamplers"


def numbers(rng, rows, share):
    """Overlapping classes on unequal scales, a constant column, a column of few values."""
    x = rng.normal(size=(rows, 5)) * [1, 30, 0.2, 1, 2]
    x[:, 3] = -7.0
    x[:, 4] = rng.integers(0, 3, rows)
    y = (rng.random(rows) < share).astype(int)
    x[y == 1, 0] += 1.2
    x[y == 1, 2] -= 0.15
    x = x.round(6)
    distances = NearestNeighbors(n_neighbors=14, algorithm="kd_tree").fit(x).kneighbors(x)[0]
    assert (np.diff(distances, axis=1) > 1e-9).all(), "choose another seed: two rows are equally near"
    return x, y


def categories(rng, rows):
    """Two numbers and three categories; one level is in the majority alone."""
    y = (np.arange(rows) % 6 == 4).astype(int)
    x = np.column_stack([
        rng.normal(size=rows).round(6), rng.integers(0, 3, rows), rng.integers(0, 5, rows),
        (rng.normal(size=rows) * 3 + y).round(6), rng.integers(0, 2, rows),
    ])
    x[y == 1, 2] = np.minimum(x[y == 1, 2], 3)
    return x, y


def levels(rng, rows):
    """Categories alone, many enough that no two distances are equal."""
    y = (np.arange(rows) % 5 == 1).astype(int)
    x = np.column_stack([rng.integers(0, n, rows) for n in (4, 7, 3, 5, 11, 2, 6, 9)])
    x[y == 1, 0] = rng.choice(4, (y == 1).sum(), p=[0.5, 0.3, 0.1, 0.1])
    return x, y


def made(sampler, x, y):
    """The rows after the given ones, and their labels."""
    new, labels = sampler.fit_resample(x, y)
    assert np.array_equal(new[: len(x)], x) and np.array_equal(labels[: len(y)], y)
    return {"made": new[len(x):].tolist(), "labels": labels[len(y):].tolist()}


def kept(sampler, x, y):
    sampler.fit_resample(x, y)
    return {"kept": sorted(set(sampler.sample_indices_.tolist()))}


def over(x, y):
    smote = lambda **p: (SMOTE, "smote", p)
    borderline = lambda **p: (BorderlineSMOTE, "borderline-smote", p)
    for family, name, params in (
        smote(random_state=1), smote(random_state=2, sampling_strategy="all", k_neighbors=2),
        borderline(random_state=3), borderline(random_state=4, kind="borderline-2"),
        borderline(random_state=5, m_neighbors=7, k_neighbors=3, sampling_strategy=0.8),
        borderline(random_state=6, m_neighbors=5, kind="borderline-2", sampling_strategy="not majority"),
        (ADASYN, "adasyn", {"random_state": 7}), (ADASYN, "adasyn", {"random_state": 8, "n_neighbors": 3, "sampling_strategy": 0.6}),
        (RandomOverSampler, "random-oversampling", {"random_state": 9, "shrinkage": 1.0}),
        (RandomOverSampler, "random-oversampling", {"random_state": 10, "shrinkage": 0.3, "sampling_strategy": 0.5}),
        (SVMSMOTE, "svm-smote", {"random_state": 11}),
        (SVMSMOTE, "svm-smote", {"random_state": 12, "out_step": 0.2, "m_neighbors": 6, "k_neighbors": 4}),
    ):
        if name == "svm-smote":
            # Another tolerance must not change which rows the boundary rests on.
            support = [SVC(tol=tol).fit(x, y).support_ for tol in (1e-3, 1e-8)]
            assert all(np.array_equal(s[y[s] == 1], support[0][y[support[0]] == 1]) for s in support)
        yield {"id": name, "params": params} | made(family(**params), x, y)
    for params in ({"random_state": 13}, {"random_state": 14, "sampling_strategy": 0.4}):
        sampler = RandomOverSampler(**params)
        sampler.fit_resample(x, y)
        yield {"id": "random-oversampling", "params": params, "rows": sampler.sample_indices_.tolist()}


def under(x, y):
    for family, name, params in (
        (EditedNearestNeighbours, "edited-nearest-neighbours", {}),
        (EditedNearestNeighbours, "edited-nearest-neighbours", {"kind_sel": "mode"}),
        (EditedNearestNeighbours, "edited-nearest-neighbours", {"kind_sel": "mode", "n_neighbors": 4, "sampling_strategy": "all"}),
        (EditedNearestNeighbours, "edited-nearest-neighbours", {"n_neighbors": 5, "sampling_strategy": "not majority"}),
        (RepeatedEditedNearestNeighbours, "repeated-edited-nearest-neighbours", {}),
        (RepeatedEditedNearestNeighbours, "repeated-edited-nearest-neighbours", {"kind_sel": "mode", "n_neighbors": 2, "sampling_strategy": "all"}),
        (RepeatedEditedNearestNeighbours, "repeated-edited-nearest-neighbours", {"max_iter": 1}),
        (AllKNN, "all-knn", {}), (AllKNN, "all-knn", {"kind_sel": "mode", "n_neighbors": 5, "allow_minority": True}),
        (NeighbourhoodCleaningRule, "neighbourhood-cleaning-rule", {}),
        (NeighbourhoodCleaningRule, "neighbourhood-cleaning-rule", {"n_neighbors": 4, "threshold_cleaning": 0.1, "sampling_strategy": "all"}),
        (NearMiss, "near-miss", {}), (NearMiss, "near-miss", {"version": 2, "n_neighbors": 4}),
        (NearMiss, "near-miss", {"version": 3}), (NearMiss, "near-miss", {"version": 3, "n_neighbors_ver3": 6, "n_neighbors": 1}),
        (NearMiss, "near-miss", {"sampling_strategy": 0.5, "n_neighbors": 5}),
        (OneSidedSelection, "one-sided-selection", {"random_state": 1}),
        (OneSidedSelection, "one-sided-selection", {"random_state": 2, "n_seeds_S": 20, "n_neighbors": 3}),
        (CondensedNearestNeighbour, "condensed-nearest-neighbour", {"random_state": 3}),
        (CondensedNearestNeighbour, "condensed-nearest-neighbour", {"random_state": 4, "n_seeds_S": 9, "n_neighbors": 3}),
        (TomekLinks, "tomek-links", {"sampling_strategy": "not majority"}), (TomekLinks, "tomek-links", {"sampling_strategy": "not minority"}),
        (RandomUnderSampler, "random-undersampling", {"sampling_strategy": "all", "random_state": 5}),
        (RandomUnderSampler, "random-undersampling", {"sampling_strategy": "majority", "random_state": 6}),
    ):
        yield {"id": name, "params": params} | kept(family(**params), x, y)
    for params in ({"random_state": 7}, {"random_state": 8, "cv": 3, "sampling_strategy": 0.5}):
        sampler = InstanceHardnessThreshold(estimator=GaussianNB(), **params)
        params = params | {"estimator": {"id": "gaussian-nb"}}
        yield {"id": "instance-hardness-threshold", "params": params} | kept(sampler, x, y)
    for params in ({"random_state": 9}, {"random_state": 10, "sampling_strategy": 0.7}):
        new, labels = ClusterCentroids(**params).fit_resample(x, y)
        # Some centre is of several rows, or nothing is tested.
        assert len(new) == (labels == 0).sum() + (y == 1).sum()
        yield {"id": "cluster-centroids", "params": params, "close": True, "made": new[labels == 0].tolist(), "labels": [0] * int((labels == 0).sum())}


def mixed(x, y, categorical):
    for params in ({"random_state": 1}, {"random_state": 2, "k_neighbors": 3, "sampling_strategy": 0.7}):
        yield {"id": "smote-nc", "params": params} | made(SMOTENC(categorical, **params), x, y)


def only_levels(x, y):
    for params in ({"random_state": 1}, {"random_state": 2, "k_neighbors": 4, "sampling_strategy": 0.6}):
        yield {"id": "smote-n", "params": params} | made(SMOTEN(**params), x, y)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(21)
    tables = []
    for rows, share in ((260, 0.12), (420, 0.2)):
        x, y = numbers(rng, rows, share)
        tables.append({"x": x.tolist(), "y": y.tolist(), "categorical": [], "cases": [*over(x, y), *under(x, y)]})
    x, y = categories(rng, 150)
    tables.append({"x": x.tolist(), "y": y.tolist(), "categorical": [1, 2, 4], "cases": [*mixed(x, y, [1, 2, 4])]})
    x, y = levels(rng, 140)
    tables.append({"x": x.tolist(), "y": y.tolist(), "categorical": list(range(x.shape[1])), "cases": [*only_levels(x, y)]})
    (OUT / "expected.json").write_text(json.dumps({"tables": tables}) + "\n")


if __name__ == "__main__":
    main()
