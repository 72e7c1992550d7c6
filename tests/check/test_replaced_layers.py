"""What a layer is called once another stands in its place."""

import pytest

from builder.catalogue.layers import Add, Conv2d, Dropout, Linear
from builder.check.edits import GroupNodes, ReplaceLayer, apply
from builder.check.fixing import fix_all
from builder.spec.project import Project
from tests.projects import facts_of, stacked, wired

HIDDEN = Linear(out_features=4)
STACK = stacked(HIDDEN, Dropout(), Linear())


def wires(project: Project) -> dict[str, tuple[str, ...]]:
    return {node.id: project.model.inputs_of(at) for at, node in enumerate(project.model.nodes)}


def test_a_layer_named_after_its_kind_is_named_after_the_kind_that_replaces_it():
    model = wired(("conv2d_1", Conv2d()), ("linear_1", HIDDEN), ("add_1", Add(), ("linear_1", "conv2d_1")))
    grouped = apply(model, GroupNodes(ids=("conv2d_1", "linear_1")))
    project = apply(grouped, ReplaceLayer(id="conv2d_1", layer=HIDDEN))
    assert wires(project) == {"linear_2": ("input",), "linear_1": ("linear_2",), "add_1": ("linear_1", "linear_2")}
    assert [group.members for group in project.model.groups] == [("linear_2", "linear_1")]


@pytest.mark.parametrize("name", ["stem", "conv2d_stem", "linear_1"])
def test_a_name_that_says_something_else_than_the_kind_stays_when_the_layer_is_replaced(name):
    assert list(wires(apply(wired((name, Conv2d())), ReplaceLayer(id=name, layer=HIDDEN)))) == [name]


def test_a_layer_of_the_same_kind_keeps_its_name():
    assert list(wires(apply(STACK, ReplaceLayer(id="linear_1", layer=Linear())))) == list(wires(STACK))


def test_a_layer_with_imported_weights_keeps_the_name_they_are_found_by():
    model = STACK.model.model_copy(update={"weights": "0" * 64})
    project = STACK.model_copy(update={"model": model})
    assert list(wires(apply(project, ReplaceLayer(id="linear_1", layer=Dropout())))) == list(wires(STACK))


def test_layers_mended_together_are_each_named_after_their_new_kind():
    mended = fix_all(stacked(Conv2d(), Conv2d(), Linear()), facts_of((4,)))
    assert list(wires(mended)) == ["linear_2", "linear_3", "linear_1"]
