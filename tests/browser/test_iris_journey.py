"""Iris, from landing to a file that onnxruntime runs on raw rows."""

import re

import pandas as pd
from playwright.sync_api import expect
from sklearn.datasets import load_iris

from tests.browser.journey import download_onnx, expect_no_error, launch, open_page, use_template, wait_for_end
from tests.raw_onnx import run_onnx


def test_iris_takes_five_clicks_to_a_proven_file(app, page, tmp_path):
    use_template(page, "iris")
    open_page(page, "Train")
    launch(page)
    wait_for_end(page)
    open_page(page, "Export")
    expect(page.locator(".st-key-certificate")).to_contain_text("22 of 22", timeout=60_000)
    path = download_onnx(page, tmp_path)  # the fifth click
    bunch = load_iris(as_frame=True)
    feed = {name: [[value] for value in bunch.data[name]] for name in bunch.data}
    result = run_onnx(path, [feed], tmp_path)
    assert [name for name, _, _ in result["inputs"]] == list(bunch.data)
    assert all((kind, shape) == ("tensor(float)", ["batch", 1]) for _, kind, shape in result["inputs"])
    predictions = pd.read_parquet(next(app.home.glob("runs/*/predictions.parquet")))
    given = [result["answers"]["label"][row] for row in predictions["row"]]
    assert given == predictions["predicted"].tolist()
    truth = [bunch.target_names[bunch.target[row]] for row in predictions["row"]]
    assert truth == predictions["true"].tolist()
    assert sum(a == b for a, b in zip(given, truth, strict=True)) >= 0.9 * len(truth)


def test_every_step_of_the_way_can_be_seen_changed_and_undone(app, page):
    use_template(page, "iris")
    expect(page.locator("body")).to_contain_text("150")
    open_page(page, "Model")
    expect(page.locator(".st-key-totals")).to_contain_text("739")
    page.locator(".inspector").get_by_role("button", name="Add a layer").click()
    page.get_by_role("option", name="Dropout", exact=True).click()
    undo = page.get_by_role("button", name=re.compile("Undo: Add Dropout"))
    expect(undo).to_be_visible()
    page.reload()
    undo.click()
    expect(page.get_by_role("button", name=re.compile("Redo: Add Dropout"))).to_be_visible()
    open_page(page, "Train")
    launch(page)
    wait_for_end(page)
    open_page(page, "Evaluate")
    expect(page.locator(".st-key-metric_cards")).to_contain_text("Accuracy")
    expect(page.locator(".st-key-try_one")).to_contain_text("Answered by the exported ONNX file", timeout=60_000)
    expect_no_error(page)
