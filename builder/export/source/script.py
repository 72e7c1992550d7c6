"""Puts the parts of the stand-alone script together."""

import inspect
from collections.abc import Iterable

import builder
from builder.catalogue.component import TorchCall
from builder.catalogue.regularization import EMA
from builder.check.report import check
from builder.check.shapes import resolve
from builder.data.dataset import ImageDataset, prepare
from builder.data.uploads import name_of
from builder.evaluation.trained import TrainedModel, load_trained
from builder.export.source import images, table
from builder.export.source.course import unlike_the_run
from builder.export.source.model import class_sources, model_class
from builder.export.source.training import training_part
from builder.imports.weights import INITIAL_WEIGHTS
from builder.nn.graph import Step, plan
from builder.nn.optimization import parameter_groups, shrinking_weights
from builder.nn.threads import thread_count
from builder.nn.whole import metric_call
from builder.runs.changes import changes
from builder.runs.folder import RunFolder

_HEAD = '''"""Trains the same model as Strata did: python train_model.py {data}

Project: {name}{unlike}
Needs {needs}. Writes the {kept} weights to model.pt. Made by Strata {version}; yours to change.
"""

from __future__ import annotations

{imports}

DATA = {constant!r}
'''
_ALWAYS = (
    "import argparse", "import math", "from collections.abc import Callable, Collection, Sequence", "from pathlib import Path",
)  # fmt: skip
_WEIGHTS = ("from safetensors.torch import load_file",)
_THIRD_PARTY = ("import numpy as np", "import torch", "import torch.nn.functional as F", "import torchmetrics", "from torch import Tensor, nn")  # fmt: skip


def script_of(folder: RunFolder) -> str:
    """The script's text. Raises: RunError if the run is not trained."""
    trained = load_trained(folder)
    project, facts = trained.project, trained.facts
    dataset = prepare(project.data)
    is_image = isinstance(dataset, ImageDataset)
    steps = plan(resolve(project.model, project.training.loss.outputs(facts.target_size)), facts.input_shape)
    work = check(project, facts).multiply_adds * project.training.batch_size
    takes = project.training.optimizer.takes
    parts = [
        _head(trained, is_image, unlike_the_run(folder, project.training, 0 if is_image or not dataset.is_streamed else len(dataset))),
        _data_part(dataset, trained, is_image),
        class_sources(_calls(trained, steps)),
        inspect.getsource(shrinking_weights) + "\n\n" + inspect.getsource(parameter_groups) if takes == "groups" else "",
        model_class(steps),
        training_part(
            project, facts, trained.preprocessing, threads=thread_count(work),
            changes={change.step - 1: change.lr for change in changes(folder)},
            is_image=is_image, evaluation_batch=1024,
        ),
    ]  # fmt: skip
    return "\n\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _head(trained: TrainedModel, is_image: bool, unlike: str) -> str:
    imports = images.IMPORTS if is_image else table.IMPORTS
    source = trained.project.data.source
    name = f"{source.name}.csv" if source.kind == "sample" and not is_image else name_of(source)
    weights = _WEIGHTS if trained.project.model.weights else ()
    training = trained.project.training
    needed = [("import time", training.time_budget_min), ("from copy import deepcopy", training.regularizer(EMA))]
    always = (*_ALWAYS, *(line for line, is_needed in needed if is_needed))
    plain = _in_order(line for line in (*always, *imports) if "PIL" not in line)
    third = _in_order((*_THIRD_PARTY, *weights, *(line for line in imports if "PIL" in line)))
    return _HEAD.format(
        data=_one_line(name), constant=name, kept="best" if trained.project.training.keeps_best else "last", name=_one_line(trained.project.name), version=builder.__version__,
        unlike=unlike,
        needs=_needs(is_image, bool(weights)), imports="\n".join([*plain, "", *third]),
    )  # fmt: skip


def _needs(is_image: bool, has_weights: bool) -> str:
    packages = ["torch", "torchmetrics", "numpy", *["pillow"] * is_image, *["safetensors"] * has_weights]
    needs = f"{', '.join(packages[:-1])} and {packages[-1]}"
    return f"{needs}; starts from {INITIAL_WEIGHTS}, which must lie beside it" if has_weights else needs


def _in_order(imports: Iterable[str]) -> list[str]:
    return sorted(set(imports), key=lambda line: (line.startswith("from"), line))


def _one_line(name: str) -> str:
    """A name that can neither end the docstring nor be read as an escape."""
    return " ".join(name.replace("\\", "/").replace('"', "'").split())


def _data_part(dataset, trained: TrainedModel, is_image: bool) -> str:
    if is_image:
        return images.image_part(dataset, trained.preprocessing)
    fitted = trained.preprocessing
    shift, scale = trained.project.training.loss.target_scaling(fitted.target_shift, fitted.target_scale)
    fitted = fitted.model_copy(update={"target_shift": shift, "target_scale": scale})
    text = table.table_part(dataset, fitted, trained.facts.task)
    return f"{text}\n\n\ndef table_input():\n    return {table.input_constructor()}\n"


def _calls(trained: TrainedModel, steps: tuple[Step, ...]) -> list[TorchCall]:
    """The constructors of layers, answer, loss, metrics and optimizer."""
    loss, facts = trained.project.training.loss, trained.facts
    answer = metric_call(loss, trained.preprocessing, facts.task)
    return [
        *(step.call for step in steps),
        answer,
        loss.torch_call(facts),
        *(metric.torch_call(facts.task, len(facts.classes)) for metric in trained.project.training.metrics),
        trained.project.training.optimizer.torch_call(),
    ]
