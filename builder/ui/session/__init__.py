"""The open project and run of a browser tab: from the URL, loaded from disk, changed by edits."""

from builder.ui.session.data import dataset, facts, facts_of, is_dataset_ready, leaks, profile, report, warnings
from builder.ui.session.frame import PageName, go_to, opened, say
from builder.ui.session.history import edit, history, jump, jump_to, news, redo, undo
from builder.ui.session.link import (
    applied,
    browser_has,
    mark_applied,
    next_moment,
    note_browser_has,
    token,
    unchanging,
)  # fmt: skip
from builder.ui.session.project import (
    close_project,
    create_project,
    current_project,
    is_project_there,
    kept,
    open_project,
    project_id,
    read_anew,
)  # fmt: skip
from builder.ui.session.runs import is_another_selected, runs, select_run, selected_run
from builder.ui.session.selection import clipboard, select_nodes, selected_nodes, set_clipboard
from builder.ui.session.tab import UnknownTab, acting_for, renew, show_value, shown_value, version, versioned

__all__ = [
    "PageName", "UnknownTab", "acting_for", "applied", "browser_has", "clipboard", "close_project", "create_project",
    "current_project", "dataset", "edit", "facts", "facts_of", "go_to", "history", "is_another_selected", "is_dataset_ready",
    "is_project_there", "jump", "jump_to", "kept", "leaks", "mark_applied", "news", "next_moment", "note_browser_has",
    "open_project", "opened", "profile", "project_id", "read_anew", "redo", "renew", "report", "runs", "say",
    "select_nodes", "select_run", "selected_nodes", "selected_run", "set_clipboard", "show_value", "shown_value",
    "token", "unchanging", "undo", "version", "versioned", "warnings",
]  # fmt: skip
