"""Edits of wires, groups and pieces of a model keep the graph in order and the groups together."""

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, Dropout, Linear
from builder.check.edits import (
    AddBlock,
    AddNode,
    AddWire,
    Arrange,
    ArrangeAll,
    DuplicateNodes,
    GroupNodes,
    InsertOnWire,
    MoveNode,
    PasteNodes,
    PlaceNode,
    RemoveNode,
    RemoveNodes,
    RemoveWire,
    RenameNode,
    Ungroup,
    UpdateGroup,
    apply,
)
from builder.check.edits.fragments import copied
from builder.check.report import check
from builder.errors import SpecError
from builder.spec.blocks import BLOCKS
from builder.spec.project import Project, parse_project
from tests.projects import facts_of, stacked, wired

HIDDEN = Linear(out_features=4, activation=ReLU())
STACK = stacked(HIDDEN, Dropout(), Linear())
SKIP = wired(("a", HIDDEN), ("b", HIDDEN), ("sum", Add(), ("b", "a")), ("out", Linear()))
GROUPED = apply(SKIP, GroupNodes(ids=("b", "sum"), title="Block"))


def wires(project: Project) -> dict[str, tuple[str, ...]]:
    return {node.id: project.model.inputs_of(at) for at, node in enumerate(project.model.nodes)}


def members(project: Project) -> list[tuple[str, ...]]:
    return [group.members for group in project.model.groups]


def test_a_wire_replaces_the_input_of_a_layer_with_one():
    assert wires(apply(SKIP, AddWire(source="a", target="out")))["out"] == ("a",)


def test_a_wire_into_a_merging_layer_joins_the_others():
    assert wires(apply(SKIP, AddWire(source="input", target="sum")))["sum"] == ("b", "a", "input")


def test_a_wire_from_a_later_layer_changes_the_order():
    project = apply(STACK, PlaceNode(layer=HIDDEN, position=(0, 0)), AddWire(source="linear_3", target="linear_1"))
    project = apply(project, AddWire(source="input", target="linear_3"))
    assert list(wires(project)) == ["linear_3", "linear_1", "dropout_1", "linear_2"]


def test_a_wire_that_leads_back_is_refused():
    with pytest.raises(SpecError, match="run in a circle"):
        apply(SKIP, AddWire(source="sum", target="a"))


def test_a_removed_wire_leaves_the_layer_waiting_and_the_check_says_so():
    project = apply(STACK, RemoveWire(source="linear_1", target="dropout_1"))
    assert wires(project)["dropout_1"] == ()
    assert any("needs 1 input; got 0" in problem.message for problem in check(project, facts_of()).problems)


def test_a_placed_layer_waits_for_wires_and_the_output_stays_the_output():
    project = apply(STACK, PlaceNode(layer=HIDDEN, position=(10, 20)))
    assert wires(project) == wires(STACK) | {"linear_3": ()} and project.model.nodes[-1].id == "linear_2"
    assert project.model.nodes[2].position == (10, 20)


def test_a_layer_is_inserted_on_one_wire_alone():
    project = apply(SKIP, InsertOnWire(source="a", target="sum", layer=Dropout()))
    assert wires(project)["sum"] == ("b", "dropout_1") and wires(project)["b"] == ("a",)


def test_removed_nodes_leave_a_healed_stack():
    assert wires(apply(SKIP, RemoveNodes(ids=("b", "sum")))) == {"a": ("input",), "out": ("a",)}


def test_copies_keep_the_wires_among_them():
    project = apply(SKIP, DuplicateNodes(ids=("b", "sum")))
    assert wires(project) == wires(SKIP) | {"linear_1": ("sum",), "add_1": ("linear_1", "sum"), "out": ("add_1",)}


def test_a_piece_is_pasted_into_another_project():
    piece = copied(SKIP.model, ("a", "b", "sum"))
    project = apply(STACK, PasteNodes(nodes=piece, after="dropout_1"))
    assert list(wires(project).items())[2:] == [
        ("linear_3", ("dropout_1",)), ("linear_4", ("linear_3",)), ("add_1", ("linear_4", "linear_3")), ("linear_2", ("add_1",)),
    ]  # fmt: skip
    assert check(project, facts_of()).can_train


