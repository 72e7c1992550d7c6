"""One card for each layer of the stack: its name, shapes, cost, parameters, problems and what can be done with it."""

import streamlit as st

from builder.catalogue.component import Shape
from builder.check.edits import Connect, DuplicateNode, MoveNode, RemoveNode, UpdateLayer
from builder.check.report import Report
from builder.check.shapes import LayerRow
from builder.spec.model import INPUT, ModelSpec, Node
from builder.ui.fields import FieldForm, forms_of
from builder.ui.formats import compact
from builder.ui.forms import draw_field
from builder.ui.palette import show_palette
from builder.ui.problems import show_problems
from builder.ui.session import edit, show_value, shown_value
from builder.ui.text import plain

_COLUMNS = 4
"""Parameters that a card shows at once; with more, some are one click away."""


def show_layer_card(model: ModelSpec, index: int, row: LayerRow, report: Report) -> None:
    node = model.nodes[index]
    with st.container(border=True, key=f"layer_{node.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"head_{node.id}"):
            _show_name(node, index, row)
            _show_actions(model, index)
        _show_parameters(model, index)
        show_problems(report, lambda problem: problem.node_id == node.id)


def _show_name(node: Node, index: int, row: LayerRow) -> None:
    with st.container(gap=None, width="stretch"):
        st.markdown(f"{index + 1} **{plain(node.layer.label)}** :gray[:small[{plain(node.id)}]]", help=node.layer.help)
        st.caption(f"{arrow(row)} · {cost(row)}")


def arrow(row: LayerRow) -> str:
    """`4 → 16`, with a question mark for what cannot be known."""
    return f"{' and '.join(map(shape_text, row.input_shapes)) or '?'} → **{shape_text(row.output_shape)}**"


def shape_text(shape: Shape | None) -> str:
    """`1 × 28 × 28`, with `any` for a length known at run time, or `?`."""
    return "?" if shape is None else " × ".join("any" if size is None else f"{size:,}" for size in shape)


def cost(row: LayerRow) -> str:
    if not row.parameters and not row.multiply_adds:
        return "no parameters"
    return f"{row.parameters:,} parameters · {compact(row.multiply_adds)} multiply\\-adds"


def _show_actions(model: ModelSpec, index: int) -> None:
    node, last = model.nodes[index], len(model.nodes) - 1
    with st.container(horizontal=True, gap="xsmall", width="content", key=f"actions_{node.id}"):
        _show_more(model, index)
        _action("up", "arrow_upward", "Move up", MoveNode(id=node.id, by=-1), disabled=index == 0)
        _action("down", "arrow_downward", "Move down", MoveNode(id=node.id, by=1), disabled=index == last)
        _action("duplicate", "content_copy", "Duplicate", DuplicateNode(id=node.id))
        show_palette(node.id, last=index == last, key=f"_after_{node.id}", help="Add a layer after this one")
        _action("delete", "delete", "Delete", RemoveNode(id=node.id))


def _action(name: str, icon: str, help: str, change, disabled: bool = False) -> None:
    st.button(
        "", key=f"{name}_{change.id}", icon=f":material/{icon}:", help=help, type="tertiary", disabled=disabled,
        on_click=edit, args=(change,),
    )  # fmt: skip


def _show_parameters(model: ModelSpec, index: int) -> None:
    node = model.nodes[index]
    shown, merges = _on_card(node), node.layer.inputs_max != 1
    if not shown and not merges:
        return
    columns = st.columns(_COLUMNS, vertical_alignment="bottom", gap="small")
    if merges:
        with columns[0]:
            _show_inputs(model, index)
    for column, form in zip(columns[merges:], shown, strict=False):
        with column:
            _show_field(node, form)


def _on_card(node: Node) -> list[FieldForm]:
    """The fields on the card, the activation last; the others are behind More."""
    forms = forms_of(type(node.layer))
    others = [form for form in forms if form.kind != "component"]
    on_card = others if len(others) < _COLUMNS else others[: _COLUMNS - 2]
    return on_card + [form for form in forms if form.kind == "component"]


def _show_field(node: Node, form: FieldForm) -> None:
    draw_field(
        node.layer, form, f"{node.id}_{form.name}", lambda changes: edit(UpdateLayer(id=node.id, changes=changes))
    )


def _show_more(model: ModelSpec, index: int) -> None:
    node = model.nodes[index]
    box = st.popover(
        "", key=f"more_{node.id}", icon=":material/tune:", help="More settings", type="tertiary", on_change="rerun"
    )
    if box.open:
        with box:
            shown = _on_card(node)
            for form in forms_of(type(node.layer)):
                if form not in shown:
                    _show_field(node, form)
            if node.layer.inputs_max == 1:
                _show_input(model, index)


def _names(model: ModelSpec, index: int) -> dict[str, str]:
    """What the node at `index` may take, by id."""
    before = enumerate(model.nodes[:index])
    return {INPUT: "Input"} | {node.id: f"{place + 1} {node.layer.label} ({node.id})" for place, node in before}


def _show_inputs(model: ModelSpec, index: int) -> None:
    names, key = _names(model, index), f"{model.nodes[index].id}_inputs"
    show_value(key, list(model.inputs_of(index)))
    st.multiselect(
        "Inputs", list(names), key=key, format_func=names.get, help="The branches that this layer joins.",
        on_change=lambda: edit(Connect(id=model.nodes[index].id, inputs=tuple(shown_value(key)))),
    )  # fmt: skip


def _show_input(model: ModelSpec, index: int) -> None:
    names, key = _names(model, index), f"{model.nodes[index].id}_input"
    before = list(names)[-1]
    show_value(key, model.inputs_of(index)[0])
    st.selectbox(
        "Takes", list(names), key=key, format_func=names.get,
        help="The layer before it, or an earlier one to start a branch.",
        on_change=lambda: edit(Connect(id=model.nodes[index].id, inputs=_taken(shown_value(key), before))),
    )  # fmt: skip


def _taken(picked: str, before: str) -> tuple[str, ...] | None:
    return None if picked == before else (picked,)
