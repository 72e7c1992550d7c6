"""What one training of one contender showed."""

import itertools
import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class EpochEnd:
    """`at` is the unix time after the epoch's validation, `cpu_s` the processor time of the process until then."""

    at: float
    cpu_s: float
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Outcome:
    case: str
    contender: str
    epochs_s: tuple[float, ...]
    """Of each epoch after the first."""
    cpu_s: float
    """Processor time of an epoch after the first."""
    first_s: float
    """From the launch to the end of the first epoch."""
    parameters: int
    loss: float
    accuracy: float
    """Of validation, after the last epoch."""
    load: float
    """Processes that wanted a processor when it began, on average over a minute."""

    @property
    def median_s(self) -> float:
        return statistics.median(self.epochs_s)

    @property
    def best_s(self) -> float:
        return min(self.epochs_s)

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def outcome(case: str, contender: str, began: float, parameters: int, ends: Sequence[EpochEnd], load: float) -> Outcome:
    """Of an epoch that ended after each of `ends`; `began` is the unix time of the launch."""
    pairs = list(itertools.pairwise(ends))
    return Outcome(
        case, contender,
        epochs_s=tuple(round(after.at - before.at, 4) for before, after in pairs),
        cpu_s=round((ends[-1].cpu_s - ends[0].cpu_s) / len(pairs), 4),
        first_s=round(ends[0].at - began, 3),
        parameters=parameters, loss=round(ends[-1].loss, 4), accuracy=round(ends[-1].accuracy, 4), load=load,
    )  # fmt: skip


def load_now() -> float:
    return round(os.getloadavg()[0], 2)
