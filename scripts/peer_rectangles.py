"""The family `rectangles` against NumPy in one run: all rectangles are counted here; NumPy counts some of them, and its time is
scaled. The rectangle that is chosen is counted by both, and the counts must be equal.

    scripts/peer-rectangles --program target/release/fraudbench
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

STUDY = """
name = "peer-rectangles"
metrics = ["false-negative-rate", "false-positive-rate"]
primary = "false-negative-rate"
[data]
path = "rows.csv"
label = "fraud"
fold = "part"
[protocol]
kind = "given"
[grid]
classifiers = [{{ family = "rectangles", params = {{ columns = ["minute", "amount"], n_rectangles = {rectangles}, random_state = 1 }} }}]
"""


def rows(n, frauds):
    """Minute and amount of n + frauds payments, of which frauds differ slightly."""
    random = np.random.default_rng(1)
    fraud = np.zeros(n + frauds, bool)
    fraud[random.choice(n + frauds, frauds, replace=False)] = True
    minute = np.floor(random.normal(780 + 60 * fraud, 170)) % 1440
    amount = np.round(random.lognormal(9.2 + 0.2 * fraud, 1.2), 2)
    return minute, amount, fraud


def write(path, minute, amount, fraud):
    # The test part is there because a study has one; nothing is measured on it.
    test = np.concatenate([np.flatnonzero(fraud)[:5], np.flatnonzero(~fraud)[:500]])
    with open(path, "w") as file:
        file.write("minute,amount,fraud,part\n")
        for at in [range(len(fraud)), test]:
            part = "train" if len(at) == len(fraud) else "test"
            file.writelines(f"{minute[i]:.0f},{amount[i]:.2f},{int(fraud[i])},{part}\n" for i in at)


def here(options, folder, n):
    (folder / "study.toml").write_text(STUDY.format(rectangles=n))
    out = folder / f"run-{n}"
    threads = ["--threads", str(options.threads), "--cell-threads", str(options.threads)]
    command = [options.program, "run", str(folder / "study.toml"), "--out", str(out), "--predictions", "none", *threads]
    subprocess.run(command, check=True, capture_output=True)
    return json.loads((out / "records.jsonl").read_text().splitlines()[-1])


def counts(minute, amount, fraud, bounds):
    left, right, bottom, top = bounds
    inside = (minute >= left) & (minute <= right) & (amount >= bottom) & (amount <= top)
    return np.count_nonzero(inside & fraud), np.count_nonzero(inside & ~fraud)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="a release build of fraudbench")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--frauds", type=int, default=230)
    parser.add_argument("--rectangles", type=int, default=1_000_000)
    parser.add_argument("--peer", type=int, default=100, help="rectangles that NumPy counts")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    minute, amount, fraud = rows(options.rows, options.frauds)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write(folder / "rows.csv", minute, amount, fraud)
        record, few = here(options, folder, options.rectangles), here(options, folder, 1)
    ours, ranks = record["seconds"]["fit"], few["seconds"]["fit"]
    random = np.random.default_rng(2)
    drawn = [np.sort(values[random.integers(len(fraud), size=2)]) for _ in range(options.peer) for values in (minute, amount)]
    begin = time.perf_counter()
    for x, y in zip(drawn[::2], drawn[1::2]):
        counts(minute, amount, fraud, (*x, *y))
    peer = time.perf_counter() - begin
    scaled = peer * options.rectangles / options.peer
    chosen = record["details"]["rectangle"]
    bounds = (chosen["low"][0], chosen["high"][0], chosen["low"][1], chosen["high"][1])
    found, alarms = counts(minute, amount, fraud, bounds)
    shares = (1 - found / fraud.sum(), alarms / (~fraud).sum())
    assert np.allclose(shares, (chosen["first_kind"], chosen["second_kind"]), rtol=0, atol=1e-12), (shares, chosen)
    total = f"{options.rectangles:,} rectangles on {len(fraud):,} rows"
    print(f"{total}, fraudbench, {options.threads} thread(s): {ours:.2f} s in all, of which ranks and table {ranks:.2f} s")
    print(f"{options.peer} of them, NumPy {np.__version__}: {peer:.2f} s, scaled {scaled:.0f} s")
    print(f"ratio {scaled / ours:.0f}; the chosen rectangle has the same counts on both sides")


main()
