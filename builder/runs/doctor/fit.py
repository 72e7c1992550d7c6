"""Rules for how well the model fits: rows learned by heart, a model too small, a run too short, a loss that stands still."""

import numpy as np

from builder.catalogue.regularization import EarlyStopping
from builder.catalogue.schedulers import CosineDecay, Plateau
from builder.check.edits import UpdateTraining
from builder.check.problem import Fix
from builder.runs.doctor.curves import STILL, fall, gain, unrest
from builder.runs.doctor.evidence import Evidence
from builder.runs.doctor.finding import Finding
from builder.runs.doctor.layers import against_memorizing, narrowest, widened
from builder.runs.doctor.remedies import rounded, set_training, with_lr, with_regularizer
from builder.runs.doctor.words import said, share

FEWEST_EPOCHS = 8
GAP = 0.25
"""Validation loss above training loss, as a share of the first loss."""
SKILL_GAP = 0.15
"""By how much less of the baseline's error is gone in validation."""
SURPASSED = 0.5
"""A training loss that is so small a share of the validation loss."""
STILL_LEARNING = 0.03
"""Fall of the validation loss over the last fifth of the epochs, as a share of the first loss."""
LAST = 5
"""The last epochs are one in so many."""
ALIKE = 0.2
"""Share by which training and validation loss may differ where nothing is learned by heart."""
RESTLESS = 0.15
"""Mean change of a loss from epoch to epoch, as a share of the loss."""
STANDING, LEARNED = 0.1, 0.05
"""Gain that counts as none while a loss jumps about; share of the first loss below which all is learned."""


def overfitting(evidence: Evidence) -> Finding | None:
    """The training loss is far below the validation loss, which was better before."""
    train, validation = evidence.losses("train"), evidence.losses("validation")
    if len(train) < FEWEST_EPOCHS or not evidence.first_loss > 0:
        return None
    best = int(np.nanargmin(validation)) if not np.isnan(validation).all() else 0
    waited = len(validation) - 1 - best
    gap = (validation[-1] - train[-1]) / evidence.first_loss
    is_past_best = waited >= max(3, len(validation) // LAST) and validation[-1] > validation[best]
    is_apart = (
        gap > GAP
        and train[-1] < SURPASSED * validation[-1]
        and not evidence.skill("train") - evidence.skill("validation") < SKILL_GAP
    )
    if not (is_apart and is_past_best):
        return None
    sentence = (
        f"The training loss is {said(train[-1])}, but the validation loss is {said(validation[-1])} and was "
        f"{said(validation[best])} at epoch {best + 1}: the model learns its rows by heart."
    )
    return Finding("overfitting", sentence, against_memorizing(evidence.present, best + 1))


def underfitting(evidence: Evidence) -> Finding | None:
    """A layer lets so little through that the training rows themselves stay unlearned."""
    train, validation = evidence.figure("train", "loss"), evidence.figure("validation", "loss")
    narrow = narrowest(evidence)
    if len(evidence.epochs) < FEWEST_EPOCHS or narrow is None or not evidence.learned_little:
        return None
    if fall(evidence.losses("train")) > STILL or abs(validation - train) > ALIKE * train:
        return None
    sentence = f"The training loss stays at {share(evidence.level)} of the first, in validation as well ({said(validation)}): {narrow.why}."
    return Finding("underfitting", sentence, widened(evidence.present, narrow))


def stopped_early(evidence: Evidence) -> Finding | None:
    """It has come to its last epoch while the validation loss was still falling."""
    validation, planned = evidence.losses("validation"), evidence.training.epochs
    back = max(1, len(validation) // LAST)
    if not evidence.is_over or len(validation) <= back or not evidence.first_loss > 0:
        return None
    fallen = min(losses[-1 - back] - losses[-1] for losses in (evidence.losses("train"), validation))
    if not fallen / evidence.first_loss > STILL_LEARNING or validation[-1] > validation.min():
        return None
    epochs = f"epoch{'s' if back > 1 else ''}"
    sentence = (
        f"The validation loss still fell from {said(validation[-1 - back])} to {said(validation[-1])} in the last "
        f"{back if back > 1 else ''} {epochs} of {planned}: it stopped too early."
    ).replace("  ", " ")  # fmt: skip
    longer = max(10, 6 * planned)
    stopping = EarlyStopping(patience=max(5, longer // 5))
    edits = (UpdateTraining(changes={"epochs": longer}), with_regularizer(evidence.present.training, stopping))
    return Finding("stopped_early", sentence, (Fix(f"Train {longer} epochs, with early stopping", edits),))


def plateau(evidence: Evidence) -> Finding | None:
    """Training and validation loss jump about without falling any further: steps too large for the valley."""
    now = evidence.since_lr()
    train, validation = now.losses("train"), now.losses("validation")
    if len(train) < 2 * FEWEST_EPOCHS or evidence.training.scheduler.kind != "Constant" or not evidence.level > LEARNED:
        return None
    if max(gain(train), gain(validation)) > STANDING or min(unrest(train), unrest(validation)) < RESTLESS:
        return None
    late, lr = validation[-(len(validation) // 3) :], evidence.lr
    sentence = (
        f"For {len(late)} epochs the validation loss has jumped between {said(late.min())} and {said(late.max())} without "
        f"falling any further: steps at a learning rate of {lr:g} are too large by now."
    )
    falling = Fix("Let the learning rate fall along a cosine", (set_training(scheduler=CosineDecay()),))
    on_plateau = Fix("Halve the learning rate on each plateau", (set_training(scheduler=Plateau()),))
    lower = rounded(lr / 10)
    return Finding("plateau", sentence, (with_lr(evidence.present, lower), falling, on_plateau), lr_now=lower)
