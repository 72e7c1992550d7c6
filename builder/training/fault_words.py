"""Says in one sentence what ended a training, where that is the input's fault or the machine's."""

import gc
import traceback

from builder.errors import BuilderError, RunError
from builder.runs.disk import DISK_FULL, DiskFull, is_disk_full
from builder.runs.folder import RunFolder
from builder.training.batch_finder import largest_below
from builder.training.memory import is_out_of_memory, limited_memory
from builder.training.trial import prepared


def known_fault(error: Exception, folder: RunFolder) -> BuilderError | None:
    """None if the fault is ours. What the training held is given back: nobody may look into its frames any more."""
    if isinstance(error, BuilderError):
        return error
    if is_disk_full(error):
        return DiskFull(DISK_FULL)
    if is_out_of_memory(error):
        traceback.clear_frames(error.__traceback__)
        gc.collect()
        return RunError(_out_of_memory(folder))
    return None


def _out_of_memory(folder: RunFolder) -> str:
    size = folder.project.training.batch_size
    said = f"The training ran out of memory at batch size {size:,}."
    fits = _fitting_batch(folder, size)
    if fits is None:
        return f"{said} Set a smaller one, close other programs, or make the model or the images smaller."
    if not fits:
        return f"{said} Not a single row at a time fits: make the model or the images smaller."
    return f"{said} Tried out just now, {fits:,} at a time fit: set the batch size to {fits:,}, then train again."


def _fitting_batch(folder: RunFolder, size: int) -> int | None:
    """The largest power of two of rows below this size with which steps fit, found by trial; None if that cannot be said."""
    try:
        with limited_memory():
            return largest_below(size, folder.project, *prepared(folder.project))
    except Exception as error:
        if not (isinstance(error, BuilderError) or is_out_of_memory(error)):
            traceback.print_exc()  # of ours, but the run has to end with what is known
        return None