def test_nothing_cannot_be_pasted():
    with pytest.raises(SpecError, match="nothing to paste"):
        apply(STACK, PasteNodes(nodes=()))


def test_positions_are_kept_in_the_file_and_cleared_together():
    project = apply(SKIP, Arrange(positions={"a": (5, 6), "b": (7, 8)}))
    assert [node.position for node in parse_project(project.to_json()).model.nodes] == [(5, 6), (7, 8), None, None]
    assert apply(project, ArrangeAll()) == SKIP


def test_a_renamed_node_keeps_its_wires_and_its_group():
    project = apply(GROUPED, RenameNode(id="b", new_id="branch"))
    assert wires(project)["sum"] == ("branch", "a") and members(project) == [("branch", "sum")]
    with pytest.raises(SpecError, match="stands there twice"):
        apply(GROUPED, RenameNode(id="b", new_id="a"))


def test_a_node_that_imported_weights_are_found_by_keeps_its_name():
    imported = SKIP.model_copy(update={"model": SKIP.model.model_copy(update={"weights": "0" * 64})})
    with pytest.raises(SpecError, match="found by its name"):
        apply(imported, RenameNode(id="b", new_id="branch"))


def test_grouped_nodes_stand_together():
    project = apply(stacked(HIDDEN, Dropout(), HIDDEN, Linear()), AddWire(source="input", target="dropout_1"))
    grouped = apply(project, GroupNodes(ids=("linear_1",), title="One"), GroupNodes(ids=("dropout_1", "linear_2")))
    assert members(grouped) == [("linear_1",), ("dropout_1", "linear_2")]


def test_a_group_that_another_layer_stands_in_is_refused():
    with pytest.raises(SpecError, match="has to stay together"):
        apply(STACK, GroupNodes(ids=("linear_1", "linear_2")))


def test_a_layer_added_between_members_joins_them_and_one_behind_does_not():
    inside = apply(GROUPED, AddNode(layer=Dropout(), after="b"))
    behind = apply(GROUPED, AddNode(layer=Dropout(), after="sum"))
    assert members(inside) == [("b", "dropout_1", "sum")] and members(behind) == [("b", "sum")]


def test_a_member_moved_away_leaves_the_group():
    assert members(apply(GROUPED, RemoveNode(id="b"))) == [("sum",)]
    project = apply(stacked(HIDDEN, Dropout(), Linear()), GroupNodes(ids=("linear_1", "dropout_1")))
    assert members(apply(project, MoveNode(id="linear_1", by=2))) == [("dropout_1",)]


def test_a_repeated_group_costs_as_often():
    project = apply(GROUPED, UpdateGroup(id="group_1", changes={"repeat": 3}))
    once, thrice = check(GROUPED, facts_of()), check(project, facts_of())
    assert thrice.parameters - once.parameters == 2 * (4 * 4 + 4) and thrice.can_train
    assert [row.node_id for row in thrice.rows] == ["a", "b", "sum", "out"]


def test_a_group_that_cannot_repeat_is_a_problem_with_a_fix():
    project = apply(GROUPED, UpdateGroup(id="group_1", changes={"repeat": 2}), AddWire(source="input", target="sum"))
    problem = next(problem for problem in check(project, facts_of()).problems if problem.place == "Group 'Block'")
    assert "takes 2 values from outside" in problem.message
    assert apply(project, *problem.fixes[0].edits).model.groups[0].repeat == 1


def test_ungrouped_nodes_stay():
    assert apply(GROUPED, Ungroup(id="group_1")) == SKIP


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_ready_made_block_fits_where_it_is_put_and_repeats(block):
    shape = {1: (6,), 2: (5, 8), 3: (8, 6, 6)}[block.ranks[0]]
    project = apply(stacked(Linear()), AddBlock(block=block.make(shape), after="input"))
    again = apply(project, UpdateGroup(id="group_1", changes={"repeat": 2}))
    problems = [problem.message for problem in check(again, facts_of(shape)).problems if problem.severity == "error"]
    assert all("Output" in message or "Linear" in message for message in problems), problems
