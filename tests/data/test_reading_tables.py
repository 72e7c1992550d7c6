"""Well-formed tables of every kind come in exactly as they stand in the file."""

import datetime
import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.tables.columns import typed_column
from builder.data.tables.reading import read_table
from builder.data.uploads import keep_upload, resolve
from builder.errors import DataError
from builder.spec.data import Column, TableReading
from builder.spec.sources import FileSource

COLUMNS = {"größe": [1.5, 2.25, -3.0], "naïve": ["café", "Zürich", "naïf"], "y": ["ja", "nein", "ja"]}


def read(content: bytes, **reading) -> dict[str, list]:
    source = keep_upload("table.csv", content)
    table = read_table(resolve(source), "table.csv", TableReading(**reading))
    return {name: table.column(name).to_pylist() for name in table.names}


def as_text(columns) -> dict[str, list[str]]:
    return {name: [str(value) for value in values] for name, values in columns.items()}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_encoding_are_found(encoding, delimiter):
    content = pd.DataFrame(COLUMNS).to_csv(sep=delimiter, index=False).encode(encoding)
    assert read(content) == as_text(COLUMNS)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_taken(ending):
    content = pd.DataFrame(COLUMNS).to_csv(index=False, lineterminator=ending).encode()
    assert read(content) == as_text(COLUMNS)


def test_decimal_commas_do_not_pass_for_delimiters():
    assert read(b"1,5;2,5;x\n3,25;4,75;y\n") == {
        "column_1": ["1,5", "3,25"],
        "column_2": ["2,5", "4,75"],
        "column_3": ["x", "y"],
    }


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), min_size=3, max_size=3),
        min_size=1, max_size=12,
    )
)  # fmt: skip
@settings(max_examples=60)
def test_any_text_that_pandas_writes_comes_back_equal(rows):
    frame = pd.DataFrame(rows, columns=["é,1", 'say "hi"', "new\nline"], dtype=object)
    buffer = io.StringIO(newline="")
    frame.to_csv(buffer, index=False, quoting=1)
    expected = {name: frame[name].tolist() for name in frame}
    assert read(buffer.getvalue().encode(), delimiter=",", header=True, encoding="utf-8") == expected


def test_a_space_after_each_delimiter_belongs_to_the_delimiter():
    assert read(b'a, b, y\n1, " x, z", no\n2, w, yes\n') == {"a": ["1", "2"], "b": [" x, z", "w"], "y": ["no", "yes"]}


@pytest.mark.parametrize(
    "text, names",
    [
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n", ["column_1", "column_2", "column_3"]),
        ("a,b\nx,y\nz,w\n", ["a", "b"]),
        ("name,2019,2020\nx,1.5,2\ny,2.5,3\n", ["name", "2019", "2020"]),
        (",a,b\n0,x,1\n1,y,2\n", ["column_1", "a", "b"]),
        ("red,small\nblue,small\nred,large\n", ["column_1", "column_2"]),
        ("0,1,2\n0.5,0.25,7\n0.1,0.2,8\n", ["0", "1", "2"]),
    ],
)  # fmt: skip
def test_the_header_is_found(text, names):
    assert list(read(text.encode())) == names


def test_a_header_can_be_set_by_hand():
    assert read(b"1,2\n3,4\n", header=True) == {"1": ["3"], "2": ["4"]}
    assert read(b"a,b\nc,d\n", header=False) == {"column_1": ["a", "c"], "column_2": ["b", "d"]}


def test_excel_comes_in_as_the_cells_show():
    book = Workbook()
    sheet = book.active
    for row in (["größe", "when", "ok", "y"], [1.5, datetime.datetime(2024, 1, 31), True, "a"], [2, None, False, "b"]):
        sheet.append(row)
    book.create_sheet("other").append(["x", "y"])
    buffer = io.BytesIO()
    book.save(buffer)
    assert read(buffer.getvalue()) == {
        "größe": ["1.5", "2"],
        "when": ["2024-01-31", None],
        "ok": ["True", "False"],
        "y": ["a", "b"],
    }


