"""Each of the doctor's rules on figures made for it; whole trainings are in tests/recipes/test_doctor.py."""

import math
from dataclasses import replace

import pytest

from builder.catalogue.activations import ACTIVATIONS
from builder.catalogue.augmentations import Rotate
from builder.catalogue.layers import Linear
from builder.catalogue.losses import CrossEntropy
from builder.catalogue.optimizers import SGD, AdamW
from builder.catalogue.regularization import EarlyStopping
from builder.catalogue.schedulers import CosineDecay
from builder.check.edits import apply
from builder.runs.doctor import Evidence, Finding, diagnose
from builder.runs.doctor.words import said
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from tests.projects import facts_of, image_data, stacked, table_data
from tests.runs.made_evidence import STEPS_PER_EPOCH, evidence_with, project_with, sample_at, samples_of

LEARNED = [0.9 * 0.8**epoch + 0.1 for epoch in range(20)]
"""Falls from 1.0 to 0.11, more slowly each time."""
STANDS = [1.0] * 20


def only(evidence: Evidence) -> Finding:
    (finding,) = diagnose(evidence)
    return finding


def kinds(evidence: Evidence) -> list[str]:
    return [finding.kind for finding in diagnose(evidence)]


def mended(evidence: Evidence, number: int = 0) -> Project:
    return apply(evidence.present, *only(evidence).fixes[number].edits)


def restless(level: float, swing: float, epochs: int = 24) -> list[float]:
    return [level * (1 + swing * (-1) ** epoch) for epoch in range(epochs)]


def test_a_run_that_learns_is_well():
    evidence = evidence_with(LEARNED, samples=samples_of({"linear_1": {}, "linear_2": {}, "linear_3": {}}, 200))
    assert diagnose(evidence) == ()


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_before_there_is_evidence_nothing_is_said(epochs):
    assert diagnose(evidence_with([2.0, *STANDS][:epochs] or [1.0], first=1.0)) == ()


def test_a_loss_that_jumped_and_stays_up_says_the_rate_is_too_high():
    evidence = evidence_with([50.0, *STANDS], first=1.0, project=project_with(lr=0.1))
    finding = only(evidence)
    assert finding.kind == "lr_too_high" and finding.lr_now == 0.001
    assert (
        finding.sentence == "The loss rose from 1 to 50 by step 5 and is 1 now: the learning rate of 0.1 is too high."
    )
    assert mended(evidence).training.optimizer == AdamW(lr=0.001)


def test_a_rate_near_the_usual_one_is_lowered_tenfold():
    evidence = evidence_with([50.0, *STANDS], first=1.0, project=project_with(lr=0.004))
    assert only(evidence).fixes[0].label == "Set the learning rate to 0.0004"


def test_a_jump_that_was_made_up_for_is_forgiven():
    assert diagnose(evidence_with([50.0, *LEARNED], first=1.0)) == ()


def test_units_that_a_far_too_large_rate_has_killed_are_its_fault():
    dead = samples_of({"linear_1": {"dead": 1.0}}, 240)
    assert kinds(evidence_with([0.98] * 24, first=1.0, samples=dead, project=project_with(lr=0.05))) == ["lr_too_high"]
    assert kinds(evidence_with([0.98] * 24, first=1.0, samples=dead, project=project_with(lr=0.001))) == ["dead_units"]


def test_a_single_batch_that_costs_much_is_no_jump():
    losses = [0.9] * 20
    evidence = evidence_with(losses, first=1.0)
    evidence.events.steps["loss"][::20] = 50.0
    assert diagnose(evidence) == ()


def test_a_loss_that_never_gets_away_at_a_large_rate_says_so_too():
    losses = restless(0.98, 0.03)
    evidence = evidence_with(losses, first=1.0, project=project_with(lr=0.05))
    assert only(evidence).kind == "lr_too_high" and "50 times what is usual for AdamW" in only(evidence).sentence
    assert diagnose(evidence_with(losses, first=1.0, project=project_with(lr=0.001))) == ()  # noise, perhaps
    assert kinds(evidence_with(losses, first=1.0, project=project_with(lr=0.005))) == ["lr_too_high"]
    assert diagnose(evidence_with([0.98] * 24, first=1.0, project=project_with(lr=0.005))) == ()


