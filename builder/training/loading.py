"""Has processes make ready the training images of the next steps, so that a step need not wait for them."""

import mmap
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from builder.spec.training import TrainingSpec
from builder.training.examples import Examples, ImageExamples
from builder.training.loader_process import LoaderProcess
from builder.training.memory import require_memory

AHEAD, FEWEST_AHEAD = 4, 2
"""Parts of steps that are made ready ahead."""
MODEST_BYTES = 256_000_000
"""What they may take without having been asked for."""
WORTH_S = 2.0
"""Work of a whole training below which it is not worth a process."""
_TRIED = 8
"""Images whose making is timed."""


@contextmanager
def loading(examples: Examples, training: TrainingSpec) -> Iterator[Examples]:
    """The examples, made ready by as many processes as the settings ask for. Raises: RunError."""
    count = loader_count(examples, training)
    if not count:
        yield examples
        return
    loaded = LoadedExamples(examples, training)
    try:
        loaded.start(count)
        yield loaded
    finally:
        loaded.close()


def loader_count(examples: Examples, training: TrainingSpec) -> int:
    """As it is set; by itself one for each core, if there is enough to do. None where inputs only have to be copied."""
    if not examples.is_augmented or training.loaders is not None:
        return training.loaders if examples.is_augmented else 0
    cores = _cores() // int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    is_modest = AHEAD * _part_bytes(examples, training) <= MODEST_BYTES
    return cores if cores > 1 and is_modest and _work_s(examples, training) > WORTH_S else 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work_s(examples: ImageExamples, training: TrainingSpec) -> float:
    """Of making all images of all epochs ready."""
    rows = examples.train_rows[:_TRIED].tolist()
    made = np.empty((len(rows), *examples.image_shape), np.float32)
    began = time.process_time()
    examples.augment(rows, 1, made)
    return (time.process_time() - began) / len(rows) * len(examples.train_rows) * training.epochs


def _part_rows(examples: Examples, training: TrainingSpec) -> int:
    return min(len(examples.train_rows), training.batch_size + 1)  # a last row alone joins the part before it


def _part_bytes(examples: ImageExamples, training: TrainingSpec) -> int:
    row_bytes = 4 * int(np.prod(examples.image_shape)) + 8
    return _part_rows(examples, training) * row_bytes


class LoadedExamples(Examples):
    """The same examples, bit by bit; each part of a step is made by all processes together, some parts ahead."""

    def __init__(self, examples: ImageExamples, training: TrainingSpec):
        self._examples = examples
        self.preprocessing, self.is_augmented = examples.preprocessing, examples.is_augmented
        self.targets, self.truth = examples.targets, examples.truth
        self.train_rows, self.validation_rows, self.test_rows = examples.train_rows, examples.validation_rows, examples.test_rows  # fmt: skip
        most, size_bytes = _part_rows(examples, training), _part_bytes(examples, training)
        ahead = max(FEWEST_AHEAD, min(AHEAD, MODEST_BYTES // size_bytes))
        require_memory(ahead * size_bytes, "Making images ready ahead", "Set loaders to 0 or a smaller batch size.")
        shared = mmap.mmap(-1, ahead * size_bytes)  # no name: nothing of it is left however the processes end
        self._rows = np.frombuffer(shared, np.int64, ahead * most).reshape(ahead, most)
        self._images = np.frombuffer(shared, np.float32, offset=self._rows.nbytes).reshape(ahead, most, *examples.image_shape)  # fmt: skip
        self._free, self._under_way = deque(range(ahead)), deque[tuple[int, Tensor]]()
        self._epoch, self._to_come = 0, iter(())
        self._loaders: list[LoaderProcess] = []

    def start(self, count: int) -> None:
        for _ in range(count):
            self._loaders.append(LoaderProcess(self._make, self._loaders))

    def inputs(self, rows: Tensor) -> Tensor:
        return self._examples.inputs(rows)

    def order(self, seed: int, epoch: int) -> Tensor:
        return self._examples.order(seed, epoch)

    def begin_epoch(self, epoch: int, parts: Iterable[Tensor]) -> None:
        while self._under_way:  # of an epoch that was left early
            self._free.append(self._oldest()[0])
        self._epoch, self._to_come = epoch, iter(parts)
        while self._free and self._order_next():
            pass

    @torch.no_grad()
    def training_inputs(self, rows: Tensor, epoch: int) -> Tensor:
        """Rows that are not the next ones, as when a step looks twice at its rows, are made here and now."""
        if epoch != self._epoch or not self._under_way or not torch.equal(rows, self._under_way[0][1]):
            return self._examples.training_inputs(rows, epoch)
        place, _ = self._oldest()
        x = self._examples.finished(self._images[place, : len(rows)])
        self._free.append(place)
        self._order_next()
        return x

    def close(self) -> None:
        self._under_way.clear()
        while self._loaders:
            self._loaders.pop().end()

    def _order_next(self) -> bool:
        """Of all loaders, each its share; False if nothing is to come."""
        rows = next(self._to_come, None)
        if rows is None:
            return False
        place, size, count = self._free.popleft(), len(rows), len(self._loaders)
        self._rows[place, :size] = rows.numpy()
        for number, loader in enumerate(self._loaders):
            loader.order(place, size * number // count, size * (number + 1) // count, self._epoch)
        self._under_way.append((place, rows))
        return True

    def _oldest(self) -> tuple[int, Tensor]:
        """Once it is ready."""
        for loader in self._loaders:
            loader.wait()
        return self._under_way.popleft()

    def _make(self, place: int, first: int, end: int, epoch: int) -> None:
        """In a loader."""
        self._examples.augment(self._rows[place, first:end].tolist(), epoch, self._images[place, first:end])
