"""Writes and follows what was seen inside a training now and then: gradients and weights of each layer, speed, memory."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.files import bytes_from
from builder.runs.folder import RunFolder

BINS = 24
"""Bins of each histogram."""
Sample = dict[str, Any]
"""One look inside, as JSON; a figure that is not known is None, one that is no number is NaN.

`step`, `epoch` (with its fraction), `elapsed_s`, `lr`; `grad_norm` of all weights as the step takes it, and
`grad_norm_before` clipping where there is clipping; of the steps since the last sample `data_share` (share of their
time that went into getting inputs) and `rows_per_s`; since then `cpu_share` (share of all cores that this process
used); `memory_bytes` of this process; `device`: None, or `memory_bytes` and `use` (0 to 1); `layers`: by the name of its module in the model
`grad_norm`, `weight_norm`, `update_norm`, `weights` and `updates` (each `low`, `high`, `counts`), and `dead`: the
share of units of a rectifying activation that gave 0 for every row looked at.
"""


class TelemetryWriter:
    """One for each process that trains; goes on where an earlier one ended, without a line it left half written."""

    def __init__(self, folder: RunFolder) -> None:
        folder.path.mkdir(parents=True, exist_ok=True)
        content = bytes_from(folder.telemetry, 0)
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(folder.telemetry, whole)
        self._file = open(folder.telemetry, "ab")
        self.count, self.size_bytes = content.count(b"\n"), whole

    def append(self, sample: Sample) -> None:
        """Written at once. Figures that are no numbers are kept as such."""
        line = json.dumps(sample, separators=(",", ":")).encode() + b"\n"
        self._file.write(line)
        self._file.flush()
        self.count, self.size_bytes = self.count + 1, self.size_bytes + len(line)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "TelemetryWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class TelemetryReader:
    """Follows a run: each `read` takes in the new bytes alone. Safe to share between threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.telemetry
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._samples: list[Sample] = []
        self._read_bytes, self._last_line = 0, b""

    def read(self) -> tuple[Sample, ...]:
        """All samples so far; none before the first."""
        with self._lock:
            content = self._new_bytes()
            if not content.startswith(self._last_line):  # a resumed run cut it off, and wrote on
                self._forget()
                content = self._new_bytes()
            whole = content[len(self._last_line) : content.rfind(b"\n") + 1]
            if whole:
                lines = whole.splitlines(keepends=True)
                self._samples += [json.loads(line) for line in lines]
                self._read_bytes, self._last_line = self._read_bytes + len(whole), lines[-1]
            return tuple(self._samples)

    def _new_bytes(self) -> bytes:
        """With the last line that is known, so that it shows whether it is still there."""
        return bytes_from(self._path, self._read_bytes - len(self._last_line))


def forget_after(folder: RunFolder, step: int) -> None:
    """Drops what was seen after this step: a run that goes on from there writes it again."""
    kept = 0
    for line in _whole_lines(folder.telemetry):
        if json.loads(line)["step"] > step:
            os.truncate(folder.telemetry, kept)
            return
        kept += len(line)


def _whole_lines(path: Path) -> Iterator[bytes]:
    content = bytes_from(path, 0)
    yield from content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
