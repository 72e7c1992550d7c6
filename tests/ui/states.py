"""Runs in every state, made without training."""

import json

from builder.data.dataset import prepare
from builder.runs.checkpoints import checkpoint_path
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.run import Run, Status
from builder.runs.store import open_store

STEPS_PER_EPOCH = 10
LOSSES = (0.75, 0.25, 0.5)
"""After each epoch on the validation rows: the second one is the best."""


def make_run(
    project_id: str, status: Status, epochs: float = 0.0, *, evaluated: bool = False, message: str = ""
) -> Run:
    """Of the project as it is, with a checkpoint after each of so many epochs; a running one belongs to this process."""
    store, project = open_store(), ProjectStore().load(project_id).present
    run = store.create(project, project_id, status="running")
    folder = RunFolder(run.folder)
    dataset = prepare(project.data)
    folder.facts.write_text(dataset.facts.model_dump_json())
    folder.data_content.write_text(dataset.content)
    _write_events(folder, project.training.epochs, epochs)
    for epoch in (*range(1, int(epochs) + 1), *([epochs] if epochs % 1 else [])):
        write_checkpoint(folder, epoch)
    if evaluated:
        folder.evaluation.write_text('{"task": "classification", "metrics": [], "per_class": []}')
        folder.certificate.write_text("{}")
    store.update(run.id, **({"phase": "training"} if status == "running" else {"status": status, "message": message}))
    return store.get(run.id)


def write_checkpoint(folder: RunFolder, epoch: float) -> None:
    """What a screen reads of one: the description in the header of a safetensors file."""
    step, whole = round(epoch * STEPS_PER_EPOCH), epoch == int(epoch)
    about = {
        "step": step, "epoch": epoch, "figure": LOSSES[int(epoch) - 1] if epoch >= 1 else None, "metric": "loss",
        "is_best": whole and epoch <= 2, "elapsed_s": epoch,
    }  # fmt: skip
    header = json.dumps({"__metadata__": {"about": json.dumps(about)}}).encode()
    folder.checkpoints.mkdir(exist_ok=True)
    checkpoint_path(folder, step).write_bytes(len(header).to_bytes(8, "little") + header)


def _write_events(folder: RunFolder, planned: int, epochs: float) -> None:
    with EventWriter(folder) as events:
        events.plan(planned, STEPS_PER_EPOCH, 100)
        for step in range(1, round(epochs * STEPS_PER_EPOCH) + 1):
            events.step(step, step / STEPS_PER_EPOCH, 1 / step, step / 10)
        for epoch in range(1, int(epochs) + 1):
            events.epoch({
                "epoch": epoch, "step": epoch * STEPS_PER_EPOCH, "elapsed_s": float(epoch), "lr": 0.01,
                "rows_per_s": 100.0, "train": {"loss": LOSSES[epoch - 1]}, "validation": {"loss": LOSSES[epoch - 1]},
                "is_best": epoch <= 2,
            })  # fmt: skip
