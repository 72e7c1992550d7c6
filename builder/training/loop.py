"""Trains one model: reads top to bottom."""

import math
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from builder.catalogue.regularization import GradientClipping, MaxNorm, ValueClipping
from builder.errors import RunError
from builder.evaluation.metrics import MetricBoard
from builder.nn.batches import epoch_batches, parts_of
from builder.nn.graph import build
from builder.nn.initial_weights import build_initial
from builder.nn.limits import limit_norms
from builder.nn.whole import metric_call
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import LOSS
from builder.training.best import Best, Patience, best_of
from builder.training.examples import Examples
from builder.training.optimizers import build_optimizer
from builder.training.penalties import weight_penalty
from builder.training.rates import Rates
from builder.training.telemetry import NoTelemetry

EVALUATION_BATCH = 1024
METRIC_ROWS, METRIC_VALUES = 10_000, 4_000_000
"""Training metrics are over at most this many of an epoch's last rows, and of the values that the model gave for them;
sorting more would cost more than training."""


class Watcher(Protocol):
    """Told of everything that happens; may ask for a stop."""

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None: ...
    def epoch(self, record: dict) -> None: ...
    def improved(self, best: Best) -> None: ...
    def should_stop(self) -> bool: ...


class Gradients(NamedTuple):
    """What was computed on the way to the gradients of a step."""

    outputs: Tensor
    truth: Tensor
    loss: float
    penalty: float


