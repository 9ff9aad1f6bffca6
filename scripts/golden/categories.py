"""Predictions on a table with categories and blanks, one thread, for tests/golden/boosting.rs.

With the packages of scripts/peer-requirements.txt it asks XGBClassifier, LGBMClassifier and
HistGradientBoostingClassifier, with those of src/external/requirements.txt CatBoostClassifier:
python scripts/golden/categories.py [catboost]
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/data/boosting"
CATEGORIES = ["country", "shop"]


def rows(rng, count, test):
    """Numbers before, between and after the categories: skewed, with blanks and a grid of ties; constant; smooth."""
    shops = np.array([f"shop {i:02}" for i in range(23)])
    share = rng.gamma(0.8, size=23)
    frame = pd.DataFrame(
        {
            "amount": np.round(rng.lognormal(sigma=1.3, size=count), 2),
            "country": rng.choice(["DE", "FR", "IT", "NA", "PL"], size=count, p=[0.45, 0.25, 0.15, 0.1, 0.05]),
            "grid": rng.integers(0, 7, size=count).astype(float),
            "constant": np.full(count, 3.5),
            "shop": rng.choice(shops, size=count, p=share / share.sum()),
            "smooth": np.round(rng.normal(size=count), 4),
        }
    )
    frame.loc[rng.random(count) < 0.12, "amount"] = np.nan
    frame.loc[rng.random(count) < 0.3, "grid"] = np.nan
    frame.loc[rng.random(count) < 0.08, "country"] = None
    if test:
        # A level that the training rows do not have, and blanks where they have none.
        frame.loc[rng.random(count) < 0.1, "shop"] = "shop 99"
        frame.loc[rng.random(count) < 0.05, ["smooth", "shop"]] = [np.nan, None]
    else:
        # A rare level.
        frame.loc[[7, 400, 801], "shop"] = "shop 50"
    return frame


def data():
    rng = np.random.default_rng(31)
    train = rows(rng, 1400, False)
    # Duplicates, also with the other label.
    train = pd.concat([train.iloc[:1300], train.iloc[:100]], ignore_index=True)
    test = pd.concat([train.iloc[:20], rows(rng, 240, True)], ignore_index=True)
    shop = train["shop"].str[-2:].astype(int)
    score = 1.2 * train["smooth"] + 0.4 * np.log(train["amount"].fillna(9.0)) - 3.0
    score += 1.6 * (shop % 5 == 2) + 1.1 * train["country"].isin(["IT", "PL"]) - 0.9 * train["grid"].isna()
    y = (rng.random(len(train)) < 1 / (1 + np.exp(-score))).astype(int)
    return train, y, test


def as_categories(train, *frames):
    """Columns of categories whose levels are those of the training rows, sorted; a blank is a missing value."""
    levels = {name: sorted(train[name].dropna().unique()) for name in CATEGORIES}
    kinds = {name: pd.CategoricalDtype(levels[name]) for name in CATEGORIES}
    # A level that the training rows do not have becomes a blank here; pandas asks that this is said.
    known = [frame.assign(**{n: frame[n].where(frame[n].isin(levels[n])) for n in CATEGORIES}) for frame in frames]
    return levels, [frame.astype(kinds) for frame in known]


def as_numbers(frame):
    """The matrix that the families get: a category is its level's number, what is missing is NaN."""
    codes = {name: frame[name].cat.codes.astype(float).replace(-1.0, np.nan) for name in CATEGORIES}
    return frame.assign(**codes).astype(float).to_numpy()


