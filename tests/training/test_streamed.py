"""A table that is too large for memory is trained from disk as well as one in memory."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE, CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import Adam
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.errors import RunError
from builder.predict.predictor import Predictor
from builder.runs import control
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import examples, row_file
from builder.training.examples import StreamedTableExamples, TableExamples, load_examples
from builder.training.starting import find_start
from tests.trained import carry, carry_on

ROWS, WIDTH = 4000, 6


@pytest.fixture
def sorted_table(tmp_path):
    """All rows of a class stand together; a classifier reaches about 0.9."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), ROWS // 4)
    values = random.normal(size=(4, WIDTH))[labels] * 1.5 + random.normal(size=(ROWS, WIDTH))
    frame = pd.DataFrame(values.round(4), columns=[f"f{at}" for at in range(WIDTH)])
    frame.assign(kind=np.array(list("abcd"))[labels]).to_parquet(tmp_path / "t.parquet")
    return propose(FileSource(path=str(tmp_path / "t.parquet")), target="kind")


@pytest.fixture
def small_blocks(monkeypatch):
    """Rows are read 20 at a time, and those of 16 blocks are mixed: a ninth of the training rows."""
    monkeypatch.setenv("STRATA_TABLE_MB", "0")
    monkeypatch.setattr(row_file, "BLOCK_BYTES", 20 * WIDTH * 4)
    monkeypatch.setattr(row_file, "BLOCKS_TOGETHER", 16)
    monkeypatch.setattr(examples, "BLOCKS_TOGETHER", 16)
    monkeypatch.setattr(row_file, "BUCKET_BYTES", 500 * WIDTH * 4)


def project_on(data, **training) -> Project:
    settings = {"metrics": (Accuracy(),), "epochs": 2, "batch_size": 32, "optimizer": Adam(lr=0.01)} | training
    model = stack(Linear(out_features=16, activation=ReLU()), Linear())
    return Project(name="Sorted", data=data, model=model, training=TrainingSpec(loss=CrossEntropy(), **settings))


def accuracy(folder: RunFolder) -> float:
    report = json.loads(folder.evaluation.read_bytes())
    return next(metric["value"] for metric in report["metrics"] if metric["kind"] == "Accuracy")


@pytest.mark.parametrize("target", ["kind", "f0"])
def test_rows_and_targets_are_those_in_memory(sorted_table, small_blocks, target):
    data = propose(sorted_table.source, target=target)
    loss = CrossEntropy() if target == "kind" else MSE()
    held, streamed = TableExamples(prepare(data), loss), load_examples(prepare(data), loss, seed=0)
    assert isinstance(streamed, StreamedTableExamples)
    rows = torch.randperm(ROWS)
    for part in (rows[:7], rows):  # all of them lie in more blocks than are held
        assert torch.equal(streamed.inputs(part), held.inputs(part))
    assert torch.equal(streamed.targets, held.targets) and torch.equal(streamed.truth, held.truth)


def test_the_order_of_an_epoch_follows_from_seed_and_epoch_and_takes_each_row_once(sorted_table, small_blocks):
    streamed = load_examples(prepare(sorted_table), CrossEntropy(), seed=0)
    order = streamed.order(seed=3, epoch=2)
    assert torch.equal(order.sort().values, streamed.train_rows)
    assert torch.equal(order, load_examples(prepare(sorted_table), CrossEntropy(), seed=0).order(seed=3, epoch=2))
    assert not torch.equal(order, streamed.order(seed=3, epoch=3))
    assert not torch.equal(order, streamed.order(seed=4, epoch=2))


