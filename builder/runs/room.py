"""Keeps a little of the disk for the end of a run: given back, it lets even a full one be told of it in the store."""

from pathlib import Path

ROOM_BYTES = 262_144
"""SQLite takes up to 100 kB for the files beside its own."""


def keep_room(path: Path) -> None:
    """Until the file is deleted. Raises: OSError if there is no room."""
    path.write_bytes(bytes(ROOM_BYTES))  # truly written: a file that only has a size takes no room
