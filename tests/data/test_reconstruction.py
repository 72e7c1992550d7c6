"""Data that is only to be given back: no target is needed, and one that is there is left out."""

import numpy as np
import pytest

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.errors import SpecError
from builder.spec.data import Column, TableData
from builder.spec.facts import OWN_INPUT
from builder.spec.project import validated
from builder.spec.sources import FileSource, SampleSource


@pytest.fixture
def source(tmp_path) -> FileSource:
    """40 rows of two numbers and a class, which every third row lacks."""
    rows = [f"{row},{row * row % 17},{'' if row % 3 == 0 else 'xy'[row % 2]}" for row in range(40)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["a,b,class", *rows]) + "\n")
    return FileSource(path=str(path))


def numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, type="number") for name in names)


def test_a_table_needs_no_target(source):
    dataset = prepare(TableData(source=source, columns=numbers("a", "b"), task="reconstruction"))
    facts = dataset.facts
    assert (facts.task, facts.target, facts.classes, facts.class_counts) == ("reconstruction", OWN_INPUT, (), ())
    assert facts.input_shape == (2,) and facts.target_size == 2 and sum(facts.row_counts) == 40
    assert [given.name for given in facts.raw_inputs] == ["a", "b"]


def test_a_target_that_is_there_is_no_feature_and_its_gaps_leave_no_row_out(source):
    columns = (*numbers("a", "b"), Column(name="class", type="category", role="target"))
    dataset = prepare(TableData(source=source, columns=columns, task="reconstruction"))
    assert dataset.facts.input_shape == (2,) and sum(dataset.facts.row_counts) == 40
    assert dataset.warnings() == () or all("class" not in warning.message for warning in dataset.warnings())
    assert dataset.profile().class_balance == {}


def test_the_split_is_the_same_for_the_same_seed_alone(source):
    data = TableData(source=source, columns=numbers("a", "b"), task="reconstruction")
    first, again = prepare(data).split, prepare(data).split
    other = prepare(data.model_copy(update={"split": data.split.model_copy(update={"seed": 1})})).split
    np.testing.assert_array_equal(first.test, again.test)
    assert first.test.tolist() != other.test.tolist()
    assert sorted(np.concatenate(list(first.parts().values()))) == list(range(40))


def test_other_tasks_still_need_a_target(source):
    document = TableData(source=source, columns=numbers("a"), task="reconstruction").model_dump(mode="json")
    for task in ("classification", "regression"):
        with pytest.raises(SpecError, match="exactly one column must have the role target; got 0"):
            validated(TableData, document | {"task": task})


def test_images_are_given_back_whatever_their_class():
    data = propose(SampleSource(name="digits")).model_copy(update={"task": "reconstruction"})
    dataset = prepare(data)
    facts = dataset.facts
    assert (facts.task, facts.target, facts.classes) == ("reconstruction", OWN_INPUT, ())
    assert facts.input_shape == (1, 8, 8) and facts.target_size == 64
    assert len(dataset.classes) == 10 and dataset.warnings() == ()


def test_an_image_project_of_before_is_a_classification():
    document = propose(SampleSource(name="digits")).model_dump(mode="json")
    del document["task"]
    assert validated(type(propose(SampleSource(name="digits"))), document).task == "classification"
