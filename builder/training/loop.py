"""Trains one model: reads top to bottom."""

import math
import time
from collections import deque
from typing import Any

import torch
from torch import Tensor, nn

from builder.catalogue.regularization import MaxNorm
from builder.evaluation.metrics import MetricBoard
from builder.nn.batches import parts_of
from builder.nn.graph import build
from builder.nn.initial_weights import build_initial
from builder.nn.limits import limit_norms
from builder.nn.whole import metric_call
from builder.runs.run import Request
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import LOSS
from builder.training.averaging import average_of
from builder.training.best import Best, Patience, best_of
from builder.training.devices import device_of, on_device, random_state, restore_random
from builder.training.examples import Examples
from builder.training.fused import Fused, fused_of
from builder.training.gradients import Gradients
from builder.training.not_finite import are_finite, not_finite
from builder.training.optimizers import build_optimizer
from builder.training.position import Position
from builder.training.precision import precision_of
from builder.training.rates import Rates
from builder.training.strides import Strides
from builder.training.team import ALONE, Team
from builder.training.telemetry import NoTelemetry
from builder.training.watching import Watcher

EVALUATION_BATCH = 1024
METRIC_ROWS, METRIC_VALUES = 10_000, 4_000_000
"""Training metrics are over at most this many of an epoch's last rows, and of the values that the model gave for them;
sorting more would cost more than training."""


