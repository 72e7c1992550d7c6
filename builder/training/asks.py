"""Answers asks: what each kind of small job does, and what is said when it cannot be done."""

import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from builder.errors import BuilderError
from builder.imports.asked import KIND, answer_import
from builder.runs import ask_queue
from builder.runs.ask_queue import Ask
from builder.runs.memory import free_bytes
from builder.training.batch_finder import find_batch
from builder.training.lr_finder import find_lr
from builder.training.measure import measure
from builder.training.memory import is_out_of_memory, limit_memory
from builder.training.peeking import peek
from builder.training.trial import Tell

KINDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"measure": measure, "peek": peek, KIND: answer_import}
"""What answers each kind of ask: JSON in, JSON out. Raises: BuilderError with one plain sentence."""
LONG_KINDS: dict[str, Callable[[dict[str, Any], Tell], dict[str, Any]]] = {"find_lr": find_lr, "find_batch": find_batch}
"""The same for those that also tell how far they are."""


def answer_ask(ask: Ask) -> None:
    """Writes the answer, or why there is none."""
    limit_memory()
    torch.set_flush_denormal(True)  # as in a run, before the first kernel
    try:
        ask_queue.finish(ask.key, _value(ask))
    except Exception as error:
        ask_queue.fail(ask.key, in_words(error, ask.payload))


def _value(ask: Ask) -> dict[str, Any]:
    if ask.kind in LONG_KINDS:
        return LONG_KINDS[ask.kind](ask.payload, partial(ask_queue.tell, ask.key))
    return KINDS[ask.kind](ask.payload)


def in_words(error: Exception, payload: dict[str, Any]) -> str:
    if isinstance(error, BuilderError):
        return str(error).splitlines()[0]
    if is_out_of_memory(error):
        return _out_of_memory(payload)
    traceback.print_exc()
    return f"Something of ours went wrong: {type(error).__name__}: {error}. The details are in worker.log."


def _out_of_memory(payload: dict[str, Any]) -> str:
    free, size = free_bytes(), payload.get("project", {}).get("training", {}).get("batch_size", 1)
    left = f"; {free / 1e9:,.1f} GB are free" if free is not None else ""
    smaller = f"Set the batch size to {size // 2}, or make the model smaller" if size > 1 else "Make the model smaller"
    return f"This ran out of memory{left}. {smaller}."
