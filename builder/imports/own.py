"""Reads a model from our own JSON: a whole project, or just its nodes."""

import json

from builder.errors import SpecError
from builder.imports.imported import Imported
from builder.spec.model import ModelSpec
from builder.spec.project import parse_project, validated


def read_own(content: bytes, name: str) -> Imported:
    """Raises: SpecError with every fault, each at its field's path."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise SpecError(f"{name} is not a project in JSON. Choose the file that Strata wrote.")
    if "nodes" in document:
        return Imported(validated(ModelSpec, document))
    return Imported(parse_project(content).model)
