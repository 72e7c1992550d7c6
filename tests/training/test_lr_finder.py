"""The learning rate that is found: the test's rates as planned, its curve read as by hand, neighbours preferred only if clearly better."""

import math

import numpy as np
import pytest
import torch

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE
from builder.catalogue.optimizers import LBFGS, SGD, AdamW, GradientDescent
from builder.catalogue.regularization import EarlyStopping
from builder.catalogue.schedulers import CosineDecay
from builder.errors import RunError
from builder.runs.lr_search import lr_search_key
from builder.training import lr_finder, range_test
from builder.training.lr_finder import find_lr_of, find_lr_on
from builder.training.rate_curve import read_curve
from builder.training.rate_race import Candidate, Candidates, race
from builder.training.rates import Rates
from tests.projects import facts_of, stacked
from tests.training.examples import MadeExamples, trainer_of

STEEP = np.geomspace(1e-6, 10, 120)


@pytest.fixture(autouse=True)
def _two_sweeps(monkeypatch):
    """As many points and epochs as there may be, however busy this machine is."""
    monkeypatch.setattr(range_test, "SWEEPS", 2)
    monkeypatch.setattr(range_test, "SWEEPS_S", 1000.0)
    monkeypatch.setattr(lr_finder, "RACE_S", 1000.0)


def quiet(share: float, text: str) -> None: ...


def test_gradient_descent_on_a_quadratic_diverges_where_theory_says():
    """Beyond 2 / L, L being the largest curvature, each step is longer than the one before."""
    project, examples = stacked(Linear(), loss=MSE(), optimizer=GradientDescent()), MadeExamples("regression")
    facts = facts_of((4,), "regression", rows=60)
    rows = torch.cat([examples.features[examples.train_rows], torch.ones(60, 1)], dim=1).double()
    limit = 2 / torch.linalg.eigvalsh(2 / 60 * rows.T @ rows).max().item()
    below, above = (range_test.sweep(project, facts, examples, [share * limit] * 200, 0) for share in (0.98, 1.05))
    assert len(below) == 200 and below[-1] == pytest.approx(min(below), rel=1e-4)
    assert len(above) < 200 and above[-1] > above[0]
    curve = read_curve(*range_test.range_test(project, facts, examples, quiet)[:2])
    assert limit / 3 < curve.lowest < 1.5 * limit < curve.diverges_at


def test_the_rates_rise_evenly_on_a_log_scale_whatever_the_project_s_own_and_its_schedule(monkeypatch):
    asked, plain = [], Rates.set_for

    def noted(rates, step):
        plain(rates, step)
        asked.append(rates.latest)

    monkeypatch.setattr(Rates, "set_for", noted)
    project = stacked(Linear(), optimizer=AdamW(lr=0.7), scheduler=CosineDecay(warmup=3), epochs=4, batch_size=20)
    losses = range_test.sweep(project, facts_of((4,), rows=60), MadeExamples(), STEEP, 0)
    assert len(asked) == len(losses) > 60
    assert asked == pytest.approx([10 ** (-6 + 7 * at / 119) for at in range(len(asked))])


def test_a_sweep_ends_soon_after_its_loss_diverges():
    project, notes = stacked(Linear(), optimizer=SGD(), batch_size=20), facts_of((4,), rows=60)
    losses = range_test.sweep(project, notes, MadeExamples(scale=100.0), STEEP, 0)
    start = np.mean(losses[:5])
    assert len(losses) < 120 and np.mean(losses[-5:]) > 2 * start
    assert all(np.mean(losses[at - 5 : at]) <= 3 * start for at in range(10, len(losses)))


def test_a_search_changes_nothing_of_project_examples_or_a_training_that_follows():
    project = stacked(Linear(out_features=8, activation=ReLU()), Linear(), epochs=3, batch_size=20)
    examples, facts = MadeExamples(), facts_of((4,), rows=60)
    before, weights = project.to_json(), trainer_of(project).run().state
    found = find_lr_on(project, facts, examples, quiet)
    assert project.to_json() == before and len(examples.validation_rows) == 30
    after = trainer_of(project).run().state
    assert all(torch.equal(weights[name], after[name]) for name in weights)
    assert 1e-4 < found.suggestion < 1 and found.epochs == 3 and len(found.raced) >= 2
    assert len(found.lrs) == len(found.losses) and f"{found.suggestion:g}" in found.reason


def test_a_search_is_the_same_each_time():
    project = stacked(Linear(), epochs=2, batch_size=20)
    searches = [find_lr_on(project, facts_of((4,), rows=60), MadeExamples(), quiet) for _ in range(2)]
    assert searches[0] == searches[1]


