"""Tells whether a run trains on other machines, whose processes nobody can look for here: its folder is theirs as well."""

import time

from builder.runs.folder import RunFolder

SILENT_S = 60.0
"""Longer than a cluster takes to go on after one of its nodes is gone."""


def beat(folder: RunFolder) -> None:
    folder.heartbeat.touch()


def is_beating(folder: RunFolder) -> bool:
    """By the clock of the machine that keeps the folder, as far as both clocks agree."""
    try:
        return time.time() - folder.heartbeat.stat().st_mtime < SILENT_S
    except FileNotFoundError:
        return False
