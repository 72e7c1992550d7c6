"""Asks as the worker carries them out: each in a process of its own, whose faults end the ask and nothing else."""

import multiprocessing
import os
import signal
import time

import pytest
import torch

from builder.errors import DataError
from builder.runs import ask_queue, asks
from builder.runs.asks import answer, ask, withdraw
from builder.training import ask_desk
from builder.training.ask_desk import AskDesk
from builder.training.asks import KINDS, in_words

PROJECT = {"project": {"training": {"batch_size": 64}}}


@pytest.fixture
def desk(monkeypatch) -> AskDesk:
    """With kinds of ask that go wrong, in forked children."""
    monkeypatch.setattr(asks, "ensure_worker", lambda: None)
    monkeypatch.setattr(ask_desk, "LIMIT_S", 1)
    monkeypatch.setitem(KINDS, "double", lambda payload: {"twice": 2 * payload["n"], "pid": os.getpid()})
    monkeypatch.setitem(KINDS, "sleep", lambda payload: time.sleep(60))
    monkeypatch.setitem(KINDS, "refuse", _refuse)
    monkeypatch.setitem(KINDS, "break", lambda payload: {}["x"])
    monkeypatch.setitem(KINDS, "take", lambda payload: {"sum": torch.ones(200_000_000).sum().item()})  # 800 MB
    monkeypatch.setattr("builder.training.memory.free_bytes", lambda: 300_000_000)
    monkeypatch.setitem(KINDS, "die", lambda payload: os.kill(os.getpid(), signal.SIGKILL))
    return AskDesk(multiprocessing.get_context("fork"))


def _refuse(payload: dict) -> dict:
    raise DataError("The file is gone. Choose another.")


def answered(desk: AskDesk, key: str) -> ask_queue.Answer:
    deadline = time.monotonic() + 20
    while answer(key).is_under_way:
        assert time.monotonic() < deadline
        desk.look()
        time.sleep(0.01)
    return answer(key)


def test_an_ask_is_answered_in_another_process(desk):
    value = answered(desk, ask("double", {"n": 21})).value
    assert value["twice"] == 42 and value["pid"] != os.getpid()


def test_asks_are_carried_out_one_at_a_time(desk):
    slow, quick = ask("sleep", {}), ask("double", {"n": 1})
    for _ in range(20):
        desk.look()
        time.sleep(0.01)
    assert (answer(slow).state, answer(quick).state) == ("working", "waiting") and desk.is_busy
    withdraw(slow)
    assert answered(desk, quick).value["twice"] == 2
    assert answer(slow).state == "unasked"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("sleep", "This took longer than 120 seconds and was ended. Make the model or the batch size smaller."),
        ("refuse", "The file is gone. Choose another."),
        ("break", "Something of ours went wrong: KeyError: 'x'. The details are in worker.log."),
        ("die", "The process at work was killed, most likely for want of memory."),
        ("take", "This ran out of memory"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_the_next_ask_is_answered(desk, kind, message):
    failed = answered(desk, ask(kind, PROJECT))
    assert failed.state == "failed" and failed.value is None and failed.message.startswith(message)
    assert answered(desk, ask("double", {"n": 2})).value["twice"] == 4


def test_out_of_memory_names_the_batch_size_to_try():
    error = RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory")
    assert in_words(error, PROJECT).endswith("are free. Set the batch size to 32, or make the model smaller.")
    assert in_words(MemoryError(), {}).endswith("are free. Make the model smaller.")
