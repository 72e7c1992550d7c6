"""Parts of a page: what a callback draws again, and which values the user has really set."""

from types import SimpleNamespace

import pytest
from streamlit.errors import StreamlitAPIException

from builder.ui.session import parts
from builder.ui.session.parts import is_more_to_draw, is_set, redraw
from builder.ui.session.tab import Part, Shown, Tab


class Page:
    """A page of four parts, each drawn from its own value, and what callbacks ask Streamlit to draw."""

    def __init__(self, monkeypatch):
        self.values = {"model": 1, "inspector": 1, "tools": 1, "panels": 1}
        self.tab, self.run, self.drawn = Tab(), ["id of panels"], []
        for name in self.values:
            self.tab.parts[name] = Part(f"id of {name}", lambda name=name: self.values[name], 1)
        monkeypatch.setattr(parts, "tab", lambda: self.tab)
        monkeypatch.setattr(parts, "get_script_run_ctx", lambda: SimpleNamespace(fragment_ids_this_run=self.run))
        monkeypatch.setattr(parts.st, "rerun", self.drawn.append)


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


def test_only_what_shows_something_else_now_is_drawn_again(page):
    page.values["tools"] = page.values["panels"] = 2
    redraw()
    assert page.drawn == [["tools", "panels"]]


def test_what_people_wait_for_is_drawn_alone_and_asks_for_the_rest(page):
    page.values = dict.fromkeys(page.values, 2)
    redraw()
    assert page.drawn == [["model"]] and is_more_to_draw()
    page.tab.parts["model"] = page.tab.parts["model"]._replace(shown=2)
    redraw("inspector", "model")
    assert page.drawn[1] == ["inspector", "model", "tools", "panels"] and not is_more_to_draw()


def test_what_was_named_is_drawn_even_if_it_shows_the_same(page):
    redraw("inspector", "model")
    assert page.drawn == [["inspector", "model"]]


def test_after_a_message_every_part_is_drawn_since_a_change_may_have_been_refused(page):
    page.tab.messages.append(("error", "No."))
    redraw("inspector")
    assert page.drawn == [["inspector", "model", "tools", "panels"]]


def test_nothing_is_drawn_if_nothing_has_changed_or_the_page_has_no_parts(page):
    redraw()
    page.tab.parts.clear()
    redraw("model")
    assert not page.drawn


def test_parts_that_are_gone_leave_it_to_what_was_clicked_in(page, monkeypatch):
    def gone(names):
        raise StreamlitAPIException("No fragment found")

    page.values["model"] = page.values["tools"] = 2
    monkeypatch.setattr(parts.st, "rerun", gone)
    redraw()
    assert not is_more_to_draw()


def test_other_parts_clicked_in_meanwhile_are_drawn_too(page):
    page.run = ["id of tools", "id of model"]
    redraw("inspector")
    assert page.drawn == [["inspector", "model", "tools"]]


def test_a_run_of_the_whole_page_is_left_alone(page):
    page.run, page.values["tools"] = None, 2
    redraw("model")
    assert not page.drawn


@pytest.mark.parametrize(
    ("run", "value", "expected"),
    [
        (["id of inspector"], 2, True), (["id of tools", "id of inspector"], 2, True), (None, 2, True),
        (["id of tools"], 2, False), (["id of tools"], 3, True),
    ],
)  # fmt: skip
def test_what_stood_there_before_and_comes_with_a_click_elsewhere_was_not_set(page, monkeypatch, run, value, expected):
    page.run, page.tab.shown["repeat"] = run, Shown("id of inspector", value=1, before=2)
    monkeypatch.setattr(parts, "shown_value", lambda key: value)
    assert is_set("repeat") is expected and is_set("another")
