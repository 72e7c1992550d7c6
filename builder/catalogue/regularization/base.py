"""What every regularization is."""

from builder.catalogue.component import Component


class Regularization(Component):
    """Each kind may be used once in a project."""
