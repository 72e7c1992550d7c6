import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from builder.runs.thinning import Smoother, minmax, smooth

ANY_FLOATS = st.floats(-1e6, 1e6) | st.just(np.nan) | st.just(np.inf) | st.just(-np.inf)
CURVES = st.integers(1, 2000).flatmap(lambda n: arrays(float, n, elements=ANY_FLOATS, fill=ANY_FLOATS))


@given(CURVES, st.integers(4, 300))
def test_thinning_keeps_both_ends_and_every_extreme(y, points):
    x = np.arange(len(y))
    thin_x, thin_y = minmax(x, y, points)
    assert len(thin_x) == len(thin_y) <= points
    assert np.all(np.diff(thin_x) > 0)
    assert np.array_equal(thin_y, y[thin_x], equal_nan=True)
    assert (thin_x[0], thin_x[-1]) == (0, len(y) - 1)
    if not np.isnan(y).all():
        assert (np.nanmin(thin_y), np.nanmax(thin_y)) == (np.nanmin(y), np.nanmax(y))


def test_a_short_curve_stays_as_it_is():
    thin_x, thin_y = minmax([1, 2, 3], [4.0, 5.0, 6.0], points=3)
    assert (thin_x.tolist(), thin_y.tolist()) == ([1, 2, 3], [4.0, 5.0, 6.0])


def test_a_single_spike_in_a_million_points_survives():
    y = np.zeros(1_000_000)
    y[654_321], y[123_456] = 5.0, -7.0
    thin_x, thin_y = minmax(np.arange(len(y)), y)
    assert len(thin_x) <= 1200
    assert (thin_x[thin_y == 5.0].tolist(), thin_x[thin_y == -7.0].tolist()) == ([654_321], [123_456])


def test_each_stretch_keeps_its_lowest_and_highest():
    y = np.array([9, 1, 5, 3, 8, 2, 7, 9.0])  # inner stretches of three: 1 5 3 | 8 2 7
    assert minmax(np.arange(8), y, points=6)[0].tolist() == [0, 1, 2, 4, 5, 7]


@pytest.mark.parametrize("weight", [0.1, 0.6, 0.99])
@pytest.mark.parametrize("length", [1, 5, 256, 257, 1000])
def test_smoothing_agrees_with_pandas(weight, length):
    y = np.random.default_rng(0).normal(size=length)
    y[3::7] = np.nan
    expected = pd.Series(y).ewm(alpha=1 - weight, adjust=True, ignore_na=False).mean().where(pd.notna(y))
    assert np.allclose(smooth(y, weight), expected, rtol=1e-10, equal_nan=True)


def test_no_weight_leaves_the_curve_alone():
    assert smooth(np.array([1.0, np.nan, 3.0]), 0).tolist()[::2] == [1.0, 3.0]
    assert smooth(np.array([]), 0.9).tolist() == []


def test_an_infinite_value_spoils_no_other():
    assert smooth(np.array([2.0, np.inf, 2.0, 2.0]), 0.5).tolist() == [2.0, np.inf, 2.0, 2.0]


@given(st.lists(st.integers(0, 900), max_size=4))
def test_smoothing_a_curve_piece_by_piece_changes_nothing(places):
    y = np.random.default_rng(0).normal(size=900)
    y[5::50] = np.nan
    smoother = Smoother(0.9)
    pieces = [smoother.extend(piece) for piece in np.split(y, sorted(places))]
    assert np.allclose(np.concatenate(pieces), smooth(y, 0.9), rtol=1e-10, equal_nan=True)