def test_a_rate_that_was_changed_by_hand_is_judged_by_what_came_after():
    evidence = evidence_with([50.0, *STANDS], first=1.0, project=project_with(lr=0.1))
    assert diagnose(replace(evidence, changed_lr=(3, 0.001))) == ()


def test_a_loss_that_became_no_number_names_step_and_layer():
    message = "The loss became nan at step 31 (epoch 4). Lower the learning rate (0.001) or …"
    samples = (sample_at(30, {"linear_1": {"grad_norm": 3.0}, "linear_2": {"grad_norm": 4e5}}),)
    evidence = evidence_with([1.0, 1.0, 1.0], samples=samples, status="failed", message=message)
    assert only(evidence).kind == "not_finite"
    assert only(evidence).sentence.startswith(
        "The loss became nan at step 31, after a gradient of length 400,000 in 'linear_2'"
    )
    training = mended(evidence).training
    assert training.optimizer.lr == pytest.approx(1e-4) and training.regularization[0].max_norm == 1
    far = replace(evidence, project=project_with(lr=0.5))
    assert kinds(far) == ["lr_too_high"]


def test_a_run_that_failed_of_something_else_is_no_case_for_the_doctor():
    assert diagnose(evidence_with([1.0], status="failed", message="The disk is full.")) == ()


def test_steps_that_hardly_change_the_weights_say_the_rate_is_too_low():
    losses = [1 - 0.001 * epoch for epoch in range(20)]
    small = samples_of({"linear_1": {"update_norm": 2e-5}, "linear_2": {"update_norm": 1e-5}}, 200)
    evidence = evidence_with(losses, samples=small, project=project_with(lr=1e-5))
    assert only(evidence).kind == "lr_too_low" and only(evidence).lr_now == 0.001
    assert "each step changes the weights by 0.002 % of their size" in only(evidence).sentence
    assert mended(evidence).training.optimizer.lr == 0.001
    assert diagnose(evidence_with(losses, samples=samples_of({"linear_1": {}, "linear_2": {}}, 200))) == ()


def test_without_telemetry_a_low_rate_is_known_by_the_optimizers_usual_one():
    losses = [1 - 0.001 * epoch for epoch in range(20)]
    assert kinds(evidence_with(losses, project=project_with(optimizer=SGD(lr=0.0005)))) == ["lr_too_low"]
    assert kinds(evidence_with(losses, project=project_with(optimizer=SGD(lr=0.005)))) == []


def test_a_forked_run_began_with_what_was_learned_so_its_first_loss_is_no_measure():
    losses = [1 - 0.001 * epoch for epoch in range(20)]
    assert diagnose(evidence_with(losses, project=project_with(lr=1e-5), is_fresh=False)) == ()


def test_rows_learned_by_heart_are_seen_by_the_validation_loss():
    validation = [0.6] * 5 + [0.6 + 0.03 * epoch for epoch in range(15)]
    evidence = evidence_with([0.8**epoch for epoch in range(20)], validation, accuracies=(1.0, 0.7))
    assert only(evidence).kind == "overfitting"
    assert "validation loss is 1.02 and was 0.6 at epoch 1" in only(evidence).sentence
    layers = [node.layer.kind for node in mended(evidence).model.nodes]
    assert layers == ["Linear", "Dropout", "Linear", "Dropout", "Linear"]
    assert mended(evidence).training.regularizer(EarlyStopping).patience == 5
    assert diagnose(evidence_with([0.8**epoch for epoch in range(20)], validation, accuracies=(1.0, 0.95))) == ()


@pytest.mark.parametrize(
    ("layers", "widths"),
    [((2,), [64]), ((64, 2, 32), [64, 64, 32]), ((), [64])],
    ids=["one narrow layer", "a narrow one between", "no hidden layer"],
)
def test_a_model_that_lets_too_little_through_is_widened(layers, widths):
    hidden = (Linear(out_features=width, activation=ACTIVATIONS["ReLU"]()) for width in layers)
    project = stacked(*hidden, Linear())
    evidence = evidence_with([0.9] * 20, first=1.0, project=project)
    assert only(evidence).kind == "underfitting"
    found = [node.layer.out_features for node in mended(evidence).model.nodes[:-1]]
    assert found == widths


