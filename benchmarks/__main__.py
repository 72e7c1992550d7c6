"""Runs the named benchmarks, or all: one line of JSON for each figure, and a table at the end."""

import argparse
import os
import tempfile

from benchmarks.result import Benchmark, Result, table

NAMES = ("check", "table_import", "epoch", "telemetry", "latency", "browser", "canvas", "live_view")
NAMED = ("export", "training_speed", "big_table")
"""Run only if they are named: the first is a part of latency, the others take half an hour and more."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(NAMES + NAMED)}")
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES + NAMED):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; take any of: {', '.join(NAMES + NAMED)}")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as in the command line, and before torch is imported
    results: list[Result] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="strata-bench-") as home:
            os.environ["STRATA_HOME"] = home
            for result in load(name)():
                print(result.as_json(), flush=True)
                results.append(result)
    if results:
        print(table(results))


def load(name: str) -> Benchmark:
    """Imported one by one: a benchmark should not wait for what another one needs."""
    match name:
        case "check":
            from benchmarks.check import measure
        case "table_import":
            from benchmarks.table_import import measure
        case "epoch":
            from benchmarks.epoch import measure
        case "telemetry":
            from benchmarks.telemetry import measure
        case "latency":
            from benchmarks.latency import measure
        case "export":
            from benchmarks.export import measure
        case "big_table":
            from benchmarks.big_table import measure
        case "canvas":
            from benchmarks.canvas import measure
        case "live_view":
            from benchmarks.live_view import measure
        case "training_speed":
            from benchmarks.training_speed import measure
        case _:
            from benchmarks.browser import measure
    return measure


if __name__ == "__main__":
    main()
