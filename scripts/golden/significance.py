"""Writes tests/golden/data/significance/cases.json: tests and intervals as SciPy and the libraries for comparing classifiers give them.

Run from the repository root with the pinned versions of scripts/golden/significance-requirements.txt:
    python scripts/golden/significance.py
Where no library has a statistic, it is worked out here with SciPy's distributions from the paper's formula: the corrected
resampled t-test and its interval (Nadeau and Bengio 2003) and Iman and Davenport's F (Demsar 2006, equation 7).
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import baycomp
import numpy as np
import pandas as pd
import scikit_posthocs
from autorank._util import _critical_distance
from scikit_posthocs._plotting import _find_maximal_cliques
from scipy import stats
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, precision_score
from statsmodels.stats.multitest import multipletests

OUT = Path("tests/golden/data/significance/cases.json")
INFINITE = np.inf


def distributions():
    t = [[float(t), df, float(2 * stats.t.sf(abs(t), df))]
         for t in (-0.3, 0.0, 1e-3, 1.0, 2.5, 12.0, -60.0) for df in (1, 2, 4, 9, 29, 99, 999)]
    quantile = [[p, df, float(stats.t.ppf(p, df))] for p in (0.975, 0.5, 0.95, 0.995, 0.01, 0.9999) for df in (1, 2, 4, 9, 99, 999)]
    f = [[x, a, b, float(stats.f.sf(x, a, b))] for x in (0.2, 1.0, 3.7, 25.0, 400.0) for a, b in ((1, 3), (3, 27), (8, 72), (71, 639))]
    chi = [[x, k, float(stats.chi2.sf(x, k))] for x in (0.1, 1.0, 7.5, 60.0, 300.0) for k in (1, 3, 9, 71)]
    # SciPy integrates to about 1e-11; its tails below that are noise.
    studentized = [[q, k, float(stats.studentized_range.sf(q, k, INFINITE))] for q in (0.05, 1.0, 2.77, 3.9, 5.5) for k in (2, 3, 5, 10, 30, 72)]
    critical = [[alpha, k, float(stats.studentized_range.ppf(1 - alpha, k, INFINITE))] for alpha in (0.1, 0.05, 0.01) for k in (2, 3, 5, 10, 30, 72)]
    return {"student": t, "student_quantile": quantile, "f": f, "chi_squared": chi, "studentized": studentized, "critical": critical}


def corrected(x, y, folds, runs):
    """Nadeau and Bengio's t: the variance factor is 1/n + n_test/n_train, and n_test/n_train is 1/(folds - 1)."""
    d = np.asarray(x) - np.asarray(y)
    n, ratio = len(d), 1 / (folds - 1)
    error = np.sqrt(d.var(ddof=1) * (1 / n + ratio))
    reach = stats.t.ppf(0.975, n - 1) * error
    ropes = [0.001, 0.01, 0.05]
    return {
        "differences": d.tolist(), "ratio": ratio, "p": float(2 * stats.t.sf(abs(d.mean() / error), n - 1)) if error else 0.0,
        "interval": [float(d.mean() - reach), float(d.mean() + reach)], "ropes": ropes,
        "baycomp": [[float(p) for p in baycomp.two_on_single(np.asarray(x), np.asarray(y), rope, runs)] for rope in ropes],
        "baycomp_without_rope": [float(p) for p in baycomp.two_on_single(np.asarray(x), np.asarray(y), 0, runs)],
    }


def corrected_cases(rng):
    x = np.round(rng.normal(0.83, 0.04, 10), 4)
    yield corrected(x, x - np.round(rng.normal(0.02, 0.015, 10), 4), 10, 1)
    yield corrected(x, x + np.round(rng.normal(0.06, 0.01, 10), 4), 10, 1)
    tied = x.copy()
    tied[3] += 0.004
    yield corrected(x, tied, 10, 1)
    y = rng.normal(0.7, 0.05, 50)
    yield corrected(y, y + rng.normal(0.004, 0.02, 50), 5, 10)
    yield corrected([0.5, 0.75], [0.625, 0.5], 2, 1)
    yield corrected([0.5, 0.75, 0.25], [0.375, 0.625, 0.125], 3, 1)


def ranked(scores):
    scores = np.asarray(scores, float)
    n, k = scores.shape
    ranks = stats.rankdata(-scores, axis=1).mean(axis=0)
    chi, p = stats.friedmanchisquare(*scores.T) if k > 2 else (None, None)
    f = None if chi is None else (n - 1) * chi / (n * (k - 1) - chi)
    nemenyi = scikit_posthocs.posthoc_nemenyi_friedman(scores).to_numpy()
    difference = _critical_distance(0.05, k, n)
    near = (np.abs(ranks[:, None] - ranks[None, :]) <= difference).astype(int)
    names = [str(i) for i in range(k)]
    cliques = _find_maximal_cliques(pd.DataFrame(near, index=names, columns=names))
    return {
        "scores": scores.tolist(), "mean_ranks": ranks.tolist(), "chi_squared": chi, "p": p, "f": f,
        "p_f": None if f is None else float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))), "critical_difference": float(difference),
        "nemenyi": nemenyi.tolist(), "cliques": sorted(sorted(int(i) for i in c) for c in cliques if len(c) > 1),
    }


