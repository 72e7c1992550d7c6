"""Tells whether a process still lives: by its id and its start time, as ids are used again."""

import os
import subprocess
import time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def start_time(pid: int) -> float | None:
    """When the process began, in seconds of a clock of the system's own; None if it is gone or a zombie."""
    return _from_proc(pid) if (PROC / "self" / "stat").exists() else _from_ps(pid)


def is_alive(pid: int | None, process_start: float | None) -> bool:
    """Whether exactly this process still runs."""
    return pid is not None and process_start is not None and start_time(pid) == process_start


def descendants(pid: int) -> list[int]:
    """The processes that this one has started, and those that they have, as far as the system says; parents first."""
    parents = {int(path.name): parent for path in PROC.glob("[0-9]*") if (parent := _parent(path)) is not None}
    found = [pid]
    for ancestor in found:
        found += [child for child, parent in parents.items() if parent == ancestor]
    return found[1:]


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):  # it ended just now
        return None


def _from_proc(pid: int) -> float | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return None if state in "ZX" else (int(fields[18]) + _share_of_boot()) / TICKS_PER_S


@lru_cache(maxsize=1)
def _share_of_boot() -> float:
    """Of a tick, the same until the machine restarts: its clock then begins anew, and ids and times may come again."""
    try:
        name = (PROC / "sys/kernel/random/boot_id").read_bytes()
    except FileNotFoundError:
        return 0.0
    return int.from_bytes(sha256(name).digest()[:2], "big") / 2**16


def _from_ps(pid: int) -> float | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    state, *words = answer.stdout.split() or ("Z",)
    return None if state.startswith("Z") else time.mktime(time.strptime(" ".join(words), "%a %b %d %H:%M:%S %Y"))
