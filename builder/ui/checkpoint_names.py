"""Says of a checkpoint where it stands and how good the model was there."""

from collections.abc import Sequence

from builder.catalogue.metrics import METRICS
from builder.runs.checkpoints import Checkpoint
from builder.spec.training import LOSS
from builder.ui.formats import count, number


def checkpoint_label(checkpoint: Checkpoint, found: Sequence[Checkpoint]) -> str:
    """`Epoch 12 · best · validation loss 0.213`, among all the checkpoints of a run, oldest first."""
    marks = ["last"] if checkpoint == found[-1] else []
    if checkpoint == best_checkpoint(found):
        marks.append("best")
    if checkpoint.figure is not None and checkpoint.is_at_epoch_end:
        name = "loss" if checkpoint.metric == LOSS else METRICS[checkpoint.metric].label
        marks.append(f"validation {name} {number(checkpoint.figure)}")
    where = place(checkpoint.epoch, checkpoint.step)
    return " · ".join((where[0].upper() + where[1:], *marks))


def best_checkpoint(found: Sequence[Checkpoint]) -> Checkpoint | None:
    """The last that was the best of its run so far."""
    return next((checkpoint for checkpoint in reversed(found) if checkpoint.is_best), None)


def place(epoch: float, step: int) -> str:
    """`epoch 12` after a whole epoch, else `step 1,240 in epoch 3`."""
    done = int(epoch)
    return f"epoch {count(done)}" if epoch == done else f"step {count(step)} in epoch {count(done + 1)}"
