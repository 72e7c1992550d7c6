"""Commands that find settings by trial: find-lr, find-batch. They wait for torch."""

import argparse
import sys
from pathlib import Path

from builder.runs.folder import with_absolute_source
from builder.spec.project import Project, load_project


def find_lr(arguments: argparse.Namespace) -> None:
    from builder.training.lr_finder import find_lr_of

    search = find_lr_of(_project(arguments.project), _tell)
    _end_line()
    print(search.reason)
    print(f"Learning rate: {search.suggestion:g}")


def find_batch(arguments: argparse.Namespace) -> None:
    from builder.training.batch_finder import find_batch_of
    from builder.training.memory import limit_memory

    limit_memory()
    search = find_batch_of(_project(arguments.project), _tell)
    _end_line()
    print(f"{'batch size':>10}{'rows a second':>16}{'memory':>12}{'steps an epoch':>17}")
    for one in search.tried:
        memory = "?" if one.memory_bytes is None else f"{one.memory_bytes / 1e6:,.1f} MB"
        print(f"{one.size:>10,}{one.rows_per_s:>16,.0f}{memory:>12}{one.steps_per_epoch:>17,}")
    print(search.reason)
    print(f"Batch size: {search.quickest}; the largest that fits: {search.largest}")


def _project(path: Path) -> Project:
    return with_absolute_source(load_project(path), path.resolve().parent)


def _tell(share: float, text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%}  {text}\033[K", end="", file=sys.stderr, flush=True)


def _end_line() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
