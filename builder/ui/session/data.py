"""The data of the open project, ready to use, and what can be said about the project on top of them."""

import streamlit as st

from builder.check.report import Report, check
from builder.errors import DataError
from builder.runs.machine import known_machine
from builder.spec.data import DataSpec
from builder.spec.facts import DataFacts
from builder.ui.prepared import leaking, prepared, profiled, stated, warned
from builder.ui.session.frame import go_to
from builder.ui.session.project import current_project
from builder.ui.session.tab import Ready, tab
from builder.ui.text import plain


def dataset():  # -> TableDataset | ImageDataset
    """The project's data, ready to use. If it cannot be used the page ends here, with the reason and a way on."""
    now, data = tab(), current_project().data
    if now.ready is None or now.ready.data is not data or not now.is_ready:
        now.ready, now.is_ready = _made_ready(data, now.ready), True
    return now.ready.dataset


def _made_ready(data: DataSpec, before: Ready | None) -> Ready:
    keys = stated(data)
    if before and before.keys == keys:
        return before._replace(data=data)
    try:
        with st.spinner("Preparing the data…", show_time=True):
            return Ready(data, keys, prepared(*keys))
    except DataError as error:
        st.error(plain(str(error)), icon=":material/error:")
        if st.button("Choose other data", key="other_data", icon=":material/home:"):
            go_to("home")
        st.stop()


def is_dataset_ready() -> bool:
    """Whether `dataset` gives it at once, also in a thread that runs no script."""
    ready, data = tab().ready, current_project().data
    return ready is not None and (ready.data is data or ready.keys == stated(data))


def facts() -> DataFacts:
    return dataset().facts


def facts_of(data: DataSpec) -> DataFacts:
    """Of any data, not only the project's. Raises: DataError."""
    return prepared(*stated(data)).facts


def profile():  # -> TableProfile | ImageProfile
    """Statistics of the data, for the Data page."""
    found = dataset()
    return profiled(*tab().ready.keys, found)


def warnings():  # -> tuple[DataWarning, ...]
    """What in the data would mislead a model or the person who reads its figures."""
    found = dataset()
    return warned(*tab().ready.keys, found)


def leaks() -> tuple[tuple[str, str], ...]:
    """Columns that give the target away by themselves, each with how that was seen."""
    found = dataset()
    return leaking(*tab().ready.keys, found)


def report() -> Report:
    """Shapes, cost and problems of the model as it stands; kept until it or its data change."""
    now, given = tab(), (current_project(), facts(), known_machine())
    if now.checked is None or any(known is not one for known, one in zip(now.checked, given, strict=False)):
        now.checked = (*given, check(*given))
    return now.checked[3]
