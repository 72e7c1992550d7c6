"""Files of one JSON document a line, to which lines are appended: half a line that a killed writer left counts as none."""

import json
import os
from pathlib import Path
from typing import Any


def append_line(path: Path, document: dict[str, Any]) -> None:
    """On disk when this returns."""
    with open(path, "a+b") as file:
        file.seek(0)
        content = file.read()
        if content and not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)
        file.write(json.dumps(document).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Oldest first; none if there is no file."""
    try:
        whole = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in whole]
