"""Draws whole projects with hypothesis."""

from hypothesis import strategies as st

from builder.catalogue.augmentations import AUGMENTATIONS
from builder.catalogue.initializations import INITIALIZATIONS
from builder.catalogue.layers import LAYERS
from builder.catalogue.losses import LOSSES
from builder.catalogue.metrics import METRICS
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.regularization import REGULARIZATION
from builder.catalogue.schedulers import SCHEDULERS
from builder.spec.data import NUMERIC_TYPES, Column, ImageData, Split, TableData, TableReading
from builder.spec.model import INPUT, ModelSpec, Node
from builder.spec.project import Project
from builder.spec.sources import DownloadSource, FileSource, SampleSource, UploadSource
from builder.spec.training import TrainingSpec
from tests.catalogue.drawing import components

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
NAME = TEXT.filter(lambda text: text.isprintable() and "/" not in text)
SOURCES = st.one_of(
    st.sampled_from(["iris", "wine", "wide"]).map(lambda name: SampleSource(name=name)),
    st.builds(FileSource, path=TEXT),
    st.builds(UploadSource, sha256=st.text("0123456789abcdef", min_size=64, max_size=64), name=NAME),
    st.just(DownloadSource(name="mnist")),
)


def of(kinds: dict[str, type]) -> st.SearchStrategy:
    """A drawn instance of one of the kinds."""
    return st.sampled_from(list(kinds.values())).flatmap(components)


def several(kinds: dict[str, type]) -> st.SearchStrategy:
    """Drawn instances, each kind once at most."""
    picks = st.lists(st.sampled_from(list(kinds.values())), unique=True, max_size=3)
    return picks.flatmap(lambda chosen: st.tuples(*(components(kind) for kind in chosen)))


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column, ...]:
    names = draw(st.lists(TEXT, unique=True, min_size=2, max_size=5))
    target, *features = [draw(_column(name)) for name in names]
    return (*features, target.model_copy(update={"role": "target"}))


@st.composite
def _column(draw: st.DrawFn, name: str) -> Column:
    kind = draw(st.sampled_from(["number", "category", "boolean", "date"]))
    impute = ["median", "mean", "zero"] if kind in NUMERIC_TYPES else ["most_frequent", "own_category"]
    return Column(
        name=name, type=kind, impute=draw(st.sampled_from(impute)), encoding=draw(st.sampled_from(["onehot", "ordinal"])),
        scale=draw(st.sampled_from(["standard", "minmax", "none"])), order=tuple(draw(st.lists(TEXT, max_size=2))),
    )  # fmt: skip


@st.composite
def splits(draw: st.DrawFn) -> Split:
    validation, test = draw(st.floats(0.01, 0.4)), draw(st.floats(0.01, 0.4))
    return Split(
        train=1 - validation - test, validation=validation, test=test, stratify=draw(st.booleans()),
        seed=draw(st.integers(0, 2**31 - 1)),
    )  # fmt: skip


TABLES = st.builds(
    TableData, source=SOURCES, columns=columns(), task=st.sampled_from(["classification", "regression", "reconstruction"]),
    positive=st.none() | TEXT, split=splits(), license=TEXT,
    reading=st.builds(TableReading, delimiter=st.none() | st.sampled_from(",;\t"), missing=st.lists(TEXT, max_size=3).map(tuple)),
)  # fmt: skip
IMAGES = st.builds(
    ImageData, source=SOURCES, height=st.integers(8, 512), width=st.integers(8, 512), split=splits(),
    task=st.sampled_from(["classification", "reconstruction"]), color=st.sampled_from(["rgb", "grayscale"]), augmentations=several(AUGMENTATIONS),
)  # fmt: skip


@st.composite
def models(draw: st.DrawFn, largest: int = 8) -> ModelSpec:
    """Any layers, mostly one after the other, some wired to any node before them."""
    nodes: list[Node] = []
    for number in range(draw(st.integers(0, largest))):
        layer = draw(of(LAYERS))
        before = [INPUT, *(node.id for node in nodes)]
        is_wired = layer.inputs_min > 1 or draw(st.integers(0, 5)) == 0
        inputs = draw(st.lists(st.sampled_from(before), min_size=1, max_size=3)) if is_wired else None
        nodes.append(Node(id=f"n{number}", layer=layer, inputs=inputs and tuple(inputs)))
    return ModelSpec(nodes=tuple(nodes))


TRAININGS = st.builds(
    TrainingSpec, loss=of(LOSSES), optimizer=of(OPTIMIZERS), scheduler=of(SCHEDULERS), initialization=of(INITIALIZATIONS), regularization=several(REGULARIZATION),
    metrics=several(METRICS), best_by=st.sampled_from(["loss", "F1", "R2"]), epochs=st.integers(1, 100),
    batch_size=st.integers(1, 100), seed=st.integers(0, 2**31 - 1), best_direction=st.sampled_from(["auto", "higher", "lower"]),
    time_budget_min=st.none() | st.floats(0.01, 1000), step_metrics=st.booleans(), device=st.sampled_from(["auto", "cpu", "cuda"]),
    precision=st.sampled_from(["float32", "mixed"]), channels_last=st.booleans(), loaders=st.none() | st.integers(0, 16),
)  # fmt: skip
PROJECTS = st.builds(
    Project, name=TEXT, description=TEXT, data=TABLES | IMAGES, model=models(), training=TRAININGS
)  # fmt: skip
