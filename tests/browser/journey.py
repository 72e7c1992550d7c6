"""What a person does on the screens, by what they see there."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from builder.runs.projects import ProjectStore
from builder.spec.model import ModelSpec

TRAINING_MS = 240_000


def open_page(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1).first).to_be_visible()


def use_template(page: Page, name: str) -> None:
    page.locator(f".st-key-template_{name} button").first.click()
    page.wait_for_url("**/*project=*")


def upload(page: Page, path: Path) -> None:
    """From landing to a project of one's own file."""
    page.locator(".st-key-upload input[type=file]").set_input_files(path)
    page.locator(".st-key-create_from_upload button").first.click()
    page.wait_for_url("**/*project=*", timeout=60_000)


def model() -> ModelSpec:
    """Of the project made last, as it is on disk."""
    store = ProjectStore()
    return store.load(store.list()[0].id).present.model


def expect_undo(page: Page, label: str) -> None:
    """What the project's last change is called; `label` is its beginning."""
    expect(page.get_by_role("button", name=re.compile(f"Undo: {label}"))).to_be_visible()


def launch(page: Page) -> None:
    page.locator(".st-key-launch button").first.click()
    page.wait_for_url("**/*run=*")


def wait_for_end(page: Page, status: str = "Finished") -> None:
    expect(page.locator(".st-key-live_run")).to_contain_text(status, timeout=TRAINING_MS)


def download_onnx(page: Page, folder: Path) -> Path:
    button = page.locator(".st-key-download_onnx button").first
    expect(button).to_be_visible()
    with page.expect_download() as caught:
        button.click()
    path = folder / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def expect_no_error(page: Page) -> None:
    """No traceback anywhere on the page, of Python or of a component."""
    page.wait_for_timeout(1_000)  # a component's own error comes a moment after the page
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Component Error")).to_have_count(0)
