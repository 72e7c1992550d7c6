"""Edits of wires, groups and pieces of a model keep the graph in order and the groups together."""

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, Concat, Dropout, Linear, Subtract
from builder.check.edits import (
    AddBlock,
    AddNode,
    AddWire,
    Arrange,
    ArrangeAll,
    Connect,
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
    ReplaceLayer,
    Ungroup,
    UpdateGroup,
    apply,
)
from builder.check.edits.splicing import copied
from builder.check.report import check
from builder.errors import SpecError
from builder.spec.blocks import BLOCKS, fitted
from builder.spec.model import Node
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


@pytest.mark.parametrize(("layer", "name"), [(Add(), "add_1"), (Concat(), "concat_1")])
def test_a_wire_into_a_full_layer_keeps_both_inputs_through_a_merging_layer(layer, name):
    edit = AddWire(source="a", target="out", through=layer)
    project = apply(SKIP, edit)
    assert wires(project) == wires(SKIP) | {name: ("sum", "a"), "out": (name,)}
    assert list(wires(project)).index(name) == list(wires(project)).index("out") - 1
    assert edit.label == f"{layer.label} a into out"


def test_a_wire_from_a_later_layer_comes_before_the_layer_that_merges_it():
    project = apply(STACK, PlaceNode(layer=HIDDEN, position=(0, 0)), Connect(id="linear_3", inputs=("input",)))
    project = apply(project, AddWire(source="linear_3", target="linear_1", through=Add()))
    assert list(wires(project)) == ["linear_3", "add_1", "linear_1", "dropout_1", "linear_2"]
    assert wires(project)["add_1"] == ("input", "linear_3") and wires(project)["linear_1"] == ("add_1",)


def test_only_the_last_input_of_a_layer_with_two_is_merged():
    full = apply(BRANCHES, ReplaceLayer(id="cat", layer=Subtract()), Connect(id="cat", inputs=("c1", "c2")))
    project = apply(full, AddWire(source="input", target="cat", through=Add()))
    assert wires(project)["cat"] == ("c1", "add_1") and wires(project)["add_1"] == ("c2", "input")


def test_a_layer_with_room_needs_no_merging_layer():
    waiting = apply(STACK, RemoveWire(source="linear_1", target="dropout_1"))
    assert wires(apply(waiting, AddWire(source="linear_1", target="dropout_1", through=Add()))) == wires(STACK)
    assert wires(apply(SKIP, AddWire(source="input", target="sum", through=Add())))["sum"] == ("b", "a", "input")


def test_a_merged_wire_that_leads_back_or_is_there_already_is_refused():
    with pytest.raises(SpecError, match="run in a circle"):
        apply(SKIP, AddWire(source="sum", target="a", through=Add()))
    with pytest.raises(SpecError, match="takes 'sum' already"):
        apply(SKIP, AddWire(source="sum", target="out", through=Add()))


def test_a_merging_layer_joins_the_group_that_it_stands_in():
    grouped = apply(STACK, GroupNodes(ids=("linear_1", "dropout_1")))
    inside = apply(grouped, AddWire(source="input", target="dropout_1", through=Concat()))
    assert members(inside) == [("linear_1", "concat_1", "dropout_1")]
    before = apply(grouped, PlaceNode(layer=HIDDEN, position=(0, 0)), Connect(id="linear_3", inputs=("input",)))
    before = apply(before, AddWire(source="linear_3", target="linear_1", through=Concat()))
    assert members(before) == [("linear_1", "dropout_1")]


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


def test_a_node_named_twice_is_removed_once():
    assert wires(apply(SKIP, RemoveNodes(ids=("b", "b")))) == wires(apply(SKIP, RemoveNode(id="b")))
    with pytest.raises(SpecError, match="there is no node 'gone'"):
        apply(SKIP, RemoveNodes(ids=("b", "gone")))


def test_removed_nodes_leave_a_healed_stack():
    assert wires(apply(SKIP, RemoveNodes(ids=("b", "sum")))) == {"a": ("input",), "out": ("a",)}


def test_copies_keep_the_wires_among_them():
    project = apply(SKIP, DuplicateNodes(ids=("b", "sum")))
    assert wires(project) == wires(SKIP) | {"linear_1": ("sum",), "add_1": ("linear_1", "sum"), "out": ("add_1",)}


def test_a_piece_is_pasted_into_another_project():
    piece = copied(SKIP.model, ("a", "b", "sum"))
    project = apply(STACK, PasteNodes(nodes=piece.nodes, after="dropout_1"))
    assert list(wires(project).items())[2:] == [
        ("linear_3", ("dropout_1",)), ("linear_4", ("linear_3",)), ("add_1", ("linear_4", "linear_3")), ("linear_2", ("add_1",)),
    ]  # fmt: skip
    assert check(project, facts_of()).can_train


BRANCHES = wired(
    ("c1", HIDDEN, ("input",)), ("c2", HIDDEN, ("input",)), ("cat", Concat(), ("c1", "c2")), ("out", Linear())
)


