"""Names the fields that an edit sets as the screens do: by the titles of their declarations."""

from collections.abc import Iterable

from pydantic import BaseModel


def titled(fields: Iterable[str], *declared: type[BaseModel]) -> str:
    """`output features, bias`: each field by the title of the first declaration that has it, else by its name."""
    return ", ".join(_title(name, declared) for name in fields)


def _title(name: str, declared: tuple[type[BaseModel], ...]) -> str:
    found = (kind.model_fields[name].title for kind in declared if name in kind.model_fields)
    title = next(filter(None, found), name)
    return title[:1].lower() + title[1:]
