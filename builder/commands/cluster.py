"""Prints how a run is started on several machines."""

import argparse
import sys
from pathlib import Path

from builder.check.report import require_trainable
from builder.data.dataset import prepare
from builder.runs.cluster import cluster_text, prepare_run
from builder.runs.scale import Scale
from builder.runs.store import open_store
from builder.spec.project import load_project


def show_cluster(arguments: argparse.Namespace) -> None:
    """Of a run, or of a project, for which a run is prepared."""
    if arguments.subject.endswith(".json") or Path(arguments.subject).exists():
        path = Path(arguments.subject)
        project, base = load_project(path), path.resolve().parent
        require_trainable(project, prepare(project.data, base).facts)
        run = prepare_run(project, Scale(arguments.processes, arguments.nodes, arguments.fsdp), base=base)
        print(f"Run {run.id} is prepared; it is started by:", file=sys.stderr)
    else:
        run = open_store().get(arguments.subject)
    print(cluster_text(run, arguments.form), end="")
