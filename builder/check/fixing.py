"""Mends everything that can be mended: fix after fix, until none is left that helps."""

from builder.check.edits import apply
from builder.check.problem import Problem
from builder.check.report import Report, check
from builder.errors import SpecError
from builder.spec.facts import DataFacts
from builder.spec.project import Project

MOST_FIXES = 300


def fix_all(project: Project, facts: DataFacts) -> Project:
    """The project after the first fix of each problem that makes it go away.

    No state is entered twice, so fixes that would undo each other end.
    """
    seen, report = [project], check(project, facts)
    for _ in range(MOST_FIXES):
        step = next((step for problem in report.problems if (step := _mended(project, facts, problem, seen))), None)
        if step is None:
            break
        project, report = step
        seen.append(project)
    return project


def _mended(project: Project, facts: DataFacts, problem: Problem, seen: list[Project]) -> tuple[Project, Report] | None:
    """The project and its report after the first fix that takes the problem away."""
    for fix in problem.fixes:
        try:
            after = apply(project, *fix.edits)
        except SpecError:  # it would tear a group apart, say
            continue
        report = check(after, facts)
        if after not in seen and problem.message not in {left.message for left in report.problems}:
            return after, report
    return None
