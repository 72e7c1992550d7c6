"""The projects whose exports are tested: every kind of answer, column and image."""

from pathlib import Path

from builder.catalogue.activations import GELU, LogSoftmax, PReLU, ReLU
from builder.catalogue.layers import (
    AdaptiveAvgPool2d,
    Add,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv2d,
    Dropout,
    Flatten,
    LayerNorm,
    Linear,
    MaxPool2d,
)
from builder.catalogue.losses import MSE, NLL, BCEWithLogits, CrossEntropy, Focal, GaussianNLL, Huber, PoissonNLL
from builder.data.propose import propose
from builder.spec.data import TableData
from builder.spec.model import ModelSpec, Node
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec

ANSWERS = ("two", "three", "amount")
HIDDEN = Linear(out_features=8, activation=ReLU())


def table(path: Path, target: str, keep: tuple[str, ...] | None = None, **column) -> TableData:
    """The awkward table with one of its answers as target; of the features those in `keep`, or all."""
    data = propose(FileSource(path=str(path)), target=target)
    columns = tuple(
        each.model_copy(update={"role": "ignored"}) if each.role == "feature" and (each.name in ANSWERS or (keep and each.type not in keep))
        else each.model_copy(update={name: value for name, value in column.items() if each.type == "category"}) if each.role == "feature"
        else each
        for each in data.columns
    )  # fmt: skip
    return data.model_copy(update={"columns": columns, "license": "CC0-1.0"})


def project(data, model, loss, epochs=6) -> Project:
    settings = TrainingSpec(loss=loss, epochs=epochs, batch_size=16)
    return Project(name="Größe <b>", data=data, model=model, training=settings)


def skip() -> ModelSpec:
    return ModelSpec(nodes=(
        Node(id="class", layer=Linear(out_features=8, activation=GELU())), Node(id="forward", layer=HIDDEN),
        Node(id="sum", layer=Add(activation=ReLU()), inputs=("forward", "class")),
        Node(id="both", layer=Concat(), inputs=("sum", "input")), Node(id="last", layer=Linear()),
    ))  # fmt: skip


def images(path: Path, color: str, *layers) -> Project:
    data = propose(FileSource(path=str(path))).model_copy(update={"color": color, "height": 12, "width": 10})
    return project(data, stack(*layers), CrossEntropy(), epochs=3)


def given_back(data, *layers) -> Project:
    return project(data.model_copy(update={"task": "reconstruction"}), stack(*layers), MSE(), epochs=3)


NORMED = (HIDDEN, BatchNorm1d(), Dropout(p=0.4), LayerNorm(activation=PReLU()), Linear())
CONVOLUTIONS = (Conv2d(out_channels=4), BatchNorm2d(activation=ReLU()), MaxPool2d(), Dropout(p=0.3), Conv2d(out_channels=6), AdaptiveAvgPool2d(), Flatten(), Linear())  # fmt: skip

CASES = {
    "two classes, one logit": lambda rows, _: project(table(rows, "two"), stack(HIDDEN, Linear()), BCEWithLogits()),
    "two classes, two logits": lambda rows, _: project(table(rows, "two", encoding="ordinal"), stack(*NORMED), CrossEntropy()),
    "log-softmax, skips": lambda rows, _: project(table(rows, "three"), ModelSpec(nodes=(*skip().nodes, Node(id="log", layer=LogSoftmax()))), NLL()),
    "three classes, skips": lambda rows, _: project(table(rows, "three", impute="own_category"), skip(), CrossEntropy()),
    "a number": lambda rows, _: project(table(rows, "amount"), stack(*NORMED), Huber()),
    "a count": lambda rows, _: project(table(rows, "amount"), stack(HIDDEN, Linear()), PoissonNLL()),
    "a number and its variance": lambda rows, _: project(table(rows, "amount"), stack(HIDDEN, Linear()), GaussianNLL()),
    "weighted classes": lambda rows, _: project(table(rows, "three"), stack(HIDDEN, Linear()), Focal(class_weights="balanced")),
    "only numbers": lambda rows, _: project(table(rows, "amount", keep=("number", "date")), stack(HIDDEN, Linear()), MSE()),
    "only categories": lambda rows, _: project(table(rows, "three", keep=("category", "boolean")), stack(HIDDEN, Linear()), CrossEntropy()),
    "colour images": lambda _, halves: images(halves, "rgb", *CONVOLUTIONS),
    "rows given back": lambda rows, _: given_back(table(rows, "two", keep=("number", "date")), HIDDEN, Linear()),
    "images given back": lambda _, halves: given_back(images(halves, "rgb").data, Conv2d(out_channels=4, activation=ReLU()), Conv2d(out_channels=3)),
    "grey images, dense": lambda _, halves: images(halves, "grayscale", Flatten(), HIDDEN, Linear()),
}  # fmt: skip
