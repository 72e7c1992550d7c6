"""The open project and run of a browser tab: from the URL, loaded from disk, changed by edits."""

from builder.ui.session.data import dataset, facts, facts_of, profile, report, warnings
from builder.ui.session.frame import PageName, go_to, opened, say
from builder.ui.session.history import edit, history, jump, news, redo, undo
from builder.ui.session.parts import (
    change,
    change_selection,
    is_more_to_draw,
    is_set,
    part,
    redraw,
    travel,
    travel_to,
    wish,
    wished,
)  # fmt: skip
from builder.ui.session.project import close_project, create_project, current_project, open_project, project_id, seen
from builder.ui.session.runs import runs, select_run, selected_run
from builder.ui.session.selection import (
    applied,
    carrying_out,
    clipboard,
    mark_applied,
    select_nodes,
    selected_nodes,
    selection,
    set_clipboard,
)  # fmt: skip
from builder.ui.session.tab import renew, show_value, shown_value, version, versioned

__all__ = [
    "PageName", "applied", "carrying_out", "change", "change_selection", "clipboard", "close_project",
    "create_project", "current_project", "dataset", "edit", "facts", "facts_of", "go_to", "history",
    "is_more_to_draw", "is_set", "jump", "mark_applied", "news", "open_project", "opened", "part", "profile",
    "project_id", "redo", "redraw", "renew", "report", "runs", "say", "seen", "select_nodes", "select_run",
    "selected_nodes", "selected_run", "selection", "set_clipboard", "show_value", "shown_value", "travel",
    "travel_to", "undo", "version", "versioned", "warnings", "wish", "wished",
]  # fmt: skip
