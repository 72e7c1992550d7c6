"""Proves that onnxruntime, given the raw held-out rows, answers as the model did on screen."""

import math
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from builder.data.dataset import ImageDataset, TableDataset
from builder.data.preprocessing import TablePreprocessing
from builder.export.core import ERROR, OPSET, PREDICTION, PROBABILITIES, RECONSTRUCTION
from builder.export.metadata import versions
from builder.export.raw import LABEL, input_names

TOLERANCE = 1e-5
BATCH_SIZES = (1, 7, 64)
PROBABILITY, RELATIVE = "probability", "prediction, relative to its size or the target's spread, whichever is larger"
GIVEN_BACK = (
    "each value given back, relative to its size or its usual spread, whichever is larger, and the root of the error"
)
MOST_BATCHES = 200
"""Small batches stop after so many, the largest one goes through every row."""
TIMED_CALLS = 20
BATCH_VALUES = 50_000_000
"""Pixels × channels of one batch; as floats and resized they take some ten times as many bytes."""

Feed = dict[str, np.ndarray]


@dataclass(frozen=True)
class Expected:
    """What was seen on screen for the held-out rows: labels with probabilities (N, classes), or values (N, 1), or
    reconstructions with the error of each row."""

    answers: "np.ndarray | Sequence"
    labels: np.ndarray | None
    spread: float | np.ndarray = 1.0
    """For values: their standard deviation, below which a difference is not measured relative to the value."""
    errors: np.ndarray | None = None
    of_rows: int | None = None
    """How many were held out, where these were evenly picked from them."""

    @property
    def difference_of(self) -> str:
        """In words, for people."""
        if self.labels is not None:
            return PROBABILITY
        return RELATIVE if self.errors is None else GIVEN_BACK


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leaves the cores to training
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def certify(model: bytes, rows: "RawRows", expected: Expected) -> dict[str, Any]:
    """The certificate as JSON: at each batch size every answer is compared with what was expected."""
    session = open_session(model)
    comparison = Comparison(expected)
    names = [output.name for output in session.get_outputs()]
    sizes = sorted({min(size, rows.largest_batch) for size in BATCH_SIZES})
    for size in sizes:
        for place, batch in enumerate(rows.batches(size)):
            if place >= MOST_BATCHES and size != sizes[-1]:
                break
            comparison.add(batch, session.run(None, rows.feed(batch)), names)
    latency = {str(size): _latency_ms(session, rows, size) for size in sizes}
    return {
        "passed": comparison.passes, "message": comparison.message, "rows": len(expected.answers),
        "batch_sizes": sizes, "equal_labels": comparison.equal_labels,
        "largest_difference": comparison.largest if math.isfinite(comparison.largest) else None,
        "tolerance": TOLERANCE, "difference_of": expected.difference_of,
        "latency_ms": latency, "opset": OPSET, "versions": versions(),
        "inputs": [_describe(value) for value in session.get_inputs()],
        "outputs": [_describe(value) for value in session.get_outputs()],
    }  # fmt: skip


def failed(message: str) -> dict[str, Any]:
    """The certificate of a model for which there is no file to compare."""
    return {
        "passed": False, "message": message, "rows": 0, "batch_sizes": [], "equal_labels": None,
        "largest_difference": None, "tolerance": TOLERANCE, "difference_of": PROBABILITY, "latency_ms": {},
        "opset": OPSET, "versions": versions(), "inputs": [], "outputs": [], "file_size_bytes": 0,
    }  # fmt: skip