XGBOOST = [
    {},
    {"n_estimators": 30, "max_cat_to_onehot": 30},
    {"n_estimators": 30, "max_cat_to_onehot": 1, "max_cat_threshold": 3, "max_depth": 4},
    {"n_estimators": 25, "tree_method": "approx", "reg_alpha": 0.3, "scale_pos_weight": 4.0},
    {"n_estimators": 25, "grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0, "max_bin": 16},
    {"n_estimators": 25, "subsample": 0.7, "colsample_bytree": 0.6, "random_state": 7},
    {"early_stopping_rounds": 5, "random_state": 3, "learning_rate": 0.1, "eval_metric": "aucpr"},
]

LIGHTGBM = [
    {},
    {"n_estimators": 30, "min_data_per_group": 10, "cat_smooth": 2.0, "cat_l2": 1.0},
    {"n_estimators": 30, "max_cat_to_onehot": 30, "min_child_samples": 5},
    {"n_estimators": 30, "max_cat_threshold": 2, "min_data_per_group": 20, "num_leaves": 8},
    {"n_estimators": 25, "scale_pos_weight": 5.0, "max_bin": 16, "min_data_per_group": 30},
    {"n_estimators": 25, "subsample": 0.6, "subsample_freq": 2, "colsample_bytree": 0.6, "random_state": 7},
    {"early_stopping_rounds": 8, "random_state": 5, "eval_metric": "auc", "min_data_per_group": 10},
]

HISTOGRAMS = [
    {"random_state": 1},
    {"random_state": 1, "max_iter": 30, "learning_rate": 0.3, "min_samples_leaf": 3, "l2_regularization": 1.5},
    {"random_state": 2, "max_bins": 32, "max_depth": 3, "max_leaf_nodes": 5, "min_samples_leaf": 1},
    {"random_state": 3, "max_iter": 1, "learning_rate": 1.0, "min_samples_leaf": 1, "max_leaf_nodes": 12},
    {"random_state": 7, "early_stopping": True, "min_samples_leaf": 6, "n_iter_no_change": 4, "tol": 1e-4},
]

CATBOOST = [
    {"iterations": 40, "random_seed": 7},
    {"iterations": 25, "random_seed": 3, "depth": 4, "one_hot_max_size": 10, "nan_mode": "Max"},
]


def boosting(train, y, test):
    import lightgbm
    import xgboost
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import train_test_split

    _, (shown, asked) = as_categories(train, train, test)
    codes = [shown.columns.get_loc(name) for name in CATEGORIES]
    for params in XGBOOST:
        rest, watch, (x, labels) = dict(params), {}, (shown, y)
        if "early_stopping_rounds" in params:
            x, out, labels, out_y = train_test_split(x, y, test_size=0.1, stratify=y, random_state=rest["random_state"])
            watch = {"eval_set": [(out, out_y)], "verbose": False}
        model = xgboost.XGBClassifier(n_jobs=1, enable_categorical=True, **rest).fit(x, labels, **watch)
        yield case("xgboost", params, model, asked)
    for params in LIGHTGBM:
        rest, watch, (x, labels) = dict(params), {}, (as_numbers(shown), y)
        if "early_stopping_rounds" in params:
            x, out, labels, out_y = train_test_split(x, y, test_size=0.1, stratify=y, random_state=rest["random_state"])
            rest["metric"], patience = rest.pop("eval_metric"), rest.pop("early_stopping_rounds")
            watch = {"eval_X": out, "eval_y": out_y, "callbacks": [lightgbm.early_stopping(patience, verbose=False)]}
        model = lightgbm.LGBMClassifier(n_jobs=1, verbose=-1, **rest)
        yield case("lightgbm", params, model.fit(x, labels, categorical_feature=codes, **watch), as_numbers(asked))
    for params in HISTOGRAMS:
        model = HistGradientBoostingClassifier(categorical_features="from_dtype", **params).fit(shown, y)
        yield case("hist-gradient-boosting", params, model, asked)


def catboost(train, y, test):
    from catboost import CatBoostClassifier

    # CatBoost takes texts, and no blanks among them; here an unseen level is one, as everywhere in this file.
    _, frames = as_categories(train, train, test)
    shown, asked = [f.astype({n: object for n in CATEGORIES}).fillna({n: "" for n in CATEGORIES}) for f in frames]
    for params in CATBOOST:
        model = CatBoostClassifier(thread_count=1, verbose=False, allow_writing_files=False, **params)
        yield case("catboost", params, model.fit(shown, y, cat_features=CATEGORIES), asked)


def case(family, params, model, test):
    score = model.predict_proba(test)[:, 1]
    label = np.asarray(model.predict(test)).ravel()
    return {"family": family, "params": params, "score": [float(str(p)) for p in score], "label": label.tolist()}


def main():
    train, y, test = data()
    OUT.mkdir(parents=True, exist_ok=True)
    if "catboost" in sys.argv[1:]:
        cases, name = list(catboost(train, y, test)), "catboost.json"
    else:
        cases, name = list(boosting(train, y, test)), "categories.json"
        levels, frames = as_categories(train, train, test)
        x, asked = ([[None if np.isnan(v) else v for v in row] for row in as_numbers(f).tolist()] for f in frames)
        columns = [{"name": name, "levels": levels.get(name)} for name in train.columns]
        doc = {"columns": columns, "x": x, "y": y.tolist(), "test": asked}
        (OUT / "categories-data.json").write_text(json.dumps(doc, separators=(",", ":")) + "\n")
    (OUT / name).write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
