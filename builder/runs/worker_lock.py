"""Says which worker serves the queue: the one process that holds the lock file."""

import fcntl
import os
import time
from pathlib import Path

from builder.home import home

PATIENCE_S = 1.0
"""A look at the lock holds it for an instant: a worker that meets one tries again for so long."""


def lock_path() -> Path:
    return home() / "worker.lock"


class WorkerLock:
    """Held until `release`, or until the process ends, however it ends; a forked child does not hold it."""

    def __init__(self) -> None:
        self._file = open(lock_path(), "a+")
        os.register_at_fork(after_in_child=self._file.close)

    def acquire(self) -> bool:
        """False if another worker serves this home."""
        deadline = time.monotonic() + PATIENCE_S
        while not _try_lock(self._file):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return True

    def release(self) -> None:
        self._file.close()


def serving_pid() -> int | None:
    """Process id of the worker that serves this home, None if there is none."""
    with open(lock_path(), "a+") as file:
        if _try_lock(file):
            return None
        file.seek(0)
        return int(file.read() or 0)


def _try_lock(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
