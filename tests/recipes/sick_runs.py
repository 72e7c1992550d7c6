"""Projects with an illness planted in each, and projects without one, that train in a few seconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from builder.catalogue.activations import ACTIVATIONS, Activation
from builder.catalogue.augmentations import Noise, RandomCrop, Rotate
from builder.catalogue.initializations import Orthogonal, TruncatedNormal
from builder.catalogue.layers import AvgPool2d, Flatten, Linear
from builder.catalogue.losses import MSE, BCEWithLogits, CrossEntropy
from builder.catalogue.metrics import metrics_for
from builder.catalogue.optimizers import SGD, Adam, AdamW, RMSprop
from builder.catalogue.schedulers import CosineDecay
from builder.catalogue.task import Task
from builder.data.templates import make_project
from builder.runs.doctor.finding import Kind
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES, dense, stack
from builder.spec.training import TrainingSpec
from tests.recipes.made_tables import friedman, noisy_classes, rare, spirals, table_of

Make = Callable[[Path], Project]
LOSSES = {"binary": BCEWithLogits, "multiclass": CrossEntropy, "regression": MSE}
SIGMOID, TANH = ACTIVATIONS["Sigmoid"], ACTIVATIONS["Tanh"]
SMALL = {"height": 8, "width": 8}
"""As the digits were taken: nothing is lost."""


class Sick(NamedTuple):
    """`what` says what was planted."""

    kind: Kind
    what: str
    make: Make


class Healthy(NamedTuple):
    what: str
    make: Make


def template(name: str, model: ModelSpec | None = None, data: dict[str, Any] | None = None, **training: Any) -> Make:
    """The template with another model, other data settings, other training settings."""

    def make(_: Path) -> Project:
        project = make_project(TEMPLATES[name])
        return project.model_copy(update={
            "model": model or project.model,
            "data": project.data.model_copy(update=data or {}),
            "training": project.training.model_copy(update=training),
        })  # fmt: skip

    return make


def table(frame: Callable[[], pd.DataFrame], target: str, task: Task, layers: tuple, **training: Any) -> Make:
    """These layers and a last one, on a table that was made."""

    def make(folder: Path) -> Project:
        settings = {"loss": LOSSES[task](), "metrics": metrics_for(task)} | training
        data = table_of(frame(), folder, target)
        return Project(name=target, data=data, model=stack(*layers, Linear()), training=TrainingSpec(**settings))

    return make


def on_digits(*layers, **training: Any) -> Make:
    return template("digits-mlp", stack(Flatten(), *layers, Linear()), SMALL, **training)


def deep(count: int, width: int, activation: type[Activation] = ACTIVATIONS["ReLU"]) -> tuple:
    return dense(*[width] * count, activation=activation)


def coded() -> pd.DataFrame:
    """Noisy classes with a number that was written down once the class was known."""
    frame = noisy_classes(500, 6, 0.15)
    return frame.assign(code=(frame["label"] == "yes") * 3 + np.random.default_rng(3).random(len(frame)))


def invoiced() -> pd.DataFrame:
    """A noisy number, and the same with tax."""
    frame = friedman(500, 2.0)
    return frame.assign(invoice=frame["target"] * 1.19 + 7)


SICK = (
    Sick("lr_too_high", "digits, AdamW at 0.5", template("digits-mlp", None, SMALL, optimizer=AdamW(lr=0.5), epochs=15)),
    Sick("lr_too_high", "friedman, Adam at 1", table(friedman600 := lambda: friedman(600), "target", "regression", dense(32, 16), optimizer=Adam(lr=1.0), epochs=40)),
    Sick("lr_too_high", "breast cancer, SGD at 5", template("breast-cancer", optimizer=SGD(lr=5.0), epochs=30)),
    Sick("lr_too_high", "friedman, SGD at 5, not finite", table(friedman600, "target", "regression", dense(32), optimizer=SGD(lr=5.0), epochs=40)),
    Sick("lr_too_high", "spirals, SGD at 0.1, stuck", table(lambda: spirals(600), "arm", "multiclass", dense(32, 32), optimizer=SGD(lr=0.1), batch_size=8, epochs=40)),
    Sick("lr_too_low", "iris, SGD at 1e-5", template("iris", optimizer=SGD(lr=1e-5), epochs=60)),
    Sick("lr_too_low", "digits, AdamW at 2e-6", template("digits-mlp", None, SMALL, optimizer=AdamW(lr=2e-6), epochs=15)),
    Sick("lr_too_low", "diabetes, Adam at 5e-6", template("diabetes", optimizer=Adam(lr=5e-6), epochs=60)),
    Sick("overfitting", "300 rows, a fifth mislabelled, 256-256", table(lambda: noisy_classes(300, 20, 0.2), "label", "binary", dense(256, 256), optimizer=Adam(lr=1e-3), epochs=80)),
    Sick("overfitting", "friedman, 150 noisy rows, 256-128", table(lambda: friedman(150, 3.0), "target", "regression", dense(256, 128), optimizer=Adam(lr=2e-3), epochs=120)),
    Sick("underfitting", "spirals through 2 units", table(lambda: spirals(900), "arm", "multiclass", dense(2), optimizer=Adam(lr=1e-2), epochs=50)),
    Sick("underfitting", "digits through 2 units", on_digits(*dense(2), epochs=40)),
    Sick("underfitting", "spirals without a hidden layer", table(lambda: spirals(900, 1.0), "arm", "multiclass", (), optimizer=Adam(lr=1e-2), epochs=40)),
    Sick("stopped_early", "spirals, 8 epochs", table(lambda: spirals(1200), "arm", "multiclass", dense(64, 64), optimizer=Adam(lr=2e-3), epochs=8)),
    Sick("dead_units", "friedman, 12 layers of 4 with ReLU", table(lambda: friedman(500), "target", "regression", deep(12, 4), optimizer=Adam(lr=3e-3), epochs=25)),
    Sick("dead_units", "wine, 14 layers of 5 with ReLU", template("wine", stack(*deep(14, 5), Linear()), optimizer=Adam(lr=3e-3), epochs=30)),
    Sick("vanishing", "wine, 8 layers with sigmoid", template("wine", stack(*deep(8, 16, SIGMOID), Linear()), optimizer=Adam(lr=1e-3), epochs=40)),
    Sick("vanishing", "digits, 7 layers with sigmoid, SGD", on_digits(*deep(7, 32, SIGMOID), optimizer=SGD(lr=1e-2), epochs=15)),
    Sick("vanishing", "breast cancer, weights of 0.02", template("breast-cancer", stack(*deep(8, 32, TANH), Linear()), optimizer=SGD(lr=1e-2), initialization=TruncatedNormal(std=0.02), epochs=40)),
    Sick("exploding", "digits, weights of 1", on_digits(*deep(4, 64), optimizer=SGD(lr=1e-3), initialization=TruncatedNormal(std=1.0), epochs=15)),
    Sick("exploding", "friedman, 8 layers with gain 6", table(lambda: friedman(500), "target", "regression", deep(8, 32), optimizer=Adam(lr=1e-3), initialization=Orthogonal(gain=6.0), epochs=40)),
    Sick("imbalance", "96 to 4, classes overlap", table(lambda: rare(1500, (0.96, 0.04), 0.35), "kind", "binary", dense(16), optimizer=Adam(lr=2e-3), epochs=30)),
    Sick("imbalance", "90 to 7 to 3, classes overlap", table(lambda: rare(1500, (0.9, 0.07, 0.03), 0.7), "kind", "multiclass", dense(16), optimizer=Adam(lr=2e-3), epochs=30)),
    Sick("plateau", "friedman, Adam at 0.1", table(lambda: friedman(300, 1.0), "target", "regression", dense(16), optimizer=Adam(lr=0.1), batch_size=8, epochs=40)),
    Sick("plateau", "digits, Adam at 0.1", on_digits(*dense(32), optimizer=Adam(lr=0.1), epochs=35, regularization=())),
    Sick("leak", "a code written down afterwards", table(coded, "label", "binary", dense(32), optimizer=Adam(lr=5e-3), epochs=40)),
    Sick("leak", "the number with tax", table(invoiced, "target", "regression", dense(32), optimizer=Adam(lr=5e-3), epochs=40)),
    Sick("data_bound", "large images, turned and cropped, for a tiny model", template(
        "digits-mlp", stack(AvgPool2d(kernel_size=8), Flatten(), Linear()),
        {"height": 64, "width": 64, "augmentations": (Rotate(), RandomCrop(), Noise())}, optimizer=Adam(lr=2e-3), epochs=3)),
)  # fmt: skip

HEALTHY = (
    *(Healthy(f"the template {name}", template(name)) for name in ("iris", "wine", "breast-cancer", "diabetes", "autoencoder")),
    Healthy("digits, dense", template("digits-mlp", None, SMALL, epochs=30)),
    Healthy("digits, convolutional", template("digits-cnn", None, SMALL)),
    Healthy("friedman, cosine", table(lambda: friedman(800), "target", "regression", dense(64, 32), optimizer=Adam(lr=5e-3), scheduler=CosineDecay(), epochs=50)),
    Healthy("spirals, cosine", table(lambda: spirals(900), "arm", "multiclass", dense(64, 64), optimizer=Adam(lr=5e-3), scheduler=CosineDecay(), epochs=60)),
    Healthy("90 to 10, classes apart", table(lambda: rare(1200, (0.9, 0.1), 1.0), "kind", "binary", dense(16), optimizer=Adam(lr=2e-3), epochs=30)),
    Healthy("nearly a third mislabelled", table(lambda: noisy_classes(600, 8, 0.3), "label", "binary", dense(8), optimizer=Adam(lr=2e-3), epochs=40)),
    Healthy("friedman with much noise, RMSprop", table(lambda: friedman(800, 3.0), "target", "regression", dense(16), optimizer=RMSprop(lr=1e-3), epochs=40)),
)  # fmt: skip
