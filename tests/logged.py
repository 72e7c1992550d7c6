"""Runs that have logged many steps without a training, for what is shown of them."""

import json

import numpy as np

from builder.runs.events import STEP
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.run import Run, Status
from builder.runs.store import open_store

STEPS_PER_EPOCH, STEP_S = 500, 0.0003
"""As of a small net."""


def logged_run(project_id: str, steps: int, status: Status = "finished") -> Run:
    """A run of this project with so many steps; one that is "running" belongs to the calling process."""
    store = open_store()
    run = store.create(ProjectStore().load(project_id).present, project_id, status="running")
    folder = RunFolder(run.folder)
    plan = {"epochs": 2 * steps // STEPS_PER_EPOCH, "steps_per_epoch": STEPS_PER_EPOCH, "train_rows": 105}
    folder.plan.write_text(json.dumps(plan))
    log_steps(folder, 0, steps)
    store.update(run.id, **({"phase": "training"} if status == "running" else {"status": status}))
    return store.get(run.id)


def log_steps(folder: RunFolder, first: int, count: int) -> None:
    """So many steps after the first ones, and the epochs that they end."""
    numbers = np.arange(first + 1, first + count + 1)
    steps = np.zeros(count, STEP)
    steps["step"], steps["epoch"], steps["elapsed_s"] = numbers, numbers / STEPS_PER_EPOCH, numbers * STEP_S
    steps["loss"] = 1 / np.sqrt(numbers) + np.random.default_rng(first).exponential(0.02, count)
    with folder.steps.open("ab") as file:
        file.write(steps.tobytes())
    with folder.epochs.open("a") as file:
        for step in numbers[numbers % STEPS_PER_EPOCH == 0].tolist():
            file.write(json.dumps(_epoch(step)) + "\n")


def _epoch(step: int) -> dict:
    figures = {"loss": 0.02 + step**-0.5, "Accuracy": 1 - step**-0.25}
    return {
        "epoch": step // STEPS_PER_EPOCH, "step": step, "elapsed_s": step * STEP_S, "lr": 1e-3, "rows_per_s": 3e5,
        "train": figures, "validation": figures, "is_best": True,
    }  # fmt: skip
