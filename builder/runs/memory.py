"""Says how much memory this machine has left, and what fits into it."""

from pathlib import Path

MEMINFO, LIMIT, USED = Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")

KILLS = Path("/proc/vmstat")

USABLE = 0.9
"""Share of the free memory that a training may plan with."""
LARGEST_BATCH = 65_536


def usable_bytes() -> int | None:
    free = free_bytes()
    return None if free is None else int(free * USABLE)


def largest_batch(fixed_bytes: float, row_bytes: float, available: float) -> int:
    """The largest power of two of rows that fits beside what is needed for any batch; 0 if not even one does."""
    sizes = [1 << power for power in range(LARGEST_BATCH.bit_length())]
    return max((rows for rows in sizes if fixed_bytes + row_bytes * rows <= available), default=0)


def free_bytes() -> int | None:
    """What can be had without swapping, within the limit of a container; None where the system does not say."""
    known = [free for free in (_of_machine(), _of_container()) if free is not None]
    return min(known, default=None)


def oom_kills() -> int | None:
    """Processes that the system has killed for want of memory, since it started; None where it does not say."""
    try:
        lines = dict(line.split(" ", 1) for line in KILLS.read_text().splitlines())
        return int(lines["oom_kill"])
    except (OSError, KeyError, ValueError):
        return None


def _of_machine() -> int | None:
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None


def _of_container() -> int | None:
    try:
        return int(LIMIT.read_text()) - int(USED.read_text())
    except (OSError, ValueError):  # "max" is no limit
        return None
