"""Runs one real batch through a project's model and keeps what each node made of it."""

from typing import Any

import torch
from safetensors.torch import load_file

from builder.check.report import require_trainable
from builder.data.dataset import prepare
from builder.evaluation.peek import peek_at
from builder.nn.initial_weights import build_initial
from builder.runs.folder import RunFolder
from builder.runs.peeks import ROWS, flat_model, keep_peeks
from builder.runs.run import run_path
from builder.spec.project import Project, validated
from builder.training.examples import load_examples


def peek(payload: dict[str, Any]) -> dict[str, Any]:
    """Keeps a peek for each node under `payload["keys"]`, and says how many rows were used.

    The weights are those of `payload["run"]`, or the ones that training would start from.
    Raises: BuilderError if the project cannot train.
    """
    project = validated(Project, payload["project"])
    dataset = prepare(project.data)
    require_trainable(project, dataset.facts)
    torch.set_num_threads(1)  # a small batch: handing out work would cost more
    examples = load_examples(dataset, project.training.loss, project.training.seed)
    torch.manual_seed(project.training.seed)
    model = build_initial(project, dataset.facts)
    if payload["run"] is not None:
        model.load_state_dict(load_file(RunFolder(run_path(payload["run"])).weights))
    rows = examples.validation_rows[:ROWS]
    peeks = peek_at(model, flat_model(project, dataset.facts), examples.inputs(rows))
    keep_peeks(payload["keys"], peeks)
    return {"rows": len(rows), "nodes": len(peeks)}
