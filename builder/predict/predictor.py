"""Runs an exported ONNX file on raw rows or images, as any user of the file would."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from builder.errors import RunError

BATCH = 1024
Cell = str | float | None


@dataclass(frozen=True)
class Answer:
    """A label with the probability of each class, or a value in the target's own unit, or what was given back with its
    error: the columns of a row in their own units, or an image (H, W, C) at the model's size, 0 to 255."""

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    reconstruction: dict[str, float] | np.ndarray | None = None
    error: float | None = None


class Predictor:
    """Opens the file once; answers are the file's own. Raises: RunError if it cannot be opened."""

    def __init__(self, onnx_path: Path):
        import onnxruntime  # takes a while: only pages that predict pay for it

        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(onnx_path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise RunError(f"{onnx_path.name} cannot be opened: {error}. Export the run again.") from None
        about = self._session.get_modelmeta().custom_metadata_map
        self.classes: tuple[str, ...] = tuple(json.loads(about.get("strata.classes", "[]")))
        self.columns: tuple[str, ...] = tuple(json.loads(about.get("strata.columns", "{}")))
        self._inputs = self._session.get_inputs()
        self._outputs = [output.name for output in self._session.get_outputs()]

    def predict_table(self, rows: Sequence[Mapping[str, Cell]]) -> list[Answer]:
        """One answer for each row; a column that is left out or None counts as missing."""
        answers: list[Answer] = []
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            feed = {
                given.name: _column([row.get(column) for row in part], given.type)
                for given, column in zip(self._inputs, self.columns, strict=True)
            }
            answers += self._answers(feed)
        return answers

    def predict_image(self, image_HWC: np.ndarray) -> Answer:
        """`image_HWC` is uint8 of any size, with as many channels as the model was trained on."""
        return self._answers({"image": image_HWC[None]})[0]

    def _answers(self, feed: dict[str, np.ndarray]) -> list[Answer]:
        given = dict(zip(self._outputs, self._session.run(None, feed), strict=True))
        if "prediction" in given:
            return [Answer(value=float(value)) for value in given["prediction"][:, 0]]
        if "reconstruction" in given:
            pairs = zip(given["reconstruction"], given["error"], strict=True)
            return [Answer(reconstruction=self._named(values), error=float(error)) for values, error in pairs]
        pairs = zip(given["label"], given["probabilities"], strict=True)
        return [Answer(str(label), dict(zip(self.classes, map(float, shares), strict=True))) for label, shares in pairs]

    def _named(self, values: np.ndarray) -> dict[str, float] | np.ndarray:
        """A row's columns by name; an image as it is."""
        return values if values.ndim > 1 else dict(zip(self.columns, map(float, values), strict=True))


def _column(cells: list[Cell], kind: str) -> np.ndarray:
    """[rows, 1] as the input wants it."""
    if kind == "tensor(string)":
        return np.array([["" if cell is None else str(cell)] for cell in cells], dtype=object)
    return np.array([[np.nan if cell is None else float(cell)] for cell in cells], dtype=np.float32)
