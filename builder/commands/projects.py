"""Commands on projects: templates, new, import, check, measure."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from builder.catalogue.layer import show
from builder.check.edits import LoadModel, apply, describe
from builder.check.fixing import fixing_edits
from builder.check.proposals import proposals
from builder.check.report import Report
from builder.check.report import check as check_project
from builder.check.suggest import suggest_project
from builder.data.dataset import ImageDataset, TableDataset, prepare
from builder.data.propose import propose
from builder.data.templates import make_project
from builder.errors import DataError, RunError, SpecError
from builder.imports.asked import found_in
from builder.imports.reading import read_model
from builder.runs.folder import with_absolute_source
from builder.runs.machine import known_machine
from builder.runs.measured import Measurement
from builder.spec.data import TableData
from builder.spec.facts import DataFacts
from builder.spec.project import Project, load_project, save_project
from builder.spec.sources import FileSource
from builder.spec.templates import TEMPLATES


def templates(arguments: argparse.Namespace) -> None:
    for template in TEMPLATES.values():
        print(f"{template.name:<15} {template.title}: {template.summary}")


def new(arguments: argparse.Namespace) -> None:
    project = _from_template(arguments.template) if arguments.template else _from_data(arguments)
    save_project(project, arguments.output)
    print(f"Wrote {arguments.output}: {project.name}.")
    describe_data(prepare(project.data, arguments.output.resolve().parent))


def import_model(arguments: argparse.Namespace) -> None:
    """Refuses, and changes nothing, if the file has anything that no layer expresses."""
    project = load_project(arguments.into)
    model = found_in(read_model(arguments.model))
    for line in model.unsupported:
        print(line)
    if model.model is None:
        raise DataError(f"{arguments.model} has {len(model.unsupported)} kinds of operations that no layer here expresses. Nothing was changed.")  # fmt: skip
    changed = apply(project, LoadModel(model=model.model, title=f"Import {arguments.model.name}"))
    save_project(changed, arguments.into)
    made_for = f" for inputs of shape {show(model.input_shape)}" if model.input_shape else ""
    print(f"Wrote {arguments.into}: {len(model.model.nodes)} layers{made_for}, starting from {'its' if model.model.weights else 'random'} weights.")  # fmt: skip


def check(arguments: argparse.Namespace) -> int:
    project = load_project(arguments.project)
    facts = prepare(project.data, arguments.project.parent).facts
    if arguments.fix:
        project = _mended(project, facts, arguments.project)
    report = check_project(project, facts, known_machine())
    print_layers(report)
    for problem in report.problems:
        print(f"{problem.severity}: {problem.message}")
    if not report.can_train:
        raise SpecError(f"{arguments.project} cannot train: {len(report.errors)} to mend.")
    return 0


def _mended(project: Project, facts: DataFacts, path: Path) -> Project:
    """The project after every fix that helps, saved if there was one."""
    edits = fixing_edits(project, facts, known_machine())
    if edits:
        project = apply(project, *edits)
        save_project(project, path)
    for edit in edits:
        print(f"mended: {describe(edit)}")
    return project


def measure(arguments: argparse.Namespace) -> None:
    from builder.training.measure import measure_project  # torch

    project = load_project(arguments.project)
    found = measure_project(with_absolute_source(project, arguments.project.resolve().parent))
    print(f"{_size(found.memory_bytes)} to train with batches of {found.batch_size:,}.")
    if found.epoch_s is None:
        raise RunError(f"{arguments.project} does not fit into the memory that is free. {_smaller_batch(found)}")
    epochs, operations = project.training.epochs, found.forward_flops + found.backward_flops
    print(f"{operations / 1e6:,.2f} million floating-point operations a step, {operations / found.step_s / 1e9:,.2f} billion a second.")  # fmt: skip
    print(f"{found.step_s * 1e3:,.2f} ms a step, {found.epoch_s:,.2f} s an epoch of {found.steps_per_epoch:,} steps, {found.epoch_s * epochs:,.1f} s for {epochs} epochs.")  # fmt: skip


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:,.1f} kB"


def _smaller_batch(found: Measurement) -> str:
    return f"Set the batch size to {found.largest_batch}." if found.largest_batch else "Make the model smaller."


def print_layers(report: Report) -> None:
    """A table with each layer's output shape and cost."""
    print(f"{'layer':<32}{'output shape':<18}{'parameters':>12}{'multiply-adds':>15}")
    for row in report.rows:
        shape = show(row.output_shape) if row.output_shape is not None else "?"
        print(f"{row.place:<32}{shape:<18}{row.parameters:>12,}{row.multiply_adds:>15,}")
    total = f"{report.parameters:>12,}{report.multiply_adds:>15,}"
    print(f"{'all':<50}{total}   about {_size(report.memory_bytes)} to train")


def describe_data(dataset: TableDataset | ImageDataset) -> None:
    """What was found in the data, and every warning."""
    data, facts = dataset.data, dataset.facts
    classes = f" with {len(facts.classes):,} classes: {_some(facts.classes)}" if facts.classes else ""
    target = f"the {facts.target}" if data.task == "reconstruction" else f"'{facts.target}'"
    print(f"{data.task.capitalize()} of {target}{classes}.")
    if isinstance(data, TableData):
        kinds = Counter(column.type for column in data.features)
        print(f"Features: {', '.join(f'{count:,} {kind}' for kind, count in kinds.items())}.")
        ignored = [column.name for column in data.columns if column.role == "ignored"]
        if ignored:
            print(f"Left out: {_some(ignored)}.")
    else:
        print(f"Images: {data.height} × {data.width} pixels, {data.color}; {len(dataset.unreadable):,} cannot be read.")
    train, validation, test = facts.row_counts
    print(f"Rows: {train:,} for training, {validation:,} for validation, {test:,} for the test.")
    for warning in dataset.warnings():
        print(f"{warning.severity}: {warning.message}")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")


def _from_template(name: str) -> Project:
    if name not in TEMPLATES:
        raise SpecError(f"There is no template '{name}'. Take one of {', '.join(TEMPLATES)}.")
    return make_project(TEMPLATES[name])


def _from_data(arguments: argparse.Namespace) -> Project:
    """The project stays whole when its folder is moved, if the data lies in it."""
    path, folder = arguments.data.resolve(), arguments.output.resolve().parent
    if not path.exists():
        raise DataError(f"There is no file or folder {arguments.data}. Check the path.")
    inside = path != folder and path.is_relative_to(folder)
    source = FileSource(path=str(path.relative_to(folder) if inside else path))
    data = propose(source, folder, arguments.target)
    facts = prepare(data, folder).facts
    project = suggest_project(path.stem, data, facts)
    wanted = next((one for one in proposals(data, facts) if one.name == arguments.model), None)
    return project.model_copy(update={"model": wanted.model, "training": wanted.training}) if wanted else project
