"""One training of one project, as the store knows it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from builder.home import home

Status = Literal["queued", "running", "finished", "stopped", "failed", "interrupted", "cancelled"]
Phase = Literal["preparing", "training", "evaluating", "exporting", ""]
ACTIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True)
class Run:
    """Times are unix seconds; `pid` and `process_start` together name the process, as an id alone is used again."""

    id: str
    project_id: str | None
    name: str
    status: Status
    phase: Phase
    message: str
    request: Literal["stop"] | None
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
