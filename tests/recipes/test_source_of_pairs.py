"""The stand-alone script takes the steps of the worker, loss for loss: each loss with each optimizer, each of both with
each scheduler."""

import sys
from contextlib import redirect_stdout
from io import StringIO

import pytest
import torch
from safetensors.torch import load_file

from builder.catalogue.losses import LOSSES
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.schedulers import SCHEDULERS
from builder.export.source import write_source
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.training.recorded import Recorder, Recording
from tests.export.test_source_of_choices import project_for, rows
from tests.imported import imported
from tests.trained import carry

__all__ = ["rows"]
PAIRS = [
    (loss, optimizer, list(SCHEDULERS.values())[(first + second) % len(SCHEDULERS)])
    for first, loss in enumerate(LOSSES.values()) for second, optimizer in enumerate(OPTIMIZERS.values())
]  # fmt: skip


@pytest.fixture
def differentiated(monkeypatch) -> list[float]:
    """Every loss whose gradient is computed, by autograd or by a recording."""
    losses, backward, play, record = [], torch.Tensor.backward, Recording.play, Recorder._record

    def noted(loss, *rest, **options):
        losses.append(loss.item())
        return backward(loss, *rest, **options)

    def played(self, *batch):
        passed = play(self, *batch)
        losses.append(passed.loss.item())
        return passed

    def recorded(self, *batch):
        before = len(losses)
        found = record(self, *batch)
        del losses[before:]
        return found

    monkeypatch.setattr(torch.Tensor, "backward", noted)
    monkeypatch.setattr(Recording, "play", played)
    monkeypatch.setattr(Recorder, "_record", recorded)
    return losses


@pytest.mark.parametrize(("loss", "optimizer", "scheduler"), PAIRS, ids=lambda kind: kind.__name__)
def test_the_script_has_the_same_losses(loss, optimizer, scheduler, rows, tmp_path, monkeypatch, differentiated):
    before = torch.get_num_threads()
    settings = {"optimizer": optimizer(), "scheduler": scheduler(), "batch_size": 64, "epochs": 3}
    folder = RunFolder(carry(project_for(rows, loss(), **settings)).folder)
    ours = list(differentiated)
    assert len(EventReader(folder).read().steps) == 3
    differentiated.clear()
    script = imported(write_source(folder).read_text(), tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train_model.py", str(rows)])
    with redirect_stdout(StringIO()):
        script.main()
    torch.set_num_threads(before)
    assert len(ours) >= 3 and differentiated == ours
    theirs, weights = torch.load(tmp_path / "model.pt", weights_only=True), load_file(folder.weights)
    assert all(torch.equal(theirs[name], weights[name]) for name in weights)
