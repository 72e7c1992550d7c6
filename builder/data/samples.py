"""Writes the data sets that come with scikit-learn, and some that are made, as plain files."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from builder.data import made_samples
from builder.data.storage import build_once
from builder.spec.sources import SampleName

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


def write_sample(name: SampleName) -> Path:
    """The sample's CSV file (digits: the folder of its IDX files), written on first use."""
    folder = build_once(f"sample-{name}-{FORMAT}", lambda unfinished: _write(name, unfinished))
    return folder if name == "digits" else folder / f"{name}.csv"


def _write(name: SampleName, folder: Path) -> None:
    if name == "digits":
        _write_digits(folder)
    else:
        import pyarrow as pa
        from pyarrow.csv import WriteOptions, write_csv

        table = pa.Table.from_pandas(TABLES[name](), preserve_index=False)
        write_csv(table, folder / f"{name}.csv", WriteOptions(quoting_style="needed"))


def _iris() -> "pd.DataFrame":
    from sklearn.datasets import load_iris

    return _named(load_iris(as_frame=True), "species")


def _wine() -> "pd.DataFrame":
    from sklearn.datasets import load_wine

    return _named(load_wine(as_frame=True), "class")


def _breast_cancer() -> "pd.DataFrame":
    from sklearn.datasets import load_breast_cancer

    return _named(load_breast_cancer(as_frame=True), "diagnosis")


def _diabetes() -> "pd.DataFrame":
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "progression"})


def _named(bunch, target: str) -> "pd.DataFrame":
    return bunch.data.assign(**{target: bunch.target_names[bunch.target]})


def _write_digits(folder: Path) -> None:
    from sklearn.datasets import load_digits

    from builder.data.images.idx import write_idx

    bunch = load_digits()
    grey = np.round(bunch.images * (255 / 16)).astype(np.uint8)  # the source counts ink from 0 to 16
    write_idx(folder / "train-images-idx3-ubyte", grey)
    write_idx(folder / "train-labels-idx1-ubyte", bunch.target.astype(np.uint8))


TABLES: dict[str, Callable[[], "pd.DataFrame"]] = {
    "iris": _iris, "wine": _wine, "breast-cancer": _breast_cancer, "diabetes": _diabetes, "wide": made_samples.wide,
    "waves": made_samples.waves, "sequences": made_samples.sequences,
}  # fmt: skip
