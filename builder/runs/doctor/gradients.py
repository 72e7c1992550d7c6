"""Rules for what reaches the layers: gradients that vanish or explode, units that give nothing any more."""

import numpy as np

from builder.catalogue.regularization import GradientClipping
from builder.check.problem import Fix
from builder.runs.doctor.evidence import MOSTLY_DEAD, Evidence
from builder.runs.doctor.finding import Finding
from builder.runs.doctor.layers import freely_flowing, leaking
from builder.runs.doctor.rates import LARGE_GRADIENT
from builder.runs.doctor.remedies import with_regularizer
from builder.runs.doctor.words import said, share

FEWEST_SAMPLES = 2
VANISHED = 1e-3
"""Gradient of the layer that gets least, as a share of the one that gets most."""
LEARNED_NOTHING = 0.7
"""Share of the first loss above which hardly anything was learned."""


def vanishing(evidence: Evidence) -> Finding | None:
    """The loss stands where it began, and the gradient dies away on its way to the first layers."""
    if len(evidence.samples) < FEWEST_SAMPLES or not evidence.level > LEARNED_NOTHING:
        return None
    found = [layers for _, layers in evidence.of_layers("grad_norm") if len(layers) > 2]
    shares = [_least(layers) for layers in found if max(layers.values()) > 0]
    if not shares or np.median([size for _, size in shares]) > VANISHED:
        return None
    name, size = shares[-1]
    if size == 0:  # nothing at all gets there: units have died, which is another illness
        return None
    sentence = f"The gradient in '{name}' is {said(size)} of the largest, and the loss is {share(evidence.level)} of the first: it vanishes on its way back."
    return Finding("vanishing", sentence, freely_flowing(evidence))


def _least(layers: dict[str, float]) -> tuple[str, float]:
    """The layer that gets least, and how much of the largest it gets."""
    name = min(layers, key=layers.get)
    return name, layers[name] / max(layers.values())


def exploding(evidence: Evidence) -> Finding | None:
    """Gradients were huge from the first steps on: it is the weights that they meet, not the size of the steps."""
    first = evidence.first_gradient
    if not first > LARGE_GRADIENT or not _largest_share(evidence) > 1:
        return None
    (_, layers), *_ = evidence.of_layers("grad_norm")
    worst = max(layers, key=layers.get)
    sentence = f"The first gradient was {said(first)} long, {said(layers[worst])} of it in '{worst}', and the first loss {said(evidence.first_loss)}: values explode on their way through the layers."
    clipping = with_regularizer(evidence.present.training, GradientClipping(max_norm=1.0))
    calmed = freely_flowing(evidence, (clipping,), ", and clip gradients at 1")
    return Finding("exploding", sentence, (*calmed, Fix("Clip gradients at 1", (clipping,))))


def _largest_share(evidence: Evidence) -> float:
    """The first gradient over the size of the weights."""
    sizes = list(next(evidence.of_layers("weight_norm"), (None, {}))[1].values())
    size = float(np.sqrt(np.sum(np.square(sizes)))) if sizes else 0.0
    return evidence.first_gradient / size if size else np.inf


def dead_units(evidence: Evidence) -> Finding | None:
    """Most units of a layer give 0 for every row, and the rows are not learned."""
    dead = [layers for _, layers in evidence.of_layers("dead")]
    if len(dead) < FEWEST_SAMPLES or not evidence.learned_little:
        return None
    worst = max(dead[-1], key=dead[-1].get, default=None)
    latest = [layers.get(worst, 0.0) for layers in dead[-FEWEST_SAMPLES:]]
    if worst is None or min(latest) < MOSTLY_DEAD:
        return None
    sentence = f"{share(latest[-1])} of the units of '{worst}' give 0 for every row, so they learn nothing; the training loss is {share(evidence.level)} of the first."
    return Finding("dead_units", sentence, leaking(evidence))
