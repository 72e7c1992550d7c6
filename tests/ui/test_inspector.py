"""What the inspector says of what is selected, and what its fields and buttons do."""

import re

import pytest
import torch
from torch import nn

from builder.catalogue.activations import LeakyReLU, ReLU
from builder.catalogue.layers import (
    LAYERS,
    Add,
    Bilinear,
    Conv2d,
    Conv3d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    MultiheadAttention,
)
from builder.check.report import check
from builder.imports.weights import keep_weights
from builder.spec.model import INPUT, Group, ModelSpec
from builder.spec.project import Project
from builder.ui.canvas.replacing import in_place_of
from builder.ui.inspector import inspector_state
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.torch_source import torch_source
from tests.projects import facts_of, image_data, project_of, stacked, wired
from tests.ui.asking import asked, button_of, desk_of, field_of, filled_in, inspected, items_of, operation_of
from tests.ui.test_peek import PEEK

IMAGES = facts_of((3, 10, 10))
CONVOLVED = stacked(Conv2d(out_channels=8, kernel_size=5, activation=LeakyReLU(negative_slope=0.2)), Flatten(), Linear())  # fmt: skip
ROW = stacked(Linear(out_features=32, activation=ReLU()), Linear(out_features=16), Linear())
FIELDS = {"switch", "choice", "number", "words", "several"}


def texts(state: dict, kind: str) -> list[str]:
    return [item["text"] for item in items_of(state, kind)]


def grouped(project: Project, *members: str, repeat: int = 1) -> Project:
    group = Group(id="group_1", title="Pair", members=members, repeat=repeat)
    return project.model_copy(update={"model": project.model.model_copy(update={"groups": (group,)})})


def test_the_call_shown_builds_what_torch_gives_for_the_actual_shapes():
    project, facts = stacked(Conv2d(out_channels=8, activation=ReLU())), facts_of((3, 10, 10))
    subject = Subject(project, facts, check(project, facts), ())
    module, activation = torch_source(subject, project.model.nodes[0]).splitlines()
    built = {"nn": nn}[module.partition(".")[0]].Conv2d
    assert module.startswith("nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3") and activation == "nn.ReLU()"
    assert built(3, 8, 3, padding="same")(torch.zeros(1, 3, 10, 10)).shape[1:] == subject.rows["conv2d_1"].output_shape


def test_the_output_layer_is_shown_with_the_size_that_the_data_ask_for():
    assert "out_features=3" in items_of(inspected(stacked(Linear()), "linear_1"), "code")[0]["text"]


def test_a_layer_that_does_not_fit_has_no_call_yet():
    assert items_of(inspected(stacked(Conv2d()), "conv2d_1"), "code")[0]["text"].startswith("#")


@pytest.mark.parametrize(("layer", "inputs"), [(Linear(), 0), (Bilinear(), 1), (Bilinear(), 4), (Add(), 0)])
def test_a_layer_with_too_few_or_too_many_wires_has_no_call_yet(layer, inputs):
    sources = tuple(f"linear_{number}" for number in range(inputs))
    project = wired(*((name, Linear(out_features=3), ("input",)) for name in sources), ("odd", layer, sources))
    assert items_of(inspected(project, "odd"), "code")[0]["text"].startswith("#")


def test_another_kind_takes_over_the_settings_that_it_shares():
    new = in_place_of(Conv2d(out_channels=9, kernel_size=5, activation=ReLU()), Conv3d())
    assert (new.out_channels, new.kernel_size, new.activation) == (9, 5, ReLU())
    assert in_place_of(Conv2d(out_channels=9), MaxPool2d()).kernel_size == 3


