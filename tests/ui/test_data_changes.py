"""What follows from a change of the data."""

from builder.check.edits import apply
from builder.check.suggest import suggest_project
from builder.spec.data import Column, TableData
from builder.spec.facts import DataFacts
from builder.spec.sources import SampleSource
from builder.ui.data_changes import change_label, fitting_impute, retargeted, told, training_edits, with_cells

SOURCE = SampleSource(name="iris")
COLUMNS = (
    Column(name="length", type="number", scale="minmax"),
    Column(name="colour", type="category", impute="own_category"),
    Column(name="species", type="category", role="target", impute="most_frequent"),
)
DATA = TableData(source=SOURCE, columns=COLUMNS, task="classification")
CLASSES = DataFacts(input_shape=(3,), task="multiclass", target="species", classes=("a", "b", "c"), row_counts=(70, 15, 15), raw_inputs=())  # fmt: skip
NUMBER = DataFacts(input_shape=(3,), task="regression", target="length", row_counts=(70, 15, 15), raw_inputs=())


def test_a_changed_type_brings_a_way_with_missing_values_that_fits():
    columns = with_cells(COLUMNS, {0: {"type": "category"}, 1: {"type": "number"}})
    assert [column.impute for column in columns] == ["most_frequent", "median", "most_frequent"]
    assert columns[0].scale == "minmax"


def test_a_column_that_becomes_text_is_no_feature_any_more():
    assert with_cells(COLUMNS, {0: {"type": "text"}})[0].role == "ignored"


def test_an_empty_cell_changes_nothing():
    assert with_cells(COLUMNS, {0: {"scale": None}}) == COLUMNS


def test_a_fitting_way_with_missing_values_stays():
    assert fitting_impute(Column(name="x", type="number", impute="zero")) == "zero"
    assert fitting_impute(Column(name="x", type="category", impute="own_category")) == "own_category"


def test_a_new_target_keeps_what_was_set_for_the_other_columns():
    proposed = TableData(
        source=SOURCE, task="regression",
        columns=(
            Column(name="length", type="number", role="target"),
            Column(name="colour", type="category", impute="most_frequent"),
            Column(name="species", type="category", impute="most_frequent"),
        ),
    )  # fmt: skip
    changed = TableData.model_validate(DATA.model_dump() | retargeted(DATA, proposed))
    assert changed.target.name == "length" and changed.task == "regression"
    assert [column.role for column in changed.columns] == ["target", "feature", "feature"]
    assert changed.columns[1].impute == "own_category"


def test_another_task_gets_a_loss_and_metrics_of_its_own_and_the_user_is_told():
    project = suggest_project("x", DATA, CLASSES)
    changed = apply(project, *training_edits(CLASSES, NUMBER))
    assert changed.training.loss.kind == "MSE"
    assert {metric.kind for metric in changed.training.metrics} == {"MeanSquaredError", "RMSE", "MAE", "R2"}
    assert changed.training.epochs == project.training.epochs
    assert told(changed.training, NUMBER).startswith("The model now predicts a number.")


def test_the_same_task_changes_nothing():
    assert training_edits(CLASSES, CLASSES) == ()


def test_the_undo_list_names_the_column_and_the_field_that_were_changed():
    columns = with_cells(DATA.columns, {0: {"scale": "none"}})
    changed = DATA.model_copy(update={"columns": columns})
    name = DATA.columns[0].name
    assert change_label(DATA, changed) == f"Set scaling of column {name}"
    assert change_label(DATA, DATA.model_copy(update={"task": "regression"})) == "Set task of the data"
