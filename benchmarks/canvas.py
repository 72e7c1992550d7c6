"""The canvas in a real Chromium: from a click to the inspector and to new shapes, beside a bare Streamlit round trip."""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import _free_port, _opened, _served
from benchmarks.result import Result, result, timed
from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, BatchNorm2d, Conv2d, Flatten, Linear
from builder.check.edits import UpdateLayer, apply
from builder.check.history import LONGEST
from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.runs.projects import ProjectStore
from builder.spec.model import ModelSpec, Node
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.ui.canvas.link import PATH
from builder.ui.canvas.state import canvas_state
from builder.ui.inspector import inspector_state
from builder.ui.inspector.subject import Subject
from tests.browser.chromium import MISSING, find_chromium
from tests.browser.conftest import QUIET, START_S, _wait_until

SIZES, REPEATS, PYTHON_REPEATS = (10, 100, 300), 15, 30
BLOCK = 5
"""Nodes of one residual block."""
WATCH = """([event, selector, text]) => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((element) => element.shadowRoot).filter(Boolean)];
  const isThere = () => roots.some((root) => root.querySelector(selector)?.textContent.includes(text));
  window.measured = new Promise((done) => document.addEventListener(event, () => {
    const began = performance.now();
    const look = () => (isThere() ? done(performance.now() - began) : requestAnimationFrame(look));
    look();
  }, { once: true, capture: true }));
}"""
"""From an event until a text stands in the first element of a selector, in milliseconds."""
BARE_APP = """
import streamlit as st
st.session_state.setdefault("n", 0)
def more(): st.session_state.n += 1
st.button("more", key="more", on_click=more)
st.markdown(f"count-{st.session_state.n}")
"""


def measure() -> Iterator[Result]:
    yield from _python_share()
    path = find_chromium()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        with _bare_page(browser) as bare:
            for size in SIZES:
                yield from _in_browser(browser, size, bare)
        browser.close()


def residual(size: int) -> Project:
    """A project on small digits with so many layers, most of them in residual blocks."""
    nodes = [Node(id="stem", layer=Conv2d(out_channels=8, padding=1)), Node(id="first_norm", layer=BatchNorm2d())]
    while len(nodes) + BLOCK + 2 <= size:
        start, number = nodes[-1].id, len(nodes)
        nodes += [
            Node(id=f"conv_{number}", layer=Conv2d(out_channels=8, padding=1)),
            Node(id=f"norm_{number}", layer=BatchNorm2d(activation=ReLU())),
            Node(id=f"conv_{number + 2}", layer=Conv2d(out_channels=8, padding=1)),
            Node(id=f"norm_{number + 2}", layer=BatchNorm2d()),
            Node(id=f"sum_{number}", layer=Add(activation=ReLU()), inputs=(f"norm_{number + 2}", start)),
        ]
    nodes += [Node(id=f"relu_{at}", layer=ReLU()) for at in range(size - len(nodes) - 2)]
    model = ModelSpec(nodes=(*nodes, Node(id="flat", layer=Flatten()), Node(id="out", layer=Linear())))
    return make_project(TEMPLATES["digits-cnn"]).model_copy(update={"model": model})


def _python_share() -> Iterator[Result]:
    """What runs on the server for an edit at 100 layers with a full history: make, save, check, and write the state."""
    store, project = ProjectStore(), residual(100)
    facts, project_id = prepare(project.data).facts, store.create(project)

    def edited(channels: int) -> None:
        edit = UpdateLayer(id="stem", changes={"out_channels": channels})
        kept = store.change(project_id, lambda kept: kept.history.record(apply(kept.history.present, edit), edit.label))
        after = kept.history.present
        report = check(after, facts)
        json.dumps(canvas_state(after, report, facts) | inspector_state(Subject(after, facts, report, ("stem",))))

    for step in range(LONGEST):
        edited(8 + step % 5)
    seconds = [timed(edited, 16 + repeat) for repeat in range(PYTHON_REPEATS)]
    yield result("100 layers, 100 steps of history: apply, save, check and serialise an edit", seconds, "ms", goal=15)


def _in_browser(browser: Browser, size: int, bare: Callable[[], float]) -> Iterator[Result]:
    """Each click on the canvas in turns with a bare one, so that both see the same machine."""
    with _served() as (app, _), _opened(browser) as page:
        os.environ["STRATA_HOME"] = str(app.home)
        received: list[int] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
        page.on("response", lambda answer: PATH in answer.url and received.append(len(answer.body())))
        page.goto(f"{app.url}/model?project={ProjectStore().create(residual(size))}")
        page.locator(".react-flow__node[data-id=stem]").wait_for()
        page.wait_for_timeout(3_000)  # a person looks; the worker's measurements come meanwhile
        round_trips, selects, edits, bytes_sent = [], [], [], []
        for repeat in range(REPEATS):
            round_trips.append(bare())
            selects.append(_select(page, ("first_norm", "stem")[repeat % 2]))
        _select(page, "stem")
        for repeat in range(REPEATS):
            round_trips.append(bare())
            received.clear()
            edits.append(_edit(page, 9 + repeat))
            bytes_sent.append(sum(received))
    goal = round(2000 * statistics.median(round_trips))
    yield result(f"a bare Streamlit button → text, in turns with {size} layers", round_trips, "ms")
    yield result(f"{size} layers: select → inspector", selects, "ms", goal)
    yield result(f"{size} layers: edit → new shape on the canvas", edits, "ms", goal)
    print(f"{size} layers: {statistics.median(bytes_sent) / 1000:.0f} kB from the server for an edit", file=sys.stderr)


def _select(page: Page, node_id: str) -> float:
    page.evaluate(WATCH, ["click", ".inspector h3", node_id])
    page.locator(f".react-flow__node[data-id={node_id}] .kind").click()
    return _measured(page)


def _edit(page: Page, channels: int) -> float:
    page.locator(".inspector").get_by_label("Output channels", exact=True).fill(str(channels))
    page.evaluate(WATCH, ["keydown", ".react-flow__node[data-id=stem] .shape b", str(channels)])
    page.keyboard.press("Enter")
    return _measured(page)


def _measured(page: Page) -> float:
    """Seconds, and then a rest: the page goes on with what nobody waits for."""
    seconds = page.evaluate("window.measured") / 1000
    page.wait_for_timeout(400)
    return seconds


@contextmanager
def _bare_page(browser: Browser) -> Iterator[Callable[[], float]]:
    """Seconds from a click on a button to the text that it changes, on a page that has nothing else."""
    with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder, _opened(browser) as page:
        script, port = Path(folder) / "bare.py", _free_port()
        script.write_text(BARE_APP)
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        server = subprocess.Popen([*command, "--server.headless", "true"], stdout=subprocess.DEVNULL)
        try:
            _wait_until(lambda: _listens(port), START_S, "the bare page does not answer")
            page.goto(f"http://127.0.0.1:{port}")
            button, numbers = page.get_by_role("button", name="more"), count(1)
            button.wait_for()

            def round_trip() -> float:
                page.evaluate(WATCH, ["click", ".stMarkdown p", f"count-{next(numbers)}"])
                button.click()
                return _measured(page)

            yield round_trip
        finally:
            server.kill()
            server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