def test_a_layer_is_shown_with_what_it_does_takes_gives_and_costs():
    state = inspected(CONVOLVED, "conv2d_1", facts=IMAGES)
    heading, about, flow, cost = state["items"][:4]
    axes = "channels\N{NO-BREAK SPACE}{} × height\N{NO-BREAK SPACE}10 × width\N{NO-BREAK SPACE}10"
    assert state["title"] == "Conv2d conv2d_1"
    assert (heading["text"], heading["name"], about["text"]) == ("Conv2d", "conv2d_1", Conv2d.help)
    assert (flow["takes"], flow["gives"]) == (axes.format(3), axes.format(8))
    assert cost["text"].startswith(f"{sum(weight.numel() for weight in nn.Conv2d(3, 8, 5).parameters())} parameters · ")


def test_what_a_layer_is_in_pytorch_is_folded_up_with_its_name_and_kind():
    more = inspected(CONVOLVED, "conv2d_1", facts=IMAGES)["items"][-1]
    assert (more["kind"], more["title"]) == ("more", "Name, kind, PyTorch")
    assert [item.get("label") or item.get("caption") or item["text"] for item in more["items"]] == [
        "Name", "Kind", "In PyTorch", "Output", "Source: torch.nn.Conv2d",
    ]  # fmt: skip


def test_names_with_signs_of_markup_are_shown_as_they_are():
    facts = facts_of().model_copy(update={"target": "*a_b* <b>", "classes": ("x_y", "[z](w)", "$c$")})
    words = inspected(ROW, facts=facts)["items"][3]["items"][1]["text"]
    assert words.startswith("*a_b* <b>: 3 classes, x_y, [z](w), $c$ · ")


def test_a_field_has_the_bounds_unit_and_help_of_its_declaration():
    state = inspected(CONVOLVED, "conv2d_1", facts=IMAGES)
    channels, kernel = field_of(state, "Output channels"), field_of(state, "Kernel size (pixels)")
    slope, mode = field_of(state, "Negative slope"), field_of(state, "Padding mode")
    assert (channels["kind"], channels["min"], channels["max"], channels["step"], channels["whole"]) == ("number", 1, 8192, 1, True)  # fmt: skip
    assert (kernel["kind"], kernel["value"]) == ("words", "5") and "Write for example 3 or 3 × 5." in kernel["help"]
    assert (slope["value"], slope["min"], slope["max"], slope["step"], slope["whole"]) == (0.2, 0, 1, 0.01, False)
    assert slope["key"] == "conv2d_1.activation.negative_slope"
    assert mode["options"][0] == ["zeros", "zeros"] and field_of(state, "Bias")["value"] is True
    assert field_of(state, "Activation")["options"][:2] == [[None, "None"], ["ReLU", "ReLU"]]
    size = field_of(inspected(ROW, "linear_3"), "Output features")
    assert (size["value"], size["optional"], size["placeholder"]) == (None, True, "automatic")


@pytest.mark.parametrize(
    ("label", "value", "changed"),
    [
        ("Output channels", 16, {"out_channels": 16}),
        ("Kernel size (pixels)", "3 × 7", {"kernel_size": (3, 7)}),
        ("Padding (pixels)", "2", {"padding": 2}),
        ("Padding mode", "reflect", {"padding_mode": "reflect"}),
        ("Bias", False, {"bias": False}),
        ("Activation", "ReLU", {"activation": ReLU()}),
        ("Activation", None, {"activation": None}),
        ("Activation", "LeakyReLU", {}),
        ("Negative slope", 0.5, {"activation": LeakyReLU(negative_slope=0.5)}),
    ],
)
def test_a_field_sets_its_setting(label, value, changed):
    field = field_of(inspected(CONVOLVED, "conv2d_1", facts=IMAGES), label)
    layer = asked(CONVOLVED, filled_in(field, value)).model.nodes[0].layer
    assert layer == CONVOLVED.model.nodes[0].layer.model_copy(update=changed)


