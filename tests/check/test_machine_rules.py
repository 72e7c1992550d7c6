"""What a machine lacks is said before the launch, each time with a way out."""

import pytest

from builder.catalogue.layers import Linear
from builder.check.edits import apply
from builder.check.fixing import fix_all
from builder.check.report import check
from builder.spec.machine import Accelerator, Machine
from tests.projects import facts_of, stacked

CARD = Accelerator(name="NVIDIA A10", memory_bytes=24 * 10**9)
PLAIN, MIXING, WITH_CARD = Machine(cores=2), Machine(cores=2, mixes_well=True), Machine(cores=2, accelerators=(CARD,))
NO_CARD = "Device is cuda, but this machine has no NVIDIA card that torch can use. Use auto, which takes the processor."
SLOWER = "Precision is mixed, but this machine's processor gets slower by it, about twice. Use full precision."


@pytest.mark.parametrize(
    ("settings", "machine", "told"),
    [
        ({"device": "cuda"}, PLAIN, [NO_CARD]),
        ({"device": "cuda"}, WITH_CARD, []),
        ({"device": "cuda"}, None, []),
        ({"precision": "mixed"}, PLAIN, [SLOWER]),
        ({"precision": "mixed"}, MIXING, []),
        ({"precision": "mixed"}, WITH_CARD, []),
        ({"precision": "mixed", "device": "cpu"}, WITH_CARD, [SLOWER]),
        ({}, PLAIN, []),
    ],
)
def test_it_is_told_and_mended(settings, machine, told):
    project, facts = stacked(Linear(), **settings), facts_of()
    problems = check(project, facts, machine).problems
    assert [problem.message for problem in problems] == told
    for problem in problems:
        assert check(apply(project, *problem.fixes[0].edits), facts, machine).problems == ()
    assert check(fix_all(project, facts, machine), facts, machine).problems == ()


def test_a_card_that_is_missing_keeps_from_training_and_slowness_does_not():
    assert not check(stacked(Linear(), device="cuda"), facts_of(), PLAIN).can_train
    assert check(stacked(Linear(), precision="mixed"), facts_of(), PLAIN).can_train
