"""Proposes models and settings that train well on a data set without a touch."""

from builder.catalogue.activations import ReLU, Tanh
from builder.catalogue.layer import Layer
from builder.catalogue.layers import BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, Reshape
from builder.spec.data import DataSpec
from builder.spec.facts import DataFacts
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.templates import dense, stack, training
from builder.spec.training import TrainingSpec

FEW_ROWS = 1_000
"""Training rows below which a small model with strong regularization does best."""


def suggest_project(name: str, data: DataSpec, facts: DataFacts) -> Project:
    return Project(name=name, data=data, model=suggest_model(facts), training=suggest_training(facts))


def suggest_model(facts: DataFacts) -> ModelSpec:
    """Dense layers for flat rows, convolutions for images, sized by the number of training rows."""
    if facts.task == "reconstruction":
        return bottleneck(facts)
    return stack(*(_convolutions(facts) if len(facts.input_shape) == 3 else _dense(facts)), Linear())


def suggest_training(facts: DataFacts) -> TrainingSpec:
    """AdamW for as many epochs as make a few thousand steps, ended early when validation stops improving."""
    rows, images = facts.row_counts[0], len(facts.input_shape) == 3
    batch_size = 16 if rows < 250 else 32 if rows < 5_000 else 64 if rows < 20_000 else 128
    steps_wanted = 1_500 if images else 4_000
    epochs = max(5, min(100, steps_wanted * batch_size // max(rows, 1)))
    decay = 0.3 if rows < FEW_ROWS and not images and facts.task != "reconstruction" else 0.01
    lr = 0.005 if rows < FEW_ROWS and not images else 0.002 if images else 0.001
    return training(
        facts.task, epochs=epochs, batch_size=batch_size, lr=lr, patience=max(3, epochs // 4), weight_decay=decay
    )  # fmt: skip


def bottleneck(facts: DataFacts, share: int = 4, most: int = 32) -> ModelSpec:
    """Dense layers that have to say every input with so many times fewer values, and at most so many."""
    is_flat, size = len(facts.input_shape) == 1, facts.target_size
    narrow = max(1, min(size // share, most))
    wide = min(4 * size, max(4 * narrow, 64))
    layers = (*dense(wide), *dense(narrow, activation=Tanh), *dense(wide), Linear())
    return stack(*layers) if is_flat else stack(Flatten(), *layers, Reshape(shape=facts.input_shape))


def _dense(facts: DataFacts) -> tuple[Layer, ...]:
    if facts.row_counts[0] < FEW_ROWS:
        return dense(64, dropout=0.3)
    return dense(128, 64, dropout=0.2)


def _convolutions(facts: DataFacts) -> tuple[Layer, ...]:
    """conv–norm–pool blocks until the image is small, then a hidden layer."""
    layers: list[Layer] = []
    side, channels = min(facts.input_shape[1:]), 32
    while side >= 8 and channels <= 256:
        layers += [Conv2d(out_channels=channels), BatchNorm2d(activation=ReLU()), MaxPool2d()]
        side, channels = side // 2, channels * 2
    return (*layers, Flatten(), Linear(out_features=128, activation=ReLU()), Dropout(p=0.3))
