import json
import math
import subprocess
import sys
import time

import numpy as np
import pytest

from builder.runs.events import STEP, EventReader, EventWriter
from builder.runs.folder import RunFolder


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_before_the_first_event_there_is_nothing_to_read(folder):
    reader = EventReader(folder)
    assert (len(reader.read().steps), reader.read().epochs, reader.plan) == (0, [], None)


def test_what_is_written_is_read(folder):
    epoch = {"epoch": 1, "train": {"loss": 0.5}, "validation": {"loss": 0.25}, "is_best": True}
    with EventWriter(folder) as writer:
        writer.plan(epochs=3, steps_per_epoch=2, train_rows=64)
        writer.step(1, 0.5, 0.75, 0.01)
        writer.step(2, 1.0, 0.5, 0.02)
        writer.epoch(epoch)
    reader = EventReader(folder)
    events = reader.read()
    assert events.steps.tolist() == [(1, 0.5, 0.75, 0.01), (2, 1.0, 0.5, 0.02)]
    assert events.epochs == [epoch]
    assert reader.plan == {"epochs": 3, "steps_per_epoch": 2, "train_rows": 64}


def test_the_first_step_is_seen_at_once(folder):
    writer = EventWriter(folder)
    writer.step(1, 0.1, 1.0, 0.0)
    assert len(EventReader(folder).read().steps) == 1
    writer.close()


def test_steps_wait_for_fifty_or_a_quarter_of_a_second(folder, monkeypatch):
    now = 100.0
    monkeypatch.setattr("builder.runs.events.time.monotonic", lambda: now)
    reader, writer = EventReader(folder), EventWriter(folder)
    for step in range(1, 51):
        writer.step(step, 0.0, 1.0, 0.0)
    assert len(reader.read().steps) == 1
    writer.step(51, 0.0, 1.0, 0.0)
    assert len(reader.read().steps) == 51
    now = 100.26
    writer.step(52, 0.0, 1.0, 0.0)
    assert len(reader.read().steps) == 52
    writer.close()


def test_an_epoch_never_shows_before_its_steps(folder):
    writer = EventWriter(folder)
    for step in range(1, 11):
        writer.step(step, 0.0, 1.0, 0.0)
    writer.epoch({"epoch": 1})
    events = EventReader(folder).read()
    assert (len(events.steps), len(events.epochs)) == (10, 1)
    writer.close()


def test_only_new_bytes_are_read(folder):
    writer, reader = EventWriter(folder), EventReader(folder)
    writer.step(1, 0.1, 1.0, 0.0)
    writer.epoch({"epoch": 1})
    reader.read()
    with open(folder.steps, "r+b") as file:
        file.write(b"\xff" * STEP.itemsize)
    with open(folder.epochs, "r+b") as file:
        file.write(b"#")
    writer.step(2, 0.2, 2.0, 0.0)
    writer.epoch({"epoch": 2})
    events = reader.read()
    assert events.steps["loss"].tolist() == [1.0, 2.0]
    assert [epoch["epoch"] for epoch in events.epochs] == [1, 2]
    writer.close()


def test_a_reading_stays_as_it_was_while_the_run_goes_on(folder):
    writer, reader = EventWriter(folder), EventReader(folder)
    writer.step(1, 0.1, 1.0, 0.0)
    early = reader.read()
    for step in range(2, 5000):
        writer.step(step, 0.1, float(step), 0.0)
    writer.flush()
    late = reader.read()
    assert early.steps["loss"].tolist() == [1.0]
    assert late.steps["step"].tolist() == list(range(1, 5000))
    with pytest.raises(ValueError, match="read-only"):
        late.steps["loss"] = 0
    writer.close()


@pytest.mark.parametrize("torn", range(1, STEP.itemsize))
def test_a_record_torn_at_any_byte_is_left_out_until_it_is_whole(folder, torn):
    whole = np.array([(1, 0.1, 1.0, 0.0), (2, 0.2, 2.0, 0.1)], STEP).tobytes()
    folder.path.mkdir()
    folder.steps.write_bytes(whole[: STEP.itemsize + torn])
    reader = EventReader(folder)
    assert reader.read().steps["step"].tolist() == [1]
    folder.steps.write_bytes(whole)
    assert reader.read().steps["step"].tolist() == [1, 2]


