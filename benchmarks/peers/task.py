"""What is to be trained, and how its epochs are told."""

import json
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LR, SEED = 0.001, 0


@dataclass(frozen=True)
class Task:
    """`case` names the model; classes are numbers from 0, of two classes for a model with one output."""

    case: str
    folder: Path
    batch_size: int
    epochs: int

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Inputs float32 and class numbers int64, of "train" or "validation"."""
        return np.load(self.folder / f"x_{part}.npy"), np.load(self.folder / f"y_{part}.npy")

    @property
    def is_binary(self) -> bool:
        return self.case == "table"


def tell_parameters(count: int) -> None:
    print(json.dumps({"parameters": int(count)}), flush=True)


def tell_epoch(loss: float, accuracy: float) -> None:
    """Of validation, at the very end of an epoch."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"at": time.time(), "cpu_s": used.ru_utime + used.ru_stime, "loss": float(loss), "accuracy": float(accuracy)}
    print("\n" + json.dumps(told), flush=True)
