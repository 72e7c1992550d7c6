"""What is proposed for a table trains untouched: types, roles, target and task."""

import numpy as np
import pandas as pd
import pytest

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.errors import DataError
from builder.spec.data import TableData
from builder.spec.sources import FileSource, SampleSource


@pytest.fixture
def proposed(tmp_path):
    def propose_columns(columns: dict, target: str | None = None) -> TableData:
        pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
        return propose(FileSource(path="t.csv"), base=tmp_path, target=target)

    return propose_columns


def type_of(proposed, values) -> tuple[str, str]:
    data = proposed({"x": values, "f": range(100, 100 + len(values)), "y": ["u", "v"] * (len(values) // 2)}, "y")
    return data.columns[0].type, data.columns[0].role


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0.5, 1.5, 2.5, 0.5] * 10, ("number", "feature")),
        (["007", "008", "107", "200"] * 10, ("category", "feature")),
        (["01067", "80331"] * 20, ("category", "feature")),
        (["true", "false"] * 20, ("boolean", "feature")),
        (["Yes", "No"] * 20, ("boolean", "feature")),
        (["Yes", "no", "yes", "NO"] * 10, ("category", "feature")),
        (["Yes", "yes"] * 20, ("category", "feature")),
        (["2024-01-31", "2024-02-01"] * 20, ("date", "feature")),
        (["31.01.2024", "1.2.2024"] * 20, ("date", "feature")),
        (["02/01/2024", "03/01/2024"] * 20, ("category", "feature")),
        (["red", "green", "blue", "red"] * 10, ("category", "feature")),
        ([f"user-{at}" for at in range(40)], ("identifier", "ignored")),
        ([f"a long story about number {at} with many words" for at in range(40)], ("text", "ignored")),
        ([10**17 + at for at in range(40)], ("identifier", "ignored")),
        (["same"] * 40, ("category", "ignored")),
        ([3.5] * 40, ("number", "ignored")),
        ([None] * 40, ("category", "ignored")),
        ([0, 1] * 20, ("number", "feature")),
        ([1, None, "NA", "?"] * 9 + [2, 3, 4, 5], ("number", "feature")),
    ],
)  # fmt: skip
def test_types_and_roles_are_found(proposed, values, expected):
    assert type_of(proposed, values) == expected


@pytest.mark.parametrize("name", ["id", "PassengerId", "customer_id", "Unnamed: 0", "index", "UUID"])
def test_whole_numbers_that_all_differ_and_are_called_an_id_are_identifiers(proposed, name):
    data = proposed({name: range(1, 31), "x": range(1, 31), "y": ["u", "v"] * 15})
    assert [(column.type, column.role) for column in data.columns[:2]] == [
        ("identifier", "ignored"),
        ("number", "feature"),
    ]


@pytest.mark.parametrize(
    "names, target",
    [
        (["a", "target", "b"], "target"), (["Species", "a", "b"], "Species"), (["a", "house_price", "b"], "house_price"),
        (["y", "label", "b"], "label"), (["a", "b", "c"], "c"),
    ],
)  # fmt: skip
def test_the_target_is_found_by_name_or_is_the_last(proposed, names, target):
    data = proposed({name: [1.5 + at * place for at in range(30)] for place, name in enumerate(names, start=1)})
    assert data.target.name == target


def test_an_identifier_or_constant_is_no_target(proposed):
    data = proposed({"a": [1.5, 2.5] * 20, "b": [2.5, 3] * 20, "same": [1] * 40, "id": range(40)})
    assert data.target.name == "b"


@pytest.mark.parametrize(
    "values, task",
    [
        (["u", "v"] * 20, "classification"), ([0, 1] * 20, "classification"), ([3, 4, 5, 6, 7] * 8, "classification"),
        (list(range(100, 140)), "regression"), ([0.5, 1.5] * 20, "regression"), ([1.0, 2.0] * 20, "classification"),
        ([True, False] * 20, "classification"),
    ],
)  # fmt: skip
def test_the_task_follows_from_the_target(proposed, values, task):
    assert proposed({"a": np.linspace(0.1, 1, 40), "y": values}).task == task


def test_classes_of_a_number_target_keep_their_text(proposed, tmp_path):
    data = proposed({"a": np.linspace(0.1, 1, 40), "y": ["10", "9", "1", "10"] * 10})
    assert prepare(data, base=tmp_path).facts.classes == ("1", "9", "10")


@pytest.mark.parametrize(
    "columns, target, message",
    [
        ({"a": range(1, 41), "speces": ["u", "v"] * 20}, "species", "Did you mean 'speces'?"),
        ({"a": range(1, 41), "name": [f"n{at}" for at in range(40)]}, "name", "40 different texts in 40 rows"),
        ({"a": range(1, 41), "day": [f"2024-01-{at % 20 + 10}" for at in range(40)]}, "day", "'day' holds dates, which cannot be predicted"),
        ({"same": [1] * 40, "y": ["u", "v"] * 20}, "y", "no column that can be a feature of 'y'"),
        ({"same": [1] * 40, "n": [f"n{at}" for at in range(40)]}, None, "no column that can be the target"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_refused_with_the_reason(proposed, columns, target, message):
    with pytest.raises(DataError, match=message.replace("?", r"\?")):
        proposed(columns, target)


@pytest.mark.parametrize(
    "name, task, width, classes, rows",
    [
        ("iris", "multiclass", 4, ("setosa", "versicolor", "virginica"), 150),
        ("wine", "multiclass", 13, ("class_0", "class_1", "class_2"), 178),
        ("breast-cancer", "binary", 30, ("benign", "malignant"), 569),
        ("diabetes", "regression", 10, (), 442),
        ("wide", "multiclass", 1000, tuple(f"c{at}" for at in range(10)), 2000),
    ],
)  # fmt: skip
def test_samples_are_proposed_and_prepared_without_a_touch(name, task, width, classes, rows):
    facts = prepare(propose(SampleSource(name=name))).facts
    assert (facts.task, facts.input_shape, facts.classes, sum(facts.row_counts)) == (task, (width,), classes, rows)


def test_the_digits_sample_is_scikit_learns_images():
    from sklearn.datasets import load_digits

    dataset = prepare(propose(SampleSource(name="digits")))
    assert dataset.facts.input_shape == (1, 8, 8) and len(dataset) == 1797 and dataset.data.color == "grayscale"
    bunch = load_digits()
    np.testing.assert_allclose(dataset.stacked()[:, :, :, 0] / 255, bunch.images / 16, atol=0.5 / 255 + 1e-9)
    assert [dataset.classes[label] for label in dataset.labels[:50]] == [str(label) for label in bunch.target[:50]]
