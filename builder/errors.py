"""The errors Strata raises for what a user can mend; each message is one plain sentence with a way out."""


class BuilderError(Exception):
    """Any fault of the input: what the user gave cannot be carried out."""


class SpecError(BuilderError):
    """A project says something that is not allowed. Source: a field of project.json."""


class ShapeError(BuilderError):
    """A layer cannot take the shape that reaches it."""


class DataError(BuilderError):
    """A file, folder or column cannot be used as asked."""


class RunError(BuilderError):
    """A run cannot start, go on or be read."""
