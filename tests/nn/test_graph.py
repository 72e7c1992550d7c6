"""A project's model is the torch module a person would write by hand."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from builder.catalogue.activations import GELU, ReLU
from builder.catalogue.layers import Add, BatchNorm2d, Concat, Conv2d, Dropout, Flatten, Linear, MaxPool2d
from builder.check.edits import apply
from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.nn.graph import attribute_name, build
from builder.nn.whole import build_core
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES, stack
from tests.projects import facts_of, project_of, table_data, wired
from tests.spec.drawing import TRAININGS, models


def same_weights(ours: nn.Module, theirs: nn.Module) -> None:
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))


class SkipByHand(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(5, 7), nn.Linear(7, 7), nn.Linear(19, 3)

    def forward(self, x):
        first = F.relu(self.first(x))
        total = F.gelu(self.second(first) + first)
        return self.last(torch.cat([total, first, x], dim=1))


def test_skip_connections_are_those_written_by_hand():
    project = wired(
        ("first", Linear(out_features=7, activation=ReLU())), ("second", Linear(out_features=7)),
        ("sum", Add(activation=GELU()), ("second", "first")), ("both", Concat(), ("sum", "first", "input")), ("last", Linear()),
    )  # fmt: skip
    ours, theirs = build_core(project, facts_of((5,))), SkipByHand()
    same_weights(ours, theirs)
    x = torch.randn(6, 5)
    assert torch.equal(ours(x), theirs(x))


def test_a_stack_is_a_sequential():
    layers = (Conv2d(out_channels=4, kernel_size=3, padding=1, stride=2, bias=False), BatchNorm2d(activation=ReLU()), MaxPool2d(), Flatten(), Dropout(p=0.5), Linear())  # fmt: skip
    ours = build_core(project_of(stack(*layers)), facts_of((2, 8, 8)))
    theirs = nn.Sequential(nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(16, 3))  # fmt: skip
    same_weights(ours, theirs)
    x = torch.randn(5, 2, 8, 8)
    outputs = []
    for module in (ours, theirs):
        torch.manual_seed(1)
        outputs += [module.train()(x), module.eval()(x)]
    assert torch.equal(outputs[0], outputs[2]) and torch.equal(outputs[1], outputs[3])


def test_the_same_seed_gives_the_weights_of_torch():
    torch.manual_seed(3)
    ours = build_core(project_of(stack(Linear(out_features=6), Linear())), facts_of((5,)))
    torch.manual_seed(3)
    theirs = nn.Sequential(nn.Linear(5, 6), nn.Linear(6, 3))
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


@pytest.mark.parametrize("name", ["class", "forward", "training", "steps", "self", "x", "register_buffer", "lambda", "eval", "model"])  # fmt: skip
def test_any_node_id_is_a_working_attribute(name):
    project = wired((name, Linear(out_features=6, activation=ReLU())), ("last", Linear()))
    assert build_core(project, facts_of((5,)))(torch.zeros(2, 5)).shape == (2, 3)
    assert attribute_name(name).isidentifier()


def test_different_ids_have_different_attributes():
    ids = [name + "_" * count for name in ("class", "a", "a_activation", "forward") for count in range(4)]
    names = [attribute_name(node_id) for node_id in ids]
    assert len({*names, *(name + "_activation" for name in names)}) == 2 * len(ids)


def test_an_id_that_looks_like_anothers_activation_does_not_take_its_place():
    project = wired(
        ("a", Linear(out_features=6, activation=ReLU())), ("a_activation", Linear(out_features=5)), ("last", Linear())
    )
    model = build_core(project, facts_of((4,)))
    assert sum(isinstance(module, nn.Linear) for module in model.modules()) == 3
    assert model(torch.zeros(2, 4)).shape == (2, 3)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    model=models(5), training=TRAININGS, shape=st.sampled_from([(4,), (3, 16, 16), (1, 8, 9)]),
    task=st.sampled_from(["binary", "multiclass", "regression"]),
)  # fmt: skip
def test_what_the_check_lets_through_torch_can_train(model, training, shape, task):
    project, facts = Project(name="Drawn", data=table_data(), model=model, training=training), facts_of(shape, task)
    for _ in range(30):
        fixable = [problem for problem in check(project, facts).errors if problem.fixes]
        if not fixable:
            break
        project = apply(project, *fixable[0].fixes[0].edits)
    report = check(project, facts)
    module, loss = build_core(project, facts), build(project.training.loss.torch_call(facts))
    outputs = module(torch.randn(4, *shape))
    targets = torch.zeros(4, 1) if project.training.loss.takes_column else torch.zeros(4, dtype=torch.long)
    loss(outputs, targets).backward()
    assert tuple(outputs.shape[1:]) == report.output_shape
    assert report.parameters == sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("template", [one for one in TEMPLATES.values() if one.sample], ids=lambda one: one.name)
def test_every_template_gives_a_model_that_runs(template):
    project = make_project(template)
    facts = prepare(project.data).facts
    output = build_core(project, facts).eval()(torch.zeros(2, *facts.input_shape))
    assert tuple(output.shape[1:]) == check(project, facts).output_shape