class Trainer:
    """One training of one project. The same project, data and seed give the same weights."""

    def __init__(self, project: Project, facts: DataFacts, examples: Examples, watcher: Watcher):
        torch.manual_seed(project.training.seed)
        self.training, self.examples, self.watcher = project.training, examples, watcher
        self.model = build_initial(project, facts)
        if len(facts.input_shape) == 3 and self.training.optimizer.takes_channels_last:
            self.model.to(memory_format=torch.channels_last)
        self.loss = build(self.training.loss.torch_call(facts))
        self.answer = build(metric_call(self.training.loss, examples.preprocessing, facts.task))
        self.gives_back = facts.task == "reconstruction"
        self.metric_rows = max(1, min(METRIC_ROWS, METRIC_VALUES // facts.target_size))
        self.metric_parts = -(-self.metric_rows // self.training.batch_size) + 1  # the last part may be small
        self.board = MetricBoard(self.training.metrics, facts.task, len(facts.classes))
        self.optimizer = build_optimizer(self.training.optimizer, self.model)
        self.rates = Rates(self.training, len(examples.train_rows), self.optimizer)
        self.step_rows = self.training.rows_per_step(len(examples.train_rows))
        self.clipping, self.value_clipping = (
            self.training.regularizer(kind) for kind in (GradientClipping, ValueClipping)
        )
        self.max_norm = self.training.regularizer(MaxNorm)
        self.best, self.patience = best_of(self.training), Patience(self.training)
        self.telemetry = NoTelemetry()
        self.step_number, self.stopped, self.started = 0, False, time.monotonic()
        self.gave_up_after: int | None = None
        """The epoch after which early stopping ended the training."""

    def run(self) -> Best:
        """Trains to the last epoch, early stopping or a stop, and leaves the best weights in the model.

        Raises: RunError if the loss is no longer a number; the best weights so far are in `best`.
        """
        for epoch in range(1, self.training.epochs + 1):
            train = self._train_epoch(epoch)
            if self.stopped and self.best.epoch:
                break
            validation = self.evaluate(self.examples.validation_rows)
            figure = validation[self.best.metric]
            is_best = self.best.offer(epoch, figure, self.model.state_dict())
            if is_best:
                self.watcher.improved(self.best)
            self.rates.tell(figure)
            self._report(epoch, train, validation, is_best)
            if self.stopped:
                break
            if self.patience.is_over(figure) and epoch < self.training.epochs:
                self.gave_up_after = epoch
                break
        if not all(tensor.isfinite().all() for tensor in self.best.state.values()):  # its very last step broke them
            self._require_finite(math.nan, self.best.epoch)
        self.model.load_state_dict(self.best.state)
        return self.best

    def evaluate(self, rows: Tensor) -> dict[str, float]:
        """Loss and metrics of these rows in evaluation mode."""
        outputs, examples = self.outputs(rows), self.examples
        return {LOSS: self.loss(outputs, examples.targets[rows]).item(), **self._metrics(outputs, examples.truth[rows])}

    @torch.no_grad()
    def outputs(self, rows: Tensor) -> Tensor:
        """What the last layer gives for these rows."""
        self.model.eval()
        return torch.cat([self.model(self.examples.inputs(part)) for part in rows.split(EVALUATION_BATCH)])

    def _train_epoch(self, epoch: int) -> dict[str, float]:
        self.model.train()
        batches = epoch_batches(self.examples.train_rows, self.step_rows, self.training.seed, epoch)
        began, total, done = time.monotonic(), 0.0, 0
        seen = deque(maxlen=-(-self.metric_rows // self.step_rows) + 1)  # the last batch may be small
        for number, rows in enumerate(batches, 1):
            self.telemetry.begin_step()
            outputs, truth, loss = self._train_step(rows, epoch)
            progress = epoch - 1 + number / len(batches)
            self.watcher.step(self.step_number, progress, loss, self._elapsed())
            self.telemetry.after_step(self.step_number, progress, self._elapsed(), self.rates.latest)
            total, done = total + loss * len(rows), done + len(rows)
            seen.append((outputs, truth))
            if self.watcher.should_stop():
                self.stopped = True
                break
        elapsed_s = max(time.monotonic() - began, 1e-9)
        outputs, truth = (torch.cat(part)[-self.metric_rows :] for part in zip(*seen, strict=True))
        return {LOSS: total / done, "rows_per_s": done / elapsed_s, **self._metrics(outputs, truth)}

    def _train_step(self, rows: Tensor, epoch: int) -> tuple[Tensor, Tensor, float]:
        self.rates.set_for(self.step_number)
        self.step_number += 1
        found = self._compute_gradients(rows, epoch)
        self._require_finite(found.loss + found.penalty, epoch)
        self.telemetry.before_update()
        if self.training.optimizer.takes_closure:
            self._step_by_tries(found, rows, epoch)
        else:
            self.optimizer.step()
        if self.max_norm is not None:
            limit_norms(self.model, self.max_norm.max_norm)
        return found.outputs, found.truth, found.loss

    def _compute_gradients(self, rows: Tensor, epoch: int) -> "Gradients":
        """Leaves the gradient of the mean loss over these rows in the weights, computed in parts of the batch size."""
        self.optimizer.zero_grad(set_to_none=True)
        outputs, truths, value = deque(maxlen=self.metric_parts), deque(maxlen=self.metric_parts), 0.0
        for part in parts_of(rows, self.training.batch_size):
            with self.telemetry.inputs_timer:
                x = self.examples.training_inputs(part, epoch)
            given = self.model(x)
            targets, truth = (x, x) if self.gives_back else (self.examples.targets[part], self.examples.truth[part])
            loss, share = self.loss(given, targets), len(part) / len(rows)
            (loss if share == 1 else loss * share).backward()
            value += loss.item() * share
            outputs.append(given.detach())
            truths.append(truth)
        penalty = weight_penalty(self.training, self.model)
        if penalty is not None:
            penalty.backward()
        if self.value_clipping is not None or self.clipping is not None:
            self.telemetry.before_clipping()
        if self.value_clipping is not None:
            nn.utils.clip_grad_value_(self.model.parameters(), self.value_clipping.clip_value)
        if self.clipping is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clipping.max_norm)
        return Gradients(_joined(outputs), _joined(truths), value, 0.0 if penalty is None else penalty.item())

    def _step_by_tries(self, found: "Gradients", rows: Tensor, epoch: int) -> None:
        """For an optimizer that asks for loss and gradients as often as it likes; the first are known."""
        waiting = [found]

        def closure() -> float:
            latest = waiting.pop() if waiting else self._compute_gradients(rows, epoch)
            return latest.loss + latest.penalty

        self.optimizer.step(closure)

    def _require_finite(self, loss: float, epoch: int) -> None:
        if math.isfinite(loss):
            return
        optimizer = self.training.optimizer
        way_out = "use AdamW" if optimizer.takes_closure else "switch on gradient clipping"
        raise RunError(
            f"The loss became {loss} at step {self.step_number} (epoch {epoch}). Lower the learning rate "
            f"({optimizer.lr:g}) or {way_out}, then train again."
        )

    @torch.no_grad()
    def _metrics(self, outputs: Tensor, truth: Tensor) -> dict[str, float]:
        return self.board.compute(self.answer(outputs), truth)

    def _report(self, epoch: int, train: dict[str, float], validation: dict[str, float], is_best: bool) -> None:
        rows_per_s = train.pop("rows_per_s")
        self.watcher.epoch({
            "epoch": epoch, "step": self.step_number, "elapsed_s": self._elapsed(),
            "lr": self.rates.latest, "rows_per_s": rows_per_s,
            "train": train, "validation": validation, "is_best": is_best,
        })  # fmt: skip

    def _elapsed(self) -> float:
        return time.monotonic() - self.started


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Most steps have a single part, which need not be copied."""
    return parts[0] if len(parts) == 1 else torch.cat(tuple(parts))
