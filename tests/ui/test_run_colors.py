"""The colours of compared runs, with every kind of sight and on either background."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import builder.ui.live_chart
from builder.ui.curves import RUN_COLORS

CSS = (Path(builder.ui.live_chart.__file__).parent / "chart.css").read_text()
BACKGROUNDS = ("#ffffff", "#0f1119")
"""Of the light and of the dark theme."""
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Machado, Oliveira & Fernandes 2009, table of severity 1."""
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1, 1.08883])
TOLD_APART = 20
"""CIELAB distance; 2.3 is the least that can be seen side by side."""


def linear(color: str) -> np.ndarray:
    parts = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(
        TO_XYZ @ np.clip(light, 0, 1) / WHITE
    )  # near black CIELAB is a line, which only brings colours closer
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(color: str, background: str) -> float:
    """WCAG 2.2."""
    low, high = sorted(TO_XYZ[1] @ linear(each) for each in (color, background))
    return (high + 0.05) / (low + 0.05)


def colors(theme: int) -> list[str]:
    return [re.search(rf"{name}: light-dark\((#\w+), (#\w+)\)", CSS)[theme + 1] for name in RUN_COLORS]


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", [0, 1])
def test_any_two_runs_can_be_told_apart(theme, sight):
    seen = [lab(np.array(SIGHT[sight]) @ linear(color)) for color in colors(theme)]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > TOLD_APART


@pytest.mark.parametrize("theme", [0, 1])
def test_each_run_stands_out_from_the_background(theme):
    assert min(contrast(color, BACKGROUNDS[theme]) for color in colors(theme)) >= 3
