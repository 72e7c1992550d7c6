"""The ways to begin: template cards, own data, a project file."""

import streamlit as st

from builder.spec.sources import DownloadSource
from builder.spec.templates import TEMPLATES, Template
from builder.ui import start

_PER_ROW = 3
_TABLE_TYPES = ("csv", "tsv", "txt", "parquet", "xlsx", "zip")
_DOWNLOADS = {
    "mnist": ("MNIST", "handwritten digits, 12 MB"),
    "fashion-mnist": ("Fashion-MNIST", "pictures of clothes, 31 MB"),
}


def draw_templates() -> None:
    st.header("Start from a template")
    _draw_section("start")
    st.subheader("Architectures to learn from and to change")
    st.caption("Known designs at a size that trains on any machine in a minute or two.")
    _draw_section("architecture")


def _draw_section(section: str) -> None:
    templates = [template for template in TEMPLATES.values() if template.section == section]
    for first in range(0, len(templates), _PER_ROW):
        for column, template in zip(st.columns(_PER_ROW), templates[first : first + _PER_ROW], strict=False):
            with column.container(border=True, key=f"card_{template.name}", height="stretch"):
                _draw_card(template)


def _draw_card(template: Template) -> None:
    images = template.data_kind == "image"
    with st.container(horizontal=True, gap="small"):
        st.badge(
            "Images" if images else "Table", icon=f":material/{'image' if images else 'table_chart'}:", color="blue"
        )
        st.badge(_task(template), color="violet")
        if template.sample is None:
            st.badge("Download", icon=":material/download:", color="gray")
    st.markdown(f"**{template.title}**")
    with st.container(height="stretch"):
        st.caption(template.summary)
    if st.button(
        "Use this template", key=f"template_{template.name}", width="stretch", icon=":material/arrow_forward:"
    ):
        start.start_from_template(template.name)


def _task(template: Template) -> str:
    of_numbers = "regression" in template.training.loss.tasks
    return template.data.get("task", "regression" if of_numbers else "classification").capitalize()


def draw_own_data() -> None:
    st.header("Bring your own data")
    upload, path, download, project = st.tabs(
        [":material/upload_file: Upload a file", ":material/folder_open: File or folder on this machine",
         ":material/download: Download a public data set", ":material/data_object: Open a project file"]
    )  # fmt: skip
    with upload:
        _draw_upload()
    with path:
        _draw_path()
    with download:
        _draw_downloads()
    with project:
        _draw_project_file()


def _draw_upload() -> None:
    st.caption("A table (CSV, TSV, Parquet, Excel), or a zip of images with one folder for each class. Types, split and a model are proposed for you.")  # fmt: skip
    file = st.file_uploader("Table or zip of images", _TABLE_TYPES, key="upload", label_visibility="collapsed")
    if file is not None and st.button(
        "Create project", key="create_from_upload", type="primary", icon=":material/add:"
    ):
        start.start_from_upload(file.name, file)


def _draw_path() -> None:
    st.caption("For large data: nothing is copied through the browser. A table, a zip of images, or a folder of images or IDX files (MNIST's format).")  # fmt: skip
    with st.form("path_form", border=False):
        path = st.text_input(
            "Path of the file or folder", key="path", placeholder="/data/measurements.csv", max_chars=4096
        )
        asked = st.form_submit_button("Create project", key="create_from_path", type="primary", icon=":material/add:")
    if asked and path.strip():
        start.start_from_path(path)
    elif asked:
        st.error("Write the path of a file or folder first.", icon=":material/error:")


def _draw_downloads() -> None:
    st.caption(
        "Fetched once from the internet and kept on this machine: 70,000 images of 28 × 28 pixels in 10 classes each."
    )
    for name, (title, content) in _DOWNLOADS.items():
        if st.button(f"Download {title}: {content}", key=f"download_{name}", icon=":material/download:"):
            start.start_from_download(DownloadSource(name=name), title)


def _draw_project_file() -> None:
    st.caption("A project.json that Strata wrote. Its data must be reachable from this machine.")
    file = st.file_uploader("Project file", ("json",), key="project_file", label_visibility="collapsed")
    if file is not None and st.button(
        "Open project", key="open_project_file", type="primary", icon=":material/folder_open:"
    ):
        start.start_from_project_file(file.getvalue())
