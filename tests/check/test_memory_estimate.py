"""The estimate of training memory against what autograd really keeps, counted on the meta device."""

import pytest

from builder.catalogue.activations import ReLU, Sigmoid
from builder.catalogue.layers import AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d
from builder.check.proposals import proposals
from builder.check.report import check
from builder.spec.project import Project
from builder.training.footprint import footprint
from tests.check.training_step import MadeExamples
from tests.projects import facts_of, stacked, table_data

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
PROJECTS = {
    "dense": stacked(Flatten(), *DENSE, batch_size=128),
    "LeNet": stacked(*LENET),
    "batch norm": stacked(*NORMED),
    "residual": Project(data=table_data(), model=RESIDUAL.model, training=RESIDUAL.training),
}


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_the_estimate_is_within_20_percent_of_what_torch_keeps(project):
    exact = footprint(project, IMAGES, MadeExamples(project, IMAGES), project.training.batch_size)
    counted = exact.parameters + exact.gradients + exact.optimizer + exact.saved
    assert check(project, IMAGES).memory_bytes == pytest.approx(counted, rel=0.2)
