"""Says whether a training fits into this machine's memory, and which batch size would."""

from dataclasses import dataclass

from builder.check.report import Report
from builder.runs.measured import Measurement
from builder.runs.memory import largest_batch
from builder.spec.project import Project
from builder.ui.formats import size_bytes


@dataclass(frozen=True)
class Misfit:
    """`batch_size` is the largest power of two that would fit; None if none would."""

    message: str
    batch_size: int | None


def misfit(project: Project, report: Report, measured: Measurement | None, usable: int | None) -> Misfit | None:
    """None if it fits, or the system does not say what is free; by what was measured, else by the estimate."""
    needed = report.memory_bytes if measured is None else measured.memory_bytes
    if usable is None or needed <= usable or project.training.largest_batch:
        return None
    batch = largest_batch(*_parts(project, report, measured), usable) or None
    about = "about " if measured is None else ""
    way_out = "Choose a smaller batch size." if batch else "Make its layers smaller: not even one row would fit."
    return Misfit(
        f"Training at batch size {project.training.batch_size:,} needs {about}{size_bytes(needed)} of memory; this "
        f"machine has {size_bytes(usable)} left for it. {way_out}",
        batch,
    )


def _parts(project: Project, report: Report, measured: Measurement | None) -> tuple[float, float]:
    """Bytes for any batch, and for each of its rows."""
    if measured is not None:
        return measured.fixed_bytes, measured.saved_bytes / project.training.batch_size
    return report.fixed_bytes, report.row_bytes
