"""A run that takes long enough to be killed, and whose loss series does not amplify what is rounded otherwise."""

from pathlib import Path

from builder.catalogue.layers import Linear
from builder.catalogue.losses import CrossEntropy
from builder.catalogue.optimizers import SGD
from builder.data.propose import propose
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from tests.trained import carry

STEPS = 7
"""In an epoch of its 105 training rows."""


def project(epochs: int) -> Project:
    settings = TrainingSpec(loss=CrossEntropy(), optimizer=SGD(lr=0.01), epochs=epochs, batch_size=16)
    return Project(name="Iris", data=propose(SampleSource(name="iris")), model=stack(Linear()), training=settings)


def steps_of(run: Run) -> list[int]:
    return EventReader(RunFolder(run.folder)).read().steps["step"].tolist()


def losses_of(run: Run) -> list[float]:
    return EventReader(RunFolder(run.folder)).read().steps["loss"].tolist()


def losses_of_one_process(epochs: int) -> list[float]:
    return losses_of(carry(project(epochs)))


def ranks_of(torchrun: int) -> list[int]:
    """Its processes, in the order of their ranks on this machine."""
    return sorted(int(word) for word in Path(f"/proc/{torchrun}/task/{torchrun}/children").read_text().split())
