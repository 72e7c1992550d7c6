"""Widgets follow from the declaration."""

from dataclasses import replace

import pytest

from builder.catalogue.layers import LAYERS, Conv2d, Linear, MaxPool2d
from builder.catalogue.losses import LOSSES
from builder.catalogue.optimizers import OPTIMIZERS, AdamW
from builder.catalogue.regularization import REGULARIZATION
from builder.catalogue.schedulers import SCHEDULERS
from builder.errors import SpecError
from builder.ui.fields import FieldForm, forms_of, read_sizes, step_of, write_sizes

COMPONENTS = [*LAYERS.values(), *LOSSES.values(), *OPTIMIZERS.values(), *SCHEDULERS.values(), *REGULARIZATION.values()]


def form(component, name: str) -> FieldForm:
    return next(form for form in forms_of(component) if form.name == name)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_every_field_of_every_component_has_a_widget_with_title_and_help(component):
    for field in forms_of(component):
        assert field.kind != "text", "no field of the catalogue is free text"
        assert field.title and field.help


def test_the_kind_of_widget_follows_from_the_type():
    kinds = {field.name: field.kind for field in forms_of(Conv2d)}
    assert kinds == {
        "out_channels": "whole", "kernel_size": "sizes", "stride": "sizes", "padding": "sizes", "dilation": "sizes", "padding_mode": "choice",
        "groups": "whole", "bias": "switch", "activation": "component",
    }  # fmt: skip
    assert form(AdamW, "lr").kind == "real"
    assert form(LAYERS["GELU"], "approximate").choices == ("none", "tanh")


def test_bounds_unit_and_emptiness_are_read_from_the_declaration():
    size = form(Linear, "out_features")
    assert (size.lowest, size.highest, size.optional) == (1, 65536, True)
    assert form(Conv2d, "kernel_size").title == "Kernel size (pixels)"
    assert form(Conv2d, "out_channels").title == "Output channels", "the unit is in the title already"
    assert form(Linear, "activation").optional and len(form(Linear, "activation").components) == 27


@pytest.mark.parametrize(
    ("written", "read"),
    [("3", 3), ("3 × 5", [3, 5]), ("3x5", [3, 5]), ("(3, 5)", [3, 5]), (" 3 5 ", [3, 5]), ("same", "same")],
)
def test_sizes_are_read_as_people_write_them(written, read):
    assert read_sizes(written, form(Conv2d, "padding")) == read


@pytest.mark.parametrize(
    ("layer", "field", "written", "read"),
    [("Conv3d", "kernel_size", "3 × 5 × 5", [3, 5, 5]), ("Conv1d", "padding", "2", 2), ("Conv1d", "padding", "same", "same"),
     ("Reshape", "shape", "-1 × 4", [-1, 4]), ("Reshape", "shape", "12", [12]), ("Permute", "dims", "3 1 2", [3, 1, 2]),
     ("ZeroPad2d", "padding", "1 2 3 4", [1, 2, 3, 4])],
)  # fmt: skip
def test_a_field_takes_as_many_sizes_as_its_layer(layer, field, written, read):
    assert read_sizes(written, form(LAYERS[layer], field)) == read


def test_empty_sizes_are_read_where_they_mean_something():
    assert read_sizes("", form(MaxPool2d, "stride")) is None
    with pytest.raises(
        SpecError, match=r"Kernel size \(pixels\) needs one number or two; got ''. Write for example 3 or 3 × 5."
    ):
        read_sizes("", form(Conv2d, "kernel_size"))


@pytest.mark.parametrize("written", ["three", "3.5", "-1", "1 2 3", "3 ×", "1" * 40 + "!", "__import__('os')"])
def test_anything_else_is_refused_with_an_example(written):
    with pytest.raises(SpecError, match="Write for example 3 or 3 × 5"):
        read_sizes(written, form(Conv2d, "kernel_size"))


@pytest.mark.parametrize("value", [3, (3, 5), None, "same"])
def test_sizes_come_back_as_they_were_written(value):
    optional = replace(form(Conv2d, "padding"), optional=True)
    back = read_sizes(write_sizes(value), optional)
    assert back == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize(("default", "step"), [(0.001, 0.001), (0.2, 0.1), (1e-8, 1e-8), (0.0, 0.01), (20.0, 10.0)])
def test_arrows_of_a_real_number_move_by_its_own_size(default, step):
    assert step_of(default) == pytest.approx(step)
