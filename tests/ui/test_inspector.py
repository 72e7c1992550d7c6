"""What the inspector says of a layer, and what its buttons do."""

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, Bilinear, Conv2d, Conv3d, Linear, MaxPool2d, MultiheadAttention
from builder.check.report import check
from builder.data.templates import make_project
from builder.imports.weights import keep_weights
from builder.runs.blocks import BlockStore
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from builder.ui.inspector.identity import in_place_of
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.torch_source import torch_source
from builder.ui.inspector.wires import _named
from tests.projects import facts_of, stacked, wired
from tests.ui.conftest import APP


def test_the_call_shown_builds_what_torch_gives_for_the_actual_shapes():
    project, facts = stacked(Conv2d(out_channels=8, activation=ReLU())), facts_of((3, 10, 10))
    subject = Subject(project, facts, check(project, facts), ())
    module, activation = torch_source(subject, project.model.nodes[0]).splitlines()
    built = {"nn": nn}[module.partition(".")[0]].Conv2d
    assert module.startswith("nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3") and activation == "nn.ReLU()"
    assert built(3, 8, 3, padding="same")(torch.zeros(1, 3, 10, 10)).shape[1:] == subject.rows["conv2d_1"].output_shape


def test_the_output_layer_is_shown_with_the_size_that_the_data_ask_for():
    project, facts = stacked(Linear()), facts_of((4,))
    subject = Subject(project, facts, check(project, facts), ())
    assert "out_features=3" in torch_source(subject, project.model.nodes[0])


def test_a_layer_that_does_not_fit_has_no_call_yet():
    project, facts = stacked(Conv2d()), facts_of((4,))
    subject = Subject(project, facts, check(project, facts), ())
    assert torch_source(subject, project.model.nodes[0]).startswith("#")


@pytest.mark.parametrize(("layer", "inputs"), [(Linear(), 0), (Bilinear(), 1), (Bilinear(), 4), (Add(), 0)])
def test_a_layer_with_too_few_or_too_many_wires_has_no_call_yet(layer, inputs):
    sources = tuple(f"linear_{number}" for number in range(inputs))
    project = wired(*((name, Linear(out_features=3), ("input",)) for name in sources), ("odd", layer, sources))
    subject = Subject(project, facts_of((4,)), check(project, facts_of((4,))), ())
    assert torch_source(subject, project.model.nodes[-1]).startswith("#")


def test_a_wire_s_end_is_named_as_plain_text_which_a_list_shows_as_it_is():
    project = wired(("looks", MultiheadAttention(), ("input",)), ("linear_1", Linear()))
    assert _named(project.model, "looks") == "looks (Self-attention)"


def test_another_kind_takes_over_the_settings_that_it_shares():
    new = in_place_of(Conv2d(out_channels=9, kernel_size=5, activation=ReLU()), Conv3d())
    assert (new.out_channels, new.kernel_size, new.activation) == (9, 5, ReLU())
    assert in_place_of(Conv2d(out_channels=9), MaxPool2d()).kernel_size == 3


@pytest.fixture
def page(strata_home, monkeypatch):
    """The Model page of a project with these layers selected; and the project's id."""
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    project_id = ProjectStore().create(make_project(TEMPLATES["iris"]))
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["project"] = project_id
    app.run().switch_page("pages/views/model.py").run()

    def select(*ids: str) -> AppTest:
        app.session_state["strata"].selected = ids
        return app.run()

    select.model = lambda: ProjectStore().load(project_id).present.model
    return select


def test_layers_are_grouped_repeated_kept_as_a_block_and_put_in_again(page):
    app = page("linear_1", "linear_2")
    app.button(key="group_nodes").click().run()
    app.number_input(key="repeat_group_1").set_value(2).run()
    assert (page.model().groups[0].members, page.model().groups[0].repeat) == (("linear_1", "linear_2"), 2)
    app.text_input(key="title_group_1").set_value("My pair").run()
    app.button(key="save_block").click().run()
    (own,) = BlockStore().list()
    assert (own.block.title, own.block.repeat, len(own.block.nodes)) == ("My pair", 2, 2)
    app.session_state["blocks"] = True
    app.run()
    app.button(key=f"block_{own.name}").click().run()
    assert [group.title for group in page.model().groups] == ["My pair", "My pair"]
    app.button(key="undo").click().run()
    assert len(page.model().groups) == 1


def test_a_layer_is_renamed_replaced_and_set_back_to_its_default(page):
    app = page("linear_1")
    app.session_state["layer_more"] = True
    app.run()
    app.text_input(key="name_linear_1").set_value("first").run()
    assert page.model().nodes[0].id == "first"
    app.button(key="reset_first_out_features").click().run()
    assert page.model().nodes[0].layer.out_features is None
    app.selectbox(key="kind_first").set_value("BatchNorm1d").run()
    assert page.model().nodes[0].layer.kind == "BatchNorm1d"


def test_a_step_of_the_history_is_gone_back_to_in_one_click(page):
    app = page("linear_1")
    for size in (40, 41, 42):
        app.number_input(key="linear_1_out_features").set_value(size).run()
    app.session_state["history"] = True
    app.run()
    app.button(key="jump_-3").click().run()
    assert page.model().nodes[0].layer.out_features == 32
    app.button(key="jump_2").click().run()
    assert page.model().nodes[0].layer.out_features == 41


def test_what_a_layer_takes_is_picked_from_those_before_it(page):
    app = page("linear_3")
    assert app.selectbox(key="inputs_linear_3").options == ["The data", "linear_1 (Linear)", "linear_2 (Linear)"]
    app.selectbox(key="inputs_linear_3").set_value("linear_1").run()
    assert page.model().inputs_of(2) == ("linear_1",)


def test_a_proposed_model_is_taken_with_its_training_settings_in_one_step(page):
    app = page()
    app.button(key="suggest_model").click().run()
    assert {button.key for button in app.button} >= {"use_small", "use_balanced", "use_accurate"}
    app.button(key="use_small").click().run()
    assert [node.layer.kind for node in page.model().nodes][-1] == "Linear"
    assert app.button(key="undo").label == "Undo: Take the small model"


def test_it_is_said_which_layers_start_from_imported_weights(page):
    first, other = nn.Linear(4, 32).state_dict(), nn.Linear(9, 16).state_dict()
    given = {f"linear_1.{name}": tensor.numpy() for name, tensor in first.items()}
    sha256 = keep_weights(given | {f"linear_2.{name}": tensor.numpy() for name, tensor in other.items()})

    def weighted(kept):
        model = kept.history.present.model.model_copy(update={"weights": sha256})
        return kept.history.record(kept.history.present.model_copy(update={"model": model}), "Import")

    (project,) = ProjectStore().list()
    ProjectStore().change(project.id, weighted)
    words = {
        node_id: " ".join(text.value for text in page(*node_id).caption)
        for node_id in ((), ("linear_1",), ("linear_2",), ("linear_3",))
    }
    assert "1 of 3 layers that learn start from the imported weights; linear\\_2, linear\\_3 find none" in words[()]
    assert "Starts from the imported weights" in words[("linear_1",)]
    assert "160 values" in words[("linear_2",)] and "has none of this name" in words[("linear_3",)]
