"""Names, lists and thins the checkpoints of a run; what is in them only the training reads."""

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from builder.runs.folder import RunFolder
from builder.runs.lines import read_lines

GENERATIONS = 2
"""The newest that are always kept: if one is damaged, the one before it is there."""
KEPT, KEPT_BYTES = 10, 1_000_000_000
_SUFFIX = ".safetensors"
_MOST_HEADER_BYTES = 100_000_000


@dataclass(frozen=True)
class Checkpoint:
    """A step that a run can go on from, or be forked at."""

    path: Path
    step: int
    epoch: float
    """Epochs that were done."""
    figure: float | None
    """Of the last whole epoch: the validation figure that picks the best."""
    metric: str
    is_best: bool
    """Whether the weights are those of the run's best epoch."""
    elapsed_s: float
    has_state: bool = True
    """Whether it holds all that a training needs, not the weights alone."""

    @property
    def is_at_epoch_end(self) -> bool:
        return self.epoch == int(self.epoch)


def checkpoints(folder: RunFolder) -> tuple[Checkpoint, ...]:
    """All that are there, oldest first, and the kept weights if no checkpoint is of their epoch; unreadable ones are left out."""
    found = [checkpoint for path in checkpoint_files(folder) if (checkpoint := _described(path)) is not None]
    kept = _kept_weights(folder)
    if kept is None:
        return tuple(found)
    marked = [replace(one, is_best=one.is_best and one.epoch == kept.epoch) for one in found]
    if any(one.epoch == kept.epoch for one in found):
        return tuple(marked)
    return tuple(sorted([*marked, kept], key=lambda one: one.step))


def checkpoint_files(folder: RunFolder) -> list[Path]:
    """Oldest first: their names are their steps."""
    return sorted(path for path in folder.checkpoints.glob(f"*{_SUFFIX}") if path.stem.isdigit())


def checkpoint_path(folder: RunFolder, step: int) -> Path:
    return folder.checkpoints / f"{step:012d}{_SUFFIX}"


def read_header(path: Path) -> dict[str, Any]:
    """The header of a safetensors file. Raises: OSError, ValueError if there is none."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 0 < size <= _MOST_HEADER_BYTES:
            raise ValueError("no safetensors header")
        header = json.loads(file.read(size))
    if not isinstance(header, dict):
        raise ValueError("no safetensors header")
    return header


def checksum(data: memoryview, text: str) -> str:
    """Of a checkpoint's tensors, and of what it holds besides."""
    digest = sha256(data)
    digest.update(text.encode())
    return digest.hexdigest()


def is_whole(path: Path) -> bool:
    """Whether it is what was written, to the byte; of weights alone, whether none are missing. Reads all of it."""
    try:
        header, content = read_header(path), path.read_bytes()
        data, said = memoryview(content)[8 + int.from_bytes(content[:8], "little") :], header.get("__metadata__", {})
        if "state" in said:
            return said["sha256"] == checksum(data, said["state"])
        ends = (entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
        return len(data) == max(ends, default=0)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def why_not_resumed(folder: RunFolder) -> str:
    """Why the run cannot go on where it was, and what can be done instead; empty if it can."""
    files = checkpoint_files(folder)
    if any(is_whole(path) for path in (reversed(files) if files else [folder.start])):
        return ""
    if not (files or folder.checkpoints.exists() or folder.start.exists()):
        return "It ended before its first checkpoint. Train again; it starts from the beginning."
    what = (
        "No checkpoint of this run can be read: they are damaged." if files else "The checkpoints of this run are gone."
    )
    return f"{what} {other_ways(folder)}"


def other_ways(folder: RunFolder) -> str:
    """Than to resume a run whose checkpoints are lost."""
    kept = _kept_weights(folder)
    fork = f", or fork the weights of epoch {kept.epoch:g}, which are kept" if kept and is_whole(kept.path) else ""
    return f"Train again from the beginning{fork}."


def thin(folder: RunFolder) -> None:
    """Keeps the newest, the best, and others spread evenly over the run; deletes the rest."""
    kept = [checkpoint for path in checkpoint_files(folder) if (checkpoint := _described(path)) is not None]
    while len(kept) > GENERATIONS and _are_too_many(kept):
        unneeded = _least_needed(kept)
        if unneeded is None:
            return
        unneeded.path.unlink(missing_ok=True)
        kept.remove(unneeded)


def _described(path: Path) -> Checkpoint | None:
    try:
        said = json.loads(read_header(path)["__metadata__"]["about"])
        return Checkpoint(path=path, **said)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kept_weights(folder: RunFolder) -> Checkpoint | None:
    """None if there are none yet, or if they are those of the run that this one was forked from."""
    try:
        best = json.loads(read_header(folder.weights)["__metadata__"]["best"])
        epoch = next(line for line in read_lines(folder.epochs) if line["epoch"] == best["epoch"])
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    metric = next(name for name in best if name != "epoch")
    return Checkpoint(
        folder.weights, epoch["step"], float(epoch["epoch"]), best[metric], metric, is_best=bool(epoch["is_best"]),
        elapsed_s=epoch["elapsed_s"], has_state=False,
    )  # fmt: skip


def _are_too_many(kept: list[Checkpoint]) -> bool:
    return len(kept) > KEPT or sum(checkpoint.path.stat().st_size for checkpoint in kept) > KEPT_BYTES


def _least_needed(kept: list[Checkpoint]) -> Checkpoint | None:
    """The one without which the widest gap between neighbours stays smallest; None if each must stay."""
    best = next((checkpoint for checkpoint in reversed(kept) if checkpoint.is_best), None)
    gaps = {
        at: kept[at + 1].epoch - (kept[at - 1].epoch if at else 0.0)
        for at in range(len(kept) - GENERATIONS) if kept[at] is not best
    }  # fmt: skip
    return kept[min(gaps, key=gaps.get)] if gaps else None
