"""The mistakes that people make with their first models: each is told at its node, and after "fix all" the model trains."""

from typing import NamedTuple

import pytest

from builder.catalogue.activations import LogSoftmax, ReLU, Sigmoid, Softmax
from builder.catalogue.layers import (
    LSTM,
    Add,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    GroupNorm,
    Linear,
    MaxPool2d,
    MultiheadAttention,
)
from builder.catalogue.losses import MSE, NLL, BCEWithLogits
from builder.catalogue.optimizers import SGD
from builder.check.edits import GroupNodes, RemoveWire, UpdateGroup, apply
from builder.check.fixing import fix_all
from builder.check.report import check
from builder.spec.project import Project
from tests.check.training_step import train_briefly
from tests.projects import facts_of, stacked, wired

IMAGE, ROW = (3, 16, 16), (4,)
HIDDEN = Linear(out_features=8, activation=ReLU())
CONV = Conv2d(out_channels=8, activation=ReLU())


class Mistake(NamedTuple):
    project: Project
    shape: tuple[int, ...]
    at: str | None
    """The node where it is told; None for the whole model or its training."""
    says: str
    after: list[str]
    """Kinds of the layers once it is mended."""
    task: str = "multiclass"


def branches(*inner: tuple, join) -> Project:
    return wired(("stem", CONV), *inner, ("join", join, ("branch", "stem")), ("flat", Flatten()), ("out", Linear()))


def repeated(times: int, *layers) -> Project:
    """Layers after a convolution, grouped and repeated."""
    project = stacked(CONV, *layers, Flatten(), Linear())
    ids = tuple(node.id for node in project.model.nodes[1:-2])
    return apply(project, GroupNodes(ids=ids), UpdateGroup(id="group_1", changes={"repeat": times}))


