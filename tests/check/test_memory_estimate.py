"""The estimate of training memory against what autograd really keeps, counted on the meta device."""

import pytest

from builder.catalogue.activations import ReLU, Sigmoid
from builder.catalogue.layer import Layer
from builder.catalogue.layers import (
    GRU,
    LSTM,
    RNN,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    CrossAttention,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    MultiheadAttention,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from builder.check.proposals import proposals
from builder.check.report import check
from builder.spec.model import INPUT
from builder.spec.project import Project
from builder.training.footprint import footprint
from tests.check.training_step import MadeExamples
from tests.projects import facts_of, stacked, table_data, wired

IMAGES = facts_of((3, 32, 32), "multiclass", 6_000)
DENSE = (Linear(out_features=128, activation=ReLU()), Dropout(), Linear(out_features=64, activation=ReLU()), Linear())
LENET = (
    Conv2d(out_channels=6, activation=Sigmoid()), AvgPool2d(), Conv2d(out_channels=16, activation=Sigmoid()), AvgPool2d(),
    Flatten(), Linear(out_features=120, activation=Sigmoid()), Linear(),
)  # fmt: skip
NORMED = (
    Conv2d(out_channels=32), BatchNorm2d(activation=ReLU()), MaxPool2d(), Conv2d(out_channels=64), BatchNorm2d(activation=ReLU()),
    MaxPool2d(), Flatten(), Linear(),
)  # fmt: skip
RESIDUAL = proposals(table_data(), IMAGES)[2]


def read_by(layer: Layer) -> Project:
    """A sequence that takes another one, of 40 features, as its memory."""
    nodes = ("memory", Linear(out_features=40), (INPUT,)), ("own", layer, (INPUT, "memory"))
    return wired(*nodes, ("flat", Flatten()), ("out", Linear()), batch_size=16)


PROJECTS = {
    "dense": stacked(Flatten(), *DENSE, batch_size=128),
    "LeNet": stacked(*LENET),
    "batch norm": stacked(*NORMED),
    "residual": Project(data=table_data(), model=RESIDUAL.model, training=RESIDUAL.training),
}
STEPS = facts_of((24, 32), "multiclass", 6_000)
SEQUENCES = {
    "attention": stacked(MultiheadAttention(), Flatten(), Linear(), batch_size=16),
    "encoder": stacked(TransformerEncoderLayer(), Flatten(), Linear(), batch_size=16),
    "cross-attention": read_by(CrossAttention()),
    "decoder with a memory": read_by(TransformerDecoderLayer()),
    "LSTM": stacked(LSTM(hidden_size=48, output="all"), Flatten(), Linear(), batch_size=16),
    "GRU": stacked(GRU(hidden_size=48, output="all"), Flatten(), Linear(), batch_size=16),
    "RNN": stacked(RNN(hidden_size=48, output="all"), Flatten(), Linear(), batch_size=16),
}


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_the_estimate_is_within_20_percent_of_what_torch_keeps(project):
    exact = footprint(project, IMAGES, MadeExamples(project, IMAGES), project.training.batch_size)
    counted = exact.parameters + exact.gradients + exact.optimizer + exact.saved
    assert check(project, IMAGES).memory_bytes == pytest.approx(counted, rel=0.2)


@pytest.mark.parametrize("project", SEQUENCES.values(), ids=SEQUENCES)
def test_what_is_kept_of_sequences_is_within_two_fifths(project):
    exact = footprint(project, STEPS, MadeExamples(project, STEPS), project.training.batch_size)
    report = check(project, STEPS)
    assert report.row_bytes * report.batch_size == pytest.approx(exact.saved, rel=0.4)
