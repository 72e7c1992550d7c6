"""Imported by the fork server once, so that a run starts with everything loaded."""

import builder.export.finish
import builder.training.session  # noqa: F401
