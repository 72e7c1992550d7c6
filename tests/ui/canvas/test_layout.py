"""Where the layout puts things."""

from itertools import pairwise

from builder.catalogue.layers import Add, Concat, Conv2d, Linear
from builder.spec.model import INPUT, Group, ModelSpec, Node
from builder.spec.templates import stack
from builder.ui.canvas.layout import ANSWER, COLUMN, HEIGHT, ROW, WIDTH, moved, positions

RESIDUAL = ModelSpec(
    nodes=(
        Node(id="stem", layer=Conv2d()),
        Node(id="one", layer=Conv2d()),
        Node(id="two", layer=Conv2d()),
        Node(id="side", layer=Conv2d(), inputs=("stem",)),
        Node(id="sum", layer=Add(), inputs=("two", "side")),
    )
)
INCEPTION = ModelSpec(
    nodes=(
        Node(id="stem", layer=Conv2d()),
        Node(id="a", layer=Conv2d(), inputs=("stem",)),
        Node(id="b", layer=Conv2d(), inputs=("stem",)),
        Node(id="bb", layer=Conv2d(), inputs=("b",)),
        Node(id="c", layer=Conv2d(), inputs=("stem",)),
        Node(id="join", layer=Concat(), inputs=("a", "bb", "c")),
    )
)


def overlapping(places: dict[str, tuple[int, int]]) -> list[tuple[str, str]]:
    names = sorted(places)
    return [
        (one, other) for at, one in enumerate(names) for other in names[at + 1 :]
        if abs(places[one][0] - places[other][0]) < WIDTH and abs(places[one][1] - places[other][1]) < HEIGHT
    ]  # fmt: skip


def in_group(model: ModelSpec, *members: str, folded: bool) -> ModelSpec:
    return model.model_copy(update={"groups": (Group(id="block", title="Block", members=members, folded=folded),)})


def test_a_stack_goes_straight_down_from_the_input_to_the_answer():
    places = positions(stack(Linear(), Linear(), Linear()))
    assert list(places) == [INPUT, "linear_1", "linear_2", "linear_3", ANSWER]
    assert {x for x, _ in places.values()} == {0}
    heights = [y for _, y in places.values()]
    assert heights == sorted(heights) and min(b - a for a, b in pairwise(heights)) >= ROW


def test_an_empty_model_has_its_two_ends():
    places = positions(ModelSpec())
    assert places[INPUT] == (0, 0) and places[ANSWER][1] >= ROW


def test_the_longer_branch_goes_straight_on_and_the_shorter_stands_beside_it():
    places = positions(RESIDUAL)
    assert {places[name][0] for name in ("stem", "one", "two", "sum")} == {0}
    assert places["side"] == (COLUMN, places["one"][1])


def test_three_branches_stand_around_what_they_come_from_and_join_below_it():
    places = positions(INCEPTION)
    assert [places[name][0] for name in ("a", "b", "c")] == [-COLUMN, 0, COLUMN]
    assert places["join"][0] == places["stem"][0] == 0
    assert places["join"][1] == places["bb"][1] + ROW


def test_nothing_lies_on_anything_else():
    for model in (RESIDUAL, INCEPTION, in_group(INCEPTION, "a", "b", "bb", "c", "join", folded=False)):
        assert overlapping(positions(model)) == []


def test_a_layer_that_nothing_leads_to_waits_at_the_right():
    loose = Node(id="loose", layer=Linear(), inputs=())
    model = RESIDUAL.model_copy(update={"nodes": (*RESIDUAL.nodes[:-1], loose, RESIDUAL.nodes[-1])})
    places = positions(model)
    assert places["loose"][0] == 2 * COLUMN
    assert places["sum"] == positions(RESIDUAL)["sum"]


def test_saved_places_win_and_the_ends_follow_them():
    nodes = [
        node.model_copy(update={"position": (500, 900 + 300 * at)}) if node.id in ("stem", "sum") else node
        for at, node in enumerate(RESIDUAL.nodes)
    ]
    places = positions(ModelSpec(nodes=tuple(nodes)))
    assert places["stem"] == (500, 900) and places["one"] == positions(RESIDUAL)["one"]
    assert places[INPUT] == (500, 900 - ROW)
    assert places[ANSWER][0] == 500 and places[ANSWER][1] > places["sum"][1]


def test_a_folded_group_is_one_thing():
    places = positions(in_group(RESIDUAL, "one", "two", "side", "sum", folded=True))
    assert list(places) == [INPUT, "stem", "@block", ANSWER]


def test_moving_a_folded_group_moves_all_that_is_in_it_as_it_will_stand_unfolded():
    model = in_group(RESIDUAL, "one", "two", "side", "sum", folded=True)
    opened = positions(in_group(RESIDUAL, "one", "two", "side", "sum", folded=False))
    places = moved(model, {"@block": (1000, 2000), "gone": (0, 0)})
    assert places["one"] == (1000, 2000)
    assert {(places[name][0] - opened[name][0], places[name][1] - opened[name][1]) for name in places} == {
        (1000 - opened["one"][0], 2000 - opened["one"][1])
    }


def test_two_thousand_layers_are_laid_out():
    assert len(positions(stack(*[Linear(out_features=4)] * 2000))) == 2002
