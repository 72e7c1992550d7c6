"""Writes the few lines of Python that run an exported file with its real input names."""

from typing import Any

_NUMBER, _TEXT = "np.array([[0.0]], dtype=np.float32)", 'np.array([[""]], dtype=object)'
_NAMED = 40
"""Inputs written out; a snippet of a thousand lines helps nobody."""


def onnx_snippet(inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], file_name: str = "model.onnx") -> str:
    """`inputs` and `outputs` as the certificate lists them."""
    names = [output["name"] for output in outputs]
    is_image = any(tensor["dtype"] == "uint8" for tensor in inputs)
    lines = ["import numpy as np", "import onnxruntime as ort", *["from PIL import Image, ImageOps"] * is_image, ""]
    lines += [
        f'session = ort.InferenceSession("{file_name}")',
        *(_image_feed(inputs) if is_image else _table_feed(inputs)),
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


def _table_feed(inputs: list[dict[str, Any]]) -> list[str]:
    lines = ["inputs = {  # one row; NaN or an empty string means missing"]
    lines += [
        f"    {tensor['name']!r}: {_TEXT if tensor['dtype'] == 'string' else _NUMBER}," for tensor in inputs[:_NAMED]
    ]
    if len(inputs) <= _NAMED:
        return [*lines, "}"]
    example = f'{_TEXT} if tensor.type == "tensor(string)" else {_NUMBER}'
    return [*lines, "}", f"for tensor in session.get_inputs()[{_NAMED}:]:", f"    inputs[tensor.name] = {example}"]
