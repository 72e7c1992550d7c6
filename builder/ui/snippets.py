"""Writes the few lines of Python that run an exported file with its real input names, on a real row."""

from collections.abc import Mapping
from typing import Any

Cell = str | float | None
_NUMBER, _TEXT = "np.array([[np.nan]], dtype=np.float32)", 'np.array([[""]], dtype=object)'
"""A missing number, a missing category."""
_NAMED = 40
"""Inputs written out; a snippet of a thousand lines helps nobody."""
_LONGEST_TEXT = 200


def onnx_snippet(
    inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], file_name: str = "model.onnx",
    example: Mapping[str, Cell] | None = None,
) -> str:  # fmt: skip
    """`inputs` and `outputs` as the certificate lists them; `example` is a raw row by input."""
    names = [output["name"] for output in outputs]
    is_image = any(tensor["dtype"] == "uint8" for tensor in inputs)
    lines = ["import numpy as np", "import onnxruntime as ort", *["from PIL import Image, ImageOps"] * is_image, ""]
    lines += [
        f'session = ort.InferenceSession("{file_name}")',
        *(_image_feed(inputs) if is_image else _table_feed(inputs, example or {})),
    ]
    lines += [f"{', '.join(names)} = session.run({names!r}, inputs)", f"print({', '.join(names)})"]
    return "\n".join(lines)


def _image_feed(inputs: list[dict[str, Any]]) -> list[str]:
    channels = inputs[0]["shape"][-1]
    mode = "L" if channels == 1 else "RGB"
    return [
        f'picture = ImageOps.exif_transpose(Image.open("picture.png")).convert("{mode}")',
        f"image = np.asarray(picture).reshape(1, picture.height, picture.width, {channels})  # any size",
        f"inputs = {{{inputs[0]['name']!r}: image}}",
    ]


def _table_feed(inputs: list[dict[str, Any]], example: Mapping[str, Cell]) -> list[str]:
    row = "a row that training never saw" if example else "one row"
    lines = [f"inputs = {{  # {row}; NaN or an empty string means missing"]
    lines += [f"    {tensor['name']!r}: {_array(tensor, example)}," for tensor in inputs[:_NAMED]]
    if len(inputs) <= _NAMED:
        return [*lines, "}"]
    missing = f'{_TEXT} if tensor.type == "tensor(string)" else {_NUMBER}'
    loop = f"for tensor in session.get_inputs()[{_NAMED}:]:  # put your values here, too; missing for now"
    return [*lines, "}", loop, f"    inputs[tensor.name] = {missing}"]


def _array(tensor: dict[str, Any], example: Mapping[str, Cell]) -> str:
    value = example.get(tensor["name"])
    if tensor["dtype"] == "string":
        is_shown = isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT
        return f"np.array([[{value!r}]], dtype=object)" if is_shown else _TEXT
    return f"np.array([[{value!r}]], dtype=np.float32)" if isinstance(value, int | float) else _NUMBER
