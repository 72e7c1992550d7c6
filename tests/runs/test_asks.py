"""Small jobs for the worker, without the worker: files that move from waiting to done."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from builder.errors import RunError
from builder.runs import ask_queue, asks
from builder.runs.asks import answer, ask, key_of, withdraw

CLAIM_AND_SLEEP = """
import os, time
from builder.runs import ask_queue
os.setsid()
print(ask_queue.claim().key, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[str]:
    """How often a worker was wanted; none is started."""
    calls: list[str] = []
    monkeypatch.setattr(asks, "ensure_worker", lambda: calls.append("worker"))
    return calls


@pytest.fixture
def claimer():
    """A process that has claimed the only ask and works on it."""
    key = ask("measure", {"n": 1})
    with subprocess.Popen([sys.executable, "-c", CLAIM_AND_SLEEP], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().strip() == key
        yield key, process
        process.kill()


def test_an_ask_goes_from_waiting_through_working_to_its_answer(started):
    key = ask("measure", {"n": 1})
    assert answer(key).state == "waiting" and answer(key).is_under_way and started
    claimed = ask_queue.claim()
    assert (claimed.kind, claimed.payload) == ("measure", {"n": 1}) and answer(key).state == "working"
    ask_queue.finish(key, {"seconds": 0.5})
    assert answer(key) == ask_queue.Answer("done", {"seconds": 0.5}) and not ask_queue.is_waiting()


def test_the_same_is_asked_once_and_answered_without_a_worker(started):
    assert ask("measure", {"n": 1}) == ask("measure", {"n": 1}) == key_of("measure", {"n": 1})
    ask_queue.finish(ask_queue.claim().key, {})
    assert ask_queue.claim() is None
    started.clear()
    ask("measure", {"n": 1})
    assert not started and ask_queue.claim() is None


def test_a_key_of_one_s_own_stands_for_what_is_asked():
    key = key_of("content")
    assert ask("peek", {"a": 1}, key=key) == ask("peek", {"a": 2}, key=key) == key
    assert ask_queue.claim().payload == {"a": 1} and ask_queue.claim() is None


def test_many_claimers_get_each_ask_once_and_the_oldest_first(started):
    keys = [ask("measure", {"n": n}) for n in range(20)]
    first = ask_queue.claim().key
    with ThreadPoolExecutor(8) as pool:
        claimed = [found.key for found in pool.map(lambda _: ask_queue.claim(), range(30)) if found]
    assert first == keys[0] and sorted([first, *claimed]) == sorted(keys)


def test_a_failed_ask_says_why_until_it_is_withdrawn():
    key = ask("measure", {"n": 1})
    ask_queue.claim()
    ask_queue.fail(key, "The model is too large. Make it smaller.")
    ask_queue.fail(key, "A second end.")
    assert answer(key) == ask_queue.Answer("failed", None, "The model is too large. Make it smaller.")
    withdraw(key)
    assert answer(key).state == "unasked"


def test_an_ask_whose_process_was_killed_waits_again(claimer):
    key, process = claimer
    ask_queue.reconcile()
    assert answer(key).state == "working"
    process.kill()
    process.wait()
    assert answer(key).state == "waiting"  # even before a worker looks
    ask_queue.reconcile()
    assert ask_queue.claim().key == key


def test_to_withdraw_an_ask_under_way_ends_its_process(claimer):
    key, process = claimer
    withdraw(key)
    assert process.wait(timeout=5) == -signal.SIGKILL
    assert answer(key).state == "unasked"
    ask_queue.fail(key, "It was killed.")  # as the worker says when it notices
    assert answer(key).state == "unasked"


def test_to_withdraw_what_the_worker_has_only_claimed_leaves_the_worker_alive():
    key = ask("measure", {})
    ask_queue.claim()
    withdraw(key)
    assert ask_queue.adopt(key) is None
    assert answer(key).state == "unasked"


@pytest.mark.parametrize("key", ["../../x", "", "A" * 32, "a" * 31])
def test_a_key_that_is_none_is_refused(key):
    for use in (answer, withdraw, lambda key: ask("measure", {}, key=key or "?")):
        with pytest.raises(RunError, match="There is no ask"):
            use(key)


def test_only_the_newest_answers_are_kept(tmp_path):
    for number in range(6):
        path = tmp_path / f"{number}.json"
        path.write_text("x" * 100)
        os.utime(path, (time.time(), 1000 + number))
    ask_queue.keep_newest(tmp_path, most=5, most_bytes=350)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["3", "4", "5"]


def test_an_ask_under_way_says_how_far_it_is_until_it_is_answered():
    key = ask("measure", {"n": 1})
    assert asks.progress(key) is None
    ask_queue.tell(key, 0.5, "Too early")
    assert asks.progress(key) is None
    ask_queue.claim()
    ask_queue.tell(key, 0.5, "Half of it")
    assert asks.progress(key) == ask_queue.Progress(0.5, "Half of it")
    ask_queue.finish(key, {})
    assert asks.progress(key) is None


def test_an_ask_that_was_withdrawn_says_nothing_more():
    key = ask("measure", {"n": 1})
    ask_queue.claim()
    ask_queue.tell(key, 0.5, "Half of it")
    withdraw(key)
    ask_queue.tell(key, 0.6, "More of it")
    assert asks.progress(key) is None
