"""Keras with `fit`, on the backend that the environment names."""

import keras
from keras import layers

from benchmarks.peers.task import LR, SEED, Task, tell_epoch, tell_parameters


class Told(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        tell_epoch(logs["val_loss"], logs["val_accuracy"])


class Places(layers.Layer):
    """Adds a learned vector for each step. Input and output shape: (N, 128, 128)"""

    def build(self, shape: tuple) -> None:
        self.places = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x):
        return x + self.places


def train(task: Task) -> None:
    keras.utils.set_random_seed(SEED)
    (x, y), held_out = task.arrays("train"), task.arrays("validation")
    if task.case == "cnn":
        x, held_out = x.transpose(0, 2, 3, 1).copy(), (held_out[0].transpose(0, 2, 3, 1).copy(), held_out[1])
    model = _model(task.case)
    tell_parameters(model.count_params())
    loss = (
        keras.losses.BinaryCrossentropy(from_logits=True) if task.is_binary
        else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )  # fmt: skip
    accuracy = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0) if task.is_binary else "accuracy"
    model.compile(keras.optimizers.Adam(LR), loss, metrics=[accuracy])
    model.fit(
        x, y, batch_size=task.batch_size, epochs=task.epochs, validation_data=held_out, callbacks=[Told()], verbose=0
    )


def _model(case: str) -> keras.Model:
    match case:
        case "mlp":
            return _dense(784, 128, 10)
        case "wide":
            return _dense(1000, 128, 64, 10)
        case "table":
            return _dense(30, 128, 64, 1)
        case "cnn":
            return keras.Sequential([
                keras.Input((28, 28, 1)), layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
                layers.Conv2D(64, 3, padding="same", activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
                layers.Dense(128, activation="relu"), layers.Dense(10),
            ])  # fmt: skip
        case "lstm":
            return keras.Sequential([keras.Input((100,)), layers.Reshape((100, 1)), layers.LSTM(64), layers.Dense(4)])
    return _encoder()


def _dense(width: int, *sizes: int) -> keras.Model:
    hidden = [layers.Dense(size, activation="relu") for size in sizes[:-1]]
    return keras.Sequential([keras.Input((width,)), *hidden, layers.Dense(sizes[-1])])


def _encoder() -> keras.Model:
    inputs = keras.Input((128,))
    x = Places()(layers.Dense(128)(layers.Reshape((128, 1))(inputs)))
    for _ in range(2):
        normed = layers.LayerNormalization(epsilon=1e-5)(x)
        x = x + layers.MultiHeadAttention(4, 32)(normed, normed)
        normed = layers.LayerNormalization(epsilon=1e-5)(x)
        x = x + layers.Dense(128)(layers.Dense(256, activation="relu")(normed))
    return keras.Model(inputs, layers.Dense(4)(layers.GlobalAveragePooling1D()(x)))
