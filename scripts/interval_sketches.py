"""Two sketches behind METHODOLOGY's intervals and tests, with numpy, SciPy and scikit-learn: how often intervals over rows hold the truth where
positives are few, and how often the best pipelines of families that do not differ are told apart.

Usage: python scripts/interval_sketches.py   (any Python that has the three; about ten minutes)"""

import numpy as np
from scipy import stats
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score


def coverage(metric, positives, rows, separation, rng, studies=400, resamples=200):
    """Percentiles of a stratified bootstrap, and Student's t by log-odds; the truth is the metric's mean over all studies."""
    values, intervals = [], []
    y = (np.arange(rows) < positives).astype(int)
    for _ in range(studies):
        score = rng.normal(size=rows) + separation * y
        own = metric(y, score)
        drawn = []
        for _ in range(resamples):
            at = np.r_[rng.integers(0, positives, positives), rng.integers(positives, rows, rows - positives)]
            drawn.append(metric(y[at], score[at]))
        drawn = np.array(drawn)
        inside = drawn[(drawn > 0) & (drawn < 1)]
        odds = logit(np.clip(drawn, inside.min(), inside.max()))
        centre = logit(np.clip(own, inside.min(), inside.max()))
        reach = stats.t.ppf(0.975, positives - 1) * odds.std(ddof=1) * np.sqrt(positives / (positives - 1))
        values.append(own)
        intervals.append([np.quantile(drawn, [0.025, 0.975]), expit([centre - reach, centre + reach])])
    truth, intervals = np.mean(values), np.array(intervals)
    return ((intervals[:, :, 0] <= truth) & (truth <= intervals[:, :, 1])).mean(axis=0)


def family_alarms(families, pipelines, folds, ratio, rng, studies=4_000):
    """Studies of normal folds, correlated as Nadeau and Bengio put it, in which any two families' bests are told apart after Holm."""
    shared, alarms = ratio / (1 + ratio), 0
    for _ in range(studies):
        x = rng.normal(size=(families, pipelines, 1)) * np.sqrt(shared)
        x = x + rng.normal(size=(families, pipelines, folds)) * np.sqrt(1 - shared)
        best = x[np.arange(families), x.mean(axis=2).argmax(axis=1)]
        pairs = [best[i] - best[j] for i in range(families) for j in range(i)]
        p = [2 * stats.t.sf(abs(d.mean() / (d.std(ddof=1) * np.sqrt(1 / folds + ratio))), folds - 1) for d in pairs]
        alarms += min(p) * len(p) <= 0.05
    return alarms / studies


def main():
    rng = np.random.default_rng(1)
    print("metric, positives, rows, separation: coverage of percentiles, of t by log-odds")
    for name, metric in [("pr-auc", average_precision_score), ("roc-auc", roc_auc_score)]:
        for positives, rows, separation in [(10, 1000, 2.0), (20, 2000, 2.0), (50, 3000, 2.0), (10, 1000, 3.5), (50, 3000, 3.5)]:
            percentiles, by_odds = coverage(metric, positives, rows, separation, rng)
            print(f"{name} {positives} {rows} {separation}: {percentiles:.3f} {by_odds:.3f}", flush=True)
    print("families, pipelines each, folds, n_test/n_train: studies with a false alarm")
    for case in [(5, 10, 10, 0.25), (5, 1, 10, 0.25), (5, 10, 10, 1 / 9), (3, 3, 3, 0.5)]:
        print(*case, family_alarms(*case, rng), flush=True)


main()