def ranked_cases(rng):
    quality = np.array([0.0, 0.02, 0.03, 0.2, 0.22, 0.3])
    yield ranked(rng.normal(0.6, 0.1, (12, 1)) + quality + rng.normal(0, 0.05, (12, 6)))
    yield ranked(np.round(rng.random((9, 4)), 1))  # many ties
    constant = np.round(rng.random((7, 3)), 1)
    constant[:, 1] = 0.5
    constant[2] = 0.25  # a data set on which all are equal
    yield ranked(constant)
    yield ranked(rng.random((5, 9)))
    yield ranked(rng.random((6, 2)))
    yield ranked(np.linspace(0, 1, 14) + rng.normal(0, 0.04, (25, 14)))


def wilcoxon_cases(rng):
    for d in (
        rng.normal(0.3, 1, 8), rng.normal(0.4, 1, 50), rng.normal(0.4, 1, 51), np.round(rng.normal(0.3, 1, 70), 1),
        np.array([0.5, 0.5, -0.25, 0.0, 1.0, -0.5, 0.75, 0.75, 2.0]), np.array([0.0, 0.0, 0.1]), np.array([1.0, 2.0, 3.0]),
    ):
        yield {"differences": d.tolist(), "p": float(stats.wilcoxon(d).pvalue)}
    # Ties beyond SciPy's own limit for exact p-values: all 2^15 signs are counted out.
    d = np.round(rng.normal(0.5, 1, 15), 1)
    d[4] = 0.0
    every = stats.PermutationMethod(n_resamples=np.inf)
    yield {"differences": d.tolist(), "p": float(stats.wilcoxon(d, method=every).pvalue)}


def seed_of(study_seed, key):
    """src/seed.rs, cut to 32 bits."""
    digest = hashlib.sha256(study_seed.to_bytes(8, "little") + b"bootstrap\0" + key.encode()).digest()
    return int.from_bytes(digest[:4], "little")


def by_odds(own, values, level, rarer):
    """Symmetric by log-odds: Student's t with the rarer class's rows less one; what lies on an end counts as the outermost that does not."""
    inside = values[(values > 0) & (values < 1)]
    least, most = inside.min(), inside.max()
    odds = logit(np.clip(values, least, most))
    centre = logit(np.clip(own, least, most))
    reach = stats.t.ppf(0.5 + level / 2, rarer - 1) * odds.std(ddof=1) * np.sqrt(rarer / (rarer - 1))
    return min(expit(centre - reach), own), max(expit(centre + reach), own)


def bootstrapped(y, score, label, metric, resamples, level, seed, key):
    classes = [np.flatnonzero(y == 1), np.flatnonzero(y == 0)]
    values = []
    for i in range(resamples):
        random = np.random.RandomState(seed_of(seed, f"{key}|{i}"))
        rows = np.concatenate([rows[random.randint(0, len(rows), len(rows))] for rows in classes])
        if metric == "pr-auc":
            values.append(average_precision_score(y[rows], score[rows]))
        elif label[rows].any():
            values.append(precision_score(y[rows], label[rows]))
    own = average_precision_score(y, score) if metric == "pr-auc" else precision_score(y, label)
    low, high = by_odds(own, np.array(values), level, min(map(len, classes)))
    return {
        "y": y.tolist(), "score": score.tolist(), "label": label.tolist(), "metric": metric, "resamples": resamples, "level": level,
        "seed": seed, "key": key, "low": float(low), "high": float(high), "defined": len(values),
    }


def bootstrap_cases(rng):
    y = (np.arange(230) % 17 == 4).astype(int)
    score = np.round(np.clip(rng.normal(0.3 + 0.3 * y, 0.2), 0, 1), 2)
    yield bootstrapped(y, score, (score > 0.5).astype(int), "pr-auc", 400, 0.95, 42, "random-forest")
    rare = np.zeros(230, int)
    rare[[4, 9, 21]] = 1
    yield bootstrapped(y, score, rare, "precision", 300, 0.9, 7, "few labels")


def main():
    rng = np.random.default_rng(20)
    p = [0.04, 0.01, 0.03, 0.03, 0.9, 1e-6, 0.5]
    cases = {
        **distributions(),
        "corrected": list(corrected_cases(rng)),
        "holm": {"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()},
        "ranked": list(ranked_cases(rng)),
        "wilcoxon": list(wilcoxon_cases(rng)),
        "bootstrap": list(bootstrap_cases(rng)),
    }
    packages = ["autorank", "baycomp", "numpy", "scikit-learn", "scikit-posthocs", "scipy", "statsmodels"]
    made_by = {name: version(name) for name in packages}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    OUT.write_text(f'{{"made_by": {json.dumps(made_by)},\n{lines}\n}}\n')


main()
