"""Commands on projects: templates, new, check."""

import argparse
from pathlib import Path

from builder.catalogue.layer import show
from builder.check.report import Report
from builder.check.report import check as check_project
from builder.check.suggest import suggest_project
from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.templates import make_project
from builder.errors import DataError, SpecError
from builder.spec.project import Project, load_project, save_project
from builder.spec.sources import FileSource
from builder.spec.templates import TEMPLATES


def templates(arguments: argparse.Namespace) -> None:
    for template in TEMPLATES.values():
        print(f"{template.name:<15} {template.title}: {template.summary}")


def new(arguments: argparse.Namespace) -> None:
    project = _from_template(arguments.template) if arguments.template else _from_data(arguments)
    save_project(project, arguments.output)
    print(f"Wrote {arguments.output}.")


def check(arguments: argparse.Namespace) -> int:
    project = load_project(arguments.project)
    report = check_project(project, prepare(project.data, arguments.project.parent).facts)
    print_layers(report)
    for problem in report.problems:
        print(f"{problem.severity}: {problem.message}")
    if not report.can_train:
        raise SpecError(f"{arguments.project} cannot train: {len(report.errors)} to mend.")
    return 0


def print_layers(report: Report) -> None:
    """A table with each layer's output shape and cost."""
    print(f"{'layer':<32}{'output shape':<18}{'parameters':>12}{'multiply-adds':>15}")
    for row in report.rows:
        shape = show(row.output_shape) if row.output_shape is not None else "?"
        print(f"{row.place:<32}{shape:<18}{row.parameters:>12,}{row.multiply_adds:>15,}")
    total = f"{report.parameters:>12,}{report.multiply_adds:>15,}"
    print(f"{'all':<50}{total}   about {report.memory_bytes / 1e6:,.1f} MB to train")


def _from_template(name: str) -> Project:
    if name not in TEMPLATES:
        raise SpecError(f"There is no template '{name}'. Take one of {', '.join(TEMPLATES)}.")
    return make_project(TEMPLATES[name])


def _from_data(arguments: argparse.Namespace) -> Project:
    path: Path = arguments.data
    if not path.exists():
        raise DataError(f"There is no file or folder {path}. Check the path.")
    data = propose(FileSource(path=str(path.resolve())), target=arguments.target)
    return suggest_project(path.stem, data, prepare(data).facts)
