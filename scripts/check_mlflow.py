"""Checks that MLflow's client reads what `fraudbench export mlflow` wrote. Usage: check_mlflow.py FRAUDBENCH RESULTS_DIRECTORY

Starts a server of its own on a free port, with a store in a temporary folder. Exits with 1 at the first difference.
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
from mlflow.tracking import MlflowClient  # noqa: E402
from records import read_records  # noqa: E402

AXES = ["dedup", "imputer", "resampler", "encoder", "scaler", "classifier"]


def same(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r} instead of {wanted!r}")


def served(folder):
    """A server that answers, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{folder}/store.db", "--artifacts-destination", f"{folder}/artifacts"]
    log = open(folder / "log", "w")
    server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2)
            return server, address
        except OSError:
            time.sleep(0.5)
    os.killpg(server.pid, 15)
    raise SystemExit(f"the server does not answer: {(folder / 'log').read_text()[-2000:]}")


def export(program, address, directory):
    done = subprocess.run([program, "export", "mlflow", "--uri", address, directory], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.split(":")[0]


def records_of(directory):
    return [record for record in read_records(directory) if "outcome" in record]


def pipeline(record):
    return tuple("on" if record[axis] is True else "off" if record[axis] is False else record[axis] for axis in AXES)


def check_run(client, run, records):
    """A run against the records of its pipeline, in the order of the folds."""
    name, params, metrics = run.info.run_name, run.data.params, run.data.metrics
    same(f"{name}, status", run.info.status, "FINISHED")
    for key, value in records[0]["classifier_facts"]["params"].items():
        same(f"{name}, {key}", params[f"classifier.{key}"], value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
    for metric in records[0]["metrics"]:
        values = [(nth, record["metrics"][metric]) for nth, record in enumerate(records)]
        values = [(nth, value) for nth, value in values if not isinstance(value, dict)]
        if not values:
            same(f"{name}, undefined {metric}", metric in metrics, False)
            continue
        history = sorted((point.step, point.value) for point in client.get_metric_history(run.info.run_id, metric))
        same(f"{name}, {metric}", history, values)
        mean = statistics.fmean(value for _, value in values)
        if abs(metrics[f"{metric}.mean"] - mean) > 1e-12:
            raise SystemExit(f"{name}: the mean of {metric} is {metrics[f'{metric}.mean']} instead of {mean}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(client.download_artifacts(run.info.run_id, "records.jsonl", folder))
        same(f"{name}, records", [json.loads(line)["key"] for line in file.read_text().splitlines()], [r["key"] for r in records])


def runs_of(client, name):
    experiment = client.get_experiment_by_name(name)
    return {run.data.tags["fraudbench.pipeline"]: run for run in client.search_runs([experiment.experiment_id], max_results=1000)}


def main(program, directory, folder):
    server, address = served(folder)
    try:
        client = MlflowClient(address)
        records = records_of(directory)
        of = {}
        for record in sorted(records, key=lambda record: (record["repeat"], record["fold"])):
            of.setdefault(pipeline(record), []).append(record)
        same("first export", export(program, address, directory), f"{len(of) + 1} runs written, 0 unchanged")
        runs = runs_of(client, directory.name)
        same("runs", len(runs), len(of) + 1)
        study = runs.pop("study")
        same("the study's cells", study.data.metrics["cells.scored"], float(len(records)))
        same("the study's files", {"manifest.toml", "study.toml"} <= {file.path for file in client.list_artifacts(study.info.run_id)}, True)
        for run in runs.values():
            check_run(client, run, of.pop(tuple(run.data.params[axis] for axis in AXES)))
        same("pipelines without a run", list(of), [])
        same("second export", export(program, address, directory), f"0 runs written, {len(runs) + 1} unchanged")

        # The same run with a record less: its pipeline and the study are other runs then, and no run is there twice.
        shorter = folder / directory.name
        shutil.copytree(directory, shorter)
        lines = [json.dumps(record) + "\n" for record in read_records(shorter)]
        (shorter / "records.jsonl.gz").unlink(missing_ok=True)
        (shorter / "records.jsonl").write_text("".join(lines[:-1]))
        same("a record less", export(program, address, shorter), f"2 runs written, {len(runs) - 1} unchanged")
        again = runs_of(client, directory.name)
        same("runs after that", len(again), len(runs) + 1)
        same("runs that lack a fold", sum(run.info.status == "FAILED" for run in again.values()), 2)
        print(f"MLflow reads {len(runs)} pipelines with {len(records)} cells as they were exported")
    finally:
        os.killpg(server.pid, 15)
        server.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(sys.argv[1], Path(sys.argv[2]), Path(scratch))
