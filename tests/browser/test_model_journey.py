"""A table of one's own and a net designed for it, by mouse to the exported file and by keyboard alone."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from builder.runs.store import open_store
from tests.browser.canvas import Canvas
from tests.browser.journey import (
    download_onnx,
    expect_no_error,
    expect_undo,
    launch,
    model,
    open_page,
    upload,
    use_template,
    wait_for_end,
)
from tests.browser.keyboard import FOCUSED, open_outline, tab_to
from tests.imports.test_onnx_by_hand import made, node, weights
from tests.raw_onnx import run_onnx


@pytest.fixture
def pumps() -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({
        "load_kg": random.normal(500, 90, 240).round(1), "speed": random.normal(3, 1, 240).round(2),
        "site": random.choice(["north", "south"], 240),
    })  # fmt: skip
    frame["state"] = np.where(frame["load_kg"] / 100 + frame["speed"] > 8, "worn", "fine")
    return frame


@pytest.fixture
def own(page: Page, pumps: pd.DataFrame, tmp_path) -> Page:
    """The Data page of a project made from one's own table."""
    pumps.to_csv(tmp_path / "pumps.csv", index=False)
    upload(page, tmp_path / "pumps.csv")
    return page


def wires() -> dict[str, tuple[str, ...]]:
    found = model()
    return {layer.id: found.inputs_of(index) for index, layer in enumerate(found.nodes)}


def expect_ready(page: Page) -> None:
    expect(page.locator(".st-key-editor_head")).to_contain_text("Ready to train")


def test_a_net_of_ones_own_goes_the_whole_way_by_mouse(own, pumps, tmp_path):
    page, canvas = own, Canvas(own)
    expect(page.locator("body")).to_contain_text("240")
    open_page(page, "Model")
    add_layers(canvas)
    wire_a_skip_connection(canvas)
    plant_mistakes(canvas)
    page.locator(".st-key-fix_all button").click()
    expect_undo(page, "Fix all problems")
    expect_ready(page)
    group_and_repeat(canvas)
    shown = train(page)
    open_page(page, "Export")
    answers = run_onnx(download_onnx(page, tmp_path), [fed(pumps)], tmp_path)["answers"]["label"]
    run = page.url.partition("run=")[2]
    assert_equal_to_screen(run, answers, pumps, shown)
    expect_no_error(page)


def add_layers(canvas: Canvas) -> None:
    """By click behind the selection, and by drag onto a wire."""
    canvas.node("linear_1").click()
    canvas.expect_selected("linear_1")
    canvas.item("Linear").click()
    canvas.expect_selected("linear_3")
    canvas.tool("Show everything").click()
    middle = canvas.middle(canvas.node("dropout_1"))
    gap = canvas.node("dropout_1").bounding_box()["height"] * 0.7
    canvas.drag(canvas.middle(canvas.item("BatchNorm1d")), (middle[0], middle[1] - gap))
    canvas.expect_selected("batchnorm1d_1")
    assert wires()["batchnorm1d_1"] == ("linear_3",) and wires()["dropout_1"] == ("batchnorm1d_1",)


def wire_a_skip_connection(canvas: Canvas) -> None:
    canvas.node("dropout_1").click()
    canvas.expect_selected("dropout_1")
    canvas.item("Add").click()
    canvas.expect_selected("add_1")
    canvas.tool("Show everything").click()
    canvas.page.wait_for_timeout(500)  # it moves there
    start = canvas.middle(canvas.node("linear_1").locator(".react-flow__handle-bottom"))
    canvas.drag(start, canvas.middle(canvas.node("add_1").locator(".react-flow__handle-top")))
    expect_undo(canvas.page, "Connect linear_1 to add_1")
    assert "linear_1" in wires()["add_1"] and "dropout_1" in wires()["add_1"]
    expect_ready(canvas.page)


def plant_mistakes(canvas: Canvas) -> None:
    """Branches of unlike sizes, and no output layer."""
    canvas.node("linear_3").click()
    size = canvas.page.get_by_role("spinbutton", name="Output features")
    expect(canvas.page.locator(".inspector")).to_contain_text("linear_3")
    size.fill("24")
    size.press("Enter")
    expect(canvas.node("linear_3")).to_contain_text("24")
    expect(canvas.node("add_1").locator(".problem")).to_be_visible()
    canvas.node("linear_2").click()
    canvas.expect_selected("linear_2")
    canvas.tool("Delete").click()
    expect(canvas.node("linear_2")).to_have_count(0)
    expect(canvas.page.locator(".st-key-editor_head")).to_contain_text("2 problems")


def group_and_repeat(canvas: Canvas) -> None:
    """And back, and forth again."""
    page = canvas.page
    canvas.node("linear_3").click()
    page.keyboard.down("Control")
    canvas.node("batchnorm1d_1").click()
    page.keyboard.up("Control")
    expect(page.locator(".inspector")).to_contain_text("2 layers selected")
    canvas.tool("Group the selection").click()
    repeat = page.get_by_role("spinbutton", name="Repeat (times in a row)")
    repeat.fill("2")
    repeat.press("Enter")
    expect_undo(page, "Repeat group_1 2 times")
    page.get_by_role("button", name="Undo: Repeat group_1 2 times").click()
    expect_undo(page, "Group 2 layers")
    assert model().groups[0].repeat == 1
    page.get_by_role("button", name="Redo: Repeat group_1 2 times").click()
    expect_undo(page, "Repeat group_1 2 times")
    assert model().groups[0].repeat == 2
    expect_ready(page)


