"""Proposes three models for a data set, small, balanced and accurate, each checked, to choose from by their cost."""

from dataclasses import dataclass
from typing import Literal

from builder.catalogue.activations import ReLU
from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d
from builder.check.edits import AddBlock, Edit, PasteNodes, apply
from builder.check.report import Report, check
from builder.check.suggest import FEW_ROWS, bottleneck, suggest_model, suggest_training
from builder.spec.blocks import BLOCKS, fitted
from builder.spec.data import DataSpec
from builder.spec.facts import DataFacts
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.templates import dense, stack
from builder.spec.training import TrainingSpec


@dataclass(frozen=True)
class Proposal:
    """A model with the settings to train it; `why` says in one sentence whom it suits."""

    name: Literal["small", "balanced", "accurate"]
    title: str
    why: str
    model: ModelSpec
    training: TrainingSpec
    report: Report


def proposals(data: DataSpec, facts: DataFacts) -> tuple[Proposal, ...]:
    """From the cheapest to the dearest."""
    training = suggest_training(facts)
    empty = Project(data=data, training=training)
    models = {
        "small": ("Small", _small(empty, facts)),
        "balanced": ("Balanced", (suggest_model(facts), "What the start page takes: a good first try.")),
        "accurate": ("Accurate", _accurate(empty, facts)),
    }
    found = []
    for name, (title, (model, why)) in models.items():
        report = check(empty.model_copy(update={"model": model}), facts)
        found.append(Proposal(name, title, why, model, training, report))
    return tuple(found)


def _small(empty: Project, facts: DataFacts) -> tuple[ModelSpec, str]:
    if facts.task == "reconstruction":
        return bottleneck(facts, share=8, most=8), "Squeezes each row hardest: quick, and strict about what is unusual."
    if len(facts.input_shape) == 3:
        layers = [Conv2d(out_channels=16, activation=ReLU()), MaxPool2d(), Conv2d(out_channels=32, activation=ReLU())]
        model = stack(*layers, AdaptiveAvgPool2d(output_size=1), Flatten(), Linear())
        return model, "Two convolutions and the mean of each channel: trains in moments, fits a small device."
    return stack(*dense(32), Linear()), "One hidden layer: trains in moments, and hardly learns rows by heart."


def _accurate(empty: Project, facts: DataFacts) -> tuple[ModelSpec, str]:
    if facts.task == "reconstruction":
        return bottleneck(facts, share=2, most=128), "A wide middle that gives back more detail, and more of the noise."
    if len(facts.input_shape) == 3:
        model = _built(empty, *_residual_stages(facts.input_shape, facts.row_counts[0]))
        return model, "Residual blocks with batch norm: slower to train, usually the best on images."
    if facts.row_counts[0] < FEW_ROWS:
        model = stack(*dense(128, 128, dropout=0.5), Linear())
        return model, "Two wide layers with strong dropout: more to fit with, held back for so few rows."
    width = 256
    blocks = [_block("dense-residual", (width,)) for _ in range(2)]
    model = _built(
        empty, _layers(Linear(out_features=width, activation=ReLU())), *blocks, _layers(Dropout(p=0.2), Linear())
    )
    return model, "Wide residual layers: slower to train, better where columns act together."


def _residual_stages(shape: Shape, rows: int) -> list[Edit]:
    """Each stage doubles the channels and halves the image, until it is 4 pixels or the channels are plenty."""
    side, channels = min(shape[1:]), 32
    most = 64 if rows < FEW_ROWS else 128
    stages = []
    while True:
        stages += [
            _layers(Conv2d(out_channels=channels, bias=False), BatchNorm2d(activation=ReLU())),
            _block("residual", (channels, *shape[1:])),
        ]
        if side < 8 or channels >= most:
            break
        stages.append(_layers(MaxPool2d()))
        side, channels = side // 2, channels * 2
    return [*stages, _layers(AdaptiveAvgPool2d(output_size=1), Flatten(), Dropout(p=0.2), Linear())]


def _layers(*layers: Layer) -> Edit:
    """These at the end."""
    return PasteNodes(nodes=stack(*layers).nodes)


def _block(name: str, shape: Shape) -> Edit:
    return AddBlock(block=fitted(BLOCKS[name], shape))


def _built(empty: Project, *edits: Edit) -> ModelSpec:
    return apply(empty, *edits).model
