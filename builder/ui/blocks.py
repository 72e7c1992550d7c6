"""The menu of blocks: ready-made ones and the user's own, put in behind the selection."""

import streamlit as st

from builder.catalogue.component import Shape
from builder.check.edits import AddBlock
from builder.spec.blocks import BLOCKS, Block, ReadyBlock
from builder.spec.model import INPUT
from builder.ui.formats import counted
from builder.ui.inspector.subject import Subject
from builder.ui.own_blocks import forget_block, own_blocks
from builder.ui.session import edit, show_value
from builder.ui.text import plain

_OPENER = "blocks"


def show_blocks(subject: Subject) -> None:
    box = st.popover("Blocks", key=_OPENER, icon=":material/widgets:", on_change="rerun")
    if box.open:
        with box:
            after = subject.layers[-1] if subject.layers else subject.desk.end()
            st.caption(f"Put in after {'the data' if after == INPUT else plain(after)}, as a group that can repeat.")
            shape = _shape_behind(subject, after)
            for block in BLOCKS.values():
                _show_ready(block, after, shape)
            _show_own(after)


def _shape_behind(subject: Subject, after: str) -> Shape | None:
    return subject.facts.input_shape if after == INPUT else subject.rows[after].output_shape


def _show_ready(block: ReadyBlock, after: str, shape: Shape | None) -> None:
    fits = shape is not None and len(shape) in block.ranks
    axes = " or ".join(map(str, block.ranks))
    st.button(
        block.title, key=f"block_{block.name}", disabled=not fits, width="stretch",
        help=block.help if fits else f"{block.help} It takes an input of {axes} axes.",
        on_click=_add_ready, args=(block, after, shape),
    )  # fmt: skip


def _add_ready(block: ReadyBlock, after: str, shape: Shape) -> None:
    _add(block.make(shape), after)


def _add(block: Block, after: str) -> None:
    edit(AddBlock(block=block, after=after))
    show_value(_OPENER, False)


def _show_own(after: str) -> None:
    own = own_blocks()
    st.markdown("**My blocks**")
    if not own:
        st.caption("Select a group and save it as a block: it then stands here, in every project.")
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
