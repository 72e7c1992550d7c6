"""Every problem names the place, what it needs, what it got and a way out, and its first fix mends it."""

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builder.catalogue.activations import ACTIVATIONS, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from builder.catalogue.layers import (
    Add,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv2d,
    CrossAttention,
    Dropout,
    Embedding,
    Flatten,
    Linear,
    MaxPool2d,
    Mean,
    Reshape,
)
from builder.catalogue.losses import MSE, NLL, BCEWithLogits, CrossEntropy
from builder.catalogue.metrics import F1, R2, Accuracy, TopKAccuracy
from builder.catalogue.optimizers import LBFGS
from builder.catalogue.regularization import EMA, SWA, CutMix, EarlyStopping, Mixup
from builder.check.edits import apply
from builder.check.fixing import fix_all
from builder.check.report import check, require_trainable
from builder.errors import SpecError
from builder.nn.graph import build
from builder.spec.project import Project
from tests.projects import facts_of, stacked, table_data, wired
from tests.spec.drawing import TRAININGS, models

HIDDEN = Linear(out_features=8, activation=ReLU())
IMAGE, FLAT = (3, 8, 8), (4,)


def sentences(project, facts) -> list[str]:
    return [problem.message for problem in check(project, facts).problems]


PROBLEMS = {
    "flat layer on an image": (stacked(Linear()), facts_of(IMAGE), "Linear 'linear_1' needs a flat row (features,); got (3, 8, 8). Add a Flatten before it."),
    "image layer on a flat row": (stacked(Conv2d(), Flatten(), Linear()), facts_of(FLAT), "Conv2d 'conv2d_1' needs an image (C, H, W); got (4,). Use Linear instead."),
    "window larger than the image": (stacked(MaxPool2d(kernel_size=9), Flatten(), Linear()), facts_of(IMAGE), "MaxPool2d 'maxpool2d_1' needs an image of at least 9 × 9 pixels; got (3, 8, 8). Make the kernel smaller, pad more, or pool less before it."),
    "hidden layer without a size": (stacked(Linear(activation=ReLU()), Linear()), facts_of(FLAT), "Linear 'linear_1' needs out_features; got nothing. Only the last layer takes its size from the data: give this one a number."),
    "branches of different shapes": (wired(("a", HIDDEN), ("sum", Add(), ("a", "input")), ("out", Linear())), facts_of(FLAT), "Add 'sum' needs inputs of one shape; got (8,) and (4,). Give the branches the same sizes, or use Concat."),
    "one branch alone": (wired(("a", HIDDEN), ("sum", Add()), ("out", Linear())), facts_of(FLAT), "Add 'sum' needs 2 or more inputs; got 1. Pick its inputs."),
    "two branches where one is needed": (wired(("a", HIDDEN), ("b", HIDDEN), ("out", Linear(), ("a", "b"))), facts_of(FLAT), "Linear 'out' needs 1 input; got 2. Pick its inputs."),
    "an axis that is not there": (wired(("a", HIDDEN), ("both", Concat(dim=2), ("a", "input")), ("out", Linear())), facts_of(FLAT), "Concat 'both' needs an axis 2; got (8,) and (4,). Set the axis to 1."),
    "a layer that nobody reads": (wired(("a", HIDDEN), ("b", HIDDEN), ("out", Linear(), ("a",))), facts_of(FLAT), "Linear 'b' is not used by any layer. Connect or remove it."),
    "no layers": (stacked(), facts_of(FLAT), "Model has no layers. Add at least an output layer."),
    "no weights": (stacked(Flatten()), facts_of((3,)), "Model has nothing to learn: no layer has weights. Add a Linear or Conv2d layer."),
    "more than a file holds": (stacked(Linear(out_features=65536, activation=ReLU()), Linear(out_features=65536, activation=ReLU()), Linear()), facts_of(FLAT), "Model has 4,295,557,123 parameters (17.2 GB); an ONNX file holds 470,000,000. Make its layers smaller."),
    "too many outputs": (stacked(Linear(out_features=7)), facts_of(FLAT), "Output must be (3,) for 3 classes of 'species' with Cross-entropy; got (7,). Free or correct the size of Linear 'linear_1'."),
    "an image at the end": (stacked(Conv2d(out_channels=3)), facts_of(IMAGE), "Output must be (3,) for 3 classes of 'species' with Cross-entropy; got (3, 8, 8). Add an output layer."),
    "a loss for numbers on classes": (stacked(Linear(), loss=MSE()), facts_of(FLAT), "Loss Mean squared error does not fit 3 classes of 'species': it compares numbers with numbers. Use Cross-entropy, Negative log-likelihood, Focal, KL divergence, Hinge, Cosine."),
    "a loss for classes on numbers": (stacked(Linear()), facts_of(FLAT, "regression"), "Loss Cross-entropy does not fit a number ('species'): it compares a logit for each class with the class that is right. Use Mean squared error, Mean absolute error, Smooth L1, Huber, Poisson, Gaussian likelihood."),
    "two-class loss on three classes": (stacked(Linear(), loss=BCEWithLogits()), facts_of(FLAT), "Loss Binary cross-entropy does not fit 3 classes of 'species': it compares one logit with yes or no, so it takes two classes. Use Cross-entropy, Negative log-likelihood, Focal, KL divergence, Hinge, Cosine."),
    "softmax before cross-entropy": (stacked(HIDDEN, Linear(activation=Softmax())), facts_of(FLAT), "Linear 'linear_2' ends the model in Softmax, but Cross-entropy takes logits and applies it itself: training would be slow and wrong. Remove the Softmax."),
    "softmax layer before cross-entropy": (stacked(Linear(), Softmax()), facts_of(FLAT), "Softmax 'softmax_1' ends the model in Softmax, but Cross-entropy takes logits and applies it itself: training would be slow and wrong. Remove the Softmax."),
    "softmax under dropout": (stacked(Linear(activation=Softmax()), Dropout()), facts_of(FLAT), "Linear 'linear_1' ends the model in Softmax, but Cross-entropy takes logits and applies it itself: training would be slow and wrong. Remove the Softmax."),
    "sigmoid before binary cross-entropy": (stacked(Linear(activation=Sigmoid()), loss=BCEWithLogits()), facts_of(FLAT, "binary"), "Linear 'linear_1' ends the model in Sigmoid, but Binary cross-entropy takes logits and applies it itself: training would be slow and wrong. Remove the Sigmoid."),
    "sigmoid layer before binary cross-entropy": (stacked(Linear(), Sigmoid(), loss=BCEWithLogits()), facts_of(FLAT, "binary"), "Sigmoid 'sigmoid_1' ends the model in Sigmoid, but Binary cross-entropy takes logits and applies it itself: training would be slow and wrong. Remove the Sigmoid."),
    "NLL without log-softmax": (stacked(Linear(), loss=NLL()), facts_of(FLAT), "Linear 'linear_1' must end in LogSoftmax for Negative log-likelihood; got no activation. Add it, or use Cross-entropy, which includes it."),
    "a bounded answer": (stacked(Linear(activation=Tanh()), loss=MSE()), facts_of(FLAT, "regression"), "Linear 'linear_1' ends the model in Tanh, which cannot give every value of 'species'. Leave the output layer linear."),
    "two linear maps in a row": (stacked(Linear(out_features=8), Linear()), facts_of(FLAT), "Linear 'linear_1' has no activation before Linear 'linear_2', so the two act as one. Pick an activation."),
    "a metric of another task": (stacked(Linear(), metrics=(R2(),)), facts_of(FLAT), "Metrics R² does not fit a multiclass target. Pick from Accuracy, Precision, Recall, F1, ROC-AUC, PR-AUC."),
    "best epoch by what is not measured": (stacked(Linear(), metrics=(Accuracy(),), best_by="F1"), facts_of(FLAT), "Best epoch by must be one of loss, Accuracy; got F1. Choose one of them, or add the metric."),
    "an answer of all classes": (stacked(Linear(), metrics=(Accuracy(), TopKAccuracy(k=3))), facts_of(FLAT), "Top-k accuracy takes 3 classes for an answer where there are 3, so every row would be right. Set it lower."),
    "the worst epoch kept": (stacked(Linear(), metrics=(F1(),), best_by="F1", best_direction="lower"), facts_of(FLAT), "Best epoch by picks the lowest F1, of which higher is better, so the worst epoch is kept. Use its own direction."),
    "the highest loss kept": (stacked(Linear(), best_direction="higher"), facts_of(FLAT), "Best epoch by picks the highest loss, of which lower is better, so the worst epoch is kept. Use its own direction."),
    "mixed precision under LBFGS": (stacked(Linear(), optimizer=LBFGS(), precision="mixed"), facts_of(FLAT), "Precision is mixed, but LBFGS compares the losses of several tries within a step, which differ by less than it rounds off. Use full precision."),
    "normalization of one row": (stacked(HIDDEN, BatchNorm1d(), Linear(), batch_size=1), facts_of(FLAT), "BatchNorm1d 'batchnorm1d_1' needs at least 2 rows in a batch; got batch size 1 and 100 training rows. Give it more of both, or use LayerNorm."),
    "a batch larger than the data": (stacked(Linear(), batch_size=1200), facts_of(FLAT, rows=1100), "Batch size is 1,200, but there are 1,100 training rows: each epoch is a single step. Make it smaller."),
    "early stopping by what is not measured": (stacked(Linear(), metrics=(Accuracy(),), regularization=(EarlyStopping(metric="F1"),)), facts_of(FLAT), "Early stopping must watch one of loss, Accuracy; got F1. Choose one of them, or add the metric."),
    "early stopping that outlasts averaging": (stacked(Linear(), epochs=40, regularization=(EarlyStopping(patience=10), SWA())), facts_of(FLAT), "Early stopping waits 10 epochs of 10 that are averaged, so it never acts. Train longer or wait less."),
    "mixed rows without answers": (stacked(Linear(), loss=MSE(), regularization=(Mixup(),)), facts_of(FLAT, "reconstruction"), "Mixup does not fit: it mixes rows and their answers, and a model that gives back its input has none to mix. Switch it off."),
    "a box out of a table": (stacked(Linear(), regularization=(CutMix(),)), facts_of(FLAT), "CutMix does not fit: it pastes boxes out of other images, and a table has none. Switch it off."),
    "blended ids": (stacked(Embedding(), Flatten(), Linear(), regularization=(Mixup(),)), facts_of(FLAT), "Embedding 'embedding_1' looks whole numbers up, which Mixup would blend into others. Switch Mixup off."),
    "nothing to mix with": (stacked(Linear(), batch_size=1, regularization=(Mixup(),)), facts_of(FLAT), "Mixup mixes the rows of a batch, and a batch size of 1 leaves nothing to mix. Make it larger."),
    "two averages": (stacked(Linear(), regularization=(EMA(), SWA())), facts_of(FLAT), "Weight averaging (EMA) and Weight averaging (SWA) are two averages of the same weights. Switch one of them off."),
    "an average that the first weights stay in": (stacked(Linear(), epochs=10, regularization=(EMA(decay=0.999, warm_up=False),)), facts_of(FLAT), "Weight averaging (EMA) averages over about 1,000 steps, but training has 40, so the first weights stay in it. Switch its warm-up on, or lower its decay."),
    "an average of one epoch": (stacked(Linear(), epochs=3, regularization=(SWA(),)), facts_of(FLAT), "Weight averaging (SWA) begins after epoch 2 of 3, so it has a single epoch to average. Let it begin sooner, or train longer."),
    "early stopping that never acts": (stacked(Linear(), epochs=5, regularization=(EarlyStopping(patience=5),)), facts_of(FLAT), "Early stopping waits 5 epochs of 5, so it never acts. Train longer or wait less."),
}  # fmt: skip


