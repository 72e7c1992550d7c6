"""Shows what the doctor finds in a run, each finding with its fixes: a click mends the project and trains again."""

import time
import traceback
from collections import deque
from dataclasses import dataclass, replace

import streamlit as st

from builder.check.problem import Fix
from builder.runs.doctor import Evidence, Finding, diagnose, evidence_of, looks_too_good
from builder.runs.events import Events
from builder.runs.folder import RunFolder
from builder.runs.run import Run, Status
from builder.runs.telemetry import TelemetryReader
from builder.spec.project import Project
from builder.ui.run_actions import launch_run, run_button, set_rate, stop_run
from builder.ui.session import current_project, edit, leaks
from builder.ui.text import plain

_MOST_FIXES = 2
_REST = 50
"""A look is followed by so many times its own duration without one: under a fiftieth of a core."""
_REST_S = 2.0


_MOST_PROJECTS = 8
"""Tabs that look at one run may each have changed the project in another way."""


@dataclass
class _Record:
    """What was found last of a run, with fixes for one project."""

    present: Project | None
    status: Status | None = None
    findings: tuple[Finding, ...] = ()
    due_at: float = 0.0


@st.cache_resource(max_entries=64, show_spinner=False)
def _reader(run_id: str, folder: RunFolder) -> TelemetryReader:
    return TelemetryReader(folder)


@st.cache_resource(max_entries=64, show_spinner=False)
def _records(run_id: str) -> deque[_Record]:
    return deque(maxlen=_MOST_PROJECTS)


def _record(run_id: str, present: Project | None) -> _Record:
    records = _records(run_id)
    found = next((record for record in tuple(records) if record.present == present), None)
    if found is None:
        found = _Record(present)
        records.append(found)
    return found


def show_findings(run: Run, events: Events) -> None:
    """At most three, under the container `doctor`; nothing for a run that is well."""
    found = _found(run, events)
    if found:
        with st.container(key="doctor", gap="small"):
            for finding in found:
                _show(run, finding)


def _found(run: Run, events: Events) -> tuple[Finding, ...]:
    """As of a moment ago while the run goes on; the project and the end of a run are seen at once."""
    present = current_project()
    record = _record(run.id, present)
    if record.status != run.status or (run.is_active and time.monotonic() >= record.due_at):
        began = time.monotonic()
        record.findings = _diagnosed(run, present, events)
        record.status = run.status
        record.due_at = time.monotonic() + max(_REST_S, _REST * (time.monotonic() - began))
    return record.findings


def _diagnosed(run: Run, present: Project, events: Events) -> tuple[Finding, ...]:
    """Nothing if the doctor itself fails: the page shows the run all the same."""
    try:
        return _diagnosis(run, present, events)
    except Exception:
        traceback.print_exc()
        return ()


def _diagnosis(run: Run, present: Project, events: Events) -> tuple[Finding, ...]:
    evidence = evidence_of(run, present, events, _reader(run.id, RunFolder(run.folder)).read())
    if evidence is None:
        return ()
    return diagnose(replace(evidence, leaks=_leaks(evidence)))


def _leaks(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Of the data as they are now, if the run was trained on them; looked for only where answers are too good."""
    if evidence.project.data != evidence.present.data or not looks_too_good(evidence):
        return ()
    return leaks()


def _show(run: Run, finding: Finding) -> None:
    with st.container(gap="xsmall", key=f"finding_{finding.kind}"):
        st.warning(f"**{finding.title}.** {plain(finding.sentence)}", icon=":material/stethoscope:")
        with st.container(horizontal=True):
            for number, fix in enumerate(finding.fixes[:_MOST_FIXES]):
                run_button(
                    plain(f"{fix.label} and train again"), f"mend_{finding.kind}_{number}", "" if number else "healing",
                    _mend, run, fix,
                )  # fmt: skip
            if finding.lr_now is not None and run.status == "running" and run.phase == "training":
                run_button(
                    f"Change it now to {finding.lr_now:g}", f"change_{finding.kind}", "", set_rate, run.id, finding.lr_now,
                    help="This run goes on with it from its next step.",
                )  # fmt: skip


def _mend(run: Run, fix: Fix) -> None:
    """One step of the history; a run that still trains is stopped first and keeps its best weights."""
    if not edit(*fix.edits, label=fix.label):
        return
    if run.is_active:
        stop_run(run.id)
    launch_run()
