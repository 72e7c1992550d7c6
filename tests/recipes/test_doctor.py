"""The doctor names the illness of runs that are sick on purpose, is silent on healthy ones, and its first fix mends.

`python -m tests.recipes.test_doctor` prints a table of every run with what was found.
"""

import os
import tempfile
from pathlib import Path

import pytest

from builder.check.edits import apply
from builder.data.dataset import TableDataset, prepare
from builder.runs.doctor import Evidence, Finding, diagnose, evidence_of
from builder.runs.run import Run
from builder.spec.project import Project
from tests.recipes.sick_runs import HEALTHY, SICK, Sick
from tests.trained import carry

pytestmark = pytest.mark.recipe

MOMENTS = (0.1, 0.25, 0.5, 0.75)
"""Shares of a run after which somebody may look at it."""


def examined(project: Project) -> tuple[Evidence, tuple[Finding, ...]]:
    """After a whole training."""
    run: Run = carry(project)
    dataset = prepare(project.data)
    leaks = dataset.leaks() if isinstance(dataset, TableDataset) else ()
    evidence = evidence_of(run, leaks=leaks)
    return evidence, diagnose(evidence)


def named(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.kind for finding in findings]


@pytest.mark.parametrize("sick", SICK, ids=lambda sick: f"{sick.kind}: {sick.what}")
def test_the_illness_is_named_and_the_first_fix_mends_it(sick, tmp_path):
    before, findings = examined(sick.make(tmp_path))
    assert sick.kind in named(findings)
    finding = next(finding for finding in findings if finding.kind == sick.kind)
    print(f"{sick.kind}: {sick.what}: {finding.sentence} → {finding.fixes[0].label}")
    after, left = examined(apply(before.project, *finding.fixes[0].edits))
    assert sick.kind not in named(left)
    assert figure(sick, after) > figure(sick, before)


@pytest.mark.parametrize("healthy", HEALTHY, ids=lambda healthy: healthy.what)
def test_a_healthy_run_is_left_in_peace_from_its_beginning_to_its_end(healthy, tmp_path):
    evidence, findings = examined(healthy.make(tmp_path))
    last = evidence.events.steps["step"][-1]
    on_the_way = [finding for share in MOMENTS for finding in diagnose(evidence.until(int(last * share)))]
    assert [finding.sentence for finding in (*on_the_way, *findings)] == []


def figure(sick: Sick, evidence: Evidence) -> float:
    """What has to be better after the fix: higher is better."""
    if sick.kind == "leak":
        return -len(evidence.leaks)
    if sick.kind == "data_bound":
        return max(epoch["rows_per_s"] for epoch in evidence.epochs)  # a quick run has few samples of the waiting
    if sick.kind == "imbalance":
        return min(row["recall"] for row in evidence.evaluation["per_class"])
    losses = evidence.losses("validation")
    if sick.kind == "overfitting":
        return -losses[-1]  # the best epoch is kept anyway
    return -min(losses, default=float("inf"))


def main() -> None:
    named_right, silent = 0, 0
    for sick in SICK:
        before, findings = examined_alone(sick)
        named_right += sick.kind in named(findings)
        print(f"{sick.kind:<14} {sick.what:<52} found: {', '.join(named(findings)) or '–'}", end="", flush=True)
        finding = next((finding for finding in findings if finding.kind == sick.kind), None)
        if finding is not None:
            after, left = examined(apply(before.project, *finding.fixes[0].edits))
            change = f"{abs(figure(sick, before)):.3g} → {abs(figure(sick, after)):.3g}"
            print(f" | {finding.fixes[0].label}: {change}, found: {', '.join(named(left)) or '–'}", end="")
        print()
    for healthy in HEALTHY:
        _, findings = examined_alone(healthy)
        silent += not findings
        print(f"{'healthy':<14} {healthy.what:<52} found: {', '.join(named(findings)) or '–'}", flush=True)
    print(f"{named_right} of {len(SICK)} named, silent on {silent} of {len(HEALTHY)}")


def examined_alone(case) -> tuple[Evidence, tuple[Finding, ...]]:
    return examined(case.make(Path(tempfile.mkdtemp(dir=os.environ["STRATA_HOME"]))))


if __name__ == "__main__":
    os.environ["STRATA_HOME"] = tempfile.mkdtemp()
    os.environ.pop("STRATA_STORE_URL", None)
    main()
