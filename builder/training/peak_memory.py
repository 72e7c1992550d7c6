"""Tells how much memory work took at its height, and what there is: of the GPU if it computes there, else of this machine."""

import contextlib
from pathlib import Path

import torch

from builder.runs.memory import usable_bytes

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class PeakMemory:
    """Counts from where it was made, which is where nothing was taken yet."""

    def __init__(self, device: torch.device):
        self._device = device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            self.usable_bytes: int | None = torch.cuda.mem_get_info(device)[0]
        else:
            with contextlib.suppress(OSError):
                RESET.write_text("5")  # the peak starts anew
            self.usable_bytes = usable_bytes()
        self._before = _of_process("VmRSS")

    @property
    def size_bytes(self) -> int | None:
        """None where the system does not tell."""
        if self._device.type == "cuda":
            return torch.cuda.max_memory_allocated(self._device)
        peak = _of_process("VmHWM")
        return None if peak is None or self._before is None else max(0, peak - self._before)


def _of_process(name: str) -> int | None:
    try:
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(lines[name].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
