"""The part of the script that reads a table: the file, typed columns, the split, the fitted preprocessing."""

import inspect
from pprint import pformat

from builder.catalogue.task import Task
from builder.data.dataset import TableDataset
from builder.data.preprocessing import TablePreprocessing
from builder.data.splitting import deal
from builder.data.tables.columns import number_marks, number_text
from builder.data.tables.parsing import as_date, as_number, as_text
from builder.data.tables.sniff import SAMPLE_CHARACTERS, find_dialect
from builder.data.uploads import resolve
from builder.nn.inputs import TableInput

IMPORTS = ("import csv", "import math", "import re", "from datetime import UTC, datetime")  # fmt: skip

_READERS = {
    "text": '''
def read_cells(path):
    """Rows of text as they stand in the file."""
    with open(path, encoding={encoding!r}, newline="") as file:
        rows = [row for row in csv.reader(file, delimiter={delimiter!r}, skipinitialspace={spaced}, strict=True) if row]
    return rows[{first}:]
''',
    "excel": '''
def read_cells(path):
    """Rows of text as the cells show them."""
    import openpyxl

    def text(value):
        if value is None or value in ("", "#N/A"):
            return None
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        if isinstance(value, datetime):
            return str(value.date()) if (value.hour, value.minute, value.second) == (0, 0, 0) else value.isoformat(sep=" ")
        return str(value)

    page = openpyxl.load_workbook(path, read_only=True, data_only=True)[{sheet!r}]
    page.reset_dimensions()
    rows = [[text(value) for value in row[: len(COLUMNS)]] for row in page.iter_rows(values_only=True)]
    rows = [row + [None] * (len(COLUMNS) - len(row)) for row in rows if any(cell is not None for cell in row)]
    return rows[{first}:]
''',
    "parquet": '''
def read_cells(path):
    """Rows of text; whole numbers without '.0'."""
    import pyarrow.parquet

    def text(value):
        if value is None or value != value:
            return None
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)

    columns = pyarrow.parquet.read_table(path).to_pydict().values()
    return [[text(value) for value in row] for row in zip(*columns, strict=True)]
''',
}

_LOAD = '''
def load(path):
    """(numbers, ids, targets) as tensors, and the rows of training, validation and test."""
    cells = dict(zip(COLUMNS, zip(*read_cells(path), strict=True), strict=True))
    numbers = np.array([[READ[COLUMNS[name]](text, MISSING) for text in cells[name]] for name in NUMBERS])
    ids = np.array([[category_id(name, text) for text in cells[name]] for name in CATEGORIES], np.int64)
    size = len(next(iter(cells.values())))
    numbers = torch.from_numpy(numbers.reshape(len(NUMBERS), size).T.astype(np.float32))
    ids = torch.from_numpy(np.ascontiguousarray(ids.reshape(len(CATEGORIES), size).T))
    targets, known, labels = read_targets(cells)
    parts = deal(known, labels, SPLIT, SPLIT_SEED)
    return numbers, ids, targets, [torch.from_numpy(part) for part in parts]


def category_id(name, text):
    """0 for a category that training never met, 1 for a missing one, then the categories."""
    text = as_text(text, MISSING)
    places = {category: place for place, category in enumerate(CATEGORIES[name]["categories"], 2)}
    return 1 if text is None else places.get(text, 0)
'''

_CLASSES = '''
def read_targets(cells):
    """Class numbers, the rows that have one, and their labels in order of appearance for the split."""
    texts = [class_name(text) for text in cells[TARGET]]
    numbers = torch.tensor([CLASSES.index(text) if text in CLASSES else -1 for text in texts])
    order = {text: place for place, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
    known = np.array([row for row, text in enumerate(texts) if text is not None])
    return numbers, known, {labels}
'''

_VALUES = '''
def read_targets(cells):
    """Values as the loss takes them, and the rows that have one."""
    values = np.array([READ[COLUMNS[TARGET]](text, MISSING) for text in cells[TARGET]])
    scaled = torch.from_numpy(((values - TARGET_SHIFT) / TARGET_SCALE).astype(np.float32)).unsqueeze(1)
    return scaled, np.flatnonzero(~np.isnan(values)), None
'''

