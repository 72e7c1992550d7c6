"""What the browser may send, and what becomes of what it must not."""

import pytest

from builder.catalogue.activations import LeakyReLU, ReLU
from builder.catalogue.layers import Conv2d, Flatten, Linear
from builder.check.edits import apply
from builder.check.edits.splicing import Piece, copied
from builder.errors import SpecError
from builder.spec.model import INPUT, Group
from builder.spec.project import Project
from builder.ui.canvas.adding import Desk
from builder.ui.canvas.queue import Queue
from tests.projects import facts_of, stacked
from tests.ui.asking import MOUNT, desk_of, operation_of

PROJECT = stacked(Conv2d(out_channels=8), Flatten(), Linear(activation=LeakyReLU()))
SHAPES = {INPUT: (3, 8, 8), "conv2d_1": (8, 8, 8), "flatten_1": (512,), "linear_1": (3,)}


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
        {"op": "set", "id": "conv2d_1", "path": ["stride"]},
        {"op": "set", "id": "conv2d_1", "path": "stride", "value": "2"},
        {"op": "set", "id": "conv2d_1", "path": [], "value": "2"},
        {"op": "set", "id": "conv2d_1", "path": ["a", "b", "c"], "value": "2"},
        {"op": "set", "id": 1, "path": ["stride"], "value": "2"},
        {"op": "reset", "id": "conv2d_1", "path": [{}]},
        {"op": "replace", "id": "conv2d_1", "value": None},
        {"op": "takes", "id": "conv2d_1", "value": None},
        {"op": "takes", "id": "conv2d_1", "value": [1]},
        {"op": "fix", "mark": "0", "fix": -1},
        {"op": "jump", "place": -1},
        {"op": "jump", "place": 10**12},
        {"op": "keep", "id": ["g"]},
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
        {"op": "set", "id": "gone", "path": ["stride"], "value": "2"},
        {"op": "set", "id": "conv2d_1", "path": ["model_fields"], "value": "2"},
        {"op": "set", "id": "conv2d_1", "path": ["kind"], "value": "Linear"},
        {"op": "set", "id": "conv2d_1", "path": ["stride", "kind"], "value": "2"},
        {"op": "set", "id": "conv2d_1", "path": ["activation", "negative_slope"], "value": 0.1},
        {"op": "set", "id": "linear_1", "path": ["activation", "approximate"], "value": "tanh"},
        {"op": "reset", "id": "conv2d_1", "path": ["__class__"]},
        {"op": "reset", "id": "gone", "path": ["stride"]},
        {"op": "replace", "id": "conv2d_1", "value": "Component"},
        {"op": "replace", "id": "gone", "value": "ReLU"},
        {"op": "takes", "id": "linear_1", "value": "gone"},
        {"op": "takes", "id": "linear_1", "value": "linear_1"},
        {"op": "takes", "id": "conv2d_1", "value": "linear_1"},
        {"op": "takes", "id": "linear_1", "value": ["input", "conv2d_1"]},
        {"op": "takes", "id": "gone", "value": "input"},
        {"op": "fix", "mark": "00000000", "fix": 0},
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(item):
    with pytest.raises(SpecError, match=r"\w+ \w+ \w+"):
        after(**item)


NO_VALUES = [None, [], {}, ["3"], {"kind": "ReLU"}, "", "three", "x" * 100_000, float("nan"), float("inf"), 10**400, -(10**30), True]  # fmt: skip


@pytest.mark.parametrize("value", [*NO_VALUES, 7.5, "8", 0, 10**9], ids=lambda value: repr(value)[:20])
def test_a_whole_number_is_set_to_nothing_else(value):
    with pytest.raises(SpecError, match=r"\w+ \w+ \w+") as told:
        after(op="set", id="conv2d_1", path=["out_channels"], value=value)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize("value", [*NO_VALUES, 1.5, "0.5"], ids=lambda value: repr(value)[:20])
def test_a_real_number_is_set_to_nothing_else(value):
    with pytest.raises(SpecError, match=r"\w+ \w+ \w+") as told:
        after(op="set", id="linear_1", path=["activation", "negative_slope"], value=value)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(("field", "allowed"), [("kernel_size", ()), ("padding_mode", ()), ("bias", True), ("activation", None)])  # fmt: skip
