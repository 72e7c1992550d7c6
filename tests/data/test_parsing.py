"""Single cells become numbers, dates and texts, or are refused."""

import inspect
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.data.tables import parsing
from builder.data.tables.columns import numbers_of
from builder.data.tables.parsing import as_date, as_number, as_text

MARKS = ("", "NA", "?")


@pytest.mark.parametrize(
    "text, value", [("5", 5), (" -1.5 ", -1.5), ("+.5", 0.5), ("1e3", 1000), ("2.", 2), ("1,5", 1.5)]
)
def test_numbers_are_read(text, value):
    assert as_number(text, MARKS) == value


@pytest.mark.parametrize(
    "text", ["abc", "1_000", "inf", "nan", "1,234,567", "1.234,5", "0x10", "१२", "1e400", "1 2", "--1", "5%"]
)
def test_what_is_no_plain_number_is_refused(text):
    with pytest.raises(ValueError):
        as_number(text, MARKS)


@pytest.mark.parametrize("text", [None, "", " ", "NA", " ? "])
def test_missing_numbers_and_dates_are_nan(text):
    assert math.isnan(as_number(text, MARKS)) and math.isnan(as_date(text, MARKS))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-3e38, max_value=3e38))
def test_every_number_that_python_writes_comes_back_equal(value):
    import pyarrow as pa

    assert as_number(repr(value), ()) == value
    assert numbers_of(pa.chunked_array([[repr(value)]]), ())[0][0] == value


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_every_date_in_iso_form_gives_its_days_since_1970(moment):
    expected = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86400
    assert as_date(moment.isoformat(sep=" "), ()) == pytest.approx(expected, abs=1e-9)
    assert as_date(moment.strftime("%d.%m.") + f"{moment.year:04}", ()) == math.floor(expected)


@pytest.mark.parametrize(
    "text, days",
    [
        ("1970-01-01", 0), ("1970-01-02T12:00", 1.5), ("1970/1/3", 2), ("31.12.1969", -1), ("1970-01-01 12:00:00+12:00", 0),
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01 00:00:00-0600", 0.25),
    ],
)  # fmt: skip
def test_dates_are_days_since_1970_in_utc(text, days):
    assert as_date(text, MARKS) == days


@pytest.mark.parametrize("text", ["2024-13-01", "2024-02-30", "01/02/2024", "20240131", "12:30", "x", "2024-W05-1"])
def test_what_is_no_clear_date_is_refused(text):
    with pytest.raises(ValueError):
        as_date(text, MARKS)


@pytest.mark.parametrize("text", [" spaced ", "Éa", "007", "none", "\t"])
def test_texts_stay_exactly_as_they_are(text):
    assert as_text(text, MARKS) == text


def test_missing_texts_are_none():
    assert [as_text(text, MARKS) for text in (None, "", "NA", "?")] == [None] * 4


@pytest.mark.parametrize("name", ["as_number", "as_date", "as_text"])
def test_each_function_stands_alone_so_that_its_source_can_be_printed_into_a_script(name):
    space = {"math": math, "re": __import__("re"), "datetime": datetime, "UTC": UTC}
    source = "from __future__ import annotations\n" + inspect.getsource(getattr(parsing, name))
    code = compile(source, "script.py", "exec")
    function = type(as_number)(
        next(part for part in code.co_consts if hasattr(part, "co_name") and part.co_name == name), space
    )
    text = {"as_number": "1,5", "as_date": "1970-01-02", "as_text": "x"}[name]
    assert function(text, ("?",)) == {"as_number": 1.5, "as_date": 1.0, "as_text": "x"}[name]
