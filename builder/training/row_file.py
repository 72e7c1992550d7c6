"""Rows as the first layer takes them, in a file: written once, in one random order, and read in blocks."""

import os
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from builder.data.dataset import TableDataset
from builder.data.storage import open_once, passing_folder
from builder.nn.fitting import build_input

FORMAT = 1
FLOAT_BYTES = 4
ENCODED_BYTES = 16 << 20
"""Rows that are encoded together."""
BUCKET_BYTES = 32 << 20
BLOCK_BYTES, BLOCKS_TOGETHER = 1 << 20, 64
"""Rows that are read together, and blocks whose rows are mixed with each other."""


@torch.no_grad()
def encoded_parts(dataset: TableDataset) -> Iterator[tuple[int, Tensor]]:
    """All rows in the order of the table, some at a time, each time with the number of the first."""
    fitted = dataset.preprocessing
    encode, size = build_input(fitted), max(1, ENCODED_BYTES // (FLOAT_BYTES * fitted.width))
    for start, count, part in dataset.rows.arrays([column.name for column in dataset.data.features]):
        for first in range(0, count, size):
            numbers, ids = fitted.encode({name: values[first : first + size] for name, values in part.items()})
            yield start + first, encode(torch.from_numpy(numbers), torch.from_numpy(ids))


def places_of(dataset: TableDataset) -> np.ndarray:
    """Where each row lies in the file: training rows in one random order, then validation, test and all other rows."""
    split, count = dataset.split, len(dataset)
    places = np.full(count, -1, np.int64)
    train, validation, _ = split.row_counts
    places[split.train] = np.random.default_rng(0).permutation(train)
    places[split.validation] = np.arange(train, train + validation)
    places[split.test] = np.arange(train + validation, sum(split.row_counts))
    others = np.flatnonzero(places < 0)
    places[others] = np.arange(count - len(others), count)
    return places


class RowFile:
    """Some blocks of the file are in memory, those that were used last."""

    def __init__(self, path: Path, count: int, width: int):
        """Raises: ValueError if the file is cut short."""
        if path.stat().st_size != count * width * FLOAT_BYTES:
            raise ValueError(f"{path} is cut short")
        self._name, self._count, self._file = path, count, os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self.block_rows = max(1, BLOCK_BYTES // (FLOAT_BYTES * width))
        blocks = -(-count // self.block_rows)
        self._held = torch.empty(min(blocks, 2 * BLOCKS_TOGETHER) * self.block_rows, width)
        self._slots = torch.full((blocks,), -1)
        """Where each block is held; -1 for none."""
        self._blocks = np.full(len(self._held) // self.block_rows, -1)
        self._used = np.zeros(len(self._blocks), np.int64)
        self._reads = 0

    def read(self, places: Tensor) -> Tensor:
        """The rows at these places, (N, width)."""
        wanted = places // self.block_rows
        blocks = wanted.unique()
        if len(blocks) > len(self._blocks):
            middle = blocks[len(blocks) // 2]
            return self._read_apart(places, wanted < middle)
        self._hold(blocks.numpy())
        return self._held[self._slots[wanted] * self.block_rows + places % self.block_rows]

    def _read_apart(self, places: Tensor, is_first: Tensor) -> Tensor:
        rows = self._held.new_empty(len(places), self._held.shape[1])
        for part in (is_first, ~is_first):
            rows[part] = self.read(places[part])
        return rows

    def _hold(self, blocks: np.ndarray) -> None:
        """Brings them into memory, in the place of those that were used longest ago."""
        self._reads += 1
        slots = self._slots[blocks].numpy()
        self._used[slots[slots >= 0]] = self._reads
        missing = blocks[slots < 0]
        for block, slot in zip(missing.tolist(), np.argsort(self._used, kind="stable"), strict=False):
            if self._blocks[slot] >= 0:
                self._slots[self._blocks[slot]] = -1
            self._load(block, int(slot))
            self._slots[block], self._blocks[slot], self._used[slot] = int(slot), block, self._reads

    def _load(self, block: int, slot: int) -> None:
        first = block * self.block_rows
        rows = self._held.numpy()[slot * self.block_rows :][: min(self.block_rows, self._count - first)]
        buffer, at = memoryview(rows).cast("B"), first * rows.shape[1] * FLOAT_BYTES
        while len(buffer):
            read = os.preadv(self._file, [buffer], at)
            if not read:
                raise OSError(f"{self._name} ends too early")
            buffer, at = buffer[read:], at + read


def open_rows(dataset: TableDataset, places: np.ndarray) -> RowFile:
    """The rows of this table at these places, written on first use."""
    width = dataset.preprocessing.width
    return open_once(
        dataset.key_of(f"encoded {FORMAT}"),
        lambda unfinished: _write(dataset, places, unfinished / "rows.bin"),
        lambda folder: RowFile(folder / "rows.bin", len(places), width),
    )


def _write(dataset: TableDataset, places: np.ndarray, path: Path) -> None:
    """First into buckets, each for some of the places, then each bucket in order: neither needs all rows in memory."""
    width = dataset.preprocessing.width
    size = max(1, BUCKET_BYTES // (FLOAT_BYTES * width))
    with passing_folder() as folder:
        for start, rows in _together(encoded_parts(dataset), BUCKET_BYTES):
            _sort_into(folder, rows, places[start : start + len(rows)], size)
        with path.open("wb") as file:
            for first in range(0, len(places), size):
                bucket = np.empty((min(size, len(places) - first), width), np.float32)
                at = np.fromfile(_name(folder, first // size, "places"), np.int64)
                bucket[at - first] = np.fromfile(_name(folder, first // size, "rows"), np.float32).reshape(-1, width)
                bucket.tofile(file)
                _name(folder, first // size, "rows").unlink()


def _together(parts: Iterator[tuple[int, Tensor]], size_bytes: int) -> Iterator[tuple[int, np.ndarray]]:
    """Parts joined until they have this size."""
    first, held = 0, []
    for start, part in parts:
        first = first if held else start
        held.append(part.numpy())
        if sum(rows.nbytes for rows in held) >= size_bytes:
            yield first, np.concatenate(held)
            held = []
    if held:
        yield first, np.concatenate(held)


def _sort_into(folder: Path, rows: np.ndarray, places: np.ndarray, size: int) -> None:
    order = np.argsort(places)
    places, rows = places[order], rows[order]
    buckets, starts = np.unique(places // size, return_index=True)
    for bucket, first, end in zip(buckets, starts, [*starts[1:], len(places)], strict=True):
        for name, values in (("rows", rows), ("places", places)):
            with _name(folder, bucket, name).open("ab") as file:
                values[first:end].tofile(file)


def _name(folder: Path, bucket: int, what: str) -> Path:
    return folder / f"{bucket}.{what}"
