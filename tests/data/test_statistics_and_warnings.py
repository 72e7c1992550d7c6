"""Figures equal pandas'; each warning has its cause, and sound tables give no alarm."""

import numpy as np
import pandas as pd
import pytest

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.tables.leaks import _by_value
from builder.spec.data import Column, TableData, TableReading
from builder.spec.sources import FileSource, SampleSource


@pytest.fixture
def prepared(tmp_path):
    def prepare_columns(columns: dict, target: str = "y", types: dict[str, str] | None = None):
        frame = pd.DataFrame(columns)
        frame.to_csv(tmp_path / "t.csv", index=False)
        data = propose(FileSource(path="t.csv"), base=tmp_path, target=target)
        for name, kind in (types or {}).items():
            impute = "median" if kind == "number" else "most_frequent"
            changed = tuple(
                Column(name=name, type=kind, impute=impute) if old.name == name else old for old in data.columns
            )
            data = TableData.model_validate({**dict(data), "columns": changed})
        return prepare(data, base=tmp_path)

    return prepare_columns


def sentences(dataset, column=None) -> str:
    return " ".join(warning.message for warning in dataset.warnings() if column is None or warning.column == column)


RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=200)
CLASSES = np.array(["u", "v"])[RNG.integers(0, 2, 200)]


def test_figures_of_a_column_are_those_of_pandas(prepared):
    values = pd.Series(NOISE).where(NOISE < 1)
    profile = prepared({"x": values, "c": ["a", "b", "b", "c"] * 50, "y": CLASSES}).profile()
    column, described = profile.of("x"), values.describe()
    assert (column.count, column.missing, column.distinct) == (values.count(), values.isna().sum(), values.nunique())
    numbers = column.numbers
    got = (numbers.mean, numbers.std, numbers.min, numbers.q25, numbers.median, numbers.q75, numbers.max)
    expected = (described["mean"], values.std(ddof=0), *described[["min", "25%", "50%", "75%", "max"]])
    assert got == pytest.approx(expected)
    assert sum(numbers.counts) == column.count and len(numbers.edges) == len(numbers.counts) + 1
    assert profile.of("c").top == (("b", 100), ("a", 50), ("c", 50)) and profile.of("c").distinct == 3
    assert profile.rows == 200 and len(profile.preview) == 100


@pytest.mark.parametrize(
    "values",
    [NOISE, NOISE * 1e-30, NOISE.round(1), RNG.integers(-50, 400, 200) / 7, NOISE[:150].tolist() + [np.nan] * 50],
)
def test_quartiles_and_bins_are_those_of_numpy_to_the_last_bit(values, prepared):
    known = np.asarray(values)[~np.isnan(values)]
    numbers = prepared({"x": values, "y": CLASSES}).profile().of("x").numbers
    assert (numbers.q25, numbers.median, numbers.q75) == tuple(np.quantile(known, (0.25, 0.5, 0.75)))
    counts, edges = np.histogram(known, bins=30)
    assert numbers.counts == tuple(counts) and numbers.edges == tuple(edges)


def test_few_whole_numbers_get_a_bin_each(prepared):
    numbers = prepared({"x": [0, 1, 1, 3] * 50, "y": CLASSES}).profile().of("x").numbers
    assert numbers.counts == (50, 100, 0, 50) and numbers.edges == (-0.5, 0.5, 1.5, 2.5, 3.5)


def test_class_balance_counts_each_part(prepared):
    dataset = prepared({"x": NOISE, "y": ["u"] * 140 + ["v"] * 60})
    assert dataset.profile().class_balance == {"u": (98, 21, 21), "v": (42, 9, 9)}


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer", "diabetes"])
def test_well_known_tables_give_no_alarm_about_any_column(name):
    assert [warning for warning in prepare(propose(SampleSource(name=name))).warnings() if warning.column] == []


def test_the_repeated_row_of_iris_is_told():
    assert "1 of 150 rows repeat" in sentences(prepare(propose(SampleSource(name="iris"))))


@pytest.mark.parametrize(
    "leak",
    [
        CLASSES, np.where(CLASSES == "u", 1.5, 3.0), np.where(CLASSES == "u", 1, 5) + NOISE / 50,
        np.where(CLASSES == "u", "no", "yes"),
    ],
)  # fmt: skip
def test_a_feature_that_gives_the_class_away_is_told(prepared, leak):
    dataset = prepared({"x": NOISE, "leak": leak, "y": CLASSES})
    assert "'leak' alone gives 'y' away" in sentences(dataset, "leak") and sentences(dataset, "x") == ""