_OWN_INPUT = '''
def read_targets(cells):
    """The inputs themselves are to be given back, so that every row counts."""
    return None, np.arange(len(next(iter(cells.values())))), None
'''

_TEXT_CLASS = """
def class_name(text):
    return as_text(text, MISSING)
"""

_NUMBER_CLASS = '''
def class_name(text):
    """Numbers as classes: whole ones without '.0'."""
    value = READ[COLUMNS[TARGET]](text, MISSING)
    if math.isnan(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
'''


def table_part(dataset: TableDataset, preprocessing: TablePreprocessing, task: Task) -> str:
    """Constants, `load(path)` and the input module."""
    pieces = [_constants(dataset, preprocessing), _sources(as_number, as_date, as_text), "\nREAD = {'number': as_number, 'date': as_date}\n"]  # fmt: skip
    pieces += [_reader(dataset), inspect.getsource(deal), _LOAD]
    pieces += {"regression": [_VALUES], "reconstruction": [_OWN_INPUT]}.get(task) or _classes(dataset)
    return "\n\n\n".join(piece.strip("\n") for piece in [*pieces, inspect.getsource(TableInput)])


def _classes(dataset: TableDataset) -> list[str]:
    labels = "np.array([order[texts[row]] for row in known])" if dataset.data.split.stratify else "None"
    class_name = _NUMBER_CLASS if dataset.data.target.type in ("number", "date") else _TEXT_CLASS
    return [class_name, _CLASSES.replace("{labels}", labels)]


def input_constructor() -> str:
    return (
        'TableInput(fill=[n["fill"] for n in NUMBERS.values()], shift=[n["shift"] for n in NUMBERS.values()], '
        'scale=[n["scale"] for n in NUMBERS.values()], tables=[c["table"] for c in CATEGORIES.values()])'
    )


def _constants(dataset: TableDataset, preprocessing: TablePreprocessing) -> str:
    data = dataset.data
    types = {column.name: column.type for column in data.columns}
    values = {
        "COLUMNS": {name: types.get(name, "text") for name in dataset.layout.names},
        "MISSING": sorted(_marks(dataset)),
        "CLASSES": list(preprocessing.classes),
        "SPLIT": (data.split.train, data.split.validation, data.split.test),
        "SPLIT_SEED": data.split.seed,
        "NUMBERS": {c.name: c.model_dump(exclude={"name"}) for c in preprocessing.numbers},
        "CATEGORIES": {
            c.name: {"categories": list(c.categories), "table": [list(row) for row in c.table]}
            for c in preprocessing.categories
        },
    }  # fmt: skip
    if preprocessing.target:
        values |= {"TARGET": preprocessing.target}
    if preprocessing.target and not preprocessing.classes:
        values |= {"TARGET_SHIFT": preprocessing.target_shift, "TARGET_SCALE": preprocessing.target_scale}
    lines = [f"{name} = {pformat(value, width=110, sort_dicts=False)}" for name, value in values.items()]
    return "# Fills, shifts, scales and encodings were fitted on the training rows.\n" + "\n".join(lines)


def _marks(dataset: TableDataset) -> set[str]:
    """The missing marks; as numbers of a typed file are written, too."""
    marks = {*dataset.data.reading.missing}
    return marks | set(map(number_text, number_marks(marks))) if dataset.layout.format == "parquet" else marks


def _reader(dataset: TableDataset) -> str:
    layout = dataset.layout
    spaced = False
    if layout.format == "text":
        with resolve(dataset.data.source).open(encoding=layout.encoding, newline="") as file:
            spaced = find_dialect(file.read(SAMPLE_CHARACTERS), layout.delimiter).spaced
    return _READERS[layout.format].format(
        encoding=layout.encoding, delimiter=layout.delimiter, spaced=spaced, sheet=layout.sheet, first=int(layout.header)
    )  # fmt: skip


def _sources(*functions) -> str:
    return "\n\n\n".join(inspect.getsource(function).strip("\n") for function in functions)