def test_what_left_its_default_has_a_way_back():
    state = inspected(CONVOLVED, "conv2d_1", facts=IMAGES)
    assert [item["back"]["label"] for item in items_of(state) if "back" in item] == [
        "Back to 32", "Back to 3", "Back to 0.01",
    ]  # fmt: skip
    assert field_of(state, "Kernel size (pixels)")["back"]["help"] == "Kernel size (pixels) is 3 by default."
    for label, field in (("Back to 32", "out_channels"), ("Back to 3", "kernel_size"), ("Back to 0.01", "activation")):
        layer = asked(CONVOLVED, button_of(state, label)["op"]).model.nodes[0].layer
        expected = LeakyReLU() if field == "activation" else getattr(Conv2d(), field)
        assert getattr(layer, field) == expected
    automatic = field_of(inspected(ROW, "linear_1"), "Output features")["back"]
    assert automatic["label"] == "Back to automatic"
    assert asked(ROW, automatic["op"]).model.nodes[0].layer.out_features is None


def test_a_step_of_the_history_is_named_by_the_titles_of_the_layer_s_own_kind():
    pooled = stacked(MaxPool2d())
    kernel = field_of(inspected(pooled, "maxpool2d_1", facts=IMAGES), "Window (pixels)")
    slope = field_of(inspected(CONVOLVED, "conv2d_1", facts=IMAGES), "Negative slope")
    assert operation_of(**filled_in(kernel, "3")).label(desk_of(pooled)) == "Set window of maxpool2d_1"
    assert operation_of(**slope["back"]["op"]).label(desk_of(CONVOLVED)) == "Set activation of conv2d_1"


@pytest.mark.parametrize("kind", LAYERS.values(), ids=lambda kind: kind.__name__)
def test_every_field_of_every_layer_set_to_what_it_is_changes_nothing(kind):
    layers = [kind(), *([kind(activation=LeakyReLU())] if "activation" in kind.model_fields else [])]
    for project in map(stacked, layers):
        fields = [item for item in items_of(inspected(project, project.model.nodes[0].id)) if item["kind"] in FIELDS]
        assert len({field["key"] for field in fields}) == len(fields) >= 3
        assert {field["label"] for field in fields} >= {"Name", "Kind", "Takes"}
        for field in fields:
            assert asked(project, filled_in(field, field["value"])) == project, field["key"]


def test_a_layer_is_copied_deleted_and_moved_and_another_is_put_behind_it():
    state = inspected(ROW, "linear_2")
    ids = {
        label: [node.id for node in asked(ROW, button_of(state, label)["op"]).model.nodes]
        for label in ("Duplicate", "Delete", "Move up", "Move down")
    }
    assert ids == {
        "Duplicate": ["linear_1", "linear_2", "linear_4", "linear_3"], "Delete": ["linear_1", "linear_3"],
        "Move up": ["linear_2", "linear_1", "linear_3"], "Move down": ["linear_1", "linear_3", "linear_2"],
    }  # fmt: skip
    (add,) = items_of(state, "add")
    assert add == {"kind": "add", "label": "Add after", "after": "linear_2"}
    moves = [button_of(inspected(ROW, name), f"Move {way}") for name, way in (("linear_1", "up"), ("linear_3", "down"))]
    assert all(button["disabled"] for button in moves)
    assert "disabled" not in button_of(state, "Move up") and "disabled" not in button_of(state, "Move down")


def test_a_problem_of_the_layer_is_shown_with_its_ways_out():
    project = stacked(Conv2d(activation=ReLU()), Linear())
    (problem,) = items_of(inspected(project, "linear_1", facts=IMAGES), "problem")
    assert problem["severity"] == "error" and "Add a Flatten before it" in problem["text"]
    op = problem["fixes"][0]["op"]
    assert problem["fixes"][0]["label"] == "Insert Flatten before it"
    mended = asked(project, op, facts=IMAGES)
    assert [node.layer.kind for node in mended.model.nodes] == ["Conv2d", "Flatten", "Linear"]
    assert items_of(inspected(project, "conv2d_1", facts=IMAGES), "problem") == []


