"""Judges a finished training on its test rows: the report, and the answer for each row."""

import json
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from builder.evaluation.baseline import Baseline, fit_baseline, mean_baseline
from builder.evaluation.report import Answers, evaluate
from builder.files import write_atomically
from builder.nn.answers import squared_errors
from builder.nn.graph import build
from builder.nn.whole import answer_call
from builder.runs.folder import RunFolder
from builder.spec.facts import DataFacts
from builder.training.examples import Examples
from builder.training.loop import EVALUATION_BATCH, Trainer


@torch.no_grad()
def judge(folder: RunFolder, trainer: Trainer, facts: DataFacts, examples: Examples) -> None:
    """Writes evaluation.json and what it rests on."""
    rows = examples.test_rows
    answers = Answers(trainer.answer(trainer.outputs(rows)), examples.truth[rows])
    report = evaluate(facts, answers, _baseline(folder, facts, examples), trainer.training.metrics)
    report |= {
        "split": "test",
        "of_rows": facts.row_counts[2],
        "best_epoch": trainer.best.kept_epoch,
        "best_by": trainer.best.metric,
    }
    stored = BytesIO()
    columns = _COLUMNS.get(facts.task, _of_classes)(facts, answers, trainer)
    pd.DataFrame({"row": rows.tolist()} | columns).to_parquet(stored)
    write_atomically(folder.predictions, stored.getvalue())
    write_atomically(folder.evaluation, json.dumps(report, indent=1).encode())  # last: it says that there are figures


def _baseline(folder: RunFolder, facts: DataFacts, examples: Examples) -> Baseline:
    if facts.task != "reconstruction":
        return fit_baseline(facts, examples.truth[examples.train_rows])
    mean, stored = _mean_input(examples), BytesIO()
    np.save(stored, mean.numpy(), allow_pickle=False)
    write_atomically(folder.mean_input, stored.getvalue())
    return mean_baseline(mean)


def _mean_input(examples: Examples) -> Tensor:
    """Of the training rows, (1, *input shape), in parts because all inputs at once may not fit into memory."""
    parts = examples.train_rows.split(EVALUATION_BATCH)
    total = sum(examples.inputs(part).sum(0, dtype=torch.float64) for part in parts)
    return (total / len(examples.train_rows)).float().unsqueeze(0)


def _of_classes(facts: DataFacts, answers: Answers, trainer: Trainer) -> dict[str, Any]:
    """Truth, answer, and the probability of each class."""
    names, shares = pd.Series(facts.classes), answers.given.numpy()
    columns = {"true": names[answers.truth.numpy()].array, "predicted": names[shares.argmax(1)].array}
    return columns | {f"probability of {name}": shares[:, place] for place, name in enumerate(facts.classes)}


def _of_values(facts: DataFacts, answers: Answers, trainer: Trainer) -> dict[str, Any]:
    return {"true": answers.truth.squeeze(1).numpy(), "predicted": answers.given.squeeze(1).numpy()}


def _of_reconstructions(facts: DataFacts, answers: Answers, trainer: Trainer) -> dict[str, Any]:
    """The error of each row; of a table also each column as it was given back, in its own unit."""
    errors = {"error": squared_errors(answers.given, answers.truth).numpy()}
    if len(facts.input_shape) > 1:
        return errors
    call = answer_call(trainer.training.loss, trainer.examples.preprocessing, facts.task)
    given = build(call)(answers.given).numpy()
    return errors | {f"reconstructed {column.name}": given[:, at] for at, column in enumerate(facts.raw_inputs)}


_COLUMNS = {"regression": _of_values, "reconstruction": _of_reconstructions}
