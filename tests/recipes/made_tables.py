"""Small tables whose difficulty is known, because they are made: for runs that are sick on purpose."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

from builder.data.propose import propose
from builder.spec.data import TableData
from builder.spec.sources import FileSource


def spirals(rows: int, turns: float = 1.5, noise: float = 0.02) -> pd.DataFrame:
    """Three arms, one class each, that no straight line parts."""
    rng = np.random.default_rng(0)
    arm, along = rng.integers(0, 3, rows), rng.uniform(0.1, 1, rows)
    angle = 2 * np.pi * (along * turns + arm / 3)
    points = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1) + rng.normal(0, noise, (rows, 2))
    return pd.DataFrame(points, columns=["x", "y"]).assign(arm=np.array(["a", "b", "c"])[arm])


def noisy_classes(rows: int, features: int, flipped: float) -> pd.DataFrame:
    """Two classes along one direction, and a share of the labels turned over."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(rows, features))
    label = (values[:, :3].sum(1) > 0) ^ (rng.random(rows) < flipped)
    frame = pd.DataFrame(values, columns=[f"f{at}" for at in range(features)])
    return frame.assign(label=np.where(label, "yes", "no"))


def friedman(rows: int, noise: float = 0.5) -> pd.DataFrame:
    """A number that follows from five of ten features. Source: scikit-learn's make_friedman1."""
    values, target = datasets.make_friedman1(rows, noise=noise, random_state=0)
    return pd.DataFrame(values, columns=[f"f{at}" for at in range(10)]).assign(target=target)


def rare(rows: int, shares: tuple[float, ...], apart: float) -> pd.DataFrame:
    """Clouds that overlap, one for each class, of very different sizes."""
    rng = np.random.default_rng(2)
    counts = [max(12, round(rows * share)) for share in shares]
    label = np.repeat(np.arange(len(shares)), counts)
    centres = apart * rng.normal(size=(len(shares), 4))
    values = centres[label] + rng.normal(size=(len(label), 4))
    frame = pd.DataFrame(values, columns=list("abcd")).assign(kind=[f"k{number}" for number in label])
    return frame.sample(frac=1, random_state=0)


def table_of(frame: pd.DataFrame, folder: Path, target: str, **changes) -> TableData:
    """The frame as a file in the folder, read as Strata proposes."""
    path = folder / "table.csv"
    frame.to_csv(path, index=False)
    return propose(FileSource(path=str(path)), target=target).model_copy(update=changes)
