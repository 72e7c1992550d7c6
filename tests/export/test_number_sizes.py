"""Numbers of any size leave in a file that keeps them: onnxruntime takes constants below 1e-8 for 0."""

import numpy as np
import pandas as pd
import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE
from builder.data.propose import propose
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from tests.export.cases import project
from tests.raw_onnx import run_onnx
from tests.trained import carry_in


@pytest.mark.parametrize("size", [1e-30, 1e-9, 1e30])
def test_one_column_and_a_target_of_any_size_keep_their_digits(size, exported_home, tmp_path, _one_thread):
    random = np.random.default_rng(1)
    x = random.normal(size=80) + 2
    frame = pd.DataFrame({"x": x * size, "y": (3 * x - 1 + random.normal(size=80) / 10) * size})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    data = propose(FileSource(path=str(tmp_path / "rows.csv")), target="y")
    run = carry_in(exported_home, project(data, stack(Linear(out_features=8, activation=ReLU()), Linear()), MSE()))
    seen = pd.read_parquet(run.predictions)
    rows = [[float(value)] for value in frame["x"].iloc[seen["row"]]]
    answers = run_onnx(run.onnx, [{"x": rows}], tmp_path)["answers"]["prediction"]
    np.testing.assert_allclose(np.array(answers)[:, 0], seen["predicted"], rtol=1e-5)
    assert seen["predicted"].astype(float).std() > 0.1 * size