@pytest.mark.parametrize("value", [*NO_VALUES, 7.5, 1, "import os"], ids=lambda value: repr(value)[:20])
def test_sizes_choices_switches_and_components_are_set_to_nothing_else(field, allowed, value):
    if value is allowed:
        return
    with pytest.raises(SpecError, match=r"\w+ \w+ \w+") as told:
        after(op="set", id="conv2d_1", path=[field], value=value)
    assert len(str(told.value)) < 200


def test_settings_are_set_and_given_back_each_as_its_kind_is_written():
    def first(**item):
        return after(id="conv2d_1", **item).model.nodes[0].layer

    assert first(op="set", path=["kernel_size"], value=" 3x5 ").kernel_size == (3, 5)
    assert first(op="set", path=["out_channels"], value=16).out_channels == 16
    assert first(op="set", path=["activation"], value="ReLU").activation == ReLU()
    assert first(op="reset", path=["out_channels"]).out_channels == Conv2d().out_channels
    slope = after(op="set", id="linear_1", path=["activation", "negative_slope"], value=1).model.nodes[-1].layer
    assert slope.activation == LeakyReLU(negative_slope=1.0) and type(slope.activation.negative_slope) is float
    assert after(op="reset", id="linear_1", path=["activation"]).model.nodes[-1].layer.activation is None


def test_an_activation_that_is_picked_again_keeps_its_settings():
    project = after(op="set", id="linear_1", path=["activation", "negative_slope"], value=0.5)
    assert after(project, op="set", id="linear_1", path=["activation"], value="LeakyReLU") == project


def test_a_replaced_layer_keeps_what_both_have_and_its_wires():
    project = after(op="replace", id="conv2d_1", value="Conv3d")
    assert ids(project)[0] == "conv3d_1" and project.model.nodes[0].layer.out_channels == 8
    last = after(op="replace", id="linear_1", value="Dropout")
    assert wires(last)["dropout_1"] == ("flatten_1",)


def test_a_layer_takes_another_value_and_one_that_merges_several():
    assert wires(after(op="takes", id="linear_1", value="conv2d_1"))["linear_1"] == ("conv2d_1",)
    project = after(op="connect", source="input", target="linear_1", how="add")
    assert wires(after(project, op="takes", id="add_1", value=["input", "conv2d_1"]))["add_1"] == ("input", "conv2d_1")
    assert wires(after(project, op="takes", id="add_1", value=[]))["add_1"] == ()


def test_a_problem_is_mended_by_its_mark_and_only_while_it_is_there():
    project, facts = stacked(Conv2d(activation=ReLU()), Linear()), facts_of((3, 8, 8))
    (problem,) = desk_of(project, facts).problems()
    fix = operation_of(op="fix", mark=problem.mark, fix=0)
    mended = apply(project, *fix.edits(desk_of(project, facts)))
    assert ids(mended) == ["conv2d_1", "flatten_1", "linear_1"]
    with pytest.raises(SpecError, match="That problem is gone already"):
        fix.edits(desk_of(mended, facts))
    with pytest.raises(SpecError, match="That problem is gone already"):
        operation_of(op="fix", mark=problem.mark, fix=9).edits(desk_of(project, facts))


def test_what_is_wrong_is_not_looked_up_for_any_other_operation():
    def fail():
        raise AssertionError

    desk = Desk(PROJECT.model, SHAPES.get, problems=fail)
    for item in ({"op": "set", "path": ["stride"], "value": "2"}, {"op": "replace", "value": "ReLU"}):
        assert operation_of(id="conv2d_1", **item).edits(desk)


def test_a_step_is_named_by_its_edits_or_by_the_titles_of_the_layer():
    desk = Desk(PROJECT.model, SHAPES.get)
    step = operation_of(op="set", id="conv2d_1", path=["kernel_size"], value="5")
    assert step.label(desk) == "Set kernel size of conv2d_1"
    assert operation_of(op="remove", ids=["conv2d_1"]).label(desk) is None


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, {"mount": "../..", "operations": []}, {"mount": MOUNT, "operations": 1}])  # fmt: skip
def test_a_queue_that_is_none_is_left_alone(value):
    assert Queue.read(value) is None


def test_each_operation_is_taken_once_and_in_order():
    items = [{"number": number, "op": "undo"} for number in (1, 2, 2, 4, 3)] + [{"op": "undo"}, {"number": True}]
    queue = Queue.read({"mount": MOUNT, "operations": items})
    assert [number for number, _ in queue.after(1)] == [2, 4]
