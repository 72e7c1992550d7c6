"""A run is steered from the page, and nothing of it is lost: a pause, a stop, a reload, a second tab, a killed server."""

import re
import time

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from builder.runs.changes import changes
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import open_store
from tests.browser.journey import expect_no_error, launch, open_page, upload, wait_for_end


@pytest.fixture
def long_run(page, tmp_path):
    """A project whose training takes minutes, launched and seen to train."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(4000, 30)).round(4), columns=[f"x{at}" for at in range(30)])
    frame["class"] = np.where(frame["x0"] + random.normal(size=4000) > 0, "high", "low")
    frame.to_csv(tmp_path / "long.csv", index=False)
    upload(page, tmp_path / "long.csv")
    open_page(page, "Train")
    epochs = page.locator(".st-key-training_epochs input")
    epochs.fill("5000")
    epochs.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Undo: Set epochs"))).to_be_visible()
    page.locator(".st-key-EarlyStopping label").first.click()
    expect(page.get_by_role("button", name=re.compile("Undo: Set regularization"))).to_be_visible()
    launch(page)
    expect(page.locator(".st-key-live_run")).to_contain_text(re.compile(r"[Ee]poch \d+ of 5,?000"), timeout=60_000)
    return page


def epoch(page) -> int:
    """The epoch that the progress shows."""
    text = page.locator(".st-key-live_run").inner_text()
    found = re.search(r"[Ee]poch ([\d,]+) of", text)
    return int(found[1].replace(",", "")) if found else 0


def press(page: Page, name: str) -> None:
    """The button that is seen under this name."""
    page.get_by_role("button", name=name, exact=True).click()


def stop(page: Page, how: str) -> None:
    press(page, "Stop")
    page.get_by_role("menuitem", name=how).click()


def expect_every_step_once(page: Page, run: Run, first: int = 1) -> None:
    """In the file, and in what is drawn of it."""
    records = np.fromfile(
        run.folder / "steps.bin", dtype=[("step", "<i8"), ("epoch", "<f8"), ("loss", "<f8"), ("elapsed_s", "<f8")]
    )
    assert records["step"].tolist() == list(range(first, first + len(records))), "no point is missing or doubled"
    drawn = page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].flatMap(it => it._fullData.map(of => [...of.x]))"
    )
    assert max(map(len, drawn)) > 10 and all(x == sorted(set(x)) for x in drawn), "no curve runs back, or twice"


def wait_for_more(page, than: int) -> int:
    deadline = time.monotonic() + 60
    while (now := epoch(page)) <= than:
        assert time.monotonic() < deadline, f"still at epoch {now}"
        page.wait_for_timeout(200)
    return now


def test_training_outlives_reload_page_switch_and_a_killed_server_and_stops_when_asked(app, long_run):
    page = long_run
    seen = wait_for_more(page, 0)
    page.reload()
    seen = wait_for_more(page, seen)
    open_page(page, "Model")
    open_page(page, "Train")
    seen = wait_for_more(page, seen)
    tab = page.context.new_page()
    tab.goto(page.url)
    wait_for_more(tab, seen)
    tab.close()
    app.kill()
    run = open_store().list()[0]
    steps = run.folder / "steps.bin"
    size = steps.stat().st_size
    time.sleep(1)
    assert steps.stat().st_size > size, "training must go on without the server"
    app.start()
    page.goto(page.url)
    wait_for_more(page, seen)
    stop(page, "Stop and keep the best")
    wait_for_end(page, "Stopped")
    assert open_store().get(run.id).status == "stopped"
    expect_every_step_once(page, run)
    open_page(page, "Evaluate")
    expect(page.locator(".st-key-metric_cards")).to_contain_text("Accuracy")
    expect_no_error(page)


def test_a_run_is_paused_resumed_given_another_learning_rate_stopped_and_forked_from_the_page(app, long_run):
    page, live = long_run, long_run.locator(".st-key-live_run")
    run = open_store().list()[0]
    wait_for_more(page, 1)
    press(page, "Pause")
    expect(live).to_contain_text("Nothing of it is lost")
    assert open_store().get(run.id).status == "paused"
    open_page(page, "Model")
    open_page(page, "Train")
    expect(live).to_contain_text("Nothing of it is lost")
    seen = int(re.search(r"Paused in epoch (\d+)", live.inner_text())[1])
    press(page, "Resume")
    seen = wait_for_more(page, seen)
    page.locator(".st-key-rate").get_by_role("spinbutton").fill("0.0005")
    seen = wait_for_more(page, seen)  # what is being written stays while the page is polled
    press(page, "Apply")
    expect(page.locator(".st-key-rate")).to_contain_text("0.0005 from step")
    press(page, "÷ 2")
    expect(page.locator(".st-key-rate")).to_contain_text("0.00025 from step")
    assert [change.lr for change in changes(RunFolder(run.folder))] == [0.0005, 0.00025]
    change_batch_size(page, "64")
    wait_for_more(page, seen)
    stop(page, "Stop and keep the best")
    wait_for_end(page, "Stopped")
    expect_every_step_once(page, run)
    fork_and_discard(page, run)
    expect_no_error(page)


def change_batch_size(page: Page, rows: str) -> None:
    """In the settings, which stand below a run that trains."""
    page.get_by_text("Settings", exact=True).click()
    field = page.locator(".st-key-training_batch_size input")
    field.fill(rows)
    field.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Undo: Set batch size"))).to_be_visible()
    expect(field).to_have_value(rows)


def fork_and_discard(page: Page, run: Run) -> None:
    """With the settings as they are now but for the learning rate; the fork trains on from the checkpoint's step."""
    press(page, "Fork…")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Batch size 32 → 64")
    rate = dialog.get_by_role("spinbutton", name="Learning rate")
    rate.fill("0.002")
    rate.press("Enter")
    dialog.get_by_role("button", name="Fork", exact=True).click()
    expect(page.get_by_text(re.compile("from Run 1, .*Batch size 32 → 64")).first).to_be_visible()
    wait_for_more(page, 0)
    forked = open_store().list()[0]
    training = RunFolder(forked.folder).project.training
    assert (forked.id != run.id, training.batch_size, training.optimizer.lr) == (True, 64, 0.002)
    stop(page, "Stop and discard…")
    page.get_by_role("dialog").get_by_role("button", name="Discard", exact=True).click()
    wait_for_end(page, "Discarded")
    assert open_store().get(forked.id).status == "discarded" and not RunFolder(forked.folder).weights.exists()


def test_a_second_run_waits_its_turn_and_can_be_taken_back(app, long_run):
    page = long_run
    first = open_store().list()[0]
    page.locator(".st-key-launch button").first.click()
    expect(page.get_by_text("number 1 in the queue").first).to_be_visible()
    second = open_store().list()[0]
    assert (second.status, open_store().position(second.id)) == ("queued", 1)
    page.locator(".st-key-live_head").get_by_role("button", name="Cancel", exact=True).click()  # its row has one too
    wait_for_end(page, "Cancelled")
    assert open_store().get(first.id).status == "running"