def test_a_layer_added_in_a_branch_is_on_every_wire_that_leaves_the_layer_before_it():
    project = apply(BRANCHES, AddNode(layer=Dropout(), after="c1"))
    assert wires(project)["dropout_1"] == ("c1",) and wires(project)["cat"] == ("dropout_1", "c2")
    assert wires(project)["c2"] == ("input",) and check(project, facts_of()).problems == ()


def test_a_layer_named_as_its_kind_is_followed_by_another_of_it():
    project = apply(STACK, RenameNode(id="dropout_1", new_id="dropout"), AddNode(layer=Dropout(), after="dropout"))
    assert wires(project)["dropout_1"] == ("dropout",)


def test_copies_of_parallel_branches_stand_beside_them_and_are_merged_too():
    project = apply(BRANCHES, DuplicateNodes(ids=("c1", "c2")))
    assert wires(project) == {
        "c1": ("input",), "c2": ("input",), "linear_1": ("input",), "linear_2": ("input",),
        "cat": ("c1", "c2", "linear_1", "linear_2"), "out": ("cat",),
    }  # fmt: skip
    assert check(project, facts_of()).problems == ()


def test_the_output_stays_the_output_when_it_is_copied_with_a_branch():
    project = apply(BRANCHES, DuplicateNodes(ids=("c1", "out")))
    assert project.model.nodes[-1].id == "out" and wires(project)["cat"] == ("c1", "c2", "linear_1")


def test_a_copied_merging_layer_keeps_its_other_branch():
    assert wires(apply(BRANCHES, DuplicateNodes(ids=("cat",))))["concat_1"] == ("cat", "c2")


REPEATED = apply(GROUPED, UpdateGroup(id="group_1", changes={"repeat": 3, "folded": True}))


def test_a_copied_group_is_a_group_that_repeats_as_often():
    project = apply(REPEATED, DuplicateNodes(ids=("b", "sum")))
    first, second = project.model.groups
    assert (second.title, second.repeat, second.folded) == (first.title, 3, True)
    assert second.members == ("linear_1", "add_1") and second.id != first.id
    assert check(project, facts_of()).can_train


def test_a_pasted_group_is_a_group_but_inside_another_its_layers_join_that():
    piece = copied(REPEATED.model, ("b", "sum"))
    pasted = PasteNodes(nodes=piece.nodes, groups=piece.groups, after="dropout_1")
    assert [group.repeat for group in apply(STACK, pasted).model.groups] == [3]
    around = apply(STACK, GroupNodes(ids=("dropout_1", "linear_2"), title="Around"))
    assert members(apply(around, pasted)) == [("dropout_1", "linear_3", "add_1", "linear_2")]
    assert copied(REPEATED.model, ("sum",)).groups == ()


def test_nothing_cannot_be_pasted():
    with pytest.raises(SpecError, match="nothing to paste"):
        apply(STACK, PasteNodes(nodes=()))


def test_positions_are_kept_in_the_file_and_cleared_together():
    project = apply(SKIP, Arrange(positions={"a": (5, 6), "b": (7, 8)}))
    assert [node.position for node in parse_project(project.to_json()).model.nodes] == [(5, 6), (7, 8), None, None]
    assert apply(project, ArrangeAll()) == SKIP


def test_places_are_of_nodes_that_are_there_and_within_the_canvas():
    with pytest.raises(SpecError, match="there is no node 'gone'"):
        apply(SKIP, Arrange(positions={"gone": (5, 6)}))
    with pytest.raises(ValueError, match="at least 1 item"):
        Arrange(positions={})
    with pytest.raises(ValueError, match="less than or equal to 1000000"):
        Node(id="far", layer=HIDDEN, position=(1_000_001, 0))


def test_a_copy_at_the_edge_of_the_canvas_stays_on_it():
    project = apply(STACK, Arrange(positions={"dropout_1": (1_000_000, 0)}), DuplicateNodes(ids=("dropout_1",)))
    assert project.model.nodes[2].position == (1_000_000, 40) and parse_project(project.to_json()) == project


def test_the_name_of_the_data_is_no_name_for_a_node():
    with pytest.raises(SpecError, match="no node can be called 'input', which stands for the data"):
        apply(GROUPED, RenameNode(id="b", new_id="input"))


def test_a_merging_layer_takes_as_many_branches_as_can_be_saved():
    full = apply(BRANCHES, Connect(id="cat", inputs=("c1",) * 64))
    with pytest.raises(SpecError, match="at most 64"):
        apply(full, AddWire(source="c2", target="cat"))


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


def test_the_only_member_of_a_group_moves_into_the_next_one():
    alone = apply(stacked(HIDDEN, Dropout(), HIDDEN, Linear()), GroupNodes(ids=("linear_1",)))
    project = apply(alone, GroupNodes(ids=("dropout_1", "linear_2"), title="Two"), MoveNode(id="linear_1", by=1))
    assert members(project) == [("dropout_1", "linear_1", "linear_2")] and project.model.groups[0].title == "Two"


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
    project = apply(stacked(Linear()), AddBlock(block=fitted(block, shape), after="input"))
    again = apply(project, UpdateGroup(id="group_1", changes={"repeat": 2}))
    problems = [problem.message for problem in check(again, facts_of(shape)).problems if problem.severity == "error"]
    assert all("Output" in message or "Linear" in message for message in problems), problems
