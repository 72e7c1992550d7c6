"""The whole model: from what the data holds to the answer in the user's terms."""

import torch
from torch import Tensor, nn

from builder.catalogue.component import TorchCall
from builder.catalogue.losses import Loss
from builder.check.shapes import resolve
from builder.data.preprocessing import TablePreprocessing
from builder.nn.fitting import ImagePreprocessing, build_input
from builder.nn.graph import GraphModel, build, build_model
from builder.nn.inputs import ImageInput
from builder.spec.facts import DataFacts
from builder.spec.project import Project


def build_core(project: Project, facts: DataFacts) -> GraphModel:
    """The project's layers alone, freshly initialised from torch's random state."""
    return build_model(resolve(project.model, project.training.loss.outputs(len(facts.classes))), facts.input_shape)


def answer_call(loss: Loss, preprocessing: TablePreprocessing | ImagePreprocessing) -> TorchCall:
    if preprocessing.classes:
        return TorchCall(loss.answer, {})
    return TorchCall(loss.answer, {"shift": preprocessing.target_shift, "scale": preprocessing.target_scale})


class WholeModel(nn.Module):
    """Preprocessing, layers and answer in one.

    Input:  what the input module takes: (numbers, ids) of a table, or images (N, H, W, C) uint8
    Output: probabilities (N, classes) and class numbers (N,), or predictions (N, 1)
    """

    def __init__(self, project: Project, facts: DataFacts, preprocessing: TablePreprocessing | ImagePreprocessing):
        super().__init__()
        self.input = build_input(preprocessing)
        self.core = build_core(project, facts)
        self.answer = build(answer_call(project.training.loss, preprocessing))
        self.has_classes = bool(preprocessing.classes)

    def forward(self, first: Tensor | None, second: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:
        x = self.input(first) if isinstance(self.input, ImageInput) else self.input(first, second)
        answers = self.answer(self.core(x))
        return (answers, torch.argmax(answers, dim=1)) if self.has_classes else answers
