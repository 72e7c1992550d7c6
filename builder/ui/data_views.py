"""The views of the Data page for a table and for images; only the chosen one is drawn."""

import streamlit as st

from builder.ui import (
    data_header,
    data_split,
    image_gallery,
    image_settings,
    session,
    table_columns,
    table_explore,
    table_reading,
)
from builder.ui.formats import compact, count

TABLE_VIEWS = {
    "columns": ":material/view_column: Columns", "explore": ":material/bar_chart: Explore",
    "split": ":material/call_split: Split", "rows": ":material/table_rows: Rows",
}  # fmt: skip
IMAGE_VIEWS = {
    "gallery": ":material/grid_view: Gallery", "format": ":material/aspect_ratio: Size and colour",
    "augment": ":material/auto_fix_high: Augmentation", "split": ":material/call_split: Split",
}  # fmt: skip


def pick_view(views: dict[str, str]) -> str:
    picked = st.segmented_control(
        "View",
        list(views),
        default=next(iter(views)),
        required=True,
        format_func=views.get,
        key="view",
        label_visibility="collapsed",
    )
    return picked if picked in views else next(iter(views))


def draw_table(dataset) -> None:
    data, facts = dataset.data, dataset.facts
    data_header.draw_sizes(
        {"Rows": count(len(dataset)), "Columns": count(len(data.columns)), "Features": count(len(data.features)),
         "Model inputs": compact(facts.input_shape[0])}
    )  # fmt: skip
    warnings = st.container(key="warnings")
    view = pick_view(TABLE_VIEWS)
    if view == "columns":
        table_columns.draw_target(data, facts.classes)
        table_columns.draw_columns(data, table_explore.overview(session.profile()))
        table_reading.draw_reading(data.reading)
    elif view == "explore":
        table_explore.draw_explorer(dataset, session.profile())
    elif view == "rows":
        table_reading.draw_preview(dataset)
        table_reading.draw_license(data)
    else:
        _draw_split(dataset)
    with warnings:  # last: they may take a while to be found
        data_header.draw_warnings(session.warnings())


def draw_images(dataset) -> None:
    data = dataset.data
    data_header.draw_sizes(
        {"Images": count(len(dataset)), "Classes": count(len(dataset.classes)),
         "Into the model": f"{data.channels} × {data.height} × {data.width}", "Left out": count(len(dataset.unreadable))}
    )  # fmt: skip
    warnings = st.container(key="warnings")
    view = pick_view(IMAGE_VIEWS)
    if view == "gallery":
        image_gallery.draw_gallery(dataset)
        image_gallery.draw_unreadable(dataset.unreadable)
    elif view == "format":
        image_settings.draw_sizes(session.profile())
        image_settings.draw_format(data)
        table_reading.draw_license(data)
    elif view == "augment":
        image_settings.draw_augmentations(data)
        image_settings.draw_preview(dataset)
    else:
        _draw_split(dataset)
    with warnings:  # last: they may take a while to be found
        data_header.draw_warnings(session.warnings())


def _draw_split(dataset) -> None:
    data_split.draw_split(dataset.data, dataset.facts)
    balance = session.profile().class_balance
    if balance:
        data_split.draw_class_balance(balance)
