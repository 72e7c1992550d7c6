"""What is learnt from the training rows, against scikit-learn."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from builder.data.dataset import prepare
from builder.data.preprocessing import TablePreprocessing, fit_table, sort_classes
from builder.data.tables.further import read_parts
from builder.data.tables.importing import open_rows
from builder.errors import DataError
from builder.nn.fitting import build_input
from builder.spec.data import Column, TableData
from builder.spec.sources import FileSource


def column(name, kind, impute, **more):
    return Column(name=name, type=kind, impute=impute, **more)


def table(*features, target="number", task="regression", **more) -> TableData:
    aim = Column(name="y", type=target, role="target", impute="median" if target == "number" else "most_frequent")
    return TableData(source=FileSource(path="t.csv"), columns=(*features, aim), task=task, **more)


def first_layer_inputs(fitted: TablePreprocessing, frame: pd.DataFrame) -> np.ndarray:
    numbers, ids = fitted.encode(frame)
    return build_input(fitted)(torch.from_numpy(numbers), torch.from_numpy(ids)).numpy()


def read_rows(path, data: TableData) -> pd.DataFrame:
    with open_rows(path, data) as table:
        wanted = [column for column in data.columns if column.name in table.names]
        return pd.concat([part.frame for part in read_parts(table, wanted, data.reading.missing)])


def texts(*values):
    return pd.Series(list(values), dtype=object)


FRAME = pd.DataFrame({
    "a": [1.0, np.nan, 4.0, 10.0, 3.0, 1000.0], "b": [5.0, 6.0, np.nan, 9.0, 9.5, -1000.0],
    "c": texts("x", "y", None, "y", "z", "new"), "d": texts("lo", "hi", "hi", None, "lo", "new"),
    "y": [1.0, 2.0, 3.0, 4.0, 5.0, 99.0],
})  # fmt: skip
TRAIN = np.arange(5)  # the last row is an outlier, and no part of training


@pytest.mark.parametrize("impute, strategy", [("median", "median"), ("mean", "mean"), ("zero", "constant")])
@pytest.mark.parametrize(
    "scale, scaler", [("standard", StandardScaler()), ("minmax", MinMaxScaler()), ("none", "passthrough")]
)
def test_numbers_and_one_hot_categories_equal_scikit_learn(impute, strategy, scale, scaler):
    data = table(
        column("a", "number", impute, scale=scale), column("b", "number", impute, scale=scale),
        column("c", "category", "most_frequent"), column("d", "category", "own_category"),
    )  # fmt: skip
    fitted = fit_table(data, FRAME, TRAIN)
    numbers = make_pipeline(
        SimpleImputer(strategy=strategy, fill_value=0.0 if strategy == "constant" else None), scaler
    )
    frequent = make_pipeline(
        SimpleImputer(strategy="most_frequent", missing_values=None), OneHotEncoder(handle_unknown="ignore")
    )
    own = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="~", missing_values=None), OneHotEncoder(handle_unknown="ignore")
    )
    peer = ColumnTransformer(
        [("n", numbers, ["a", "b"]), ("c", frequent, ["c"]), ("d", own, ["d"])], sparse_threshold=0
    )
    expected = peer.fit(FRAME.iloc[TRAIN]).transform(FRAME)
    assert fitted.width == expected.shape[1] == 2 + 3 + 3
    np.testing.assert_allclose(first_layer_inputs(fitted, FRAME), expected, rtol=1e-6, atol=1e-6)


def test_encode_gives_raw_numbers_and_ids_and_raw_inputs_what_a_user_has():
    data = table(column("c", "category", "most_frequent"), column("a", "number", "mean"))
    fitted = fit_table(data, FRAME, TRAIN)
    numbers, ids = fitted.encode(FRAME)
    np.testing.assert_array_equal(numbers[:, 0], FRAME["a"].to_numpy(np.float32))
    assert numbers.dtype == np.float32 and ids.dtype == np.int64
    assert ids[:, 0].tolist() == [2, 3, 1, 3, 4, 0]
    raw = fitted.raw_inputs(FRAME)
    assert raw["c"][:, 0].tolist() == ["x", "y", "", "y", "z", "new"] and raw["c"].shape == (6, 1)
    assert raw["a"].dtype == np.float32 and np.isnan(raw["a"][1, 0])


def test_ordinal_codes_run_from_zero_to_one_in_the_given_order():
    data = table(column("d", "category", "most_frequent", encoding="ordinal", order=("lo", "mid", "hi")))
    (fitted,) = fit_table(data, FRAME, TRAIN).categories
    assert fitted.categories == ("lo", "mid", "hi")
    # "hi" and "lo" stand there twice each; the first in the alphabet is taken as the usual one
    assert fitted.table == ((1.0,), (1.0,), (0.0,), (0.5,), (1.0,))
    data = table(column("d", "category", "own_category", encoding="ordinal"))
    (fitted,) = fit_table(data, FRAME, TRAIN).categories
    assert fitted.categories == ("hi", "lo") and fitted.table == ((0.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1.0, 0.0))


def test_a_missing_mark_in_the_order_is_no_category():
    data = table(column("d", "category", "most_frequent", encoding="ordinal", order=("lo", "NA", "", "hi", "lo")))
    (fitted,) = fit_table(data, FRAME, TRAIN).categories
    assert fitted.categories == ("lo", "hi") and fitted.table == ((1.0,), (1.0,), (0.0,), (1.0,))


def test_a_category_without_any_value_in_training_still_has_a_place():
    frame = pd.DataFrame({"c": texts(None, None, "x"), "y": [1.0, 2.0, 3.0]})
    fitted = fit_table(table(column("c", "category", "most_frequent")), frame, np.array([0, 1]))
    np.testing.assert_array_equal(first_layer_inputs(fitted, frame), [[1.0], [1.0], [0.0]])


def test_a_constant_or_empty_number_becomes_zero_and_stays_finite():
    frame = pd.DataFrame({"a": [5.1, 5.1, 5.1], "b": [np.nan] * 3, "y": [1.0, 2.0, 3.0]})
    fitted = fit_table(table(column("a", "number", "median"), column("b", "number", "mean")), frame, np.arange(3))
    np.testing.assert_array_equal(first_layer_inputs(fitted, frame), np.zeros((3, 2)))


def test_a_number_target_is_standardised_by_its_training_rows():
    fitted = fit_table(table(column("a", "number", "median")), FRAME, TRAIN)
    assert fitted.target_shift == 3.0 and fitted.target_scale == pytest.approx(2**0.5)
    np.testing.assert_array_equal(fitted.targets(FRAME), FRAME["y"])


def test_classes_are_sorted_by_number_and_missing_or_unknown_ones_have_none():
    frame = FRAME.assign(y=texts("10", "9", "10", "1", None, "9"))
    fitted = fit_table(table(column("a", "number", "median"), target="category", task="classification"), frame, TRAIN)
    assert fitted.classes == ("1", "9", "10")
    assert fitted.targets(frame).tolist() == [2, 1, 2, 0, -1, 1]
    assert fitted.targets(frame.assign(y=texts("7", *"999999"[:5]))).tolist() == [-1, 1, 1, 1, 1, 1]


def test_a_number_target_can_be_read_as_classes():
    frame = FRAME.assign(y=[1.0, 2.0, 1.0, 2.5, np.nan, 2.0])
    fitted = fit_table(table(column("a", "number", "median"), task="classification"), frame, TRAIN)
    assert fitted.classes == ("1", "2", "2.5") and fitted.targets(frame).tolist() == [0, 1, 0, 2, -1, 1]


def test_the_positive_class_is_last_and_must_be_there():
    assert sort_classes(["malignant", "benign", None], None, "y") == ("benign", "malignant")
    assert sort_classes(["malignant", "benign", None], "benign", "y") == ("malignant", "benign")
    with pytest.raises(DataError, match=r"'good' is no value of 'y'. Choose one of: benign, malignant"):
        sort_classes(["malignant", "benign"], "good", "y")


def test_what_was_fitted_survives_json():
    data = table(column("a", "number", "median"), column("c", "category", "own_category"))
    fitted = fit_table(data, FRAME, TRAIN)
    assert TablePreprocessing.model_validate(json.loads(fitted.model_dump_json())) == fitted


def test_further_rows_are_typed_alike_may_lack_the_target_and_are_not_kept(tmp_path, strata_home):
    path = tmp_path / "further.csv"
    path.write_text('extra,c,a\n1,x,"1,25"\n2,?,3\n')
    data = table(column("a", "number", "median"), column("c", "category", "most_frequent"))
    rows = read_rows(path, data)
    assert rows["a"].tolist() == [1.25, 3.0] and rows["c"].tolist() == ["x", None] and "y" not in rows
    assert list((strata_home / "datasets").iterdir()) == []
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"further.csv has no column 'c'. Add it"):
        read_rows(path, data)


def test_further_rows_may_have_a_single_column_or_no_header_like_the_first_file(tmp_path):
    path = tmp_path / "further.csv"
    path.write_text("a\n1\n2\n")
    assert read_rows(path, table(column("a", "number", "median")))["a"].tolist() == [1.0, 2.0]
    path.write_text("1,5\n2,6\n")
    unnamed = table(column("column_1", "number", "median"), column("column_2", "category", "most_frequent"))
    assert read_rows(path, unnamed)["column_2"].tolist() == ["5", "6"]
    path.write_text("c\nx\n")
    assert read_rows(path, table(column("c", "category", "most_frequent")))["c"].tolist() == ["x"]


def test_facts_count_only_rows_that_have_a_target(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,c,y\n" + "".join(f"{at},{'uv'[at % 2]},{['no', 'yes', ''][at % 3]}\n" for at in range(90)))
    data = table(
        column("a", "number", "median"),
        column("c", "category", "most_frequent"),
        target="category",
        task="classification",
        positive="no",
    )
    facts = prepare(data, base=tmp_path).facts
    assert facts.task == "binary" and facts.classes == ("yes", "no") and facts.class_counts == (21, 21)
    assert facts.row_counts == (42, 9, 9) and facts.input_shape == (3,) and facts.target == "y"


def test_numbers_and_a_nan_among_classes_stand_by_letter_in_every_process():
    """By number the NaN would stand wherever the set happened to give it."""
    names = ["10", "NAN", "9", "2"]
    assert sort_classes(names, None, "y") == sort_classes(names[::-1], None, "y") == ("10", "2", "9", "NAN")


def test_a_target_that_float32_cannot_tell_apart_is_refused():
    frame = FRAME.assign(y=FRAME["y"] * 1e-42)
    with pytest.raises(DataError, match="smaller unit"):
        fit_table(table(column("a", "number", "median")), frame, TRAIN)


def test_a_column_too_small_for_float32_counts_as_constant():
    frame = FRAME.assign(a=FRAME["a"] * 1e-42)
    assert fit_table(table(column("a", "number", "median")), frame, TRAIN).numbers[0].scale == 1.0
