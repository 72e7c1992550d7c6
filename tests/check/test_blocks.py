"""Every ready-made block fits itself to what it is put behind, checks clean there, repeats, and trains."""

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Conv2d, Flatten, Linear, Reshape
from builder.check.edits import AddBlock, UpdateGroup, apply
from builder.check.report import check
from builder.errors import SpecError
from builder.spec.blocks import BLOCKS, fitted
from tests.check.training_step import train_briefly
from tests.projects import facts_of, stacked

STEMS = {
    1: ((4,), stacked(Linear(out_features=6, activation=ReLU()), Linear()), (6,)),
    2: ((40,), stacked(Reshape(shape=(5, 8)), Flatten(), Linear()), (5, 8)),
    3: ((3, 8, 8), stacked(Conv2d(out_channels=4, activation=ReLU()), Flatten(), Linear()), (4, 8, 8)),
}
CASES = [(block, rank) for block in BLOCKS.values() for rank in block.ranks]


@pytest.mark.parametrize(("block", "rank"), CASES, ids=[f"{block.name} of rank {rank}" for block, rank in CASES])
def test_a_block_checks_repeats_and_trains_behind_a_shape_that_it_takes(block, rank):
    shape, project, stem = STEMS[rank]
    facts = facts_of(shape)
    made = fitted(block, stem)
    grown = apply(project, AddBlock(block=made, after=project.model.nodes[0].id))
    assert check(grown, facts).problems == () and block.help.endswith(".")
    group = grown.model.groups[0]
    assert group.title == made.title and len(group.members) == len(made.nodes)
    keeps_shape = check(grown, facts).rows[len(made.nodes)].output_shape == stem
    twice = apply(grown, UpdateGroup(id=group.id, changes={"repeat": 2}))
    assert check(twice, facts).problems == () and (keeps_shape or block.name == "inception")
    assert train_briefly(twice, facts)


@pytest.mark.parametrize(
    ("name", "shape", "says"),
    [
        ("mobile", (2048, 7, 7), "Inverted residual would need too wide a layer behind (2048, 7, 7). Put a layer before it that gives fewer channels or features."),
        ("dense-residual", (150528,), "Dense residual would need too wide a layer behind (150528,). Put a layer before it that gives fewer channels or features."),
        ("encoder", (10, 16385), "Transformer encoder would need too wide a layer behind (10, 16385). Put a layer before it that gives fewer channels or features."),
        ("convolution-1d", (None, 8), "1-D convolution needs a known number of features; got (any, 8). Put a Permute before it."),
        ("encoder", (8, None), "Transformer encoder needs a known number of features; got (8, any). Put a Permute before it."),
        ("residual", (8,), "Residual needs an input of 3 axes; got (8,). Choose another place."),
        ("residual", None, "Residual needs an input of 3 axes; got an unknown shape. Choose another place."),
    ],
)  # fmt: skip
def test_a_block_that_cannot_be_built_there_says_so(name, shape, says):
    with pytest.raises(SpecError) as caught:
        fitted(BLOCKS[name], shape)
    assert str(caught.value) == says
