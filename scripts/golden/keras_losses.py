"""Writes tests/golden/data/keras.json: the losses that Keras has batch by batch and epoch by epoch, from given weights and in a given order."""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras
import numpy as np
from keras import callbacks, layers

OUT = Path(__file__).parents[2] / "tests" / "golden" / "data" / "keras.json"
ROWS, HELD, COLUMNS, BATCH = 150, 60, 30, 32


def table(rng, rows):
    """Rounded, so that the file holds what both sides read."""
    y = (np.arange(rows) % 3 == 0).astype(int)
    x = np.round(rng.normal(size=(rows, COLUMNS)) + 0.35 * y[:, None], 2)
    return x, y


def network(widths, activation, softmax):
    model = keras.Sequential([keras.Input((COLUMNS,))])
    for width in widths:
        model.add(layers.Dense(width, activation=activation))
    model.add(layers.Dense(2, activation="softmax") if softmax else layers.Dense(1, activation="sigmoid"))
    return model


class Losses(callbacks.Callback):
    """Keras reports running means over an epoch: this takes them apart into batches."""

    def __init__(self, rows):
        super().__init__()
        self.rows, self.batches, self.seen, self.sum = rows, [], 0, 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.seen, self.sum = 0, 0.0

    def on_train_batch_end(self, batch, logs=None):
        size = min(BATCH, self.rows - self.seen)
        self.seen += size
        total = float(logs["loss"]) * self.seen
        self.batches.append((total - self.sum) / size)
        self.sum = total


def run(rng, name, widths, activation, softmax, optimizer, epochs, class_weight=None, stopping=None):
    (x, y), (held_x, held_y) = table(rng, ROWS), table(rng, HELD)
    model = network(widths, activation, softmax)
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    weights = [np.round(w + 0.01 * rng.normal(size=w.shape), 4) for w in model.get_weights()]
    model.set_weights(weights)
    loss = "sparse_categorical_crossentropy" if softmax else "binary_crossentropy"
    model.compile(optimizer=optimizer(), loss=loss, metrics=["accuracy"])
    order = rng.permutation(ROWS)
    losses = Losses(ROWS)
    watch = [losses] + ([callbacks.EarlyStopping(**stopping)] if stopping else [])
    history = model.fit(
        x[order], y[order], batch_size=BATCH, epochs=epochs, shuffle=False, verbose=0, callbacks=watch,
        class_weight=class_weight, validation_data=(held_x, held_y),
    ).history
    said = model.predict(held_x, verbose=0)[:, -1]
    return {
        "name": name, "hidden_layer_sizes": widths, "activation": {"sigmoid": "logistic"}.get(activation, activation),
        "output": "softmax" if softmax else "logistic", "solver": type(model.optimizer).__name__.lower(),
        "class_weight": class_weight and class_weight[1], "stopping": stopping, "epochs": epochs,
        "x": x.tolist(), "y": y.tolist(), "held_x": held_x.tolist(), "held_y": held_y.tolist(), "order": order.tolist(),
        "weights": [w.tolist() for w in weights], "batches": losses.batches[: -(-ROWS // BATCH)],
        "history": {key: [float(v) for v in values] for key, values in history.items()}, "said": said.tolist(),
    }


def main():
    rng = np.random.default_rng(11)
    adam, sgd = keras.optimizers.Adam, lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)
    stop = {"monitor": "val_loss", "patience": 3, "min_delta": 0.001, "restore_best_weights": True}
    runs = [
        run(rng, "the listing of kochnev-2023", [30, 16, 16], "relu", True, adam, 6),
        run(rng, "class weights", [12], "tanh", True, adam, 4, class_weight={0: 1.0, 1: 4.0}),
        run(rng, "one output", [8, 4], "sigmoid", False, sgd, 4),
        run(rng, "stopped early", [16], "relu", True, lambda: adam(0.02), 40, stopping=stop),
    ]
    OUT.write_text(json.dumps({"keras": keras.__version__, "backend": keras.backend.backend(), "runs": runs}) + "\n")
    for made in runs:
        print(made["name"], len(made["history"]["loss"]), "epochs", OUT.stat().st_size, "bytes")


main()
