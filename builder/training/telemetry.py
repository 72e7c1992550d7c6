"""Looks inside a training now and then, for at most a fiftieth of its time, and changes nothing about it."""

import math
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from builder.nn.graph import GraphModel
from builder.runs.telemetry import TelemetryWriter
from builder.training.dead_units import DeadUnits
from builder.training.layer_figures import NO_WEIGHTS, LayerFigures, rounded
from builder.training.machine_use import MachineUse

SHARE = 0.02
"""Of the training time that all looks together may take."""
FIRST_S, EVERY_S = 0.1, 1.0
DOUBLES_AFTER, DOUBLES_AFTER_BYTES = 200, 524_288
"""Samples, or bytes, after which the time between two doubles: so the file of a week is a few MB."""


class Stopwatch:
    """Adds up the time inside its `with` blocks."""

    def __init__(self) -> None:
        self.total_s, self._began = 0.0, 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.total_s += time.perf_counter() - self._began


class SampleClock:
    """Says when it is time to look: at the first step, then soon, then about each second and ever more rarely."""

    def __init__(self, now: float):
        self._began, self._cost_s = now, 0.0
        self._taken, self._least_s = 0, math.inf
        self.due_at = now  # the first step shows the model as it was initialized

    def took(self, now: float, cost_s: float, count: int, size_bytes: int) -> None:
        """The next one comes once it is paid for as well. `count` and `size_bytes` are those of the file.

        What it will cost is the least that one has cost so far: more was mostly spent waiting for a processor.
        """
        self._cost_s, self._least_s = self._cost_s + cost_s, min(self._least_s, cost_s)
        doublings = max(count // DOUBLES_AFTER, size_bytes // DOUBLES_AFTER_BYTES)
        interval = min(EVERY_S, FIRST_S * 2**self._taken) * 2**doublings
        self._taken += 1
        self.due_at = max(now + interval, self._began + (self._cost_s + self._least_s) / SHARE)


class NoTelemetry:
    """Stands where nobody wants to look inside."""

    inputs_timer: AbstractContextManager = nullcontext()
    is_due = False
    """Whether it wants to look at the step that has begun."""

    def begin_step(self) -> None: ...

    def before_clipping(self) -> None: ...

    def before_update(self) -> None: ...

    def after_step(self, step: int, epoch: float, elapsed_s: float, lr: float) -> None: ...

    def after_stride(self, steps: int) -> None: ...


class Telemetry(NoTelemetry):
    """Told of each step by the loop; unless a sample is due, this is one look at the clock."""

    def __init__(self, model: GraphModel, dead_units: DeadUnits, rows_per_step: int, writer: TelemetryWriter):
        self.inputs_timer = Stopwatch()
        self._layers, self._dead = LayerFigures(model), dead_units
        self._machine = MachineUse(next(model.parameters()).device)
        self._rows_per_step, self._writer = rows_per_step, writer
        self._warm_up()
        self._step_began = time.perf_counter()
        self._clock = SampleClock(self._step_began)
        self._steps, self._steps_s = 0, 0.0
        """Since the last sample."""
        self.is_due, self._cost_s = False, 0.0
        self._norms: dict[str, float] = {}

    def _warm_up(self) -> None:
        """The first time of anything takes several times as long, which the budget would wait for."""
        self._layers.before_update()
        self._layers.after_update()

    def begin_step(self) -> None:
        self._step_began = time.perf_counter()
        self.is_due = self._step_began >= self._clock.due_at

    def before_clipping(self) -> None:
        """Called only where gradients are clipped."""
        if self.is_due and "grad_norm_before" not in self._norms:  # LBFGS computes gradients several times in a step
            began = time.perf_counter()
            self._norms["grad_norm_before"] = self._layers.grad_norm
            self._cost_s += time.perf_counter() - began

    def before_update(self) -> None:
        """With the gradient that the step will take."""
        if self.is_due:
            began = time.perf_counter()
            self._norms["grad_norm"] = self._layers.grad_norm
            self._layers.before_update()
            self._cost_s += time.perf_counter() - began

    def after_stride(self, steps: int) -> None:
        """Of so many steps, none of which it wanted to look at."""
        self._steps, self._steps_s = self._steps + steps, self._steps_s + time.perf_counter() - self._step_began

    def after_step(self, step: int, epoch: float, elapsed_s: float, lr: float) -> None:
        began = time.perf_counter()
        self._steps, self._steps_s = self._steps + 1, self._steps_s + began - self._step_began
        if not self.is_due:
            return
        sample = {"step": step, "epoch": round(epoch, 4), "elapsed_s": round(elapsed_s, 3), "lr": lr, **self._norms}
        self._writer.append(sample | self._speed() | self._machine.look() | {"layers": self._layer_figures()})
        now = time.perf_counter()
        self._clock.took(now, self._cost_s + now - began, self._writer.count, self._writer.size_bytes)
        self.is_due, self._cost_s, self._norms = False, 0.0, {}

    def _speed(self) -> dict[str, float]:
        """Of the steps alone: without the epochs' ends, and without the look inside."""
        steps_s, self._steps_s = max(self._steps_s - self._cost_s, 1e-9), 0.0
        rows, self._steps = self._steps * self._rows_per_step, 0
        inputs_s, self.inputs_timer.total_s = self.inputs_timer.total_s, 0.0
        return {"data_share": round(min(inputs_s / steps_s, 1.0), 4), "rows_per_s": rounded(rows / steps_s)}

    def _layer_figures(self) -> dict[str, dict[str, Any]]:
        """Layers without weights are named only if they have units that can die."""
        found = self._layers.after_update()
        for name, share in self._dead.shares().items():
            found.setdefault(name, dict(NO_WEIGHTS))["dead"] = share
        return found
