"""Reads a model file of any known kind; nothing in it is executed, and no other file is opened."""

from pathlib import Path

from builder.errors import DataError
from builder.imports.imported import Imported
from builder.imports.own import read_own

LARGEST_BYTES = 500 << 20
KINDS = (".json", ".onnx", ".keras", ".h5")


def read_model(source: Path | bytes, name: str | None = None) -> Imported:
    """A whole model with its weights, or the list of what stands in the way. `name` says by its ending what it is.

    Raises: DataError if the file cannot be used at all, SpecError if our own JSON says what is not allowed.
    """
    name = name or (source.name if isinstance(source, Path) else "the file")
    ending = Path(name).suffix.casefold()
    if ending not in KINDS:
        raise DataError(f"{name} is no model file that can be read. Choose one that ends in {', '.join(KINDS)}.")
    content = _bytes(source, name)
    if ending == ".json":
        return read_own(content, name)
    if ending == ".onnx":
        from builder.imports.onnx_file.reading import read_onnx  # a second to import: only who needs it waits

        return read_onnx(content, name)
    from builder.imports.keras_file.reading import read_keras

    return read_keras(content, name)


def _bytes(source: Path | bytes, name: str) -> bytes:
    size = len(source) if isinstance(source, bytes) else _size(source)
    if size > LARGEST_BYTES:
        raise DataError(f"{name} is larger than {LARGEST_BYTES >> 20} MB. Import a smaller model.")
    return source if isinstance(source, bytes) else source.read_bytes()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. Check the path.") from None
