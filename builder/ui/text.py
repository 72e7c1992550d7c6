"""Makes any text safe to put into Streamlit's markdown, so that names with markup are shown as they are (A6)."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^@/\"'])")


def plain(text: object) -> str:
    """`text` with every sign escaped that markdown, HTML, LaTeX, emoji codes or colours of Streamlit could take for theirs."""
    return _MARKS.sub(r"\\\1", " ".join(str(text).split("\n")))


def shortened(text: object, longest: int = 60) -> str:
    """`text` with its end cut off and marked if it is longer than `longest` signs. Not escaped."""
    text = str(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
