"""Data sets that are made: columns for a wide table, signals over time, and sequences of digits."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SIGNAL_LENGTH = 64
SEQUENCE_LENGTH = 12


def wide() -> "pd.DataFrame":
    """1,000 numbers, of which 60 tell the ten classes apart."""
    import pandas as pd
    from sklearn.datasets import make_classification

    values, classes = make_classification(
        n_samples=2000, n_features=1000, n_informative=60, n_redundant=40, n_classes=10,
        n_clusters_per_class=1, class_sep=3.0, shuffle=True, random_state=0,
    )  # fmt: skip
    frame = pd.DataFrame(values.round(3), columns=[f"f{at}" for at in range(1, 1001)])
    return frame.assign(**{"class": [f"c{label}" for label in classes]})


def waves() -> "pd.DataFrame":
    """Noisy sine, square and sawtooth waves of any frequency, phase and height: 1,200 signals of 64 points."""
    import pandas as pd

    rng, rows = np.random.default_rng(0), 1200
    cycles, phase, height = rng.uniform(1.5, 5, rows), rng.uniform(0, 1, rows), rng.uniform(0.5, 2, rows)
    turns = (cycles[:, None] * np.linspace(0, 1, SIGNAL_LENGTH) + phase[:, None]) % 1
    forms = np.stack([np.sin(2 * np.pi * turns), np.where(turns < 0.5, 1.0, -1.0), 2 * turns - 1])
    kind = rng.integers(0, 3, rows)
    values = forms[kind, np.arange(rows)] * height[:, None] + rng.normal(0, 0.3, turns.shape)
    frame = pd.DataFrame(values.round(3), columns=[f"t{at}" for at in range(1, SIGNAL_LENGTH + 1)])
    return frame.assign(wave=np.array(["sine", "square", "sawtooth"])[kind])


def sequences() -> "pd.DataFrame":
    """Twelve digits that follow a rule, and the digit that comes next: 3,000 sequences.

    Rules: counting on by a step, two digits in turn, each the sum of the two before it, and a mirror image; last digit only.
    """
    import pandas as pd

    rng, length = np.random.default_rng(0), SEQUENCE_LENGTH + 1
    rows = []
    for rule in rng.integers(0, 4, 3000):
        first, second = rng.integers(0, 10, 2)
        if rule == 0:
            row = [(first + second * at) % 10 for at in range(length)]
        elif rule == 1:
            row = [(first, second)[at % 2] for at in range(length)]
        elif rule == 2:
            row = [first, second]
            while len(row) < length:
                row.append((row[-1] + row[-2]) % 10)
        else:
            half = list(rng.integers(0, 10, length // 2 + 1))
            row = half + half[-2::-1]
        rows.append(row)
    names = [f"d{at}" for at in range(1, length)]
    return pd.DataFrame(rows, columns=[*names, "next"])
