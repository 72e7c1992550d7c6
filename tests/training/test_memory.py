"""What does not fit into memory is refused before the system would kill the process."""

import pandas as pd
import pytest

from builder.catalogue.layers import Linear
from builder.catalogue.losses import CrossEntropy
from builder.data.propose import propose
from builder.errors import RunError
from builder.runs import memory
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training.memory import require_memory
from tests.trained import carry


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Says how much memory is free: in kB by the machine, in bytes by the container's limit and use."""

    def say(free_kB: int, limit: str = "max", used: str = "0") -> None:
        for name, text in {
            "MEMINFO": f"MemTotal: 9 kB\nMemAvailable:  {free_kB} kB\n",
            "LIMIT": limit,
            "USED": used,
        }.items():
            (tmp_path / name).write_text(text)
            monkeypatch.setattr(memory, name, tmp_path / name)

    return say


def test_the_free_memory_is_the_machine_s_or_what_the_container_leaves(machine):
    machine(2000)
    assert memory.free_bytes() == 2_048_000
    machine(2000, limit="1000000\n", used="400000\n")
    assert memory.free_bytes() == 600_000


def test_where_the_system_does_not_say_nothing_is_refused(monkeypatch, tmp_path):
    for name in ("MEMINFO", "LIMIT", "USED"):
        monkeypatch.setattr(memory, name, tmp_path / "none")
    require_memory(10**18, "All", "Wait.")


def test_a_size_that_does_not_fit_is_refused_with_both_figures_and_a_way_out(machine):
    machine(1_000_000)
    with pytest.raises(RunError, match=r"^All needs about 2\.0 GB of memory; 1\.0 GB are free\. Wait\.$"):
        require_memory(2_000_000_000, "All", "Wait.")


@pytest.mark.parametrize(("free_kB", "expected"), [(1, "Training this model"), (20, "Holding all rows")])
def test_a_run_that_does_not_fit_fails_with_the_sentence(machine, tmp_path, free_kB, expected):
    pd.DataFrame({"x": range(9000), "y": ["a", "b"] * 4500}).to_csv(tmp_path / "t.csv", index=False)
    data = propose(FileSource(path=str(tmp_path / "t.csv")), target="y")
    training = TrainingSpec(loss=CrossEntropy(), epochs=1, batch_size=256)
    machine(free_kB)
    run = carry(Project(name="Test", data=data, model=stack(Linear()), training=training))
    assert run.status == "failed"
    assert expected in run.message and "Something of ours" not in run.message
