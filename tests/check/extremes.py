"""Draws layers at the bounds of their fields, as their JSON schemas give them, and small models of such layers."""

from random import Random
from typing import Any

from pydantic import ValidationError

from builder.catalogue.layer import Layer
from builder.catalogue.layers import LAYERS
from builder.spec.model import INPUT, Group, ModelSpec, Node

KINDS = tuple(LAYERS.values())
SCHEMAS = {kind: kind.model_json_schema() for kind in KINDS}
MOST_DRAWS = 20


def drawn_layer(rng: Random, kind: type[Layer]) -> Layer:
    """Some fields at the default, most of the others as large or as small as they may be."""
    schema = SCHEMAS[kind]
    for _ in range(MOST_DRAWS):
        picked = [name for name in schema["properties"] if name != "kind" and rng.random() < 0.5]
        try:
            return kind(**{name: _value(rng, schema["properties"][name], schema) for name in picked})
        except ValidationError:  # fields that do not go together
            continue
    return kind()


def _value(rng: Random, field: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in field:  # an activation, without its settings
        return {"kind": field["$ref"].rsplit("/", 1)[1]}
    if "anyOf" in field or "oneOf" in field:
        return _value(rng, rng.choice(field.get("anyOf") or field["oneOf"]), schema)
    if "enum" in field:
        return rng.choice(field["enum"])
    if field["type"] == "array":
        return _values(rng, field, schema)
    return _plain(rng, field)


def _values(rng: Random, field: dict[str, Any], schema: dict[str, Any]) -> tuple:
    parts = field.get("prefixItems") or [field["items"]] * rng.randint(
        field.get("minItems", 0), field.get("maxItems", 3)
    )
    return tuple(_value(rng, part, schema) for part in parts)


def _plain(rng: Random, field: dict[str, Any]) -> Any:
    low = field.get("minimum", field.get("exclusiveMinimum", 0))
    high = field.get("maximum", field.get("exclusiveMaximum", 8))
    if field["type"] == "integer":
        return rng.choice([high, high, low, min(high, 2), rng.randint(low, high)])
    if field["type"] == "number":
        return rng.choice([high, low, rng.uniform(low, high)])
    return rng.random() < 0.5 if field["type"] == "boolean" else None


def drawn_model(rng: Random) -> ModelSpec:
    """Up to six layers, some merging any before them, sometimes the first of them repeated."""
    nodes: list[Node] = []
    for number in range(rng.randint(1, 6)):
        layer, before = drawn_layer(rng, rng.choice(KINDS)), [INPUT, *(node.id for node in nodes)]
        is_wired = layer.inputs_min > 1 or rng.random() < 0.15
        inputs = tuple(rng.choice(before) for _ in range(rng.randint(1, 3))) if is_wired else None
        nodes.append(Node(id=f"n{number}", layer=layer, inputs=inputs))
    first = Group(id="g", title="G", members=(nodes[0].id,), repeat=rng.choice([2, 64]))
    return ModelSpec(nodes=tuple(nodes), groups=(first,) if rng.random() < 0.25 else ())
