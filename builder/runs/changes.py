"""Learning rates that a user sets while a run trains: asked for, taken on at a step, and kept, so that they can be replayed."""

import json
from dataclasses import asdict, dataclass

from builder.files import write_atomically
from builder.runs.folder import RunFolder
from builder.runs.lines import append_line, read_lines


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
    append_line(folder.changes, asdict(change))


def changes(folder: RunFolder) -> tuple[Change, ...]:
    """By their steps. One that was set at an earlier step after a run was resumed replaces those of later steps."""
    standing: list[Change] = []
    for change in (Change(**line) for line in read_lines(folder.changes)):
        standing = [*(earlier for earlier in standing if earlier.step < change.step), change]
    return tuple(standing)
