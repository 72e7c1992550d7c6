"""Every loss goes with every optimizer and every scheduler: what the check lets through trains, saves and resumes."""

import math

import pytest
import torch

from builder.catalogue.activations import LogSoftmax, ReLU
from builder.catalogue.layers import BatchNorm1d, Linear
from builder.catalogue.losses import LOSSES, Loss, PoissonNLL
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.schedulers import SCHEDULERS
from builder.check.report import check
from builder.spec.project import Project
from builder.training.examples import OwnInputs
from builder.training.loop import Trainer
from tests.projects import TARGETS, facts_of, stacked
from tests.training.examples import MadeExamples, Notes, Saving

TASKS = {kind: [task for task in TARGETS if kind.misfit(facts_of(task=task)) is None] for kind in LOSSES.values()}


def project_for(loss: Loss, optimizer, scheduler) -> Project:
    last = (LogSoftmax(),) if loss.wanted_activation else ()
    layers = (Linear(out_features=3, activation=ReLU()), BatchNorm1d(), Linear(), *last)
    return stacked(*layers, loss=loss, optimizer=optimizer, scheduler=scheduler, epochs=3, batch_size=60)


def examples_for(loss: Loss, task: str) -> MadeExamples:
    made = MadeExamples(task if task != "reconstruction" else "regression", loss.takes_column)
    if task == "reconstruction":
        made.targets = made.truth = OwnInputs(made.inputs)
    if isinstance(loss, PoissonNLL):
        made.targets = made.truth = made.targets.clamp_min(0)
    return made


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("kind", LOSSES.values(), ids=LOSSES)
def test_it_trains_three_steps_with_every_scheduler_and_goes_on_after_any(kind, optimizer):
    for number, scheduler in enumerate(SCHEDULERS.values()):
        task = TASKS[kind][number % len(TASKS[kind])]
        project, facts, notes = project_for(kind(), optimizer(), scheduler()), facts_of(task=task, rows=60), Notes()
        assert not check(project, facts).errors
        trainer = Trainer(project, facts, examples_for(kind(), task), notes)
        before = [weight.clone() for weight in trainer.model.parameters()]
        trainer.run()
        assert len(notes.losses) == 3 and all(map(math.isfinite, notes.losses))
        assert any((old != new).any() for old, new in zip(before, trainer.model.parameters(), strict=True))
        first, rest = Saving(1 + number % 2), Notes()
        Trainer(project, facts, examples_for(kind(), task), first).run()
        second = Trainer(project, facts, examples_for(kind(), task), rest)
        second.restore(first.saved)
        rest.losses = list(first.losses)
        second.run()
        assert rest.losses == notes.losses
        assert all(map(torch.equal, trainer.model.state_dict().values(), second.model.state_dict().values()))


@pytest.mark.parametrize("kind", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("task", TARGETS)
def test_a_loss_that_does_not_fit_is_refused_with_the_reason_and_mended(kind, task):
    project, facts = project_for(kind(), OPTIMIZERS["AdamW"](), SCHEDULERS["Constant"]()), facts_of(task=task)
    told = [problem.message for problem in check(project, facts).errors if problem.place == "Loss"]
    reason = kind.misfit(facts)
    assert told == [] if reason is None else [f": {reason}. Use " in told[0], len(told)] == [True, 1]
