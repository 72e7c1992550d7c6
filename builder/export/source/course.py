"""Says what a script cannot repeat of the course that its run took."""

import math

from builder.catalogue.regularization import EarlyStopping
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.origin import origin_of
from builder.spec.training import TrainingSpec

_FORKED = """
The run went on from another run after {epoch:g} epochs. This script has not what that one learned: it trains all epochs
with the settings of the last, so its weights will differ.
"""
_STOPPED = """
The run was stopped in epoch {at} of {of}; this script trains all of them, so its weights may differ.
"""
_STOPPED_OR_SPENT = """
The run ended in epoch {at} of {of}, stopped or out of time; this script goes on to the last of them or until its own
time budget is spent, so its weights may differ.
"""


_STREAMED = """
The run read its rows from disk, in blocks in random order, and was measured on some of the rows that were kept aside.
This script holds all {rows:,} rows in memory, in another order, so its weights will differ.
"""


def unlike_the_run(folder: RunFolder, training: TrainingSpec, streamed_rows: int = 0) -> str:
    """Paragraphs for the script's head; empty for a run that came to its end by itself, with all rows in memory."""
    return _course(folder, training) + (_STREAMED.format(rows=streamed_rows) if streamed_rows else "")


def _course(folder: RunFolder, training: TrainingSpec) -> str:
    came = origin_of(folder)
    return (_FORKED.format(epoch=came.epoch) if came else "") + _stopped(folder, training)


def _stopped(folder: RunFolder, training: TrainingSpec) -> str:
    reader = EventReader(folder)
    steps, epochs = (events := reader.read()).steps, events.epochs
    if reader.plan is None or not len(steps):
        return ""
    of, done = reader.plan["epochs"], float(steps["epoch"][-1])
    measured = epochs[-1]["epoch"] if epochs else 0
    gave_up = training.regularizer(EarlyStopping) is not None and measured == done  # the script gives up there, too
    if (measured >= of and done >= of) or gave_up:
        return ""
    return (_STOPPED_OR_SPENT if training.time_budget_min else _STOPPED).format(at=math.ceil(done), of=of)
