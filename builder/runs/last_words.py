"""Says why a run's process ended without saying it itself, by how it ended."""

import signal

from builder.runs.disk import DISK_FULL
from builder.runs.run import Status
from builder.runs.store import INTERRUPTED

STORE_FULL = 28
"""Exit code of a run's process that could not tell the store of its end, as there was no room to write it."""
_RESUME = "Resume it from its last checkpoint; if it had none yet, train again."
_FOR_MEMORY = (
    "The system killed the training process because the memory had run out. Set a smaller batch size or close other "
    f"programs. {_RESUME}"
)
_BY_SOMEBODY = f"The training process was killed, and not for want of memory. {_RESUME}"
_CRASHED = (
    "The training process crashed ({name}), often a sign that memory ran out; the run's log may say more. " + _RESUME
)
_BY_EITHER = f"The training process was killed: by somebody, or by the system for want of memory. {_RESUME}"


def last_words(exit_code: int | None, kills_before: int | None, kills_now: int | None) -> tuple[Status, str]:
    """State and message of the run; `kills` are those for want of memory that the system has counted."""
    if exit_code == STORE_FULL:
        return "failed", DISK_FULL
    if exit_code is None or exit_code >= 0:
        return "interrupted", INTERRUPTED
    if exit_code != -signal.SIGKILL:
        return "interrupted", _CRASHED.format(name=signal.Signals(-exit_code).name)
    if kills_before is None or kills_now is None:
        return "interrupted", _BY_EITHER
    return "interrupted", _FOR_MEMORY if kills_now > kills_before else _BY_SOMEBODY
