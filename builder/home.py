"""Says where Strata keeps data sets, projects and runs."""

import os
from pathlib import Path


def home() -> Path:
    """The folder of everything Strata keeps: `STRATA_HOME`, or `~/.strata`; made if it is missing."""
    folder = Path(os.environ.get("STRATA_HOME") or Path.home() / ".strata").expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
