"""Shows a training's progress on the terminal, on stderr so that stdout holds results alone."""

import math
import sys
import threading
import time

from builder.runs.run import Request
from builder.training.best import Best
from builder.training.loop import Trainer
from builder.training.watching import Watcher

WIDTH = 24
EVERY_S = 0.2
SILENT_S = 5.0
"""Without a line."""


class ProgressWatcher(Watcher):
    """Passes everything on to another watcher and draws a bar; if nobody watches live, one line for the first epoch, for
    each tenth, and after a while without any."""

    def __init__(self, watcher: Watcher, epochs: int, interrupt: threading.Event):
        self._watcher, self._epochs, self._interrupt = watcher, epochs, interrupt
        self._is_live, self._shown_at, self._tenth = sys.stderr.isatty(), 0.0, 0
        self._told_at, self._best, self._last = -math.inf, 0, ""
        self._began: tuple[float, float] | None = None
        """Epoch and seconds of the first step that was told: a forked or resumed run begins in the midst."""

    @property
    def steps_at_once(self) -> int:
        return self._watcher.steps_at_once

    def measured(self, figures: dict[str, float]) -> None:
        self._watcher.measured(figures)

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self._watcher.step(step, epoch, loss, elapsed_s)
        self._began = self._began or (epoch, elapsed_s)
        if self._is_live and time.monotonic() - self._shown_at >= EVERY_S:
            self._draw(epoch, elapsed_s)

    def epoch(self, record: dict) -> None:
        self._watcher.epoch(record)
        figures = "  ".join(f"{name} {value:.4f}" for name, value in list(record["validation"].items())[:2])
        self._best = record["epoch"] if record["is_best"] else self._best
        best = f"  best so far: epoch {self._best}" if self._best else ""
        self._last = f"validation {figures}{best}"
        tenth, now = 10 * record["epoch"] // self._epochs, time.monotonic()
        if self._is_live:
            self._draw(record["epoch"], record["elapsed_s"])
        elif tenth > self._tenth or now - self._told_at >= SILENT_S:
            self._tenth, self._told_at = tenth, now
            print(f"epoch {record['epoch']} of {self._epochs}  {self._last}", file=sys.stderr)

    def improved(self, best: Best) -> None:
        self._watcher.improved(best)

    def could_save(self, trainer: Trainer, *, must: bool = False) -> None:
        self._watcher.could_save(trainer, must=must)

    def asked_lr(self, step: int, epoch: float) -> float | None:
        return self._watcher.asked_lr(step, epoch)

    def should_stop(self) -> Request | None:
        return "stop" if self._interrupt.is_set() else self._watcher.should_stop()

    def close(self) -> None:
        """Ends the line of the bar, so that what comes next has one of its own."""
        if self._shown_at:
            print(file=sys.stderr)

    def _draw(self, epoch: float, elapsed_s: float) -> None:
        self._shown_at = time.monotonic()
        share = min(1.0, epoch / self._epochs)
        left = self._left(epoch, elapsed_s)
        bar = "█" * round(share * WIDTH) + "·" * (WIDTH - round(share * WIDTH))
        print(f"\r{bar} epoch {int(epoch)} of {self._epochs}{left}  {self._last}\033[K", end="", file=sys.stderr, flush=True)  # fmt: skip

    def _left(self, epoch: float, elapsed_s: float) -> str:
        """At the pace since this process began; nothing before its second step."""
        began_epoch, began_s = self._began or (epoch, elapsed_s)
        if epoch <= began_epoch:
            return ""
        left_s = (elapsed_s - began_s) / (epoch - began_epoch) * max(0.0, self._epochs - epoch)
        return f", {left_s:.0f} s left"
