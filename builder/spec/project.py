"""The project: one document with data, model and training, as readable JSON."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from builder.errors import SpecError
from builder.files import write_atomically
from builder.spec.base import Spec
from builder.spec.data import DataSpec
from builder.spec.migrations import SCHEMA_VERSION, migrated
from builder.spec.model import ModelSpec
from builder.spec.refusals import half_letters, refusals
from builder.spec.training import TrainingSpec


class Project(Spec):
    schema_version: Literal[2] = SCHEMA_VERSION
    name: str = Field(
        "Untitled", min_length=1, max_length=120, title="Name", description="Shown in the list of projects."
    )
    description: str = Field("", max_length=5000, title="Description", description="What the model is for.")
    data: DataSpec
    model: ModelSpec = ModelSpec()
    training: TrainingSpec

    def to_json(self) -> str:
        return self.model_dump_json(indent=2) + "\n"


def parse_project(text: str | bytes) -> Project:
    """Raises: SpecError with every problem, each at its field's path."""
    try:
        document = json.loads(text, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise SpecError(
            f"The project is not readable JSON: {error}. Open it in a text editor and mend that place."
        ) from None
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version is None:
        return validated(Project, document)
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise SpecError(
            f"The project has schema_version {repr(version)[:20]}; this Strata reads versions 1 to {SCHEMA_VERSION}. Open it with the Strata that wrote it."
        )
    return validated(Project, migrated(document))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises: ValueError for a field that is there twice: which of them is meant?"""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"'{next(name for name in names if names.count(name) > 1)}' is there twice in one place")
    return fields


def validated(kind: type[Spec], document: Any) -> Any:
    """`document` as a `kind`, types taken strictly. Raises: SpecError with every problem, each at its field's path."""
    if broken := half_letters(document):
        raise SpecError("\n".join(broken))
    try:
        return kind.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        raise SpecError("\n".join(refusals(error.errors(include_url=False), document))) from None


def load_project(path: Path) -> Project:
    """Raises: SpecError if the file is missing or says something that is not allowed."""
    try:
        return parse_project(path.read_bytes())
    except OSError as error:
        raise SpecError(f"Cannot read the project {path}: {error.strerror}. Check the path.") from None


def save_project(project: Project, path: Path) -> None:
    """Writes all or nothing: to a temporary file beside it, flushed, then put in its place."""
    write_atomically(path, project.to_json().encode())
