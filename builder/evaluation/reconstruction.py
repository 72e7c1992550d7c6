"""Describes how well inputs were given back: the error of each row, of each column, of each place in the image."""

from typing import Any

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from builder.nn.answers import squared_errors
from builder.spec.facts import DataFacts

MOST_ERRORS = 2000
LONGEST_MAP_SIDE = 64


def reconstruction_figures(facts: DataFacts, given: Tensor, inputs: Tensor, baseline: Tensor) -> dict[str, Any]:
    """`errors` are mean squared misses of evenly picked rows, in order; a table has `columns`, images have a `map`."""
    errors = np.sort(squared_errors(given, inputs).numpy())
    places = np.unique(np.linspace(0, len(errors) - 1, min(len(errors), MOST_ERRORS)).round().astype(int))
    missed = (given - inputs).square().mean(0)
    return {
        "errors": errors[places].tolist(), "mean_error": float(errors.mean(dtype=np.float64)),
        "columns": _columns(facts, missed, (baseline - inputs).square().mean(0)) if missed.dim() == 1 else [],
        "map": _map(missed) if missed.dim() == 3 else None,
    }  # fmt: skip


def _columns(facts: DataFacts, missed: Tensor, by_baseline: Tensor) -> list[dict[str, Any]]:
    """Root mean squared miss of each column beside the baseline's, in the column's standard deviations if it is scaled so."""
    names = [column.name for column in facts.raw_inputs]
    pairs = zip(missed.sqrt().tolist(), by_baseline.sqrt().tolist(), strict=True)
    return [{"name": name, "rmse": rmse, "baseline": other} for name, (rmse, other) in zip(names, pairs, strict=True)]


def _map(missed_CHW: Tensor) -> list[list[float]]:
    """Root mean squared miss over the channels at each place, joined where the image is large."""
    height, width = missed_CHW.shape[1:]
    size = min(height, LONGEST_MAP_SIDE), min(width, LONGEST_MAP_SIDE)
    return F.adaptive_avg_pool2d(missed_CHW.mean(0, keepdim=True), size)[0].sqrt().tolist()
