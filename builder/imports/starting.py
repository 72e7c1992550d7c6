"""Tells without torch which layers find weights of their name in an imported file."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from math import prod
from pathlib import Path

from safetensors import SafetensorError, safe_open

from builder.imports.weights import damaged, kept_weights

_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""Last parts of names in a state_dict that are not trained."""


def imported_parameters(sha256: str) -> Mapping[str, int]:
    """How many trainable values the file has for each layer, by name. Raises: RunError if it is missing or damaged."""
    path = kept_weights(sha256)
    try:
        return _counted(path)
    except (SafetensorError, OSError):
        raise damaged(sha256) from None


@lru_cache(maxsize=16)
def _counted(path: Path) -> Mapping[str, int]:
    sizes: Counter[str] = Counter()
    with safe_open(path, "np") as file:
        for name in file.keys():  # noqa: SIM118
            layer, _, part = name.partition(".")
            if not part.endswith(_BUFFERS):
                sizes[layer] += prod(file.get_slice(name).get_shape())
    return sizes
