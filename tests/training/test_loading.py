"""Processes make training images ready: the same bits, none left behind, and one that is lost ends the run in a sentence."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from builder.catalogue.activations import ReLU
from builder.catalogue.augmentations import AUGMENTATIONS, Noise, Rotate
from builder.catalogue.layers import Conv2d, Dropout, Flatten, Linear
from builder.catalogue.optimizers import LBFGS, AdamW
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.errors import RunError
from builder.nn.batches import parts_of
from builder.runs.checkpoints import checkpoint_files
from builder.runs.control import resume
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.processes import is_alive, start_time
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import examples as examples_module
from builder.training import loading as loading_module
from builder.training.examples import ImageExamples, load_examples
from builder.training.loading import loader_count, loading
from tests.trained import carry, carry_on
from tests.waiting import wait_until

CHANGES = (Rotate(), Noise())


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    """Two folders of 20 noisy pictures."""
    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(1)
    for number in range(40):
        path = folder / ["dark", "light"][number % 2] / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 120 + number % 2 * 100, (10, 12, 3), np.uint8)).save(path)
    return folder


def project_of(images: Path, kinds=CHANGES, **training) -> Project:
    data = propose(FileSource(path=str(images))).model_copy(update={"height": 8, "width": 8, "augmentations": kinds})
    layers = (Conv2d(out_channels=4, activation=ReLU()), Flatten(), Dropout(p=0.2), Linear())
    settings = {"loss": {"kind": "CrossEntropy"}, "epochs": 3, "batch_size": 8} | training
    return Project(name="Images", data=data, model=stack(*layers), training=TrainingSpec(**settings))


def examples_of(project: Project) -> ImageExamples:
    return load_examples(prepare(project.data), project.training.loss, project.training.seed)


def children(pid: int | None = None) -> list[int]:
    """Processes that this one has started, or that one."""
    pid = pid or os.getpid()
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def trains(run: Run) -> bool:
    return len(EventReader(RunFolder(run.folder)).read().steps) > 0


@pytest.fixture(autouse=True)
def _none_is_left():
    before = set(children())
    yield
    assert set(children()) <= before


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_processes_make_is_what_is_made_here_bit_by_bit(images, count):
    project = project_of(images, tuple(kind() for kind in AUGMENTATIONS.values()), loaders=count)
    plain = examples_of(project)
    with loading(plain, project.training) as loaded:
        for epoch in (1, 2):
            parts = parts_of(plain.order(0, epoch), 8)
            loaded.begin_epoch(epoch, iter(parts))
            for part in parts:
                made, expected = loaded.training_inputs(part, epoch), plain.training_inputs(part, epoch)
                assert torch.equal(made, expected) and made.stride() == expected.stride()


def test_an_epoch_that_is_left_early_and_rows_that_are_asked_for_twice_are_right_too(images):
    project = project_of(images, loaders=2)
    plain = examples_of(project)
    parts = parts_of(plain.order(0, 1), 4)
    with loading(plain, project.training) as loaded:
        loaded.begin_epoch(1, parts)
        for part in (parts[0], parts[0], parts[1], parts[3], parts[2], parts[3]):
            assert torch.equal(loaded.training_inputs(part, 1), plain.training_inputs(part, 1))
        loaded.begin_epoch(2, parts[2:])
        for part in parts[2:]:
            assert torch.equal(loaded.training_inputs(part, 2), plain.training_inputs(part, 2))


@pytest.mark.parametrize("optimizer", [AdamW(), LBFGS(max_iter=3)], ids=["AdamW", "LBFGS"])
def test_a_run_is_the_same_with_none_one_and_two(images, optimizer):
    kinds = {"accumulation": 2} if isinstance(optimizer, AdamW) else {}
    folders = []
    for count in (0, 1, 2):
        project = project_of(images, optimizer=optimizer, loaders=count, **kinds)
        if isinstance(optimizer, LBFGS):
            project = project.model_copy(update={"model": stack(Conv2d(out_channels=4), Flatten(), Linear())})
        run = carry(project)
        assert run.status == "finished", run.message
        folders.append(RunFolder(run.folder))
    assert len({folder.weights.read_bytes() for folder in folders}) == 1
    assert len({EventReader(folder).read().steps["loss"].tobytes() for folder in folders}) == 1


class Killing(ImageExamples):
    """Its maker, in a process of its own, is killed at the 30th image."""

    made = 0

    def augment(self, rows, epoch, images_NHWC):
        self.made += len(rows)
        if self.made > 30:
            os.kill(os.getpid(), signal.SIGKILL)
        super().augment(rows, epoch, images_NHWC)


class Raising(ImageExamples):
    def augment(self, rows, epoch, images_NHWC):
        if epoch == 2:
            raise ValueError("no such picture")
        super().augment(rows, epoch, images_NHWC)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Killing, "A loader process ended while it made training images ready (killed by SIGKILL). Resume the run; if it happens again, set its loaders to 0."),
        (Raising, "A loader could not make training images ready: ValueError: no such picture. Resume the run; if it happens again, set its loaders to 0."),
    ],
    ids=["killed", "raised"],
)  # fmt: skip
def test_a_loader_that_is_lost_ends_the_run_in_a_sentence_and_it_can_be_resumed(images, monkeypatch, kind, says):
    project = project_of(images, loaders=2)
    whole = carry(project)
    monkeypatch.setattr("builder.training.checkpointing.SHARE", float("inf"))
    monkeypatch.setattr("builder.runs.control.ensure_worker", lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(examples_module, "ImageExamples", kind)
        run = carry(project)
    assert (run.status, run.message) == ("failed", says)
    assert checkpoint_files(RunFolder(run.folder))
    resume(run.id)
    assert carry_on(run).status == "finished"
    assert RunFolder(run.folder).weights.read_bytes() == RunFolder(whole.folder).weights.read_bytes()


def test_a_pause_and_a_stop_leave_no_loader(images, monkeypatch):
    def asked(request):
        def watch(watcher):
            assert len(set(children()) - before) == 2
            (run,) = (run for run in open_store().list() if run.status == "running")
            open_store().request(run.id, request)
            return watcher

        return watch

    before = set(children())
    for request, status in (("pause", "paused"), ("stop", "stopped")):
        assert carry(project_of(images, loaders=2, epochs=500), watch=asked(request)).status == status
        assert not set(children()) - before


def test_loaders_are_gone_at_once_when_the_training_is_killed(images):
    project = project_of(images, loaders=2, epochs=100_000)
    trainer = os.fork()
    if not trainer:
        try:
            carry(project)
        finally:
            os._exit(1)
    try:
        wait_until(lambda: [run for run in open_store().list() if trains(run)], bool)
        loaders = {pid: start_time(pid) for pid in children(trainer)}
        assert len(loaders) == 2
    finally:
        os.kill(trainer, signal.SIGKILL)
        os.waitpid(trainer, 0)
    wait_until(lambda: [pid for pid, began in loaders.items() if is_alive(pid, began)], lambda left: not left, 5)


def test_what_needs_no_work_needs_no_loader(images, monkeypatch):
    monkeypatch.setattr(loading_module, "WORTH_S", 0.0)
    monkeypatch.setattr(loading_module, "_cores", lambda: 4)
    for kinds, asked, count in (
        ((), None, 0),
        ((), 2, 0),
        ((Rotate(),), None, 4),
        ((Rotate(),), 2, 2),
        ((Rotate(),), 0, 0),
    ):
        project = project_of(images, kinds, loaders=asked)
        assert loader_count(examples_of(project), project.training) == count
    monkeypatch.setattr(loading_module, "_cores", lambda: 1)
    project = project_of(images)
    assert loader_count(examples_of(project), project.training) == 0


def test_little_work_is_done_without_loaders(images):
    project = project_of(images, epochs=1)
    assert loader_count(examples_of(project), project.training) == 0


def test_too_little_memory_is_told_before(images, monkeypatch):
    project = project_of(images, loaders=2)
    examples = examples_of(project)
    monkeypatch.setattr("builder.training.memory.free_bytes", lambda: 1000)
    said = r"Making images ready ahead needs .* Set loaders to 0 or a smaller batch size"
    with pytest.raises(RunError, match=said), loading(examples, project.training):
        pass
