"""Says in a few words how a layer is set, for its node on the canvas."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from builder.catalogue.layer import Layer

_LONGEST = 60


@lru_cache(maxsize=4096)
def summary(layer: Layer) -> str:
    """The settings that differ from the defaults: `channels 64 · padding 1 · ReLU`."""
    words = [
        _setting(field.title or name, getattr(layer, name))
        for name, field in type(layer).model_fields.items()
        if name != "kind" and getattr(layer, name) != field.get_default(call_default_factory=True)
    ]
    text = " · ".join(words)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _setting(title: str, value: Any) -> str:
    if isinstance(value, BaseModel):
        return value.label
    if value is True:
        return title.lower()
    if isinstance(value, tuple):
        return f"{title.lower()} {' × '.join(map(str, value))}"
    return f"{title.lower()} {'off' if value is False else value}"