def workbook(rows, dimension: str | None = None) -> bytes:
    """`dimension` is what the file says of its size."""
    book, plain, changed = Workbook(), io.BytesIO(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if dimension and name == "xl/worksheets/sheet1.xml":
                content, count = re.subn(rb'dimension ref="[^"]*"', f'dimension ref="{dimension}"'.encode(), content)
                assert count == 1
            target.writestr(name, content)
    return changed.getvalue()


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576"])
def test_an_excel_file_may_be_wrong_about_its_size(dimension):
    rows = [["a", "b"], [1, "x"], [2, None], [None, None], [3, "z"]]
    assert read(workbook(rows, dimension)) == {"a": ["1", "2", "3"], "b": ["x", None, "z"]}


@pytest.mark.parametrize("rows", [[["a", "b", "c"]] * 5, [["a"] * 5, ["b"], ["c"]]])
def test_a_sheet_of_too_many_cells_is_refused_with_a_way_out(rows, monkeypatch):
    monkeypatch.setattr("builder.data.tables.excel.MOST_CELLS", 14)
    with pytest.raises(DataError, match=r"sheet 'Sheet' has more than 14 cells, .* Save it as CSV\."):
        read(workbook(rows))


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are():
    book = Workbook()
    book.active.append(["x", "y"])
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(Exception, match="has no sheet 'data'; it has Sheet"):
        read(buffer.getvalue(), sheet="data")


def test_parquet_keeps_its_numbers_and_turns_the_rest_into_text():
    frame = pd.DataFrame({
        "whole": pd.array([1, None, 3], "Int64"), "real": [0.1, np.nan, 3.0], "text": ["007", None, "x"],
        "flag": [True, False, True], "day": pd.to_datetime(["2024-01-31 12:00", None, "1969-12-31 00:00"]),
        "kind": pd.Categorical(["a", "b", "a"]),
    })  # fmt: skip
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    assert read(buffer.getvalue()) == {
        "whole": [1, None, 3], "real": [0.1, None, 3.0], "text": ["007", None, "x"], "flag": ["True", "False", "True"],
        "day": ["2024-01-31 12:00:00", None, "1969-12-31 00:00:00"], "kind": ["a", "b", "a"],
    }  # fmt: skip


@pytest.mark.parametrize("values", [[-999, 1, None, 3], [-999.0, 1.5, np.nan, 3.0]])
def test_a_missing_mark_counts_in_a_parquet_column_of_numbers_however_it_is_written(values, tmp_path):
    path = tmp_path / "t.parquet"
    numbers = pd.Series(values, dtype="Int64" if None in values else float)
    pd.DataFrame({"a": pd.concat([numbers] * 10, ignore_index=True), "y": ["u", "v"] * 20}).to_parquet(path)
    for mark in ("-999", "-999.0"):
        data = propose(FileSource(path=str(path)), reading=TableReading(missing=("", "n/a", mark)))
        frame = prepare(data).rows.frame
        np.testing.assert_array_equal(frame["a"][:4], [np.nan, values[1], np.nan, 3])
        number, target = data.columns
        as_categories = (number.model_copy(update={"type": "category", "impute": "own_category"}), target)
        frame = prepare(data.model_copy(update={"columns": as_categories})).rows.frame
        assert frame["a"][:4].tolist() == [None, str(values[1]), None, "3"]


def test_a_table_of_all_kinds_of_columns_goes_the_whole_way(tmp_path):
    path = tmp_path / "Häuser.csv"
    places = ["Köln", 'Bad; ""Ems""']
    rows = [
        f'{at};{at % 7},5;"{places[at % 2]}";0{at % 3};2024-01-{at % 28 + 1:02};{"yes" if at % 4 else "no"};{at % 5 or "?"};k{at % 2}'
        for at in range(60)
    ]
    path.write_text("id;größe;Straße;plz;am;neu;zahl;klasse\n" + "\n".join(rows), encoding="utf-8")
    data = propose(FileSource(path="Häuser.csv"), base=tmp_path, target="klasse")
    assert {column.name: (column.type, column.role) for column in data.columns} == {
        "id": ("identifier", "ignored"), "größe": ("number", "feature"), "Straße": ("category", "feature"),
        "plz": ("category", "feature"), "am": ("date", "feature"), "neu": ("boolean", "feature"),
        "zahl": ("number", "feature"), "klasse": ("category", "target"),
    }  # fmt: skip
    dataset = prepare(data, base=tmp_path)
    assert dataset.rows.frame["größe"][:3].tolist() == [0.5, 1.5, 2.5]
    assert dataset.rows.frame["Straße"][1] == 'Bad; "Ems"' and dataset.rows.frame["plz"][1] == "01"
    assert dataset.rows.frame["am"][0] == (datetime.date(2024, 1, 1) - datetime.date(1970, 1, 1)).days
    assert np.isnan(dataset.rows.frame["zahl"][0]) and dataset.rows.frame["zahl"][1] == 1
    assert dataset.facts.input_shape == (3 + 2 + 3 + 2,)  # numbers, Straße, plz, neu
    assert [(given.name, given.dtype) for given in dataset.facts.raw_inputs] == [
        ("größe", "float32"), ("Straße", "string"), ("plz", "string"), ("am", "float32"), ("neu", "string"), ("zahl", "float32"),
    ]  # fmt: skip


def test_the_same_file_is_read_once_and_a_changed_one_again(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_text("a,y\n" + "1,x\n2,w\n" * 20)
    data = propose(FileSource(path=str(path)))
    first = prepare(data)
    with monkeypatch.context() as patch:
        patch.setattr("builder.data.tables.delimited.open_table", None)  # a second reading would fail
        patch.setattr("builder.data.tables.importing.typed_column", None)
        again = prepare(data)
    pd.testing.assert_frame_equal(first.rows.frame, again.rows.frame)
    path.write_text("a,y\n" + "1,x\n3,w\n" * 20)
    assert prepare(data).rows.frame["a"].max() == 3


def test_a_decimal_comma_counts_only_if_it_cannot_part_thousands(tmp_path):
    def kind(*values: str) -> str:
        path = tmp_path / "table.csv"
        path.write_text("a;y\n" + "".join(f"{value};{'xw'[at % 2]}\n" for at, value in enumerate(values * 10)))
        return propose(FileSource(path=str(path)), target="y").columns[0].type

    assert kind("1,5", "2,25", "3") == "number"
    assert kind("0,125", "2,250") == "number"
    assert kind("1,250", "2,500") == "category"
    assert kind("1,250", "2.5") == "category"
    assert kind("1.250,75", "2.500,00") == "category"


def test_new_rows_may_have_decimal_commas_unless_commas_part_the_values(tmp_path):
    """A project trained on 1234.5 must not take a later "1,234" for 1.234."""

    def column(text: str):
        (tmp_path / "new.csv").write_text(text)
        table = read_table(tmp_path / "new.csv", "new.csv", TableReading(header=True))
        return typed_column(table.column("a"), Column(name="a", type="number"), ("",), table, is_new=False)

    assert column("a;b\n1,234;x\n2,500;y\n").tolist() == [1.234, 2.5]
    assert column('a,b\n"1,5",x\n"2,25",y\n').tolist() == [1.5, 2.25]
    with pytest.raises(
        DataError, match=r"new\.csv, line 2: in column 'a' the comma of '1,234' may part decimals or thousands"
    ):
        column('a,b\n"1,234",x\n"2,500",y\n')
