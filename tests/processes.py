"""Ends what a test started and left running: servers, workers and runs."""

import os
import signal
from pathlib import Path


def kill_processes_of(home: Path, *, but: int | None = None) -> None:
    """Every process whose `STRATA_HOME` is this folder or lies in it, but the one that asks, and perhaps another."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            entries = (process / "environ").read_bytes().split(b"\0")
            its_home = next((entry[12:] for entry in entries if entry.startswith(b"STRATA_HOME=")), None)
            if (
                its_home
                and Path(os.fsdecode(its_home)).is_relative_to(home)
                and int(process.name) not in (os.getpid(), but)
            ):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:  # it ended meanwhile, or is not ours
            continue
