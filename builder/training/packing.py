"""Takes nested state apart into JSON and tensors, and puts it together again: nothing is pickled."""

from typing import Any

import torch
from torch import Tensor

_TENSOR, _ITEMS, _TUPLE = "$tensor", "$items", "$tuple"


def pack(value: Any) -> tuple[Any, dict[str, Tensor]]:
    """JSON in which tensors are named, and the tensors by their names, each on the CPU with memory of its own.

    Takes dictionaries, lists, tuples, tensors and what JSON knows, nested as they like.
    """
    tensors: dict[str, Tensor] = {}
    return _packed(value, tensors), tensors


def unpack(packed: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(packed, list):
        return [unpack(item, tensors) for item in packed]
    if not isinstance(packed, dict):
        return packed
    if _TENSOR in packed:
        return tensors[packed[_TENSOR]]
    if _TUPLE in packed:
        return tuple(unpack(item, tensors) for item in packed[_TUPLE])
    return {key: unpack(item, tensors) for key, item in packed[_ITEMS]}


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = _own(value)
        return {_TENSOR: name}
    if isinstance(value, dict):  # as pairs: an optimizer's keys are numbers, which JSON would turn into text
        return {_ITEMS: [[key, _packed(item, tensors)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {_TUPLE: [_packed(item, tensors) for item in value]}
    if isinstance(value, list):
        return [_packed(item, tensors) for item in value]
    return value


def _own(tensor: Tensor) -> Tensor:
    """safetensors takes plain memory order alone, and no tensor that is a part of another."""
    plain = tensor.detach().to("cpu").contiguous()
    is_part = plain.untyped_storage().nbytes() != plain.nbytes
    return plain.clone() if is_part or plain.data_ptr() == tensor.data_ptr() else plain


def like(tensor: Tensor, model: Tensor) -> Tensor:
    """The values of `tensor` in the memory order and on the device of `model`, as fused kernels take them."""
    return torch.empty_like(model, dtype=tensor.dtype).copy_(tensor)
