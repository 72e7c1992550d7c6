"""Prints the torch call of a component as a person would write it."""

import re
from typing import Any

from builder.catalogue.component import TorchCall


def constructor(call: TorchCall) -> str:
    """`nn.Conv2d(in_channels=3, …)`"""
    name = re.sub(r"^torch\.nn\.", "nn.", call.name)
    name = name.rpartition(".")[2] if name.startswith("builder.") else name
    return f"{name}({', '.join(f'{key}={_printed(value)}' for key, value in call.kwargs.items())})"


def _printed(value: Any) -> str:
    return constructor(value) if isinstance(value, TorchCall) else repr(value)
