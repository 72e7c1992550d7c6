"""Records the forward and backward pass of a step once, and plays them again: the same kernels, without what autograd
and Python cost between them."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.fx.experimental.proxy_tensor import make_fx

from builder.training.precision import Forward
from builder.training.rewriting import rewrite
from builder.training.torchscript import script_of

AFTER_BATCHES = 16
"""Batches of one shape after which it is recorded: a tenth of a second and more, which a short training would not earn."""
UNLOADED_S = 10.0
"""Training time after which torch's tracer is loaded where it is not: some seconds."""
TRACER = "torch._inductor"
Shapes = tuple[tuple[torch.Size, torch.dtype, tuple[int, ...]], ...]


class Passed(NamedTuple):
    """What both passes give; a weight that has no part in the loss has no gradient."""

    outputs: Tensor
    loss: Tensor
    gradients: list[Tensor | None]


class Recording:
    """Both passes for batches of one shape, as a TorchScript function of batch, weights and buffers."""

    def __init__(self, whole: "_Whole", x: Tensor, targets: Tensor):
        self.rows, self.weights, self.tensors = len(x), list(whole.parameters()), whole.tensors()
        self._has_gradient: list[bool] = []
        self.traced = make_fx(self._passes_of(whole))(x, targets, *self.tensors)
        rewrite(self.traced)
        self._play = script_of(self.traced)

    def _passes_of(self, whole: "_Whole") -> Callable[..., tuple[Tensor, ...]]:
        names = whole.names()

        def passes(x: Tensor, targets: Tensor, *tensors: Tensor) -> tuple[Tensor, ...]:
            weights = [tensor.requires_grad_() for tensor in tensors[: whole.weight_count]]
            given = dict(zip(names, (*weights, *tensors[whole.weight_count :]), strict=True))
            with torch.enable_grad():
                outputs, loss = functional_call(whole, given, (x, targets))
                gradients = torch.autograd.grad(loss, weights, allow_unused=True)
            self._has_gradient = [gradient is not None for gradient in gradients]
            kept = [outputs.detach(), loss.detach()]
            for weight, gradient in zip(weights, gradients, strict=True):
                if gradient is not None:
                    kept.append(_own(gradient, weight, (x, targets, *tensors, *kept)))
            return tuple(kept)

        return passes

    def play(self, x: Tensor, targets: Tensor) -> Passed:
        with torch._C._AutoDispatchBelowAutograd(), torch.jit.optimized_execution(False):  # as they are
            outputs, loss, *found = self._play(x, targets, *self.tensors)
        if len(found) == len(self._has_gradient):
            return Passed(outputs, loss, found)
        rest = iter(found)
        return Passed(outputs, loss, [next(rest) if has else None for has in self._has_gradient])

    @property
    def moved_weights(self) -> list[nn.Parameter]:
        """Those that have a gradient."""
        return [weight for weight, has in zip(self.weights, self._has_gradient, strict=True) if has]


def _own(gradient: Tensor, weight: Tensor, others: Sequence[Tensor]) -> Tensor:
    """In the weight's order in memory and shared with no other tensor, as autograd leaves it: it may be changed in place."""
    place = gradient.untyped_storage()._cdata
    if gradient.stride() == weight.stride() and all(other.untyped_storage()._cdata != place for other in others):
        return gradient
    return torch.empty_like(weight).copy_(gradient)


class _Whole(nn.Module):
    """The model and its loss."""

    def __init__(self, model: nn.Module, forward: Forward, loss: nn.Module):
        super().__init__()
        self.model, self.loss = model, loss
        self._forward = partial(forward)  # which may be the model itself: a module's part must not be there twice
        self.weight_count = len(list(self.parameters()))

    def forward(self, x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        outputs = self._forward(x)
        return outputs, self.loss(outputs, targets)

    def names(self) -> list[str]:
        return [name for name, _ in (*self.named_parameters(), *self.named_buffers())]

    def tensors(self) -> list[Tensor]:
        """The very values of weights and buffers, apart from autograd."""
        return [tensor.detach() for tensor in (*self.parameters(), *self.buffers())]


class Recorder:
    """Has a recording for each shape of batch that comes often, if it gives the same bits as the passes themselves."""

    def __init__(self, model: nn.Module, forward: Forward, loss: nn.Module):
        self._whole = _Whole(model, forward, loss)
        self._weights = list(self._whole.parameters())
        self._came: Counter[Shapes] = Counter()
        self._found: dict[Shapes, Recording | None] = {}
        self._began = time.monotonic()
        self.latest: Recording | None = None

    def recording_of(self, x: Tensor, targets: Tensor) -> Recording | None:
        self.latest = self._recording_of(x, targets)
        return self.latest

    def _recording_of(self, x: Tensor, targets: Tensor) -> Recording | None:
        shapes = tuple((part.shape, part.dtype, part.stride()) for part in (x, targets))
        if shapes in self._found:
            return self._found[shapes]
        self._came[shapes] += 1
        if self._came[shapes] < AFTER_BATCHES or not self._pays():
            return None
        self._found[shapes] = self._record(x, targets)
        return self._found[shapes]

    def _pays(self) -> bool:
        return TRACER in sys.modules or time.monotonic() - self._began > UNLOADED_S

    def _record(self, x: Tensor, targets: Tensor) -> Recording | None:
        """None for a model that does not stand it: one that looks at its values, say. Nothing of the training changes."""
        if any(module._forward_hooks for module in self._whole.modules()):  # which want to be called at each pass
            return None
        try:
            with self._undone():
                expected = self._pass(x, targets)
            with self._undone():
                recording = Recording(self._whole, x, targets)
            with self._undone():
                return recording if _are_equal(self._played(recording, x, targets), expected) else None
        except Exception:  # torch may raise anything; without a recording, training goes on as well
            return None

    def _pass(self, x: Tensor, targets: Tensor) -> list[Tensor | None]:
        """All that both passes leave behind."""
        outputs, loss = self._whole(x, targets)
        loss.backward()
        gradients = [weight.grad for weight in self._weights]
        for weight in self._weights:
            weight.grad = None
        return [outputs.detach(), loss.detach(), *gradients, *self._state()]

    def _played(self, recording: Recording, x: Tensor, targets: Tensor) -> list[Tensor | None]:
        passed = recording.play(x, targets)
        return [passed.outputs, passed.loss, *passed.gradients, *self._state()]

    def _state(self) -> list[Tensor]:
        return [*(buffer.clone() for buffer in self._whole.buffers()), torch.get_rng_state()]

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Puts buffers, gradients and the random state back as they were."""
        *buffers, random = self._state()
        gradients = [weight.grad for weight in self._weights]
        for weight in self._weights:
            weight.grad = None
        try:
            yield
        finally:
            for weight, gradient in zip(self._weights, gradients, strict=True):
                weight.grad = gradient
            for buffer, before in zip(self._whole.buffers(), buffers, strict=True):
                buffer.copy_(before)
            torch.set_rng_state(random)


def _are_equal(ours: list[Tensor | None], theirs: list[Tensor | None]) -> bool:
    return len(ours) == len(theirs) and all(map(_is_equal, ours, theirs))


def _is_equal(ours: Tensor | None, theirs: Tensor | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours.stride() == theirs.stride() and torch.equal(ours, theirs)
