"""Writes nets in Keras with what they answer: `python -m tests.imports.keras_models FOLDER`, in a process of its own.

Keras takes seconds to import and sets up torch in its own way, so the tests themselves never import it.
"""

import logging
import os
import sys
from pathlib import Path

os.environ |= {"KERAS_BACKEND": "torch", "KERAS_HOME": sys.argv[-1]}
logging.getLogger("absl").setLevel(logging.ERROR)

import keras  # noqa: E402  (after its settings)
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

IMAGE, SEQUENCE = (9, 8, 3), (7, 5)


def stack(shape: tuple[int, ...], *layers: keras.Layer) -> keras.Model:
    return keras.Sequential([L.Input(shape), *layers])


def branches() -> keras.Model:
    x = L.Input(IMAGE)
    side = L.SeparableConv2D(6, 3, padding="same")(x)
    both = L.Concatenate()(
        [L.Conv2D(4, 3, padding="same")(x), L.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)]
    )
    both = L.Conv2D(6, 1, use_bias=False)(L.ReLU()(L.BatchNormalization(scale=False)(both)))
    gate = L.Dense(6, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=False)(both))
    out = L.GlobalMaxPooling2D()(L.Activation("silu")(L.Add()([both, side])))
    return keras.Model(x, L.Dense(3, activation="softmax")(L.Multiply()([out, gate])))


MODELS = {
    "mlp": lambda: stack((6,), L.Dense(8, activation="gelu"), L.BatchNormalization(momentum=0.9), L.Dropout(0.3), L.Dense(4), L.LeakyReLU(negative_slope=0.2), L.Dense(3, activation="softmax")),
    "cnn": lambda: stack(IMAGE, L.Conv2D(4, 3, strides=2, padding="same", activation="relu"), L.BatchNormalization(), L.MaxPooling2D(3, 2, padding="same"), L.Flatten(), L.Dropout(0.3), L.Dense(5, activation="elu"), L.Dense(2)),
    "branches": branches,
    "nested": lambda: stack(IMAGE, branches(), L.Dense(2)),
    "order": lambda: stack(IMAGE, L.AveragePooling2D(2, padding="same"), L.GroupNormalization(3), L.Flatten(), L.LayerNormalization(), L.Dense(2)),
    "words": lambda: stack((7,), L.Embedding(10, 4), L.Bidirectional(L.LSTM(5, return_sequences=True)), L.GRU(3, return_sequences=True), L.SimpleRNN(4), L.Dense(2, activation="hard_sigmoid")),
    "sequence": lambda: stack(SEQUENCE, L.Conv1D(4, 3, padding="causal"), L.MaxPooling1D(2), L.LSTM(4, return_sequences=True), L.LayerNormalization(), L.TimeDistributed(L.Dense(3)), L.GlobalAveragePooling1D(), L.Dense(2)),
    "generator": lambda: stack((6,), L.Dense(48), L.Reshape((4, 4, 3)), L.Conv2DTranspose(5, 4, strides=2, padding="same", activation="relu"), L.UpSampling2D(2), L.ZeroPadding2D(((1, 0), (2, 1))), L.Conv2DTranspose(2, 2, strides=3), L.Flatten()),
    "refused": lambda: stack((6,), L.Lambda(lambda x: x * 2), L.Rescaling(2.0), L.Dense(2), L.Rescaling(3.0)),
}  # fmt: skip


def write(name: str, folder: Path) -> None:
    model, random = MODELS[name](), np.random.default_rng(0)
    for weight in model.weights:
        low = 0.2 if "variance" in weight.path else -0.5
        weight.assign(random.uniform(low, 1.0, weight.shape))
    shape = (3, *model.input_shape[1:])
    x = random.integers(0, 9, shape) if name == "words" else random.normal(size=shape).astype(np.float32)
    for ending in ("keras", "h5"):
        model.save(folder / f"{name}.{ending}")
    np.savez(folder / f"{name}.npz", x=x, y=np.asarray(model.predict(x, verbose=0)))


if __name__ == "__main__":
    for each in MODELS:
        write(each, Path(sys.argv[-1]))
