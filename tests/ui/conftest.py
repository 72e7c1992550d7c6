"""The app as Streamlit runs it, without a browser and without a worker."""

from collections import OrderedDict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "app.py"
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def no_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server knows of no editor yet."""
    monkeypatch.setattr("builder.ui.session.link._applied", OrderedDict())


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    return AppTest.from_file(str(APP), default_timeout=PATIENCE_S).run()


@pytest.fixture
def iris(app: AppTest) -> AppTest:
    """The Data page of a project made from the iris template."""
    app.button(key="template_iris").click().run()
    return app.switch_page("pages/views/data.py").run()
