"""Golden files for the scalers: scikit-learn's outputs on columns that are easy to get wrong.

Run with scikit-learn 1.9.1 and SciPy 1.17: python scripts/golden/scalers.py

The best power is the top of a flat likelihood: two runs of scikit-learn itself, on processors with and without
AVX-512 (where NumPy has its own log1p and expm1), can end 1e-8 apart. The files are made without AVX-512, so that they
do not depend on the processor.
"""

import os

os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL"

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

OUT = Path(__file__).resolve().parents[2] / "tests" / "golden" / "data" / "scalers"
ROWS, TEST_ROWS = 250, 24

warnings.simplefilter("ignore")
rng = np.random.default_rng(20)


def columns():
    n = ROWS
    yield "normal", rng.normal(0.3, 2.0, n)
    yield "lognormal", np.exp(rng.normal(1.0, 1.2, n))
    yield "tied", np.round(rng.gamma(0.7, 2.0, n))
    yield "negative", -rng.exponential(3.0, n) - 0.25
    yield "mixed", rng.standard_t(3, n) * np.where(rng.random(n) < 0.3, 9.0, 1.0)
    yield "huge", 1e12 * (1.0 + rng.random(n))
    yield "binary", (rng.random(n) < 0.1).astype(float)
    yield "constant", np.full(n, 7.1)
    yield "zero", np.zeros(n)
    yield "near-constant", 0.1 + 1e-18 * np.arange(n)
    yield "tiny", 1e-300 * rng.normal(0.0, 1.0, n)
    yield "immense", 1e300 * rng.normal(0.0, 1.0, n)


names, data = zip(*columns())
train = np.ascontiguousarray(np.column_stack(data))
# Half of the test rows were trained on; the others lie up to half a range outside.
low, high = train.min(axis=0), train.max(axis=0)
test = np.vstack([train[: TEST_ROWS // 2], low + (high - low) * rng.uniform(-0.5, 1.5, (TEST_ROWS // 2, len(names)))])
test[1, :] = low
test[2, :] = high
test[3, [0, 4]] = 0.0
MODEST = [i for i, name in enumerate(names) if name not in ("immense",)]
EVERY = list(range(len(names)))
# Columns that whitening can tell apart, and that Box-Cox can take.
SPREAD = [names.index(n) for n in ("normal", "lognormal", "tied", "negative", "mixed")]
POSITIVE = [names.index(n) for n in ("lognormal", "huge")]
test[:, POSITIVE] = np.abs(test[:, POSITIVE])


def signed_log1p(x):
    return np.sign(x) * np.log1p(np.abs(x))


# name, id, parameters (TOML), columns, scikit-learn's object
CASES = [
    ("min-max", "min-max", "", EVERY, MinMaxScaler()),
    ("min-max-clip", "min-max", "feature_range = [-1, 1]\nclip = true", EVERY, MinMaxScaler(feature_range=(-1, 1), clip=True)),
    ("max-abs", "max-abs", "", EVERY, MaxAbsScaler()),
    ("max-abs-clip", "max-abs", "clip = true", EVERY, MaxAbsScaler(clip=True)),
    ("standard", "standard", "", MODEST, StandardScaler()),
    ("standard-centred", "standard", "with_std = false", MODEST, StandardScaler(with_std=False)),
    ("standard-scaled", "standard", "with_mean = false", MODEST, StandardScaler(with_mean=False)),
    ("power", "power", "", MODEST, PowerTransformer()),
    ("power-raw", "power", "standardize = false", MODEST, PowerTransformer(standardize=False)),
    ("power-box-cox", "power", 'method = "box-cox"', POSITIVE, PowerTransformer(method="box-cox")),
    ("quantile", "quantile", "", EVERY, QuantileTransformer(subsample=None)),
    ("quantile-coarse", "quantile", "n_quantiles = 17", EVERY, QuantileTransformer(n_quantiles=17, subsample=None)),
    ("quantile-one", "quantile", "n_quantiles = 1", EVERY, QuantileTransformer(n_quantiles=1, subsample=None)),
    ("quantile-normal", "quantile", 'output_distribution = "normal"', EVERY, QuantileTransformer(output_distribution="normal", subsample=None)),
    ("normalizer", "normalizer", "", MODEST[:5] + MODEST[6:], Normalizer()),
    ("normalizer-l1", "normalizer", 'norm = "l1"', MODEST, Normalizer(norm="l1")),
    ("normalizer-max", "normalizer", 'norm = "max"', EVERY, Normalizer(norm="max")),
    ("normalizer-zeros", "normalizer", "", [names.index("binary"), names.index("zero"), names.index("tiny")], Normalizer()),
    ("function", "function", "", EVERY, FunctionTransformer()),
    ("function-signed-log1p", "function", 'func = "signed-log1p"', EVERY, FunctionTransformer(signed_log1p)),
    ("function-arcsinh", "function", 'func = "arcsinh"', EVERY, FunctionTransformer(np.arcsinh)),
    ("function-cbrt", "function", 'func = "cbrt"', EVERY, FunctionTransformer(np.cbrt)),
    ("polynomial", "polynomial", "", SPREAD, PolynomialFeatures()),
    ("polynomial-cubic", "polynomial", "degree = 3\ninclude_bias = false", SPREAD[:3], PolynomialFeatures(3, include_bias=False)),
    ("polynomial-interactions", "polynomial", "degree = 3\ninteraction_only = true", SPREAD, PolynomialFeatures(3, interaction_only=True)),
    ("robust", "robust", "", EVERY, RobustScaler()),
    ("robust-wide", "robust", "quantile_range = [5, 92.5]\nunit_variance = true", EVERY, RobustScaler(quantile_range=(5.0, 92.5), unit_variance=True)),
    ("robust-centred", "robust", "with_scaling = false", EVERY, RobustScaler(with_scaling=False)),
    ("whitening", "whitening", "", SPREAD, PCA(whiten=True)),
    ("whitening-svd", "whitening", "", SPREAD, PCA(whiten=True, svd_solver="full")),
]


def write(name, matrix):
    # repr gives the shortest digits that read back as the same number.
    text = "\n".join(",".join(repr(float(v)) for v in row) for row in matrix)
    (OUT / f"{name}.csv").write_text(text + "\n")


OUT.mkdir(parents=True, exist_ok=True)
write("train", train)
write("test", test)
cases = []
for name, id, params, which, scaler in CASES:
    # Row by row in memory, as the harness keeps them: NumPy's order of summation depends on it.
    fitted = scaler.fit(np.ascontiguousarray(train[:, which]))
    write(name, fitted.transform(np.ascontiguousarray(test[:, which])))
    cases.append({"name": name, "id": id, "params": params, "columns": which})
(OUT / "cases.json").write_text(json.dumps({"names": names, "cases": cases}, indent=1) + "\n")
