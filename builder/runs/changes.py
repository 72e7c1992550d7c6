"""Learning rates that a user sets while a run trains: asked for, taken on at a step, and kept, so that they can be replayed."""

import json
import os
from dataclasses import asdict, dataclass

from builder.files import write_atomically
from builder.runs.folder import RunFolder


@dataclass(frozen=True)
class Change:
    """`step` is the first that has the new rate, counted from 1; `epoch` is where it stood then."""

    step: int
    epoch: float
    lr: float


def ask_lr(folder: RunFolder, lr: float) -> None:
    """For the next step of the training process; the last that is asked for counts."""
    write_atomically(folder.asked_lr, json.dumps({"lr": lr}).encode())


def take_asked(folder: RunFolder) -> float | None:
    """What is asked for, once."""
    try:
        asked = json.loads(folder.asked_lr.read_bytes())["lr"]
    except FileNotFoundError:
        return None
    folder.asked_lr.unlink(missing_ok=True)
    return asked


def record(folder: RunFolder, change: Change) -> None:
    """On disk before the step is done: a training that is killed then repeats it."""
    with open(folder.changes, "ab") as file:
        file.write(json.dumps(asdict(change)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def changes(folder: RunFolder) -> tuple[Change, ...]:
    """In the order in which they were taken on."""
    try:
        lines = folder.changes.read_bytes().split(b"\n")[:-1]  # after the last newline: nothing, or half a line
    except FileNotFoundError:
        return ()
    return tuple(Change(**json.loads(line)) for line in lines)