def test_a_torn_line_is_left_out_until_it_is_whole(folder):
    folder.path.mkdir()
    folder.epochs.write_bytes(b'{"epoch": 1}\n{"epo')
    reader = EventReader(folder)
    assert reader.read().epochs == [{"epoch": 1}]
    folder.epochs.write_bytes(b'{"epoch": 1}\n{"epoch": 2}\n')
    assert reader.read().epochs == [{"epoch": 1}, {"epoch": 2}]


def test_a_writer_goes_on_after_a_torn_end(folder):
    with EventWriter(folder) as writer:
        writer.step(1, 0.1, 1.0, 0.0)
        writer.epoch({"epoch": 1, "step": 1})
    with open(folder.steps, "ab") as file:
        file.write(b"half")
    with open(folder.epochs, "ab") as file:
        file.write(b'{"epoch": 2, "tr')
    with EventWriter(folder, after_step=1) as writer:
        writer.step(2, 0.2, 2.0, 0.0)
        writer.epoch({"epoch": 2, "step": 2})
    events = EventReader(folder).read()
    assert events.steps["step"].tolist() == [1, 2]
    assert [epoch["epoch"] for epoch in events.epochs] == [1, 2]


def test_a_writer_that_goes_on_at_an_earlier_step_doubles_and_loses_nothing(folder):
    with EventWriter(folder) as writer:
        for step in range(1, 6):
            writer.step(step, step / 2, float(step), 0.0)
            if step % 2 == 0:
                writer.epoch({"epoch": step // 2, "step": step})
    reader = EventReader(folder)
    assert len(reader.read().steps) == 5
    with EventWriter(folder, after_step=3) as writer:
        for step in range(4, 8):
            writer.step(step, step / 2, 10.0 + step, 0.0)
    for events in (reader.read(), EventReader(folder).read()):
        assert events.steps["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]
        assert events.steps["loss"].tolist() == [1, 2, 3, 14, 15, 16, 17]
        assert [epoch["epoch"] for epoch in events.epochs] == [1]


def test_a_run_that_begins_anew_is_read_anew(folder):
    with EventWriter(folder) as writer:
        for step in (1, 2, 3):
            writer.step(step, 0.1, 1.0, 0.0)
    reader = EventReader(folder)
    assert len(reader.read().steps) == 3
    folder.steps.unlink()
    with EventWriter(folder) as writer:
        writer.step(1, 0.1, 9.0, 0.0)
    assert reader.read().steps["loss"].tolist() == [9.0]


def test_figures_that_are_no_numbers_come_back_as_such(folder):
    with EventWriter(folder) as writer:
        writer.step(1, 0.1, math.nan, 0.0)
        writer.step(2, 0.2, math.inf, 0.0)
        writer.epoch({"epoch": np.int64(1), "train": {"loss": np.float32("nan")}, "lr": -math.inf})
    events = EventReader(folder).read()
    assert math.isnan(events.steps["loss"][0]) and events.steps["loss"][1] == math.inf
    assert math.isnan(events.epochs[0]["train"]["loss"])
    assert (events.epochs[0]["epoch"], events.epochs[0]["lr"]) == (1, -math.inf)


def test_a_writer_killed_at_any_moment_leaves_whole_records(folder):
    code = (
        "import itertools; from pathlib import Path\n"
        "from builder.runs.events import EventWriter; from builder.runs.folder import RunFolder\n"
        f"writer = EventWriter(RunFolder(Path({str(folder.path)!r})))\n"
        "for step in itertools.count(1):\n"
        "    writer.step(step, step / 10, 1 / step, step / 100)\n"
        "    if step % 100 == 0: writer.epoch({'epoch': step // 100})\n"
    )
    reader = EventReader(folder)
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        deadline = time.monotonic() + 30
        while len(reader.read().steps) < 1000 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
    events = reader.read()
    steps = np.arange(1, len(events.steps) + 1)
    assert len(steps) >= 1000
    assert np.array_equal(events.steps["step"], steps) and np.array_equal(events.steps["loss"], 1 / steps)
    assert [epoch["epoch"] for epoch in events.epochs] == list(range(1, len(events.epochs) + 1))
    assert json.loads(folder.epochs.read_bytes().splitlines()[0]) == {"epoch": 1}