@pytest.mark.parametrize(("project", "facts", "sentence"), PROBLEMS.values(), ids=PROBLEMS)
def test_it_is_told_in_one_whole_sentence(project, facts, sentence):
    assert sentence in sentences(project, facts)


@pytest.mark.parametrize(("project", "facts", "sentence"), PROBLEMS.values(), ids=PROBLEMS)
def test_its_fixes_mend_it(project, facts, sentence):
    (problem,) = (problem for problem in check(project, facts).problems if problem.message == sentence)
    assert problem.fixes or problem.place == "Model"
    for fix in problem.fixes:
        mended = sentences(apply(project, *fix.edits), facts)
        assert sentence not in mended and fix.label


BRANCHED = (("a", HIDDEN), ("b", HIDDEN), ("c", HIDDEN))


@pytest.mark.parametrize(
    ("layer", "inputs", "needs", "fixes"),
    [
        (HIDDEN, ("a", "b"), "needs 1 input; got 2", ["Join them by Concat", "Keep the first input", "Remove Linear"]),
        (BatchNorm2d(), ("a", "b"), "needs 1 input; got 2", ["Keep the first input", "Remove BatchNorm2d"]),
        (CrossAttention(), ("a",), "needs 2 to 3 inputs; got 1", ["Connect it to c", "Remove Cross-attention"]),
        (CrossAttention(), ("a", "b", "c", "a"), "needs 2 to 3 inputs; got 4", ["Keep the first 3", "Remove Cross-attention"]),
        (Mean(keepdim=True), ("a", "b", "c"), "needs 1 to 2 inputs; got 3", ["Keep the first 2", "Remove Mean over an axis"]),
    ],
)  # fmt: skip
def test_too_many_wires_are_joined_only_where_that_is_right(layer, inputs, needs, fixes):
    report = check(wired(*BRANCHED, ("at", layer, inputs), ("out", Linear())), facts_of((6, 8)))
    (problem,) = (problem for problem in report.of("at") if "Pick its inputs" in problem.message)
    assert needs in problem.message and [fix.label for fix in problem.fixes] == fixes


