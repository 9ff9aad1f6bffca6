"""The same cells on scikit-learn, imbalanced-learn, xgboost and lightgbm: the peer of scripts/peer.

Runs {dedup} x {Tomek} x {scaler} x {family} with stratified k-fold on a CSV (last column = label, 0/1) and prints one JSON
object a cell: scores and seconds a fold. Everything that learns from data is fitted on the training fold only.
"""
import argparse, json, resource, sys, time, warnings
import numpy as np, pandas as pd
from imblearn.metrics import geometric_mean_score
from imblearn.under_sampling import TomekLinks
from sklearn import preprocessing as P
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (AdaBoostClassifier, ExtraTreesClassifier, HistGradientBoostingClassifier,
                              IsolationForest, RandomForestClassifier)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (accuracy_score, average_precision_score, confusion_matrix,
                             matthews_corrcoef, roc_auc_score)
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from asked import names

warnings.simplefilter("ignore")


# The share of thirty columns that scikit-learn's forest draws for a cut.
SQRT = 5 / 30


class Faiss:
    """The vote of five neighbours by faiss's exact search, in 32 bits."""

    def __init__(self, jobs):
        import faiss
        faiss.omp_set_num_threads(jobs)
        self.faiss = faiss

    def fit(self, x, y):
        self.index, self.y = self.faiss.IndexFlatL2(x.shape[1]), y
        self.index.add(np.ascontiguousarray(x, dtype=np.float32))
        return self

    def predict_proba(self, x):
        share = self.y[self.index.search(np.ascontiguousarray(x, dtype=np.float32), 5)[1]].mean(axis=1)
        self.last = share
        return np.column_stack([1 - share, share])

    def predict(self, _):
        """Of the rows that `predict_proba` was last asked about: a second search would be timed, too."""
        return (self.last > 0.5).astype(int)


class Thunder:
    """ThunderSVM's SVC, whose decision is for the class of the first row."""

    def __init__(self, jobs):
        from thundersvm import SVC as ThunderSVC
        # On scaled columns this is scikit-learn's `gamma="scale"`.
        self.model = ThunderSVC(gamma="auto", n_jobs=jobs)

    def fit(self, x, y):
        self.sign = 1 if y[0] == 1 else -1
        self.model.fit(x, y)
        return self

    def decision_function(self, x):
        return self.sign * self.model.decision_function(x).ravel()


SWITCH = ("off", "on")
SCALERS = {
    "none": lambda: None,
    "min-max": P.MinMaxScaler,
    "max-abs": P.MaxAbsScaler,
    "standard": P.StandardScaler,
    "robust": P.RobustScaler,
    "power": P.PowerTransformer,
    "quantile": lambda: P.QuantileTransformer(random_state=0),
    "normalizer": P.Normalizer,
    "function": P.FunctionTransformer,
    "polynomial": P.PolynomialFeatures,
}


def families(jobs, seed):
    """By name, what makes each."""
    def xgb():
        from xgboost import XGBClassifier
        return XGBClassifier(n_estimators=100, max_depth=6, learning_rate=0.3, n_jobs=jobs, random_state=seed)

    def lgbm():
        from lightgbm import LGBMClassifier
        return LGBMClassifier(n_jobs=jobs, random_state=seed, verbose=-1)

    def xgb_forest():
        """XGBoost's forest mode with what scikit-learn's forest does: rows and columns drawn, trees to the end."""
        from xgboost import XGBRFClassifier
        return XGBRFClassifier(n_estimators=100, max_depth=0, min_child_weight=0, subsample=0.632, colsample_bynode=SQRT, n_jobs=jobs, random_state=seed)

    def lgbm_forest():
        """LightGBM's forest mode, likewise; trees of the forest here end with some hundred leaves."""
        from lightgbm import LGBMClassifier
        return LGBMClassifier(boosting_type="rf", n_estimators=100, num_leaves=2048, min_child_samples=1, min_child_weight=0, subsample=0.632,
                              subsample_freq=1, feature_fraction_bynode=SQRT, n_jobs=jobs, random_state=seed, verbose=-1)

    return {
        "thundersvm": lambda: Thunder(jobs),
        "xgboost-forest": xgb_forest,
        "lightgbm-forest": lgbm_forest,
        "faiss": lambda: Faiss(jobs),
        "random-forest": lambda: RandomForestClassifier(n_jobs=jobs, random_state=seed),
        "adaboost": lambda: AdaBoostClassifier(random_state=seed),
        "k-neighbors": lambda: KNeighborsClassifier(n_jobs=jobs),
        "decision-tree": lambda: DecisionTreeClassifier(random_state=seed),
        "logistic-regression": lambda: LogisticRegression(max_iter=1000),
        "svc": lambda: SVC(),
        "gaussian-nb": GaussianNB,
        "lda": LinearDiscriminantAnalysis,
        "qda": QuadraticDiscriminantAnalysis,
        "linear-regression": LinearRegression,
        "quadratic-regression": lambda: make_pipeline(P.PolynomialFeatures(2, include_bias=False), LinearRegression()),
        "extra-trees": lambda: ExtraTreesClassifier(n_jobs=jobs, random_state=seed),
        "hist-gradient-boosting": lambda: HistGradientBoostingClassifier(random_state=seed),
        "isolation-forest": lambda: IsolationForest(n_jobs=jobs, random_state=seed),
        "mlp": lambda: MLPClassifier(random_state=seed),
        "xgboost": xgb,
        "lightgbm": lgbm,
    }


