"""A model that gives back its own input must end in its input's shape, and can only give back numbers."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.catalogue.activations import Hardsigmoid, Hardtanh, LeakyReLU, ReLU, Sigmoid, Softmax2d, Tanh
from builder.catalogue.layers import Conv2d, Flatten, Linear, MaxPool2d
from builder.catalogue.losses import MSE, CrossEntropy
from builder.check.edits import apply
from builder.check.fixing import fix_all
from builder.check.report import check
from builder.check.suggest import suggest_project
from builder.spec.data import Column, ImageData, TableData
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from tests.projects import facts_of
from tests.spec.drawing import TRAININGS, models

SOURCE = SampleSource(name="wine")
NUMBERS = tuple(Column(name=name, type="number") for name in "abcd")
TABLE = TableData(source=SOURCE, columns=NUMBERS, task="reconstruction")
IMAGES = ImageData(source=SOURCE, task="reconstruction")
HIDDEN = Linear(out_features=2, activation=ReLU())
CONV = Conv2d(out_channels=8, activation=ReLU())


def project_of(*layers, data=TABLE, loss=None) -> Project:
    return Project(name="Given back", data=data, model=stack(*layers), training=TrainingSpec(loss=loss or MSE()))


def sentences(project, shape=(4,)) -> list[str]:
    return [problem.message for problem in check(project, facts_of(shape, "reconstruction")).problems]


def mended(project, shape) -> list[str]:
    """Kinds of the layers after the first fix of every problem, with which the model can train."""
    facts = facts_of(shape, "reconstruction")
    while errors := check(project, facts).errors:
        project = apply(project, *errors[0].fixes[0].edits)
    assert check(project, facts).output_shape == shape
    return [node.layer.kind for node in project.model.nodes]


def test_the_last_layer_takes_the_size_of_the_input():
    report = check(project_of(HIDDEN, Linear()), facts_of((4,), "reconstruction"))
    assert report.output_shape == (4,) and report.problems == ()


def test_another_size_than_the_inputs_is_told_and_freed():
    project = project_of(HIDDEN, Linear(out_features=3))
    (sentence,) = sentences(project)
    assert sentence.startswith(
        "Output must be (4,) for the reconstruction of its own input with Mean squared error; got (3,). "
        "Free or correct the size of "
    )
    assert mended(project, (4,)) == ["Linear", "Linear"]


@pytest.mark.parametrize(
    ("layers", "after"),
    [
        ((), ["Conv2d"]),
        ((CONV,), ["Conv2d", "Conv2d"]),
        ((CONV, MaxPool2d()), ["Conv2d", "MaxPool2d", "Flatten", "Linear", "Reshape"]),
        ((Flatten(), HIDDEN, Linear()), ["Flatten", "Linear", "Linear", "Reshape"]),
        ((Flatten(), HIDDEN), ["Flatten", "Linear", "Linear", "Reshape"]),
    ],
    ids=["nothing", "same size", "pooled", "flat, all values", "flat, too few"],
)
def test_an_image_is_brought_back_to_its_shape(layers, after):
    assert mended(project_of(*layers, data=IMAGES), (3, 8, 6)) == after


def test_a_loss_for_classes_does_not_fit():
    assert (
        "Loss Cross-entropy does not fit the reconstruction of its own input: it compares a logit for each class with the class that is right. Use Mean squared error, Mean absolute error, Smooth L1, Huber, Cosine."
        in sentences(project_of(HIDDEN, Linear(), loss=CrossEntropy()))
    )


@pytest.mark.parametrize(
    ("normalization", "activation", "warns"),
    [
        ("unit", Sigmoid(), False),
        ("signed", Tanh(), False),
        ("standard", Sigmoid(), True),
        ("signed", Sigmoid(), True),
        ("unit", Hardsigmoid(), False),
        ("signed", Hardtanh(), False),
        ("unit", Hardtanh(min_val=-2, max_val=0.5), True),
        ("unit", LeakyReLU(), False),
        ("unit", Softmax2d(), True),
    ],
)
def test_a_bounded_last_activation_must_reach_every_pixel(normalization, activation, warns):
    data = IMAGES.model_copy(update={"normalization": normalization})
    found = sentences(project_of(CONV, Conv2d(out_channels=3, activation=activation), data=data), (3, 8, 8))
    assert any("which cannot give every value of" in sentence for sentence in found) is warns


def test_columns_that_are_no_numbers_are_told_and_left_out():
    columns = (*NUMBERS, Column(name="town", type="category", impute="most_frequent"))
    project = project_of(HIDDEN, Linear(), data=TABLE.model_copy(update={"columns": columns}))
    message = "Features must be numbers to be given back; got 'town'. Leave such columns out."
    (problem,) = (problem for problem in check(project, facts_of((4,), "reconstruction")).errors)
    assert problem.message == message
    after = apply(project, *problem.fixes[0].edits)
    assert [column.name for column in after.data.features] == list("abcd") and sentences(after) == []


def test_a_table_without_numbers_has_nothing_to_give_back():
    column = Column(name="town", type="category", impute="most_frequent")
    project = project_of(HIDDEN, Linear(), data=TABLE.model_copy(update={"columns": (column,)}))
    (problem,) = check(project, facts_of((4,), "reconstruction")).errors
    assert problem.message.endswith("Choose another task, or give numbers.") and problem.fixes == ()


@pytest.mark.parametrize(("data", "shape"), [(TABLE, (4,)), (IMAGES, (3, 12, 10))], ids=["table", "images"])
def test_the_proposed_model_is_narrow_in_its_middle_and_has_no_problem(data, shape):
    facts = facts_of(shape, "reconstruction")
    report = check(suggest_project("Given back", data, facts), facts)
    assert report.problems == () and report.output_shape == shape
    assert min(row.output_shape[0] for row in report.rows if len(row.output_shape) == 1) < facts.target_size


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(model=models(6), training=TRAININGS, shape=st.sampled_from([(4,), (3, 16, 16), (1, 8, 9)]))
def test_any_model_can_be_mended_to_give_back_its_input(model, training, shape):
    data, facts = TABLE if len(shape) == 1 else IMAGES, facts_of(shape, "reconstruction")
    project = fix_all(Project(name="Drawn", data=data, model=model, training=training), facts)
    report = check(project, facts)
    assert report.can_train and report.output_shape == shape
