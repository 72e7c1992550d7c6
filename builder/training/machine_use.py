"""What this process uses of the machine: memory, share of the cores, and of the accelerator where there is one."""

import os
import time
from typing import Any

import torch

_STATM = "/proc/self/statm"


class MachineUse:
    """Shares are of the time since the last look."""

    def __init__(self, device: torch.device):
        self._device = device
        self._seen = self._now()

    def look(self) -> dict[str, Any]:
        """`memory_bytes` is None where the system does not say it; so is `device` without an accelerator."""
        before, self._seen = self._seen, self._now()
        wall_s, busy_s = (now - then for now, then in zip(self._seen, before, strict=True))
        share = busy_s / (max(wall_s, 1e-9) * (os.cpu_count() or 1))
        return {
            "memory_bytes": _resident_bytes(), "cpu_share": round(min(share, 1.0), 3), "device": device_use(self._device),
        }  # fmt: skip

    @staticmethod
    def _now() -> tuple[float, float]:
        used = os.times()
        return time.monotonic(), used.user + used.system


def _resident_bytes() -> int | None:
    try:
        with open(_STATM, "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def device_use(device: torch.device) -> dict[str, Any] | None:
    """Memory that torch holds on it, and the share of the last moments in which it computed, if its driver says so."""
    if device.type == "cuda":
        return {"memory_bytes": torch.cuda.memory_reserved(device), "use": _cuda_use(device)}
    if device.type == "mps":
        return {"memory_bytes": torch.mps.driver_allocated_memory(), "use": None}
    return None


def _cuda_use(device: torch.device) -> float | None:
    try:
        return torch.cuda.utilization(device) / 100
    except (ImportError, RuntimeError):  # NVIDIA's Python package is not installed, or the driver keeps silent
        return None
