"""Model: the network as a stack of layer cards."""

import streamlit as st

from builder.check.edits import LoadModel
from builder.check.shapes import output_index
from builder.check.suggest import suggest_model
from builder.spec.model import INPUT
from builder.ui.layer_cards import show_layer_card
from builder.ui.model_overview import show_input_card, show_output_card, show_totals
from builder.ui.palette import show_palette
from builder.ui.problems import show_summary
from builder.ui.session import current_project, edit, facts, go_to, report
from builder.ui.undo import show_undo_redo

project, data_facts, checked = current_project(), facts(), report()
nodes = project.model.nodes

st.title("Model")
show_totals(project, checked)
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    show_summary(checked)
    show_undo_redo()

show_input_card(project.data, data_facts)
ends_in_output = bool(nodes) and output_index(project.model) == len(nodes) - 1
add_before = len(nodes) - ends_in_output
for index, row in enumerate(checked.rows):
    if index == add_before:
        show_palette(
            nodes[index - 1].id if index else INPUT, last=False, label="Add a layer here, before the output layer"
        )
    show_layer_card(project.model, index, row, checked)
if add_before == len(nodes):
    show_palette(nodes[-1].id if nodes else INPUT, last=True, label="Add a layer here, at the end")
if not nodes:
    st.button(
        "Propose a model", key="propose_model", icon=":material/auto_awesome:", type="primary",
        on_click=edit, args=(LoadModel(model=suggest_model(data_facts), title="Propose a model"),),
    )  # fmt: skip
show_output_card(project, data_facts, checked)

if st.button(
    "Go to Train", key="go_train", type="primary", icon=":material/arrow_forward:", disabled=not checked.can_train
):
    go_to("train")
