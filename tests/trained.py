"""Carries whole runs out in the tests' own process."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from builder.export.finish import export_run
from builder.runs.folder import RunFolder
from builder.runs.processes import start_time
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.training.session import carry_out


def carry(project: Project, *, exported: bool = False, watch=None) -> Run:
    """The run after its end."""
    store = open_store()
    run = store.create(project, status="running")
    return carry_out(store, run, finish=export_run if exported else None, watch=watch)


def carry_on(run: Run, *, watch=None) -> Run:
    """A queued run after its end."""
    store = open_store()
    assert store.adopt(run.id, os.getpid(), start_time(os.getpid()))
    return carry_out(store, store.get(run.id), watch=watch)


def carry_in(home: Path, project: Project, *, exported: bool = True) -> RunFolder:
    """The folder of a finished run in a home that outlives a single test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATA_HOME", str(home))
        patch.delenv("STRATA_STORE_URL", raising=False)
        run = carry(project, exported=exported)
        assert run.status == "finished", run.message
        return RunFolder(run.folder)


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())