class Comparison:
    """Collects the largest difference, and which rows ever got another label."""

    def __init__(self, expected: Expected):
        self._expected, self.largest = expected, 0.0
        self._differing: set[int] = set()

    def add(self, rows: np.ndarray, outputs: list[np.ndarray], names: list[str]) -> None:
        given, expected = dict(zip(names, outputs, strict=True)), self._expected
        answers = expected.answers[rows]
        if expected.labels is not None:
            self._note(np.abs(given[PROBABILITIES] - answers))
            self._differing.update(rows[given[LABEL] != expected.labels[rows]].tolist())
        elif expected.errors is None:
            self._note(_relative(given[PREDICTION], answers, expected.spread))
        else:
            self._note(_relative(given[RECONSTRUCTION], answers, expected.spread))
            # A mean of squares moves by no more than its values do, if its root is compared.
            self._note(_relative(np.sqrt(given[ERROR]), np.sqrt(expected.errors[rows]), 1.0))

    def _note(self, differences: np.ndarray) -> None:
        worst = float(np.max(differences, initial=0.0))
        self.largest = max(self.largest, worst) if np.isfinite(worst) else float("inf")

    @property
    def equal_labels(self) -> int | None:
        return None if self._expected.labels is None else len(self._expected.labels) - len(self._differing)

    @property
    def passes(self) -> bool:
        return self.largest <= TOLERANCE and not self._differing

    @property
    def message(self) -> str:
        count = len(self._expected.answers)
        if self._differing:
            return (
                f"onnxruntime gave {len(self._differing)} of {count} held-out rows another label. The file is withheld."
            )
        if not self.passes:
            return f"onnxruntime differed by {self.largest:.1e}, more than {TOLERANCE:.0e}. The file is withheld."
        of_rows = self._expected.of_rows
        which = (
            f"all {count:,} held-out rows"
            if of_rows is None
            else f"{count:,} of {of_rows:,} held-out rows, evenly picked"
        )
        same = "label" if self._expected.labels is not None else "value, but for rounding,"
        return f"onnxruntime, fed the raw data, gave the same {same} on {which}; largest difference {self.largest:.1e}."


def _relative(given: np.ndarray, expected: np.ndarray, spread: float | np.ndarray) -> np.ndarray:
    return np.abs(given - expected) / np.maximum(np.abs(expected), spread)


class RawRows:
    """Held-out rows as a user of the file has them; `batches` count them from 0."""

    def __init__(self, dataset: TableDataset | ImageDataset, rows: np.ndarray, preprocessing: TablePreprocessing | Any):
        self._dataset, self._rows = dataset, rows
        self._raw: Feed = {}
        if isinstance(dataset, TableDataset):
            raw = preprocessing.raw_inputs(dataset.rows.take(rows))
            names = input_names(list(raw))
            self._raw = {names[column]: values for column, values in raw.items()}

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Images of one size go together."""
        for group in self._groups():
            for start in range(0, len(group), size):
                yield group[start : start + size]

    @property
    def largest_batch(self) -> int:
        """Most rows that can go together: images of one size, and not more than memory bears."""
        groups = self._groups()
        if self._raw:
            return len(groups[0])
        pixels = int(np.prod(self._dataset.store.shapes[self._rows].astype(np.int64), axis=1).max())
        return max(1, min(len(groups[0]), BATCH_VALUES // pixels))

    def feed(self, batch: np.ndarray) -> Feed:
        if self._raw:
            return {name: values[batch] for name, values in self._raw.items()}
        return {"image": np.stack([self._dataset.read(int(row)) for row in self._rows[batch]])}

    def example(self) -> dict[str, str | float | None]:
        """The first row by input, None for a number that is missing; empty for images."""
        return {name: _plain(values[0, 0]) for name, values in self._raw.items()}

    def _groups(self) -> list[np.ndarray]:
        """Rows that fit into one batch, most first."""
        if self._raw:
            return [np.arange(len(self._rows))]
        _, group = np.unique(self._dataset.store.shapes[self._rows], axis=0, return_inverse=True)
        groups = [np.flatnonzero(group.ravel() == number) for number in range(group.max() + 1)]
        return sorted(groups, key=len, reverse=True)


def _plain(value: str | np.float32) -> str | float | None:
    """As JSON; a number with the fewest digits that give the same float32."""
    if isinstance(value, str):
        return value
    return float(str(value)) if np.isfinite(value) else None


def _latency_ms(session: onnxruntime.InferenceSession, rows: RawRows, size: int) -> float:
    """Median milliseconds for one call."""
    feed = rows.feed(next(rows.batches(size)))
    times = []
    for _ in range(TIMED_CALLS):
        began = time.perf_counter()
        session.run(None, feed)
        times.append((time.perf_counter() - began) * 1e3)
    return round(statistics.median(times), 4)


def _describe(value: onnxruntime.NodeArg) -> dict[str, Any]:
    return {"name": value.name, "dtype": value.type.removeprefix("tensor(").rstrip(")"), "shape": list(value.shape)}
