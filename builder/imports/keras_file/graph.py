"""A Keras model as a plain list of layers, models within the model laid open."""

import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from builder.errors import DataError
from builder.imports.keras_file.opening import Saved

MOST_LAYERS = 2000
DEEPEST = 8
"""Models within models."""
MODELS = ("Sequential", "Functional", "Model")


@dataclass(frozen=True)
class KerasLayer:
    """One layer with the ids of what it takes; `id` is unique in the file."""

    id: str
    kind: str
    name: str
    config: dict[str, Any]
    inputs: tuple[str, ...]
    weights: list[np.ndarray] = field(default_factory=list)
    is_own: bool = True
    """Whether it is one of Keras' own, not somebody's class."""


class Reader:
    """Walks the description of one file. Raises: DataError if it is no graph with one input and one output."""

    def __init__(self, saved: Saved, name: str):
        self._saved, self._name = saved, name
        self.layers: list[KerasLayer] = []
        self.output = self._model(saved.config, (), (), None)
        inputs = sum(layer.kind == "InputLayer" for layer in self.layers)
        if inputs == len(self.layers):
            raise DataError(f"{name} has no layers. Save a model that has some.")
        if inputs != 1:
            raise DataError(f"{name} has {inputs} inputs; a model here has one. Save a part of it.")

    def _model(self, entry: dict[str, Any], path: tuple[str, ...], kinds: tuple[str, ...], given: str | None) -> str:
        """Adds the model's layers; gives the id of its answer. `given` is what a model within the model takes."""
        if entry.get("class_name") not in MODELS or len(path) > DEEPEST:
            shown = str(entry.get("class_name"))[:60]
            raise DataError(f"{self._name} is a {shown}; only Sequential and Functional models of Keras' own layers can be read. Rebuild it as one of them.")  # fmt: skip
        config = entry["config"]
        entries = config if isinstance(config, list) else config["layers"]
        if len(self.layers) + len(entries) > MOST_LAYERS:
            raise DataError(f"{self._name} has more than {MOST_LAYERS:,} layers. Save a smaller model.")
        if isinstance(config, dict) and "output_layers" in config:
            return self._functional(config, path, kinds, given)
        return self._sequential(entries, path, kinds, given)

    def _sequential(
        self, entries: Sequence[dict], path: tuple[str, ...], kinds: tuple[str, ...], given: str | None
    ) -> str:
        counts: Counter[str] = Counter()
        last = given
        for place, entry in enumerate(entries):
            if place == 0 and last is None and entry["class_name"] != "InputLayer":
                last = self._input(entry["config"])
            last = self._layer(entry, path, kinds, counts, (last,) if last else (), given)
        return last

    def _functional(self, config: dict, path: tuple[str, ...], kinds: tuple[str, ...], given: str | None) -> str:
        inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
        if len(inputs) != 1 or len(outputs) != 1:
            raise DataError(f"{self._name} has {len(inputs)} inputs and {len(outputs)} outputs; a model here has one of each. Save a part of it.")  # fmt: skip
        counts: Counter[str] = Counter()
        answers: dict[str, str] = {}
        for entry in config["layers"]:
            calls = entry.get("inbound_nodes", [])
            if len(calls) > 1:
                raise DataError(f"{self._name} uses the layer '{entry['name']}' {len(calls)} times with the same weights; a layer here has one place. Rebuild it without.")  # fmt: skip
            sources = tuple(answers[name] for name in _sources(calls[0])) if calls else ()
            answers[entry["name"]] = self._layer(entry, path, kinds, counts, sources, given)
        return answers[outputs[0]]

    def _layer(
        self, entry: dict, path: tuple[str, ...], kinds: tuple[str, ...], counts: Counter[str],
        inputs: tuple[str, ...], given: str | None,
    ) -> str:  # fmt: skip
        kind, config = entry["class_name"], entry["config"]
        stem = snake(kind)
        place = (*kinds, f"{stem}_{counts[stem]}" if counts[stem] else stem)
        counts[stem] += 1
        if kind == "InputLayer" and given is not None:
            return given
        if kind in MODELS:
            if not self._saved.keeps_nested:
                raise DataError(f"{self._name} holds a model within the model, which .h5 mixes up. Save it as .keras instead.")  # fmt: skip
            return self._model(entry, (*path, config["name"]), place, inputs[0])
        own = (*path, config["name"])
        is_own = entry.get("module", "keras").split(".")[0] == "keras" and ">" not in (entry.get("registered_name") or "")  # fmt: skip
        weights = self._saved.weights(own, place) if is_own else []
        self.layers.append(KerasLayer("/".join(own), kind, config["name"], config, inputs, weights, is_own))
        return self.layers[-1].id

    def _input(self, config: dict) -> str:
        """For an old Sequential, whose first layer says the input's shape."""
        shape = config.get("batch_input_shape")
        if shape is None:
            raise DataError(f"{self._name} does not say the shape of its input. Build the model, then save it again.")
        self.layers.append(KerasLayer("input", "InputLayer", "input", {"batch_shape": shape}, ()))
        return "input"


def snake(kind: str) -> str:
    """Keras' way to write a class in a path: MaxPooling2D is max_pooling2d. Source: keras.src.utils.naming."""
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _ends(value: list) -> list[str]:
    """Names of the layers at one end: one entry, or a list of them."""
    return [value[0]] if value and isinstance(value[0], str) else [each[0] for each in value]


def _sources(call: Any) -> list[str]:
    """Names of the layers that a call takes: Keras 3 writes tensors into the arguments, Keras 2 a list."""
    if isinstance(call, list):
        return [each[0] for each in call]
    found, waiting = [], deque([call.get("args", []), call.get("kwargs", {})])
    while waiting:
        value = waiting.popleft()
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            found.append(value["config"]["keras_history"][0])
        elif isinstance(value, dict | list):
            waiting.extendleft(reversed(list(value.values() if isinstance(value, dict) else value)))
    return found
