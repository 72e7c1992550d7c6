"""Writes and follows what happens in a run: append-only files that survive a crash at any byte."""

import json
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from builder.files import bytes_from, write_atomically
from builder.runs.folder import RunFolder
from builder.runs.growing import GrowingArray
from builder.runs.step_figures import FigureReader, FigureWriter

STEP = np.dtype([("step", "<i8"), ("epoch", "<f8"), ("loss", "<f8"), ("elapsed_s", "<f8")])
FLUSH_ROWS = 50
FLUSH_S = 0.25


@dataclass(frozen=True)
class Events:
    """All events so far: `steps` is an array of STEP records, `epochs` one dict for each epoch; `step_metrics` has by the
    kind of each metric that was asked for its figures of the same steps."""

    steps: np.ndarray
    epochs: list[dict[str, Any]]
    step_metrics: dict[str, np.ndarray] = field(default_factory=dict)


class EventWriter:
    """One for each run; goes on after a step, in an epoch: what an earlier writer wrote of both's end and later goes."""

    def __init__(self, folder: RunFolder, after_step: int = 0, in_epoch: float = math.inf) -> None:
        self._folder = folder
        folder.path.mkdir(parents=True, exist_ok=True)
        _cut(folder, after_step, in_epoch)
        self._steps = open(folder.steps, "ab")
        self._epochs = open(folder.epochs, "ab")
        self._rows: list[tuple[int, float, float, float]] = []
        self._figures: FigureWriter | None = None
        self._flushed_at = 0.0

    def plan(self, epochs: int, steps_per_epoch: int, train_rows: int, step_metrics: Sequence[str] = ()) -> None:
        """Says how much there is to do, and what will be measured at each step."""
        plan = {"epochs": epochs, "steps_per_epoch": steps_per_epoch, "train_rows": train_rows}
        if step_metrics:
            plan["step_metrics"] = list(step_metrics)
            self._figures = FigureWriter(self._folder.step_metrics, step_metrics, self._steps.tell() // STEP.itemsize)
        write_atomically(self._folder.plan, json.dumps(plan).encode())

    def measured(self, figures: Mapping[str, float]) -> None:
        """What was measured at the step that is told next."""
        self._figures.add(figures)

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        """Kept in memory for 50 rows or a quarter of a second at most, while steps go on."""
        self._rows.append((step, epoch, loss, elapsed_s))
        if len(self._rows) >= FLUSH_ROWS or time.monotonic() - self._flushed_at >= FLUSH_S:
            self.flush()

    def epoch(self, row: dict[str, Any]) -> None:
        """Appended at once, after the steps before it. NaN and infinite figures are kept as such."""
        self.flush()
        self._epochs.write(json.dumps(row, default=float).encode() + b"\n")
        self._epochs.flush()

    def flush(self) -> None:
        if self._figures:
            self._figures.flush()
        if self._rows:
            self._steps.write(np.array(self._rows, STEP).tobytes())
            self._rows.clear()
        self._steps.flush()
        self._flushed_at = time.monotonic()

    def close(self) -> None:
        self.flush()
        self._steps.close()
        self._epochs.close()
        if self._figures:
            self._figures.close()

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class EventReader:
    """Follows a run: each `read` takes in the new bytes alone. Safe to share between threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._steps = GrowingArray(STEP)
        self._epochs: list[dict[str, Any]] = []
        self._epoch_bytes = 0
        self._figures = FigureReader(self._folder.step_metrics)
        self._measured: list[str] | None = None
        self._files = self._file_numbers()

    def _file_numbers(self) -> tuple[int, int]:
        return _file_number(self._folder.steps), _file_number(self._folder.epochs)

    @property
    def plan(self) -> dict[str, Any] | None:
        """`epochs`, `steps_per_epoch`, `train_rows` and perhaps `step_metrics`; None until the run knows them."""
        try:
            return json.loads(self._folder.plan.read_bytes())
        except FileNotFoundError:
            return None

    def read(self) -> Events:
        """All events so far; empty before the first."""
        with self._lock:
            if self._began_anew():
                self._forget()
            self._take_steps()
            self._take_epochs()
            steps = self._steps.numbers
            steps.flags.writeable = False
            return Events(steps, list(self._epochs), self._figures.read(self._names(), len(steps)))

    def _names(self) -> list[str]:
        """Of the metrics of each step; the plan is there before the first."""
        if self._measured is None and len(self._steps):
            self._measured = (self.plan or {}).get("step_metrics", [])
        return self._measured or []

    def _began_anew(self) -> bool:
        """Other files under the same names are of a writer that went on from an earlier step."""
        return self._file_numbers() != self._files

    def _take_steps(self) -> None:
        content = bytes_from(self._folder.steps, len(self._steps) * STEP.itemsize)
        self._steps.extend(np.frombuffer(_whole(content), STEP))

    def _take_epochs(self) -> None:
        content = bytes_from(self._folder.epochs, self._epoch_bytes)
        whole = content[: content.rfind(b"\n") + 1]
        self._epochs += [json.loads(line) for line in whole.splitlines()]
        self._epoch_bytes += len(whole)


def _cut(folder: RunFolder, after_step: int, in_epoch: float) -> None:
    """Into new files, by which readers notice; what a killed writer left half written goes too."""
    steps = np.frombuffer(_whole(bytes_from(folder.steps, 0)), STEP)
    write_atomically(folder.steps, steps[steps["step"] <= after_step].tobytes())
    lines = bytes_from(folder.epochs, 0).split(b"\n")[:-1]  # after the last newline: nothing, or half a line
    told = ((line, json.loads(line)) for line in lines)
    kept = [line + b"\n" for line, epoch in told if epoch["step"] <= after_step and epoch["epoch"] < in_epoch]
    write_atomically(folder.epochs, b"".join(kept))


def _whole(content: bytes) -> bytes:
    return content[: len(content) // STEP.itemsize * STEP.itemsize]


def _file_number(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0
