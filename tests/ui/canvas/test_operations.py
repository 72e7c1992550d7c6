"""What the browser may send, and what becomes of what it must not."""

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Conv2d, Flatten, Linear
from builder.check.edits import apply
from builder.check.edits.splicing import Piece, copied
from builder.errors import SpecError
from builder.spec.model import INPUT, Group
from builder.spec.project import Project
from builder.ui.canvas.adding import Desk
from builder.ui.canvas.operations import Operation
from builder.ui.canvas.queue import Queue
from tests.projects import stacked

MOUNT = "0123456789abcdef"
PROJECT = stacked(Conv2d(out_channels=8), Flatten(), Linear())
SHAPES = {INPUT: (3, 8, 8), "conv2d_1": (8, 8, 8), "flatten_1": (512,), "linear_1": (3,)}


def operation_of(**item) -> Operation:
    queue = Queue.read({"mount": MOUNT, "palette": None, "operations": [{"number": 1, **item}]})
    ((number, operation),) = queue.after(0)
    assert number == 1
    return operation


def after(project: Project = PROJECT, clipboard: Piece | None = None, **item) -> Project:
    desk = Desk(project.model, SHAPES.get, clipboard or Piece())
    return apply(project, *operation_of(**item).edits(desk))


def ids(project: Project) -> list[str]:
    return [node.id for node in project.model.nodes]


def wires(project: Project) -> dict[str, tuple[str, ...]]:
    return {node.id: project.model.inputs_of(index) for index, node in enumerate(project.model.nodes)}


def test_a_click_in_the_palette_puts_a_layer_after_the_selection():
    assert ids(after(op="add", kind="ReLU", after="conv2d_1")) == ["conv2d_1", "relu_1", "flatten_1", "linear_1"]


def test_without_a_selection_a_layer_goes_before_the_output_and_has_a_size_of_its_own():
    project = after(op="add", kind="Linear")
    assert ids(project) == ["conv2d_1", "flatten_1", "linear_2", "linear_1"]
    added = project.model.nodes[2].layer
    assert added.out_features and added.activation == ReLU()


def test_a_layer_dropped_on_a_wire_stands_between():
    project = after(op="insert", kind="BatchNorm2d", source="conv2d_1", target="flatten_1")
    assert wires(project)["batchnorm2d_1"] == ("conv2d_1",)
    assert wires(project)["flatten_1"] == ("batchnorm2d_1",)


def test_a_layer_dropped_on_the_canvas_lies_there_unconnected():
    project = after(op="place", kind="ReLU", position=[40, -80])
    node = next(node for node in project.model.nodes if node.id == "relu_1")
    assert (node.inputs, node.position) == ((), (40, -80))


def test_a_ready_made_block_fits_what_it_is_put_behind():
    project = after(op="add", kind="ready:residual", after="conv2d_1")
    (group,) = project.model.groups
    assert group.title == "Residual block"
    assert {node.layer.out_channels for node in project.model.nodes if node.id in group.members and node.layer.kind == "Conv2d"} == {8}  # fmt: skip


def test_a_block_that_does_not_fit_there_is_refused_in_words():
    with pytest.raises(SpecError, match=r"Residual needs an input of 3 axes; got \(512,\)"):
        after(op="add", kind="ready:residual", after="flatten_1")


def test_wires_are_drawn_and_cut():
    connected = after(op="connect", source="conv2d_1", target="linear_1")
    assert wires(connected)["linear_1"] == ("conv2d_1",)
    assert wires(after(op="remove", wires=[["conv2d_1", "flatten_1"]]))["flatten_1"] == ()


@pytest.mark.parametrize(("how", "name", "kind"), [("add", "add_1", "Add"), ("concat", "concat_1", "Concat")])
def test_a_wire_to_a_layer_that_has_its_input_can_keep_both(how, name, kind):
    project = after(op="connect", source="conv2d_1", target="linear_1", how=how)
    assert wires(project)[name] == ("flatten_1", "conv2d_1") and wires(project)["linear_1"] == (name,)
    assert project.model.nodes[project.model.index(name)].layer.kind == kind
    replaced = after(op="connect", source="conv2d_1", target="linear_1", how="replace")
    assert wires(replaced)["linear_1"] == ("conv2d_1",) and len(replaced.model.nodes) == 3


