"""F1: whatever is trained and wherever it is killed, what is left of a run is what is left of one that was not."""

from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builder.catalogue.augmentations import AUGMENTATIONS
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.schedulers import SCHEDULERS
from builder.runs import control
from tests.training.any_kill import assert_nothing_is_lost, cases, write_data

OF_TABLES, OF_IMAGES = [], []
for number, dealt in enumerate(zip(OPTIMIZERS, cycle(SCHEDULERS), strict=False)):
    (OF_IMAGES if number % 2 else OF_TABLES).append(dealt)
ONE = settings(max_examples=1, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def _here(data, monkeypatch):
    """One home for all examples, whose data is read once; nobody serves it but the examples themselves."""
    monkeypatch.setenv("STRATA_HOME", str(data / "home"))
    monkeypatch.setattr(control, "ensure_worker", lambda: None)


@pytest.mark.parametrize(("optimizer", "scheduler"), OF_TABLES)
@ONE
@given(chance=st.data())
def test_a_run_on_a_table_that_is_killed_ends_as_if_it_had_not_been(data, optimizer, scheduler, chance):
    kinds = {"optimizer": OPTIMIZERS[optimizer], "scheduler": SCHEDULERS[scheduler]}
    assert_nothing_is_lost(chance.draw(cases(data, of_images=False, **kinds)))


@pytest.mark.parametrize(("optimizer", "scheduler", "augmentation"), [(*dealt, kind) for dealt, kind in zip(OF_IMAGES, AUGMENTATIONS, strict=True)])  # fmt: skip
@ONE
@given(chance=st.data())
def test_a_run_on_images_that_is_killed_ends_as_if_it_had_not_been(data, optimizer, scheduler, augmentation, chance):
    kinds = {"optimizer": OPTIMIZERS[optimizer], "scheduler": SCHEDULERS[scheduler], "augmentation": AUGMENTATIONS[augmentation]}  # fmt: skip
    assert_nothing_is_lost(chance.draw(cases(data, of_images=True, **kinds)))
