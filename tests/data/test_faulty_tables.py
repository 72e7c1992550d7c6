"""Every fault of F13, really caused: one plain sentence with the place, and nothing half-imported."""

import re
from pathlib import Path

import pandas as pd
import pytest

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.errors import DataError
from builder.spec.data import Column, TableData, TableReading
from builder.spec.sources import FileSource

GOOD = "a,b,y\n" + "".join(f"{at},{at * 2}.5,{'yes' if at % 3 else 'no'}\n" for at in range(30))

FAULTS = {
    "empty": (b"", "is empty"),
    "blank lines only": (b"\n\n\n", "no header and no rows"),
    "header only": (b"a,b,y\n", "a header but no rows"),
    "ragged": (GOOD.replace("7,14.5,yes", "7,14.5,yes,1").encode(), "line 9: there are 4 values where the first line has 3"),
    "short line": (GOOD.replace("7,14.5,yes", "7,14.5").encode(), "line 9: there are 2 values where the first line has 3"),
    "bad UTF-8": (GOOD.encode().replace(b"4.5", b"4.\xff\xfe5", 1), "line 4: the bytes are not valid UTF-8"),
    "cut UTF-8 sequence": ("a,b,y\nä,1,x\n".encode() + b"\xc3(,2,z\n", "line 3: the bytes are not valid UTF-8"),
    "Cyrillic in an old encoding": ("a,b,y\n1,2,привет\n3,4,пока\n".encode("cp1251"), "line 2: the bytes are not valid UTF-8"),
    "NUL bytes": (GOOD.encode().replace(b"8.5", b"8\x00.5", 1), "line 6: a NUL byte"),
    "duplicate columns": (b"a,b,a\n1,2,3\n4,5,6\n", "line 1: two columns are called 'a' (columns 1 and 3)"),
    "unclosed quote": (GOOD.replace("5,10.5,yes", '5,"10.5,yes').encode(), "line 7: a quote is opened there and never closed"),
    "endless value": (GOOD.encode() + b"x" * 140_000 + b",1,yes\n", "line 32: a value is longer than 131,072 letters."),
    "quote in the middle": (b'a,b,y\n1,2,no\n3,"x"y,yes\n', "line 3: text follows a closing quote"),
    "a title above the header": (b"Measurements of 2024\n\n" + GOOD.encode(), "line 1: 'Measurements of 2024' begins a line of 1 where most have 3 values. Remove what stands before the header"),
    "a comment above the header": (b"# made by us, and by them\n" + GOOD.encode(), "line 1: '# made by us' begins a line of 2 where most have 3 values."),
    "the delimiter named above the header": (b"sep=;\n" + GOOD.replace(",", ";").encode(), "line 1: 'sep=' begins a line of 2 where most have 3 values."),
    "a header without the row names": (GOOD.replace("a,b,y", "b,y").encode(), "line 1: 'b' begins a line of 2 where most have 3 values."),
    "a line in another encoding": ("a,b,y\n1,grün,ja\n2,grün,nein\n".encode() + "3,grün,ja\n".encode("latin-1"), "line 4: the bytes are not valid UTF-8"),
    "gzip": (b"\x1f\x8b\x08 and nothing more", "is packed with gzip. Unpack it"),
    "one column": (b"a\n1\n2\n3\n", "one column only"),
    "unknown delimiter": (b"a~b~y\n1~2~no\n3~4~yes\n", "one column only"),
    "not a table": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xfe", "line"),
    "pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix", "line 1"),
    "damaged Parquet": (b"PAR1 and nothing more PAR1", "not a readable Parquet file"),
    "damaged workbook": (b"PK\x03\x04 and nothing more", "is damaged"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls format"),
    "every target alike": (b"a,y\n1,x\n2,x\n3,x\n4,x\n", "target column 'y' has one value only"),
    "no target value": (b"a,y\n1,\n2,\n3,\n4,\n", "target column 'y' has no value in any row"),
    "no such target": (b"a,z\n1,x\n2,w\n3,x\n4,w\n", "has no column 'y' to be the target"),
}  # fmt: skip


