"""What a template is, and the pieces that templates are put together from."""

from dataclasses import dataclass, field
from typing import Any, Literal

from builder.catalogue.activations import Activation, ReLU
from builder.catalogue.layer import Layer
from builder.catalogue.layers import Conv2d, Dropout, Flatten, Linear, MaxPool2d
from builder.catalogue.losses import MSE, BCEWithLogits, CrossEntropy
from builder.catalogue.metrics import metrics_for
from builder.catalogue.optimizers import AdamW
from builder.catalogue.regularization import EarlyStopping
from builder.catalogue.task import Task
from builder.spec.model import ModelSpec, Node
from builder.spec.sources import DownloadSource, SampleSource
from builder.spec.training import TrainingSpec


@dataclass(frozen=True)
class Template:
    """Made into a project by `builder.data.templates.make_project`; `data` are settings on top of what the source holds."""

    name: str
    title: str
    summary: str
    data_kind: Literal["table", "image"]
    source: SampleSource | DownloadSource
    model: ModelSpec
    training: TrainingSpec
    data: dict[str, Any] = field(default_factory=dict)
    section: Literal["start", "architecture"] = "start"

    @property
    def sample(self) -> str | None:
        """Name of the sample it uses; None if its data has to be downloaded first."""
        return self.source.name if isinstance(self.source, SampleSource) else None


def stack(*layers: Layer) -> ModelSpec:
    """A model of layers one after the other, with ids such as `linear_1`."""
    counts: dict[str, int] = {}
    nodes = []
    for layer in layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        nodes.append(Node(id=f"{layer.kind.lower()}_{counts[layer.kind]}", layer=layer))
    return ModelSpec(nodes=tuple(nodes))


def dense(*sizes: int, dropout: float = 0.0, activation: type[Activation] = ReLU) -> tuple[Layer, ...]:
    """Linear layers with an activation, each followed by dropout if wanted."""
    layers: list[Layer] = []
    for size in sizes:
        layers.append(Linear(out_features=size, activation=activation()))
        if dropout:
            layers.append(Dropout(p=dropout))
    return tuple(layers)


def convolutional(*channels: int, hidden: int, dropout: float) -> tuple[Layer, ...]:
    """conv–pool blocks, then one hidden layer."""
    blocks = [part for size in channels for part in (Conv2d(out_channels=size, activation=ReLU()), MaxPool2d())]
    return (*blocks, Flatten(), *dense(hidden, dropout=dropout))


def training(
    task: Task, *, epochs: int, batch_size: int, lr: float, patience: int, weight_decay: float = 0.01
) -> TrainingSpec:
    """AdamW with early stopping, and every metric that fits the task."""
    loss = {"binary": BCEWithLogits(), "multiclass": CrossEntropy()}.get(task, MSE())
    return TrainingSpec(
        loss=loss, optimizer=AdamW(lr=lr, weight_decay=weight_decay), metrics=metrics_for(task), epochs=epochs,
        batch_size=batch_size, regularization=(EarlyStopping(patience=patience),),
    )  # fmt: skip
