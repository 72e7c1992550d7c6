"""Makes any text safe to put into Streamlit's markdown, so that names with markup are shown as they are (A6)."""

import re

_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b.?|[\x00-\x08\x0b-\x1f\x7f]")
_MARKS = re.compile(r"([\\`*{}\[\]()<>#+.!|~$:&=^@/\"']|(?<![^\W_])[_-]|[_-](?![^\W_]))")
"""Not _ and - within a word, which mark nothing there: screen readers read labels as they are written."""


def plain(text: object) -> str:
    """`text` with every sign escaped that markdown, HTML, LaTeX, emoji codes or colours of Streamlit could take for theirs."""
    return _MARKS.sub(r"\\\1", " ".join(uncoloured(text).split("\n")))


def uncoloured(text: object) -> str:
    """`text` without what only a terminal understands: colours and other control codes."""
    return _CODES.sub("", str(text))


def shortened(text: object, longest: int = 60) -> str:
    """`text` with its end cut off and marked if it is longer than `longest` signs. Not escaped."""
    text = str(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
