"""The figures of a reconstruction are scikit-learn's, and its baseline is PCA without a component."""

import numpy as np
import pytest
import torch
from sklearn import metrics as sk

from builder.evaluation.baseline import mean_baseline
from builder.evaluation.reconstruction import LONGEST_MAP_SIDE, MOST_ERRORS
from builder.evaluation.report import Answers, evaluate, metric_values
from builder.spec.facts import RawInput
from tests.projects import facts_of


def report_of(given: torch.Tensor, inputs: torch.Tensor, mean: torch.Tensor | None = None) -> dict:
    shape = tuple(inputs.shape[1:])
    names = tuple(RawInput(name=f"c{at}", dtype="float32") for at in range(shape[0]))
    facts = facts_of(shape, "reconstruction").model_copy(update={"raw_inputs": names})
    baseline = mean_baseline(inputs.mean(0, keepdim=True) if mean is None else mean)
    return evaluate(facts, Answers(given, inputs), baseline)


@pytest.fixture
def rows() -> tuple[torch.Tensor, torch.Tensor]:
    inputs = torch.randn(60, 5) * torch.tensor([1.0, 2.0, 0.5, 1.0, 3.0])
    return inputs + torch.randn(60, 5) / 3, inputs


def test_the_metrics_are_over_every_value_of_every_row(rows):
    given, inputs = rows
    squared = sk.mean_squared_error(inputs, given)
    report = report_of(given, inputs)
    assert metric_values(report) == pytest.approx({
        "MeanSquaredError": squared, "RMSE": squared**0.5, "MAE": sk.mean_absolute_error(inputs, given),
        "R2": sk.r2_score(inputs, given, multioutput="variance_weighted"),
    }, rel=1e-5)  # fmt: skip
    assert report["rows"] == 60 and report["classes"] == []


def test_the_mean_explains_nothing(rows):
    baseline = {metric["kind"]: metric["baseline"] for metric in report_of(*rows)["metrics"]}
    assert baseline["R2"] == pytest.approx(0, abs=1e-6)
    assert baseline["MeanSquaredError"] == pytest.approx(rows[1].var(0, correction=0).mean().item(), rel=1e-5)


def test_each_row_and_each_column_has_its_error(rows):
    given, inputs = rows
    figures = report_of(given, inputs)["reconstruction"]
    by_row = sk.mean_squared_error(inputs.T, given.T, multioutput="raw_values")
    assert figures["errors"] == pytest.approx(sorted(by_row), rel=1e-5)
    assert figures["mean_error"] == pytest.approx(by_row.mean(), rel=1e-5)
    by_column = sk.root_mean_squared_error(inputs, given, multioutput="raw_values")
    assert [column["rmse"] for column in figures["columns"]] == pytest.approx(by_column, rel=1e-5)
    assert [column["baseline"] for column in figures["columns"]] == pytest.approx(inputs.std(0, correction=0), rel=1e-5)
    assert [column["name"] for column in figures["columns"]] == ["c0", "c1", "c2", "c3", "c4"] and figures[
        "map"
    ] is None


def test_images_have_a_map_of_their_misses():
    inputs = torch.rand(7, 3, 4, 6)
    given = inputs.clone()
    given[:, 1, 2, 5] += 3  # in one channel of three
    figures = report_of(given, inputs)["reconstruction"]
    expected = np.zeros((4, 6))
    expected[2, 5] = 3**0.5
    np.testing.assert_allclose(figures["map"], expected, atol=1e-6)
    assert figures["columns"] == []


def test_much_is_thinned():
    figures = report_of(torch.zeros(5000, 1, 80, 8), torch.rand(5000, 1, 80, 8))["reconstruction"]
    assert len(figures["errors"]) == MOST_ERRORS and figures["errors"] == sorted(figures["errors"])
    assert (len(figures["map"]), len(figures["map"][0])) == (LONGEST_MAP_SIDE, 8)


def test_a_single_test_row_is_no_fault():
    report = report_of(torch.ones(1, 4), torch.zeros(1, 4))
    assert metric_values(report)["R2"] is None and metric_values(report)["MAE"] == 1
