"""Finds the best epoch of a forked run that has not beaten the run it started from."""

import json

from builder.runs.checkpoints import read_header
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.formats import count
from builder.ui.run_list import came_from, run_name


def best_before(run: Run, found: tuple[Run, ...]) -> str:
    """`12, in Run 3`: the epoch whose weights are kept and the run that it was of; empty if it is not known."""
    epoch, origin = _kept_epoch(RunFolder(run.folder)), came_from(RunFolder(run.folder))
    if not epoch or origin is None or epoch > origin.epoch:
        return ""
    owner = None
    while origin is not None and epoch <= origin.epoch:  # the run it came from may have been forked itself
        owner = next((other for other in found if other.id == origin.run), None)
        origin = came_from(RunFolder(owner.folder)) if owner else None
    return f"{count(epoch)}, in {run_name(owner, found) if owner else 'a run of another project'}"


def _kept_epoch(folder: RunFolder) -> int:
    """As the file of the kept weights says; 0 before there is one."""
    try:
        return json.loads(read_header(folder.weights)["__metadata__"]["best"])["epoch"]
    except (OSError, ValueError, KeyError):
        return 0
