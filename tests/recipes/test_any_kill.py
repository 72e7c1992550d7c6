"""More of `tests/training/test_any_kill.py`: settings, kills and moments of any kind, also by the clock and from outside."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builder.runs import control
from tests.training.any_kill import assert_nothing_is_lost, cases, write_data

pytestmark = pytest.mark.recipe

EXAMPLES = 20


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def _here(data, monkeypatch):
    monkeypatch.setenv("STRATA_HOME", str(data / "home"))
    monkeypatch.setattr(control, "ensure_worker", lambda: None)


@settings(max_examples=EXAMPLES, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(chance=st.data())
def test_a_run_of_any_settings_that_is_killed_at_any_moment_ends_as_if_it_had_not_been(data, chance):
    assert_nothing_is_lost(chance.draw(cases(data, by_clock=True)))
