"""The open project and run of a browser tab: from the URL, loaded from disk, changed by edits."""

from builder.ui.session.data import dataset, facts, facts_of, profile, report, warnings
from builder.ui.session.frame import PageName, go_to, opened, redrawn, say
from builder.ui.session.history import edit, history, jump, news, redo, undo
from builder.ui.session.project import close_project, create_project, current_project, open_project, project_id
from builder.ui.session.runs import runs, select_run, selected_run
from builder.ui.session.selection import applied, clipboard, mark_applied, select_nodes, selected_nodes, set_clipboard
from builder.ui.session.tab import renew, show_value, shown_value, version, versioned

__all__ = [
    "PageName", "applied", "clipboard", "close_project", "create_project", "current_project", "dataset", "edit", "facts",
    "facts_of", "go_to", "history", "jump", "mark_applied", "news", "open_project", "opened", "profile", "project_id", "redo",
    "redrawn", "renew", "report", "runs", "say", "select_nodes", "select_run", "selected_nodes", "selected_run",
    "set_clipboard", "show_value", "shown_value", "undo", "version", "versioned", "warnings",
]  # fmt: skip
