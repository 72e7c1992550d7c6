"""No model that can be saved breaks the check, however large its numbers are."""

from random import Random

import pytest

from builder.catalogue.layer import Refusal
from builder.catalogue.layers import (
    LSTM,
    Add,
    AvgPool2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    MultiheadAttention,
    Reshape,
    Slice,
    Upsample,
)
from builder.check.mending import MOST_VALUES, mendings
from builder.check.outcome import outcome
from builder.check.report import check
from builder.spec.graphs import graph
from builder.spec.model import Group
from builder.spec.project import Project
from tests.check.extremes import KINDS, drawn_layer, drawn_model
from tests.projects import facts_of, project_of, stacked

IMAGE, ROW = (3, 224, 224), (150528,)
SHAPES = (IMAGE, ROW, (512, 64), (4,), (None, 12))


def repeated(times: int, *parts: tuple) -> Project:
    """The first layer repeated so many times, then the others."""
    return project_of(graph(*parts, groups=(Group(id="g", title="G", members=(parts[0][0],), repeat=times),)))


CRASHED = {
    "an adapter too wide": (project_of(graph(("flat", Flatten()), ("a", Linear(out_features=64)), ("sum", Add(), "flat", "a"), ("out", Linear()))), IMAGE, "sum"),
    "a row of pixels too long": (stacked(Conv2d(out_channels=8192), LSTM(), Linear()), IMAGE, "lstm_1"),
    "too many features for the heads": (stacked(Reshape(shape=(1, -1)), MultiheadAttention(num_heads=5), Flatten(), Linear()), IMAGE, "multiheadattention_1"),
    "branches with another number of axes": (project_of(graph(("tall", Reshape(shape=(4, -1))), ("small", Linear(out_features=4), "input"), ("cat", Concat(dim=2), "tall", "small"), ("out", Linear()))), (4,), "cat"),
    "an image enlarged without end": (repeated(64, ("up", ConvTranspose2d(stride=512)), ("flat", Flatten()), ("out", Linear())), IMAGE, "up"),
    "one that is pooled afterwards": (repeated(64, ("up", ConvTranspose2d(stride=512)), ("pool", AvgPool2d(kernel_size=1, stride=1)), ("flat", Flatten()), ("out", Linear())), IMAGE, "up"),
    "resampling without end": (repeated(64, ("up", Upsample(scale_factor=32)), ("flat", Flatten()), ("cut", Slice(stop=3)), ("out", Linear())), IMAGE, "up"),
}  # fmt: skip


@pytest.mark.parametrize(("project", "shape", "at"), CRASHED.values(), ids=CRASHED)
def test_numbers_out_of_bounds_are_a_problem_at_their_layer(project, shape, at):
    report = check(project, facts_of(shape))
    assert at in [problem.node_id for problem in report.errors]
    assert report.multiply_adds < 10**40 and report.memory_bytes < 10**40


def test_an_adapter_that_a_layer_cannot_be_is_not_offered():
    tall, low = (3, 1024, 1024), (3, 1, 1)  # a pool from one to the other needs a kernel of 1,024; 512 are possible
    found = outcome(Add(), (tall, low))
    assert found.refusal and not any("AvgPool2d" in mending.label for mending in found.mendings)


def test_what_one_layer_gives_is_limited_and_the_refusal_names_the_limit():
    found = outcome(Upsample(scale_factor=32), ((1, 2**18, 2**18),))
    assert found.refusal == (
        f"needs to give at most {MOST_VALUES:,} values; got (1, 8388608, 8388608). "
        "Make its settings or what reaches it smaller."
    )
    assert found.mendings[0].label == "Set factor to 2.0"


def test_more_memory_for_a_row_than_any_machine_has_is_a_problem():
    project = stacked(
        Upsample(scale_factor=32), Upsample(scale_factor=10), AvgPool2d(kernel_size=320), Flatten(), Linear()
    )
    messages = [problem.message for problem in check(project, facts_of((3, 512, 512))).errors]
    values = 3 * 512**2 * (1 + 32**2 + 320**2 + 1) + 3  # autograd keeps what each layer gives
    assert messages == [
        f"Model needs {4 * values / 1e9:,.0f} GB of memory for each row that it learns from; at most 256 GB are possible. "
        "Make its layers smaller, or pool before them."
    ]


def test_any_layer_that_refuses_any_shape_is_mended_or_not_but_never_breaks():
    rng = Random(11)
    for kind in KINDS * 4:
        layer = drawn_layer(rng, kind)
        inputs = tuple(rng.choice(SHAPES) for _ in range(layer.inputs_min))
        try:
            layer.output_shape(*inputs)
        except Refusal as refusal:
            assert isinstance(mendings(layer, inputs, refusal), tuple)


def test_any_model_is_checked():
    rng = Random(7)
    for _ in range(400):
        model, shape = drawn_model(rng), rng.choice(SHAPES)
        report = check(project_of(model), facts_of(shape, rng.choice(["multiclass", "regression"])))
        assert [row.node_id for row in report.rows] == [node.id for node in model.nodes]
