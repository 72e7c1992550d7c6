"""Gives every test a home of its own and the same random numbers each time."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from tests.processes import kill_processes_of

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as Strata itself has it, and before torch is imported

settings.register_profile("strata", derandomize=True, deadline=None)
settings.load_profile("strata")


@pytest.fixture(scope="session", autouse=True)
def _nothing_outlives_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a thread still starts after its test has a home of ours too, and ends with the others."""
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATA_HOME", str(folder / "late_home"))
        yield
        kill_processes_of(folder)


@pytest.fixture(autouse=True)
def strata_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "strata_home"
    monkeypatch.setenv("STRATA_HOME", str(home))
    monkeypatch.delenv("STRATA_STORE_URL", raising=False)
    return home


@pytest.fixture(autouse=True)
def _same_random_numbers() -> None:
    random.seed(0)
    np.random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(0)  # torch.manual_seed formats a traceback for each kind of device it lacks
        torch.set_num_threads(1)  # steps this small are quickest on one, and the other cores test something else
        torch.set_flush_denormal(False)  # a run in this process left it on, and hypothesis draws denormals
