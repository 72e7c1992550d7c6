"""Writes a stand-alone PyTorch script that trains the same model from the same file."""

from pathlib import Path

from builder.export.source.script import script_of
from builder.files import write_atomically
from builder.runs.folder import RunFolder


def write_source(folder: RunFolder) -> Path:
    """The script's path in the run's folder. Raises: RunError if the run is not trained."""
    write_atomically(folder.source, script_of(folder).encode())
    return folder.source
