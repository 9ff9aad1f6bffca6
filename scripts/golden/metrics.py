"""Writes tests/golden/data/metrics/cases.json: what scikit-learn and imbalanced-learn say of fixed predictions.

Run from the repository root with the pinned versions (scikit-learn 1.9.1, imbalanced-learn 0.14.2):
    python scripts/golden/metrics.py
A metric is null where the library has no answer of its own: it warns, raises, or a class that the metric needs is absent.
"""

import json
import warnings
from pathlib import Path

import imblearn
import numpy as np
import pandas as pd
import sklearn
from imblearn.metrics import geometric_mean_score, make_index_balanced_accuracy, specificity_score
from sklearn import metrics as m
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.isotonic import IsotonicRegression

OUT = Path("tests/golden/data/metrics/cases.json")


def iba(y, label, alpha, average):
    return make_index_balanced_accuracy(alpha=alpha)(geometric_mean_score)(y, label, average=average)


def specificity(y, label):
    """imbalanced-learn's, except that it says 0 when class 1 occurs nowhere, though every row is then rightly negative."""
    return specificity_score(y, label) if 1 in y or 1 in label else m.recall_score(y, label, pos_label=0)


def recall_at_fpr(y, score, most):
    fpr, tpr, _ = m.roc_curve(y, score, drop_intermediate=False)
    return tpr[fpr <= most].max()


def fpr_at_recall(y, score, least):
    fpr, tpr, _ = m.roc_curve(y, score, drop_intermediate=False)
    return fpr[tpr >= least].min()


def found_at(y, score, k):
    """Positives among the k highest scores; of rows tied at the end so many as fit, with the tied rows' share of positives."""
    last = np.sort(score)[::-1][k - 1]
    above, tied = score > last, score == last
    return y[above].sum() + y[tied].mean() * (k - above.sum())


def calibration_error(y, p, bins):
    """As sklearn.calibration.calibration_curve cuts with strategy="quantile"."""
    edges = np.percentile(p, np.linspace(0, 1, bins + 1) * 100)
    of = np.searchsorted(edges[1:-1], p)
    return sum(abs((y - p)[of == b].sum()) for b in range(bins)) / len(y)


def brier_parts(y, p):
    """MCB and DSC of Dimitriadis, Gneiting and Jordan (2021), with scikit-learn's isotonic regression."""
    again = IsotonicRegression().fit(p, y).predict(p)
    brier = [np.mean((y - q) ** 2) for q in (p, again, np.full(len(y), y.mean()))]
    return brier[0] - brier[1], brier[2] - brier[1]


