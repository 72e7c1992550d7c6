"""A group that repeats is carried out as if its layers stood there so many times."""

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, Linear
from builder.spec.model import Group, ModelSpec, Node
from builder.spec.repetition import obstacles, unrolled

HIDDEN = Linear(out_features=4, activation=ReLU())


def residual(repeat: int) -> ModelSpec:
    nodes = (
        Node(id="a", layer=HIDDEN),
        Node(id="b", layer=HIDDEN),
        Node(id="sum", layer=Add(), inputs=("b", "a")),
        Node(id="out", layer=Linear()),
    )
    return ModelSpec(nodes=nodes, groups=(Group(id="block", title="Block", members=("b", "sum"), repeat=repeat),))


def wires(model: ModelSpec) -> dict[str, tuple[str, ...]]:
    return {node.id: model.inputs_of(at) for at, node in enumerate(model.nodes)}


def test_each_repetition_takes_what_the_one_before_it_gives():
    flat = unrolled(residual(3))
    assert wires(flat.model) == {
        "a": ("input",), "b": ("a",), "sum": ("b", "a"), "b_r2": ("sum",), "sum_r2": ("b_r2", "sum"),
        "b_r3": ("sum_r2",), "sum_r3": ("b_r3", "sum_r2"), "out": ("sum_r3",),
    }  # fmt: skip
    assert flat.origins[3:5] == (("b", 2), ("sum", 2)) and not flat.model.groups


def test_a_group_carried_out_once_changes_nothing():
    assert wires(unrolled(residual(1)).model) == wires(residual(1))


def test_a_name_that_a_repetition_would_take_is_left_to_its_owner():
    model = residual(2)
    taken = Node(id="b_r2", layer=HIDDEN)
    flat = unrolled(model.model_copy(update={"nodes": (*model.nodes[:3], taken, model.nodes[3])}))
    assert [node.id for node in flat.model.nodes] == ["a", "b", "sum", "b_r2r", "sum_r2", "b_r2", "out"]


def test_what_gives_a_value_from_its_middle_stands_once():
    model = residual(2)
    leaking = model.nodes[3].model_copy(update={"layer": Add(), "inputs": ("sum", "b")})
    leaks = model.model_copy(update={"nodes": (*model.nodes[:3], leaking)})
    assert obstacles(leaks) == {"block": "gives 'b' to 'out' from its middle"}
    assert len(unrolled(leaks).model.nodes) == 4


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ((Group(id="g", title="G", members=("a", "sum")),), "must stand one after the other"),
        ((Group(id="g", title="G", members=("nobody",)),), "'nobody', which is not a node"),
        ((Group(id="g", title="G", members=("a",)), Group(id="h", title="H", members=("a", "b"))), "with another group"),
    ],
)  # fmt: skip
def test_groups_that_do_not_hold_together_are_refused(groups, says):
    with pytest.raises(ValueError, match=says):
        ModelSpec(nodes=residual(1).nodes, groups=groups)


def test_a_group_that_takes_two_values_stands_once_and_its_neighbour_repeats():
    nodes = (*residual(1).nodes[:3], Node(id="c", layer=HIDDEN), Node(id="d", layer=Add(), inputs=("c", "a")))
    first = Group(id="one", title="One", members=("b", "sum"), repeat=2)
    second = Group(id="two", title="Two", members=("c", "d"), repeat=2)
    model = ModelSpec(nodes=nodes, groups=(first, second))
    assert obstacles(model) == {"two": "takes 2 values from outside"}
    assert list(wires(unrolled(model).model)) == ["a", "b", "sum", "b_r2", "sum_r2", "c", "d"]
