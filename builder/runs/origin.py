"""Says which run a forked one started from, and how that one was trained."""

import json
from dataclasses import dataclass

from builder.files import write_atomically
from builder.runs.folder import RunFolder
from builder.spec.project import validated
from builder.spec.training import TrainingSpec


@dataclass(frozen=True)
class Origin:
    run: str
    step: int
    epoch: float
    """Epochs that were done there."""
    training: TrainingSpec


def write_origin(folder: RunFolder, origin: Origin) -> None:
    said = {
        "run": origin.run, "step": origin.step, "epoch": origin.epoch, "training": origin.training.model_dump(mode="json"),
    }  # fmt: skip
    write_atomically(folder.origin, json.dumps(said, indent=1).encode())


def origin_of(folder: RunFolder) -> Origin | None:
    """None for a run that started from the beginning."""
    try:
        said = json.loads(folder.origin.read_bytes())
    except FileNotFoundError:
        return None
    return Origin(said["run"], said["step"], said["epoch"], validated(TrainingSpec, said["training"]))


def keeps_gathered(own: TrainingSpec, parent: TrainingSpec) -> bool:
    """Whether a fork goes on with what its parent's optimizer had gathered of the gradients, such as momentum.

    What is gathered follows from the optimizer's settings; the learning rate, and how strong a decay is, are not in it.
    """
    mine, theirs = own.optimizer, parent.optimizer
    free = {name: getattr(theirs, name) for name in ("lr", "weight_decay") if name in type(theirs).model_fields}
    return mine.kind == theirs.kind and mine.takes == theirs.takes and mine.model_copy(update=free) == theirs