@pytest.mark.parametrize("activation", [kind() for kind in ACTIVATIONS.values()], ids=lambda layer: layer.kind)
def test_an_activation_that_does_not_give_every_number_is_warned_of_before_a_number(activation):
    x = torch.cat([-torch.logspace(-3, 6, 200).flip(0), torch.logspace(-3, 6, 200)])[:, None, None, None]
    given = build(activation.torch_call((4, 1, 1))).eval()(x.expand(-1, 4, 1, 1))
    reaches_all = given.min() < -1e3 and given.max() > 1e3
    shape = (2, 3, 1) if activation.kind == "Softmax2d" else (4,)
    found = sentences(stacked(Linear(), activation, loss=MSE()), facts_of(shape, "regression"))
    warned = any("cannot give every value" in sentence for sentence in found)
    assert warned is not bool(reaches_all)


def test_an_activation_under_a_reduction_has_the_last_word():
    project = stacked(HIDDEN, Linear(out_features=1, activation=ReLU()), Reshape(shape=(1, 1)), Mean(), loss=MSE())
    assert any("ends the model in ReLU" in sentence for sentence in sentences(project, facts_of(FLAT, "regression")))


def test_what_is_right_has_no_problem():
    project = stacked(HIDDEN, Linear(), loss=BCEWithLogits(), metrics=(F1(),), best_by="F1")
    assert check(project, facts_of(FLAT, "binary")).problems == ()
    assert check(stacked(HIDDEN, Linear(activation=LogSoftmax()), loss=NLL()), facts_of(FLAT)).problems == ()


