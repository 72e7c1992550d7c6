"""No sequence of edits leads to a project that cannot be saved, loaded, checked, undone to the start and redone to the end."""

from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builder.check.edits import apply, describe
from builder.check.history import History
from builder.check.report import check
from builder.errors import SpecError
from builder.spec.model import ModelSpec
from builder.spec.project import Project, parse_project
from builder.spec.repetition import unrolled
from tests.check.drawing import EditDrawer
from tests.projects import facts_of, project_of
from tests.spec.drawing import models

STEPS = 12
MOVES = ("edit",) * 8 + ("undo", "undo", "redo")
FACTS = (facts_of((4,)), facts_of((3, 8, 8)))


def assert_is_whole(project: Project, facts) -> None:
    """It can be saved, loaded, checked, and written out as a plain graph."""
    assert parse_project(project.to_json()) == project
    report = check(project, facts)
    assert [row.node_id for row in report.rows] == [node.id for node in project.model.nodes]
    plain = unrolled(project.model).model
    assert ModelSpec.model_validate(plain.model_dump()) == plain and not plain.groups


def edited(history: History, rng: Random, piece: ModelSpec) -> History:
    """The history after an edit that may be refused."""
    edit = EditDrawer(rng, history.present.model, piece).draw()
    try:
        return history.record(apply(history.present, edit), describe(edit))
    except SpecError as refusal:
        assert str(refusal).strip(), edit
        return history


@settings(max_examples=200, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(model=models(5), piece=models(3), seed=st.integers(0, 2**32), facts=st.sampled_from(FACTS))
def test_two_hundred_sequences_of_edits_leave_every_project_whole(model, piece, seed, facts):
    history, rng = History.start(project_of(model)), Random(seed)
    states = [history.present]
    for _ in range(STEPS):
        before, text, move = history.present, history.present.to_json(), rng.choice(MOVES)
        if move == "edit":
            history = edited(history, rng, piece)
            if history.present is not before:
                states[len(history.past) :] = [history.present]
        else:
            history = history.undo() if move == "undo" else history.redo()
        assert before.to_json() == text and history.present == states[len(history.past)]
        if history.present is not before:
            assert_is_whole(history.present, facts)
    assert_walks(history, states)


def assert_walks(history: History, states: list[Project]) -> None:
    """Every state is found again on the way to the start, and on the way back to the end."""
    while history.past:
        assert history.present == states[len(history.past)]
        history = history.undo()
    assert history.present == states[0]
    while history.future:
        history = history.redo()
        assert history.present == states[len(history.past)]
    assert history.present == states[-1]
