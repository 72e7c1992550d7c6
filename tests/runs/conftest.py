"""A small project and an open store for the tests of runs."""

import pytest

from builder.catalogue.losses import CrossEntropy
from builder.runs.store import RunStore, open_store
from builder.spec.data import Column, TableData
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.training import TrainingSpec


@pytest.fixture
def project() -> Project:
    columns = (
        Column(name="width", type="number"),
        Column(name="kind", type="category", role="target", impute="most_frequent"),
    )
    data = TableData(source=FileSource(path="flowers.csv"), columns=columns, task="classification")
    return Project(name="Flowers", data=data, training=TrainingSpec(loss=CrossEntropy()))


@pytest.fixture
def store(strata_home) -> RunStore:
    return open_store()
