"""The model in words."""

from builder.catalogue.layers import Add, Linear
from builder.check.edits import GroupNodes, UpdateGroup, apply
from builder.check.report import check
from builder.spec.model import INPUT
from builder.ui.outline.rows import outline_rows
from tests.projects import facts_of, stacked, wired


def test_a_layer_is_named_with_its_shape_cost_and_problems():
    project = stacked(Linear(out_features=8), Linear())
    first, last = outline_rows(project, check(project, facts_of((4,))))
    assert first["name"] == "Linear linear_1, 8, 40 parameters, 1 problem"  # 4 × 8 + 8; no activation follows it
    assert last["name"] == "Linear linear_2, 3, 27 parameters, no problems"


def test_members_stand_in_their_group_and_a_branch_says_what_it_takes():
    project = wired(("one", Linear(out_features=4)), ("two", Linear(out_features=4)), ("sum", Add(), ("two", INPUT)))
    project = apply(
        project, GroupNodes(ids=("two", "sum"), title="Skip"), UpdateGroup(id="group_1", changes={"repeat": 3})
    )
    project = project.model_copy(update={"model": project.model})
    first, group = outline_rows(project, check(project, facts_of((4,))))
    assert first["id"] == "one"
    assert group["name"] == "Group Skip, 2 layers, 3 times"
    assert [member["takes"] for member in group["members"]] == ["", "takes two and input"]
