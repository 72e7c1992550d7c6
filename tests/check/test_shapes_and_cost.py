"""Shapes and costs of a known network, counted by hand."""

import pytest

from builder.catalogue.activations import PReLU, ReLU, Sigmoid, Tanh
from builder.catalogue.layers import Add, AvgPool2d, BatchNorm2d, Concat, Conv2d, Flatten, LayerNorm, Linear
from builder.catalogue.losses import MSE, BCEWithLogits
from builder.catalogue.optimizers import SGD, Adam
from builder.check.report import check
from tests.projects import facts_of, stacked, wired

LENET = (
    Conv2d(out_channels=6, kernel_size=5, padding=2, activation=Sigmoid()), AvgPool2d(),
    Conv2d(out_channels=16, kernel_size=5, padding=0, activation=Sigmoid()), AvgPool2d(),
    Flatten(), Linear(out_features=120, activation=Sigmoid()), Linear(out_features=84, activation=Tanh()), Linear(),
)  # fmt: skip


@pytest.fixture
def lenet():
    classes = tuple("0123456789")
    facts = facts_of((1, 28, 28)).model_copy(update={"classes": classes, "class_counts": (10,) * 10})
    return check(stacked(*LENET), facts)


def test_lenet_has_the_shapes_of_the_paper(lenet):
    assert [row.output_shape for row in lenet.rows] == [
        (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (400,), (120,), (84,), (10,),
    ]  # fmt: skip


def test_lenet_has_61706_weights(lenet):
    assert [row.parameters for row in lenet.rows] == [156, 0, 2416, 0, 0, 48_120, 10_164, 850]
    assert lenet.parameters == 61_706 and lenet.weights_bytes == 4 * 61_706


def test_lenet_multiplies_as_often_as_counted_by_hand(lenet):
    by_hand = [25 * 6 * 28 * 28, 0, 6 * 25 * 16 * 10 * 10, 0, 0, 400 * 120, 120 * 84, 84 * 10]
    assert [row.multiply_adds for row in lenet.rows] == by_hand and lenet.multiply_adds == sum(by_hand)


def test_lenet_can_train_and_each_row_names_its_place(lenet):
    assert lenet.can_train and lenet.problems == () and lenet.output_shape == (10,)
    assert lenet.rows[2].place == "Conv2d 'conv2d_2'"


@pytest.mark.parametrize(("task", "loss", "outputs"), [("binary", BCEWithLogits(), 1), ("binary", None, 2), ("multiclass", None, 3), ("regression", MSE(), 1)])  # fmt: skip
def test_the_output_layer_takes_its_size_from_data_and_loss(task, loss, outputs):
    report = check(stacked(Linear(out_features=8, activation=ReLU()), Linear(), loss=loss), facts_of((4,), task))
    assert report.can_train and report.output_shape == (outputs,)


def test_a_skip_connection_adds_and_a_concat_joins():
    project = wired(
        ("a", Linear(out_features=6, activation=ReLU())), ("b", Linear(out_features=6, activation=ReLU())),
        ("sum", Add(), ("b", "a")), ("both", Concat(), ("sum", "a", "input")), ("out", Linear()),
    )  # fmt: skip
    report = check(project, facts_of((4,)))
    assert [row.output_shape for row in report.rows] == [(6,), (6,), (6,), (16,), (3,)]
    assert report.can_train and report.rows[3].input_shapes == ((6,), (6,), (4,))


def test_an_activation_with_weights_counts():
    report = check(stacked(Linear(out_features=6, activation=PReLU()), Linear()), facts_of((4,)))
    assert report.rows[0].parameters == 4 * 6 + 6 + 1


def test_normalization_counts_a_scale_and_an_offset_for_each_value():
    report = check(stacked(BatchNorm2d(), LayerNorm(), Flatten(), Linear()), facts_of((3, 8, 8)))
    assert [row.parameters for row in report.rows] == [6, 2 * 3 * 8 * 8, 0, 192 * 3 + 3]


def test_more_optimizer_state_and_larger_batches_need_more_memory():
    def memory(optimizer, batch_size):
        layers = (Linear(out_features=100, activation=ReLU()), Linear())
        return check(stacked(*layers, optimizer=optimizer, batch_size=batch_size), facts_of((4,))).memory_bytes

    weights = 4 * (4 * 100 + 100 + 100 * 3 + 3)
    assert memory(Adam(), 10) - memory(SGD(), 10) == weights
    assert memory(SGD(), 20) - memory(SGD(), 10) == 10 * 4 * (4 + 100 + 3)
