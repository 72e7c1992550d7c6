"""Three proposals for any data: each checks clean, costs more than the one before it, and trains."""

import pytest

from builder.check.proposals import proposals
from builder.check.suggest import suggest_project
from builder.spec.project import Project
from tests.check.training_step import train_briefly
from tests.projects import facts_of, table_data

CASES = {
    "small table": facts_of((4,), "multiclass", 150),
    "large table": facts_of((30,), "binary", 5_000),
    "numbers": facts_of((10,), "regression", 400),
    "small images": facts_of((1, 12, 10), "multiclass", 300),
    "many images": facts_of((3, 32, 32), "binary", 6_000),
}


@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_three_proposals_check_clean_cost_more_and_more_and_train(facts):
    found = proposals(table_data(), facts)
    assert [proposal.name for proposal in found] == ["small", "balanced", "accurate"]
    for proposal in found:
        assert proposal.report.problems == () and proposal.title and proposal.why.endswith(".")
        assert train_briefly(Project(data=table_data(), model=proposal.model, training=proposal.training), facts)
    work = [proposal.report.multiply_adds for proposal in found]
    assert work[0] < work[1] < work[2]


def test_the_balanced_one_is_what_a_new_project_starts_with():
    facts = CASES["small table"]
    project = suggest_project("x", table_data(), facts)
    balanced = proposals(table_data(), facts)[1]
    assert (balanced.model, balanced.training) == (project.model, project.training)


def test_blocks_of_a_proposal_stand_as_groups():
    accurate = proposals(table_data(), CASES["many images"])[2]
    assert [group.title for group in accurate.model.groups] == ["Residual block"] * 3
