"""The learning rate is drawn as it is planned, before a run."""

from base64 import b64decode

import numpy as np
import pytest

from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import SGD
from builder.catalogue.schedulers import StepDecay
from builder.ui.planned_curve import rate_trace
from tests.projects import facts_of, stacked
from tests.ui.test_pages import opened, project_id  # noqa: F401


def numbers(packed: dict[str, str]) -> list[float]:
    return np.frombuffer(b64decode(packed["bdata"]), packed["dtype"]).tolist()


def test_the_curve_is_the_rate_over_epochs():
    training = stacked(Linear(), optimizer=SGD(lr=0.5), scheduler=StepDecay(step_size=1, gamma=0.5), epochs=3, batch_size=50).training  # fmt: skip
    trace = rate_trace(training, facts_of(rows=100))
    assert numbers(trace["x"]) == [0, 0.5, 1, 1.5, 2, 2.5]
    assert numbers(trace["y"]) == pytest.approx([0.5, 0.5, 0.25, 0.25, 0.125, 0.125])


def test_the_train_page_draws_it_once_the_rate_changes(project_id):  # noqa: F811
    app = opened("train", project_id)
    before = len(app.get("bidi_component"))
    app.selectbox(key="scheduler").set_value("CosineDecay").run()
    assert not app.exception and len(app.get("bidi_component")) == before + 1
    app.number_input(key="scheduler_warmup").set_value(3.0).run()
    assert not app.exception and app.number_input(key="scheduler_lowest").value == 0
