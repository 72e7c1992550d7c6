"""Mends everything that can be mended: fix after fix, until none is left that helps."""

from collections.abc import Iterator
from typing import NamedTuple

from builder.check.edits import Edit, ReplaceLayer, UpdateLayer, apply
from builder.check.problem import Problem
from builder.check.report import Report, check
from builder.errors import SpecError
from builder.spec.facts import DataFacts
from builder.spec.machine import Machine
from builder.spec.project import Project

MOST_FIXES = 300


class _Step(NamedTuple):
    edits: tuple[Edit, ...]
    project: Project
    report: Report


def fix_all(project: Project, facts: DataFacts, machine: Machine | None = None) -> Project:
    """The project without the problems that can be mended."""
    return apply(project, *fixing_edits(project, facts, machine))


def fixing_edits(project: Project, facts: DataFacts, machine: Machine | None = None) -> tuple[Edit, ...]:
    """The first fix of each problem that makes it go away, one after the other.

    No state is entered twice, so fixes that would undo each other end.
    """
    seen, report, edits = [project], check(project, facts, machine), ()
    for _ in range(MOST_FIXES):
        tried = (_tried(seen, facts, machine, mended, by) for mended, by in _candidates(report))
        step = next((step for step in tried if step), None)
        if step is None:
            break
        seen.append(step.project)
        report, edits = step.report, edits + step.edits
    return edits


def _candidates(report: Report) -> Iterator[tuple[tuple[Problem, ...], tuple[Edit, ...]]]:
    """Problems with edits that may mend them: what is alike in many layers at once, then each fix by itself."""
    alike = _alike(report.problems)
    if len(alike) > 1:
        yield alike, tuple(problem.fixes[0].edits[0] for problem in alike)
    for problem in report.problems:
        for fix in problem.fixes:
            yield (problem,), fix.edits


def _alike(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The first that can be mended in its place, and all that are mended by the same words: one check does for them."""
    in_place = [
        problem for problem in problems
        if problem.fixes and [type(edit) for edit in problem.fixes[0].edits] in ([ReplaceLayer], [UpdateLayer])
    ]  # fmt: skip
    return tuple(problem for problem in in_place if problem.fixes[0].label == in_place[0].fixes[0].label)


def _tried(
    seen: list[Project], facts: DataFacts, machine: Machine | None, mended: tuple[Problem, ...], edits: tuple[Edit, ...]
) -> _Step | None:
    """The last state after the edits, if that is new and the problems are gone from it."""
    try:
        after = apply(seen[-1], *edits)
    except SpecError:  # it would tear a group apart, say
        return None
    report = check(after, facts, machine)
    left = {problem.message for problem in report.problems}
    is_mended = not any(problem.message in left for problem in mended)
    return _Step(edits, after, report) if is_mended and after not in seen else None
