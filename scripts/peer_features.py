"""Times the Handbook's fifteen features in pandas, and in polars where it is installed, on a CSV of its transactions.

Usage: peer_features.py handbook.csv"""

import sys
import time

import pandas as pd

DAYS = [1, 7, 30]
DELAY = 7


def with_pandas(path):
    rows = pd.read_csv(path, parse_dates=["TX_DATETIME"])
    begin = time.perf_counter()
    made = pd.DataFrame({"TX_AMOUNT": rows.TX_AMOUNT, "TX_DURING_WEEKEND": (rows.TX_DATETIME.dt.weekday >= 5).astype(int),
                         "TX_DURING_NIGHT": (rows.TX_DATETIME.dt.hour <= 6).astype(int)})

    def rolled(key, column, days):
        by = rows[[key, "TX_DATETIME", column]].sort_values([key, "TX_DATETIME"], kind="stable")
        window = by.set_index("TX_DATETIME").groupby(key)[column].rolling(f"{days}D")
        return [pd.Series(found.to_numpy(), index=by.index) for found in (window.count(), window.sum())]

    for days in DAYS:
        count, total = rolled("CUSTOMER_ID", "TX_AMOUNT", days)
        made[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] = count
        made[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = total / count
    recent, recent_frauds = rolled("TERMINAL_ID", "TX_FRAUD", DELAY)
    for days in DAYS:
        count, frauds = rolled("TERMINAL_ID", "TX_FRAUD", DELAY + days)
        made[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] = count - recent
        made[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] = ((frauds - recent_frauds) / (count - recent)).fillna(0)
    print(f"pandas {pd.__version__}: {time.perf_counter() - begin:.2f} s, {made.shape[1]} features of {len(made)} rows")


def with_polars(path):
    import polars as pl

    rows = pl.read_csv(path, try_parse_dates=True)
    begin = time.perf_counter()
    tables = [rows.select("TX_AMOUNT", (pl.col("TX_DATETIME").dt.weekday() >= 6).cast(int).alias("TX_DURING_WEEKEND"),
                          (pl.col("TX_DATETIME").dt.hour() <= 6).cast(int).alias("TX_DURING_NIGHT"))]
    for key, made in [("CUSTOMER_ID", pl.col("TX_AMOUNT").mean()), ("TERMINAL_ID", pl.col("TX_FRAUD").mean())]:
        by = rows.sort(key, "TX_DATETIME")
        for days in DAYS:
            late = {} if key == "CUSTOMER_ID" else {"offset": f"-{DELAY + days}d"}
            tables.append(by.rolling("TX_DATETIME", period=f"{days}d", group_by=key, **late).agg(pl.len(), made))
    print(f"polars {pl.__version__}: {time.perf_counter() - begin:.2f} s, "
          f"{sum(len(table.columns) for table in tables[1:]) - 12 + 3} features of {len(rows)} rows")


with_pandas(sys.argv[1])
try:
    with_polars(sys.argv[1])
except ImportError:
    print("polars is not installed: skipped")
