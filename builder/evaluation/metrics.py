"""Computes the metrics of a task with torchmetrics."""

import math
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torchmetrics import MetricCollection

from builder.catalogue.metrics import Metric
from builder.catalogue.task import NUMBERS, Task
from builder.nn.graph import build


class MetricBoard:
    """A fixed set of metrics.

    `compute(answers, targets)` takes probabilities (N, classes) with class numbers (N,),
    or predictions (N, 1) with values (N, 1), both in the target's own unit, or reconstructions with the inputs, of any
    shape; it gives one float for each kind.
    """

    def __init__(self, metrics: Sequence[Metric], task: Task, class_count: int):
        self.task = task
        self._kinds = [metric.kind for metric in metrics]
        self._metrics = {metric.kind: metric for metric in metrics}
        with warnings.catch_warnings():  # some warn that they keep all answers, of which there are few enough here
            warnings.simplefilter("ignore")
            self._built = {metric.kind: _by_itself(build(metric.torch_call(task, class_count))) for metric in metrics}
        self._collection = self._collected(self._kinds) if metrics else None

    @torch.no_grad()
    def compute(self, answers: Tensor, targets: Tensor) -> dict[str, float]:
        """A metric that is not defined here (one class only, say, or too few rows) is NaN."""
        defined = [kind for kind in self._kinds if len(targets) >= self._metrics[kind].rows_min]
        if not defined:
            return dict.fromkeys(self._kinds, math.nan)
        if self.task == "binary":
            answers = answers[:, 1]
        if self.task in NUMBERS:
            # R² is a small difference of large sums where the target lies far from zero
            answers, targets = (values.flatten(1).squeeze(1).double() for values in (answers, targets))
        values = self._values(defined, answers, targets)
        return {kind: _one_figure(values[kind], targets) if kind in values else math.nan for kind in self._kinds}

    def _values(self, kinds: list[str], answers: Tensor, targets: Tensor) -> dict[str, Tensor]:
        collection = self._collection
        if kinds != self._kinds:
            collection = self._collected(kinds)
        collection.reset()
        with warnings.catch_warnings():  # torchmetrics warns of classes without rows; NaN or 0 says so on screen
            warnings.simplefilter("ignore")
            collection.update(answers, targets)
            return collection.compute()

    def _collected(self, kinds: list[str]) -> MetricCollection:
        """torchmetrics left alone would share the sums of any two metrics that happen to be equal for the first rows."""
        groups: dict[str, list[str]] = {}
        for kind in kinds:
            groups.setdefault(self._metrics[kind].sums or kind, []).append(kind)
        return MetricCollection({kind: self._built[kind] for kind in kinds}, compute_groups=list(groups.values()))


def _by_itself(metric: nn.Module) -> nn.Module:
    """torchmetrics would add up what the processes of a run have seen, and each of them has seen all rows."""
    for part in metric.modules():
        part.distributed_available_fn = _no
    return metric


def _no() -> bool:
    return False


def _one_figure(value: Tensor, targets: Tensor) -> float:
    """The value, or the mean over the classes that have rows; NaN if only one has."""
    if value.dim():
        present = targets.unique()
        value = value[present].mean() if len(present) > 1 else torch.tensor(math.nan)
    return value.item() if math.isfinite(value.item()) else math.nan
