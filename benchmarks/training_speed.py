"""The same models on the same arrays: Strata's worker, with everything on, in turns with what a user would pick instead.

Every contender trains in a process of its own with all cores, validates after each epoch and uses Adam. The
environment chooses among it: STRATA_BENCH_CASES, STRATA_BENCH_CONTENDERS (names, with commas between) and
STRATA_BENCH_ROUNDS; STRATA_BENCH_PEERS is the folder where the peers are installed.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.result import Result
from benchmarks.speed import ours, peers
from benchmarks.speed.arrays import write_arrays
from benchmarks.speed.cases import CASES, Case, make_project
from benchmarks.speed.chosen import chosen
from benchmarks.speed.outcome import Outcome
from benchmarks.speed.table import ratio, speed_table
from builder.home import home
from tests.processes import kill_processes_of

OURS, COLD = "ours", "ours from cold"
FIGURES = {"epoch": lambda outcome: outcome.best_s, "launch to the first epoch's end": lambda outcome: outcome.first_s}


def measure() -> Iterator[Result]:
    contenders = chosen("STRATA_BENCH_CONTENDERS", (OURS, COLD, *peers.PEERS))
    rounds = int(os.environ.get("STRATA_BENCH_ROUNDS", "3"))
    python = peers.python_of_peers() if set(contenders) & set(peers.PEERS) else Path()
    outcomes: list[Outcome] = []
    try:
        for name in chosen("STRATA_BENCH_CASES", tuple(CASES)):
            found = list(_in_turns(CASES[name], contenders, rounds, python))
            outcomes += found
            yield from _results(CASES[name], found)
    finally:
        kill_processes_of(home())
        print(speed_table(outcomes), flush=True)


def _in_turns(case: Case, contenders: Sequence[str], rounds: int, python: Path) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder:
        project = make_project(case, Path(folder))
        write_arrays(project, Path(folder))
        trained: dict[str, Callable[[], Outcome]] = {
            OURS: lambda: ours.train(case.name, project), COLD: lambda: ours.train_cold(case.name, project)
        }  # fmt: skip
        for _ in range(rounds):
            for contender in contenders:
                if contender in trained:
                    outcome = trained[contender]()
                elif peers.can_train(contender, case.name):
                    outcome = peers.train(case.name, contender, python, Path(folder), case.batch_size, case.epochs)
                else:
                    continue
                print(outcome.as_json(), flush=True)
                yield outcome


def _results(case: Case, outcomes: Sequence[Outcome]) -> Iterator[Result]:
    """Ours as a share of the fastest peer's time: of the best epoch of all rounds, and of the best first one."""
    rounds = sum(outcome.contender == OURS for outcome in outcomes)
    for what, figure in FIGURES.items():
        found = ratio(outcomes, figure)
        if found is not None:
            value, peer = round(found[0], 3), found[1]
            yield Result(f"{case.name}: {what}, ours / {peer}", value, value, "×", rounds, 1)
