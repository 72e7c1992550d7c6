"""Batch sizes by trial: real steps, a real end of memory, and what is suggested from made figures."""

import multiprocessing

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Dropout, Linear
from builder.catalogue.optimizers import GradientDescent
from builder.errors import RunError
from builder.runs.batch_search import TriedBatch, batch_search_key
from builder.training import batch_finder
from builder.training.batch_finder import BatchTrials, find_batch_on, largest_that_fits
from builder.training.memory import limit_memory
from tests.projects import facts_of, stacked
from tests.training.examples import MadeExamples

FACTS = facts_of((4,), rows=60)
SMALL = stacked(Linear(out_features=8, activation=ReLU()), Linear(), batch_size=20)
WIDE = stacked(Linear(out_features=65_536), *(Dropout(p=0.1) for _ in range(10)), Linear())
"""A row takes 0.25 MB in each of its layers."""


@pytest.fixture(autouse=True)
def _short_trials(monkeypatch):
    """A busy machine ends none of them."""
    monkeypatch.setattr(batch_finder, "TRIAL_S", 0.0)
    monkeypatch.setattr(batch_finder, "SEARCH_S", 1000.0)


def quiet(share: float, text: str) -> None: ...


def test_sizes_double_up_to_the_rows_that_there_are():
    told = []
    found = find_batch_on(SMALL, FACTS, MadeExamples(), lambda *one: told.append(one))
    assert [(one.size, one.steps_per_epoch) for one in found.tried] == [(8, 8), (16, 4), (32, 2)]
    assert found.end == "rows" and found.largest == 32
    assert all(one.rows_per_s > 0 and one.memory_bytes >= 0 for one in found.tried)
    assert told == [(at / 3, f"Training a few steps with {size} rows each") for at, size in enumerate((8, 16, 32))]


def test_a_search_leaves_project_and_examples_as_they_were():
    before, examples = SMALL.to_json(), MadeExamples()
    find_batch_on(SMALL, FACTS, examples, quiet)
    assert SMALL.to_json() == before and len(examples.validation_rows) == 30


def test_a_step_over_all_rows_counts_all_of_them():
    found = find_batch_on(stacked(Linear(), optimizer=GradientDescent()), FACTS, MadeExamples(), quiet)
    assert [one.steps_per_epoch for one in found.tried] == [1, 1, 1]


def _search_with_little_memory(answers) -> None:
    find_batch_on(SMALL, FACTS, MadeExamples(), quiet)  # loads what it needs and starts its threads
    limit_memory()
    found = find_batch_on(WIDE, FACTS, MadeExamples(), quiet)
    after = find_batch_on(SMALL, FACTS, MadeExamples(), quiet)
    answers.put((found.end, [one.size for one in found.tried], after.largest))


def test_a_real_end_of_memory_ends_the_search_and_nothing_else(monkeypatch):
    monkeypatch.setattr("builder.training.memory.free_bytes", lambda: 140_000_000)
    monkeypatch.setattr("builder.training.peak_memory.usable_bytes", lambda: None)  # so that nothing is foreseen
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_search_with_little_memory, args=(answers,))
    child.start()
    end, sizes, largest_after = answers.get(timeout=120)
    child.join()
    assert end == "memory" and sizes and sizes[-1] < 32
    assert largest_after == 32 and child.exitcode == 0


class CountedMemory:
    """Of a made machine."""

    usable_bytes = 20_000_000


class CountedTrials(BatchTrials):
    """Each row of a batch takes 1 MB."""

    def _trial(self, size: int) -> TriedBatch:
        self._peak = CountedMemory()
        return TriedBatch(size, 100.0, size * 1_000_000, 60 // size)


def test_what_would_take_too_much_is_not_tried(monkeypatch):
    monkeypatch.setattr(batch_finder, "BatchTrials", CountedTrials)
    found = find_batch_on(SMALL, FACTS, MadeExamples(), quiet)
    assert found.end == "memory" and found.largest == 16 and found.usable_bytes == 20_000_000


def test_not_even_one_batch_is_told(monkeypatch):
    def fails(self, size):
        raise MemoryError

    monkeypatch.setattr(BatchTrials, "_trial", fails)
    with pytest.raises(RunError, match="Not even 8 rows at a time fit"):
        find_batch_on(SMALL, FACTS, MadeExamples(), quiet)
    assert largest_that_fits(SMALL, FACTS, MadeExamples()) == 1


def test_a_fault_of_another_kind_is_not_taken_for_want_of_memory(monkeypatch):
    def fails(self, size):
        raise ZeroDivisionError

    monkeypatch.setattr(BatchTrials, "_trial", fails)
    with pytest.raises(ZeroDivisionError):
        find_batch_on(SMALL, FACTS, MadeExamples(), quiet)


def test_a_search_that_takes_long_ends_and_says_so(monkeypatch):
    monkeypatch.setattr(batch_finder, "SEARCH_S", 0.0)
    found = find_batch_on(SMALL, FACTS, MadeExamples(), quiet)
    assert [one.size for one in found.tried] == [8] and found.end == "time"


@pytest.mark.parametrize(
    ("speeds", "quickest", "said"),
    [
        ({8: 100, 16: 190, 32: 200, 64: 201}, 16, "hardly quicker"),
        ({8: 100, 16: 200, 32: 400, 64: 900}, 32, "64 would be quicker, but leave fewer than 10 steps"),
        ({8: 300, 16: 200, 32: 100}, 8, "no other size is quicker"),
    ],
)
def test_the_smallest_size_that_is_about_as_quick_as_any_is_suggested(monkeypatch, speeds, quickest, said):
    monkeypatch.setattr(BatchTrials, "_trial", lambda self, size: TriedBatch(size, speeds[size], None, 400 // size))
    monkeypatch.setattr(batch_finder, "_sizes", lambda rows: iter(speeds))
    found = find_batch_on(SMALL, FACTS, MadeExamples(), quiet)
    assert found.quickest == quickest and said in found.reason


def test_the_largest_batch_of_a_run_leaves_ten_steps_in_an_epoch():
    assert largest_that_fits(SMALL, FACTS, MadeExamples()) == 4  # of 60 rows: 8 would leave 8 steps
    twice = SMALL.model_copy(update={"training": SMALL.training.model_copy(update={"accumulation": 2})})
    assert largest_that_fits(twice, FACTS, MadeExamples()) == 2


def test_the_batch_size_that_is_set_makes_no_other_search_but_the_model_does():
    def with_(**changes):
        return SMALL.model_copy(update={"training": SMALL.training.model_copy(update=changes)})

    assert batch_search_key(with_(batch_size=4, epochs=9), "x") == batch_search_key(SMALL, "x")
    assert batch_search_key(WIDE, "x") != batch_search_key(SMALL, "x")
