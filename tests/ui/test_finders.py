"""The finders of the Train page: asked for with a button, followed, and taken over with another."""

from dataclasses import asdict

import pytest

from builder.catalogue.optimizers import LBFGS, SGD, AdamW
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.runs import ask_queue, asks
from builder.runs.batch_search import BatchSearch, TriedBatch, ask_batch_search
from builder.runs.lr_search import LrSearch, ask_lr_search
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.ui.batch_finder import batch_figure, largest_text, scaled_lr
from builder.ui.lr_finder import lr_figure
from tests.ui.panels import panel, saved

LR_FOUND = LrSearch(
    lrs=[1e-5, 1e-4, 1e-3, 1e-2, 1e-1], losses=[1.1, 1.0, 0.6, 0.2, 3.0], diverges_at=0.1,
    raced=[(0.01, 0.3), (0.0016, 0.2)], epochs=100, suggestion=0.0016, reason="The loss fell steepest around 0.0016.",
)  # fmt: skip
BATCH_FOUND = BatchSearch(
    tried=(TriedBatch(8, 4_000.0, 9_000_000, 13), TriedBatch(32, 12_000.0, 12_000_000, 4), TriedBatch(64, 13_000.0, None, 2)),
    end="rows", usable_bytes=10**9, quickest=32, reason="Batches of 32 go through 12,000 rows a second.",
)  # fmt: skip


def finders():
    from builder.ui import session
    from builder.ui.batch_finder import show_batch_finder
    from builder.ui.lr_finder import show_lr_finder

    with session.opened():
        show_lr_finder()
        show_batch_finder()


@pytest.fixture
def iris(monkeypatch) -> Project:
    for place in ("builder.runs.asks.ensure_worker", "builder.ui.asking.ensure_worker"):
        monkeypatch.setattr(place, lambda: None)
    return make_project(TEMPLATES["iris"])


def answered(key: str, value: dict) -> None:
    ask_queue.claim()
    ask_queue.finish(key, value)


def keys_of(app) -> set[str]:
    return {button.key for button in app.button}


def test_a_search_is_asked_for_followed_and_stopped(iris):
    app = panel(finders, iris)
    app.button(key="find_lr").click().run()
    ask = ask_queue.claim()
    assert ask.kind == "find_lr" and ask.payload["project"]["name"] == iris.name
    ask_queue.tell(ask.key, 0.5, "Sweep 2")
    app.run()
    assert not app.exception and "find_lr" not in keys_of(app) and "find_batch" in keys_of(app)
    app.button(key="stop_lr_search").click().run()
    assert asks.answer(ask.key).state == "unasked" and "find_lr" in keys_of(app)


def test_the_rate_that_was_found_is_taken_over_with_a_click_and_the_answer_stays(iris):
    answered(ask_lr_search(iris, prepare(iris.data).content), asdict(LR_FOUND))
    app = panel(finders, iris)
    assert not app.exception and any("fell steepest around 0" in text.value for text in app.caption)
    assert any("0.0016" in box.label for box in app.expander)
    app.button(key="use_lr").click().run()
    assert saved().training.optimizer == iris.training.optimizer.model_copy(update={"lr": 0.0016})
    assert app.button(key="use_lr").disabled


def test_a_search_that_failed_says_why_and_can_be_tried_again(iris):
    key = ask_lr_search(iris, prepare(iris.data).content)
    ask_queue.claim()
    ask_queue.fail(key, "The loss neither fell nor rose.")
    app = panel(finders, iris)
    assert "neither fell nor rose" in app.warning[0].value
    app.button(key="find_lr").click().run()
    assert asks.answer(key).state == "waiting"


def test_where_there_is_no_rate_to_find_nothing_is_offered(iris):
    project = iris.model_copy(update={"training": iris.training.model_copy(update={"optimizer": LBFGS()})})
    assert "find_lr" not in keys_of(panel(finders, project))


def test_a_project_that_cannot_train_has_the_buttons_switched_off(iris):
    broken = iris.model_copy(update={"model": iris.model.model_copy(update={"nodes": ()})})
    app = panel(finders, broken)
    assert app.button(key="find_lr").disabled and app.button(key="find_batch").disabled


def test_the_batch_size_is_taken_over_with_the_rate_that_goes_with_it(iris):
    answered(ask_batch_search(iris, prepare(iris.data).content), asdict(BATCH_FOUND))
    app = panel(finders, iris)  # AdamW, batches of 16, learning rate 0.005
    assert app.button(key="use_batch_32").label == "Use 32" and app.button(key="use_batch_64").label == "Use 64"
    app.selectbox(key="batch_rule").set_value("root").run()
    assert app.button(key="use_batch_64").label == "Use 64, learning rate 0.01"
    app.button(key="use_batch_64").click().run()
    assert not app.exception
    assert (saved().training.batch_size, saved().training.optimizer.lr) == (64, 0.01)


def test_a_rate_goes_with_the_factor_or_its_root_to_two_digits(iris):
    training = iris.training.model_copy(update={"batch_size": 16, "optimizer": AdamW(lr=0.001)})
    assert [scaled_lr(training, 128, rule) for rule in ("keep", "root", "linear")] == [0.001, 0.0028, 0.008]
    assert scaled_lr(training.model_copy(update={"optimizer": SGD(lr=5.0)}), 128, "linear") == 10.0


def test_the_curves_mark_what_was_found(iris):
    (trace,), layout = lr_figure(LR_FOUND, 0.005)
    assert layout["xaxis"]["type"] == "log" and [shape["x0"] for shape in layout["shapes"]] == [0.0016, 0.005]
    assert [note["text"] for note in layout["annotations"]] == ["found: 0.0016", "set: 0.005"]
    assert [note["x"] for note in layout["annotations"]] == pytest.approx([-2.79588, -2.30103], abs=1e-5)
    assert len(lr_figure(LR_FOUND, 0.0016)[1]["shapes"]) == 1
    (trace,), layout = batch_figure(BATCH_FOUND)
    assert trace["text"] == ["8: 4,000 rows/s, 9.0 MB", "32: 12 k rows/s, 12.0 MB", "64: 13 k rows/s"]
    assert largest_text(BATCH_FOUND) == "The largest that fits is 64. There are no rows for a larger one."