def test_a_layer_is_renamed_and_replaced():
    state = inspected(ROW, "linear_1")
    assert asked(ROW, filled_in(field_of(state, "Name"), " first ")).model.nodes[0].id == "first"
    node = asked(ROW, filled_in(field_of(state, "Kind"), "BatchNorm1d")).model.nodes[0]
    assert (node.id, node.layer.kind) == ("batchnorm1d_1", "BatchNorm1d")
    assert ["Softmax", "Softmax"] in field_of(state, "Kind")["options"]


def test_what_a_layer_takes_is_picked_from_those_before_it():
    takes = field_of(inspected(ROW, "linear_2"), "Takes")
    assert takes["options"] == [["input", "The data"], ["linear_1", "linear_1 (Linear)"]]
    assert (takes["kind"], takes["value"], takes["placeholder"]) == ("choice", "linear_1", "Not connected")
    assert asked(ROW, filled_in(takes, "input")).model.inputs_of(1) == (INPUT,)
    lonely = wired(("linear_1", Linear(), ()))
    assert field_of(inspected(lonely, "linear_1"), "Takes")["value"] is None


def test_a_merging_layer_takes_several_in_the_order_in_which_they_were_picked():
    project = wired(("a", Linear(out_features=4)), ("b", Linear(out_features=4)), ("sum", Add(), ("b", "a")))
    takes = field_of(inspected(project, "sum"), "Takes")
    assert (takes["kind"], takes["value"]) == ("several", ["b", "a"])
    rewired = asked(project, filled_in(takes, ["a", "input"]))
    assert rewired.model.inputs_of(rewired.model.index("sum")) == ("a", "input")


def test_a_wire_s_end_is_named_with_what_it_is():
    project = wired(("looks", MultiheadAttention(), ("input",)), ("linear_1", Linear()))
    assert ["looks", "looks (Self-attention)"] in field_of(inspected(project, "linear_1"), "Takes")["options"]


def test_several_layers_are_shown_as_what_they_are_together_and_grouped():
    state = inspected(ROW, "linear_1", "linear_2", "input")
    own = sum(weight.numel() for layer in (nn.Linear(4, 32), nn.Linear(32, 16)) for weight in layer.parameters())
    assert texts(state, "heading") == ["2 layers selected"] and texts(state, "note") == ["linear_1, linear_2"]
    assert items_of(state, "facts")[0]["rows"] == [[f"{own} parameters", f"of {own + 16 * 3 + 3}"]]
    (group,) = asked(ROW, button_of(state, "Group")["op"]).model.groups
    assert group.members == ("linear_1", "linear_2")
    assert len(asked(ROW, button_of(state, "Duplicate")["op"]).model.nodes) == 5
    assert len(asked(ROW, button_of(state, "Delete")["op"]).model.nodes) == 1


@pytest.mark.parametrize("selected", [("linear_1",), ("linear_1", "linear_2")])
def test_a_group_is_titled_repeated_kept_and_taken_away_where_it_or_one_of_its_layers_is_selected(selected):
    project = grouped(ROW, "linear_1", "linear_2")
    state = inspected(project, *selected)
    card = state["items"][-1]
    assert (card["kind"], card["title"]) == ("card", "Group of 2 layers")
    assert asked(project, filled_in(field_of(state, "Title"), "Stem")).model.groups[0].title == "Stem"
    repeat = field_of(state, "Repeat (times in a row)")
    assert (repeat["min"], repeat["max"]) == (1, 64)
    assert asked(project, filled_in(repeat, 3)).model.groups[0].repeat == 3
    assert asked(project, button_of(state, "Ungroup")["op"]).model.groups == ()
    assert button_of(state, "Save as block")["op"] == {"op": "keep", "id": "group_1"}
    labels = [button["label"] for item in items_of(state, "actions") for button in item["items"]]
    assert "Group" not in labels


def test_a_group_of_other_layers_is_not_shown():
    assert items_of(inspected(grouped(ROW, "linear_1", "linear_2"), "linear_3"), "card") == []
    assert items_of(inspected(grouped(ROW, "linear_1", "linear_2"), "linear_2", "linear_3"), "card") == []


