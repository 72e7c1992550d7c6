"""Curves that grow: what is drawn of them against the plain minimum and maximum of every stretch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runs.growing import BLOCK, GrowingCurve, View, rows_in_view


def grown(y: np.ndarray, *pieces: int) -> GrowingCurve:
    """The curve of y, which came in so many pieces."""
    curve = GrowingCurve()
    for piece in np.split(y, sorted(pieces)):
        curve.extend(piece)
    return curve


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.lists(st.integers(0, 100_000), max_size=4))
def test_what_is_drawn_has_the_ends_and_the_extremes_however_the_curve_came(start, length, pieces):
    y = np.random.default_rng(0).normal(size=100_000)
    y[::777] = np.nan
    end = min(start + length, len(y))
    rows = grown(y, *pieces).rows(start, end, 60)
    assert len(rows) <= 60 and np.all(np.diff(rows) > 0)
    if start < end:
        assert (rows[0], rows[-1]) == (start, end - 1)
    if np.isfinite(y[start:end]).any():
        assert (np.nanmin(y[rows]), np.nanmax(y[rows])) == (np.nanmin(y[start:end]), np.nanmax(y[start:end]))


def test_each_stretch_of_a_long_curve_is_drawn_with_its_true_lowest_and_highest():
    y = np.random.default_rng(1).normal(size=400 * BLOCK)
    drawn = y[grown(y, 1000, 70_000).rows(0, len(y), 108)]
    stretches = y.reshape(50, -1)  # of the 108 points 8 are for the ends
    assert set(stretches.min(axis=1)) | set(stretches.max(axis=1)) <= set(drawn)


def test_a_curve_that_is_nothing_but_gaps_can_be_drawn():
    assert len(grown(np.full(50_000, np.nan)).rows(0, 50_000, 20)) <= 20
    assert grown(np.empty(0)).rows(0, 0, 20).tolist() == []


@pytest.fixture(scope="module")
def long():
    """A curve of a million points at 0, 0.01, 0.02, …"""
    y = np.random.default_rng(2).normal(size=1_000_000)
    return np.arange(1_000_000) / 100, y, grown(y)


@pytest.mark.parametrize(("low", "high"), [(5000, 5011.9), (0, 1), (9995, 9999.99), (-50, 3)])
def test_all_points_in_view_are_drawn_if_they_are_few(long, low, high):
    x, _, curve = long
    rows = rows_in_view(x, curve, View(low, high), 1200)
    in_view = x[rows][(x[rows] >= low) & (x[rows] <= high)]
    assert in_view.tolist() == x[(x >= low) & (x <= high)].tolist()


def test_many_points_in_view_are_drawn_with_their_extremes_and_what_is_around_with_its_own(long):
    x, y, curve = long
    rows = rows_in_view(x, curve, View(2000, 8000), 1200)
    assert len(rows) <= 1200 + 2 * 150 and np.all(np.diff(rows) > 0)
    for part in (x < 2000, (x > 2000) & (x < 8000), x > 8000):
        drawn = y[rows[part[rows]]]
        assert (drawn.min(), drawn.max()) == (y[part].min(), y[part].max())
    assert (rows[0], rows[-1]) == (0, 999_999)


def test_lines_run_into_a_view_that_has_no_point(long):
    x, _, curve = long
    rows = rows_in_view(x, curve, View(5000.001, 5000.009), 1200)
    assert {500_000, 500_001} <= set(rows)


def test_a_view_beyond_the_end_shows_the_outline_of_what_there_is(long):
    x, _, curve = long
    assert rows_in_view(x, curve, View(20_000, 30_000), 1200)[[0, -1]].tolist() == [0, 999_999]
