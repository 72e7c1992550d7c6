"""A table that is too large for memory is read in parts, and gives what it would give in memory."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.tables import batches, reading
from builder.data.tables.typed import TypedRows
from builder.errors import DataError
from builder.spec.sources import FileSource

ROWS = 1000
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=ROWS).round(4)
COLUMNS = {
    "x": np.where(RNG.random(ROWS) < 0.1, np.nan, NUMBERS),
    "whole": RNG.integers(0, 50, ROWS),
    "colour": RNG.choice(["red", "green", "blue", None], ROWS),
    "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 300, ROWS), unit="D"),
    "copy": np.repeat(NUMBERS[: ROWS // 2], 2),
    "kind": np.repeat(["u", "v"], ROWS // 2),
}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(batches, "CELLS_PER_BATCH", 100)  # parts of 100 rows, the least
    monkeypatch.setattr(batches, "GROUP_BYTES", 1)  # each of them a group of the file


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """The same file in memory, and from disk."""

    def open_both(columns: dict, kind: str = "parquet", **settings):
        frame, path = pd.DataFrame(columns), tmp_path / f"t.{kind}"
        frame.to_parquet(path) if kind == "parquet" else frame.to_csv(
            path, index=False, sep=";", date_format="%Y-%m-%d"
        )
        monkeypatch.delenv("STRATA_TABLE_MB", raising=False)
        data = propose(FileSource(path=str(path)), target="kind").model_copy(update=settings)
        in_memory = prepare(data)
        monkeypatch.setenv("STRATA_TABLE_MB", "0")
        return in_memory, prepare(data)

    return open_both


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_everything_that_follows_from_a_table_is_the_same_from_disk(opened, kind):
    held, streamed = opened(COLUMNS, kind)
    assert held.rows.is_held and not streamed.rows.is_held
    assert streamed.preprocessing == held.preprocessing and streamed.facts == held.facts
    for name, rows in held.split.parts().items():
        np.testing.assert_array_equal(streamed.split.parts()[name], rows)
    np.testing.assert_array_equal(streamed.target_values(), held.target_values())
    assert streamed.warnings() == held.warnings() and streamed.leaks() == held.leaks()
    one, other = streamed.profile(), held.profile()
    assert (one.rows, one.columns, one.class_balance) == (other.rows, other.columns, other.class_balance)
    pd.testing.assert_frame_equal(one.preview, other.preview)


def test_the_figures_from_disk_are_those_of_pandas(opened):
    _, streamed = opened(COLUMNS)
    known, frame = pd.Series(COLUMNS["x"]).dropna(), pd.DataFrame(COLUMNS)
    found = streamed.profile().of("x")
    assert (found.count, found.distinct, found.numbers.median) == (len(known), known.nunique(), known.median())
    assert dict(streamed.profile().of("colour").top) == frame["colour"].value_counts().to_dict()
    number = next(column for column in streamed.preprocessing.numbers if column.name == "x")
    train = frame["x"].iloc[streamed.split.train]
    assert (number.fill, number.scale) == pytest.approx((train.median(), train.fillna(train.median()).std(ddof=0)))
    _, alike = opened({"whole": np.arange(ROWS) % 10, "kind": COLUMNS["kind"]})
    assert "980 of 1,000 rows repeat an earlier row" in " ".join(warning.message for warning in alike.warnings())


def test_rows_are_taken_from_wherever_they_lie(opened):
    held, streamed = opened(COLUMNS)
    rows = np.array([0, 99, 100, 555, 999])
    pd.testing.assert_frame_equal(streamed.rows.take(rows), held.rows.frame.iloc[rows])


def test_a_group_of_the_file_is_as_large_as_it_may_be(opened, monkeypatch):
    _, apart = opened(COLUMNS)
    assert [len(part) for _, part in apart.rows.parts()] == [100] * 10
    monkeypatch.setattr(batches, "GROUP_BYTES", 10_000)
    _, together = opened(COLUMNS | {"copy": NUMBERS})
    sizes = [len(part) for _, part in together.rows.parts()]
    assert sum(sizes) == ROWS and 2 <= len(sizes) < 10
    frame = pd.DataFrame(COLUMNS | {"copy": NUMBERS})
    for name in ("x", "whole", "copy"):
        np.testing.assert_array_equal(together.rows[name], frame[name])


def test_rows_are_taken_without_reading_the_groups_between(opened, monkeypatch):
    held, streamed = opened(COLUMNS)
    read = []
    as_ever = pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda file, at, **of: read.append(at) or as_ever(file, at, **of)
    )
    rows = np.array([5, 7, 955])
    pd.testing.assert_frame_equal(streamed.rows.take(rows), held.rows.frame.iloc[rows])
    assert read == [0, 9]


def test_parts_are_the_same_with_and_without_a_frame(opened):
    held, streamed = opened(COLUMNS)
    names = ["kind", "x", "colour", "whole"]
    for dataset in (held, streamed):
        frames, arrays = list(dataset.rows.parts(names)), list(dataset.rows.arrays(names))
        assert [(start, len(part)) for start, part in frames] == [(start, count) for start, count, _ in arrays]
        for (_, frame), (_, _, columns) in zip(frames, arrays, strict=True):
            assert list(frame) == names
            pd.testing.assert_frame_equal(frame, pd.DataFrame({
                name: pd.Series(columns[name], frame.index, dtype=columns[name].dtype) for name in names
            }))  # fmt: skip


def test_a_number_that_counts_the_rows_is_seen_wherever_it_begins(opened):
    others = RNG.permutation(ROWS) + 0.0
    counting = {"low": np.arange(ROWS) - 7, "between": np.arange(ROWS) + 0.25, "mixed": others, "wide": others * 3}
    _, streamed = opened(counting | {"kind": COLUMNS["kind"]})
    found = [warning.column for warning in streamed.warnings() if "looks like an identifier" in warning.message]
    assert found == ["low", "between"]


def test_what_was_found_once_is_not_looked_for_again(opened, monkeypatch):
    _, streamed = opened(COLUMNS)
    before = streamed.facts, streamed.profile().columns, streamed.warnings(), streamed.leaks()
    monkeypatch.setattr(TypedRows, "__getitem__", None)
    monkeypatch.setattr(TypedRows, "text_counts", None)
    again = prepare(streamed.data)
    assert (again.facts, again.profile().columns, again.warnings(), again.leaks()) == before


def test_a_table_on_disk_shows_a_sample_of_evenly_picked_rows(opened, monkeypatch):
    monkeypatch.setattr("builder.data.tables.statistics.SAMPLE_ROWS", 100)
    held, streamed = opened(COLUMNS)
    assert len(held.profile().sample) == ROWS
    sample = streamed.profile().sample
    assert len(sample) == 100 and sample["kind"].value_counts().to_dict() == {"u": 50, "v": 50}


def commas(*last: str) -> dict:
    return {
        "a": ["1,234"] * 150 + [*last] * (150 // len(last)),
        "b": [str(at) for at in range(300)],
        "kind": ["u", "v"] * 150,
    }


def test_what_a_comma_means_follows_from_all_parts_of_a_column(opened):
    _, streamed = opened(commas("1,5"), "csv")
    assert streamed.rows["a"][[0, 299]].tolist() == [1.234, 1.5]


def test_a_comma_that_may_part_thousands_is_refused_with_its_line(opened, tmp_path):
    _, streamed = opened(commas("1,5"), "csv")
    columns = streamed.data.columns
    unclear = commas("2,345") | {"a": ["7"] * 120 + ["1,234"] * 180}
    pd.DataFrame(unclear).to_csv(tmp_path / "t.csv", index=False, sep=";")
    with pytest.raises(DataError, match="line 122: in column 'a' the comma of '1,234' may part decimals or thousands"):
        prepare(streamed.data.model_copy(update={"columns": columns}))


def test_a_fault_far_below_is_named_with_its_line(opened, tmp_path):
    _, streamed = opened(commas("1,5"), "csv")
    faulty = commas("1,5") | {"b": [str(at) for at in range(270)] + ["far"] * 30}
    pd.DataFrame(faulty).to_csv(tmp_path / "t.csv", index=False, sep=";")
    with pytest.raises(DataError, match="line 272: column 'b' needs a number; got 'far'"):
        prepare(streamed.data)


def test_the_type_of_a_long_column_is_guessed_from_rows_all_over_it(opened, monkeypatch):
    monkeypatch.setattr(reading, "MOST_GUESSED", 100)
    held, _ = opened({"word": ["1"] * 500 + ["one"] * 500, "x": NUMBERS, "kind": ["u", "v"] * 500}, "csv")
    types = {column.name: column.type for column in held.data.columns}
    assert types == {"word": "category", "x": "number", "kind": "category"}
