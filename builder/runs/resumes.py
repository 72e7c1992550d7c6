"""Notes where a run was gone on with after a pause or an interruption, so that its curves can say so."""

from builder.runs.folder import RunFolder
from builder.runs.lines import append_line, read_lines


def note_resume(folder: RunFolder, step: int) -> None:
    """`step` is the last one before; at the beginning there is nothing to note."""
    if step:
        append_line(folder.resumes, {"step": step})


def resumed_after(folder: RunFolder) -> tuple[int, ...]:
    """The last step before each time, in the order in which that happened."""
    return tuple(line["step"] for line in read_lines(folder.resumes))
