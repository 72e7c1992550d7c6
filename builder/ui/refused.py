"""Says where an edit was refused in the words of the screen, not in those of project.json."""

import re

from pydantic import BaseModel

from builder.spec.project import Project

_REFUSAL = re.compile(r"(?P<path>[a-z_]\w*(?:\.\w+)+): (?P<reason>.+)")


def in_words(line: str, project: Project) -> str:
    """`training.optimizer.lr: must be greater than 0; got 0.0.` → `Learning rate must be greater than 0; got 0.0.`"""
    found = _REFUSAL.fullmatch(line)
    title = found and _title(found["path"], project)
    if not title:
        return line
    return f"{title}{' ' if found['reason'].startswith('must') else ': '}{found['reason']}"


def _title(path: str, project: Project) -> str | None:
    """Of the field at the path; None if the project has no such field."""
    place: object = project
    title = None
    for part in path.split("."):
        if isinstance(place, tuple) and part.isdigit() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, BaseModel) and part in type(place).model_fields:
            title = type(place).model_fields[part].title or part.replace("_", " ").capitalize()
            place = getattr(place, part)
        else:
            return None
    return title
