"""The canvas in Chromium: every journey by mouse and again by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from builder.runs.projects import ProjectStore
from tests.browser.canvas import Canvas
from tests.browser.journey import expect_no_error, open_page, use_template


@pytest.fixture
def canvas(page) -> Canvas:
    """The Model page of a project made from the convolutional template."""
    use_template(page, "digits-cnn")
    open_page(page, "Model")
    expect(page.locator('.react-flow__node[data-id="conv2d_1"]')).to_be_visible(timeout=60_000)
    return Canvas(page)


def model_of_project():
    store = ProjectStore()
    return store.load(store.list()[0].id).present.model


def expect_wires(page: Page, **wanted: str) -> None:
    """What each of these nodes takes, as soon as the project says so on disk."""
    for _ in range(100):
        model = model_of_project()
        wires = {node.id: model.inputs_of(index) for index, node in enumerate(model.nodes)}
        if all(wires.get(target) == (source,) for target, source in wanted.items()):
            return
        page.wait_for_timeout(100)
    raise AssertionError(wires)


def add_after(canvas: Canvas, node_id: str, kind: str, new_id: str) -> None:
    canvas.node(node_id).locator(".kind").click()
    canvas.expect_selected(node_id)
    canvas.item(kind).click()
    canvas.expect_selected(new_id)


def test_a_model_is_edited_with_the_mouse(canvas):
    page = canvas.page
    canvas.node("conv2d_1").click()
    canvas.expect_selected("conv2d_1")
    expect(page.locator(".st-key-inspector")).to_contain_text("conv2d_1")
    place = canvas.place()
    canvas.item("Dropout").click()  # a click inserts after the selection
    canvas.expect_selected("dropout_2")
    expect_wires(page, dropout_2="conv2d_1", maxpool2d_1="dropout_2")
    x, y = canvas.middle(canvas.node("maxpool2d_1"))
    gap = canvas.node("maxpool2d_1").bounding_box()["height"] * 0.7
    canvas.drag(canvas.middle(canvas.item("BatchNorm2d")), (x, y - gap))  # dropped on a wire
    canvas.expect_selected("batchnorm2d_1")
    expect_wires(page, batchnorm2d_1="dropout_2", maxpool2d_1="batchnorm2d_1")
    assert canvas.place() == place, "pan and zoom stay"
    start = canvas.middle(canvas.node("conv2d_1").locator(".react-flow__handle-bottom"))
    canvas.drag(start, canvas.middle(canvas.node("batchnorm2d_1").locator(".react-flow__handle-top")))  # a wire
    expect(canvas.page.locator('.react-flow__edge[data-id="conv2d_1>batchnorm2d_1>0"]')).to_be_attached()
    expect_wires(page, batchnorm2d_1="conv2d_1")
    canvas.node("dropout_2").click()
    canvas.tool("Delete").click()
    expect(canvas.node("dropout_2")).to_have_count(0)
    expect_no_error(page)


def test_the_same_is_done_by_keyboard_alone(canvas):
    page, press = canvas.page, canvas.page.keyboard.press
    canvas.node("input").focus()
    press("ArrowDown")
    canvas.expect_focused("conv2d_1")
    press("Enter")
    canvas.expect_selected("conv2d_1")
    press("/")
    page.keyboard.type("dropout")
    press("Enter")
    canvas.expect_selected("dropout_2")
    canvas.node("dropout_2").focus()
    press("c")
    expect(page.locator(".canvas [role=status]")).to_contain_text("Connecting from dropout_2")
    press("ArrowDown")
    press("ArrowDown")
    canvas.expect_focused("conv2d_2")
    press("Enter")
    expect(page.locator('.react-flow__edge[data-id="dropout_2>conv2d_2>0"]')).to_be_attached()
    press("Control+z")
    expect(page.locator('.react-flow__edge[data-id="maxpool2d_1>conv2d_2>0"]')).to_be_attached()
    canvas.node("dropout_2").focus()
    press("Enter")
    press("Control+d")
    canvas.expect_selected("dropout_3")
    canvas.expect_focused("dropout_3")
    press("Control+x")
    expect(canvas.node("dropout_3")).to_have_count(0)
    canvas.expect_focused("dropout_2")
    press("Control+v")
    canvas.expect_selected("dropout_3")
    press("Delete")
    canvas.expect_focused("dropout_2")
    expect_wires(page, maxpool2d_1="dropout_2")  # what stood around it is joined
    press("F2")
    page.keyboard.type("noise")
    press("Enter")
    canvas.expect_focused("noise")
    expect_no_error(page)


def test_groups_fold_and_repeat_and_places_are_kept(canvas):
    page, press = canvas.page, canvas.page.keyboard.press
    canvas.node("conv2d_2").focus()
    press("Enter")
    press("Control+d")
    canvas.expect_focused("conv2d_3")
    press("Control+g")
    page.locator(".canvas").get_by_role("button", name="Repeat Group, now 1 times").click()
    page.keyboard.type("3")
    press("Enter")
    expect(page.locator(".canvas").get_by_role("button", name="Repeat Group, now 3 times")).to_be_visible()
    page.locator(".canvas").get_by_role("button", name="Fold Group").click()
    expect(canvas.node("@group_1")).to_contain_text("×3")
    x, y = canvas.middle(canvas.node("@group_1"))
    canvas.drag((x, y - 20), (x + 120, y))
    page.locator(".canvas").get_by_role("button", name="Unfold Group").click()
    expect(canvas.node("conv2d_3")).to_be_visible()
    node = model_of_project().nodes[model_of_project().index("conv2d_3")]
    assert node.position is not None and node.position[0] > 50
    canvas.tool("Arrange automatically").click()
    page.wait_for_timeout(500)
    assert all(node.position is None for node in model_of_project().nodes)
    expect_no_error(page)


def test_a_reload_and_another_tab_lose_no_edit(canvas, chromium):
    page = canvas.page
    add_after(canvas, "conv2d_1", "Dropout", "dropout_2")
    page.reload()  # numbers of operations start again
    expect(canvas.node("dropout_2")).to_be_visible(timeout=60_000)
    add_after(canvas, "dropout_2", "ReLU", "relu_1")
    with chromium.new_context(viewport={"width": 1400, "height": 900}) as context:
        other = Canvas(context.new_page())
        other.page.goto(page.url)
        expect(other.node("relu_1")).to_be_visible(timeout=60_000)
        add_after(other, "relu_1", "BatchNorm2d", "batchnorm2d_1")
        expect_wires(other.page, batchnorm2d_1="relu_1")
        add_after(canvas, "conv2d_1", "Tanh", "tanh_1")
        expect(
            page.get_by_test_id("stToast").filter(has_text="This project was changed elsewhere").first
        ).to_be_visible()
        canvas.tool("Show everything").click()
        expect(canvas.node("batchnorm2d_1")).to_be_visible()
        expect_wires(page, tanh_1="conv2d_1", dropout_2="tanh_1", relu_1="dropout_2", batchnorm2d_1="relu_1")


def test_names_with_markup_are_shown_as_they_are(canvas):
    page = canvas.page
    canvas.node("conv2d_1").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+g")
    page.locator(".frame-head b").dblclick()
    page.keyboard.type("<img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")
    expect(page.locator(".frame-head b")).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".frame-head img")).to_have_count(0)


def test_the_picture_holds_every_layer(canvas, tmp_path):
    for kind in ("SVG", "PNG"):
        with canvas.page.expect_download() as caught:
            canvas.tool(f"Save as {kind}").click()
        caught.value.save_as(tmp_path / kind)
    drawn = (tmp_path / "SVG").read_text(encoding="utf-8")
    assert all(node.id in drawn for node in model_of_project().nodes)
    assert drawn.count("marker-end") == len(model_of_project().nodes) + 1
    assert (tmp_path / "PNG").read_bytes().startswith(b"\x89PNG")


def test_the_wheel_scrolls_the_page_until_the_canvas_is_clicked(canvas):
    place = canvas.place()
    canvas.page.mouse.move(*canvas.middle(canvas.node("maxpool2d_1")))
    canvas.page.mouse.wheel(0, 120)
    canvas.page.wait_for_timeout(300)
    assert canvas.place() == place
    canvas.node("conv2d_1").click()
    canvas.page.mouse.wheel(0, 120)
    canvas.page.wait_for_timeout(300)
    assert canvas.place() != place
