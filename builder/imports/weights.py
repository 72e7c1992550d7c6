"""Keeps the weights that a model starts from: one safetensors file, named by its content."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from builder.errors import RunError
from builder.files import write_atomically
from builder.home import home

INITIAL_WEIGHTS = "initial_weights.safetensors"
"""What the file is called beside a script that starts from it."""
_WAY_OUT = "Import the model again, or copy that file from the machine on which it was imported."


def kept_weights(sha256: str) -> Path:
    """The file with these weights. Raises: RunError if it is not on this machine."""
    path = _place(sha256)
    if not path.is_file():
        raise RunError(f"The weights that the model starts from are not on this machine: weights/{path.name} is missing in Strata's home. {_WAY_OUT}")  # fmt: skip
    return path


def damaged(sha256: str) -> RunError:
    """What to say when the file is there but cannot be read."""
    return RunError(f"The weights that the model starts from are damaged: weights/{_place(sha256).name} in Strata's home cannot be read. {_WAY_OUT}")  # fmt: skip


def keep_weights(weights: Mapping[str, np.ndarray]) -> str:
    """Stores them and gives their SHA-256. `weights` are by state_dict name."""
    content = save({name: np.ascontiguousarray(weights[name]) for name in sorted(weights)})
    sha256 = hashlib.sha256(content).hexdigest()
    if not _place(sha256).exists():
        write_atomically(_place(sha256), content)
    return sha256


def _place(sha256: str) -> Path:
    return home() / "weights" / f"{sha256}.safetensors"
