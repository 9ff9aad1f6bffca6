"""Reads the records of a results directory, packed (`fraudbench pack`) or not."""
import gzip
import json
from pathlib import Path


def read_records(folder):
    plain, packed = Path(folder) / "records.jsonl", Path(folder) / "records.jsonl.gz"
    with plain.open("rb") if plain.exists() else gzip.open(packed) as lines:
        return [json.loads(line) for line in lines]
