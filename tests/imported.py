"""Imports generated source in the tests' own process."""

import importlib.util
from pathlib import Path
from types import ModuleType


def imported(source: str, folder: Path) -> ModuleType:
    path = folder / "generated.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("generated", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
