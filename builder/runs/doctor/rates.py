"""Rules for the learning rate: too high, too low, and a loss that is no number any more."""

import re

import numpy as np

from builder.catalogue.regularization import GradientClipping
from builder.check.problem import Fix
from builder.runs.doctor.curves import STILL, fall, unrest
from builder.runs.doctor.evidence import MOSTLY_DEAD, Evidence
from builder.runs.doctor.finding import Finding
from builder.runs.doctor.inputs import scaled, without
from builder.runs.doctor.remedies import rounded, usual_lr, with_lr, with_regularizer
from builder.runs.doctor.words import said, share

JUMP = 3.0
"""Times the first loss; batches differ by far less."""
RECOVERED = 0.5
"""Share of the first loss below which a jump is forgiven."""
FAR = 10.0
"""Times the optimizer's usual rate."""
HIGH, RESTLESS = 3.0, 0.02
"""Times the usual rate, and change of the loss from epoch to epoch, where large steps keep it from falling."""
FEWEST_STEPS, FEWEST_EPOCHS = 20, 5
BLOCK, LATEST = 5, 5
"""Steps whose median stands for them, and how many of those show where the loss is now."""
SMALL_STEP = 1e-4
"""Change of a layer's weights in a step, as a share of the weights; about 1/1000 is healthy."""
SLOW = 0.75
"""Share of the first loss above which hardly anything was learned."""
SOME_SKILL = 0.3
LARGE_GRADIENT = 100.0
_BROKE = re.compile(r"loss became (-?\w+) at step (\d+)(?: \(epoch \d+\))?(.*)", re.DOTALL)
_LAYER = re.compile(r"^, first in (the loss itself, of values up to \S+ from )?layer '\w+'")
_OF_DATA = re.compile(r"^: (.+? (?:not finite|up to \S+))\. ", re.DOTALL)
_COLUMN = re.compile(r"column '(.+)', as the model takes them", re.DOTALL)


def lr_too_high(evidence: Evidence) -> Finding | None:
    """The loss jumped away from where the first weights were and has not come back, or never got away from there."""
    if len(evidence.events.steps) < FEWEST_STEPS or evidence.first_gradient > LARGE_GRADIENT:
        return None
    saw = _jumped(evidence) or _stuck(evidence)
    return _too_high(evidence, saw) if saw else None


def _jumped(evidence: Evidence) -> str:
    first, steps = evidence.first_loss, evidence.since_lr().events.steps
    blocks = len(steps) // BLOCK
    if not blocks or not first > 0:
        return ""
    # Medians of a few steps: a single batch with a rare class in it may cost many times the others.
    losses = np.median(steps["loss"][: blocks * BLOCK].reshape(blocks, BLOCK), axis=1)
    highest = int(losses.argmax())
    start = first if evidence.changed_lr is None else max(first, losses[0])  # a new rate may find it up already
    if not (losses[highest] >= JUMP * start and np.median(losses[-LATEST:]) >= RECOVERED * first):
        return ""
    step = steps["step"][(highest + 1) * BLOCK - 1]
    return f"The loss rose from {said(first)} to {said(losses[highest])} by step {step:,} and is {said(losses[-1])} now"


def _stuck(evidence: Evidence) -> str:
    now, optimizer = evidence.since_lr(), evidence.training.optimizer
    losses, times = now.losses("train"), evidence.lr / usual_lr(optimizer)
    if len(losses) < FEWEST_EPOCHS or times < HIGH or not evidence.level > SLOW or fall(losses) > STILL:
        return ""
    if evidence.skill("train") > SOME_SKILL:  # labels full of errors keep a loss high, too
        return ""
    is_restless = min(unrest(losses), unrest(now.losses("validation"))) >= RESTLESS
    has_died = times >= FAR and evidence.dead_share >= MOSTLY_DEAD  # by too large a step: nothing is left to jump about
    if not (is_restless or has_died):
        return ""
    return (
        f"After {len(losses)} epochs the training loss is still {share(evidence.level)} of the first, and the rate is "
        f"{said(times)} times what is usual for {optimizer.label}"
    )


