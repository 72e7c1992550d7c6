"""Rules for the size of the whole model."""

from collections.abc import Iterator

from builder.check.problem import Problem, error

FLOAT_BYTES = 4
MOST_PARAMETERS = 470_000_000
"""An ONNX file ends at 2 GB."""


def size_problems(parameters: int) -> Iterator[Problem]:
    """Whether the trained model could leave as a file."""
    if parameters > MOST_PARAMETERS:
        size = f"{parameters:,} parameters ({parameters * FLOAT_BYTES / 1e9:,.1f} GB)"
        yield error("Model", f"has {size}; an ONNX file holds {MOST_PARAMETERS:,}. Make its layers smaller.")
