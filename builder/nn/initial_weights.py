"""Lets a model start from weights that were imported with it, instead of from random ones."""

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from builder.catalogue.initializations import Filling
from builder.imports.weights import damaged, kept_weights
from builder.nn.graph import GraphModel, named
from builder.nn.initialization import initialize
from builder.nn.whole import build_core
from builder.spec.facts import DataFacts
from builder.spec.project import Project


def build_initial(project: Project, facts: DataFacts) -> GraphModel:
    """The project's layers as training begins. Raises: RunError if the weights to start from cannot be read."""
    core = build_core(project, facts)
    initialization = project.training.initialization
    if isinstance(initialization, Filling):
        call = initialization.torch_call()
        initialize(core, named(call.name), call.kwargs, initialization.zero_bias)
    if project.model.weights is not None:
        _start(core, project.model.weights)
    return core


def _start(core: nn.Module, sha256: str) -> None:
    try:
        start_from(core, str(kept_weights(sha256)))
    except (SafetensorError, OSError):
        raise damaged(sha256) from None


def start_from(model: nn.Module, path: str) -> None:
    """Sets all that the file has under the same name and in the same shape; the rest stays random."""
    state = model.state_dict()
    given = load_file(path)
    fits = {name: tensor for name, tensor in given.items() if name in state and tensor.shape == state[name].shape}
    model.load_state_dict(state | fits)
