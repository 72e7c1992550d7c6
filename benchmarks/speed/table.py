"""Shows outcomes side by side."""

import statistics
from collections.abc import Callable, Sequence

from benchmarks.speed.outcome import Outcome

HEAD = f"{'case':<12}{'contender':<20}{'epoch':>9}{'best':>9}{'cpu':>9}{'first':>9}{'best':>9}{'weights':>10}{'loss':>8}{'accuracy':>9}{'load':>6}"
LEGEND = (
    "epoch: s, median and best of all after the first; cpu: processor s of an epoch, least of rounds; first: s from "
    "launch to the end of the first epoch, median and best of rounds; load: least of rounds."
)


def speed_table(outcomes: Sequence[Outcome]) -> str:
    lines = [LEGEND, HEAD]
    for case in dict.fromkeys(outcome.case for outcome in outcomes):
        of_case = [outcome for outcome in outcomes if outcome.case == case]
        lines += [_line(rounds) for rounds in _by_contender(of_case).values()]
        lines += _ratios(of_case)
    return "\n".join(lines)


def ratio(outcomes: Sequence[Outcome], figure: Callable[[Outcome], float]) -> tuple[float, str] | None:
    """Our best of all rounds as a share of the best peer's, and who that is; None if either is not there."""
    best = {contender: min(map(figure, rounds)) for contender, rounds in _by_contender(outcomes).items()}
    own = best.get("ours")
    theirs = {contender: value for contender, value in best.items() if not contender.startswith("ours")}
    if own is None or not theirs:
        return None
    fastest = min(theirs, key=theirs.get)
    return own / theirs[fastest], fastest


def _ratios(outcomes: Sequence[Outcome]) -> list[str]:
    figures = {
        "epoch, best": lambda outcome: outcome.best_s, "epoch, median": lambda outcome: outcome.median_s,
        "cpu": lambda outcome: outcome.cpu_s, "first": lambda outcome: outcome.first_s,
    }  # fmt: skip
    found = {name: ratio(outcomes, figure) for name, figure in figures.items()}
    return [f"{'':<12}ours / {told[1]}, {name}: {told[0]:.2f}" for name, told in found.items() if told]


def _line(rounds: Sequence[Outcome]) -> str:
    one, firsts = rounds[-1], [outcome.first_s for outcome in rounds]
    epochs = [seconds for outcome in rounds for seconds in outcome.epochs_s]
    cpu_s = min(outcome.cpu_s for outcome in rounds)
    times = f"{statistics.median(epochs):>9.3f}{min(epochs):>9.3f}{cpu_s:>9.3f}{statistics.median(firsts):>9.2f}{min(firsts):>9.2f}"
    load = min(outcome.load for outcome in rounds)
    return (
        f"{one.case:<12}{one.contender:<20}{times}{one.parameters:>10,}{one.loss:>8.3f}{one.accuracy:>9.3f}{load:>6.1f}"
    )


def _by_contender(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.contender, []).append(outcome)
    return found
