"""Turns a template into a project: its data set as found in the source, its model and its settings."""

from builder.data.propose import propose
from builder.spec.project import Project, validated
from builder.spec.templates import Template


def make_project(template: Template) -> Project:
    """Raises: DataError if the data cannot be had, for example without a network."""
    data = propose(template.source)
    document = {
        "name": template.title,
        "description": template.summary,
        "data": data.model_dump(mode="json") | template.data,
        "model": template.model.model_dump(mode="json"),
        "training": template.training.model_dump(mode="json"),
    }
    return validated(Project, document)
