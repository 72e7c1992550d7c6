"""What the palette of the canvas offers: every layer by family, ready-made blocks and the user's own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from builder.catalogue.layers import LAYERS
from builder.spec.blocks import BLOCKS

READY, OWN = "ready:", "own:"
"""What the name of a block starts with; a layer goes by its kind."""
BLOCKS_FAMILY, OWN_FAMILY = "Blocks", "My blocks"


@dataclass(frozen=True)
class Palette:
    """`families` are (family, its items); an item is name, title and help. `version` is a mark of the content."""

    families: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]

    @property
    def version(self) -> str:
        return sha256(json.dumps(self.families).encode()).hexdigest()[:12]

    def as_json(self) -> dict[str, Any]:
        return {"version": self.version, "families": self.families}


@cache
def offered(own: tuple[tuple[str, str], ...] = ()) -> Palette:
    """`own` are name and title of the user's blocks."""
    mine = tuple((OWN + name, title, "A block that you saved.") for name, title in own)
    ready = tuple((READY + block.name, block.title, block.help) for block in BLOCKS.values())
    return Palette(tuple(part for part in (*_layers(), (BLOCKS_FAMILY, ready), (OWN_FAMILY, mine)) if part[1]))


@cache
def families() -> Sequence[str]:
    """In the order in which they are offered; the canvas gives each its colour by its place."""
    return tuple(family for family, _ in _layers())


@cache
def _layers() -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    by_family: dict[str, list[tuple[str, str, str]]] = {}
    for name, kind in LAYERS.items():
        by_family.setdefault(kind.family, []).append((name, kind.label, kind.help))
    return tuple((family, tuple(items)) for family, items in by_family.items())
