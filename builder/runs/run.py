"""One training of one project, as the store knows it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from builder.home import home

Status = Literal[
    "queued", "running", "paused", "finished", "stopped", "failed", "interrupted", "cancelled", "discarded"
]
Request = Literal["stop", "pause", "discard"]
"""What a running run is asked for: to end and keep its best weights, to be gone on with later, to keep nothing."""
Phase = Literal["preparing", "training", "evaluating", "exporting", ""]
ACTIVE: tuple[Status, ...] = ("queued", "running")
RESUMABLE: tuple[Status, ...] = ("paused", "stopped", "interrupted", "failed")
"""Runs that may have more to do, if there is a checkpoint to go on from."""


@dataclass(frozen=True)
class Run:
    """Times are unix seconds; `pid` and `process_start` together name the process, as an id alone is used again."""

    id: str
    project_id: str | None
    name: str
    status: Status
    phase: Phase
    message: str
    request: Request | None
    created_at: float
    started_at: float | None
    ended_at: float | None
    pid: int | None
    process_start: float | None

    @property
    def folder(self) -> Path:
        return run_path(self.id)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


def run_path(run_id: str) -> Path:
    return home() / "runs" / run_id
