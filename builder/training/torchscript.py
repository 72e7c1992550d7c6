"""Writes a traced computation as a TorchScript graph, whose operators follow each other without Python in between."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.fx import GraphModule, Node


def script_of(traced: GraphModule) -> Callable[..., tuple[Tensor, ...]]:
    """Takes the tensors that `traced` takes and gives those that it gives.

    Raises: an error of torch if TorchScript has no word for something in it.
    """
    writer = Writer()
    given = [writer.take() for node in traced.graph.nodes if node.op == "placeholder"]
    return writer.finish(writer.follow(traced, given))


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


class Writer:
    """Follows traced computations, one after the other, in one graph."""

    def __init__(self) -> None:
        self._graph = torch._C.Graph()
        self._values: dict[Node, Any] = {}
        """Of the computation that is followed; a list for a node that gives several."""
        self._constants: dict[int, tuple[torch._C.Value, Tensor]] = {}

    def take(self, kind: torch._C.Type | None = None) -> torch._C.Value:
        """What the function is to be given next: a tensor, if nothing else is said."""
        value = self._graph.addInput()
        if kind is not None:
            value.setType(kind)
        return value

    def follow(self, traced: GraphModule, given: Sequence[torch._C.Value]) -> list[torch._C.Value]:
        nodes, given = list(traced.graph.nodes), iter(given)
        self._values = {node: next(given) for node in nodes if node.op == "placeholder"}
        for node in nodes:
            if node.op == "get_attr":
                self._values[node] = self._constant(getattr(traced, node.target))
            elif node.op == "call_function":
                self._follow_call(node)
        return [self._values[node] for node in nodes[-1].args[0]]

    def _constant(self, tensor: Tensor) -> torch._C.Value:
        """TorchScript has no constants that it would not copy, so the function is given them each time."""
        if id(tensor) not in self._constants:
            self._constants[id(tensor)] = self._graph.addInput(), tensor
        return self._constants[id(tensor)][0]

    def call(self, operator: torch._ops.OpOverload, *given: Any, **named: Any) -> torch._C.Value | None:
        """What an operator of one result or none gives, for values of this graph, constants and lists of them."""
        return next(iter(self._called(operator, given, named)), None)

    def _called(
        self, operator: torch._ops.OpOverload, given: Sequence[Any], named: dict[str, Any]
    ) -> list[torch._C.Value]:
        """All its results. Arguments that are not given are as the operator has them by default."""
        schema = operator._schema
        known = dict(zip((argument.name for argument in schema.arguments), given, strict=False)) | named
        inputs = [
            self._value(known.get(argument.name, argument.default_value), argument.type)
            for argument in schema.arguments
        ]
        made = self._graph.insertNode(self._graph.create(schema.name, inputs, len(schema.returns)))
        outputs = list(made.outputs())
        for output, returned in zip(outputs, schema.returns, strict=True):
            output.setType(returned.type)
        return outputs

    def _follow_call(self, node: Node) -> None:
        if node.target is operator.getitem:
            whole, place = node.args
            self._values[node] = self._values[whole][place]
            return
        same = _same_as(node)
        if same is not None:
            self._values[node] = self._values[same]
            return
        outputs = self._called(node.target, node.args, node.kwargs)
        self._values[node] = outputs[0] if len(outputs) == 1 else outputs
        if len(outputs) == 1 and isinstance(node.target._schema.returns[0].type, torch._C.ListType):
            self._values[node] = self._unpacked(outputs[0], node)

    def _unpacked(self, listed: torch._C.Value, node: Node) -> list[torch._C.Value]:
        """Of a list of tensors, as long as it was when it was traced."""
        count = len(node.meta["val"])
        return list(self._graph.insertNode(self._graph.create("prim::ListUnpack", [listed], count)).outputs())

    def _value(self, given: Any, kind: torch._C.Type) -> torch._C.Value:
        if isinstance(given, torch._C.Value):
            return given
        if isinstance(given, Node):
            return self._values[given]
        if not isinstance(given, list | tuple):
            given = _ORDERS[given] if isinstance(given, torch.memory_format) else given
            return self._graph.insertConstant(float(given) if kind.kind() == "FloatType" else given)
        kind = kind.getElementType() if isinstance(kind, torch._C.OptionalType) else kind
        parts = [self._value(part, kind.getElementType()) for part in given]
        listed = self._graph.insertNode(self._graph.create("prim::ListConstruct", parts, 1)).output()
        listed.setType(kind)
        return listed

    def finish(self, given: Sequence[torch._C.Value]) -> Callable[..., tuple[Tensor, ...]]:
        """The function that gives these values, of what was to be taken."""
        for value in given:
            self._graph.registerOutput(value)
        self._graph.makeMultiOutputIntoTuple()
        function = torch._C._create_function_from_graph("steps", self._graph)
        constants = [tensor for _, tensor in self._constants.values()]
        return lambda *tensors: function(*tensors, *constants)
