"""Writes the answers of an exported model for a file of rows or images, as CSV, in bounded memory."""

import csv
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from builder.data.images.further import read_images
from builder.data.tables.further import Part, read_parts
from builder.data.tables.importing import open_rows
from builder.errors import DataError
from builder.predict.predictor import Answer, Predictor
from builder.runs.folder import RunFolder
from builder.spec.data import ImageData, TableData
from builder.spec.facts import DataFacts

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
PLAIN_NUMBER = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?%?")
Row = list[str]


def write_predictions(folder: RunFolder, data: Path, output: Path) -> int:
    """The number of rows or images with an answer. Raises: DataError, and then nothing is written."""
    predictor, facts = Predictor(folder.onnx), DataFacts.model_validate_json(folder.facts.read_bytes())
    spec = folder.project.data
    answered = _images(spec, data, predictor) if isinstance(spec, ImageData) else _table(spec, data, predictor)
    count = 0
    with answered as (header, rows), _written_whole(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(neutral, _apart([*header, *_titles(facts)])))
        for own, answer in rows:
            writer.writerow([*map(neutral, own), *_answer_cells(answer, facts)])
            count += answer is not None
    return count


def neutral(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(cell) else cell


@contextmanager
def _table(spec: TableData, path: Path, predictor: Predictor) -> Iterator[tuple[Row, Iterator[tuple[Row, Answer]]]]:
    with open_rows(path, spec) as table:
        parts = read_parts(table, spec.features, spec.reading.missing)
        yield list(table.names), (pair for part in parts for pair in _answered(part, predictor))


def _answered(part: Part, predictor: Predictor) -> Iterator[tuple[Row, Answer]]:
    own = zip(*(part.cells(name) for name in part.columns), strict=True)
    answers = predictor.predict_table(part.frame.to_dict("records"))
    return ((list(cells), answer) for cells, answer in zip(own, answers, strict=True))


@contextmanager
def _images(
    spec: ImageData, path: Path, predictor: Predictor
) -> Iterator[tuple[Row, Iterator[tuple[Row, Answer | None]]]]:
    """Images that cannot be read are listed without an answer."""

    def rows() -> Iterator[tuple[Row, Answer | None]]:
        some_answered = False
        for image in read_images(path, spec):
            answer = None if image.pixels_HWC is None else predictor.predict_image(image.pixels_HWC)
            some_answered |= answer is not None
            yield [image.name], answer
        if not some_answered:
            raise DataError(f"{path.name} has no image that can be read. Use PNG or JPEG files.")

    yield ["file"], rows()


def _titles(facts: DataFacts) -> Row:
    """Of the answers: one for each class, or for each column that was given back; an image fits into no cell."""
    if facts.task == "reconstruction":
        columns = [column.name for column in facts.raw_inputs] if len(facts.input_shape) == 1 else []
        return [*(f"reconstructed {name}" for name in columns), "error"]
    return [f"predicted {facts.target}", *(f"probability of {name}" for name in facts.classes)]


def _apart(names: Row) -> Row:
    """The names, each once, so that the file can be read again: what comes later gets a number."""
    kept: dict[str, None] = {}
    for name in names:
        number, free = 2, name
        while free in kept:
            number, free = number + 1, f"{name} ({number})"
        kept[free] = None
    return list(kept)


def _answer_cells(answer: Answer | None, facts: DataFacts) -> Row:
    if answer is None:
        return [""] * len(_titles(facts))
    if answer.value is not None:
        return [f"{answer.value:.7g}"]
    if answer.error is not None:
        values = answer.reconstruction.values() if isinstance(answer.reconstruction, dict) else ()
        return [f"{number:.7g}" for number in (*values, answer.error)]
    return [neutral(answer.label), *(f"{share:.7g}" for share in answer.probabilities.values())]


@contextmanager
def _written_whole(path: Path) -> Iterator[TextIO]:
    """A text file that takes its place when all is written, and leaves nothing behind if that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
