"""Sends what a peek found of each node once: an edit must not carry all pictures again."""

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

_SHOWN = ("histogram", "picture", "marks")


def peek_state(peeks: Mapping[str, Mapping[str, Any]], known: Collection[str]) -> dict[str, Any]:
    """`peek`: by node the mark of what is shown there; `peeks`: by mark the contents that the browser does not know."""
    shown = {name: {part: peek.get(part) for part in _SHOWN} for name, peek in peeks.items()}
    marks = {name: sha256(json.dumps(content).encode()).hexdigest()[:10] for name, content in shown.items()}
    return {"peek": marks, "peeks": {marks[name]: shown[name] for name in shown if marks[name] not in known}}
