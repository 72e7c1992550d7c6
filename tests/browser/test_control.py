"""Nothing is lost: a stop, a reload, a page switch, a second tab, a killed server."""

import re
import time

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

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
    page.locator(".st-key-stop button").first.click()
    wait_for_end(page, "Stopped")
    assert open_store().get(run.id).status == "stopped"
    records = np.fromfile(steps, dtype=[("step", "<i8"), ("epoch", "<f8"), ("loss", "<f8"), ("elapsed_s", "<f8")])
    assert records["step"].tolist() == list(range(1, len(records) + 1)), "no point is missing or doubled"
    open_page(page, "Evaluate")
    expect(page.locator(".st-key-metric_cards")).to_contain_text("Accuracy")
    expect_no_error(page)


def test_a_second_run_waits_its_turn_and_can_be_taken_back(app, long_run):
    page = long_run
    first = open_store().list()[0]
    page.locator(".st-key-launch button").first.click()
    expect(page.get_by_text("number 1 in the queue").first).to_be_visible()
    second = open_store().list()[0]
    assert (second.status, open_store().position(second.id)) == ("queued", 1)
    page.locator(".st-key-stop button").first.click()
    wait_for_end(page, "Cancelled")
    assert open_store().get(first.id).status == "running"
