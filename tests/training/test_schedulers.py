"""Learning rates are those of torch's schedulers, planned as they are used."""

import math
import warnings

import pytest
import torch
from torch.optim import lr_scheduler as theirs

from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import SGD, AdamW, GradientDescent, Muon
from builder.catalogue.rates import PlateauShare
from builder.catalogue.schedulers import (
    SCHEDULERS,
    Constant,
    CosineDecay,
    ExponentialDecay,
    MultiStepDecay,
    OneCycle,
    Plateau,
    PolynomialDecay,
    StepDecay,
    WarmRestarts,
)
from builder.check.edits import apply
from builder.check.planned_rates import planned, spread_steps
from builder.check.report import check
from builder.nn.batches import epoch_batches
from builder.spec.training import TrainingSpec
from tests.projects import facts_of, stacked
from tests.training.examples import Notes, trainer_of

ROWS, EPOCHS, STEPS = 60, 12, 4
"""Rows, epochs, and steps of an epoch at batch size 16."""


def settings(**training) -> TrainingSpec:
    return stacked(Linear(), **{"epochs": EPOCHS, "batch_size": 16, "optimizer": SGD(lr=0.2)} | training).training


def all_planned(training: TrainingSpec) -> list[float]:
    return planned(training, ROWS, range(training.steps_per_epoch(ROWS) * training.epochs))


