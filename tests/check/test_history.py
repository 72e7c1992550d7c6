"""Undo and redo walk through every state and back."""

from hypothesis import given
from hypothesis import strategies as st

from builder.check.history import LONGEST, History
from tests.projects import stacked

STATES = [stacked(epochs=number) for number in range(1, 8)]


def walk(states) -> History:
    history = History.start(states[0])
    for state in states[1:]:
        history = history.record(state, f"to {state.training.epochs}")
    return history


@given(states=st.lists(st.sampled_from(STATES), min_size=1, max_size=20))
def test_undo_to_the_start_and_redo_to_the_end_meet_every_state(states):
    history = walk(states)
    distinct = [state for at, state in enumerate(states) if not at or state != states[at - 1]]
    seen = [history.present]
    while history.undo_label:
        history = history.undo()
        seen.append(history.present)
    assert seen[::-1] == distinct and history.undo() == history
    while history.redo_label:
        history = history.redo()
    assert history.present == states[-1] and history == walk(states) and history.redo() == history


def test_labels_name_the_next_step_either_way():
    history = walk(STATES[:3]).undo()
    assert (history.undo_label, history.redo_label) == ("to 2", "to 3")
    assert History.start(STATES[0]).undo_label is None


def test_a_change_after_undo_forgets_what_was_undone():
    history = walk(STATES[:3]).undo().record(STATES[5], "other")
    assert history.redo_label is None and history.undo().present == STATES[1]


def test_a_change_that_changes_nothing_is_no_step():
    history = walk(STATES[:2]).undo()
    assert history.record(history.present, "nothing") is history


def test_the_oldest_steps_go_first():
    history = walk([stacked(epochs=number) for number in range(1, LONGEST + 10)])
    assert len(history.past) == LONGEST and history.past[-1].project.training.epochs == LONGEST + 8
