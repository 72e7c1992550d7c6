"""Model: the network as a graph, with its settings, cost and problems."""

from builder.ui.editor import draw_editor
from builder.ui.session import current_project

current_project()
draw_editor()
