"""The user's own blocks on the screens: groups kept under a title, offered in every project."""

from builder.check.edits.splicing import copied
from builder.errors import BuilderError
from builder.runs.blocks import BlockStore, OwnBlock
from builder.spec.blocks import Block
from builder.spec.model import INPUT, Group, ModelSpec
from builder.ui.session import say


def own_blocks() -> tuple[OwnBlock, ...]:
    return BlockStore().list()


def own_titles() -> tuple[tuple[str, str], ...]:
    """Name and title of each, as a palette offers them."""
    return tuple((name, block.title) for name, block in own_blocks())


def keep_group(model: ModelSpec, group: Group) -> None:
    try:
        BlockStore().save(as_block(model, group))
    except OSError as error:
        say(f"The block could not be kept: {error.strerror}. Free some space and try again.", "error")
        return
    say(f"{group.title} is now among your blocks, in every project.", "success")


def as_block(model: ModelSpec, group: Group) -> Block:
    """The group as a piece that can be put in elsewhere: what came from outside comes from what it is put behind."""
    members = set(group.members)
    nodes = tuple(
        node.model_copy(update={"inputs": tuple(name if name in members else INPUT for name in node.inputs), "position": None})
        for node in copied(model, group.members).nodes
    )  # fmt: skip
    return Block(title=group.title, nodes=nodes, repeat=group.repeat)


def forget_block(name: str) -> None:
    try:
        BlockStore().delete(name)
    except BuilderError as error:
        say(str(error), "error")