def test_a_wide_model_that_fits_badly_is_not_called_too_small():
    assert diagnose(evidence_with([0.9] * 20, first=1.0)) == ()


def test_a_run_whose_validation_still_falls_at_its_end_stopped_too_early():
    losses = [1 - 0.05 * epoch for epoch in range(10)]
    evidence = evidence_with(losses, project=project_with(epochs=10), status="finished")
    assert only(evidence).kind == "stopped_early"
    assert "from 0.65 to 0.55 in the last 2 epochs of 10" in only(evidence).sentence
    assert mended(evidence).training.epochs == 60
    assert diagnose(replace(evidence, status="running")) == ()
    assert diagnose(replace(evidence, status="stopped")) == ()


def test_a_loss_that_jumps_about_without_falling_is_a_plateau():
    evidence = evidence_with(restless(0.2, 0.3), first=1.0, project=project_with(lr=0.02))
    assert only(evidence).kind == "plateau" and "between 0.14 and 0.26" in only(evidence).sentence
    assert mended(evidence).training.optimizer.lr == 0.002 and only(evidence).lr_now == 0.002
    assert mended(evidence, 1).training.scheduler == CosineDecay()


def test_a_loss_that_stands_still_without_jumping_may_have_learned_what_there_is():
    assert diagnose(evidence_with(restless(0.2, 0.01), first=1.0)) == ()


def test_gradients_that_die_on_their_way_back_vanish():
    layers = {"linear_1": {"grad_norm": 1e-6}, "linear_2": {"grad_norm": 1e-3}, "linear_3": {"grad_norm": 0.5}}
    evidence = evidence_with(STANDS, samples=samples_of(layers, 200))
    assert only(evidence).kind == "vanishing"
    assert only(evidence).sentence.startswith("The gradient in 'linear_1' is 2e-06 of the largest")
    after = mended(evidence)
    assert [node.layer.kind for node in after.model.nodes] == ["Linear", "LayerNorm", "Linear", "LayerNorm", "Linear"]
    assert after.model.nodes[0].layer.activation is None and after.model.nodes[1].layer.activation.kind == "ReLU"
    assert after.training.initialization.kind == "HeNormal"
    assert diagnose(evidence_with(LEARNED, samples=samples_of(layers, 200))) == ()


def test_a_gradient_that_is_huge_before_any_step_explodes():
    first = sample_at(1, {"linear_1": {"grad_norm": 3000.0}, "linear_2": {"grad_norm": 4000.0}})
    evidence = evidence_with([5000.0, *STANDS], samples=(first,))
    assert only(evidence).kind == "exploding"
    assert "first gradient was 5,000 long, 4,000 of it in 'linear_2'" in only(evidence).sentence
    assert [fix.label for fix in only(evidence).fixes][1] == "Clip gradients at 1"


def test_units_that_give_nothing_are_dead_if_little_is_learned():
    layers = {"linear_1": {"dead": 0.9}, "linear_2": {"dead": 0.1}}
    evidence = evidence_with(STANDS, samples=samples_of(layers, 200))
    assert only(evidence).kind == "dead_units"
    assert only(evidence).sentence.startswith("90 % of the units of 'linear_1' give 0 for every row")
    activations = [node.layer.activation for node in mended(evidence).model.nodes]
    assert [activation and activation.kind for activation in activations] == ["LeakyReLU", "LeakyReLU", None]
    assert diagnose(evidence_with(LEARNED, samples=samples_of(layers, 200))) == ()


@pytest.mark.parametrize("kind", [kind for kind in ACTIVATIONS.values() if kind().can_die], ids=lambda kind: kind.__name__)  # fmt: skip
def test_every_activation_whose_units_die_is_replaced(kind):
    value = {"value": 0.0} if kind.__name__ == "Threshold" else {}
    project = stacked(
        Linear(out_features=16), kind(**value), Linear(out_features=16, activation=kind(**value)), Linear()
    )
    samples = samples_of({"linear_1": {}, "linear_2": {"dead": 0.9}, "linear_3": {}}, 200)
    evidence = evidence_with(STANDS, first=1.0, project=project, samples=samples)
    (dead,) = (finding for finding in diagnose(evidence) if finding.kind == "dead_units")
    layers = [node.layer for node in apply(project, *dead.fixes[0].edits).model.nodes]
    assert layers[1].kind == layers[2].activation.kind == "LeakyReLU"


