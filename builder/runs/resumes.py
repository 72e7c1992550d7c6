"""Notes where a run was gone on with after a pause or an interruption, so that its curves can say so."""

import json

from builder.runs.folder import RunFolder


def note_resume(folder: RunFolder, step: int) -> None:
    """`step` is the last one before; at the beginning there is nothing to note."""
    if step:
        with folder.resumes.open("ab") as file:
            file.write(json.dumps({"step": step}).encode() + b"\n")


def resumed_after(folder: RunFolder) -> tuple[int, ...]:
    """The last step before each time, in the order in which that happened."""
    try:
        lines = folder.resumes.read_bytes().split(b"\n")[:-1]  # after the last newline: nothing, or half a line
    except FileNotFoundError:
        return ()
    return tuple(json.loads(line)["step"] for line in lines)