@pytest.mark.parametrize("leak", [NOISE * 3 + 1, np.exp(NOISE), -NOISE])
def test_a_feature_that_gives_the_number_away_is_told(prepared, leak):
    dataset = prepared({"x": RNG.permutation(NOISE), "leak": leak, "y": NOISE})
    assert "'leak' alone gives 'y' away" in sentences(dataset, "leak") and sentences(dataset, "x") == ""


def test_a_good_feature_is_no_leak(prepared):
    assert sentences(prepared({"x": np.where(CLASSES == "u", 0, 2) + NOISE, "y": CLASSES}), "x") == ""
    assert sentences(prepared({"x": NOISE + RNG.normal(size=200) / 5, "y": NOISE}), "x") == ""
    assert sentences(prepared({"x": [f"k{at // 2}" for at in range(200)], "z": NOISE, "y": CLASSES}), "x") == ""


def test_rows_without_a_target_are_left_out_and_counted(prepared):
    dataset = prepared({"x": NOISE, "y": ["u", "v", None, "u"] * 50})
    assert "50 of 200 rows have no 'y' and are left out" in sentences(dataset, "y")
    assert sum(dataset.split.row_counts) == 150


@pytest.mark.parametrize(
    "values, kind, message",
    [
        ([7] * 200, "number", "one value only"),
        ([None] * 200, "category", "no value"),
        (range(1, 201), "number", "looks like an identifier"),
        ([f"user-{at}" for at in range(200)], "category", "looks like an identifier"),
        ([1.5, None, None, None, 2.5] * 40, "number", "missing in 60% of the rows"),
        (1e9 + NOISE, "number", "varies too little for its size"),
    ],
)  # fmt: skip
def test_a_feature_that_misleads_is_told_with_a_way_out(prepared, values, kind, message):
    dataset = prepared({"x": values, "z": RNG.permutation(NOISE), "y": CLASSES}, types={"x": kind})
    assert message in sentences(dataset, "x") and sentences(dataset, "z") == ""
    assert "gives 'y' away" not in sentences(dataset, "x")


def test_names_that_differ_only_by_case_or_spaces_are_told(prepared):
    dataset = prepared({"x": NOISE, "c": ["red", "Red", "blue", "blue "] * 50, "y": ["Yes", "no", "yes", "NO"] * 50})
    assert dataset.preprocessing.classes == ("NO", "Yes", "no", "yes")
    assert "Some classes of 'y' differ only by case or spaces: 'NO' and 'no', 'Yes' and 'yes'. Write" in sentences(
        dataset, "y"
    )
    assert "Some categories of 'c' differ only by case or spaces: 'Red' and 'red', 'blue' and 'blue '" in sentences(
        dataset, "c"
    )
    assert "differ only" not in sentences(prepared({"x": NOISE, "c": ["red", "blue"] * 100, "y": CLASSES}))


def test_tiny_classes_are_told(prepared):
    dataset = prepared({"x": NOISE, "y": ["u"] * 100 + ["v"] * 96 + ["w"] * 3 + ["z"]})
    assert "fewer than 10 rows: 'w' (3), 'z' (1)" in sentences(dataset, "y")


@pytest.mark.parametrize(
    "values",
    [[f"{at},{at % 10}00" for at in range(20, 220)], [f"{at},000,000" if at % 3 else str(at) for at in range(200)]],
)
def test_numbers_whose_commas_may_part_thousands_are_told_with_the_way_to_write_them(prepared, values):
    dataset = prepared({"x": values, "z": NOISE, "y": CLASSES})
    assert dataset.data.columns[0].role == "ignored"
    assert "holds numbers, but here stands '" in sentences(dataset, "x")
    assert sentences(dataset, "x").endswith("so it is left out. Write numbers with a decimal point and no other mark.")


def test_infinite_numbers_of_a_parquet_file_are_told_and_may_be_marked_as_missing(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"x": [np.inf, -np.inf, *NOISE[2:]], "z": NOISE, "y": CLASSES}).to_parquet(path)
    data = propose(FileSource(path=str(path)), target="y")
    assert data.columns[0].role == "ignored"
    assert "t.parquet, row 1: column 'x' holds numbers, but here stands 'inf', so it is left out." in sentences(prepare(data), "x")  # fmt: skip
    data = propose(FileSource(path=str(path)), target="y", reading=TableReading(missing=("", "inf", "-inf")))
    assert data.columns[0].role == "feature"
    np.testing.assert_array_equal(prepare(data).rows.frame["x"], [np.nan, np.nan, *NOISE[2:]])


def test_labels_lie_by_value_and_are_sorted_where_values_are_equal():
    values, labels = RNG.integers(0, 40, 200) / 7, RNG.integers(0, 5, 200)
    np.testing.assert_array_equal(_by_value(values, labels), labels[np.lexsort((labels, values))])