def test_a_column_that_gives_the_answer_away_is_left_out():
    project = project_with()
    columns = project.data.columns[:1] * 2 + project.data.columns[1:]
    columns = (columns[0], columns[1].model_copy(update={"name": "code"}), columns[2])
    project = project.model_copy(update={"data": table_data(columns=columns)})
    told = {"project": project, "leaks": (("code", "a rule on it is right in 100% of the rows"),)}
    evidence = evidence_with(LEARNED, accuracies=(1.0, 0.99), **told)
    assert (
        only(evidence).kind == "leak"
        and "Validation accuracy is 0.99, and column 'code' alone" in only(evidence).sentence
    )
    assert [column.role for column in mended(evidence).data.columns] == ["feature", "ignored", "target"]
    assert diagnose(evidence_with(LEARNED, accuracies=(0.8, 0.8), **told)) == ()


def without_accuracy(evidence: Evidence, **figures: float) -> Evidence:
    """With these figures after each epoch, of training and validation alike."""
    epochs = [
        epoch | {part: {"loss": epoch[part]["loss"]} | figures for part in ("train", "validation")}
        for epoch in evidence.events.epochs
    ]
    return replace(evidence, events=replace(evidence.events, epochs=epochs))


@pytest.mark.parametrize(
    ("figures", "saw"),
    [
        ({"F1": 0.99}, "Validation F1 is 0.99"), ({"BalancedAccuracy": 0.99}, "Validation balanced accuracy is 0.99"),
        ({}, "Validation loss is 0.0108"), ({"F1": 0.9}, ""), ({"Precision": 0.5, "ROCAUC": 0.6}, "Validation loss is 0.0108"),
    ],
)  # fmt: skip
def test_a_leak_is_seen_by_whatever_figure_there_is(figures, saw):
    learned = [0.99 * 0.6**epoch + 0.01 for epoch in range(15)]
    told = evidence_with(learned, leaks=(("a", "a rule on it is right in 100% of the rows"),))
    found = [finding.sentence for finding in diagnose(without_accuracy(told, **figures)) if finding.kind == "leak"]
    assert [sentence.partition(",")[0] for sentence in found] == [saw] * bool(saw)


@pytest.mark.parametrize(
    ("figures", "saw"),
    [
        ({"F1": 0.32}, "Validation F1 is 0.32, where always giving the same answer reaches 0.316"),  # 2 * 0.9 / 1.9 / 3
        ({"CohenKappa": 0.1}, "Validation Cohen's kappa is 0.1, where always giving the same answer reaches 0"),
        ({}, "Validation loss is 0.37, where always giving the same answer reaches 0.392"),  # scipy.stats.entropy
        ({"F1": 0.8}, ""), ({"MatthewsCorrelation": 0.7}, ""),
    ],
)  # fmt: skip
def test_an_imbalance_is_seen_by_whatever_figure_there_is(figures, saw):
    told = without_accuracy(evidence_with([0.37] * 20, first=1.1, facts=imbalanced()), **figures)
    found = [finding.sentence for finding in diagnose(told) if finding.kind == "imbalance"]
    assert [sentence.partition(":")[0] for sentence in found] == [saw] * bool(saw)


def imbalanced() -> DataFacts:
    return facts_of().model_copy(update={"class_counts": (90, 6, 4)})


def test_answers_no_better_than_the_most_frequent_class_show_an_imbalance():
    evidence = evidence_with(LEARNED, accuracies=(0.91, 0.9), facts=imbalanced())
    assert only(evidence).kind == "imbalance"
    assert only(evidence).sentence.endswith("there are 22 rows of 'a' for each of 'c'.")
    assert mended(evidence).training.loss == CrossEntropy(class_weights="balanced")
    assert diagnose(evidence_with(LEARNED, accuracies=(0.99, 0.98), facts=imbalanced())) == ()
    weighted = project_with(loss=CrossEntropy(class_weights="balanced"))
    assert diagnose(evidence_with(LEARNED, accuracies=(0.91, 0.9), facts=imbalanced(), project=weighted)) == ()


