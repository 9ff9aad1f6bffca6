"""Writes what scikit-learn's imputers and encoders and imbalanced-learn's SMOTE make of a table with categories and blanks."""

import json
from pathlib import Path

import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "columns"
# Sorted as the levels of the whole table are. `se` is in the test rows alone, `zz` in one training row.
LEVELS = [["DE", "FR", "NA", "be", "se", "zz"], ["no", "yes"]]


def plain(values):
    return [[None if v is None or v != v else float(v) for v in row] for row in np.asarray(values, dtype=object)]


def table(rng):
    """Two numbers and two categories: ties, blanks in each column, a column of few values."""
    rows = 60
    numbers = np.column_stack([rng.normal(size=rows).round(1), rng.integers(0, 4, rows) * 2.5])
    numbers[rng.random((rows, 2)) < 0.2] = np.nan
    first = rng.choice([0, 0, 0, 1, 2, 3], rows).astype(float)
    first[7], first[50], first[55] = 5, 4, 4
    second = rng.integers(0, 2, rows).astype(float)
    first[rng.random(rows) < 0.15] = np.nan
    second[3] = second[44] = second[58] = np.nan
    first[50] = 4
    return numbers, np.column_stack([first, second])


def texts(codes):
    named = [[np.nan if c != c else LEVELS[j][int(c)] for j, c in enumerate(row)] for row in codes]
    return np.array(named, dtype=object)


def imputed(numbers, codes, train):
    found = {}
    for name in ("mean", "median", "most_frequent", "constant"):
        fill = {"fill_value": -3.5} if name == "constant" else {}
        model = SimpleImputer(strategy=name, add_indicator=True, **fill).fit(numbers[:train])
        found[name.replace("_", "-")] = plain(model.transform(numbers[train:]))
    model = SimpleImputer(strategy="most_frequent").fit(texts(codes)[:train])
    filled = model.transform(texts(codes)[train:])
    found["categories"] = [[LEVELS[j].index(v) for j, v in enumerate(row)] for row in filled]
    return found


def encoded(codes, train):
    names = texts(codes)
    found = {}
    for drop in (None, "first", "if_binary"):
        model = OneHotEncoder(handle_unknown="ignore", sparse_output=False, drop=drop).fit(names[:train])
        found[f"one-hot {drop}"] = {
            "names": list(model.get_feature_names_out(["country", "known"])),
            "values": plain(model.transform(names[train:])),
        }
    model = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(names[:train])
    found["ordinal"] = plain(model.transform(names[train:]))
    model = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    found["ordinal missing"] = plain(model.fit(names[:train]).transform(names[train:]))
    return found


def smote(rng):
    """Unequal scales and a constant column; no two rows are equal, and no row has two neighbours equally far."""
    x = rng.normal(size=(140, 4)) * [1, 20, 0.3, 1]
    x[:, 3] = 2.0
    y = (np.arange(140) % 7 == 2).astype(int)
    x = x.round(5)
    cases = []
    for seed, strategy, k in ((0, "auto", 5), (7, 0.5, 3), (4_000_000_000, "minority", 1), (11, 0.35, 10)):
        sampler = SMOTE(sampling_strategy=strategy, random_state=seed, k_neighbors=k)
        new, labels = sampler.fit_resample(x, y)
        assert np.array_equal(new[:140], x)
        case = {"random_state": seed, "sampling_strategy": strategy, "k_neighbors": k}
        cases.append(case | {"made": plain(new[140:]), "labels": labels[140:].tolist()})
    return {"x": plain(x), "y": y.tolist(), "cases": cases}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(12)
    numbers, codes = table(rng)
    train = 40
    found = {
        "levels": LEVELS,
        "train": train,
        "numbers": plain(numbers),
        "codes": plain(codes),
        "imputed": imputed(numbers, codes, train),
        "encoded": encoded(codes, train),
        "smote": smote(rng),
    }
    (OUT / "expected.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
