"""Small projects and facts that the tests of several floors start from."""

from builder.catalogue.losses import CrossEntropy, Loss
from builder.spec.data import Column, ImageData, TableData
from builder.spec.facts import DataFacts, RawInput
from builder.spec.model import ModelSpec, Node
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec

TARGETS = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": (), "reconstruction": ()}


def facts_of(shape: tuple[int, ...] = (4,), task: str = "multiclass", rows: int = 100) -> DataFacts:
    classes = TARGETS[task]
    return DataFacts(
        input_shape=shape, task=task, target="species", classes=classes,
        class_counts=tuple(rows // len(classes) for _ in classes), row_counts=(rows, 20, 20),
        raw_inputs=(RawInput(name="image", dtype="uint8"),),
    )  # fmt: skip


def table_data(source=None, **settings) -> TableData:
    columns = (Column(name="a", type="number"), Column(name="species", type="category", role="target"))
    return TableData(
        **{"source": source or SampleSource(name="iris"), "columns": columns, "task": "classification"} | settings
    )


def project_of(model: ModelSpec, loss: Loss | None = None, **training) -> Project:
    settings = TrainingSpec(loss=loss or CrossEntropy(), **training)
    return Project(name="Test", data=table_data(), model=model, training=settings)


def stacked(*layers, loss: Loss | None = None, **training) -> Project:
    """A project with these layers one after the other."""
    return project_of(stack(*layers), loss, **training)


def wired(*nodes: tuple, loss: Loss | None = None, **training) -> Project:
    """A project of (id, layer) or (id, layer, inputs) nodes."""
    made = (Node(id=name, layer=layer, inputs=inputs[0] if inputs else None) for name, layer, *inputs in nodes)
    return project_of(ModelSpec(nodes=tuple(made)), loss, **training)


def image_data(source, **settings) -> ImageData:
    return ImageData(**{"source": source, "height": 12, "width": 10} | settings)
