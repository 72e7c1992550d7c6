"""Rules for the size of the whole model."""

from collections.abc import Iterator

from builder.check.problem import Problem, error

FLOAT_BYTES = 4
MOST_PARAMETERS = 470_000_000
"""An ONNX file ends at 2 GB."""


MOST_ROW_BYTES = 256_000_000_000
"""No machine trains on a row that needs more."""


def size_problems(parameters: int, row_bytes: int) -> Iterator[Problem]:
    """Whether the trained model could leave as a file, and whether what is kept of one row could be held at all."""
    if parameters > MOST_PARAMETERS:
        size = f"{parameters:,} parameters ({parameters * FLOAT_BYTES / 1e9:,.1f} GB)"
        yield error("Model", f"has {size}; an ONNX file holds {MOST_PARAMETERS:,}. Make its layers smaller.")
    if row_bytes > MOST_ROW_BYTES:
        size = f"{row_bytes / 1e9:,.0f} GB of memory for each row that it learns from"
        way_out = "Make its layers smaller, or pool before them."
        yield error("Model", f"needs {size}; at most {MOST_ROW_BYTES / 1e9:,.0f} GB are possible. {way_out}")
