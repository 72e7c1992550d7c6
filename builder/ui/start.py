"""Makes the project that a template, a data source or a project file asks for, opens it and goes to its data."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from builder.errors import BuilderError
from builder.spec.project import Project, parse_project
from builder.spec.sources import DownloadSource, FileSource, Source
from builder.spec.templates import TEMPLATES
from builder.ui import session
from builder.ui.text import plain

Tell = Callable[[str], None]
_LONGEST_NAME = 120


def start_from_template(name: str) -> None:
    def make(tell: Tell) -> Project:
        from builder.data.templates import make_project  # pandas: not before it is needed

        tell("Getting the data ready…")
        return make_project(TEMPLATES[name])

    _start(make)


def start_from_upload(name: str, content: BinaryIO) -> None:
    def make(tell: Tell) -> Project:
        from builder.data.uploads import keep_upload

        tell("Keeping the file…")
        return _suggested(keep_upload(name, content), name, tell)

    _start(make)


def start_from_path(path: str) -> None:
    """A relative path starts where the server was started."""
    place = Path(path.strip()).expanduser().absolute()
    _start(lambda tell: _suggested(FileSource(path=str(place)), place.name, tell))


def start_from_download(source: DownloadSource, title: str) -> None:
    _start(lambda tell: _suggested(source, title, tell))


def start_from_project_file(content: bytes) -> None:
    _start(lambda tell: parse_project(content))


def _suggested(source: Source, name: str, tell: Tell) -> Project:
    from builder.check.suggest import suggest_project
    from builder.data.dataset import prepare
    from builder.data.propose import propose

    tell("Looking at the data…")
    data = propose(source)
    facts = prepare(data, progress=tell).facts
    tell("Proposing a model…")
    return suggest_project(title_of(name), data, facts)


def title_of(file_name: str) -> str:
    """A project's name from a file's: `my_data-set.csv` → `My data set`."""
    words = " ".join(Path(file_name).stem.replace("_", " ").replace("-", " ").split())
    return (words[:1].upper() + words[1:])[:_LONGEST_NAME] or "Untitled"


def _start(make: Callable[[Tell], Project]) -> None:
    """Shows what is going on; what cannot be done is explained where it was asked for."""
    with st.status("Working…") as status:
        try:
            project = make(lambda message: status.update(label=plain(message)))
        except BuilderError as error:
            status.update(label="That did not work", state="error", expanded=True)
            for line in str(error).splitlines():
                st.error(plain(line), icon=":material/error:")
            return
        session.create_project(project)
    session.go_to("data")