def kept(home: Path) -> list[str]:
    return [folder.name for folder in (home / "datasets").glob("*") if folder.name != "hashes"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_refused_in_one_sentence_with_its_place(fault, tmp_path, strata_home):
    content, expected = FAULTS[fault]
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        propose(FileSource(path=str(path)), target="y")
    message = str(caught.value)
    assert expected in message and "table.csv" in message
    assert message.endswith((".", "?")) and "\n" not in message and "Traceback" not in message
    if "target" not in fault:
        assert kept(strata_home) == []


def test_a_wrong_delimiter_is_refused_naming_the_better_one(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(GOOD)
    with pytest.raises(DataError, match=re.escape("with the delimiter ';' there is one column only; ',' gives 3")):
        propose(FileSource(path=str(path)), reading=TableReading(delimiter=";"))


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "undefined", "a\0b"])
def test_an_unknown_encoding_is_refused(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_text(GOOD)
    with pytest.raises(DataError, match="There is no encoding"):
        propose(FileSource(path=str(path)), reading=TableReading(encoding=encoding))


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r", " ", "x"])
def test_a_delimiter_that_cannot_be_meant_is_refused(tmp_path, delimiter):
    path = tmp_path / "table.csv"
    path.write_text(GOOD)
    with pytest.raises(DataError):
        propose(FileSource(path=str(path)), reading=TableReading(delimiter=delimiter))


def test_a_quote_that_swallows_the_rest_of_a_long_file_is_refused_at_its_line(tmp_path):
    path = tmp_path / "table.csv"
    rows = [f"{at},{at}.5,no" for at in range(20_000)]
    rows[11] = '11,"11.5,no'
    path.write_text("a,b,y\n" + "\n".join(rows))
    with pytest.raises(
        DataError, match=r"line 13: a value is longer than 131,072 letters\. If a quote is opened there"
    ):
        propose(FileSource(path=str(path)))


def test_a_text_among_numbers_is_refused_with_column_and_line_if_numbers_were_asked_for(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(GOOD.replace("9,18.5,no", "9,about 18,no"))
    columns = (
        Column(name="b", type="number"),
        Column(name="y", type="category", role="target", impute="most_frequent"),
    )
    data = TableData(source=FileSource(path=str(path)), columns=columns, task="classification")
    with pytest.raises(DataError, match=r"table.csv, line 11: column 'b' needs a number; got 'about 18'"):
        prepare(data)


def test_a_text_among_numbers_becomes_a_warning_with_column_and_line_in_a_proposal(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(GOOD.replace("9,18.5,no", "9,about 18,no"))
    dataset = prepare(propose(FileSource(path=str(path))))
    (warning,) = [warning for warning in dataset.warnings() if warning.column == "b"]
    assert "table.csv, line 11" in warning.message and "'about 18'" in warning.message
    numbers = propose(FileSource(path=str(path)), reading=TableReading(missing=("", "about 18")))
    assert {column.name: column.type for column in numbers.columns}["b"] == "number"


def test_the_line_of_a_fault_counts_line_breaks_inside_quotes(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('a,b,y\n1,"two\nlines\nhere",no\n\n2,x,yes\n3,x,yes,more\n')
    with pytest.raises(DataError, match="line 7: there are 4 values"):
        propose(FileSource(path=str(path)))


def test_an_infinite_number_in_parquet_is_refused_with_its_row(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"a": [1.0, 2.0, float("inf"), 4.0], "y": ["x", "w", "x", "w"]}).to_parquet(path)
    data = propose(FileSource(path=str(path)), target="y")
    number = Column(name="a", type="number")
    with pytest.raises(DataError, match="row 3: column 'a' needs a number; got 'inf'"):
        prepare(data.model_copy(update={"columns": (number, data.target)}))


def test_lists_in_parquet_are_refused_with_the_column(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"a": [[1], [2]], "y": ["x", "w"]}).to_parquet(path)
    with pytest.raises(DataError, match="column 'a' holds lists"):
        propose(FileSource(path=str(path)))


def test_a_constant_target_and_too_few_rows_are_refused_when_prepared(tmp_path):
    path = tmp_path / "table.csv"
    columns = (
        Column(name="a", type="number"),
        Column(name="y", type="category", role="target", impute="most_frequent"),
    )
    data = TableData(source=FileSource(path=str(path)), columns=columns, task="classification")
    path.write_text("a,y\n1,x\n2,x\n3,x\n")
    with pytest.raises(DataError, match="target column 'y' is 'x' in every row"):
        prepare(data)
    path.write_text("a,y\n1,x\n2,w\n3,\n")
    with pytest.raises(
        DataError, match="at least 3 rows with a target, one each for training, validation and test; got 2"
    ):
        prepare(data)


def test_a_column_that_the_file_lacks_is_refused_with_what_it_has(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(GOOD)
    columns = (
        Column(name="c", type="number"),
        Column(name="y", type="category", role="target", impute="most_frequent"),
    )
    data = TableData(source=FileSource(path=str(path)), columns=columns, task="classification")
    with pytest.raises(DataError, match="has no column 'c'; it has 'a', 'b', 'y'"):
        prepare(data)


def test_a_crash_in_the_middle_of_an_import_leaves_nothing(tmp_path, strata_home, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_text(GOOD)
    monkeypatch.setattr(
        "builder.data.tables.reading.np.save",
        lambda *args, **named: (_ for _ in ()).throw(OSError(28, "No space left")),
    )
    with pytest.raises(OSError, match="No space left"):
        propose(FileSource(path=str(path)))
    assert kept(strata_home) == []
