"""What a person is told of two trainings that differ; the words are written here by hand."""

from builder.catalogue.losses import CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import SGD, Adam
from builder.catalogue.regularization import EarlyStopping, L2Penalty
from builder.catalogue.schedulers import StepDecay
from builder.check.differences import differences
from builder.spec.training import TrainingSpec

TRAINING = TrainingSpec(loss=CrossEntropy(), optimizer=Adam(lr=0.001), regularization=(EarlyStopping(patience=10),))


def differing(**changes) -> tuple[str, ...]:
    return differences(TRAINING, TRAINING.model_copy(update=changes))


def test_the_same_settings_do_not_differ():
    assert differing() == ()


def test_a_number_is_told_with_its_title_and_both_values():
    assert differing(epochs=1500, batch_size=64) == ("Epochs 50 → 1,500", "Batch size 32 → 64")


def test_nothing_and_units_are_told_as_the_field_calls_them():
    assert differing(time_budget_min=5) == ("Time budget none → 5 min",)
    limited = TRAINING.model_copy(update={"time_budget_min": 5})
    assert differences(limited, TRAINING) == ("Time budget 5 min → none",)


def test_a_setting_within_a_part_is_told_with_what_it_belongs_to():
    assert differing(optimizer=Adam(lr=1e-4)) == ("Adam: learning rate 0.001 → 0.0001",)
    longer = (EarlyStopping(patience=20),)
    assert differing(regularization=longer) == ("Early stopping: patience 10 → 20 epochs",)


def test_another_kind_is_told_once_with_what_both_kinds_have():
    assert differing(optimizer=SGD(lr=0.1)) == ("Optimizer Adam → SGD", "SGD: learning rate 0.001 → 0.1")
    assert differing(scheduler=StepDecay()) == ("Scheduler Constant → Step",)


def test_what_was_added_and_what_was_taken_away_is_told_as_on_and_off():
    assert differing(regularization=(L2Penalty(),)) == ("Early stopping on → off", "L2 penalty off → on")
    assert differing(metrics=(Accuracy(),)) == ("Accuracy off → on",)
