"""Says what this machine can train on, and brings the examples there."""

import os
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from builder.errors import RunError
from builder.runs.machine import note_machine
from builder.spec.machine import Accelerator, Machine
from builder.spec.training import TrainingSpec
from builder.training.examples import Examples, OwnInputs

CPU = torch.device("cpu")
RESIDENT_SHARE = 0.4
"""Examples that take no more than this share of the free memory of a card stay there."""
_PART = 4096
_PROCESSOR = Path("/proc/cpuinfo")


def this_machine() -> Machine:
    cards = (torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count()))
    found = tuple(Accelerator(name=card.name, memory_bytes=card.total_memory) for card in cards)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores=cores, mixes_well=_multiplies_16_bits(), accelerators=found)


def note_this_machine() -> None:
    """For the screens."""
    note_machine(this_machine())


def _multiplies_16_bits() -> bool:
    """Whether the processor multiplies matrices of bfloat16 by itself; others take twice the time of float32."""
    try:
        return "amx_bf16" in _PROCESSOR.read_text()
    except OSError:
        return False


def device_of(training: TrainingSpec) -> torch.device:
    """Raises: RunError if the project asks for a card that is not there."""
    has_card = torch.cuda.is_available()
    if training.device == "cuda" and not has_card:
        raise RunError("The project asks for device cuda, but this machine has no NVIDIA card that torch can use. Set the device to auto.")  # fmt: skip
    return torch.device("cuda") if has_card and training.device != "cpu" else CPU


def free_on(device: torch.device) -> int | None:
    """Bytes of a card's own memory that are free; None for the processor, which has none."""
    return None if device == CPU else torch.cuda.mem_get_info(device)[0]


def make_repeatable(device: torch.device) -> None:
    """Has a card compute the same bits each time, as a processor does; what it has no such kernel for it tells in the log."""
    if device != CPU:
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True, warn_only=True)


def on_device(examples: Examples, device: torch.device) -> Examples:
    """The examples as they are for the processor, else with everything on the card."""
    return examples if device == CPU else DeviceExamples(examples, device)


def random_state(device: torch.device) -> list[Tensor]:
    """Of the processor, which draws first weights and orders, and of the card, which draws dropout."""
    return [torch.get_rng_state(), *([] if device == CPU else [torch.cuda.get_rng_state(device)])]


def restore_random(device: torch.device, states: list[Tensor]) -> None:
    """A training that goes on on another device draws other dropout there."""
    torch.set_rng_state(states[0])
    if device != CPU and len(states) > 1:
        torch.cuda.set_rng_state(states[1], device)


class DeviceExamples(Examples):
    """Examples whose inputs, targets and row numbers lie on a device; all of the inputs at once if there is room."""

    def __init__(self, examples: Examples, device: torch.device, room_bytes: int | None = None):
        self.preprocessing, self.is_augmented = examples.preprocessing, examples.is_augmented
        self._examples, self._device = examples, device
        parts = (examples.train_rows, examples.validation_rows, examples.test_rows)
        self.train_rows, self.validation_rows, self.test_rows = (part.to(device) for part in parts)
        self.targets, self.truth = self._moved(examples.targets), self._moved(examples.truth)
        self._resident = self._all_inputs(1 + max(int(part.max()) for part in parts if len(part)), room_bytes)

    def inputs(self, rows: Tensor) -> Tensor:
        return self._brought(self._examples.inputs(rows.cpu())) if self._resident is None else self._resident[rows]

    def training_inputs(self, rows: Tensor, epoch: int) -> Tensor:
        if not self.is_augmented:
            return self.inputs(rows)
        return self._brought(self._examples.training_inputs(rows.cpu(), epoch))

    def order(self, seed: int, epoch: int) -> Tensor:
        return self._examples.order(seed, epoch).to(self._device)

    def begin_epoch(self, epoch: int, parts: Iterable[Tensor]) -> None:
        self._examples.begin_epoch(epoch, (part.cpu() for part in parts))

    def _moved(self, values: Tensor | OwnInputs) -> Tensor | OwnInputs:
        return values.to(self._device) if isinstance(values, Tensor) else OwnInputs(self.inputs)

    def _all_inputs(self, count: int, room_bytes: int | None) -> Tensor | None:
        """None if they are too many for the device."""
        first = self._examples.inputs(torch.arange(1))
        room = int(free_on(self._device) * RESIDENT_SHARE) if room_bytes is None else room_bytes
        if count * first.nbytes > room:
            return None
        parts = torch.arange(count).split(_PART)
        return torch.cat([self._brought(self._examples.inputs(part)) for part in parts])

    def _brought(self, values: Tensor) -> Tensor:
        return values.to(self._device, non_blocking=True)
