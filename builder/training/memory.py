"""Refuses work that this machine's memory cannot hold; the system would kill the process without a word."""

from pathlib import Path

from builder.errors import RunError

MEMINFO, LIMIT, USED = Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def require_memory(size_bytes: int, what: str, way_out: str) -> None:
    """Raises: RunError if more is needed than is free; where the system does not say, nothing is refused."""
    free = free_bytes()
    if free is not None and size_bytes > free:
        raise RunError(
            f"{what} needs about {size_bytes / 1e9:,.1f} GB of memory; {free / 1e9:,.1f} GB are free. {way_out}"
        )


def free_bytes() -> int | None:
    """What can be had without swapping, within the limit of a container."""
    known = [free for free in (_of_machine(), _of_container()) if free is not None]
    return min(known, default=None)


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
