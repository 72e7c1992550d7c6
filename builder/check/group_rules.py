"""Rules for groups: what repeats has to take one value and give one."""

from collections.abc import Iterator

from builder.check.edits import UpdateGroup
from builder.check.problem import Fix, Problem, error
from builder.spec.project import Project
from builder.spec.repetition import obstacles


def group_problems(project: Project) -> Iterator[Problem]:
    hindered = obstacles(project.model)
    for group in project.model.groups:
        if reason := hindered.get(group.id):
            fix = Fix("Carry it out once", (UpdateGroup(id=group.id, changes={"repeat": 1}),))
            message = (
                f"repeats {group.repeat} times, so it must take one value and give its last layer's; "
                f"it {reason}. Move that wire, or carry the group out once."
            )
            yield error(f"Group '{group.title}'", message, fix, node_id=group.members[-1])
