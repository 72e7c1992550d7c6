"""Writes a stand-alone PyTorch script that trains the same model from the same file."""

from pathlib import Path

from builder.runs.folder import RunFolder


def write_source(folder: RunFolder) -> Path:
    folder.source.write_text("")
    return folder.source
