"""The doctor on the command line: what ails a run, and what would help."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from builder.check.edits import apply
from builder.data.dataset import TableDataset, prepare
from builder.errors import RunError
from builder.runs.doctor import Evidence, Finding, diagnose, evidence_of, looks_too_good
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.project import save_project

WELL = "Nothing ails this run, as far as it has come."


def examine(arguments: argparse.Namespace) -> None:
    """Raises: RunError if there is nothing to go by, or nothing to mend."""
    run = open_store().get(arguments.run)
    evidence = evidence_of(run)
    if evidence is None:
        raise RunError(f"Run {run.id} has not begun to train, so there is nothing to go by yet.")
    findings = diagnose(replace(evidence, leaks=_leaks(evidence)))
    if arguments.json:
        print(json.dumps([_as_json(finding) for finding in findings]))
    else:
        _print(findings)
    if arguments.mend:
        _mend(RunFolder(run.folder), findings, arguments.mend)


def _leaks(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Looked for only where answers are too good, as it takes a while."""
    if not looks_too_good(evidence):
        return ()
    dataset = prepare(evidence.project.data)
    return dataset.leaks() if isinstance(dataset, TableDataset) else ()


def _as_json(finding: Finding) -> dict:
    return {"kind": finding.kind, "sentence": finding.sentence, "fixes": [fix.label for fix in finding.fixes]}


def _print(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        print(f"{finding.title}: {finding.sentence}")
        for fix in finding.fixes:
            print(f"  - {fix.label}")
    if not findings:
        print(WELL)


def _mend(folder: RunFolder, findings: tuple[Finding, ...], path: Path) -> None:
    """Writes the run's project with the first fix of the first finding that has one."""
    fixes = [finding.fixes[0] for finding in findings if finding.fixes]
    if not fixes:
        raise RunError("There is no fix to make; no project was written.")
    save_project(apply(folder.project, *fixes[0].edits), path)
    print(f"Wrote {path}: {fixes[0].label}.")
