"""Rows are dealt once each, in the asked shares, the same way for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from builder.data.splitting import deal, split_around_test, split_rows
from builder.errors import DataError
from builder.spec.data import Split


@given(
    st.lists(st.integers(0, 6), min_size=3, max_size=200),
    st.integers(0, 1000),
    st.tuples(st.floats(0.05, 0.9), st.floats(0.05, 0.9), st.floats(0.05, 0.9)),
)
def test_every_row_lands_in_one_part_and_no_part_is_empty(labels, seed, weights):
    labels = np.array(labels)
    shares = tuple(weight / sum(weights) for weight in weights)
    parts = deal(np.arange(len(labels)), labels, shares, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    assert all(len(part) >= 1 and (np.diff(part) > 0).all() for part in parts)
    again = deal(np.arange(len(labels)), labels, shares, seed)
    assert all((one == two).all() for one, two in zip(parts, again, strict=True))


def deal_class_by_class(rows, labels, shares, seed):
    """As Strata first dealt, one pass over all rows for each class; runs were made with it."""
    random = np.random.default_rng(seed)
    place = random.permutation(len(rows)) / max(len(rows), 1)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        offset = random.random() if len(members) > 1 else 0.0
        place[members] = (np.argsort(np.argsort(place[members])) + offset) / len(members)
    sizes = [max(1, round(share * len(rows))) for share in shares[1:]]
    while len(rows) - sum(sizes) < 1:
        sizes[sizes.index(max(sizes))] -= 1
    cuts = len(rows) - np.cumsum(sizes[::-1])[::-1]
    return [np.sort(part) for part in np.split(rows[np.argsort(place, kind="stable")], cuts)]


@given(st.lists(st.integers(0, 40), min_size=3, max_size=200), st.integers(0, 1000))
def test_the_same_seed_deals_as_it_always_did(labels, seed):
    labels, rows = np.array(labels), np.arange(len(labels)) * 3
    for shares in ((0.7, 0.15, 0.15), (0.85, 0.15)):
        ours, earlier = (way(rows, labels, shares, seed) for way in (deal, deal_class_by_class))
        assert all(np.array_equal(one, two) for one, two in zip(ours, earlier, strict=True))


@given(st.lists(st.integers(10, 120), min_size=2, max_size=5), st.integers(0, 100))
def test_each_part_has_each_class_in_its_share_give_or_take_two_rows(counts, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    split = split_rows(np.arange(len(labels)), labels, Split(seed=seed), "table")
    for part, share in zip(split.parts().values(), (0.7, 0.15, 0.15), strict=True):
        got = np.bincount(labels[part], minlength=len(counts))
        assert (np.abs(got - share * np.array(counts)) <= 2).all()


def test_sizes_are_those_of_scikit_learn_give_or_take_a_row():
    labels = np.repeat([0, 1, 2], 50)
    split = split_rows(np.arange(150), labels, Split(), "table")
    _, test = train_test_split(np.arange(150), test_size=0.15, stratify=labels, random_state=0)
    assert abs(len(split.test) - len(test)) <= 1
    assert sum(split.row_counts) == 150


def test_another_seed_deals_differently_and_unstratified_rows_ignore_the_labels():
    rows, labels = np.arange(60), np.repeat([0, 1], 30)
    first, second = (split_rows(rows, labels, Split(seed=seed), "table").test for seed in (0, 1))
    assert (first != second).any()
    free = split_rows(rows, labels, Split(stratify=False), "table")
    assert (free.test == split_rows(rows, None, Split(), "table").test).all()


def test_a_class_of_one_row_goes_to_training():
    labels = np.array([0] * 20 + [1] * 20 + [2])
    for seed in range(20):
        assert 40 in split_rows(np.arange(41), labels, Split(seed=seed), "table").train


def test_two_rows_are_too_few():
    with pytest.raises(DataError, match="at least 3 rows"):
        split_rows(np.arange(2), None, Split(), "table")


def test_a_given_test_set_stays_and_the_rest_is_dealt_by_the_other_shares():
    rows = np.arange(85)
    split = split_around_test(rows, np.zeros(85, int), np.arange(85, 100), Split(), "images")
    assert split.row_counts == (70, 15, 15)
    assert split.test.tolist() == list(range(85, 100))