def answers(y, score, label, kind):
    """Every metric's value, or None where the library itself has none."""
    both = len(set(y)) == 2
    margins = both and len(set(label)) == 2
    probability = kind == "probability"
    asked = {
        "accuracy": lambda: m.accuracy_score(y, label),
        "precision": lambda: m.precision_score(y, label),
        "recall": lambda: m.recall_score(y, label),
        "f1": lambda: m.f1_score(y, label),
        "f2": lambda: m.fbeta_score(y, label, beta=2),
        "f0.5": lambda: m.fbeta_score(y, label, beta=0.5),
        "specificity": (lambda: specificity(y, label)) if 0 in y else None,
        "g-mean": (lambda: geometric_mean_score(y, label)) if both else None,
        "iba-0.1": (lambda: iba(y, label, 0.1, "binary")) if both else None,
        "iba-1": (lambda: iba(y, label, 1.0, "binary")) if both else None,
        "iba-multiclass": (lambda: iba(y, label, 0.7, "multiclass")) if both else None,
        "mcc": (lambda: m.matthews_corrcoef(y, label)) if margins else None,
        "balanced-accuracy": (lambda: m.balanced_accuracy_score(y, label)) if both else None,
        "false-negative-rate": lambda: 1 - m.recall_score(y, label),
        "false-positive-rate": (lambda: 1 - m.recall_score(y, label, pos_label=0)) if 0 in y else None,
        "roc-auc": (lambda: m.roc_auc_score(y, score)) if both else None,
        "pr-auc": (lambda: m.average_precision_score(y, score)) if 1 in y else None,
        "log-loss": (lambda: m.log_loss(y, y_proba=score, labels=[0, 1])) if probability else None,
        "brier": (lambda: m.brier_score_loss(y, score, labels=[0, 1])) if probability else None,
        "recall-at-fpr(0.05)": (lambda: recall_at_fpr(y, score, 0.05)) if both else None,
        "recall-at-fpr(0.5)": (lambda: recall_at_fpr(y, score, 0.5)) if both else None,
        "fpr-at-recall(0.8)": (lambda: fpr_at_recall(y, score, 0.8)) if both else None,
        "fpr-at-recall(1)": (lambda: fpr_at_recall(y, score, 1.0)) if both else None,
        "precision-at(7)": (lambda: found_at(y, score, 7) / 7) if len(y) >= 7 else None,
        "precision-at(40)": (lambda: found_at(y, score, 40) / 40) if len(y) >= 40 else None,
        "recall-at(40)": (lambda: found_at(y, score, 40) / y.sum()) if len(y) >= 40 and 1 in y else None,
        "partial-roc-auc(0.05)": (lambda: m.roc_auc_score(y, score, max_fpr=0.05)) if both else None,
        "partial-roc-auc(0.33)": (lambda: m.roc_auc_score(y, score, max_fpr=0.33)) if both else None,
        "partial-roc-auc(1)": (lambda: m.roc_auc_score(y, score, max_fpr=1)) if both else None,
        "calibration-error": (lambda: calibration_error(y, score, 10)) if probability else None,
        "calibration-error(3)": (lambda: calibration_error(y, score, 3)) if probability else None,
        "calibration-error(7)": (lambda: calibration_error(y, score, 7)) if probability else None,
        "calibration-error(15)": (lambda: calibration_error(y, score, 15)) if probability else None,
        "brier-miscalibration": (lambda: brier_parts(y, score)[0]) if probability else None,
        "brier-discrimination": (lambda: brier_parts(y, score)[1]) if probability else None,
    }
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        for name, compute in asked.items():
            try:
                value = None if compute is None else float(compute())
                # Isotonic regression of probabilities that differ by 1e-16 divides 0 by 0 there; nothing to compare with.
                if value is None or np.isfinite(value):
                    found[name] = value
            except UndefinedMetricWarning:
                found[name] = None
    return found


def large(rows):
    """Rare positives, many ties; by formula, so that the Rust test makes the same rows instead of reading them."""
    i = np.arange(rows, dtype=np.int64)
    y = (i % 577 == 3).astype(int)
    score = (i * i % 9973 * 31 + i * 17) % 9973 // (1 + (1 - y) * (i % 3)) / 9973
    return y, score, (score > 0.97).astype(int)


def fixtures():
    rng = np.random.default_rng(7)
    y = (rng.random(300) < 0.12).astype(int)
    score = np.round(np.clip(rng.normal(0.25 + 0.3 * y, 0.2), 0, 1), 2)
    yield "tied scores, 0 and 1 among them", y, score, (score > 0.45).astype(int), "probability"
    yield "inverted", y, 1 - score, (1 - score > 0.45).astype(int), "probability"
    yield "decision", y, rng.normal(y * 1.5 - 2, 1.0), rng.integers(0, 2, 300), "decision"
    yield "constant score", y, np.full(300, 0.125), np.zeros(300, int), "probability"
    yield "constant score, all labelled positive", y, np.full(300, 0.75), np.ones(300, int), "probability"
    yield "perfect, certain", y, y.astype(float), y, "probability"
    yield "certain and wrong", y, 1.0 - y, 1 - y, "probability"
    one = np.zeros(41, int)
    one[17] = 1
    near = np.round(rng.random(41), 1)
    yield "one positive", one, near, (near > 0.6).astype(int), "probability"
    yield "no positives", np.zeros(23, int), near[:23], (near[:23] > 0.6).astype(int), "probability"
    yield "no positives, none predicted", np.zeros(23, int), near[:23], np.zeros(23, int), "probability"
    yield "no negatives", np.ones(19, int), near[:19], (near[:19] > 0.3).astype(int), "probability"
    yield "none predicted positive", y[:60], score[:60], np.zeros(60, int), "probability"
    yield "two rows", np.array([0, 1]), np.array([0.5, 0.5]), np.array([1, 1]), "probability"
    tiny = np.array([1e-300, 1 - 1e-16, 5e-17, 0.3, 1.0, 0.0, 2.3e-16])
    yield "beyond the clip", np.array([1, 0, 1, 0, 1, 0, 0]), tiny, (tiny > 0.5).astype(int), "probability"
    # The quantiles of 7 and of 15 bins fall on rows, where rounding decides which bin gets them.
    for rows in (50, 106):
        own = np.random.default_rng(rows)
        p = own.random(rows)
        y = (own.random(rows) < p).astype(int)
        yield f"quantiles on {rows} rows", y, p, (p > 0.5).astype(int), "probability"


