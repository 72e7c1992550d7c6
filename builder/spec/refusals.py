"""Says what a document may not say: every fault at its path in the document, as the user wrote it."""

import re
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]
EXPECTED = "Input should be "
MOST_SHOWN = 80
"""Letters of a wrong value that are repeated."""
MOST_TOLD = 20
"""Faults that are told one by one."""
_MANY = 30
"""Names that are listed; of more, only similar ones."""


def refusals(faults: list[dict[str, Any]], document: Any) -> list[str]:
    """One sentence for each place at fault; `faults` are pydantic's."""
    places: dict[Path, list[dict[str, Any]]] = {}
    for fault in faults:
        places.setdefault(_path(fault, document), []).append(fault)
    inner = {path[:length] for path in places for length in range(len(path))}
    # A place and something in it can only both be at fault where several types are allowed: the inner one tells more.
    outer = [_sentence(path, found) for path, found in places.items() if path not in inner]
    more = [f"There are {len(outer) - MOST_TOLD:,} more faults. Mend these first."] if len(outer) > MOST_TOLD else []
    return outer[:MOST_TOLD] + more


def half_letters(document: Any) -> list[str]:
    """One sentence for each text that is cut within a letter, as "\\ud800" is."""
    sentences, waiting = [], [((), document)]
    while waiting:  # not recursive: a document may be nested deeper than Python calls
        path, value = waiting.pop()
        if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            sentences.append(f"{_place(path)}: half of a letter stands in {_shown(value)}. Write it whole.")
        elif isinstance(value, dict):
            waiting += [pair for name in value for pair in ((path, name), ((*path, name), value[name]))]
        elif isinstance(value, list):
            waiting += [((*path, at), part) for at, part in enumerate(value)]
    return sentences


def _place(path: Path) -> str:
    return ".".join(map(str, path)) or "project"


def _path(fault: dict[str, Any], document: Any) -> Path:
    """The fault's place without what pydantic puts between: the kinds and types it tried."""
    path: list[str | int] = []
    at, is_tag_due = document, True
    for part in fault["loc"]:
        if is_tag_due and isinstance(at, dict) and at.get("kind") == part:
            is_tag_due = False
        elif _holds(at, part):
            path.append(part)
            at, is_tag_due = at[part], True
    if fault["type"] == "missing":
        path.append(fault["loc"][-1])
    if fault["type"].startswith("union_tag"):
        path.append("kind")
    return tuple(path)


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and part < len(value)
    return isinstance(value, dict) and part in value


def _sentence(path: Path, faults: list[dict[str, Any]]) -> str:
    place, first = _place(path), faults[0]
    if first["type"] in ("missing", "union_tag_not_found"):
        return f"{place}: this field is missing. Add it."
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no such field. Remove it or correct its name."
    if first["type"] == "union_tag_invalid":
        return f"{place}: there is no {_shown(first['ctx']['tag'])}. {_instead(first['ctx'])}"
    value = "" if isinstance(first["input"], dict | list) else f"; got {_shown(first['input'])}"
    return f"{place}: {_reason([fault['msg'] for fault in faults])}{value}."


def _instead(context: dict[str, str]) -> str:
    """What can be used; of many names those that are spelled most like it."""
    names = re.findall(r"'([^']*)'", context["expected_tags"])
    if len(names) <= _MANY:
        return f"Use one of {context['expected_tags']}."
    by_letters = {name.lower(): name for name in names}
    near = [by_letters[found] for found in get_close_matches(context["tag"].lower(), by_letters, cutoff=0.5)]
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else "docs/catalogue.md lists all that there are."


def _reason(messages: list[str]) -> str:
    if all(message.startswith(EXPECTED) for message in messages):
        return "must be " + " or ".join(dict.fromkeys(message.removeprefix(EXPECTED) for message in messages))
    message = messages[0].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
