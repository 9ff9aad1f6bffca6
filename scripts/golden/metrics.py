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
import sklearn
from imblearn.metrics import geometric_mean_score, make_index_balanced_accuracy, specificity_score
from sklearn import metrics as m
from sklearn.exceptions import UndefinedMetricWarning

OUT = Path("tests/golden/data/metrics/cases.json")


def iba(y, label, alpha, average):
    return make_index_balanced_accuracy(alpha=alpha)(geometric_mean_score)(y, label, average=average)


def specificity(y, label):
    """imbalanced-learn's, except that it says 0 when class 1 occurs nowhere, though every row is then rightly negative."""
    return specificity_score(y, label) if 1 in y or 1 in label else m.recall_score(y, label, pos_label=0)


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
    }
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        for name, compute in asked.items():
            try:
                found[name] = None if compute is None else float(compute())
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
lines = ",\n".join(json.dumps(case) for case in cases)
OUT.write_text(f'{{"made_by": {json.dumps(made_by)}, "cases": [\n{lines}\n]}}\n')
