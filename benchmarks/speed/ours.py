"""Strata as a user has it: a run is queued, the worker's process carries it out, with everything switched on."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from safetensors import safe_open

from benchmarks.speed.outcome import EpochEnd, Outcome, load_now, outcome
from builder.home import home
from builder.runs.folder import RunFolder
from builder.runs.launch import ensure_worker, launch
from builder.runs.machine import known_machine
from builder.runs.run import Run
from builder.runs.store import RunStore, open_store
from builder.runs.worker_lock import serving_pid
from builder.spec.project import Project
from tests.processes import kill_processes_of

LOOK_EVERY_S, LOOKS_FOR_ITS_END, LONGEST_S = 0.01, 20, 900
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def train(case: str, project: Project) -> Outcome:
    """With the worker that the app keeps warm."""
    _warm_up()
    return _train(case, "ours", project)


def train_cold(case: str, project: Project) -> Outcome:
    """The first run after the machine was switched on."""
    kill_processes_of(home())
    return _train(case, "ours from cold", project)


def _train(case: str, contender: str, project: Project) -> Outcome:
    load, began, store = load_now(), time.time(), open_store()
    run = launch(project)
    ends = list(_follow(store, run))
    run = store.get(run.id)
    if run.status != "finished":
        raise SystemExit(f"{contender} did not train {case}: {run.message}")
    return outcome(case, contender, began, _parameter_count(RunFolder(run.folder)), ends, load)


def _follow(store: RunStore, run: Run) -> Iterator[EpochEnd]:
    """Every epoch as it ends, and then waits until the run is over; only the first epoch's end is timed from outside."""
    path, deadline = RunFolder(run.folder).epochs, time.monotonic() + LONGEST_S
    size_bytes, told, first, looks = 0, 0, None, 0
    while time.monotonic() < deadline:
        if path.exists() and path.stat().st_size > size_bytes:
            content, cpu_s, seen_at = path.read_bytes(), _cpu_s(store.get(run.id).pid), time.time()
            records = [json.loads(line) for line in content.splitlines() if line.endswith(b"}")]
            first = first or (seen_at, records[0]["elapsed_s"])
            for record in records[told:]:
                validation = record["validation"]
                yield EpochEnd(
                    first[0] + record["elapsed_s"] - first[1], cpu_s, validation["loss"], validation["Accuracy"]
                )
            size_bytes, told = len(content), len(records)
        looks += 1
        if looks % LOOKS_FOR_ITS_END == 0 and not store.get(run.id).is_active:
            return
        time.sleep(LOOK_EVERY_S)
    raise SystemExit(f"Run {run.id} did not end within {LONGEST_S} s.")


def _warm_up() -> None:
    if serving_pid() is None:
        (home() / "machine.json").unlink(missing_ok=True)  # which the worker writes once it is warm
        ensure_worker()
    while known_machine() is None:
        time.sleep(0.1)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _parameter_count(folder: RunFolder) -> int:
    with safe_open(folder.weights, "numpy") as weights:
        return sum(weights.get_tensor(name).size for name in weights.keys())  # noqa: SIM118  it is no dict