def test_deleting_joins_what_stood_around():
    assert wires(after(op="remove", ids=["flatten_1"]))["linear_1"] == ("conv2d_1",)


def test_what_was_copied_is_pasted_after_the_selection():
    project = after(clipboard=copied(PROJECT.model, ("flatten_1",)), op="paste", after="flatten_1")
    assert ids(project) == ["conv2d_1", "flatten_1", "flatten_2", "linear_1"]
    with pytest.raises(SpecError, match="nothing to paste"):
        after(op="paste", after="flatten_1")


def test_groups_are_made_named_repeated_folded_and_taken_away():
    project = after(op="group", ids=["conv2d_1", "flatten_1"])
    (group,) = project.model.groups
    project = after(project, op="title", id=group.id, title="Stem")
    project = after(project, op="fold", id=group.id, folded=True)
    assert project.model.groups == (Group(id=group.id, title="Stem", members=("conv2d_1", "flatten_1"), folded=True),)
    assert after(project, op="repeat", id=group.id, times=3).model.groups[0].repeat == 3
    assert after(project, op="ungroup", id=group.id).model.groups == ()


def test_places_are_kept_and_given_back():
    project = after(op="move", positions={"conv2d_1": [5, 6], "input": [0, 0], "gone": [1, 1]})
    assert project.model.nodes[0].position == (5, 6)
    assert after(project, op="arrange").model.nodes[0].position is None


def test_a_layer_is_renamed_with_the_wires_to_it():
    assert wires(after(op="rename", id="conv2d_1", name="stem"))["flatten_1"] == ("stem",)


@pytest.mark.parametrize(
    "item",
    [
        {"op": "explode"},
        {},
        {"op": "add"},
        {"op": "add", "kind": 7},
        {"op": "add", "kind": "ReLU", "more": "fields"},
        {"op": "place", "kind": "ReLU", "position": [1e99, 0]},
        {"op": "place", "kind": "ReLU", "position": [1]},
        {"op": "move", "positions": {"conv2d_1": ["a", "b"]}},
        {"op": "move", "positions": {}},
        {"op": "connect", "source": "conv2d_1", "target": "linear_1", "how": "multiply"},
        {"op": "connect", "source": "conv2d_1", "target": "linear_1", "how": None},
        {"op": "remove", "wires": [["one"]]},
        {"op": "fold", "id": "g", "folded": {"yes": 1}},
        {"op": "group", "ids": []},
        {"op": "title", "id": "g", "title": "x" * 10_000},
    ],
)
def test_what_cannot_be_understood_is_no_operation(item):
    assert operation_of(**item) is None


@pytest.mark.parametrize(
    "item",
    [
        {"op": "add", "kind": "__import__"},
        {"op": "add", "kind": "ready:nothing"},
        {"op": "add", "kind": "own:nothing"},
        {"op": "add", "kind": "ReLU", "after": "gone"},
        {"op": "insert", "kind": "ReLU", "source": "gone", "target": "linear_1"},
        {"op": "connect", "source": "linear_1", "target": "conv2d_1"},
        {"op": "connect", "source": "linear_1", "target": "conv2d_1", "how": "add"},
        {"op": "connect", "source": "flatten_1", "target": "flatten_1", "how": "concat"},
        {"op": "connect", "source": "conv2d_1", "target": "gone"},
        {"op": "remove", "ids": ["gone"]},
        {"op": "remove", "wires": [["linear_1", "conv2d_1"]]},
        {"op": "duplicate", "ids": ["gone"]},
        {"op": "rename", "id": "conv2d_1", "name": "Not A Name"},
        {"op": "rename", "id": "conv2d_1", "name": "flatten_1"},
        {"op": "ungroup", "id": "gone"},
        {"op": "group", "ids": ["gone"]},
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(item):
    with pytest.raises(SpecError, match=r"\w+ \w+ \w+"):
        after(**item)


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, {"mount": "../..", "operations": []}, {"mount": MOUNT, "operations": 1}])  # fmt: skip
def test_a_queue_that_is_none_is_left_alone(value):
    assert Queue.read(value) is None


def test_each_operation_is_taken_once_and_in_order():
    items = [{"number": number, "op": "undo"} for number in (1, 2, 2, 4, 3)] + [{"op": "undo"}, {"number": True}]
    queue = Queue.read({"mount": MOUNT, "operations": items})
    assert [number for number, _ in queue.after(1)] == [2, 4]