def sided():
    """Six days, days apart, of 40 cards with rows of their own number and amounts; scores without ties between cards."""
    rng = np.random.default_rng(11)
    rows = 400
    day = rng.choice([0, 1, 2, 5, 6, 9], rows)
    time = day * 86_400 + rng.integers(0, 86_400, rows)
    group = rng.integers(0, 40, rows) ** 2 % 37
    y = (rng.random(rows) < 0.15).astype(int)
    score = np.round(rng.normal(0.3 + 0.3 * y, 0.25), 6)
    assert len(set(score)) == rows
    return y, score, (score > 0.5).astype(int), np.round(rng.exponential(80, rows), 2), group, time


def card_precision(frame, k):
    """The Handbook's card precision top-k (chapter 4), from its description."""
    known, precisions = set(), []
    for _, day in frame.groupby(frame.time // 86_400):
        cards = day.groupby("group")[["score", "y"]].max()
        cards = cards[~cards.index.isin(known)].sort_values("score", ascending=False, kind="stable").head(k)
        found = cards.index[cards.y == 1]
        precisions.append(len(found) / k)
        known.update(found)
    return np.mean(precisions)


def with_sides():
    y, score, label, amount, group, time = sided()
    frame = pd.DataFrame({"y": y, "score": score, "amount": amount, "group": group, "time": time})
    per_day = lambda k: frame.groupby(frame.time // 86_400).apply(lambda d: d.nlargest(k, "score").y.sum() / k).mean()
    cost = lambda check: amount[(y == 1) & (label == 0)].sum() + label.sum() * check
    savings = lambda check: 1 - cost(check) / min(amount[y == 1].sum(), len(y) * check)
    expected = {
        "amount-recall": m.recall_score(y, label, sample_weight=amount),
        "precision-at-per-day(5)": per_day(5), "precision-at-per-day(100)": per_day(100),
        "card-precision-at(3)": card_precision(frame, 3), "card-precision-at(10)": card_precision(frame, 10),
        "alarms-per-day": label.sum() / len(set(time // 86_400)), "cost": cost(10), "cost(2.5)": cost(2.5), "savings": savings(10), "savings(0.5)": savings(0.5),
    }
    lists = {name: values.tolist() for name, values in (("y", y), ("score", score), ("label", label), ("amount", amount), ("group", group), ("time", time))}
    return {"name": "with sides", "kind": "decision", **lists, "expected": {k: float(v) for k, v in expected.items()}}


cases = [
    {
        "name": name, "kind": kind, "y": [int(v) for v in y], "score": [float(v) for v in score],
        "label": [int(v) for v in label], "expected": answers(y, score, label, kind),
    }
    for name, y, score, label, kind in fixtures()
]
y, score, label = large(200_000)
cases.append({"name": "large", "kind": "probability", "rows": 200_000, "expected": answers(y, score, label, "probability")})
OUT.parent.mkdir(parents=True, exist_ok=True)
made_by = {"scikit-learn": sklearn.__version__, "imbalanced-learn": imblearn.__version__}
cases.append(with_sides())
lines = ",\n".join(json.dumps(case) for case in cases)
OUT.write_text(f'{{"made_by": {json.dumps(made_by)}, "cases": [\n{lines}\n]}}\n')
