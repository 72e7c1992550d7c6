"""Takes several steps in one call, where a step is so short that Python between two of them would show: the same
kernels on the same numbers, so the same bits."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import torch
from torch import Tensor

from builder.nn.graph import GraphModel
from builder.training.fused import Fused
from builder.training.gradients import GradientSource
from builder.training.recorded import Recording
from builder.training.torchscript import Writer

aten = torch.ops.aten
STEPS = 8
"""Of one stride."""
AFTER_STEPS = 16
"""Recorded steps after which strides are tried: what is tried costs as much as some."""
LONGEST_STEP_S = 0.006
"""A longer step would gain less than a twentieth, and a stride of them would answer late."""
ALIGNED_BYTES = 64
"""A part of a tensor begins where a tensor of its own would, or is copied: kernels may sum up in another order else."""


class Taken(NamedTuple):
    """What the steps of a stride gave, one after the other; a step whose loss is no number, and those after it, changed
    no weight."""

    outputs: list[Tensor]
    truths: Sequence[Tensor]
    losses: list[float]


class Stride:
    """Steps for batches of the recording's shape, as one TorchScript function."""

    def __init__(self, recording: Recording, fused: Fused, x: Tensor, targets: Tensor):
        """`x` and `targets` are of a whole stride."""
        writer, self.rows = Writer(), recording.rows
        given = writer.take(), writer.take()
        lrs = [writer.take(torch._C.FloatType.get()) for _ in range(STEPS)]
        broken = writer.take()
        passing = [*recording.weights, *recording.tensors[len(recording.weights) :]]
        held = list({id(tensor): tensor for tensor in (*passing, *fused.tensors)}.values())
        values = {id(tensor): writer.take() for tensor in held}
        self._tensors = [tensor.detach() for tensor in held]
        outputs, losses = [], []
        for number, lr in enumerate(lrs):
            parts = [self._part(writer, *whole, number) for whole in zip(given, (x, targets), strict=True)]
            output, loss, *gradients = writer.follow(
                recording.traced, [*parts, *(values[id(part)] for part in passing)]
            )
            outputs.append(output)
            losses.append(loss)
            writer.call(aten.logical_or_.default, broken, writer.call(aten.sub.Tensor, loss, loss))  # ∞ - ∞ is NaN
            moved = {id(weight): gradient for weight, gradient in zip(recording.moved_weights, gradients, strict=True)}
            fused.write(writer, values, moved, lr, broken)
        self._play = writer.finish([writer.call(aten.stack.default, losses), *outputs])

    def _part(self, writer: Writer, whole: torch._C.Value, like: Tensor, number: int) -> torch._C.Value:
        first, end = number * self.rows, (number + 1) * self.rows
        part = writer.call(aten.slice.Tensor, whole, 0, first, end)
        is_aligned = self.rows * like.stride(0) * like.element_size() % ALIGNED_BYTES == 0
        return part if is_aligned else writer.call(aten.clone.default, part)

    def play(self, x: Tensor, targets: Tensor, lrs: Sequence[float]) -> tuple[list[Tensor], list[float]]:
        """Outputs and losses."""
        with torch._C._AutoDispatchBelowAutograd(), torch.jit.optimized_execution(False):  # as they are
            losses, *outputs = self._play(x, targets, *lrs, torch.zeros(()), *self._tensors)
        return outputs, losses.tolist()


class Strides:
    """Has a stride once steps have shown to be short, if it leaves the bits that steps one by one would leave."""

    def __init__(self, model: GraphModel, gradients: GradientSource, fused: Fused):
        self._model, self._gradients, self._fused = model, gradients, fused
        self._stride: Stride | None = None
        self._begun_at: list[float] = []
        self._is_off = False

    def take(self, batches: Sequence[Tensor], epoch: int, lrs: Sequence[float]) -> Taken:
        rows = torch.cat(tuple(batches))
        with self._gradients.telemetry.inputs_timer:
            x, targets, truth = self._gradients.given(rows, epoch)
        outputs, losses = self._stride.play(x, targets, lrs)
        return Taken(outputs, truth.split(len(batches[0])), losses)

    def could_take(self, batches: Sequence[Tensor]) -> bool:
        """Whether these batches make up a stride."""
        return (
            self._stride is not None
            and len(batches) == STEPS
            and all(len(rows) == self._stride.rows for rows in batches)
        )

    def prepare(self, batches: Sequence[Tensor], epoch: int) -> None:
        """Told the next batches before each step; once steps have shown how short they are, tries a stride of these."""
        recording = self._gradients.latest_recording
        if self._stride is not None or self._is_off or recording is None or len(batches) < STEPS:
            return
        if any(len(rows) != recording.rows for rows in batches):
            return
        self._begun_at.append(time.monotonic())
        if len(self._begun_at) <= AFTER_STEPS:
            return
        # Between some of them lie the ends of epochs, and whatever else the machine did.
        is_short = median(end - begin for begin, end in pairwise(self._begun_at)) < LONGEST_STEP_S
        self._stride = self._made(recording, batches, epoch) if is_short else None
        self._is_off = self._stride is None

    def _made(self, recording: Recording, batches: Sequence[Tensor], epoch: int) -> Stride | None:
        """None for what TorchScript has no word for, or what other bits come of. Nothing of the training changes."""
        with suppress(Exception):  # torch may raise anything; without a stride, training goes on as well
            x, targets, _ = self._gradients.given(torch.cat(tuple(batches)), epoch)
            stride, lr_now = Stride(recording, self._fused, x, targets), self._fused.groups[0]["lr"]
            with self._undone():
                expected = [*self._singly(recording, batches, epoch), *map(torch.clone, self._changing())]
            with self._undone():
                outputs, losses = stride.play(x, targets, [lr_now] * STEPS)
                found = [*outputs, torch.tensor(losses), *map(torch.clone, self._changing())]
            if all(map(torch.equal, expected, found)):
                return stride
        return None

    def _singly(self, recording: Recording, batches: Sequence[Tensor], epoch: int) -> list[Tensor]:
        outputs, losses = [], []
        for rows in batches:
            passed = recording.play(*self._gradients.given(rows, epoch)[:2])
            for weight, gradient in zip(recording.weights, passed.gradients, strict=True):
                weight.grad = gradient
            self._fused.step()
            outputs.append(passed.outputs)
            losses.append(passed.loss.item())
        return [*outputs, torch.tensor(losses)]

    def _changing(self) -> list[Tensor]:
        return [*(tensor.detach() for tensor in (*self._fused.tensors, *self._model.buffers())), torch.get_rng_state()]

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Puts weights, what the optimizer keeps, buffers and the random state back as they were."""
        *before, random = map(torch.clone, self._changing())
        try:
            yield
        finally:
            for tensor, value in zip(self._changing(), before, strict=False):
                tensor.copy_(value)
            torch.set_rng_state(random)
