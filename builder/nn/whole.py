"""The whole model: from what the data holds to the answer in the user's terms."""

import torch
from torch import Tensor, nn

from builder.catalogue.component import TorchCall
from builder.catalogue.losses import Loss
from builder.catalogue.task import Task
from builder.check.shapes import resolve
from builder.data.preprocessing import TablePreprocessing
from builder.nn.answers import squared_errors
from builder.nn.fitting import ImagePreprocessing, build_input
from builder.nn.graph import GraphModel, build, build_model
from builder.nn.inputs import ImageInput
from builder.spec.facts import DataFacts
from builder.spec.project import Project


def build_core(project: Project, facts: DataFacts) -> GraphModel:
    """The project's layers alone, freshly initialised from torch's random state."""
    return build_model(resolve(project.model, project.training.loss.outputs(facts.target_size)), facts.input_shape)


def answer_call(loss: Loss, preprocessing: TablePreprocessing | ImagePreprocessing, task: Task) -> TorchCall:
    """The module that turns outputs into what the user asked for."""
    if task == "reconstruction":
        return _reconstruction_call(preprocessing)
    if preprocessing.classes:
        return loss.answer_call(0.0, 1.0)
    return loss.answer_call(*loss.target_scaling(preprocessing.target_shift, preprocessing.target_scale))


def metric_call(loss: Loss, preprocessing: TablePreprocessing | ImagePreprocessing, task: Task) -> TorchCall:
    """The module that turns outputs into what the metrics take: the answers, but reconstructions as they are, for
    their columns have different units."""
    return TorchCall("torch.nn.Identity", {}) if task == "reconstruction" else answer_call(loss, preprocessing, task)


def _reconstruction_call(preprocessing: TablePreprocessing | ImagePreprocessing) -> TorchCall:
    if isinstance(preprocessing, ImagePreprocessing):
        return TorchCall(
            "builder.nn.answers.ImageReconstruction", {"mean": preprocessing.mean, "std": preprocessing.std}
        )
    scaling = {name: [getattr(column, name) for column in preprocessing.numbers] for name in ("shift", "scale")}
    return TorchCall("builder.nn.answers.TableReconstruction", scaling)


class WholeModel(nn.Module):
    """Preprocessing, layers and answer in one.

    Input:  what the input module takes: (numbers, ids) of a table, or images (N, H, W, C) uint8
    Output: probabilities (N, classes) and class numbers (N,), or predictions (N, 1), or reconstructions with the
            error of each row (N,)
    """

    def __init__(self, project: Project, facts: DataFacts, preprocessing: TablePreprocessing | ImagePreprocessing):
        super().__init__()
        self.input = build_input(preprocessing)
        self.core = build_core(project, facts)
        self.answer = build(answer_call(project.training.loss, preprocessing, facts.task))
        self.task = facts.task

    def forward(self, first: Tensor | None, second: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:
        x = self.encode(first, second)
        outputs = self.core(x)
        answers = self.answer(outputs)
        if self.task == "reconstruction":
            return answers, squared_errors(outputs, x)
        return answers if self.task == "regression" else (answers, torch.argmax(answers, dim=1))

    def encode(self, first: Tensor | None, second: Tensor | None = None) -> Tensor:
        """What the first layer takes."""
        return self.input(first) if isinstance(self.input, ImageInput) else self.input(first, second)
