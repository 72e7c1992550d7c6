"""Keeps the weights that a model starts from: one safetensors file, named by its content."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from builder.files import write_atomically
from builder.home import home


def weights_file(sha256: str) -> Path:
    """Where the weights with this content lie, if they are on this machine."""
    return home() / "weights" / f"{sha256}.safetensors"


def keep_weights(weights: Mapping[str, np.ndarray]) -> str:
    """Stores them and gives their SHA-256. `weights` are by state_dict name."""
    content = save({name: np.ascontiguousarray(weights[name]) for name in sorted(weights)})
    sha256 = hashlib.sha256(content).hexdigest()
    if not weights_file(sha256).exists():
        write_atomically(weights_file(sha256), content)
    return sha256
