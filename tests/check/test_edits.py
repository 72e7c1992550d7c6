"""Edits are pure, keep the wires whole, and refuse what is not allowed with the field's path."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, Dropout, Flatten, Linear
from builder.check.edits import (
    AddNode,
    Connect,
    DuplicateNode,
    MoveNode,
    RemoveNode,
    Rename,
    ReplaceLayer,
    UpdateData,
    UpdateGroup,
    UpdateLayer,
    UpdateTraining,
    apply,
    describe,
)
from builder.check.report import check
from builder.errors import SpecError
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from tests.projects import facts_of, project_of, stacked, wired
from tests.spec.drawing import models

HIDDEN = Linear(out_features=4, activation=ReLU())
STACK = stacked(HIDDEN, Dropout(), Linear())
SKIP = wired(("a", HIDDEN), ("b", HIDDEN), ("sum", Add(), ("b", "a")), ("out", Linear()))


def wires(project: Project) -> dict[str, tuple[str, ...]]:
    """What each node takes, in order."""
    return {node.id: project.model.inputs_of(at) for at, node in enumerate(project.model.nodes)}


def unused(project: Project) -> list[str]:
    return [problem.message for problem in check(project, facts_of()).problems if "not used" in problem.message]


def test_a_layer_is_added_after_another():
    project = apply(STACK, AddNode(layer=HIDDEN, after="linear_1"))
    assert wires(project) == {"linear_1": ("input",), "linear_3": ("linear_1",), "dropout_1": ("linear_3",), "linear_2": ("dropout_1",)}  # fmt: skip


@pytest.mark.parametrize("after", [None, "input"])
def test_a_layer_is_added_at_the_start(after):
    project = apply(STACK, AddNode(layer=Flatten(), after=after))
    assert next(iter(wires(project))) == "flatten_1" and wires(project)["linear_1"] == ("flatten_1",)


def test_an_added_merging_layer_takes_the_two_layers_before_it():
    project = apply(STACK, AddNode(layer=Add(), after="dropout_1"))
    assert wires(project)["add_1"] == ("dropout_1", "linear_1") and check(project, facts_of()).can_train


def test_a_merging_layer_added_at_the_start_takes_the_input():
    assert wires(apply(STACK, AddNode(layer=Add())))["add_1"] == ("input", "input")


def test_a_layer_added_at_the_end_of_a_branch_is_on_the_branch():
    project = apply(SKIP, AddNode(layer=Dropout(), after="b"))
    assert wires(project)["sum"] == ("dropout_1", "a") and not unused(project)


@pytest.mark.parametrize(
    ("gone", "wiring"),
    [
        ("a", {"b": ("input",), "sum": ("b", "input"), "out": ("sum",)}),
        ("b", {"a": ("input",), "sum": ("a", "a"), "out": ("sum",)}),
        ("sum", {"a": ("input",), "b": ("a",), "out": ("b",)}),
        ("out", {"a": ("input",), "b": ("a",), "sum": ("b", "a")}),
    ],
)
def test_removing_a_layer_joins_what_it_stood_between(gone, wiring):
    assert wires(apply(SKIP, RemoveNode(id=gone))) == wiring


def test_a_skip_over_a_removed_merging_layer_takes_its_first_branch():
    project = wired(("a", HIDDEN), ("b", HIDDEN), ("sum", Add(), ("b", "a")), ("c", HIDDEN), ("top", Add(), ("c", "sum")))  # fmt: skip
    assert wires(apply(project, RemoveNode(id="sum")))["top"] == ("c", "b")


def test_moving_a_layer_changes_the_order():
    assert list(wires(apply(STACK, MoveNode(id="linear_2", by=-1)))) == ["linear_1", "linear_2", "dropout_1"]


@pytest.mark.parametrize("by", [5, 100])
def test_moving_too_far_ends_at_the_end(by):
    assert list(wires(apply(STACK, MoveNode(id="linear_1", by=by))))[-1] == "linear_1"


def test_a_branch_stays_whole_while_its_layers_move():
    project = apply(SKIP, AddNode(layer=Dropout(), after="b"))
    moved = apply(project, MoveNode(id="dropout_1", by=-1))
    assert wires(moved)["sum"] == ("b", "a") and wires(moved)["b"] == ("dropout_1",) and not unused(moved)
    assert apply(moved, MoveNode(id="dropout_1", by=1)) == project


def test_a_moved_merging_layer_takes_its_new_neighbour():
    moved = apply(SKIP, MoveNode(id="sum", by=1))
    assert wires(moved) == {"a": ("input",), "b": ("a",), "out": ("b",), "sum": ("out", "a")}


def test_a_merging_layer_cannot_move_above_what_it_takes():
    with pytest.raises(SpecError, match="node 'sum' takes 'a', which is not a node before it; connect it"):
        apply(SKIP, MoveNode(id="sum", by=-2))


def test_a_copy_stands_after_its_layer_and_is_used():
    project = apply(STACK, DuplicateNode(id="linear_1"))
    assert wires(project)["linear_3"] == ("linear_1",) and wires(project)["dropout_1"] == ("linear_3",)
    assert project.model.nodes[1].layer == HIDDEN


@pytest.mark.parametrize("node_id", ["a", "b", "sum", "out"])
def test_no_copy_in_a_model_with_branches_leaves_a_layer_unused(node_id):
    assert not unused(apply(SKIP, DuplicateNode(id=node_id)))


def test_a_copied_merging_layer_merges_once_more():
    assert wires(apply(SKIP, DuplicateNode(id="sum")))["add_1"] == ("sum", "a")


def test_fields_of_layer_training_and_data_are_set():
    project = apply(
        STACK, UpdateLayer(id="linear_1", changes={"out_features": 9, "activation": "GELU"}),
        UpdateTraining(changes={"epochs": 3, "optimizer": {"kind": "SGD"}}), UpdateData(changes={"license": "CC0"}),
        Rename(name="Other"), ReplaceLayer(id="dropout_1", layer=Flatten()), Connect(id="linear_2", inputs=("linear_1",)),
    )  # fmt: skip
    first, second, last = project.model.nodes
    assert (first.layer.out_features, first.layer.activation.kind, second.layer.kind) == (9, "GELU", "Flatten")
    assert (project.training.epochs, project.training.optimizer.kind, last.inputs) == (3, "SGD", ("linear_1",))
    assert (project.data.license, project.name) == ("CC0", "Other")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (UpdateLayer(id="linear_1", changes={"out_features": -1}), "model.nodes.0.layer.out_features: must be greater than or equal to 1; got -1."),
        (UpdateLayer(id="linear_1", changes={"size": 1}), "model.nodes.0.layer.size: there is no such field. Remove it or correct its name."),
        (UpdateTraining(changes={"epochs": 0}), "training.epochs: must be greater than or equal to 1; got 0."),
        (UpdateData(changes={"split": {"train": 2}}), "data.split.train: must be less than 1; got 2."),
        (Rename(name=""), "name: string should have at least 1 character; got ''."),
        (Connect(id="linear_1", inputs=("linear_2",)), "model: node 'linear_1' takes 'linear_2', which is not a node before it; connect it to one that is."),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused_at_its_path(edit, says):
    with pytest.raises(SpecError) as caught:
        apply(STACK, edit)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    "edit",
    [
        AddNode(layer=HIDDEN, after="gone"), RemoveNode(id="gone"), MoveNode(id="gone", by=1),
        DuplicateNode(id="gone"), ReplaceLayer(id="gone", layer=HIDDEN), UpdateLayer(id="gone", changes={}), Connect(id="gone", inputs=None),
    ],
    ids=lambda edit: type(edit).__name__,
)  # fmt: skip
def test_a_node_that_is_gone_is_named_with_a_way_out(edit):
    with pytest.raises(SpecError, match=r"there is no node 'gone'\. Reload the page"):
        apply(STACK, edit)


def test_nothing_changes_if_one_of_several_edits_is_refused():
    before = STACK.to_json()
    with pytest.raises(SpecError):
        apply(STACK, RemoveNode(id="linear_1"), RemoveNode(id="linear_1"))
    assert STACK.to_json() == before


EDITS = [
    (AddNode(layer=HIDDEN), "Add Linear"), (RemoveNode(id="a"), "Delete a"), (MoveNode(id="a", by=-1), "Move a up"),
    (DuplicateNode(id="a"), "Duplicate a"), (Rename(name="b"), "Rename the project"),
    (UpdateTraining(changes={"epochs": 3, "batch_size": 8}), "Set epochs, batch size"), (UpdateTraining(changes={"loss": "MSE"}), "Set loss"),
    (UpdateLayer(id="a", changes={"out_features": 3}), "Set output features of a"), (UpdateLayer(id="a", changes={"p": 0.1}), "Set probability of a"),
    (UpdateData(changes={"license": "MIT"}), "Set licence of the data"), (UpdateGroup(id="g", changes={"title": "b"}), "Set title of g"),
    (UpdateGroup(id="g", changes={"folded": True}), "Fold g"), (UpdateGroup(id="g", changes={"folded": False}), "Unfold g"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "words"), EDITS, ids=[words for _, words in EDITS])
def test_an_edit_says_what_it_does(edit, words):
    assert describe(edit) == words


def edits_of(model: ModelSpec) -> st.SearchStrategy:
    ids = st.sampled_from([node.id for node in model.nodes]) if model.nodes else st.just("none")
    layers = st.sampled_from([HIDDEN, Add(), Dropout()])
    return st.one_of(
        st.builds(AddNode, layer=layers, after=ids | st.none()), st.builds(RemoveNode, id=ids),
        st.builds(MoveNode, id=ids, by=st.integers(-3, 3)), st.builds(DuplicateNode, id=ids),
    )  # fmt: skip


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_sequence_of_edits_gives_an_allowed_project_or_a_sentence(data):
    project = project_of(data.draw(models(4)))
    for _ in range(6):
        before = project.to_json()
        try:
            after = apply(project, data.draw(edits_of(project.model)))
        except SpecError as error:
            assert str(error).startswith("model")
            continue
        assert project.to_json() == before
        assert Project.model_validate_json(after.to_json(), strict=True) == after
        check(after, facts_of())
        project = after