def train(page: Page) -> str:
    """The accuracy that the screen shows."""
    open_page(page, "Train")
    epochs = page.locator(".st-key-training_epochs input")
    epochs.fill("6")
    epochs.press("Enter")
    expect_undo(page, "Set epochs")
    launch(page)
    wait_for_end(page)
    open_page(page, "Evaluate")
    card = page.locator(".st-key-metric_cards").get_by_test_id("stMetric").filter(has_text="Accuracy")
    return card.get_by_test_id("stMetricValue").inner_text()


def fed(frame: pd.DataFrame) -> dict[str, list]:
    return {name: [[value] for value in frame[name].tolist()] for name in frame if name != "state"}


def assert_equal_to_screen(run: str, answers: list[str], frame: pd.DataFrame, shown: str) -> None:
    """`shown` is the accuracy on the rows that training never saw."""
    held_out = pd.read_parquet(open_store().get(run).folder / "predictions.parquet")["row"].tolist()
    assert 24 <= len(held_out) <= 60
    right = [answers[row] == frame["state"][row] for row in held_out]
    assert f"{np.mean(right):.4f}" == shown


def test_the_same_is_designed_by_keyboard_alone(own):
    page, press = own, own.keyboard.press
    tab_to(page, "Model")
    press("Enter")
    expect(page.locator(".react-flow__node").first).to_be_visible()
    open_outline(page)
    tab_to(page, "Linear linear_1")
    add_after(page, "Linear", "linear_3")
    add_after(page, "BatchNorm1d", "batchnorm1d_1")
    press("ArrowDown")
    add_after(page, "Add", "add_1")
    tab_to(page, "Takes", exact=True)
    page.keyboard.type("linear_1")
    press("Enter")
    expect_undo(page, "Connect linear_1 to add_1")
    expect_ready(page)
    plant_mistakes_by_keyboard(page)
    tab_to(page, "Fix all")
    press("Enter")
    expect_undo(page, "Fix all problems")
    expect_ready(page)
    group_and_repeat_by_keyboard(page)
    expect_no_error(page)


def add_after(page: Page, kind: str, new: str) -> None:
    """With the focus on a row of the outline; it goes to the new one."""
    page.keyboard.press("a")
    page.keyboard.type(kind)
    page.keyboard.press("Enter")
    expect(page.get_by_label(f"Actions for {new}")).to_be_visible()
    tab_to(page, f" {new}, ")


def select_row(page: Page, name: str) -> None:
    """Tab goes to the current row of the outline alone, arrows to the others."""
    tab_to(page, " parameters, ")
    page.keyboard.press("Home")
    while f" {name}, " not in page.evaluate(FOCUSED):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".inspector")).to_contain_text(name)


def plant_mistakes_by_keyboard(page: Page) -> None:
    select_row(page, "linear_3")
    tab_to(page, "Output features", exact=True)
    page.keyboard.press("Control+a")
    page.keyboard.type("24")
    page.keyboard.press("Enter")
    expect_undo(page, "Set output features of linear_3")
    select_row(page, "linear_2")
    page.keyboard.press("Delete")
    expect_undo(page, "Delete linear_2")
    expect(page.locator(".st-key-editor_head")).to_contain_text("2 problems")


def group_and_repeat_by_keyboard(page: Page) -> None:
    press = page.keyboard.press
    select_row(page, "linear_3")
    press("Shift+ArrowDown")
    expect(page.locator(".inspector")).to_contain_text("2 layers selected")
    press("Control+g")
    expect_undo(page, "Group 2 layers")
    tab_to(page, "Repeat (times in a row)", exact=True)
    press("ArrowUp")
    expect_undo(page, "Repeat group_1 2 times")
    press("Control+z")
    expect_undo(page, "Group 2 layers")
    press("Control+Shift+z")
    expect_undo(page, "Repeat group_1 2 times")
    assert model().groups[0].members == ("linear_3", "batchnorm1d_1")
    expect_ready(page)


def test_a_model_is_measured_peeked_into_suggested_and_imported(page, tmp_path):
    use_template(page, "iris")
    open_page(page, "Model")
    page.locator(".st-key-measure button").first.click()
    expect(page.locator(".st-key-totals")).to_contain_text("Time per epoch")
    page.get_by_role("tab", name="Peek").click()
    page.locator(".st-key-peek button").first.click()
    first = page.locator('.react-flow__node[data-id="linear_1"]')
    expect(first.locator(".peek")).to_be_visible()
    first.click()
    expect(page.locator(".st-key-peek_detail")).to_contain_text("of 32")  # dead units
    page.locator(".st-key-suggest_model button").first.click()
    for name in ("small", "balanced", "accurate"):
        expect(page.locator(f".st-key-card_{name}")).to_contain_text("multiply-adds")
    page.locator(".st-key-use_accurate button").first.click()
    expect_undo(page, "Take the accurate model")
    import_model(page, tmp_path / "net.onnx")
    expect(page.locator(".inspector")).to_contain_text(re.compile("[Ss]tarts from the imported weights"))
    assert [layer.layer.kind for layer in model().nodes] == ["Linear"]
    expect_no_error(page)


def import_model(page: Page, path: Path) -> None:
    path.write_bytes(made((4,), node("Gemm", "x w b"), w=weights(4, 3), b=weights(3)))
    page.locator(".st-key-import_model button").first.click()
    page.locator("[data-testid=stFileUploader] input[type=file]").last.set_input_files(path)
    page.locator(".st-key-use_import button").first.click()
    expect_undo(page, "Import net.onnx")
