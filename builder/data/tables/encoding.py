"""Finds the encoding of a text file, and refuses what is no text, naming the line."""

import codecs
from pathlib import Path

from builder.data.storage import CHUNK_BYTES
from builder.errors import DataError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_WESTERN_LETTERS = "ÿþ"  # bytes 255 and 254, far more often damage than text
SYMBOLS = "€£§µ°²³½¼¾–—‘’“”„…®©™«»¿¡×±·ºª•¢"
WAY_OUT = "Save the file as UTF-8, or name its encoding"


def find_encoding(path: Path, place: str) -> str:
    """UTF-8, UTF-16 or UTF-32, else cp1252 or Latin-1 if that gives plausible text. Raises: DataError."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    if len(start) > 3 and b"\0" in start:
        if start[1::2].count(0) > 0.8 * len(start[1::2]) and start[::2].count(0) == 0:
            return "utf-16-le"
        if start[::2].count(0) > 0.8 * len(start[::2]) and start[1::2].count(0) == 0:
            return "utf-16-be"
    line = _first_undecodable_line(path, "utf-8")
    return "utf-8" if line is None else _single_byte_encoding(path, place, line)


def check_text(path: Path, encoding: str, place: str) -> None:
    """Raises: DataError if the file is not text in this encoding or holds NUL."""
    try:
        codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError):
        raise DataError(
            f"There is no encoding '{encoding}'. Name one such as utf-8 or cp1252, or leave it empty."
        ) from None
    line = _first_undecodable_line(path, encoding)
    if line is not None:
        raise DataError(f"{place}, line {line}: the bytes are not valid {encoding}. {WAY_OUT}.")
    line = 1
    with path.open(encoding=encoding, newline="") as file:
        while text := file.read(CHUNK_BYTES):
            if "\0" in text:
                line += text[: text.index("\0")].count("\n")
                raise DataError(
                    f"{place}, line {line}: a NUL byte stands there, so this is not a text table. Export it again as CSV."
                )
            line += text.count("\n")


def _first_undecodable_line(path: Path, encoding: str) -> int | None:
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].decode(encoding).count("\n")
            except UnicodeError:  # some codecs do not say where
                return line
            if not chunk:
                return None


def _single_byte_encoding(path: Path, place: str, line: int) -> str:
    for encoding in () if _is_mostly_utf8(path) else ("cp1252", "latin-1"):
        if _first_undecodable_line(path, encoding) is None and _looks_western(path, encoding):
            return encoding
    raise DataError(f"{place}, line {line}: the bytes are not valid UTF-8. {WAY_OUT}.")


def _is_mostly_utf8(path: Path) -> bool:
    """Whether more letters beyond ASCII are whole in UTF-8 than broken, as where a line of another file was added."""
    decoder, whole, broken = codecs.getincrementaldecoder("utf-8")("replace"), 0, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            text = decoder.decode(chunk)
            broken += text.count("\ufffd")
            whole += 0 if text.isascii() else sum(letter > "\x7f" and letter != "\ufffd" for letter in text)
    return whole > broken


def _looks_western(path: Path, encoding: str) -> bool:
    """Whether most letters beyond ASCII stand in words of mostly ASCII letters, as in Western languages."""
    plausible = total = 0
    with path.open(encoding=encoding, newline="") as file:
        while text := file.read(CHUNK_BYTES):
            for at, letter in enumerate(text) if not text.isascii() else ():
                if letter > "\x7f":
                    total += 1
                    plausible += _is_plausible(letter, text[max(at - 2, 0) : at], text[at + 1 : at + 3])
            if total > 10_000:
                break
    return plausible >= 0.8 * total


def _is_plausible(letter: str, before: str, after: str) -> bool:
    if letter in SYMBOLS:
        return True
    neighbours = [near for near in (before[-1:], after[:1]) if near.isalpha()]
    around = [near for near in before + after if near > "\x7f"]
    return letter.isalpha() and letter not in NOT_WESTERN_LETTERS and bool(neighbours) and len(around) < 2
