"""Writes what scikit-learn's encoders make of training and test rows with rare, unseen and missing levels, for tests/golden."""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "encoders"
# Sorted as the levels of the whole table are; `zz` is in the test rows alone.
LEVELS = [["DE", "FR", "NA", "be", "se", "é漢", "zz"], ["no", "yes"], [f"s{n:03}" for n in range(40)]]
NAMES = ["country", "known", "store"]


def plain(values):
    return [[None if v != v else float(v) for v in row] for row in np.asarray(values, dtype=float)]


def table(rng, rows, train):
    codes = np.column_stack([
        rng.choice(6, rows, p=[0.4, 0.3, 0.15, 0.08, 0.05, 0.02]), rng.integers(0, 2, rows), rng.integers(0, 40, rows) ** 2 // 40,
    ]).astype(float)
    codes[train + 3, 0] = codes[train + 9, 0] = 6
    codes[rng.random(rows) < 0.1, 0] = np.nan
    codes[train + 5, 1] = np.nan
    y = (rng.random(rows) < 0.1 + 0.2 * (codes[:, 0] == 1) + 0.1 * (codes[:, 2] > 20)).astype(int)
    return codes, y


def texts(codes):
    return np.array([[np.nan if c != c else LEVELS[j][int(c)] for j, c in enumerate(row)] for row in codes], dtype=object)


def main():
    warnings.simplefilter("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(33)
    rows, train = 240, 180
    codes, y = table(rng, rows, train)
    names = texts(codes)
    cases = []
    for params in ({}, {"smooth": 10.0}, {"smooth": 0.0}, {"cv": 3, "random_state": 7}, {"shuffle": False, "smooth": 2.5, "cv": 4}):
        # Ours draws with seed 0 where nothing is given.
        theirs = {"random_state": 0} | params if params.get("shuffle", True) else params
        model = TargetEncoder(**theirs)
        fitted = model.fit_transform(names[:train], y[:train])
        cases.append({"id": "target", "params": params, "train": plain(fitted), "test": plain(model.transform(names[train:]))})
    for params in ({"min_frequency": 12}, {"min_frequency": 0.1}, {"max_categories": 4}, {"max_categories": 1},
                   {"min_frequency": 8, "max_categories": 5, "drop": "first"}, {"max_categories": 2, "drop": "if_binary"},
                   {"min_frequency": 12, "handle_unknown": "infrequent_if_exist"}):
        model = OneHotEncoder(sparse_output=False, **({"handle_unknown": "ignore"} | params)).fit(names[:train])
        cases.append({"id": "one-hot", "params": params, "names": list(model.get_feature_names_out(NAMES)),
                      "train": plain(model.transform(names[:train])), "test": plain(model.transform(names[train:]))})
    for params in ({"min_frequency": 12}, {"max_categories": 3}, {"min_frequency": 0.05, "max_categories": 20, "encoded_missing_value": -2}):
        model = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, **params).fit(names[:train])
        test = model.transform(names[train:])
        # Ours keeps what is missing apart from what is unseen, also where no training row has a missing value.
        test[np.isnan(codes[train:])] = params.get("encoded_missing_value", np.nan)
        cases.append({"id": "ordinal", "params": params, "train": plain(model.transform(names[:train])), "test": plain(test)})
    dicts = [{name: level for name, level in zip(NAMES, row) if level == level} for row in names]
    for params in ({}, {"n_features": 7}, {"n_features": 16, "alternate_sign": False}):
        hashed = FeatureHasher(**({"n_features": 32} | params)).transform(dicts).toarray()
        cases.append({"id": "hashing", "params": params, "train": plain(hashed[:train]), "test": plain(hashed[train:])})
    expected = {"levels": LEVELS, "names": NAMES, "train": train, "codes": plain(codes), "y": y.tolist(), "cases": cases}
    (OUT / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
