"""The rules of the house: who imports whom, and what nobody does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture_rules import broken_rules

ROOT = Path(__file__).parents[1]
WITHOUT_TORCH = ("catalogue", "spec", "check", "data", "runs", "predict", "imports", "ui")
SOURCES = [ROOT / "app.py", *sorted((ROOT / "builder").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]
NO_TORCH = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchmetrics"):
            raise AssertionError(f"{name} was imported")

sys.meta_path.insert(0, NoTorch())
"""


def run_python(code: str, *arguments: str, home: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"STRATA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_each_floor_imports_only_from_the_floors_below_it():
    answer = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_floors_one_to_six_and_the_screens_import_without_torch(strata_home):
    folders = [ROOT / "builder" / name for name in WITHOUT_TORCH]
    paths = [*(ROOT / "builder").glob("[!_]*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    modules = [module_name(path) for path in sorted(paths)]
    assert len(modules) > 40
    code = f"{NO_TORCH}\nimport importlib\nfor name in sys.argv[1:]: importlib.import_module(name)"
    answer = run_python(code, *modules, home=strata_home)
    assert answer.returncode == 0, answer.stderr


def test_every_page_is_drawn_without_torch(strata_home):
    pages = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "pages").rglob("*.py"))]
    assert pages
    code = f"""{NO_TORCH}
from builder.runs import launch
launch.WORKER = ("-c", "")  # no worker: a process of its own, which may import torch
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for page in sys.argv[1:]:
    app.switch_page(page).run()
    assert not app.exception, (page, [error.message for error in app.exception])
"""
    answer = run_python(code, *pages, home=strata_home)
    assert answer.returncode == 0, answer.stderr


def test_the_torch_guard_stops_an_import_of_torch(strata_home):
    answer = run_python(f"{NO_TORCH}\nimport builder.nn.graph", home=strata_home)
    assert "torch was imported" in answer.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_from_a_user_is_executed_unpickled_or_drawn_as_markup(path):
    assert broken_rules(path.read_text(encoding="utf-8"), path.relative_to(ROOT)) == []


def test_no_page_lies_where_streamlit_would_run_it_alone():
    assert list((ROOT / "pages").glob("*.py")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import streamlit",
        "from streamlit.components import v2",
        "def f():\n    import streamlit as st",
        "st.session_state['x'] = 1",
        "from streamlit import session_state",
        "import pickle",
        "from joblib import load",
        "eval(text)",
        "exec(text)",
        "frame.query(text)",
        "self.frame.query(text)",
        "frame.eval(text)",
        "pd.eval(text)",
        "pd.read_pickle(path)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "st.markdown(name, unsafe_allow_html=True)",
        "st.html(name)",
        "st.html(f'<b>{name}</b>')",
        "subprocess.run(command, shell=True)",
    ],
)
def test_a_broken_rule_is_found(source):
    assert broken_rules(source, Path("builder/data/example.py"))


@pytest.mark.parametrize(
    "source",
    [
        "model.eval()",
        "self.query(x)",
        "torch.load(path, weights_only=True)",
        "np.load(path, allow_pickle=False)",
        "st.html(STYLE)",
        "re.compile(pattern)",
        "st.markdown(text, unsafe_allow_html=False)",
    ],
)
def test_what_is_harmless_passes(source):
    assert broken_rules(source, Path("builder/data/example.py")) == []
