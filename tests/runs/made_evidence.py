"""Evidence of runs that never were, made of a few figures."""

import numpy as np

from builder.catalogue.activations import ACTIVATIONS
from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import AdamW
from builder.runs.doctor import Evidence
from builder.runs.events import STEP, Events
from builder.runs.telemetry import Sample
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from tests.projects import facts_of, stacked

STEPS_PER_EPOCH = 10


def project_with(lr: float = 0.001, **training) -> Project:
    """Two hidden layers of 16 with AdamW, whose usual learning rate is 0.001."""
    hidden = (Linear(out_features=16, activation=ACTIVATIONS["ReLU"]()) for _ in range(2))
    return stacked(*hidden, Linear(), **{"optimizer": AdamW(lr=lr), "epochs": 100} | training)


def evidence_with(
    train: list[float],
    validation: list[float] | None = None,
    *,
    first: float | None = None,
    accuracies: tuple[float, float] | None = None,
    project: Project | None = None,
    facts: DataFacts | None = None,
    **given,
) -> Evidence:
    """Of a run with these losses after its epochs; the loss of each step is that of its epoch, but for the first."""
    losses = [loss for loss in train for _ in range(STEPS_PER_EPOCH)]
    losses[0] = train[0] if first is None else first
    steps = [(at, at / STEPS_PER_EPOCH, loss, float(at)) for at, loss in enumerate(losses, 1)]
    known = [{} if accuracies is None else {"Accuracy": accuracy} for accuracy in accuracies or (0, 0)]
    epochs = [
        {
            "epoch": at, "step": at * STEPS_PER_EPOCH, "lr": 0.001,
            "train": {"loss": loss} | known[0], "validation": {"loss": other} | known[1],
        }
        for at, (loss, other) in enumerate(zip(train, validation or train, strict=True), 1)
    ]  # fmt: skip
    project = project or project_with()
    return Evidence(project, project, facts or facts_of(), Events(np.array(steps, STEP), epochs), **given)


def sample_at(step: int, layers: dict[str, dict], **figures) -> Sample:
    usual = {"grad_norm": 1.0, "weight_norm": 1.0, "update_norm": 0.001, "dead": None}
    full = {name: usual | layer for name, layer in layers.items()}
    norm = float(np.sqrt(sum(layer["grad_norm"] ** 2 for layer in full.values())))
    return {"step": step, "lr": 0.001, "grad_norm": norm, "data_share": 0.05, "layers": full, **figures}


def samples_of(layers: dict[str, dict], last_step: int, **figures) -> tuple[Sample, ...]:
    """The same at each tenth step."""
    return tuple(sample_at(step, layers, **figures) for step in range(1, last_step + 1, 10))
