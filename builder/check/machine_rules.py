"""Rules for the device and the precision of the arithmetic: what this machine lacks, or would be slower with."""

from collections.abc import Iterator

from builder.check.edits import UpdateTraining
from builder.check.problem import Fix, Problem, error, warning
from builder.spec.machine import Machine
from builder.spec.project import Project

_FULL = Fix("Use full precision", (UpdateTraining(changes={"precision": "float32"}),))


def precision_problems(project: Project) -> Iterator[Problem]:
    """What holds on any machine."""
    training = project.training
    if training.precision == "mixed" and training.optimizer.takes_closure:
        message = f"is mixed, but {training.optimizer.label} compares the losses of several tries within a step, which differ by less than it rounds off. Use full precision."
        yield error("Precision", message, _FULL, field="precision")


def machine_problems(project: Project, machine: Machine) -> Iterator[Problem]:
    training = project.training
    if training.device == "cuda" and not machine.accelerators:
        fix = Fix("Use auto", (UpdateTraining(changes={"device": "auto"}),))
        message = (
            "is cuda, but this machine has no NVIDIA card that torch can use. Use auto, which takes the processor."
        )
        yield error("Device", message, fix, field="device")
    elif training.precision == "mixed" and not machine.mixes_well and not trains_on_card(project, machine):
        message = "is mixed, but this machine's processor gets slower by it, about twice. Use full precision."
        yield warning("Precision", message, _FULL, field="precision")


def trains_on_card(project: Project, machine: Machine) -> bool:
    return bool(machine.accelerators) and project.training.device != "cpu"