def rates_of(make, by_epoch: bool = False, fractional: bool = False) -> list[float]:
    """The rate of each step under a scheduler of torch's."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    scheduler, rates = make(optimizer), []
    for step in range(EPOCHS * STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an epoch given to step() is deprecated, and has no other form
            if fractional:
                scheduler.step((step + 1) / STEPS)
            elif not by_epoch or (step + 1) % STEPS == 0:
                scheduler.step()
    return rates


TOTAL = EPOCHS * STEPS
CASES = {
    "constant": (Constant(), rates_of(lambda o: theirs.ConstantLR(o, factor=1))),
    "step": (StepDecay(step_size=3, gamma=0.4), rates_of(lambda o: theirs.StepLR(o, 3, 0.4), by_epoch=True)),
    "multi-step": (MultiStepDecay(milestones=(2, 9, 5), gamma=0.4), rates_of(lambda o: theirs.MultiStepLR(o, [2, 5, 9], 0.4), by_epoch=True)),
    "exponential": (ExponentialDecay(gamma=0.8), rates_of(lambda o: theirs.ExponentialLR(o, 0.8), by_epoch=True)),
    "cosine": (CosineDecay(lowest=0.1), rates_of(lambda o: theirs.CosineAnnealingLR(o, TOTAL, eta_min=0.02))),
    "restarts": (WarmRestarts(first=2, factor=2, lowest=0.1), rates_of(lambda o: theirs.CosineAnnealingWarmRestarts(o, 2, 2, 0.02), fractional=True)),
    "even restarts": (WarmRestarts(first=5, factor=1), rates_of(lambda o: theirs.CosineAnnealingWarmRestarts(o, 5, 1), fractional=True)),
    "polynomial": (PolynomialDecay(power=2), rates_of(lambda o: theirs.PolynomialLR(o, TOTAL, 2.0))),
}  # fmt: skip


def one_cycle_rates(total: int, **changed) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    scheduler, rates = theirs.OneCycleLR(optimizer, 0.2, total_steps=total, cycle_momentum=False, **changed), []
    for step in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < total - 1:
            scheduler.step()
    return rates


@pytest.mark.parametrize("name", CASES)
def test_the_rate_of_each_step_is_torchs(name):
    scheduler, expected = CASES[name]
    assert all_planned(settings(scheduler=scheduler)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("pct_start", "div", "final"), [(0.3, 25, 1e4), (0.5, 4, 10)])
def test_the_rates_of_one_cycle_are_torchs(pct_start, div, final):
    settings_of_cycle = {"pct_start": pct_start, "div_factor": div, "final_div_factor": final}
    found = all_planned(settings(scheduler=OneCycle(**settings_of_cycle)))
    assert found == pytest.approx(one_cycle_rates(TOTAL, **settings_of_cycle), rel=1e-9)


def test_a_rise_of_a_single_step_begins_at_the_top():
    found = all_planned(settings(scheduler=OneCycle(pct_start=1 / TOTAL, div_factor=2, final_div_factor=3)))
    assert found[0] == pytest.approx(0.2) and found[-1] == pytest.approx(0.2 / 6)  # torch divides by zero here


@pytest.mark.parametrize("warmup", [0.5, 2, 2.6])
def test_a_warm_up_rises_evenly_as_torchs_linear_one_does_and_leaves_the_rest_to_the_schedule(warmup):
    rising = round(warmup * STEPS)

    def make(optimizer):
        rise = theirs.LinearLR(optimizer, start_factor=1 / (rising + 1), total_iters=rising)
        fall = theirs.CosineAnnealingLR(optimizer, TOTAL - rising)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return theirs.SequentialLR(optimizer, [rise, fall], [rising])

    found = all_planned(settings(scheduler=CosineDecay(warmup=warmup)))
    assert found == pytest.approx(rates_of(make), rel=1e-9, abs=1e-12)


FIGURES = [5.0, 4.0, 4.0, 3.99, 4.1, 3.0, math.nan, 3.5, 3.2, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize("higher", [False, True])
def test_the_rate_falls_on_a_plateau_when_torchs_does(higher):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = theirs.ReduceLROnPlateau(optimizer, "max" if higher else "min", 0.5, 1, 0.05, "abs", min_lr=0.1, eps=0)
    ours = PlateauShare(factor=0.5, patience=1, min_delta=0.05, lowest=0.1, higher_is_better=higher)
    for figure in FIGURES:
        figure = -figure if higher else figure
        scheduler.step(figure)
        ours.tell(figure)
        assert ours.share == optimizer.param_groups[0]["lr"]
    assert ours.share == 0.1


class RateNotes(Notes):
    """Also writes down the rate of each step."""

    def __init__(self):
        super().__init__()
        self.rates: list[list[float]] = []

    def step(self, *told) -> None:
        super().step(*told)
        self.rates.append([group["lr"] for group in self.optimizer.param_groups])


def run(**training) -> RateNotes:
    notes = RateNotes()
    trainer = trainer_of(stacked(Linear(), **{"epochs": EPOCHS, "batch_size": 16} | training), notes=notes)
    notes.optimizer = trainer.optimizer
    trainer.run()
    return notes


@pytest.mark.parametrize("optimizer", [SGD(lr=0.2), AdamW(), Muon(), GradientDescent()], ids=lambda one: one.kind)
@pytest.mark.parametrize("kind", SCHEDULERS.values(), ids=SCHEDULERS)
def test_what_is_planned_is_what_every_group_of_weights_gets(kind, optimizer):
    scheduler = Plateau(patience=100) if kind is Plateau else kind(warmup=0 if kind.rises else 1.5)
    notes = run(scheduler=scheduler, optimizer=optimizer)
    training = settings(scheduler=scheduler, optimizer=optimizer)
    assert [rates[0] for rates in notes.rates] == all_planned(training)
    assert all(set(rates) == {rates[0]} for rates in notes.rates)
    assert [record["lr"] for record in notes.epochs] == [rates[0] for rates in notes.rates[training.steps_per_epoch(ROWS) - 1 :: training.steps_per_epoch(ROWS)]]  # fmt: skip


def test_a_plateau_of_the_validation_figure_lowers_the_rate_of_the_next_epoch():
    notes = run(scheduler=Plateau(patience=0, min_delta=100, factor=0.5), optimizer=SGD(lr=0.2), epochs=4)
    assert [record["lr"] for record in notes.epochs] == [0.2, 0.2, 0.1, 0.05]


@pytest.mark.parametrize("rows", [1, 2, 15, 16, 17, 32, 33, 34, 60])
@pytest.mark.parametrize("training", [{}, {"accumulation": 2}, {"optimizer": GradientDescent()}])
def test_the_steps_of_an_epoch_are_known_without_dealing_the_rows(rows, training):
    spec = settings(**training)
    dealt = epoch_batches(torch.arange(rows), spec.rows_per_step(rows), 0, 1)
    assert spec.steps_per_epoch(rows) == len(dealt)


def test_a_curve_has_so_many_points_with_the_first_and_the_last_step():
    long = settings(epochs=10_000)
    steps = spread_steps(long, ROWS, 400)
    assert len(steps) == len(set(steps)) == 400 and steps[0] == 0 and steps[-1] == 39_999
    assert spread_steps(settings(epochs=2), ROWS, 400) == list(range(8))
    assert spread_steps(settings(epochs=1, batch_size=60), ROWS, 400) == [0]


REFUSED = {
    "a second rise": (OneCycle(warmup=2), "Schedule One cycle begins low and rises by itself, so it takes no warm-up; got 2 epochs. Set it to 0.", "error"),
    "only warm-up": (Constant(warmup=50), "Schedule Constant warms up for 50 of 50 epochs, so its learning rate is never reached. Train longer, or warm up less.", "warning"),
    "too late a step": (StepDecay(step_size=48, warmup=2), "Schedule Step first acts after epoch 50 of 50, so it never does. Train longer, or let it act sooner.", "warning"),
    "too late a milestone": (MultiStepDecay(milestones=(70, 60)), "Schedule Multi-step first acts after epoch 60 of 50, so it never does. Train longer, or let it act sooner.", "warning"),
    "too much patience": (Plateau(patience=60), "Schedule On a plateau first acts after epoch 61 of 50, so it never does. Train longer, or let it act sooner.", "warning"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_schedule_that_does_not_fit_is_told_with_a_way_out(name):
    scheduler, message, severity = REFUSED[name]
    project = stacked(Linear(), scheduler=scheduler)
    (problem,) = check(project, facts_of()).problems
    assert (problem.message, problem.severity) == (message, severity)
    assert not check(apply(project, *problem.fixes[0].edits), facts_of()).problems


@pytest.mark.parametrize("kind", SCHEDULERS.values(), ids=SCHEDULERS)
def test_a_schedule_as_it_is_offered_has_no_problem(kind):
    assert not check(stacked(Linear(), scheduler=kind()), facts_of()).problems
