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
