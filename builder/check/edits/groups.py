"""Edits of groups: nodes that stand together, fold together and repeat."""

from typing import Any

from pydantic import Field

from builder.check.edits.edit import Edit, index_of, new_id, with_nodes
from builder.check.edits.ordering import in_order
from builder.check.edits.titles import titled
from builder.check.edits.wiring import connected
from builder.errors import SpecError
from builder.spec.model import Group
from builder.spec.project import Project, validated


class GroupNodes(Edit):
    """Makes nodes a group; they move next to each other, and leave the groups that they were in."""

    ids: tuple[str, ...] = Field(min_length=1)
    title: str = Field("Group", min_length=1, max_length=80)

    @property
    def label(self) -> str:
        return f"Group {len(self.ids)} layers"

    def applied(self, project: Project) -> Project:
        places = sorted({index_of(project, node_id) for node_id in self.ids})
        members = tuple(project.model.nodes[place].id for place in places)
        left = [
            group.model_copy(update={"members": kept})
            for group in project.model.groups
            if (kept := tuple(name for name in group.members if name not in members))
        ]
        name = new_id({group.id for group in left}, "group")
        groups = (*left, Group(id=name, title=self.title, members=members))
        return in_order(project, connected(project.model), groups=groups)


class Ungroup(Edit):
    """Takes the frame away; the nodes stay, a repetition is carried out once."""

    id: str

    @property
    def label(self) -> str:
        return f"Ungroup {self.id}"

    def applied(self, project: Project) -> Project:
        _group(project, self.id)
        return with_nodes(
            project, project.model.nodes, [group for group in project.model.groups if group.id != self.id]
        )


class UpdateGroup(Edit):
    """Sets title, repeat or folded of a group."""

    id: str
    changes: dict[str, Any]

    @property
    def label(self) -> str:
        if "repeat" in self.changes:
            return f"Repeat {self.id} {self.changes['repeat']} times"
        if "folded" in self.changes:
            return f"{'Fold' if self.changes['folded'] else 'Unfold'} {self.id}"
        return f"Set {titled(self.changes, Group)} of {self.id}"

    def applied(self, project: Project) -> Project:
        place = project.model.groups.index(_group(project, self.id))
        document = project.model_dump(mode="json")
        document["model"]["groups"][place] |= self.changes
        return validated(Project, document)


def _group(project: Project, group_id: str) -> Group:
    found = next((group for group in project.model.groups if group.id == group_id), None)
    if found is None:
        raise SpecError(f"model.groups: there is no group '{group_id}'. Reload the page to see the model as it is.")
    return found