def test_without_a_selection_the_whole_model_is_shown_with_what_comes_in_and_is_asked_for():
    state = inspected(ROW)
    assert state["title"] == "The model" and items_of(state, "facts")[0]["rows"] == [
        ["3", "layers"], ["739", "parameters"], ["688", "multiply-adds"], ["3.0 kB", "of weights"],
    ]  # fmt: skip
    cards = {card["title"]: [item["text"] for item in card["items"]] for card in items_of(state, "card")}
    assert cards["Input"] == ["features\N{NO-BREAK SPACE}4", "4 numbers from 1 column: a"]
    assert cards["Answer"][0] == "features\N{NO-BREAK SPACE}3"
    assert cards["Answer"][1].startswith("species: 3 classes, a, b, c · Cross-entropy: ")
    assert texts(state, "note")[-1] == "Select a layer to see and change its settings."
    assert items_of(state, "add") == [{"kind": "add", "label": "Add a layer", "after": "linear_2"}]


def test_an_empty_model_is_shown_with_a_first_step():
    state = inspected(project_of(ModelSpec()))
    assert texts(state, "note")[-1].startswith("Add a first layer here")
    assert items_of(state, "add")[0]["after"] == INPUT


def test_images_and_other_answers_are_told_in_their_own_words():
    project = ROW.model_copy(update={"data": image_data(ROW.data.source, task="classification")})
    assert "Images of 10 × 10 pixels (height × width), red, green and blue" in texts(inspected(project, facts=IMAGES), "note")  # fmt: skip
    grey = inspected(project, facts=facts_of((1, 8, 8), "reconstruction"))
    assert any(text.endswith("one grey channel") for text in texts(grey, "note"))
    assert any(text.startswith("The input itself, 64 values") for text in texts(grey, "note"))
    assert any(text.startswith("species: a number") for text in texts(inspected(ROW, facts=facts_of(task="regression")), "note"))  # fmt: skip


def test_it_is_said_which_layers_start_from_imported_weights():
    first, other = nn.Linear(4, 32).state_dict(), nn.Linear(9, 16).state_dict()
    given = {f"linear_1.{name}": tensor.numpy() for name, tensor in first.items()}
    sha256 = keep_weights(given | {f"linear_2.{name}": tensor.numpy() for name, tensor in other.items()})
    project = weighted(stacked(*(node.layer for node in ROW.model.nodes[:2]), Dropout(), Linear()), sha256)
    words = {ids: " ".join(texts(inspected(project, *ids), "note")) for ids in ((), ("linear_1",), ("linear_2",), ("linear_3",), ("dropout_1",))}  # fmt: skip
    assert "1 of 3 layers that learn start from the imported weights; linear_2, linear_3 find none" in words[()]
    assert "Starts from the imported weights" in words[("linear_1",)]
    assert "160 values" in words[("linear_2",)] and "has none of this name" in words[("linear_3",)]
    assert not re.search("import", words[("dropout_1",)])


def test_weights_that_are_not_there_are_told_once():
    project = weighted(ROW, "0" * 64)
    (problem,) = items_of(inspected(project), "problem")
    assert problem["severity"] == "warning" and "not on this machine" in problem["text"]
    assert "import" not in " ".join(texts(inspected(project, "linear_1"), "note"))


def weighted(project: Project, sha256: str) -> Project:
    return project.model_copy(update={"model": project.model.model_copy(update={"weights": sha256})})


def test_a_layer_says_what_it_gave_for_a_real_batch():
    facts = facts_of()
    subject = Subject(ROW, facts, check(ROW, facts), ("linear_1",))
    (card,) = items_of(inspector_state(subject, {"linear_1": PEEK}), "card")
    (figures,) = items_of(card, "facts")
    assert ("0.5", "mean") in figures["rows"] and ("16 of 32", "dead units") in figures["rows"]
    assert texts(card, "problem") == ["16 of 32 units dead.", "Exploding: values up to 4.5e+04."]
    assert not items_of(inspector_state(subject), "card")
