"""Gathers what a run's folder says, for the doctor to go by."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from builder.runs.changes import changes
from builder.runs.doctor.evidence import Evidence
from builder.runs.events import EventReader, Events
from builder.runs.folder import RunFolder
from builder.runs.origin import origin_of
from builder.runs.run import Run
from builder.runs.telemetry import Sample, TelemetryReader
from builder.spec.facts import DataFacts
from builder.spec.project import Project


def evidence_of(
    run: Run,
    present: Project | None = None,
    events: Events | None = None,
    samples: Sequence[Sample] | None = None,
    leaks: Sequence[tuple[str, str]] = (),
) -> Evidence | None:
    """None before the run knows its data; events and samples are read if none are given.

    Fixes are made for `present`, the run's own project if none is given.
    """
    folder = RunFolder(run.folder)
    facts = _read(folder.facts)
    if facts is None:
        return None
    project, changed = folder.project, changes(folder)
    return Evidence(
        project=project,
        present=present or project,
        facts=DataFacts.model_validate(facts),
        events=EventReader(folder).read() if events is None else events,
        samples=tuple(TelemetryReader(folder).read() if samples is None else samples),
        leaks=tuple(leaks),
        evaluation=None if run.is_active else _read(folder.evaluation),
        status=run.status,
        message=run.message,
        changed_lr=(changed[-1].step, changed[-1].lr) if changed else None,
        is_fresh=project.model.weights is None and origin_of(folder) is None,
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
