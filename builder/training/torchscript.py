"""Writes a traced computation as a TorchScript graph, whose operators follow each other without Python in between."""

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.fx import GraphModule, Node


def script_of(traced: GraphModule) -> Callable[..., tuple[Tensor, ...]]:
    """Takes the tensors that `traced` takes and gives those that it gives.

    Raises: an error of torch if TorchScript has no word for something in it.
    """
    writer, constants = _Writer(), []
    nodes = list(traced.graph.nodes)
    for node in nodes:
        if node.op == "placeholder":
            writer.take(node)
    for node in nodes:
        if node.op == "get_attr":
            constants.append(getattr(traced, node.target))
            writer.take(node)
    for node in nodes:
        if node.op == "call_function":
            writer.call(node)
    function = writer.finish(nodes[-1].args[0])
    return lambda *tensors: function(*tensors, *constants)


_ORDERS = {torch.contiguous_format: 0, torch.preserve_format: 1, torch.channels_last: 2, torch.channels_last_3d: 3}
"""As TorchScript numbers them."""


def _same_as(node: Node) -> Node | None:
    """The node whose values these are as they are, where a call would only cost time."""
    match node.target:
        case torch.ops.aten.detach.default:
            return node.args[0]
        case torch.ops.aten.t.default if node.args[0].target is torch.ops.aten.t.default:
            return node.args[0].args[0]
    return None


class _Writer:
    """Values of the graph by the node that they stand for; a list of them for a node that gives several."""

    def __init__(self) -> None:
        self._graph = torch._C.Graph()
        self._values: dict[Node, Any] = {}

    def take(self, node: Node) -> None:
        self._values[node] = self._graph.addInput()

    def call(self, node: Node) -> None:
        if node.target is operator.getitem:
            whole, place = node.args
            self._values[node] = self._values[whole][place]
            return
        same = _same_as(node)
        if same is not None:
            self._values[node] = self._values[same]
            return
        schema = node.target._schema
        names = [argument.name for argument in schema.arguments]
        given = dict(zip(names, node.args, strict=False)) | dict(node.kwargs)
        inputs = [
            self._value(given.get(argument.name, argument.default_value), argument.type)
            for argument in schema.arguments
        ]
        made = self._graph.insertNode(self._graph.create(schema.name, inputs, len(schema.returns)))
        outputs = list(made.outputs())
        for output, returned in zip(outputs, schema.returns, strict=True):
            output.setType(returned.type)
        self._values[node] = outputs[0] if len(outputs) == 1 else outputs
        if len(outputs) == 1 and isinstance(schema.returns[0].type, torch._C.ListType):
            self._values[node] = self._unpacked(outputs[0], node)

    def _unpacked(self, listed: torch._C.Value, node: Node) -> list[torch._C.Value]:
        """Of a list of tensors, as long as it was when it was traced."""
        count = len(node.meta["val"])
        return list(self._graph.insertNode(self._graph.create("prim::ListUnpack", [listed], count)).outputs())

    def _value(self, given: Any, kind: torch._C.Type) -> torch._C.Value:
        if isinstance(given, Node):
            return self._values[given]
        if not isinstance(given, list | tuple):
            return self._graph.insertConstant(
                _ORDERS.get(given, given) if isinstance(given, torch.memory_format) else given
            )
        kind = kind.getElementType() if isinstance(kind, torch._C.OptionalType) else kind
        parts = [self._value(part, kind.getElementType()) for part in given]
        listed = self._graph.insertNode(self._graph.create("prim::ListConstruct", parts, 1)).output()
        listed.setType(kind)
        return listed

    def finish(self, given: tuple[Node, ...]) -> Callable[..., tuple[Tensor, ...]]:
        for node in given:
            self._graph.registerOutput(self._values[node])
        self._graph.makeMultiOutputIntoTuple()
        return torch._C._create_function_from_graph("passes", self._graph)
