"""One process of several that train a model together: each takes its share of every batch, in lockstep."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from builder.check.report import Report
from builder.errors import BuilderError
from builder.training.batch_statistics import with_joint_statistics
from builder.training.examples import Examples
from builder.training.gradients import GradientSource
from builder.training.shared_gradients import SharedGradients
from builder.training.team import Team

T = TypeVar("T")


def is_lost(error: BaseException) -> bool:
    """Whether another process is gone: torch says so in many ways."""
    if isinstance(error, BuilderError):  # whose words are of what the user has
        return False
    text = str(error).lower()
    return isinstance(error, dist.DistError) or any(word in text for word in ("gloo", "nccl", "connection"))


def processes_here() -> int:
    """Of the run, on this machine."""
    return int(os.environ["LOCAL_WORLD_SIZE"])


def bytes_needed(report: Report, size: int, device: torch.device, pieces: int = 1) -> int:
    """Of a device, by `size` processes with a piece of the weights each: of a card one of them has, of the main memory
    all that are here."""
    own = report.fixed_bytes // pieces + report.row_bytes * -(-report.batch_size // size)
    return own * (processes_here() if device.type == "cpu" else 1)


class Share(NamedTuple):
    """The places of a batch that are a process's own; one that has none goes through the first row, which counts nothing."""

    places: slice
    counts: bool


class Ranks(Team):
    """Each process holds the whole model; gradients are averaged while they are computed (DistributedDataParallel)."""

    def __init__(self, device: torch.device):
        self.rank, self.size, self.device = dist.get_rank(), dist.get_world_size(), device
        self.leads = self.rank == 0
        # Its own, lest its sums and those of the gradients overtake each other in the backward pass.
        self._statistics = dist.new_group()
        self._under_way: Share | None = None

    def __deepcopy__(self, memo: dict) -> "Ranks":
        return self  # an average of the weights copies the modules that refer to it

    def placed(self, model: nn.Module, device: torch.device) -> nn.Module:
        return with_joint_statistics(model, self).to(device)

    def in_lockstep(self, model: nn.Module) -> nn.Module:
        """The model as it is called in a training step."""
        has_own_device = self.device.type != "cpu"
        return DistributedDataParallel(
            model, device_ids=[self.device] if has_own_device else None, forward_sync_buffers=False
        )

    def gradient_source(self, *arguments, **settings) -> GradientSource:
        return SharedGradients(self, *arguments, **settings)

    def share_of(self, rows: Sequence) -> Share:
        sizes = self._sizes(len(rows))
        first = sum(sizes[: self.rank])
        return Share(slice(first, first + sizes[self.rank]), True) if sizes[self.rank] else Share(slice(0, 1), False)

    def _sizes(self, count: int) -> list[int]:
        """Of the processes' shares of so many rows."""
        return [count // self.size + (rank < count % self.size) for rank in range(self.size)]

    @contextmanager
    def going_through(self, share: Share) -> Iterator[None]:
        """While a training step's forward pass is under way, in which the processes know of each other's rows."""
        self._under_way = share
        try:
            yield
        finally:
            self._under_way = None

    @property
    def under_way(self) -> Share | None:
        return self._under_way

    def summed(self, values: Tensor) -> Tensor:
        """Over all processes; gradients go back to all of them."""
        return _Sum.apply(values, self._statistics)

    def gathered_rows(self, own: Tensor, count: int, *others: Tensor) -> tuple[Tensor, ...]:
        """The rows of all processes in their order, `count` together, and the sums of the `others`, which are single
        numbers: all in one message."""
        most, width = -(-count // self.size), own[0].numel()
        message = own.new_zeros(most * width + len(others))
        share = range(count)[self.share_of(range(count)).places] if count > self.rank else range(0)
        message[: len(share) * width] = own[: len(share)].reshape(-1)
        if others:
            message[most * width :] = torch.stack([other.to(message) for other in others])
        told = message.new_empty(self.size, len(message))
        dist.all_gather(list(told), message)
        rows = [
            one[: size * width].view(size, *own.shape[1:]) for one, size in zip(told, self._sizes(count), strict=True)
        ]
        return torch.cat(rows), *told[:, most * width :].sum(0)

    def answers(self, model: nn.Module, examples: Examples, rows: Tensor) -> Tensor:
        share = self.share_of(rows)
        return self.gathered_rows(model(examples.inputs(rows[share.places])), len(rows))[0]

    def in_turn(self, work: Callable[[], T]) -> T:
        if self.leads:
            done = work()
        dist.barrier()
        return done if self.leads else work()

    def memory_needed(self, report: Report) -> int:
        return bytes_needed(report, self.size, self.device)

    def threads(self, wanted: int) -> int:
        return max(1, wanted // processes_here())

    def is_lost(self, error: Exception) -> bool:
        return is_lost(error)

    def agree(self, *values: float) -> tuple[float, ...]:
        told = torch.tensor(values, dtype=torch.float64)
        dist.broadcast(told, 0)
        return tuple(told.tolist())


class _Sum(torch.autograd.Function):
    """What each process adds, each process receives; so its gradient is the sum of all processes'."""

    @staticmethod
    def forward(context, values: Tensor, group: dist.ProcessGroup) -> Tensor:
        context.group = group
        total = values.clone()
        dist.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(context, gradient: Tensor) -> tuple[Tensor, None]:
        total = gradient.clone()
        dist.all_reduce(total, group=context.group)
        return total, None
