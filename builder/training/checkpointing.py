"""Writes checkpoints that survive a crash at any byte, and reads back the newest that is whole."""

import json
import time
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load, save

from builder.errors import RunError
from builder.files import write_atomically
from builder.runs.checkpoints import checkpoint_files, checkpoint_path, checksum, other_ways, read_header, thin
from builder.runs.folder import RunFolder
from builder.training.packing import pack, unpack

SHARE, SHARE_OF_BEST = 0.03, 0.1
"""Of the training time that may be spent on saving; and on saving a new best epoch."""


class Start(NamedTuple):
    """Where a run goes on."""

    state: dict[str, Any]
    step: int
    note: str = ""
    """What is to be told of it."""
    is_own: bool = True
    """Whether the run itself saved it, not the one that it was forked from."""


class CheckpointWriter:
    """Saves when it is due: so often that a kill loses little, so seldom that nobody feels it."""

    def __init__(self, folder: RunFolder):
        self._folder = folder
        self._ended_at, self._took_s = 0.0, 0.0

    def is_due(self, *, is_best: bool) -> bool:
        rest_s = self._took_s / (SHARE_OF_BEST if is_best else SHARE)
        return time.monotonic() >= self._ended_at + rest_s

    def save(self, state: dict[str, Any], about: dict[str, Any]) -> None:
        """`about` is the description that a `Checkpoint` gives without reading the state."""
        began = time.monotonic()
        write_atomically(checkpoint_path(self._folder, about["step"]), checkpoint_bytes(state, about))
        thin(self._folder)
        self._ended_at = time.monotonic()
        self._took_s = self._ended_at - began


def checkpoint_bytes(state: dict[str, Any], about: dict[str, Any]) -> bytes:
    """A safetensors file whose metadata hold the rest of the state, and a checksum of all of it."""
    packed, tensors = pack(state)
    plain, text = save(tensors), json.dumps(packed)
    size = int.from_bytes(plain[:8], "little")
    header, data = json.loads(plain[8 : 8 + size]), memoryview(plain)[8 + size :]
    header["__metadata__"] = {"about": json.dumps(about), "state": text, "sha256": checksum(data, text)}
    words = json.dumps(header).encode()
    words += b" " * (-len(words) % 8)
    return b"".join((len(words).to_bytes(8, "little"), words, data))


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The state; of a file of weights these alone. Raises: RunError if it is missing or not what was written."""
    try:
        content, said = path.read_bytes(), read_header(path)["__metadata__"]
        if "state" not in said:
            return {"model": load(content)}
        data = memoryview(content)[8 + int.from_bytes(content[:8], "little") :]
        if said["sha256"] != checksum(data, said["state"]):
            raise ValueError("checksum")
        return unpack(json.loads(said["state"]), load(content))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        raise RunError(f"The checkpoint {path.name} is missing or damaged.") from None


def newest_start(folder: RunFolder) -> Start | None:
    """Of the run's own checkpoints the newest that is whole, else that of the run it was forked from; None for neither.

    Raises: RunError if there are checkpoints, and none of them can be read.
    """
    files = checkpoint_files(folder)
    for place, path in enumerate(reversed(files)):
        try:
            state = read_checkpoint(path)
        except RunError:
            continue
        step = int(path.stem)
        return Start(state, step, f"The newest checkpoint was damaged; it went on from step {step:,}." if place else "")
    if files:
        raise RunError(f"No checkpoint of this run can be read: they are damaged. {other_ways(folder)}")
    return Start(read_checkpoint(folder.start), 0, is_own=False) if folder.start.exists() else None
