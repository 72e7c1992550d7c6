"""What a benchmark hands over, and how it is shown."""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """`value` is the median of `repeats` measurements, `best` the least; `goal` is what it should not exceed."""

    name: str
    value: float
    best: float
    unit: str
    repeats: int
    goal: float | None = None

    def as_json(self) -> str:
        return json.dumps(
            {name: value for name, value in asdict(self).items() if value is not None}, ensure_ascii=False
        )


Benchmark = Callable[[], Iterator[Result]]


def result(name: str, seconds: Sequence[float], unit: str = "s", goal: float | None = None) -> Result:
    """`seconds` are turned into the unit, which is s or ms."""
    values = [value * {"s": 1, "ms": 1e3}[unit] for value in seconds]
    return Result(name, round(statistics.median(values), 4), round(min(values), 4), unit, len(values), goal)


def timed(work: Callable[..., object], *arguments: object) -> float:
    """Seconds."""
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def table(results: Sequence[Result]) -> str:
    width = max(len(result.name) for result in results)
    lines = [f"{'measured':<{width}}{'median':>12}{'best':>12}{'goal':>12}"]
    for result in results:
        goal = "" if result.goal is None else f"≤ {result.goal:g} {result.unit}"
        median, best = (f"{value:.3g} {result.unit}" for value in (result.value, result.best))
        lines.append(f"{result.name:<{width}}{median:>12}{best:>12}{goal:>12}")
    return "\n".join(lines)
