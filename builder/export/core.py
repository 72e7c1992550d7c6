"""Exports the whole model with torch's exporter: numbers, category ids or pixels in, answers out."""

import functools
import io
import logging
import warnings
from contextlib import redirect_stderr, redirect_stdout

import onnx
import torch
from torch import Tensor, nn

from builder.data.preprocessing import TablePreprocessing
from builder.errors import RunError
from builder.evaluation.trained import TrainedModel

OPSET = 20
NUMBERS, IDS, IMAGE = "numbers", "ids", "image"
PROBABILITIES, CLASS_ID, PREDICTION = "probabilities", "class_id", "prediction"
RECONSTRUCTION, ERROR = "reconstruction", "error"
_OUTPUTS = {"regression": [PREDICTION], "reconstruction": [RECONSTRUCTION, ERROR]}
"""Of tasks without classes."""


class _Table(nn.Module):
    """The whole model with only the inputs that the table has."""

    def __init__(self, whole: nn.Module, has_numbers: bool):
        super().__init__()
        self.whole, self.has_numbers = whole, has_numbers

    def forward(self, first: Tensor, second: Tensor | None = None):
        return self.whole(first, second) if self.has_numbers else self.whole(None, first)


def export_core(trained: TrainedModel) -> onnx.ModelProto:
    """Inputs `numbers` and `ids`, or `image`; any batch size.

    Outputs `probabilities` and `class_id`, or `prediction`, or `reconstruction` and `error`.

    Raises: RunError if torch cannot export the model.
    """
    preprocessing = trained.preprocessing
    outputs = _OUTPUTS.get(trained.facts.task, [PROBABILITIES, CLASS_ID])
    if not isinstance(preprocessing, TablePreprocessing):
        size = {0: "batch", 1: "height", 2: "width"}
        image = torch.zeros(
            2, preprocessing.height + 3, preprocessing.width + 5, len(preprocessing.mean), dtype=torch.uint8
        )
        return _export(trained.whole, (image,), (size,), [IMAGE], outputs)
    examples = {
        NUMBERS: torch.zeros(2, len(preprocessing.numbers)),
        IDS: torch.zeros(2, len(preprocessing.categories), dtype=torch.long),
    }
    present = {name: example for name, example in examples.items() if example.shape[1]}
    model = _Table(trained.whole, NUMBERS in present)
    return _export(model, tuple(present.values()), tuple({0: "batch"} for _ in present), list(present), outputs)


def _export(model: nn.Module, examples: tuple, sizes: tuple, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    _remember_operator_table()
    quiet = io.StringIO()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(quiet), redirect_stderr(quiet):
            warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
            program = torch.onnx.export(
                model.eval(), examples, dynamo=True, dynamic_shapes=sizes, input_names=inputs,
                output_names=outputs, opset_version=OPSET, verbose=False,
            )  # fmt: skip
    except Exception as error:
        raise RunError(
            f"torch could not export the model: {_root_cause(error)}. Replace the layer it names."
        ) from error
    return program.model_proto


def _root_cause(error: BaseException) -> str:
    """First line of the innermost error; the outer ones are advice to torch's developers."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def warm_up_exporter() -> None:
    """Exports one neuron: the first export of a process loads several seconds of libraries."""
    _export(nn.Linear(1, 1), (torch.zeros(2, 1),), ({0: "batch"},), ["x"], ["y"])


@functools.cache
def _remember_operator_table() -> None:
    """Two thirds of a small export is rebuilding this table; a private place, so its absence is no fault."""
    try:
        from onnxscript._framework_apis import torch_2_5
    except ImportError:
        return
    torch_2_5.get_torchlib_ops = functools.lru_cache(None)(torch_2_5.get_torchlib_ops)