def test_it_tells_how_far_it_is():
    told = []
    find_lr_on(stacked(Linear(), epochs=2, batch_size=20), facts_of((4,), rows=60), MadeExamples(), lambda *one: told.append(one))  # fmt: skip
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] < 1
    assert told[0][1].startswith("Sweep 1: the learning rate rises") and "Training 2 epochs with" in told[-1][1]


def made_curve(fall: float, seed: int = 0) -> np.ndarray:
    """Of three sweeps: from 2.0, half of the fall at 1e-3, diverging from 0.1."""
    random, steps = np.random.default_rng(seed), np.log10(STEEP)
    smooth = 2.0 - fall / (1 + np.exp(-6 * (steps + 3))) + np.maximum(0, 30 * (steps + 1))
    return smooth + 0.05 * random.standard_normal((3, len(STEEP)))


def test_the_middle_of_the_fall_is_read_off_a_noisy_curve():
    curve = read_curve(STEEP, made_curve(fall=1.6))
    assert curve.falls and curve.suggestion == curve.middle == pytest.approx(1e-3, rel=0.3)
    assert curve.diverges_at == pytest.approx(0.1, rel=0.6)
    assert curve.start == pytest.approx(2.0, abs=0.03)


def test_where_most_sweeps_have_diverged_the_curve_ends():
    sweeps = made_curve(fall=1.6)
    sweeps[:2, 100:] = np.nan
    assert len(read_curve(STEEP, sweeps).lrs) == 100


def test_a_loss_that_does_not_fall_gets_a_tenth_of_the_rate_at_which_it_diverges():
    curve = read_curve(STEEP, made_curve(fall=0.0))
    assert not curve.falls and curve.suggestion == pytest.approx(curve.diverges_at / 10)


def test_a_loss_that_never_moves_is_told_as_it_is():
    flat = 2.0 + 0.05 * np.random.default_rng(0).standard_normal((3, len(STEEP)))
    with pytest.raises(RunError, match="neither fell nor rose clearly"):
        _ = read_curve(STEEP, flat).suggestion


def candidate(lr: float, loss: float, spread: float = 0.02) -> Candidate:
    return Candidate(lr, loss + spread * np.sin(np.arange(10) + 100 * lr))


def raced(losses: dict[float, float], first: float = 0.01, highest: float = 10.0) -> list[float]:
    tried = race(first, highest, lambda lr: candidate(lr, losses[round(math.log10(lr) * 2) / 2]))
    return [round(math.log10(one.lr) * 2) / 2 for one in tried]


def test_a_neighbour_wins_only_if_it_is_clearly_better():
    assert raced({-2: 0.50, -1.5: 0.499, -2.5: 0.51}) == [-1.5, -2.5, -2]
    assert raced({-2: 0.50, -1.5: 0.40, -1: 0.30, -0.5: 0.60}) == [-2, -1.5, -0.5, -1]
    assert raced({-2: 0.50, -1.5: math.inf, -2.5: 0.30, -3: 0.31}) == [-2, -1.5, -3, -2.5]


def test_no_candidate_reaches_the_rate_at_which_the_loss_diverges():
    assert raced({-2: 0.50, -2.5: 0.51}, highest=0.03) == [-2.5, -2]


def test_no_more_candidates_are_tried_than_there_is_time_for(monkeypatch):
    now = iter([0.0, 0.0, 6.0, 13.0, 13.0])
    monkeypatch.setattr("builder.training.rate_race.time.monotonic", lambda: next(now))
    monkeypatch.setattr(Candidates, "_trained", lambda self, lr: candidate(lr, 1.0))
    attempt = Candidates(stacked(Linear()), facts_of(), MadeExamples(), 1, 15.0, lambda count, lr: None)
    assert attempt(0.1) and attempt(0.2) and attempt(0.3) is None


def test_a_training_that_is_too_long_for_a_race_says_so(monkeypatch):
    monkeypatch.setattr(lr_finder, "RACE_S", 0.0)
    found = find_lr_on(stacked(Linear(), epochs=50, batch_size=20), facts_of((4,), rows=60), MadeExamples(), quiet)
    assert (
        found.raced == []
        and found.epochs == 0
        and found.reason.endswith("to try the rates beside it in short trainings.")
    )


def test_an_optimizer_that_finds_its_own_steps_is_refused():
    with pytest.raises(RunError, match="LBFGS finds the length of its moves by itself"):
        find_lr_of(stacked(Linear(), optimizer=LBFGS()), quiet)


def test_the_rate_that_is_set_makes_no_other_search_but_the_batch_size_does():
    project = stacked(Linear(), batch_size=20)

    def key(**changes) -> str:
        return lr_search_key(project.model_copy(update={"training": project.training.model_copy(update=changes)}), "x")

    assert key(optimizer=AdamW(lr=0.5)) == key()
    assert len({key(), key(batch_size=10), key(optimizer=SGD()), key(regularization=(EarlyStopping(),))}) == 4