def test_the_recall_of_the_test_rows_shows_a_neglected_class():
    recalls = [{"name": "a", "recall": 1.0}, {"name": "b", "recall": 0.9}, {"name": "c", "recall": 0.25}]
    evidence = evidence_with(LEARNED, facts=imbalanced(), evaluation={"per_class": recalls}, status="finished")
    assert only(evidence).sentence.startswith("Of the test rows of 'c' 25 % are recognized, of 'a' 100 %")
    assert diagnose(replace(evidence, facts=facts_of())) == ()


def test_a_report_without_figures_of_classes_says_nothing_of_them():
    assert diagnose(evidence_with(LEARNED, facts=imbalanced(), evaluation={}, status="finished")) == ()


def test_time_spent_on_inputs_is_waiting():
    evidence = evidence_with(LEARNED, samples=samples_of({"linear_1": {}}, 200, data_share=0.8))
    assert only(evidence).kind == "data_bound" and only(evidence).sentence.startswith("80 % of the training time")
    assert only(evidence).fixes == ()  # a table is made ready once
    project = project_with().model_copy(update={"data": image_data(table_data().source, height=64, width=32)})
    (fix,) = only(replace(evidence, present=project)).fixes
    assert fix.label == "Shrink the images to 32 × 16 pixels"


def test_images_that_are_changed_between_the_steps_can_be_changed_ahead():
    data = image_data(table_data().source, augmentations=(Rotate(),), height=8, width=8)
    evidence = evidence_with(LEARNED, samples=samples_of({"linear_1": {}}, 200, data_share=0.8))
    for loaders, label in ((0, "Have loaders change the images ahead"), (None, None), (2, None)):
        present = project_with(loaders=loaders).model_copy(update={"data": data})
        _, *others = only(replace(evidence, present=present)).fixes
        assert [fix.label for fix in others] == ([label] if label else [])
        for fix in others:
            assert apply(present, *fix.edits).training.loaders is None


def test_the_cause_is_told_and_not_what_it_brings_about():
    dead = samples_of({"linear_1": {"dead": 1.0}}, 210)
    assert kinds(evidence_with([50.0, *STANDS], first=1.0, samples=dead, project=project_with(lr=0.1))) == [
        "lr_too_high"
    ]


def test_a_finding_has_to_hold_for_a_while():
    """Ten bad epochs of a hundred are not enough to speak up, twenty are."""
    good, bad = [0.2] * 80, restless(0.2, 0.4, 20)
    assert kinds(evidence_with(good[:60] + restless(0.2, 0.4, 4), first=1.0, project=project_with(lr=0.02))) == []
    assert kinds(evidence_with(good[:20] + bad + bad, first=1.0, project=project_with(lr=0.02))) == ["plateau"]


def test_of_the_end_of_a_run_with_few_samples_one_look_is_enough():
    dead = (sample_at(1, {"linear_1": {"dead": 0.8}}), sample_at(199, {"linear_1": {"dead": 0.9}}))
    assert kinds(evidence_with(STANDS, samples=dead, status="finished")) == ["dead_units"]
    assert kinds(evidence_with(STANDS, samples=dead, status="running")) == []


def test_what_is_mended_already_is_not_offered_again():
    evidence = evidence_with([50.0, *STANDS], first=1.0, project=project_with(lr=0.1))
    assert only(replace(evidence, present=project_with(lr=0.001))).fixes == ()


def test_at_most_three_findings_are_told():
    assert len(diagnose(evidence_with(
        LEARNED, accuracies=(0.91, 0.9), facts=imbalanced(), samples=samples_of({"linear_1": {}}, 200, data_share=0.9),
    ))) <= 3  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "0.123"), (1234, "1,230"), (2.1e-6, "2.1e-06"), (3.2e7, "3.2e+07"), (1.0, "1"), (0, "0")],
)
def test_figures_have_three_digits(value, text):
    assert said(value) == text


def test_losses_that_are_no_numbers_disturb_no_rule():
    evidence = evidence_with([math.nan] * 20, first=1.0, samples=samples_of({"linear_1": {"grad_norm": math.nan}}, 200))
    assert diagnose(evidence) == ()
    assert len(evidence.events.steps) == STEPS_PER_EPOCH * 20
