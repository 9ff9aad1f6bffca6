"""Fits the network of kochnev-2023 (30, 16, 16, two outputs; Adam, batches of 32) here, in Keras and in scikit-learn, one after the other on
one thread, and prints the seconds of an epoch and the losses.

    scripts/peer-network                       # 227,845 made-up rows x 30 columns, 3 epochs
    scripts/peer-network --rows 20000 --epochs 2

Keras compiles in its first epoch, which is not counted: its seconds are the mean of the others. scikit-learn has one output, not two, and its
own first weights. The peers compute as they do by default: Keras with 32 bits, scikit-learn with 64, as here.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import keras
import numpy as np
from sklearn.neural_network import MLPClassifier

LISTING = {
    "hidden_layer_sizes": [30, 16, 16], "output": "softmax", "kernel_initializer": "glorot_uniform", "alpha": 0.0, "epsilon": 1e-7, "batch_size": 32,
    "n_iter_no_change": 1000,
}


def table(rows):
    rng = np.random.default_rng(1)
    y = (rng.random(rows) < 0.02).astype("u1")
    x = rng.normal(size=(rows, 30)) + 0.5 * y[:, None]
    return np.ascontiguousarray(x), y


def ours(a, x, y):
    with tempfile.TemporaryDirectory() as folder:
        x.astype("<f8").tofile(Path(folder) / "x.f64")
        y.tofile(Path(folder) / "y.u8")
        wanted = json.dumps(LISTING | {"max_iter": a.epochs})
        done = subprocess.run([a.network, folder, wanted], stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(done.stdout)
    return said["seconds"] / a.epochs, said["loss"]


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.at = []

    def on_epoch_end(self, epoch, logs=None):
        self.at.append(time.perf_counter())


def keras_epoch(a, x, y):
    dense = keras.layers.Dense
    model = keras.Sequential([
        keras.Input((30,)), dense(30, activation="relu"), dense(16, activation="relu"), dense(16, activation="relu"),
        dense(2, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    clock = Clock()
    history = model.fit(x.astype("f4"), y, batch_size=32, epochs=a.epochs, verbose=0, callbacks=[clock]).history
    return (clock.at[-1] - clock.at[0]) / (a.epochs - 1), history["loss"]


def sklearn_epoch(a, x, y):
    model = MLPClassifier((30, 16, 16), batch_size=32, alpha=0.0, max_iter=a.epochs, n_iter_no_change=1000, random_state=1)
    started = time.perf_counter()
    model.fit(x, y)
    return (time.perf_counter() - started) / a.epochs, model.loss_curve_


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--network", required=True, help=argparse.SUPPRESS)
    a.add_argument("--rows", type=int, default=227_845)
    a.add_argument("--epochs", type=int, default=3, help="at least 2")
    a = a.parse_args()
    if a.epochs < 2:
        raise SystemExit("--epochs: at least 2, as Keras compiles in the first one")
    warnings.simplefilter("ignore")
    x, y = table(a.rows)
    print(f"{a.rows} rows x 30 columns, {a.epochs} epochs, Keras {keras.__version__} on {keras.backend.backend()}\n")
    print("| network | s per epoch | times ours | loss by epoch |\n|---|---|---|---|")
    base = None
    for name, fit in [("here", ours), ("Keras", keras_epoch), ("scikit-learn", sklearn_epoch)]:
        seconds, losses = fit(a, x, y)
        base = base or seconds
        print(f"| {name} | {seconds:.3f} | {seconds / base:.1f} | {' '.join(f'{loss:.4f}' for loss in losses)} |", flush=True)


main()
