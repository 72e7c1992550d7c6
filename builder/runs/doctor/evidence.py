"""What is known of a run, as far as it has come: the doctor's rules read nothing else."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from builder.catalogue.losses import Loss
from builder.runs.doctor.skill import UNKNOWN, Skill, skill_of
from builder.runs.events import Events
from builder.runs.run import Status
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

Part = Literal["train", "validation"]
Sample = Mapping[str, Any]
"""One line of the run's telemetry."""
EARLY_STEPS = 3
"""Samples up to here show the model nearly as it was initialized."""
POOR = 0.3
"""Share of the first loss above which little was learned."""
MOSTLY_DEAD = 0.6
"""Share of a layer's units."""
GOOD_SKILL = 0.9
"""Share of the baseline's error that is gone where a model has learned its rows."""


@dataclass(frozen=True)
class Evidence:
    """`project` is the run's own; fixes change `present`, the project as it stands now."""

    project: Project
    present: Project
    facts: DataFacts
    events: Events
    samples: tuple[Sample, ...] = ()
    leaks: tuple[tuple[str, str], ...] = ()
    """Columns that give the target away by themselves, each with how that was seen."""
    evaluation: Mapping[str, Any] | None = None
    status: Status = "running"
    message: str = ""
    changed_lr: tuple[int, float] | None = None
    """The step from which on a learning rate that was set by hand is in force, and that rate."""
    is_fresh: bool = True
    """Whether it began with weights that knew nothing, as a forked run and an imported model do not."""

    def until(self, step: int) -> "Evidence":
        """What was known after this step, while the run went on."""
        steps = self.events.steps
        events = Events(steps[: int(np.searchsorted(steps["step"], step, side="right"))], self._epochs_until(step))
        samples = tuple(sample for sample in self.samples if sample["step"] <= step)
        return replace(self, events=events, samples=samples, evaluation=None, status="running")

    def _epochs_until(self, step: int) -> list[dict[str, Any]]:
        return [epoch for epoch in self.events.epochs if epoch["step"] <= step]

    def since_lr(self) -> "Evidence":
        """What has happened at the learning rate that is in force."""
        if self.changed_lr is None:
            return self
        step, events = self.changed_lr[0], self.events
        steps = events.steps[int(np.searchsorted(events.steps["step"], step)) :]
        epochs = [epoch for epoch in events.epochs if epoch["step"] > step]
        samples = tuple(sample for sample in self.samples if sample["step"] >= step)
        return replace(self, events=Events(steps, epochs), samples=samples)

    @property
    def lr(self) -> float:
        """In force now, before the schedule takes its share of it."""
        return self.training.optimizer.lr if self.changed_lr is None else self.changed_lr[1]

    @property
    def training(self) -> TrainingSpec:
        return self.project.training

    @property
    def loss(self) -> Loss:
        return self.training.loss

    @property
    def epochs(self) -> list[dict[str, Any]]:
        return self.events.epochs

    @property
    def is_over(self) -> bool:
        """Whether it has come to the end that it was meant to come to."""
        return self.status == "finished" and len(self.epochs) >= self.training.epochs

    @property
    def first_loss(self) -> float:
        """Of the first batch, before any step; NaN before there is one, and where the model knew something already."""
        return float(self.events.steps["loss"][0]) if self.is_fresh and len(self.events.steps) else math.nan

    def losses(self, part: Part) -> np.ndarray:
        """Of each epoch; NaN where it was not measured."""
        return self._losses[part]

    @cached_property
    def _losses(self) -> dict[Part, np.ndarray]:
        parts: tuple[Part, ...] = ("train", "validation")
        return {part: np.array([epoch[part].get("loss", math.nan) for epoch in self.epochs], float) for part in parts}

    def figure(self, part: Part, kind: str) -> float:
        """Of the last epoch."""
        return float(self.epochs[-1][part].get(kind, math.nan)) if self.epochs else math.nan

    @property
    def level(self) -> float:
        """The training loss of the last epoch as a share of the first batch's; NaN if either is not known."""
        return self.figure("train", "loss") / self.first_loss if self.first_loss > 0 else math.nan

    def skill(self, part: Part) -> float:
        """1 for no error, 0 for what always giving one answer would reach; NaN if no figure says so."""
        return self.judged(part).share

    def judged(self, part: Part) -> Skill:
        """By the figures of the last epoch."""
        return skill_of(self.epochs[-1][part], self.loss, self.facts) if self.epochs else UNKNOWN

    @property
    def learned_little(self) -> bool:
        return self.level > POOR and not self.skill("train") >= GOOD_SKILL

    @cached_property
    def first_gradient(self) -> float:
        """Length of the whole gradient nearly before any step; NaN if it was not measured."""
        early = [_norm(sample) for sample in self.samples if sample["step"] <= EARLY_STEPS]
        return early[0] if early else math.nan

    @property
    def dead_share(self) -> float:
        """Of the units of the layer that has most of them, as seen last; 0 if no layer's can die."""
        *_, (_, latest) = (None, {}), *self.of_layers("dead")
        return max(latest.values(), default=0.0)

    def of_layers(self, name: str) -> Iterator[tuple[Sample, dict[str, float]]]:
        """Each sample with this figure of every layer that has one."""
        for sample in self.samples:
            found = {layer: figures.get(name) for layer, figures in sample["layers"].items()}
            yield sample, {layer: float(value) for layer, value in found.items() if _is_number(value)}


def _norm(sample: Sample) -> float:
    return float(sample.get("grad_norm_before") or sample["grad_norm"])


def _is_number(value: Any) -> bool:
    return value is not None and not math.isnan(value)
