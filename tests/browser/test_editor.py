"""The Model page around the canvas: by keyboard alone, on a phone, and with two people at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import expect_no_error, expect_undo, model, open_page, use_template
from tests.browser.keyboard import open_outline, tab_to


@pytest.fixture
def editor(page) -> Page:
    """The Model page of the iris template: three linear layers."""
    use_template(page, "iris")
    open_page(page, "Model")
    expect(page.locator('.react-flow__node[data-id="linear_1"]')).to_be_visible()
    return page


def test_a_model_is_edited_in_the_outline_by_keyboard_alone(editor):
    page, press = editor, editor.keyboard.press
    open_outline(page)
    tab_to(page, "Linear linear_1, 32, 160 parameters, no problems")
    press("Enter")  # select
    expect(page.get_by_label("Actions for linear_1")).to_be_visible()
    press("a")  # add
    page.keyboard.type("Dropout")
    press("Enter")
    expect_undo(page, "Add Dropout")
    assert [node.id for node in model().nodes] == ["linear_1", "dropout_1", "linear_2", "linear_3"]
    expect(page.get_by_label("Actions for dropout_1")).to_be_visible()
    tab_to(page, "Dropout dropout_1")  # the focus has gone with it
    press("Alt+ArrowDown")  # move
    expect_undo(page, "Move dropout_1 down")
    press("Delete")
    expect_undo(page, "Delete dropout_1")
    press("Home")
    press("Enter")
    press("Shift+ArrowDown")
    expect(page.locator(".inspector")).to_contain_text("2 layers selected")
    press("Control+g")  # group
    expect_undo(page, "Group 2 layers")
    assert model().groups[0].members == ("linear_1", "linear_2")
    press("Control+z")
    expect(page.get_by_role("button", name="Redo: Group 2 layers")).to_be_visible()
    press("Control+Shift+z")
    expect_undo(page, "Group 2 layers")
    expect_no_error(page)


def test_a_layer_is_set_connected_and_renamed_in_the_inspector_by_keyboard_alone(editor):
    page, press = editor, editor.keyboard.press
    open_outline(page)
    tab_to(page, "Linear linear_1")
    press("End")
    press("Enter")
    expect(page.locator(".inspector")).to_contain_text("linear_3")
    tab_to(page, "Takes", exact=True)
    page.keyboard.type("linear_1")
    press("Enter")
    expect_undo(page, "Connect linear_1 to linear_3")
    assert model().inputs_of(2) == ("linear_1",)
    tab_to(page, "Name, kind, PyTorch")
    press("Enter")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_be_visible()
    tab_to(page, "Name", exact=True)
    press("Control+a")
    page.keyboard.type("answer")
    press("Enter")
    expect_undo(page, "Rename linear_3 to answer")
    expect(page.locator(".inspector")).to_contain_text("answer")


def test_on_a_phone_the_outline_is_the_editor(app, editor, chromium):
    with chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        phone = context.new_page()
        phone.goto(editor.url)
        row = phone.locator(".outline .row").first
        expect(row).to_be_visible(timeout=60_000)
        expect(phone.locator(".react-flow")).to_have_count(0)
        row.tap()
        phone.get_by_role("button", name="Duplicate linear_1").tap()
        expect(phone.locator(".outline .row")).to_have_count(4)
        assert phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        expect_no_error(phone)


def test_two_people_do_not_lose_each_others_edits_silently(app, editor, chromium):
    with chromium.new_context(viewport={"width": 1400, "height": 900}) as context:
        other = context.new_page()
        other.goto(editor.url)
        other.locator('.react-flow__node[data-id="linear_2"]').click()
        expect(other.locator(".inspector")).to_contain_text("linear_2")
        editor.locator('.react-flow__node[data-id="linear_1"]').click()
        editor.keyboard.press("Control+d")
        expect_undo(editor, "Duplicate linear_1")
        expect(other.locator(".st-key-news")).to_contain_text("(Duplicate linear_1)")
        size = other.get_by_role("spinbutton", name="Output features")
        size.fill("24")
        size.press("Enter")
        expect(other.get_by_test_id("stToast").first).to_contain_text("Your change was added on top.")
        assert [node.id for node in model().nodes] == ["linear_1", "linear_4", "linear_2", "linear_3"]
        assert model().nodes[2].layer.out_features == 24
