"""Kills a run with -9 again and again and compares its records with those of an undisturbed run.

A third of the kills hit the run itself (its workers must go with it), a third one of its workers (which the run must replace), a third
both at once. Then `report` and `merge` are killed, and done again: they must give what an undisturbed one gives.
What may differ is what every run measures anew: seconds, threads, memory.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEASURED = ["seconds", "threads", "peak_memory_mib", "stages", "candidate_seconds"]


def children(pid):
    """The processes whose parent is `pid`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def records(folder):
    """Records by key, without what is measured anew; the log must hold each key once."""
    by_key = {}
    for line in (folder / "records.jsonl").read_text().splitlines():
        record = json.loads(line)
        for field in MEASURED:
            record.pop(field, None)
        if record["key"] in by_key:
            sys.exit(f"two records of one cell: {record}")
        by_key[record["key"]] = record
    return by_key


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has ended meanwhile


def done(folder):
    log = folder / "records.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--fraudbench", required=True)
    a.add_argument("--kills", type=int, default=50)
    a.add_argument("--study", default="experiments/quick.toml")
    # Those that take seconds and need no Python.
    quick = ["prior", "logistic-regression", "decision-tree", "random-forest", "adaboost", "k-neighbors", "svc", "xgboost"]
    a.add_argument("--filter", default=",".join(f"family={family}" for family in [*quick, "lightgbm"]))
    a.add_argument("--seed", type=int, default=1)
    a = a.parse_args()
    draw = random.Random(a.seed)
    with tempfile.TemporaryDirectory() as temporary:
        whole, killed = Path(temporary) / "whole", Path(temporary) / "killed"
        # However often chance hits the same cell, it is not to be given up as one that kills its workers.
        retries = ["--retries", str(a.kills)]
        start = [a.fraudbench, "run", a.study, "--filter", a.filter, *retries, "--out"]
        quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        began = time.monotonic()
        if subprocess.run(start + [whole], **quiet).returncode != 0:
            sys.exit("the undisturbed run did not end well")
        seconds, cells = time.monotonic() - began, done(whole)
        print(f"undisturbed: {cells} cells in {seconds:.0f} s", flush=True)
        kills = {"run": 0, "worker": 0, "both": 0}
        run = subprocess.Popen(start + [killed], **quiet)
        while sum(kills.values()) < a.kills:
            # About the time of an undisturbed run is shared out among the kills, so that all of it is hit.
            time.sleep(draw.uniform(0, 2 * seconds / a.kills))
            if run.poll() is not None:
                if (killed / "manifest.toml").exists() and done(killed) == cells:
                    break
                sys.exit(f"the run ended by itself with exit code {run.returncode}")
            workers = children(run.pid)
            what = draw.choice(["run", "worker", "both"]) if workers else "run"
            kills[what] += 1
            if what != "run":
                kill(draw.choice(workers))
            if what == "worker":
                continue
            run.kill()
            run.wait()
            deadline = time.monotonic() + 5
            while any(Path(f"/proc/{worker}/status").exists() for worker in workers):
                if time.monotonic() > deadline:
                    sys.exit(f"workers {workers} outlived the run")
                time.sleep(0.01)
            print(f"{sum(kills.values())} kills, {done(killed)} of {cells} cells", flush=True)
            begun = (killed / "manifest.toml").exists()
            run = subprocess.Popen([a.fraudbench, "run", *retries, "--resume", killed] if begun else start + [killed], **quiet)
        if run.wait() != 0:
            sys.exit(f"the last run ended with exit code {run.returncode}")
        left, right = records(whole), records(killed)
        different = [key for key in left.keys() | right.keys() if left.get(key) != right.get(key)]
        for key in different[:5]:
            print("undisturbed:", left.get(key), "\nkilled:     ", right.get(key))
        if different:
            sys.exit(f"{len(different)} of {cells} records differ")
        print(f"{kills['run']} kills of the run, {kills['worker']} of workers, {kills['both']} of both: all {cells} records equal the undisturbed run's")
        merged = Path(temporary) / "merged"
        for name, command, made in [("report", ["report", killed], killed), ("merge", ["merge", whole, "--out", merged], merged)]:
            command = [a.fraudbench, *command]
            for nth in range(a.kills // 2):
                child = subprocess.Popen(command, **quiet)
                time.sleep(draw.uniform(0, 2.0))
                child.kill()
                child.wait()
            if subprocess.run(command, **quiet).returncode != 0 or records(made) != left or not (made / "report.md").exists():
                sys.exit(f"{name} is not whole after {a.kills // 2} kills")
            print(f"{a.kills // 2} kills of {name}: all {cells} records and the report are there", flush=True)


main()
