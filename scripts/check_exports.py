"""Checks that pandas and DuckDB read cells.parquet as cells.csv has it. Usage: check_exports.py REPORT_DIRECTORY

Needs pandas, pyarrow and duckdb. Exits with 1 at the first column that differs.
"""

import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd


def check(name, text, typed):
    """Raises where a column of texts (empty: no value) and one of typed values differ, in a value or its bits."""
    missing = (text == "").to_numpy()
    nulls = typed.isna().to_numpy()
    if not (missing == nulls).all():
        raise SystemExit(f"{name}: {missing.sum()} values are missing in cells.csv, {nulls.sum()} in cells.parquet")
    present, values = text[~missing], typed[~nulls]
    if pd.api.types.is_bool_dtype(typed):
        same = (present == "on").to_numpy() == values.to_numpy()
    elif pd.api.types.is_numeric_dtype(typed):
        same = present.astype(float).to_numpy() == values.astype(float).to_numpy()
    else:
        same = present.to_numpy() == values.astype(str).to_numpy()
    if not np.all(same):
        raise SystemExit(f"{name}: {(~same).sum()} values differ")


def main(folder):
    text = pd.read_csv(folder / "cells.csv", dtype=str, keep_default_na=False)
    path = folder / "cells.parquet"
    readers = {"pandas": pd.read_parquet(path), "DuckDB": duckdb.read_parquet(str(path)).df()}
    for reader, table in readers.items():
        left = [name for name in text.columns if name not in table.columns]
        if left or len(table) != len(text):
            raise SystemExit(f"{reader}: {len(table)} of {len(text)} rows, without the columns {left}")
        for name in text.columns:
            check(f"{reader}, {name}", text[name], table[name])
        print(f"{reader}: {len(table)} rows x {len(table.columns)} columns")
    types = duckdb.sql(f"describe select * from '{path}'").df()[["column_name", "column_type"]]
    print(", ".join(f"{name} {kind}" for name, kind in types.itertuples(index=False)))


main(Path(sys.argv[1]))
