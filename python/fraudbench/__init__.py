"""Reads what `fraudbench run` leaves behind, as pandas or polars frames.

    import fraudbench
    run = fraudbench.load("runs/quick")
    run.leaderboard[["classifier", "scaler", "pr-auc_mean"]]

`load` needs pandas or polars; the program itself needs neither.
"""

import gzip
import importlib
import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

__all__ = ["Run", "load", "program"]
__version__ = version("fraudbench")


def program():
    """The path of the program that this wheel carries, else of the one on PATH."""
    own = Path(sysconfig.get_path("platlib"), "fraudbench.scripts", "fraudbench")
    found = own if own.exists() else shutil.which("fraudbench")
    if found is None:
        raise FileNotFoundError("the program `fraudbench` is neither in this package nor on PATH")
    return str(found)


def load(directory, frames=None):
    """A results directory. `frames` is "pandas" or "polars"; without it the first of them that is installed."""
    directory = Path(directory)
    if not _log(directory).exists():
        raise FileNotFoundError(f"{directory} is no results directory: it has no records.jsonl")
    return Run(directory, _library(frames))


def _log(directory):
    """The file of the records: packed where `fraudbench pack` made the directory small."""
    plain, packed = directory / "records.jsonl", directory / "records.jsonl.gz"
    return packed if packed.exists() and not plain.exists() else plain


def _library(frames):
    if frames not in (None, "pandas", "polars"):
        raise ValueError(f'frames="{frames}": there are "pandas" and "polars"')
    for name in (frames,) if frames else ("pandas", "polars"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            if frames:
                raise
    raise ModuleNotFoundError("fraudbench.load needs pandas (with pyarrow) or polars: pip install 'fraudbench[pandas]'")


class Run:
    """A results directory; each frame is read when it is asked for, and once."""

    def __init__(self, directory, library):
        self.directory, self._library = directory, library

    def __repr__(self):
        return f"fraudbench.load({str(self.directory)!r}, frames={self._library.__name__!r})"

    @cached_property
    def records(self):
        """One row per cell: its place on every axis, outcome, scores, counts, seconds, memory."""
        return self._library.read_parquet(self._report / "cells.parquet")

    @cached_property
    def leaderboard(self):
        """One row per data set and pipeline, the best of each data set first: means, standard deviations and intervals over the
        folds. `dedup` is a boolean, as in `records`."""
        table = self._table("leaderboard.csv")
        if table is None:
            raise FileNotFoundError(f"{self._report} has no leaderboard.csv: `fraudbench report` makes it")
        return table

    @cached_property
    def search(self):
        """One row per candidate that a search tried, with the columns of scikit-learn's `cv_results_`; None where nothing was searched.
        A parameter that was tried as None is the text `None`, and the values beside it are texts, too; missing is one that the
        candidate does not have. `params` has every value with its type, for `ast.literal_eval`. `dedup` is a boolean, as in `records`."""
        return self._table("search.csv")

    @cached_property
    def predictions(self):
        """One row per cell and test row: `data_set` and `key` are the cell's, as in `records` (data sets with the same features and
        labels share keys); `score` and `label` are the model's, `row` is the place in the data file, `positive` the truth, and `amount`,
        `group` and `day` are there where the data have them. `group` is a code, equal for rows of one group: its name is not kept, and
        `row` finds it in the data file. None where no predictions were kept."""
        folder, parts = self.directory / "predictions", []
        for record in self._kept():
            said = folder / f"{record.get('equals') or record['key']}.parquet"
            rows = folder / f"rows-{record.get('sided_rows') or record['rows']}.parquet"
            if said.exists() and rows.exists():
                cell = {"data_set": record["data_set"], "key": record["key"]}
                parts.append((cell, self._library.read_parquet(said), self._library.read_parquet(rows)))
        if not parts:
            return None
        if self._library.__name__ == "polars":
            one = lambda cell, said, rows: self._library.concat([said, rows], how="horizontal").select(  # noqa: E731
                *(self._library.lit(value).alias(name) for name, value in cell.items()), self._library.all())
            return self._library.concat([one(*part) for part in parts], how="diagonal_relaxed")
        one = lambda cell, said, rows: self._library.concat([said, rows], axis=1).assign(**cell)  # noqa: E731
        made = self._library.concat([one(*part) for part in parts], ignore_index=True)
        return made[["data_set", "key", *made.columns.drop(["data_set", "key"])]]

    def _kept(self):
        """The records of the log whose predictions were kept: the last one of each cell."""
        last = {}
        log = _log(self.directory)
        with gzip.open(log) if log.suffix == ".gz" else log.open("rb") as lines:
            for record in map(json.loads, lines):
                if "key" in record:
                    last[record["data_set"], record["key"]] = record
        return [record for record in last.values() if record.get("kept") and record.get("rows")]

    def _table(self, name):
        """A table of the report, with the column `data_set`; None where the report has none. On several data sets it is made of the
        tables in their folders, in the order of the data sets."""
        single = self._report / name
        numbered = (path for path in self._report.glob(f"*-*/{name}") if path.parent.name.split("-")[0].isdigit())
        several = sorted(numbered, key=lambda path: int(path.parent.name.split("-")[0]))
        parts = [self._read(path) for path in ([single] if single.exists() else several)]
        if len(parts) < 2:
            return parts[0] if parts else None
        if self._library.__name__ == "polars":
            return self._library.concat(parts, how="diagonal_relaxed")
        return self._library.concat(parts, ignore_index=True)

    def _read(self, path):
        """One table of a data set's report. Only an empty field is missing: `None`, `NA` and the like are what something is called."""
        if self._library.__name__ == "polars":
            # All rows say what a column holds: a text may stand behind thousands of numbers.
            frame = self._library.read_csv(path, infer_schema_length=None)
            frame = frame.with_columns(self._library.col("dedup") == "on")
        else:
            frame = self._library.read_csv(path, keep_default_na=False, na_values=["", "NaN"], low_memory=False)
            frame["dedup"] = frame["dedup"] == "on"
        if "data_set" not in frame.columns:
            named = self._library.read_parquet(path.parent / "cells.parquet")["data_set"]
            column = [named[0]] * len(frame)
            if self._library.__name__ == "polars":
                frame.insert_column(0, self._library.Series("data_set", column, dtype=self._library.String))
            else:
                frame.insert(0, "data_set", column)
        return frame

    @cached_property
    def _report(self):
        """The folder of the report's tables: the results directory's own if they are not older than its records."""
        log, tables = _log(self.directory), self.directory / "cells.parquet"
        if tables.exists() and os.path.getmtime(tables) >= os.path.getmtime(log):
            return self.directory
        self._made = tempfile.TemporaryDirectory(prefix="fraudbench-")  # goes with this object
        done = subprocess.run([program(), "report", str(self.directory), "--out", self._made.name], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return Path(self._made.name)