def test_a_sigmoid_inside_the_model_is_no_problem():
    assert check(stacked(Linear(out_features=8, activation=Sigmoid()), Linear()), facts_of(FLAT)).problems == ()


def test_every_problem_is_reported_at_once():
    project = stacked(
        Conv2d(activation=ReLU()), Linear(), Linear(activation=Softmax()), metrics=(R2(),), best_by="F1", batch_size=1000, loss=CrossEntropy()
    )  # fmt: skip
    places = [problem.place for problem in check(project, facts_of(FLAT)).problems]
    assert places == ["Conv2d 'conv2d_1'", "Linear 'linear_1'", "Linear 'linear_1'", "Linear 'linear_2'", "Metrics", "Best epoch by", "Batch size"]  # fmt: skip


def test_problems_of_a_node_are_found_by_its_id():
    report = check(stacked(Linear()), facts_of(IMAGE))
    assert [problem.node_id for problem in report.of("linear_1")] == ["linear_1"] and report.of("other") == ()


def test_a_project_that_cannot_train_is_refused_with_every_error():
    with pytest.raises(SpecError) as caught:
        require_trainable(stacked(Linear(), loss=MSE(), metrics=(R2(),)), facts_of(FLAT))
    assert len(str(caught.value).splitlines()) == 2


def test_a_warning_does_not_keep_a_project_from_training():
    assert require_trainable(stacked(Linear(), batch_size=1000), facts_of(FLAT)).problems


def test_what_is_alike_in_many_layers_is_mended_by_a_check_or_two(monkeypatch):
    checks = []
    monkeypatch.setattr("builder.check.fixing.check", lambda *given: checks.append(given) or check(*given))
    mended = fix_all(stacked(*[Conv2d(out_channels=4)] * 30, Linear()), facts_of(FLAT))
    assert [node.layer for node in mended.model.nodes[:30]] == [Linear(out_features=4, activation=ReLU())] * 30
    assert len(checks) < 10 and check(mended, facts_of(FLAT)).problems == ()


@settings(max_examples=60, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    model=models(6), training=TRAININGS, shape=st.sampled_from([(4,), (3, 16, 16), (1, 8, 9)]),
    task=st.sampled_from(["binary", "multiclass", "regression"]),
)  # fmt: skip
def test_fixing_all_makes_any_project_trainable(model, training, shape, task):
    project, facts = Project(name="Drawn", data=table_data(), model=model, training=training), facts_of(shape, task)
    mended = fix_all(project, facts)
    assert not [problem.message for problem in check(mended, facts).problems if problem.fixes]
    assert check(mended, facts).can_train
