"""Writes and follows metrics of single steps: a file beside that of the steps, with one record for each of them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from builder.files import write_atomically
from builder.runs.growing import GrowingArray

VALUE = np.dtype("<f8")


class FigureWriter:
    """Goes on behind as many steps as are kept already: figures of later ones go, missing ones are NaN."""

    def __init__(self, path: Path, names: Sequence[str], steps: int):
        self._names, self._rows = names, []
        before = path.read_bytes() if path.exists() else b""
        kept = np.full(steps * len(names), np.nan, VALUE)
        known = min(len(kept), len(before) // VALUE.itemsize)
        kept[:known] = np.frombuffer(before, VALUE, known)
        write_atomically(path, kept.tobytes())  # a new file, by which readers notice
        self._file = open(path, "ab")

    def add(self, figures: Mapping[str, float]) -> None:
        self._rows.append([figures[name] for name in self._names])

    def flush(self) -> None:
        if self._rows:
            self._file.write(np.array(self._rows, VALUE).tobytes())
            self._rows.clear()
        self._file.flush()

    def close(self) -> None:
        self.flush()
        self._file.close()


class FigureReader:
    """Each `read` takes in the new bytes alone."""

    def __init__(self, path: Path):
        self._path, self._values, self._number = path, GrowingArray(), 0

    def read(self, names: Sequence[str], steps: int) -> dict[str, np.ndarray]:
        """The figures of so many steps, each under its metric's name; NaN where there is none."""
        if not names:
            return {}
        self._take()
        known = min(steps, len(self._values) // len(names))
        table = self._values.numbers[: known * len(names)].reshape(known, len(names))
        if known < steps:
            table = np.concatenate([table, np.full((steps - known, len(names)), np.nan)])
        return dict(zip(names, table.T, strict=True))

    def _take(self) -> None:
        try:
            with open(self._path, "rb") as file:
                number = os.fstat(file.fileno()).st_ino
                if number != self._number:
                    self._values, self._number = GrowingArray(), number
                file.seek(len(self._values) * VALUE.itemsize)
                content = file.read()
                self._values.extend(np.frombuffer(content, VALUE, len(content) // VALUE.itemsize))
        except FileNotFoundError:
            self._values = GrowingArray()
