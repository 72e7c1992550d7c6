"""What holds for everything that can be picked, not only for layers."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.catalogue.augmentations import AUGMENTATIONS
from builder.catalogue.initializations import INITIALIZATIONS
from builder.catalogue.layers import LAYERS
from builder.catalogue.losses import LOSSES
from builder.catalogue.metrics import METRICS
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.regularization import REGULARIZATION
from builder.catalogue.schedulers import SCHEDULERS
from builder.training.optimizers import build_optimizer
from tests.catalogue.drawing import components

OTHERS = {
    **LOSSES,
    **OPTIMIZERS,
    **SCHEDULERS,
    **INITIALIZATIONS,
    **REGULARIZATION,
    **METRICS,
    **AUGMENTATIONS,
}
"""What has no contract of its own, as the layers have."""
EVERY = {**LAYERS, **OTHERS}
SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def test_no_two_components_share_a_name():
    families = (LAYERS, LOSSES, OPTIMIZERS, SCHEDULERS, INITIALIZATIONS, REGULARIZATION, METRICS, AUGMENTATIONS)
    assert len(EVERY) == sum(len(family) for family in families)


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_it_has_a_label_help_and_a_source(kind):
    assert kind.label and kind.help.endswith(".") and kind.source


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_every_field_has_a_title_and_help(kind):
    for name, field in kind.model_fields.items():
        if name != "kind":
            assert field.title and field.description.endswith("."), name


@pytest.mark.parametrize("kind", OTHERS.values(), ids=OTHERS)
@SETTINGS
@given(data=st.data())
def test_json_round_trip_is_lossless(kind, data):
    component = data.draw(components(kind))
    assert kind.model_validate_json(component.model_dump_json(), strict=True) == component


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)
@SETTINGS
@given(data=st.data())
def test_torch_takes_every_allowed_optimizer_setting(kind, data):
    declared, model = data.draw(components(kind)), torch.nn.Linear(3, 2)
    optimizer = build_optimizer(declared, model)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = model(torch.ones(1, 3)).square().sum()
        loss.backward()
        return loss

    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step(closure) if declared.takes_closure else optimizer.step()
    assert all(torch.isfinite(weight).all() for weight in model.parameters())
