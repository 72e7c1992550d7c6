"""Rewrites a traced step where the same numbers can be had with less work, down to the bit."""

from collections.abc import Iterator

import torch
from torch.fx import Graph, GraphModule, Node

aten = torch.ops.aten


def rewrite(traced: GraphModule) -> None:
    traced.graph.eliminate_dead_code()
    _pool_before_relu(traced.graph)
    _pool_backward_in_order(traced.graph)
    traced.graph.eliminate_dead_code()


def _pool_before_relu(graph: Graph) -> None:
    """The largest of a window is the same before and after ReLU, which then has a quarter of the values to look at.

    So it is on the way back: a window whose largest value is not positive gives nothing either way.
    """
    for pool in _calls(graph, aten.max_pool2d_with_indices.default):
        relu, largest = pool.args[0], next(user for user in pool.users if user.args[1] == 0)
        if relu.target is not aten.relu.default:
            continue
        users = list(_users(relu))
        back = next((user for user in users if user.target is aten.max_pool2d_with_indices_backward.default), None)
        mask = next((user for user in users if user.target is aten.threshold_backward.default), None)
        if back is None or mask is None or {*users} != {pool, back, mask} or not _follows(mask, back):
            continue
        with graph.inserting_after(largest):
            kept = graph.call_function(aten.relu.default, (largest,))
        kept.meta = dict(largest.meta)
        largest.replace_all_uses_with(kept, delete_user_cb=lambda user, kept=kept: user is not kept)
        with graph.inserting_before(back):
            masked = graph.call_function(aten.threshold_backward.default, (back.args[0], kept, mask.args[2]))
        masked.meta = dict(back.args[0].meta)
        pool.replace_input_with(relu, relu.args[0])
        back.args = (masked, relu.args[0], *back.args[2:])
        mask.replace_all_uses_with(back)


def _follows(mask: Node, back: Node) -> bool:
    """Whether the one takes what the other gives, and nobody else does."""
    return mask.args[0] is back and list(back.users) == [mask]


def _pool_backward_in_order(graph: Graph) -> None:
    """Given gradients in another order than the inputs', torch turns the inputs' around and back, which are larger."""
    for back in _calls(graph, aten.max_pool2d_with_indices_backward.default):
        gradient, inputs, size, stride, _, dilation = back.args[:6]
        is_apart = list(stride or size) == list(size) and set(dilation) == {1}  # else gradients are summed, in an order
        if is_apart and _is_last(inputs) and not _is_last(gradient):
            with graph.inserting_before(back):
                turned = graph.call_function(aten.clone.default, (gradient,), {"memory_format": torch.channels_last})
            back.args = (turned, *back.args[1:])


def _is_last(node: Node) -> bool:
    return node.meta["val"].is_contiguous(memory_format=torch.channels_last)


def _calls(graph: Graph, target: object) -> list[Node]:
    return graph.find_nodes(op="call_function", target=target)


def _users(node: Node) -> Iterator[Node]:
    """Of its values, by whatever name."""
    for user in node.users:
        if user.target is aten.detach.default:
            yield from _users(user)
        else:
            yield user
