"""Mends everything that can be mended: fix after fix, until none is left that helps."""

from builder.check.edits import Edit, apply
from builder.check.problem import Fix, Problem
from builder.check.report import Report, check
from builder.errors import SpecError
from builder.spec.facts import DataFacts
from builder.spec.project import Project

MOST_FIXES = 300


def fix_all(project: Project, facts: DataFacts) -> Project:
    """The project without the problems that can be mended."""
    return apply(project, *fixing_edits(project, facts))


def fixing_edits(project: Project, facts: DataFacts) -> tuple[Edit, ...]:
    """The first fix of each problem that makes it go away, one after the other.

    No state is entered twice, so fixes that would undo each other end.
    """
    seen, report, edits = [project], check(project, facts), ()
    for _ in range(MOST_FIXES):
        step = next((step for problem in report.problems if (step := _step(seen, facts, problem))), None)
        if step is None:
            break
        fix, project, report = step
        seen.append(project)
        edits += fix.edits
    return edits


def _step(seen: list[Project], facts: DataFacts, problem: Problem) -> tuple[Fix, Project, Report] | None:
    """The first fix of the last state that takes the problem away, and what comes of it."""
    for fix in problem.fixes:
        try:
            after = apply(seen[-1], *fix.edits)
        except SpecError:  # it would tear a group apart, say
            continue
        report = check(after, facts)
        if after not in seen and problem.message not in {left.message for left in report.problems}:
            return fix, after, report
    return None