def not_finite(evidence: Evidence) -> Finding | None:
    """The run failed because its loss became NaN or infinite."""
    broke = _BROKE.search(evidence.message) if evidence.status == "failed" else None
    if broke is None:
        return None
    saw = f"The loss became {broke[1]} at step {int(broke[2]):,}"
    of_data, layer = _OF_DATA.match(broke[3]), _LAYER.match(broke[3])
    if of_data is not None:
        column = _COLUMN.search(of_data[1])
        fixes = (*scaled(evidence.present, column[1]), *without(evidence.present, [column[1]])) if column else ()
        return Finding("not_finite", f"{saw}: {of_data[1]}.", fixes)
    saw += (layer[0] if layer else "") + _where(evidence)
    lr = evidence.lr
    if lr >= FAR * usual_lr(evidence.training.optimizer):
        return _too_high(evidence, saw)
    clipping = with_regularizer(evidence.present.training, GradientClipping(max_norm=1.0))
    lower = with_lr(evidence.present, rounded(lr / 10))
    calmer = Fix("Switch on gradient clipping at 1, and lower the learning rate tenfold", (clipping, *lower.edits))
    return Finding("not_finite", f"{saw}, at a learning rate of {lr:g}: a step went too far.", (calmer, lower))


def _where(evidence: Evidence) -> str:
    """The layer whose gradient was largest last, if it was far larger than it may be."""
    last = list(evidence.of_layers("grad_norm"))[-1:]
    layers = last[0][1] if last else {}
    worst = max(layers, key=layers.get, default=None)
    if worst is None or layers[worst] < LARGE_GRADIENT:
        return ""
    return f", after a gradient of length {said(layers[worst])} in '{worst}'"


def _too_high(evidence: Evidence, saw: str) -> Finding:
    usual = usual_lr(evidence.training.optimizer)
    lr = usual if evidence.lr >= FAR * usual else rounded(evidence.lr / 10)
    sentence = f"{saw}: the learning rate of {evidence.lr:g} is too high."
    return Finding("lr_too_high", sentence, (with_lr(evidence.present, lr),), lr_now=lr)


def lr_too_low(evidence: Evidence) -> Finding | None:
    """The loss falls, but by hardly anything, because the weights hardly move."""
    now = evidence.since_lr()
    losses, usual, moved = now.losses("train"), usual_lr(evidence.training.optimizer), _step_size(now)
    if len(losses) < FEWEST_EPOCHS or not evidence.level > SLOW or not _falls(losses):
        return None
    is_small = evidence.lr < usual / FAR if moved is None else moved < SMALL_STEP
    if not is_small:
        return None
    lr = usual if evidence.lr * FAR <= usual else rounded(evidence.lr * FAR)
    steps = "" if moved is None else f" each step changes the weights by {said(moved * 100)} % of their size;"
    sentence = (
        f"After {len(losses)} epochs the training loss is still {share(evidence.level)} of the first;{steps} "
        f"the learning rate of {evidence.lr:g} is too low."
    )
    return Finding("lr_too_low", sentence, (with_lr(evidence.present, lr),), lr_now=lr)


def _falls(losses: np.ndarray) -> bool:
    """Whether the last third of the epochs is better than the first."""
    part = max(1, len(losses) // 3)
    return bool(losses[-part:].mean() < losses[:part].mean())


def _step_size(evidence: Evidence) -> float | None:
    """How far the layer that moves most moves in a step, as a share of its weights; None if it was not measured.

    Steps at the foot of a schedule are meant to be small and do not count.
    """
    highest = max((sample["lr"] for sample in evidence.samples), default=0.0)
    ratios = []
    for sample, moved in evidence.of_layers("update_norm"):
        sizes = {name: sample["layers"][name]["weight_norm"] for name in moved}
        shares = [value / sizes[name] for name, value in moved.items() if sizes[name] > 0]
        if shares and sample["lr"] >= highest / 2:
            ratios.append(max(shares))
    return float(np.median(ratios)) if ratios else None
