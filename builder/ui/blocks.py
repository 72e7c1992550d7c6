"""The menu of the user's own blocks: put in behind the selection, or deleted; all blocks stand in the palette, too."""

import streamlit as st

from builder.check.edits import AddBlock
from builder.runs.blocks import OwnBlock
from builder.spec.blocks import Block
from builder.spec.model import INPUT
from builder.ui.formats import counted
from builder.ui.inspector.subject import Subject
from builder.ui.own_blocks import forget_block, own_blocks
from builder.ui.session import edit, show_value
from builder.ui.text import plain

_OPENER = "blocks"


def show_blocks(subject: Subject) -> None:
    box = st.popover("My blocks", key=_OPENER, icon=":material/widgets:", on_change="rerun")
    if box.open:
        with box:
            _show_own(own_blocks(), subject.layers[-1] if subject.layers else subject.desk.end())


def _show_own(own: tuple[OwnBlock, ...], after: str) -> None:
    if not own:
        st.markdown("**You have saved no blocks yet.**")
        st.caption(
            "Select layers, group them, and choose Save as block: the block then stands here and in the palette, in every "
            "project. Ready-made blocks, such as Residual and Transformer encoder, are in the palette under Blocks."
        )
        return
    st.caption(f"Put in after {'the data' if after == INPUT else plain(after)}, as a group that can repeat.")
    for item in own:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.button(
                plain(item.block.title), key=f"block_{item.name}", width="stretch", on_click=_add, args=(item.block, after),
                help=f"{counted(len(item.block.nodes), 'layer')}, saved by you.",
            )  # fmt: skip
            st.button(
                "Delete", key=f"delete_block_{item.name}", icon=":material/delete:", type="tertiary",
                on_click=forget_block, args=(item.name,),
            )  # fmt: skip


def _add(block: Block, after: str) -> None:
    edit(AddBlock(block=block, after=after))
    show_value(_OPENER, False)
