"""Recognizes a full disk, whoever met it: the system, the store's database, or a library that has its own words for it."""

import errno
import shutil

from builder.errors import RunError
from builder.home import home

DISK_FULL = "The disk is full. Free some space, then resume this run or train again; finished runs are intact."
_WORDS = ("no space left", "disk is full", "disk quota exceeded", "not enough space")
_UNCLEAR = ("disk i/o error", "unable to open database file", "failed writing file")
"""SQLite and torch say no more than this where there is no room for a file; they say it of other faults, too."""
_HARDLY_ANY_BYTES = 65_536


class DiskFull(RunError):
    """Nothing more can be written where Strata keeps its things."""


def is_disk_full(error: BaseException) -> bool:
    if isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        return True
    text = str(error).lower()
    return any(words in text for words in _WORDS) or (any(words in text for words in _UNCLEAR) and _hardly_any_left())


def _hardly_any_left() -> bool:
    return shutil.disk_usage(home()).free < _HARDLY_ANY_BYTES
