"""What the editor sends is carried out once and whole."""

from secrets import token_hex

import pytest
from streamlit.testing.v1 import AppTest

from builder.check.history import History
from builder.check.report import check
from builder.data.templates import make_project
from builder.runs.blocks import BlockStore
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from builder.ui.canvas import carrying_out
from builder.ui.canvas.queue import Queue
from tests.projects import facts_of
from tests.ui.asking import MOUNT


@pytest.fixture
def project_id(strata_home) -> str:
    return ProjectStore().create(make_project(TEMPLATES["iris"]))


def carried_out(project_id: str, queue: Queue) -> AppTest:
    """As a tab does that has the project open."""
    return AppTest.from_function(_script, kwargs={"project_id": project_id, "queue": queue}).run()


def _script(project_id, queue):
    import streamlit as st

    from builder.ui import session
    from builder.ui.canvas.carrying_out import carry_out
    from builder.ui.session.tab import tab

    session.open_project(project_id)
    if "carried_out" not in st.session_state:
        st.session_state["carried_out"] = True
        session.facts()  # as a page that is drawn
        carry_out(queue)
    st.text(session.applied(queue.mount))
    st.text(" ".join(session.selected_nodes()))
    st.text("\n".join(message for _, message in tab().messages))


def added(number: int, kind: str = "Dropout") -> dict:
    return {"number": number, "op": "add", "kind": kind, "after": "linear_1"}


def queue(*items: dict) -> Queue:
    return Queue(mount=MOUNT, operations=items)


def numbered(*items: dict) -> Queue:
    """As a browser sends them that has sent nothing before."""
    operations = [{"number": number, **item} for number, item in enumerate(items, 1)]
    return Queue(mount=token_hex(8), operations=operations)


def saved(project_id: str) -> History:
    return ProjectStore().load(project_id)


def kinds(project_id: str) -> list[str]:
    return [node.layer.name for node in ProjectStore().load(project_id).present.model.nodes]


def test_what_is_sent_again_is_not_carried_out_again(project_id):
    page = carried_out(project_id, queue(added(1), added(1), added(2)))
    again = AppTest.from_function(_script, kwargs={"project_id": project_id, "queue": queue(added(1), added(2))})  # fmt: skip
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


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (RuntimeError("a mistake"), "by a mistake of Strata's"),
        (OSError(28, "No space left on device"), "No space left"),
    ],
)
def test_an_operation_that_fails_is_told_and_the_later_ones_are_made(project_id, monkeypatch, mistake, told):
    really = carrying_out.session.edit

    def fail_once(*edits, **named):
        monkeypatch.setattr(carrying_out.session, "edit", really)
        raise mistake

    monkeypatch.setattr(carrying_out.session, "edit", fail_once)
    page = carried_out(project_id, queue(added(1), added(2, "Tanh")))
    assert kinds(project_id)[:2] == ["Linear", "Tanh"] and "Dropout" not in kinds(project_id)
    assert page.text[0].value == "2" and told in page.text[2].value


def test_a_setting_is_one_step_named_by_the_titles_of_its_layer(project_id):
    carried_out(project_id, numbered({"op": "set", "id": "linear_1", "path": ["out_features"], "value": 40}))
    history = saved(project_id)
    assert history.present.model.nodes[0].layer.out_features == 40
    assert [step.label for step in history.past] == ["Set output features of linear_1"]


def test_a_setting_that_is_refused_is_told_and_the_next_one_is_made(project_id):
    wrong = [
        {"op": "set", "id": "linear_1", "path": ["out_features"], "value": value} for value in (0, "many", {"a": 1})
    ]
    page = carried_out(project_id, numbered(*wrong, {"op": "set", "id": "linear_1", "path": ["bias"], "value": False}))
    assert len(page.text[2].value.splitlines()) == 3 and "Output features needs a whole number" in page.text[2].value
    assert [step.label for step in saved(project_id).past] == ["Set bias of linear_1"]


def test_the_selection_follows_a_layer_that_gets_another_name_or_kind(project_id):
    select, rename = {"op": "select", "ids": ["linear_1"]}, {"op": "rename", "id": "linear_1", "name": "first"}
    page = carried_out(project_id, numbered(select, rename))
    assert page.text[1].value == "first"
    page = carried_out(
        project_id, numbered({"op": "select", "ids": ["linear_2"]}, {"op": "replace", "id": "linear_2", "value": "BatchNorm1d"})
    )  # fmt: skip
    assert page.text[1].value == "batchnorm1d_1"


@pytest.mark.parametrize(("kind", "name", "way_out", "named"), [("Conv1d", "conv1d_1", "Insert Reshape before it", "conv1d_1"), ("Conv2d", "conv2d_1", "Use Linear instead", "linear_4")])  # fmt: skip
def test_a_mended_layer_stays_selected_and_what_is_mended_is_not_mended_again(project_id, kind, name, way_out, named):
    carried_out(project_id, queue(added(1, kind)))
    problems = check(saved(project_id).present, facts_of((4,))).problems
    problem = next(problem for problem in problems if problem.node_id == name)
    labels = [fix.label for fix in problem.fixes]
    fix = {"op": "fix", "mark": problem.mark, "fix": labels.index(way_out)}
    page = carried_out(project_id, numbered({"op": "select", "ids": [name]}, fix, fix))
    assert (page.text[1].value, page.text[2].value) == (named, "That problem is gone already.")
    assert len(saved(project_id).past) == 2


def test_every_step_of_the_history_can_be_gone_to(project_id):
    sizes = [{"op": "set", "id": "linear_1", "path": ["out_features"], "value": size} for size in (40, 41, 42)]
    carried_out(project_id, numbered(*sizes))
    for place, size in ((0, 32), (2, 41), (2, 41), (9_999, 42)):
        carried_out(project_id, numbered({"op": "jump", "place": place}))
        assert saved(project_id).present.model.nodes[0].layer.out_features == size


def test_layers_are_grouped_repeated_kept_as_a_block_and_put_in_again(project_id):
    group = {"op": "group", "ids": ["linear_1", "linear_2"]}
    of_group = [{"op": "repeat", "times": 2}, {"op": "title", "title": "My pair"}, {"op": "keep"}]
    page = carried_out(project_id, numbered(group, *({"id": "group_1", **item} for item in of_group)))
    assert page.text[2].value == "My pair is now among your blocks, in every project."
    (own,) = BlockStore().list()
    assert (own.block.title, own.block.repeat, len(own.block.nodes)) == ("My pair", 2, 2)
    carried_out(project_id, numbered({"op": "add", "kind": f"own:{own.name}"}))
    assert [group.title for group in saved(project_id).present.model.groups] == ["My pair", "My pair"]
    carried_out(project_id, numbered({"op": "undo"}))
    assert len(saved(project_id).present.model.groups) == 1


def test_a_group_that_is_gone_is_not_kept(project_id):
    page = carried_out(project_id, numbered({"op": "keep", "id": "group_1"}))
    assert "no group 'group_1' any more" in page.text[2].value and BlockStore().list() == ()
