"""The bar of a training on the terminal."""

import threading

from builder.commands.progress import ProgressWatcher
from builder.training.watching import Watcher


def drawn(monkeypatch, capsys, steps: list[tuple[float, float]], epochs: int) -> str:
    """The last bar, after a step at each of these epochs and seconds."""
    monkeypatch.setattr("builder.commands.progress.EVERY_S", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    watcher = ProgressWatcher(Watcher(), epochs, threading.Event())
    for number, (epoch, elapsed_s) in enumerate(steps, 1):
        watcher.step(number, epoch, 0.5, elapsed_s)
    return capsys.readouterr().err.split("\r")[-1]


def test_the_time_left_goes_by_the_pace_so_far(monkeypatch, capsys):
    assert "epoch 5 of 10, 10 s left" in drawn(monkeypatch, capsys, [(1, 2.0), (5, 10.0)], 10)


def test_a_fork_counts_no_epochs_of_its_parent_and_a_resumed_run_no_time_before(monkeypatch, capsys):
    assert "epoch 42 of 50, 8 s left" in drawn(monkeypatch, capsys, [(40, 0.0), (42, 2.0)], 50)
    assert "epoch 42 of 50, 8 s left" in drawn(monkeypatch, capsys, [(40, 100.0), (42, 102.0)], 50)


def test_nothing_is_foretold_after_a_single_step(monkeypatch, capsys):
    assert "left" not in drawn(monkeypatch, capsys, [(40.1, 0.1)], 50)


def told(monkeypatch, capsys, epochs: list[int], of: int, every_s: float) -> list[str]:
    """The lines for these epochs, each of which takes so long; every third is the best so far."""
    clock = iter(number * every_s for number in range(len(epochs)))
    monkeypatch.setattr("builder.commands.progress.time.monotonic", lambda: next(clock))
    watcher = ProgressWatcher(Watcher(), of, threading.Event())
    for epoch in epochs:
        watcher.epoch({"epoch": epoch, "validation": {"loss": 0.5}, "is_best": epoch % 3 == 1})
    return capsys.readouterr().err.splitlines()


def test_the_first_epoch_and_each_tenth_have_a_line(monkeypatch, capsys):
    lines = told(monkeypatch, capsys, list(range(1, 101)), 100, 0.01)
    assert [int(line.split()[1]) for line in lines] == [1, *range(10, 101, 10)]
    assert lines[1] == "epoch 10 of 100  validation loss 0.5000  best so far: epoch 10"
    assert lines[2] == "epoch 20 of 100  validation loss 0.5000  best so far: epoch 19"


def test_nobody_waits_long_for_a_line(monkeypatch, capsys):
    lines = told(monkeypatch, capsys, [1, 2, 3, 4, 5], 10_000, 2.0)
    assert [int(line.split()[1]) for line in lines] == [1, 4]
