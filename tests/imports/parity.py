"""Runs an imported model in torch, with every weight from the file in its place."""

import numpy as np
import onnxruntime
import torch

from builder.imports.imported import Imported
from builder.nn.graph import build_model

TOLERANCE = 1e-5


def answers(imported: Imported, x: np.ndarray) -> np.ndarray:
    """What the imported model gives. Fails if a weight of it is not in the file, or one in the file has no place."""
    assert imported.unsupported == ()
    model = build_model(imported.model, imported.input_shape).eval()
    model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in imported.weights.items()})
    with torch.no_grad():
        return model(torch.from_numpy(x)).numpy()


def onnx_answers(content: bytes, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    assert ours.shape == theirs.shape
    return float(np.abs(ours - theirs).max())
