"""Says on how many processes a run trains: a setting of its launch, kept in its folder, as a project fits any machine."""

import json
from dataclasses import asdict, dataclass

from builder.errors import RunError
from builder.files import write_atomically
from builder.runs.folder import RunFolder
from builder.spec.project import Project

MOST_PROCESSES = 1024


@dataclass(frozen=True)
class Scale:
    processes: int = 1
    """On each node."""
    nodes: int = 1
    shards: bool = False
    """Whether each process holds a share of the weights alone (FSDP); by itself where they do not fit on one device."""

    @property
    def total(self) -> int:
        return self.processes * self.nodes


ONE_PROCESS = Scale()


def write_scale(folder: RunFolder, scale: Scale) -> None:
    """Nothing for one process, which every run has by itself."""
    if scale != ONE_PROCESS:
        write_atomically(folder.launch, json.dumps(asdict(scale)).encode())


def scale_of(folder: RunFolder) -> Scale:
    """One process, unless the launch said otherwise."""
    try:
        return Scale(**json.loads(folder.launch.read_bytes()))
    except FileNotFoundError:
        return ONE_PROCESS


def require_scalable(project: Project, scale: Scale) -> None:
    """Raises: RunError if the project cannot train on so many processes."""
    training, total = project.training, scale.total
    if not (1 <= scale.processes <= MOST_PROCESSES and 1 <= scale.nodes <= MOST_PROCESSES):
        raise RunError(f"Processes and nodes must be 1 to {MOST_PROCESSES:,}; got {scale.processes} on {scale.nodes}.")
    if total == 1:
        return
    if training.optimizer.takes_closure:
        raise RunError(
            f"{training.optimizer.kind} computes the loss as often as it likes in a step and trains in one process. "
            "Choose AdamW, or 1 process."
        )
    if training.batch_size < total and not training.largest_batch:
        raise RunError(
            f"Each step's {training.batch_size:,} rows are dealt to {total:,} processes, so some would have none. "
            f"Set the batch size to {total:,} or more, or take fewer processes."
        )
    if scale.shards:
        _require_shardable(project)


def _require_shardable(project: Project) -> None:
    unable = [item.kind for item in project.training.regularization if not item.takes_shards]
    if not project.training.optimizer.takes_shards:
        unable.insert(0, project.training.optimizer.kind)
    if unable:
        raise RunError(
            f"A model that is shared out takes no {', '.join(unable)}: it needs all weights in one place. Remove it, or "
            "let each process hold the whole model."
        )


def remarks(project: Project, scale: Scale) -> list[str]:
    """What will be otherwise than in one process."""
    if scale.total == 1:
        return []
    return [
        f"The {project.training.batch_size:,} rows of a batch are dealt to all {scale.total:,} processes, so the loss is "
        "that of one process, but for layers that draw at random, such as dropout: each process draws its own numbers.",
    ]
