"""Computes the gradient that a step takes: of the loss and the penalties, in parts of the batch size, clipped."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from builder.catalogue.regularization import GradientClipping, ValueClipping
from builder.nn.batches import parts_of
from builder.nn.mixing import mix
from builder.spec.training import TrainingSpec
from builder.training.examples import Examples
from builder.training.mixing import Mix, ways_of
from builder.training.penalties import weight_penalty
from builder.training.precision import FullPrecision
from builder.training.recorded import Recorder, Recording
from builder.training.telemetry import NoTelemetry


class Gradients(NamedTuple):
    """What was computed on the way to the gradients of a step."""

    outputs: Tensor
    truth: Tensor
    loss: float
    penalty: float


class GradientSource:
    """Leaves gradients in the weights of a model."""

    def __init__(
        self,
        training: TrainingSpec,
        model: nn.Module,
        loss: nn.Module,
        examples: Examples,
        precision: FullPrecision,
        *,
        gives_back: bool,
        rows_kept: int,
    ):
        """Outputs are kept of the last `rows_kept` rows of a step, and of the rest of their parts."""
        self._training, self._model, self._loss, self._examples = training, model, loss, examples
        self._precision, self._forward = precision, precision.forward_of(model)
        self._gives_back = gives_back
        self._parts_kept = -(-rows_kept // training.batch_size) + 1  # the last part may be small
        self._clipping, self._value_clipping = (
            training.regularizer(kind) for kind in (GradientClipping, ValueClipping)
        )
        self._ways_to_mix = ways_of(training)
        is_recorded = not precision.scales and not self._ways_to_mix and next(model.parameters()).is_cpu
        self._recorder = Recorder(model, self._forward, loss) if is_recorded else None
        self._weights = list(model.parameters())
        self.telemetry = NoTelemetry()

    def forward_rows(self, rows: Tensor) -> Tensor:
        """Those of a batch whose inputs this process makes ready."""
        return rows

    def compute(self, rows: Tensor, epoch: int, step: int, optimizer: torch.optim.Optimizer) -> Gradients:
        """Of the mean loss over these rows, and of the penalties."""
        for weight in self._weights:
            weight.grad = None
        outputs, truths, value = deque(maxlen=self._parts_kept), deque(maxlen=self._parts_kept), 0.0
        for number, part in enumerate(parts_of(rows, self._training.batch_size)):
            share = len(part) / len(rows)
            given, truth, loss = self._differentiate(part, share, epoch, (self._training.seed, step, number))
            value += loss * share
            outputs.append(given)
            truths.append(truth)
        penalty = weight_penalty(self._training, self._model)
        if penalty is not None:
            self._precision.backward(penalty)
        self._precision.unscale(optimizer)
        self._clip()
        return Gradients(_joined(outputs), _joined(truths), value, 0.0 if penalty is None else penalty.item())

    def given(self, rows: Tensor, epoch: int) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs, targets and truth of these rows."""
        x, examples = self._examples.training_inputs(rows, epoch), self._examples
        return (x, x, x) if self._gives_back else (x, examples.targets[rows], examples.truth[rows])

    @property
    def are_plain(self) -> bool:
        """Whether they are those of the loss alone, as they are."""
        is_limited = self._value_clipping is not None or self._clipping is not None
        return not self._ways_to_mix and not is_limited and weight_penalty(self._training, self._model) is None

    @property
    def latest_recording(self) -> Recording | None:
        """The one that was played last, if the last step's passes were."""
        return self._recorder.latest if self._recorder is not None else None

    def _differentiate(
        self, rows: Tensor, share: float, epoch: int, seed: tuple[int, ...]
    ) -> tuple[Tensor, Tensor, float]:
        """Adds the gradient of this share of a step; gives outputs, truth and loss."""
        with self.telemetry.inputs_timer:
            x, targets, truth = self.given(rows, epoch)
        recording = self._recorder.recording_of(x, targets) if self._recorder is not None and share == 1 else None
        if recording is not None:
            given, loss, gradients = recording.play(x, targets)
            for weight, gradient in zip(self._weights, gradients, strict=True):
                weight.grad = gradient
            return given, truth, loss.item()
        mixed = Mix(*mix(x, self._ways_to_mix, seed)) if self._ways_to_mix else None
        given = self._forward(x if mixed is None else mixed.inputs)
        loss = self._loss(given, targets) if mixed is None else mixed.loss(self._loss, given, targets)
        self._precision.backward(loss if share == 1 else loss * share)
        return given.detach(), truth if mixed is None else mixed.truth(truth), loss.item()

    def _clip(self) -> None:
        if self._value_clipping is None and self._clipping is None:
            return
        self.telemetry.before_clipping()
        if self._value_clipping is not None:
            nn.utils.clip_grad_value_(self._model.parameters(), self._value_clipping.clip_value)
        if self._clipping is not None:
            nn.utils.clip_grad_norm_(self._model.parameters(), self._clipping.max_norm)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Most steps have a single part, which need not be copied."""
    return parts[0] if len(parts) == 1 else torch.cat(tuple(parts))
