"""Import of a CSV file of 100,000 rows, typed, split and kept, beside pandas.read_csv; the two take turns."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.result import Result, result, timed
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.spec.sources import FileSource

ROWS, NUMBERS, REPEATS = 100_000, 8, 3


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder:
        path = _write(Path(folder) / "rows.csv")
        source = FileSource(path=str(path))
        plain, proposed, imported, again = [], [], [], []
        for repeat in range(REPEATS):
            os.environ["STRATA_HOME"] = str(Path(folder) / f"home-{repeat}")
            plain.append(timed(pd.read_csv, path))
            proposed.append(timed(propose, source))
            data = propose(source)
            imported.append(timed(prepare, data))
            again.append(timed(prepare, data))
    yield result("100,000 rows: pandas.read_csv alone", plain)
    yield result("100,000 rows: read, check and propose types", proposed)
    yield result("100,000 rows: then type, keep and split", imported)
    yield result("100,000 rows: opened again", again)


def _write(path: Path) -> Path:
    """Eight numbers, two categories, a date and a target of three classes."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(ROWS, NUMBERS)).round(4), columns=[f"n{at}" for at in range(NUMBERS)])
    frame["colour"] = random.choice(["red", "green", "blue"], ROWS)
    frame["place"] = random.choice([f"place {at}" for at in range(40)], ROWS)
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 2000, ROWS), unit="D")
    frame["class"] = random.choice(["a", "b", "c"], ROWS)
    frame.to_csv(path, index=False)
    return path
