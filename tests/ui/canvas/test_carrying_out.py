"""What the canvas sends is carried out once and whole, whatever Streamlit does meanwhile."""

import pytest
from streamlit.testing.v1 import AppTest

from builder.data.templates import make_project
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from builder.ui.canvas import carrying_out
from builder.ui.canvas.queue import Queue

MOUNT = "0123456789abcdef"


@pytest.fixture
def project_id(strata_home) -> str:
    return ProjectStore().create(make_project(TEMPLATES["iris"]))


def carried_out(project_id: str, queue: Queue, *, clicks: bool = False) -> AppTest:
    """As a tab does that has the project open; `clicks`: the user clicks elsewhere at the same moment."""
    return AppTest.from_function(_script, kwargs={"project_id": project_id, "queue": queue, "clicks": clicks}).run()


def _script(project_id, queue, clicks):
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from builder.ui import session
    from builder.ui.canvas.carrying_out import carry_out

    session.open_project(project_id)
    if "carried_out" not in st.session_state:
        st.session_state["carried_out"] = True
        session.facts()  # as a page that is drawn
        if clicks:
            get_script_run_ctx().script_requests.request_rerun(RerunData())
        carry_out(queue)
    st.text(session.applied(queue.mount))
    st.text(" ".join(session.selected_nodes()))


def added(number: int, kind: str = "Dropout") -> dict:
    return {"number": number, "op": "add", "kind": kind, "after": "linear_1"}


def queue(*items: dict, attempt: int = 1) -> Queue:
    return Queue(mount=MOUNT, attempt=attempt, operations=items)


def kinds(project_id: str) -> list[str]:
    return [node.layer.name for node in ProjectStore().load(project_id).present.model.nodes]


def test_a_click_elsewhere_does_not_cut_an_edit_in_half(project_id):
    page = carried_out(project_id, queue(added(1), added(2, "Tanh")), clicks=True)
    assert kinds(project_id)[:3] == ["Linear", "Tanh", "Dropout"]
    assert page.text[0].value == "2"


def test_what_is_sent_again_is_not_carried_out_again(project_id):
    page = carried_out(project_id, queue(added(1), added(1), added(2)))
    again = AppTest.from_function(_script, kwargs={"project_id": project_id, "queue": queue(added(1), added(2), attempt=2), "clicks": False})  # fmt: skip
    again.session_state["strata"] = page.session_state["strata"]
    again.run()
    assert kinds(project_id).count("Dropout") == 2


def test_both_inputs_are_kept_in_one_step_and_the_new_layer_is_selected(project_id):
    wire = {"number": 1, "op": "connect", "source": "input", "target": "linear_2", "how": "add"}
    page = carried_out(project_id, queue(wire))
    history = ProjectStore().load(project_id)
    assert len(history.past) == 1 and history.past[-1].label == "Add input into linear_2"
    assert page.text[1].value == "add_1"


def test_every_layer_of_a_block_is_selected(project_id):
    page = carried_out(project_id, queue(added(1, "ready:dense-residual")))
    (group,) = ProjectStore().load(project_id).present.model.groups
    assert len(group.members) > 1 and page.text[1].value.split() == list(group.members)


def test_an_operation_at_which_the_script_is_broken_off_stays_to_be_sent_again(project_id, monkeypatch):
    class BrokenOff(BaseException):
        """As Streamlit's own: no Exception."""

    def break_off(*_):
        raise BrokenOff

    with monkeypatch.context() as broken:
        broken.setattr(carrying_out, "_carry_out", break_off)
        broken.setattr(carrying_out.session, "applied", lambda mount: 0)
        marked = []
        broken.setattr(carrying_out.session, "mark_applied", lambda mount, number: marked.append(number))
        with pytest.raises(BrokenOff):
            carrying_out.carry_out(queue(added(1)))
        assert marked == []


def test_an_operation_that_fails_by_a_mistake_of_ours_does_not_stop_the_later_ones(project_id, monkeypatch):
    def fail(*_):
        raise RuntimeError("a mistake")

    marked = []
    monkeypatch.setattr(carrying_out, "_carry_out", fail)
    monkeypatch.setattr(carrying_out.session, "applied", lambda mount: 0)
    monkeypatch.setattr(carrying_out.session, "mark_applied", lambda mount, number: marked.append(number))
    with pytest.raises(RuntimeError, match="a mistake"):
        carrying_out.carry_out(queue(added(1)))
    assert marked == [1]
