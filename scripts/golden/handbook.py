"""The training and test rows of the Fraud Detection Handbook's protocol on its own transactions, by pandas, for tests/real_data.rs.

    python scripts/golden/handbook.py handbook-transactions.parquet tests/golden/data/splits/handbook.json

What is computed is what the Handbook's text says of it, day by day and with sets of cards; not what src/split/prequential.rs does.
"""

import hashlib
import json
import sys
from pathlib import Path

import pandas as pd


def told(rows):
    rows = sorted(int(row) for row in rows)
    return [len(rows), hashlib.sha256(",".join(map(str, rows)).encode()).hexdigest()]


def fold(table, begin, train, delay, test, leave_out):
    """Row numbers of one fold whose training part begins on the day `begin`."""
    day, fraud, card = table["day"], table["TX_FRAUD"] == 1, table["CUSTOMER_ID"]
    training = table[(day >= begin) & (day < begin + train)]
    known = set(card[training.index][fraud[training.index]])
    tested = []
    for offset in range(test):
        # The labels that became known this morning: those of the day that is `delay` days and one before.
        known |= set(card[(day == begin + train + offset - 1) & fraud])
        rows = table[day == begin + train + delay + offset]
        tested.extend(rows.index[~rows["CUSTOMER_ID"].isin(known)] if leave_out else rows.index)
    return [told(training.index), told(tested)]


def main():
    table = pd.read_parquet(sys.argv[1])
    table["day"] = table["TX_DATETIME"].dt.normalize().astype("datetime64[s]").astype("int64") // 86_400
    table = table.reset_index(drop=True)
    first = lambda date: pd.Timestamp(date).value // 86_400_000_000_000
    cases = []
    for start, folds, train, delay, test, leave_out in [
        ("2018-07-25", 4, 7, 7, 7, True),
        ("2018-06-20", 4, 7, 7, 7, True),
        ("2018-07-25", 1, 7, 7, 7, False),
        ("2018-05-01", 3, 21, 4, 10, True),
        (None, 4, 7, 7, 7, True),
    ]:
        # Without a start, the last test day is the last day of the table.
        begin = first(start) if start else int(table["day"].max()) + 1 - train - delay - folds * test
        parts = [fold(table, begin + n * test, train, delay, test, leave_out) for n in range(folds)]
        params = {"folds": folds, "train": train, "delay": delay, "test": test, "leave_known_cards_out": leave_out}
        cases.append({"params": params | ({"start": start} if start else {}), "parts": parts})
    Path(sys.argv[2]).write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
