"""Fits CatBoost directly and through fraudbench on the same folds and compares confusion matrices and PR-AUC.

    python scripts/catboost_check.py --fraudbench PATH --data creditcard.csv [--folds 5] [--only-fold 0] [--iterations 1000]

Run it with the Python of `fraudbench python path`.
"""
import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.metrics import average_precision_score, confusion_matrix
from sklearn.model_selection import StratifiedKFold

a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
a.add_argument("--fraudbench", required=True)
a.add_argument("--data", required=True)
a.add_argument("--folds", type=int, default=5)
a.add_argument("--only-fold", type=int)
a.add_argument("--iterations", type=int, default=1000)
a.add_argument("--threads", type=int, default=2)
a = a.parse_args()

with tempfile.TemporaryDirectory() as folder:
    folder = Path(folder)
    (folder / "study.toml").write_text(f"""name = "catboost-check"
seed = 42
[data]
path = "{Path(a.data).resolve()}"
[protocol]
kind = "stratified-k-fold"
folds = {a.folds}
[grid]
dedup = [true]
classifiers = [{{ family = "catboost", params = {{ random_seed = 42, iterations = {a.iterations} }} }}]
""")
    command = [a.fraudbench, "run", folder / "study.toml", "--out", folder / "out", "--threads", str(a.threads),
               "--cell-threads", str(a.threads)]
    if a.only_fold is not None:
        command += ["--filter", f"fold={a.only_fold}"]
    subprocess.run(command, check=True)
    ours = {}
    for line in open(folder / "out" / "records.jsonl"):
        record = json.loads(line)
        ours[record["fold"]] = record

frame = pd.read_csv(a.data).drop_duplicates()
X, y = frame.iloc[:, :-1].to_numpy(float), frame.iloc[:, -1].to_numpy(int)
equal = True
for fold, (train, test) in enumerate(StratifiedKFold(a.folds, shuffle=True, random_state=42).split(X, y)):
    if fold not in ours:
        continue
    started = time.perf_counter()
    model = CatBoostClassifier(random_seed=42, iterations=a.iterations, thread_count=a.threads, verbose=False, allow_writing_files=False)
    model.fit(X[train], y[train])
    fit = time.perf_counter() - started
    score, label = model.predict_proba(X[test])[:, 1], np.asarray(model.predict(X[test])).ravel()
    tn, fp, fn, tp = (int(n) for n in confusion_matrix(y[test], label).ravel())
    theirs = dict(confusion=dict(tp=tp, fp=fp, fn=fn, tn=tn), pr_auc=average_precision_score(y[test], score))
    record = ours[fold]
    same = record["confusion"] == theirs["confusion"] and abs(record["metrics"]["pr-auc"] - theirs["pr_auc"]) < 1e-12
    equal &= same
    print(f"fold {fold}: {'equal' if same else 'DIFFERENT'}; PR-AUC {record['metrics']['pr-auc']:.6f} / {theirs['pr_auc']:.6f}, "
          f"{record['confusion']} / {theirs['confusion']}, fit {record['seconds']['fit']:.1f} s / {fit:.1f} s")
raise SystemExit(0 if equal else 1)
