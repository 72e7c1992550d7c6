"""Refuses work that this machine's memory cannot hold; the system would kill the process without a word."""

import contextlib
import ctypes
import errno
import resource
from collections.abc import Iterator
from pathlib import Path

from builder.errors import RunError
from builder.runs.memory import free_bytes

STATUS = Path("/proc/self/status")
SHARE = 0.9
"""Of the free memory, for one process."""
_WORDS = (
    "can't allocate memory",
    "cannot allocate memory",
    "out of memory",
    "bad_alloc",
    "could not create a primitive",
)
"""Of torch's allocators, the system, C++ and oneDNN."""


def require_memory(size_bytes: int, what: str, way_out: str, free: int | None = None) -> None:
    """Raises: RunError if more is needed than is `free`, by default of the main memory; where the system does not say,
    nothing is refused."""
    free = free_bytes() if free is None else free
    if free is not None and size_bytes > free:
        raise RunError(
            f"{what} needs about {size_bytes / 1e9:,.1f} GB of memory; {free / 1e9:,.1f} GB are free. {way_out}"
        )


def limit_memory(share: float = SHARE) -> None:
    """Lets this process take no more than this share of what is free: it then ends in an error, not the machine."""
    limit = _limit(share)
    if limit is not None:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


@contextlib.contextmanager
def limited_memory(share: float = SHARE) -> Iterator[None]:
    """The same for a while."""
    before, limit = resource.getrlimit(resource.RLIMIT_DATA), _limit(share)
    if limit is not None:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _limit(share: float) -> int | None:
    free, used = free_bytes(), _data_bytes()
    return None if free is None or used is None else used + int(free * share)


def give_back() -> None:
    """Gives the system what this process has freed: the worker's allocator keeps it otherwise (`builder.runs.launch`)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
    if trim is not None:
        trim(0)


def is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    text = str(error).lower()
    return any(words in text for words in _WORDS)


def _data_bytes() -> int | None:
    """What this process has taken already, as the limit counts it."""
    try:
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(lines["VmData"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