def scores(y, label, score):
    tn, fp, fn, tp = confusion_matrix(y, label, labels=[0, 1]).ravel()
    prec = tp / (tp + fp) if tp + fp else 0.0
    rec = tp / (tp + fn) if tp + fn else 0.0
    spec = tn / (tn + fp)
    return dict(tp=int(tp), fp=int(fp), fn=int(fn), tn=int(tn), accuracy=accuracy_score(y, label),
                precision=prec, recall=rec, f1=2 * prec * rec / (prec + rec) if prec + rec else 0.0,
                gmean=geometric_mean_score(y, label), iba=(1 + 0.1 * (rec - spec)) * rec * spec,
                mcc=matthews_corrcoef(y, label), roc_auc=roc_auc_score(y, score),
                pr_auc=average_precision_score(y, score))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("csv")
    for k, d in (("families", "logistic-regression"), ("scalers", "none"), ("dedup", "off"), ("tomek", "off")):
        a.add_argument("--" + k, default=d)
    a.add_argument("--folds", type=int, default=10)
    a.add_argument("--only-fold", type=int)
    a.add_argument("--seed", type=int, default=42)
    a.add_argument("--jobs", type=int, default=2)
    a.add_argument("--rows", type=int, help="stratified subsample of this many rows")
    a.add_argument("--only-names", action="store_true", help="end when all names are known")
    a = a.parse_args()
    made = families(a.jobs, a.seed)
    for option, known in (("families", made), ("scalers", SCALERS), ("dedup", SWITCH), ("tomek", SWITCH)):
        setattr(a, option, names(f"--{option}", getattr(a, option), known))
    if a.only_names:
        return
    t0 = time.perf_counter()
    frame = pd.read_csv(a.csv)
    load = time.perf_counter() - t0
    if a.rows:
        from sklearn.model_selection import train_test_split
        frame, _ = train_test_split(frame, train_size=a.rows, random_state=a.seed, stratify=frame.iloc[:, -1])
    started = time.perf_counter()
    for dedup in a.dedup:
        d = frame.drop_duplicates() if dedup == "on" else frame
        X, y = d.iloc[:, :-1].to_numpy(float), d.iloc[:, -1].to_numpy(int)
        folds = list(StratifiedKFold(a.folds, shuffle=True, random_state=a.seed).split(X, y))
        for tomek in a.tomek:
            for sc in a.scalers:
                for fam in a.families:
                    rows = []
                    for i, (tr, te) in enumerate(folds):
                        if a.only_fold is not None and i != a.only_fold:
                            continue
                        t, cpu = [time.perf_counter()], [time.process_time()]
                        Xt, yt = X[tr], y[tr]
                        if tomek == "on":
                            Xt, yt = TomekLinks(n_jobs=a.jobs).fit_resample(Xt, yt)
                        t.append(time.perf_counter())
                        cpu.append(time.process_time())
                        s = SCALERS[sc]()
                        Xs, Xe = (Xt, X[te]) if s is None else (s.fit_transform(Xt), s.transform(X[te]))
                        t.append(time.perf_counter())
                        cpu.append(time.process_time())
                        try:
                            m = made[fam]().fit(Xs, yt)
                            t.append(time.perf_counter())
                            cpu.append(time.process_time())
                            if fam.endswith("-regression") and fam != "logistic-regression":
                                score = m.predict(Xe)
                                label = (score > 0.5).astype(int)
                            elif fam == "isolation-forest":
                                score = -m.score_samples(Xe)
                                label = (m.predict(Xe) == -1).astype(int)
                            elif hasattr(m, "predict_proba"):
                                score = m.predict_proba(Xe)[:, 1]
                                label = m.predict(Xe)
                            else:
                                score = m.decision_function(Xe)
                                label = (score > 0).astype(int)
                            t.append(time.perf_counter())
                            cpu.append(time.process_time())
                            rows.append(dict(fold=i, **scores(y[te], label, score), tomek_s=t[1] - t[0],
                                             scale_s=t[2] - t[1], fit_s=t[3] - t[2], predict_s=t[4] - t[3],
                                             tomek_cpu_s=cpu[1] - cpu[0], fit_cpu_s=cpu[3] - cpu[2],
                                             predict_cpu_s=cpu[4] - cpu[3]))
                        except Exception as e:  # a cell that fails is reported, not hidden
                            rows.append(dict(fold=i, error=f"{type(e).__name__}: {e}"))
                    print(json.dumps(dict(dedup=dedup, tomek=tomek, scaler=sc, family=fam, rows=len(y), folds=rows)), flush=True)
    print(json.dumps(dict(load_s=load, grid_s=time.perf_counter() - started,
                          peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)), flush=True)


sys.exit(main())
