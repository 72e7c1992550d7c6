"""Size, colour and normalisation of images, and random changes to them with a live preview."""

from typing import Any

import numpy as np
import streamlit as st

from builder.catalogue.augmentations import AUGMENTATIONS, Augmentation
from builder.spec.data import ImageData
from builder.ui import session
from builder.ui.contact_sheet import contact_sheet
from builder.ui.data_editing import change_data
from builder.ui.forms import draw_fields

_VARIANTS = 9
_SIDE = 104
_PER_ROW = 5


def draw_sizes(profile) -> None:
    """`profile` is an `ImageProfile`: which sizes the files have."""
    same = profile.smallest == profile.largest
    found = f"Every image is {_size(profile.usual)} pixels." if same else (
        f"Images are {_size(profile.smallest)} to {_size(profile.largest)} pixels, usually {_size(profile.usual)}."
    )  # fmt: skip
    st.caption(f"{found} Each is resized to the size below before it reaches the model.")


def _size(height_width: tuple[int, int]) -> str:
    return f"{height_width[1]} × {height_width[0]}"


def draw_format(data: ImageData) -> None:
    with st.container(border=True, key="image_format"):
        for column, names in zip(st.columns(2), (("height", "color"), ("width", "normalization")), strict=True):
            with column:
                draw_fields(data, "image", change_data, names)
        draw_fields(data, "image", change_data, ("task",))


def draw_augmentations(data: ImageData) -> None:
    """Applied to training images alone, afresh in every epoch."""
    for place, augmentation in enumerate(data.augmentations):
        with st.container(border=True, key=f"augmentation_{place}"):
            _draw_augmentation(place, augmentation)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    kinds = AUGMENTATIONS
    left.selectbox(
        "Add a random change",
        list(kinds),
        key="augmentation_kind",
        format_func=lambda kind: f"{kinds[kind].label}: {kinds[kind].help}",
    )
    right.button("Add", key="add_augmentation", icon=":material/add:", width="stretch", on_click=_add)


def _draw_augmentation(place: int, augmentation: Augmentation) -> None:
    title, button = st.columns([5, 1], vertical_alignment="center")
    title.markdown(f"**{augmentation.label}**", help=augmentation.help)
    button.button(
        "",
        key=f"remove_augmentation_{place}",
        icon=":material/delete:",
        help="Remove it",
        on_click=_remove,
        args=(place,),
    )
    draw_fields(augmentation, f"augmentation_{place}", lambda changes: _change(place, changes))


def _add() -> None:
    _save([*_saved(), {"kind": session.shown_value("augmentation_kind")}])


def _remove(place: int) -> None:
    saved = _saved()
    _save(saved[:place] + saved[place + 1 :])


def _change(place: int, changes: dict[str, Any]) -> None:
    saved = _saved()
    saved[place] |= changes
    _save(saved)


def _saved() -> list[dict[str, Any]]:
    return [item.model_dump(mode="json") for item in session.current_project().data.augmentations]


def _save(augmentations: list[dict[str, Any]]) -> None:
    change_data({"augmentations": augmentations})


def draw_preview(dataset) -> None:
    """One training image as it is, and as the model may see it in the first epochs."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown("**Preview**: first the image itself, then what training may make of it")
    right.button(
        "Another image",
        key="another_image",
        icon=":material/shuffle:",
        width="stretch",
        on_click=session.renew,
        args=("preview",),
    )
    rows = dataset.split.train
    row = int(rows[session.version("preview") * 7919 % len(rows)])
    with st.container(key="gallery_preview"):
        st.image(contact_sheet(_variants(dataset, row), _SIDE, _PER_ROW))


def _variants(dataset, row: int) -> list[np.ndarray]:
    from builder.data.images.augment import augment, sample_rng  # Pillow: not before it is needed

    image = _at_model_size(dataset.read(row), dataset.data)
    seed = session.current_project().training.seed
    changed = [augment(image, dataset.data.augmentations, sample_rng(seed, epoch, row)) for epoch in range(_VARIANTS)]
    return [image, *(np.clip(np.rint(variant), 0, 255).astype(np.uint8) for variant in changed)]


def _at_model_size(image_HWC: np.ndarray, data: ImageData) -> np.ndarray:
    """As training sees it: changed at random after it was resized."""
    from PIL import Image

    picture = Image.fromarray(image_HWC[:, :, 0] if data.channels == 1 else image_HWC)
    resized = np.asarray(picture.resize((data.width, data.height), Image.Resampling.BILINEAR))
    return resized.reshape(data.height, data.width, data.channels)
