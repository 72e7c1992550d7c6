"""Samples of what was seen inside a training are kept whole, followed by their new bytes, and cut off with their run."""

import json
import math

import pytest

from builder.runs.folder import RunFolder
from builder.runs.telemetry import TelemetryReader, TelemetryWriter, forget_after


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def sample(step: int, **figures) -> dict:
    return {"step": step, "epoch": step / 10, "layers": {"linear_1": {"grad_norm": 1 / step}}} | figures


def write(folder, *samples) -> None:
    with TelemetryWriter(folder) as writer:
        for each in samples:
            writer.append(each)


def steps(reader) -> list[int]:
    return [each["step"] for each in reader.read()]


def test_before_the_first_sample_there_is_nothing_to_read(folder):
    assert TelemetryReader(folder).read() == ()


def test_what_is_written_is_read_at_once(folder):
    reader = TelemetryReader(folder)
    with TelemetryWriter(folder) as writer:
        writer.append(sample(1))
        assert reader.read() == (sample(1),)
        writer.append(sample(2))
        assert reader.read() == (sample(1), sample(2))


def test_figures_that_are_no_numbers_come_back_as_such(folder):
    write(folder, sample(1, grad_norm=math.nan, lr=math.inf, device=None))
    (found,) = TelemetryReader(folder).read()
    assert math.isnan(found["grad_norm"]) and found["lr"] == math.inf and found["device"] is None


def test_only_new_bytes_are_read(folder):
    write(folder, sample(1), sample(2))
    reader = TelemetryReader(folder)
    reader.read()
    with open(folder.telemetry, "r+b") as file:
        file.write(b"#")  # the first line is known, and not looked at again
    write(folder, sample(3))
    assert steps(reader) == [1, 2, 3]


def test_a_torn_line_is_left_out_until_it_is_whole(folder):
    write(folder, sample(1))
    whole = folder.telemetry.read_bytes() + json.dumps(sample(2)).encode() + b"\n"
    for torn in range(len(whole) // 2, len(whole)):
        folder.telemetry.write_bytes(whole[:torn])
        reader = TelemetryReader(folder)
        assert steps(reader) == [1]
        folder.telemetry.write_bytes(whole)
        assert steps(reader) == [1, 2]


def test_a_writer_goes_on_after_a_torn_end_and_knows_how_much_there_is(folder):
    write(folder, sample(1))
    size = folder.telemetry.stat().st_size
    with open(folder.telemetry, "ab") as file:
        file.write(b'{"step": 2, "ep')
    with TelemetryWriter(folder) as writer:
        assert (writer.count, writer.size_bytes) == (1, size)
        writer.append(sample(2))
        assert (writer.count, writer.size_bytes) == (2, folder.telemetry.stat().st_size)
    assert steps(TelemetryReader(folder)) == [1, 2]


@pytest.mark.parametrize(("step", "kept"), [(0, []), (10, [10]), (15, [10]), (20, [10, 20]), (99, [10, 20, 30])])
def test_what_came_after_a_step_is_forgotten(folder, step, kept):
    write(folder, sample(10), sample(20), sample(30))
    forget_after(folder, step)
    assert steps(TelemetryReader(folder)) == kept


def test_there_may_be_nothing_to_forget(folder):
    forget_after(folder, 5)
    assert not folder.telemetry.exists()


@pytest.mark.parametrize("written_anew", [0, 1, 5])
def test_a_reader_notices_that_a_resumed_run_wrote_on_from_an_earlier_step(folder, written_anew):
    write(folder, sample(10), sample(20), sample(30))
    reader = TelemetryReader(folder)
    assert steps(reader) == [10, 20, 30]
    forget_after(folder, 20)
    anew = [21 + number for number in range(written_anew)]
    write(folder, *(sample(step) for step in anew))
    assert steps(reader) == [10, 20, *anew]
