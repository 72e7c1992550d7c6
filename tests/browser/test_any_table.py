"""A table as people have them: semicolons, markup in names, missing values, unseen categories; and tables that are broken."""

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.browser.journey import download_onnx, expect_no_error, launch, open_page, upload, wait_for_end
from tests.raw_onnx import run_onnx

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def messy(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({
        "größe <b>cm</b>": random.normal(170, 12, 240).round(1),
        "`code` *stadt*": random.choice(["Zürich; Nord", "São Paulo", "東京"], 240),
        "member": random.choice(["yes", "no"], 240),
    })  # fmt: skip
    frame["label"] = np.where(frame["größe <b>cm</b>"] > 170, MARKUP, "kurz")
    frame.loc[::11, "größe <b>cm</b>"] = np.nan
    frame.loc[::13, "member"] = None
    path = tmp_path / "<i>messy<b>.csv"
    frame.to_csv(tmp_path / "messy.csv", sep=";", index=False)
    (tmp_path / "messy.csv").rename(path)
    return path


def test_a_messy_table_goes_the_whole_way_and_its_markup_stays_text(app, page, messy, tmp_path):
    page.on("dialog", lambda dialog: pytest.fail("markup in the data was executed"))
    upload(page, messy)
    expect(page.locator("body")).to_contain_text("240")
    for name in ("Model", "Train"):
        open_page(page, name)
        expect_no_error(page)
    launch(page)
    wait_for_end(page)
    open_page(page, "Evaluate")
    expect(page.locator("body")).to_contain_text(MARKUP)
    expect(page.locator(".st-key-try_one")).to_contain_text("größe <b>cm</b>", timeout=60_000)
    open_page(page, "Export")
    path = download_onnx(page, tmp_path)
    assert page.locator("img[src=x]").count() == 0
    expect_no_error(page)
    feed = {
        "größe <b>cm</b>": [[150.0], [195.0], [None]], "`code` *stadt*": [["東京"], ["never seen"], [""]],
        "member": [["yes"], [""], ["no"]],
    }  # fmt: skip
    answers = run_onnx(path, [feed], tmp_path)["answers"]
    assert answers["label"][:2] == ["kurz", MARKUP]
    assert all(abs(sum(shares) - 1) < 1e-5 for shares in answers["probabilities"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b,class\n1,2,x\n3,y\n", "line 3"),
        (b"a,b,a\n1,2,x\n", "two columns are called 'a'"),
        (b"a,b,class\n", "no rows"),
        (b'a,b,class\n1,"2,x\n3,4,y\n', "quote"),
        (b"a,b,class\n1,2\x00,x\n", "NUL"),
    ],
)
def test_a_broken_table_gets_one_plain_sentence(app, page, tmp_path, content, sentence):
    projects = set(app.home.glob("projects/*"))
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    page.locator(".st-key-upload input[type=file]").set_input_files(path)
    page.locator(".st-key-create_from_upload button").first.click()
    alert = page.get_by_test_id("stAlert").first
    expect(alert).to_contain_text(sentence)
    expect(alert).to_contain_text("broken.csv")
    assert set(app.home.glob("projects/*")) == projects
