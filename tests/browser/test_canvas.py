"""The canvas in Chromium: every journey by mouse and again by keyboard alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from builder.runs.projects import ProjectStore
from tests.browser.axe import violations
from tests.browser.canvas import Canvas
from tests.browser.journey import expect_no_error, expect_undo, open_page, use_template


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


def entry(canvas: Canvas, name: str) -> Locator:
    """Of the menu that asks what a wire does."""
    return canvas.page.get_by_role("menuitem", name=name, exact=True)


def expect_in_sight(canvas: Canvas, of: Locator) -> None:
    """Wholly within the canvas, as soon as the picture stands still."""
    for _ in range(50):
        pane, box = canvas.page.locator(".flow").bounding_box(), of.bounding_box()
        if box and all(
            pane[way] <= box[way] and box[way] + box[size] <= pane[way] + pane[size]
            for way, size in (("x", "width"), ("y", "height"))
        ):
            return
        canvas.page.wait_for_timeout(100)
    raise AssertionError((pane, box))


def push_away(canvas: Canvas, node_id: str) -> None:
    """Pulls the picture up until nothing of the node is seen."""
    pane = canvas.page.locator(".flow").bounding_box()
    for _ in range(6):
        if canvas.node(node_id).count() == 0:
            return
        start = (pane["x"] + 20, pane["y"] + pane["height"] - 20)
        canvas.drag(start, (start[0], start[1] - pane["height"] + 80))
    expect(canvas.node(node_id)).to_have_count(0)


def scale(place: str) -> str:
    return place.partition("scale")[2]


def add_after(canvas: Canvas, node_id: str, kind: str, new_id: str) -> None:
    canvas.node(node_id).locator(".kind").click()
    canvas.expect_selected(node_id)
    canvas.item(kind).click()
    canvas.expect_selected(new_id)


def test_a_model_is_edited_with_the_mouse(canvas):
    page = canvas.page
    canvas.node("conv2d_1").click()
    canvas.expect_selected("conv2d_1")
    expect(page.locator(".inspector")).to_contain_text("conv2d_1")
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
    entry(canvas, "Replace the input").click()
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
    expect(entry(canvas, "Replace the input")).to_be_focused()
    press("Enter")
    expect(page.locator('.react-flow__edge[data-id="dropout_2>conv2d_2>0"]')).to_be_attached()
    canvas.expect_focused("conv2d_2")
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


def test_a_wire_to_a_layer_that_has_its_input_asks_and_merges_both(canvas):
    page = canvas.page
    start = canvas.middle(canvas.node("conv2d_1").locator(".react-flow__handle-bottom"))
    canvas.drag(start, canvas.middle(canvas.node("conv2d_2").locator(".react-flow__handle-top")))
    expect(page.locator(".merge")).to_contain_text("conv2d_2 has an input already")
    expect_in_sight(canvas, page.locator(".merge"))
    expect(entry(canvas, "Replace the input")).to_be_focused()
    assert violations(page) == []
    entry(canvas, "Join both (Concat)").click()
    canvas.expect_selected("concat_1")
    canvas.expect_focused("concat_1")
    expect(page.locator(".merge")).to_have_count(0)
    expect_undo(page, "Concat conv2d_1 into conv2d_2")
    model = model_of_project()
    assert model.inputs_of(model.index("concat_1")) == ("maxpool2d_1", "conv2d_1")
    expect_wires(page, conv2d_2="concat_1")
    page.keyboard.press("Control+z")  # one step
    expect(canvas.node("concat_1")).to_have_count(0)
    expect_wires(page, conv2d_2="maxpool2d_1")
    expect_no_error(page)


def test_the_question_is_answered_by_keyboard_alone(canvas):
    page, press = canvas.page, canvas.page.keyboard.press

    def ask() -> None:
        canvas.node("conv2d_1").focus()
        press("c")
        press("ArrowDown")
        press("ArrowDown")
        canvas.expect_focused("conv2d_2")
        press("Enter")
        expect(entry(canvas, "Replace the input")).to_be_focused()

    ask()
    press("Escape")
    expect(page.locator(".merge")).to_have_count(0)
    canvas.expect_focused("conv2d_2")
    ask()
    press("ArrowUp")  # the last one
    expect(entry(canvas, "Cancel")).to_be_focused()
    press("Enter")
    canvas.expect_focused("conv2d_2")
    expect_wires(page, conv2d_2="maxpool2d_1")
    ask()
    press("Tab")
    expect(entry(canvas, "Add both (Add)")).to_be_focused()
    press("Enter")
    canvas.expect_selected("add_1")
    canvas.expect_focused("add_1")
    expect_wires(page, conv2d_2="add_1")
    expect_no_error(page)


def test_what_is_inserted_is_selected_and_brought_into_sight_and_no_further(canvas):
    page = canvas.page
    place = canvas.place()
    add_after(canvas, "conv2d_1", "Dropout", "dropout_2")
    assert canvas.place() == place, "it is seen already"
    push_away(canvas, "dropout_2")
    place = canvas.place()
    canvas.item("Tanh").click()
    canvas.expect_selected("tanh_1")
    expect_in_sight(canvas, canvas.node("tanh_1"))
    assert scale(canvas.place()) == scale(place)
    push_away(canvas, "tanh_1")
    canvas.item("ready:residual").click()
    expect(page.locator(".react-flow__node-layer.selected")).to_have_count(5)
    for node_id in model_of_project().groups[0].members:
        canvas.expect_selected(node_id)
        expect_in_sight(canvas, canvas.node(node_id))
    expect_in_sight(canvas, page.locator(".frame-head"))
    canvas.node("tanh_1").focus()
    page.keyboard.press("Enter")
    canvas.expect_selected("tanh_1")
    page.keyboard.press("Control+c")
    push_away(canvas, "tanh_1")
    page.keyboard.press("Control+v")
    canvas.expect_selected("tanh_2")
    expect_in_sight(canvas, canvas.node("tanh_2"))
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
    canvas.drag((x, y - 20), (x + 120, y - 180))  # not under the overview
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


def test_what_is_done_just_before_the_page_is_left_is_done(canvas):
    page = canvas.page
    canvas.node("maxpool2d_1").focus()
    page.keyboard.press("Enter")
    canvas.expect_selected("maxpool2d_1")
    page.keyboard.press("Delete")
    page.get_by_role("link", name="Train").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    page.get_by_role("link", name="Model").click()
    expect(canvas.node("conv2d_1")).to_be_visible()
    expect(canvas.node("maxpool2d_1")).to_have_count(0)


@pytest.mark.parametrize(
    "wait_ms", [130, 170, 210, 250]
)  # the rest of the page follows a quarter of a second after an edit
def test_a_page_that_is_gone_to_right_after_an_edit_is_shown(canvas, wait_ms):
    page = canvas.page
    canvas.node("conv2d_1").focus()
    page.keyboard.press("Enter")
    canvas.expect_selected("conv2d_1")
    page.keyboard.press("Control+d")
    expect_undo(page, "Duplicate conv2d_1")
    page.wait_for_timeout(wait_ms)
    page.get_by_role("link", name="Train").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()


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
