"""Computes a step's gradient in several processes, each of its own rows: the gradient of the mean over all of them."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from builder.nn.losses import FocalLoss
from builder.nn.mixing import mix
from builder.training.gradients import GradientSource
from builder.training.mixing import Mix

if TYPE_CHECKING:
    from builder.training.ranks import Ranks, Share

WEIGHTED = (nn.CrossEntropyLoss, nn.NLLLoss, FocalLoss)
"""Losses whose mean is over the weights of the rows' classes, where classes have weights."""


class SharedGradients(GradientSource):
    """Batches are mixed as a whole, so each process makes all inputs of a mixed batch ready."""

    def __init__(self, ranks: "Ranks", *arguments, **settings):
        super().__init__(*arguments, **settings)
        self._ranks, self._forward = ranks, self._precision.forward_of(ranks.in_lockstep(self._model))
        self._needs_whole = self._gives_back or bool(self._ways_to_mix)

    def forward_rows(self, rows: Tensor) -> Tensor:
        return rows if self._needs_whole else rows[self._ranks.share_of(rows).places]

    def _differentiate(
        self, rows: Tensor, share: float, epoch: int, seed: tuple[int, ...]
    ) -> tuple[Tensor, Tensor, float]:
        examples, own = self._examples, self._ranks.share_of(rows)
        draw_from(*seed, self._ranks.rank)
        with self.telemetry.inputs_timer:
            x = examples.training_inputs(self.forward_rows(rows), epoch)
        mixed = Mix(*mix(x, self._ways_to_mix, seed)) if self._ways_to_mix else None
        ready = x if mixed is None else mixed.inputs
        with self._ranks.going_through(own):
            given = self._forward(ready[own.places] if self._needs_whole else ready)
        targets, truth = (x, x) if self._gives_back else (examples.targets[rows], examples.truth[rows])
        part = ShareOfLoss(self._loss, own)
        loss = part(given, targets) if mixed is None else mixed.loss(part, given, targets)
        # The processes' gradients are averaged, and their sum is wanted.
        self._precision.backward(loss * (share * self._ranks.size))
        outputs, total = self._ranks.gathered_rows(given.detach(), len(rows), loss.detach())
        return outputs, truth if mixed is None else mixed.truth(truth), total.item()


class ShareOfLoss:
    """What a process's own rows add to the mean loss over all rows of a batch."""

    def __init__(self, loss: nn.Module, own: "Share"):
        self._loss, self._own = loss, own

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """`outputs` are of the process's own rows, `targets` of all."""
        mine = targets[self._own.places]
        share = _divisor(self._loss, mine) / _divisor(self._loss, targets) if self._own.counts else 0.0
        return self._loss(outputs, mine) * share


def _divisor(loss: nn.Module, targets: Tensor) -> float:
    """What the mean divides the sum over these rows by."""
    weight = getattr(loss, "weight", None)
    return weight[targets].sum().item() if isinstance(loss, WEIGHTED) and weight is not None else len(targets)


def draw_from(*place: int) -> None:
    """Random numbers of a step, such as dropout's, follow from seed, step, part and process, so no kill changes them."""
    number = 0
    for value in place:
        number = (number * 1_000_003 + value + 1) % 2**63
    torch.default_generator.manual_seed(number)
    if torch.cuda.is_available():
        torch.cuda.manual_seed(number)