def test_an_epoch_reads_each_block_once_and_holds_few_of_them(sorted_table, small_blocks, monkeypatch):
    streamed = load_examples(prepare(sorted_table), CrossEntropy(), seed=0)
    read, load = [], row_file.RowFile._load
    monkeypatch.setattr(
        row_file.RowFile, "_load", lambda file, block, slot: (read.append(block), load(file, block, slot))
    )
    for part in streamed.order(seed=0, epoch=1).split(32):
        streamed.inputs(part)
    assert sorted(read) == list(range(len(streamed.train_rows) // 20))
    assert len(streamed._file._held) == 2 * 16 * 20


def test_each_step_on_a_table_sorted_by_class_sees_all_classes_as_a_full_shuffle_does(sorted_table, small_blocks):
    streamed = load_examples(prepare(sorted_table), CrossEntropy(), seed=0)
    ours = streamed.truth[streamed.order(seed=0, epoch=1)].split(100)
    shares = torch.stack([torch.bincount(part, minlength=4) / 100 for part in ours])
    # Drawn without order, a share of 1/4 in 100 rows varies by 0.043.
    assert shares.std(0).max() < 0.06 and (shares.mean(0) - 0.25).abs().max() < 1e-6


def test_training_from_disk_is_as_good_as_from_memory(sorted_table, small_blocks, monkeypatch):
    from_disk = carry(project_on(sorted_table))
    monkeypatch.delenv("STRATA_TABLE_MB")
    from_memory = carry(project_on(sorted_table))
    ours, theirs = (accuracy(RunFolder(run.folder)) for run in (from_disk, from_memory))
    assert theirs > 0.85 and abs(ours - theirs) < 0.03
    assert from_disk.message == "The rows were read from disk, in blocks in random order." and not from_memory.message


def test_a_training_does_not_go_on_with_rows_in_another_order(sorted_table, small_blocks, monkeypatch):
    run = carry(project_on(sorted_table))
    monkeypatch.setenv("STRATA_TABLE_MB", "256")
    with pytest.raises(RunError) as caught:
        find_start(RunFolder(run.folder), RunFolder(run.folder).data_content.read_text(), "memory")
    assert str(caught.value) == (
        "This training took its rows from disk; they would now come from memory, in another order. Set STRATA_TABLE_MB to "
        "what it was when the training began, or train again from the beginning."
    )


@pytest.mark.parametrize("stop_at", [1, 40, 88, 100])
def test_a_training_from_disk_that_was_paused_goes_on_to_the_same_bits(
    sorted_table, small_blocks, stop_at, monkeypatch
):
    monkeypatch.setattr("builder.training.watcher.ASK_EVERY_S", 0.0)  # the whole training is shorter
    project = project_on(sorted_table)

    class Pausing:
        """Asks for a pause after a step."""

        def __init__(self, watcher):
            self._watcher = watcher

        def __getattr__(self, name):
            return getattr(self._watcher, name)

        def step(self, step, *rest):
            self._watcher.step(step, *rest)
            if step == stop_at:
                (run,) = (run for run in open_store().list() if run.is_active)
                control.pause(run.id)

    whole, paused = carry(project), carry(project, watch=Pausing)
    assert paused.status == "paused"
    ended = carry_on(control.resume(paused.id))
    assert ended.status == whole.status == "finished"
    one, other = (RunFolder(run.folder) for run in (whole, ended))
    assert one.weights.read_bytes() == other.weights.read_bytes()
    losses = [EventReader(folder).read().steps["loss"].tolist() for folder in (one, other)]
    assert losses[0] == losses[1] and len(losses[0]) == 2 * 88


def test_the_exported_file_answers_as_the_screen_does_on_the_rows_that_were_measured(
    sorted_table, small_blocks, monkeypatch
):
    monkeypatch.setattr(examples, "MOST_MEASURED", 100)
    monkeypatch.setattr(examples, "FEWEST_MEASURED", 100)
    run = carry(project_on(sorted_table), exported=True)
    folder = RunFolder(run.folder)
    report, certificate = (json.loads(path.read_bytes()) for path in (folder.evaluation, folder.certificate))
    assert (report["rows"], report["of_rows"]) == (100, 600)
    assert certificate["passed"] and "on 100 of 600 held-out rows, evenly picked" in certificate["message"]
    assert "figures are of 100 and 100 rows, evenly picked from 600 and 600" in run.message
    raw = pd.read_parquet(sorted_table.source.path).iloc[pd.read_parquet(folder.predictions)["row"]]
    answers = Predictor(folder.onnx).predict_table(raw.drop(columns="kind").to_dict("records"))
    right = np.mean([answer.label == truth for answer, truth in zip(answers, raw["kind"], strict=True)])
    assert right == pytest.approx(accuracy(folder))
    assert "holds all 4,000 rows in memory" in folder.source.read_text()
