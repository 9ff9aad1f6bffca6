"""A part of the Fraud Detection Handbook in pandas, scikit-learn, imbalanced-learn and xgboost: the first models on one split, and a
tree after SMOTE and undersampling on four. Prints scores and seconds beside those of fraudbench, where FOLDER has its records.

Usage: peer_handbook.py FOLDER   (see scripts/peer-handbook)"""

import json
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from records import read_records
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

START, DAYS = pd.Timestamp("2018-04-01"), int(os.environ.get("FRAUDBENCH_PEER_DAYS", 183))
CUSTOMERS, TERMINALS, RADIUS, DELAY = 5_000, 10_000, 5, 7
METRICS = ["roc-auc", "pr-auc", "card-precision-at(100)"]
took = {}


def timed(name, make):
    begin = time.perf_counter()
    made = make()
    took[name] = time.perf_counter() - begin
    return made


def rows():
    np.random.seed(0)
    customers = [[np.random.uniform(0, 100), np.random.uniform(0, 100), np.random.uniform(5, 100), np.random.uniform(0, 4)] for _ in range(CUSTOMERS)]
    np.random.seed(1)
    places = np.array([[np.random.uniform(0, 100), np.random.uniform(0, 100)] for _ in range(TERMINALS)])
    drawn = []
    for customer, (x, y, mean, per_day) in enumerate(customers):
        near = np.flatnonzero(np.hypot(places[:, 0] - x, places[:, 1] - y) < RADIUS).tolist()
        random.seed(customer)
        np.random.seed(customer)
        for day in range(DAYS if near else 0):
            for _ in range(np.random.poisson(per_day)):
                second = int(np.random.normal(43_200, 20_000))
                if 0 < second < 86_400:
                    amount = np.random.normal(mean, mean / 2)
                    amount = np.random.uniform(0, mean * 2) if amount < 0 else amount
                    drawn.append((day * 86_400 + second, customer, random.choice(near), np.round(amount, 2), day))
    table = pd.DataFrame(drawn, columns=["second", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "day"])
    table["TX_DATETIME"] = START + pd.to_timedelta(table.second, unit="s")
    table = table.sort_values("TX_DATETIME").reset_index(drop=True)
    table["TX_FRAUD"] = (table.TX_AMOUNT > 220).astype(int)
    by = {name: table.groupby(name).indices for name in ["TERMINAL_ID", "CUSTOMER_ID"]}
    days = table.day.to_numpy()

    def of(name, keys, day, length):
        found = np.sort(np.concatenate([by[name].get(key, np.array([], dtype=int)) for key in keys]))
        return found[(days[found] >= day) & (days[found] < day + length)]

    fraud, amount = table.TX_FRAUD.to_numpy().copy(), table.TX_AMOUNT.to_numpy().copy()
    for day in range(DAYS - 1):
        fraud[of("TERMINAL_ID", np.random.RandomState(day).choice(TERMINALS, 2, replace=False), day, 28)] = 1
    for day in range(DAYS - 1):
        found = of("CUSTOMER_ID", np.random.RandomState(day).choice(CUSTOMERS, 3, replace=False), day, 14).tolist()
        random.seed(day)
        chosen = random.sample(found, len(found) // 3)
        fraud[chosen] = 1
        amount[chosen] *= 5
    table["TX_FRAUD"], table["TX_AMOUNT"] = fraud, amount
    return table


def features(rows):
    made = pd.DataFrame({"TX_AMOUNT": rows.TX_AMOUNT, "TX_DURING_WEEKEND": (rows.TX_DATETIME.dt.day_of_week >= 5).astype(int),
                         "TX_DURING_NIGHT": (rows.TX_DATETIME.dt.hour <= 6).astype(int)})

    def rolled(key, column, days):
        by = rows[[key, "TX_DATETIME", column]].sort_values([key, "TX_DATETIME"], kind="stable")
        window = by.set_index("TX_DATETIME").groupby(key)[column].rolling(f"{days}D")
        return [pd.Series(found.to_numpy(), index=by.index) for found in (window.count(), window.sum())]

    for days in [1, 7, 30]:
        count, total = rolled("CUSTOMER_ID", "TX_AMOUNT", days)
        made[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] = count
        made[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = total / count
    recent, recent_frauds = rolled("TERMINAL_ID", "TX_FRAUD", DELAY)
    for days in [1, 7, 30]:
        count, frauds = rolled("TERMINAL_ID", "TX_FRAUD", DELAY + days)
        made[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] = count - recent
        made[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] = ((frauds - recent_frauds) / (count - recent)).fillna(0)
    return made


def split(table, start):
    """The places of the training rows and of the test rows of the week that begins on day `start`."""
    on = {day: table[table.day == day] for day in range(start, start + 21)}
    known = set()
    for day in range(start, start + 7):
        known |= set(on[day].CUSTOMER_ID[on[day].TX_FRAUD == 1])
    tested = []
    for nth in range(7):
        before, day = on[start + 7 + nth - 1], on[start + 14 + nth]
        known |= set(before.CUSTOMER_ID[before.TX_FRAUD == 1])
        tested.append(day.index[~day.CUSTOMER_ID.isin(known)])
    return table.index[(table.day >= start) & (table.day < start + 7)], np.concatenate(tested)


def card_precision(rows, score, k=100):
    rows = rows[["day", "CUSTOMER_ID", "TX_FRAUD"]].assign(score=score)
    known, found = [], []
    for _, day in rows.groupby("day"):
        cards = day[~day.CUSTOMER_ID.isin(known)].groupby("CUSTOMER_ID").max().sort_values("score", ascending=False).head(k)
        cards = cards.index[cards.TX_FRAUD == 1].tolist()
        found.append(len(cards) / k)
        known += cards
    return np.mean(found)


def scores(table, x, model, splits):
    """Means over the splits, and seconds of all fits."""
    values, seconds = [], 0.0
    for train, test in splits:
        pipeline = make_pipeline(*model())
        begin = time.perf_counter()
        pipeline.fit(x.loc[train], table.TX_FRAUD[train])
        seconds += time.perf_counter() - begin
        score = pipeline.predict_proba(x.loc[test])[:, 1]
        truth = table.TX_FRAUD[test]
        values.append([roc_auc_score(truth, score), average_precision_score(truth, score), card_precision(table.loc[test], score)])
    return np.mean(values, axis=0), seconds


def ours(folder, resampler, classifier):
    """The same of fraudbench's records: resampling, scaling and fit are what a pipeline's fit is there."""
    records = [record for path in folder.glob("*/manifest.toml") for record in read_records(path.parent)]
    records = [r for r in records if r["outcome"] == "scored" and (r["resampler"], r["classifier"]) == (resampler, classifier)]
    if not records:
        sys.exit(f"no record of {resampler}, {classifier} in {folder}")
    values = np.mean([[r["metrics"][metric] for metric in METRICS] for r in records], axis=0)
    return values, sum(r["seconds"][step] for r in records for step in ["resample", "scale", "fit"])


def scaled(classifier, *before):
    return lambda: (*before, StandardScaler(), classifier)


SEEDED = {"random_state": 0}
FIRST = {"logistic-regression": LogisticRegression(**SEEDED), "decision-tree-2": DecisionTreeClassifier(max_depth=2, **SEEDED),
         "decision-tree": DecisionTreeClassifier(**SEEDED), "random-forest": RandomForestClassifier(n_jobs=1, **SEEDED),
         "xgboost-2021": XGBClassifier(tree_method="exact", base_score=0.5, n_jobs=1, **SEEDED)}
RESAMPLED = {"smote-1.0": SMOTE(**SEEDED), "undersampling-1.0": RandomUnderSampler(**SEEDED)}

folder = Path(sys.argv[1])
table = timed("rows", rows)
x = timed("features", lambda: features(table))
print(f"{len(table):,} rows with {int(table.TX_FRAUD.sum()):,} frauds in {took['rows']:.1f} s, {x.shape[1]} features in {took['features']:.1f} s")
if not (folder / "seconds.json").exists():
    sys.exit()
clock = json.loads((folder / "seconds.json").read_text())
print(f"fraudbench makes and writes the rows in {clock['rows']:.2f} s: {took['rows'] / clock['rows']:.0f} times faster")
first_day = (pd.Timestamp("2018-07-25") - START).days
splits = timed("splits", lambda: [split(table, first_day + 7 * fold) for fold in range(4)])
print(f"4 splits in {took['splits']:.2f} s\n")
print(f"{'':24}" + "".join(f"{name:>26}" for name in [*METRICS, "seconds", "ratio"]))
whole = took["rows"] + took["features"] + took["splits"]
jobs = [("none", name, scaled(model), splits[:1]) for name, model in FIRST.items()]
jobs += [(name, "tree-5", scaled(DecisionTreeClassifier(max_depth=5, **SEEDED), step), splits) for name, step in RESAMPLED.items()]
for resampler, classifier, model, some in jobs:
    theirs, seconds = scores(table, x, model, some)
    here, mine = ours(folder, resampler, classifier)
    whole += seconds
    name = classifier if resampler == "none" else resampler
    pairs = "".join(f"{f'{a:.4f} / {b:.4f}':>26}" for a, b in zip(theirs, here))
    print(f"{name:24}{pairs}{f'{seconds:.2f} / {mine:.2f}':>26}{seconds / mine:>26.1f}")
both = clock["first"] + clock["resampling"]
print(f"\nthe whole, without their scoring: {whole:.1f} s / {both:.1f} s (two runs, each makes rows and features, scores and reports): "
      f"{whole / both:.1f} times faster")