class Trainer:
    """One training of one project. The same project, data and seed give the same weights."""

    def __init__(self, project: Project, facts: DataFacts, examples: Examples, watcher: Watcher, team: Team = ALONE):
        """`team` says with which other processes."""
        torch.manual_seed(project.training.seed)
        self.training, self.watcher, self.device = project.training, watcher, device_of(project.training)
        self._examples_at_home, self.examples = examples, on_device(examples, self.device)
        self.team, self.model = team, team.placed(build_initial(project, facts), self.device)
        if len(facts.input_shape) == 3 and self.training.lays_channels_last:
            self.model.to(memory_format=torch.channels_last)
        self.precision = precision_of(self.training, self.device)
        self.loss = build(self.training.loss.torch_call(facts)).to(self.device)
        self.answer = build(metric_call(self.training.loss, examples.preprocessing, facts.task))
        self.gives_back = facts.task == "reconstruction"
        self.metric_rows = max(1, min(METRIC_ROWS, METRIC_VALUES // facts.target_size))
        self.board = MetricBoard(self.training.metrics, facts.task, len(facts.classes))
        of_steps = self.training.metrics_of_steps
        self.step_board = MetricBoard(of_steps, facts.task, len(facts.classes)) if of_steps else None
        self.gradients = team.gradient_source(
            self.training, self.model, self.loss, self.examples, self.precision,
            gives_back=self.gives_back, rows_kept=self.metric_rows,
        )  # fmt: skip
        self.optimizer = build_optimizer(self.training.optimizer, self.model, may_fuse=team.fuses)
        self.stepper = self._stepper()
        self.rates = Rates(self.training, len(examples.train_rows), self.optimizer)
        self.step_rows = self.training.rows_per_step(len(examples.train_rows))
        self.max_norm = self.training.regularizer(MaxNorm)
        self.average = average_of(self.training, self.model)
        self.judged: nn.Module = self.model
        """What is validated and kept: the model, or the average of its weights."""
        self.best, self.patience = best_of(self.training), Patience(self.training)
        self.telemetry = self.gradients.telemetry
        self.position = Position()
        self.seen: deque[tuple[Tensor, Tensor]] = self._nothing_seen()
        self.stopped: Request | None = None
        self.ran_out_at: float | None = None
        """Epochs that were done when the time budget was spent."""
        self.started = time.monotonic()
        self.strides: Strides | None = None

    def run(self) -> Best:
        """Trains to the last epoch, early stopping or a stop, and leaves the best weights in the model.

        Raises: RunError if the loss is no longer a number; the best weights so far are in `best`.
        """
        self.strides = self._strides()
        while self.position.epoch <= self.training.epochs and self.position.gave_up_after is None:
            self._train_epoch()
            if self._is_over:
                self.watcher.could_save(self, must=True)
                if self.stopped in ("pause", "discard") or self.best.epoch:
                    break
            self._end_epoch()
            if self._is_over:
                break
            self.watcher.could_save(self)
        if self.stopped in (None, "stop"):
            self._take_best()
        return self.best

    def _end_epoch(self) -> None:
        """Measures the model, keeps it if it is the best, and goes to the next epoch."""
        epoch, train = self.position.epoch, self._training_figures()
        self._average(epoch)
        validation = self.evaluate(self.examples.validation_rows)
        if not all(map(math.isfinite, validation.values())) and not are_finite(self.judged):  # broken by the last step
            self._require_finite(math.nan, epoch)
        figure = validation[self.best.metric]
        is_best = self.best.offer(epoch, figure, self.team.weights(self.judged))
        if self.best.kept_epoch == epoch:
            self.watcher.improved(self.best)
        self.rates.tell(figure)
        self._report(epoch, train, validation, is_best)
        if self.patience.is_over(epoch, validation) and epoch < self.training.epochs:
            self.position.gave_up_after = epoch
        self.position.end_epoch(figure, is_best)
        self.seen = self._nothing_seen()

    def _take_best(self) -> None:
        if not self.stopped:
            self.watcher.could_save(self, must=True)
        if not self.team.leads:
            return
        self.judged = self.model = self.team.whole(self.model)
        self.team = ALONE  # what comes now the leading process does by itself
        self.model.load_state_dict(self.best.state)
        # Figures of the kept weights are the processor's in full precision, as those of the exported file are.
        self.examples = self._examples_at_home
        self.model.cpu()
        self.loss.cpu()

    def _stepper(self) -> Any:
        """What is called for a step in the optimizer's place."""
        return self.optimizer if self.precision.scales else fused_of(self.optimizer)

    def _strides(self) -> Strides | None:
        """None where something is to be done between the passes and the step, or after it."""
        is_alone = self.team.size == 1 and not self.examples.is_augmented  # else others make a step's inputs ready
        is_plain = self.step_rows == self.training.batch_size and self.gradients.are_plain
        is_done_then = self.max_norm is None and self.average is None and self.step_board is None
        if not (is_alone and is_plain and is_done_then and isinstance(self.stepper, Fused)):
            return None
        return Strides(self.model, self.gradients, self.stepper)

    def look_inside(self, telemetry: NoTelemetry) -> None:
        self.telemetry = self.gradients.telemetry = telemetry

    def state(self) -> dict[str, Any]:
        """All that a training needs to go on as if nothing had happened: plain Python and tensors, not copied."""
        return {
            "model": self.team.weights(self.model), "optimizer": self.team.gathered(self.optimizer), "rates": self.rates.state(),
            "best": vars(self.best), "patience": self.patience.state(), "position": vars(self.position),
            "average": None if self.average is None else self.average.state(), "seen": list(self.seen), "random": random_state(self.device),
            "precision": self.precision.state(), "elapsed_s": self.elapsed_s,
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from a `state` of the same project and data."""
        self.team.restore_weights(self.model, state["model"])
        self.team.restore_gathered(self.optimizer, state["optimizer"])
        self.stepper = self._stepper()
        self.rates.restore(state["rates"])
        self.best, self.position = Best(**state["best"]), Position(**state["position"])
        self.patience.restore(state["patience"])
        if state["average"] is None:  # of a run that had none: it begins with these weights
            self.average = average_of(self.training, self.model)
        elif self.average is not None:
            self.average.restore(state["average"])
        self.seen.extend(tuple(part.to(self.device) for part in pair) for pair in state["seen"])
        restore_random(self.device, state["random"])
        self.precision.restore(state["precision"])
        self.started = time.monotonic() - state["elapsed_s"]

    def evaluate(self, rows: Tensor) -> dict[str, float]:
        """Loss and metrics of these rows in evaluation mode."""
        outputs, examples = self.outputs(rows), self.examples
        return {LOSS: self.loss(outputs, examples.targets[rows]).item(), **self._metrics(outputs, examples.truth[rows])}

    @torch.no_grad()
    def outputs(self, rows: Tensor) -> Tensor:
        """What the last layer gives for these rows."""
        self.judged.eval()
        parts = rows.split(EVALUATION_BATCH)
        return torch.cat([self.team.answers(self.judged, self.examples, part) for part in parts])

    def _average(self, epoch: int) -> None:
        """Once weights are averaged, averages alone are judged, and compared with each other alone."""
        if self.average is None or epoch < self.average.first_epoch:
            return
        if epoch == self.average.first_epoch:
            self.best = best_of(self.training)
        batches = parts_of(self.examples.order(self.training.seed, 0), self.training.batch_size)
        self.average.after_epoch(self.examples.inputs(rows) for rows in batches)
        self.judged = self.average.module

    def _train_epoch(self) -> None:
        """From where it stands to the end of the epoch, or to a stop."""
        self.model.train()
        epoch, position = self.position.epoch, self.position
        batches = parts_of(self.examples.order(self.training.seed, epoch), self.step_rows)
        to_come = batches[position.batch :]
        parts = (part for rows in to_come for part in parts_of(rows, self.training.batch_size))
        self.examples.begin_epoch(epoch, map(self.gradients.forward_rows, parts))
        self._timed_from = time.monotonic(), position.rows
        while position.batch < len(batches):
            if position.is_under_way and (self._is_to_stop() or self._is_spent()):
                return
            self.telemetry.begin_step()
            coming = batches[position.batch : position.batch + self._steps_at_once]
            if self.strides is not None:
                self.strides.prepare(coming, epoch)
            if self.strides is not None and self.strides.could_take(coming):
                self._take_stride(coming, epoch, len(batches))
            else:
                self._take_step(coming[0], epoch, len(batches))
            if position.batch < len(batches):
                self.watcher.could_save(self)
        self._is_to_stop()

    @property
    def _steps_at_once(self) -> int:
        """A step that telemetry looks at is taken by itself."""
        return 1 if self.telemetry.is_due else self.watcher.steps_at_once

    def _take_step(self, rows: Tensor, epoch: int, of_batches: int) -> None:
        outputs, truth, loss = self._train_step(rows, epoch, epoch - 1 + self.position.batch / of_batches)
        progress = self._count(rows, outputs, truth, loss, epoch, of_batches)
        if self.step_board is not None:
            self.watcher.measured(self._metrics(outputs, truth, self.step_board))
        self.watcher.step(self.position.step, progress, loss, self.elapsed_s)
        self.telemetry.after_step(self.position.step, progress, self.elapsed_s, self.rates.latest)

    def _take_stride(self, batches: list[Tensor], epoch: int, of_batches: int) -> None:
        """Steps of the stride are told as if they had followed each other at the same pace."""
        began_s = self.elapsed_s
        self._take_on_rate(epoch - 1 + self.position.batch / of_batches)
        lrs = [self.rates.set_for(self.position.step + number) for number in range(len(batches))]
        taken = self.strides.take(batches, epoch, lrs)
        step_s = (self.elapsed_s - began_s) / len(batches)
        for number, (rows, outputs, truth, loss) in enumerate(zip(batches, *taken, strict=True), 1):
            self.position.step += 1
            self._require_finite(loss, epoch, rows)
            progress = self._count(rows, outputs, truth, loss, epoch, of_batches)
            self.watcher.step(self.position.step, progress, loss, began_s + number * step_s)
        self.telemetry.after_stride(len(batches))

    def _count(self, rows: Tensor, outputs: Tensor, truth: Tensor, loss: float, epoch: int, of_batches: int) -> float:
        """Gives the epochs that are done, with the share of this one. Outputs may be of the step's last rows alone."""
        self.position.count(loss, len(rows))
        self.seen.append((outputs, truth))
        return epoch - 1 + self.position.batch / of_batches

    def _is_to_stop(self) -> bool:
        self.stopped = self.watcher.should_stop()
        return bool(self.stopped)

    def _is_spent(self) -> bool:
        """Whether the time budget is; looked at between two batches, so that an epoch that is whole is measured."""
        budget_min = self.training.time_budget_min
        if budget_min and any(self.team.agree(self.elapsed_s >= 60 * budget_min)):
            self.ran_out_at = self.progress
        return self.ran_out_at is not None

    @property
    def _is_over(self) -> bool:
        """Whether it ends before its last epoch."""
        return bool(self.stopped) or self.ran_out_at is not None

    def _training_figures(self) -> dict[str, float]:
        began, rows_before = self._timed_from
        rows_per_s = (self.position.rows - rows_before) / max(time.monotonic() - began, 1e-9)
        outputs, truth = (torch.cat(part)[-self.metric_rows :] for part in zip(*self.seen, strict=True))
        loss = self.position.loss_sum / self.position.rows
        return {LOSS: loss, "rows_per_s": rows_per_s, **self._metrics(outputs, truth)}

    def _nothing_seen(self) -> deque:
        return deque(maxlen=-(-self.metric_rows // self.step_rows) + 1)  # the last batch may be small

    def _train_step(self, rows: Tensor, epoch: int, progress: float) -> tuple[Tensor, Tensor, float]:
        self._take_on_rate(progress)
        self.rates.set_for(self.position.step)
        self.position.step += 1
        found = self.gradients.compute(rows, epoch, self.position.step, self.optimizer)
        self._require_finite(found.loss + found.penalty, epoch, rows)
        self.telemetry.before_update()
        if self.training.optimizer.takes_closure:
            self._step_by_tries(found, rows, epoch)
        else:
            self.precision.step(self.stepper)
        if self.max_norm is not None:
            limit_norms(self.model, self.max_norm.max_norm)
        if self.average is not None:
            self.average.after_step()
        return found.outputs, found.truth, found.loss

    def _take_on_rate(self, progress: float) -> None:
        """One that was asked for, if there is one."""
        lr = self.watcher.asked_lr(self.position.step + 1, progress)
        if lr is not None:
            self.rates.change(self.position.step, lr)

    def _step_by_tries(self, found: Gradients, rows: Tensor, epoch: int) -> None:
        """For an optimizer that asks for loss and gradients as often as it likes; the first are known."""
        waiting = [found]

        def closure() -> float:
            latest = (
                waiting.pop() if waiting else self.gradients.compute(rows, epoch, self.position.step, self.optimizer)
            )
            return latest.loss + latest.penalty

        self.optimizer.step(closure)

    def _require_finite(self, loss: float, epoch: int, rows: Tensor | None = None) -> None:
        if not math.isfinite(loss):
            raise not_finite(self, loss, epoch, rows)

    @torch.no_grad()
    def _metrics(self, outputs: Tensor, truth: Tensor, board: MetricBoard | None = None) -> dict[str, float]:
        return (board or self.board).compute(self.answer(outputs.cpu()), truth.cpu())

    def _report(self, epoch: int, train: dict[str, float], validation: dict[str, float], is_best: bool) -> None:
        rows_per_s = train.pop("rows_per_s")
        self.watcher.epoch({
            "epoch": epoch, "step": self.position.step, "elapsed_s": self.elapsed_s,
            "lr": self.rates.latest, "rows_per_s": rows_per_s,
            "train": train, "validation": validation, "is_best": is_best,
        })  # fmt: skip

    @property
    def progress(self) -> float:
        """Epochs that were done, with the share of the one under way."""
        position, batches = self.position, self.training.steps_per_epoch(len(self.examples.train_rows))
        return position.epoch - 1 + position.batch / batches

    @property
    def elapsed_s(self) -> float:
        """Of training, over all processes that had a part in it."""
        return time.monotonic() - self.started