MISTAKES = {
    "no Flatten before Linear": Mistake(
        stacked(CONV, Linear()), IMAGE, "linear_1", "Add a Flatten before it", ["Conv2d", "Flatten", "Linear"]
    ),
    "Conv2d behind Flatten": Mistake(
        stacked(Flatten(), CONV, Linear()), IMAGE, "conv2d_1", "or remove the Flatten before it.", ["Conv2d", "Flatten", "Linear"]
    ),
    "Conv2d on a table": Mistake(
        stacked(CONV, Linear()), ROW, "conv2d_1", "got (4,). Use Linear instead.", ["Linear", "Linear"]
    ),
    "BatchNorm2d on a table": Mistake(
        stacked(HIDDEN, BatchNorm2d(), Linear()), ROW, "batchnorm2d_1", "got (8,)", ["Linear", "BatchNorm1d", "Linear"]
    ),
    "pooled away": Mistake(
        stacked(CONV, *[MaxPool2d(kernel_size=4)] * 3, Flatten(), Linear()), IMAGE, "maxpool2d_3", "got (8, 1, 1)",
        ["Conv2d", "MaxPool2d", "MaxPool2d", "Flatten", "Linear"],
    ),
    "a kernel larger than the image": Mistake(
        stacked(Conv2d(out_channels=8, kernel_size=21, padding=0, activation=ReLU()), Flatten(), Linear()), IMAGE, "conv2d_1",
        "at least 21 × 21", ["Conv2d", "Flatten", "Linear"],
    ),
    "groups that do not divide the channels": Mistake(
        stacked(Conv2d(out_channels=8, groups=2, activation=ReLU()), Flatten(), Linear()), IMAGE, "conv2d_1", "groups",
        ["Conv2d", "Flatten", "Linear"],
    ),
    "a sum of different channels": Mistake(
        branches(("branch", Conv2d(out_channels=12, activation=ReLU())), join=Add()), IMAGE, "join", "got (12, 16, 16) and (8, 16, 16)",
        ["Conv2d", "Conv2d", "Conv2d", "Add", "Flatten", "Linear"],
    ),
    "a sum of different sizes": Mistake(
        branches(("branch", MaxPool2d()), join=Add()), IMAGE, "join", "got (8, 8, 8) and (8, 16, 16)",
        ["Conv2d", "MaxPool2d", "AvgPool2d", "Add", "Flatten", "Linear"],
    ),
    "a sum of features of different widths": Mistake(
        wired(("a", HIDDEN), ("sum", Add(activation=ReLU()), ("a", "input")), ("out", Linear())), ROW, "sum", "got (8,) and (4,)",
        ["Linear", "Linear", "Add", "Linear"],
    ),
    "a concat of different sizes": Mistake(
        branches(("branch", MaxPool2d(kernel_size=3)), join=Concat()), IMAGE, "join", "got (8, 5, 5) and (8, 16, 16)",
        ["Conv2d", "MaxPool2d", "AvgPool2d", "Concat", "Flatten", "Linear"],
    ),
    "a concat of an image and a row": Mistake(
        wired(("stem", CONV), ("flat", Flatten()), ("a", HIDDEN), ("join", Concat(), ("a", "stem")), ("out", Linear())), IMAGE, "join",
        "got (8,) and (8, 16, 16)", ["Conv2d", "Flatten", "Linear", "AdaptiveAvgPool2d", "Flatten", "Concat", "Linear"],
    ),
    "one branch alone": Mistake(
        wired(("a", HIDDEN), ("b", HIDDEN), ("sum", Add(), ("b",)), ("out", Linear())), ROW, "sum", "needs 2 or more inputs; got 1",
        ["Linear", "Linear", "Add", "Linear"],
    ),
    "two wires where one is taken": Mistake(
        wired(("a", HIDDEN), ("b", HIDDEN, ("input",)), ("out", Linear(), ("a", "b"))), ROW, "out", "needs 1 input; got 2",
        ["Linear", "Linear", "Concat", "Linear"],
    ),
    "a layer connected to nothing": Mistake(
        apply(stacked(HIDDEN, Dropout(), Linear()), RemoveWire(source="linear_1", target="dropout_1")), ROW, "dropout_1",
        "needs 1 input; got 0", ["Linear", "Dropout", "Linear"],
    ),
    "a branch that nobody reads": Mistake(
        wired(("a", HIDDEN), ("b", HIDDEN), ("out", Linear(), ("a",))), ROW, "b", "is not used by any layer", ["Linear", "Linear"]
    ),
    "a hidden layer without a size": Mistake(
        stacked(Linear(activation=ReLU()), Linear()), ROW, "linear_1", "needs out_features; got nothing", ["Linear", "Linear"]
    ),
    "a wrong number of classes": Mistake(
        stacked(HIDDEN, Linear(out_features=5)), ROW, "linear_2", "must be (3,)", ["Linear", "Linear"]
    ),
    "no output layer": Mistake(
        stacked(HIDDEN), ROW, "linear_1", "must be (3,)", ["Linear", "Linear"]
    ),
    "no output layer on images": Mistake(
        stacked(CONV), IMAGE, None, "Add an output layer", ["Conv2d", "Flatten", "Linear"]
    ),
    "softmax before cross-entropy": Mistake(
        stacked(HIDDEN, Linear(), Softmax()), ROW, "softmax_1", "Remove the Softmax", ["Linear", "Linear"]
    ),
    "sigmoid before binary cross-entropy": Mistake(
        stacked(HIDDEN, Linear(activation=Sigmoid()), loss=BCEWithLogits()), ROW, "linear_2", "Remove the Sigmoid", ["Linear", "Linear"],
        "binary",
    ),
    "NLL on logits": Mistake(
        stacked(HIDDEN, Linear(), loss=NLL()), ROW, "linear_2", "must end in LogSoftmax", ["Linear", "Linear", "LogSoftmax"]
    ),
    "ReLU on a number": Mistake(
        stacked(HIDDEN, Linear(activation=ReLU()), loss=MSE()), ROW, "linear_2", "cannot give every value", ["Linear", "Linear"],
        "regression",
    ),
    "squared error for classes": Mistake(
        stacked(HIDDEN, Linear(), loss=MSE()), ROW, None, "does not fit 3 classes", ["Linear", "Linear"]
    ),
    "batch norm of a single row": Mistake(
        stacked(HIDDEN, BatchNorm1d(), Linear(), batch_size=1), ROW, "batchnorm1d_1", "at least 2 rows in a batch",
        ["Linear", "BatchNorm1d", "Linear"],
    ),
    "no activation between": Mistake(
        stacked(Linear(out_features=8), Linear()), ROW, "linear_1", "the two act as one", ["Linear", "Linear"]
    ),
    "dropout of nearly everything": Mistake(
        stacked(HIDDEN, Dropout(p=0.95), Linear()), ROW, "dropout_1", "switches off 95% of the values", ["Linear", "Dropout", "Linear"]
    ),
    "dropout of the answers": Mistake(
        stacked(HIDDEN, Linear(), Dropout(p=0.5)), ROW, "dropout_1", "behind the output layer", ["Linear", "Linear"]
    ),
    "an absurd learning rate": Mistake(
        stacked(HIDDEN, Linear(), optimizer=SGD(lr=10)), ROW, None, "is 10, where 0.01 is usual for SGD", ["Linear", "Linear"]
    ),
    "a huge layer behind a flattened image": Mistake(
        stacked(CONV, Flatten(), Linear(out_features=512, activation=ReLU()), Linear()), (3, 64, 64), "linear_1", "Shrink the image",
        ["Conv2d", "AdaptiveAvgPool2d", "Flatten", "Linear", "Linear"],
    ),
    "an LSTM on a table": Mistake(
        stacked(LSTM(hidden_size=8, output="last"), Linear()), ROW, "lstm_1", "reads each value as a step", ["Reshape", "LSTM", "Linear"]
    ),
    "Conv1d on a table": Mistake(
        stacked(Conv1d(out_channels=8, activation=ReLU()), Flatten(), Linear()), ROW, "conv1d_1", "a sequence of one channel",
        ["Reshape", "Conv1d", "Flatten", "Linear"],
    ),
    "attention on a table": Mistake(
        stacked(MultiheadAttention(num_heads=4), Flatten(), Linear()), ROW, "multiheadattention_1", "reads each value as a step",
        ["Reshape", "Linear", "MultiheadAttention", "Flatten", "Linear"],
    ),
    "heads that do not divide the features": Mistake(
        stacked(Embedding(embedding_dim=10), MultiheadAttention(num_heads=4), Flatten(), Linear()), ROW, "multiheadattention_1", "heads",
        ["Embedding", "MultiheadAttention", "Flatten", "Linear"],
    ),
    "an embedding of scaled numbers": Mistake(
        stacked(Embedding(), Flatten(), Linear()), ROW, "embedding_1", "'a' come scaled", ["Embedding", "Flatten", "Linear"]
    ),
    "groups of a norm that do not divide the channels": Mistake(
        stacked(Conv2d(out_channels=6), GroupNorm(num_groups=4), ReLU(), Flatten(), Linear()), IMAGE, "groupnorm_1", "multiples of 4",
        ["Conv2d", "GroupNorm", "ReLU", "Flatten", "Linear"],
    ),
    "a repeated group that shrinks the image away": Mistake(
        repeated(4, CONV, MaxPool2d(kernel_size=4)), IMAGE, "maxpool2d_1", "repetition 3, needs",
        ["Conv2d", "Conv2d", "MaxPool2d", "Flatten", "Linear"],
    ),
    "a repeated group that leads past itself with other channels": Mistake(
        apply(
            branches(("branch", Conv2d(out_channels=12, activation=ReLU())), join=Add()), GroupNodes(ids=("branch", "join")),
            UpdateGroup(id="group_1", changes={"repeat": 3}),
        ),
        IMAGE, "join", "got (12, 16, 16) and (8, 16, 16)", ["Conv2d", "Conv2d", "Conv2d", "Add", "Flatten", "Linear"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_it_is_told_where_it_is_and_mended_the_model_trains(mistake):
    facts = facts_of(mistake.shape, mistake.task)
    (problem,) = (problem for problem in check(mistake.project, facts).problems if mistake.says in problem.message)
    assert problem.node_id == mistake.at and problem.fixes
    mended = fix_all(mistake.project, facts)
    assert [node.layer.kind for node in mended.model.nodes] == mistake.after
    assert check(mended, facts).problems == ()
    assert train_briefly(mended, facts)


def test_a_right_project_is_left_alone():
    project = stacked(HIDDEN, Linear(activation=LogSoftmax()), loss=NLL())
    assert fix_all(project, facts_of(ROW)) is project
