"""Turns an image file into pixels; what cannot be decoded safely is refused with the reason."""

import warnings
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""Pillow can do more, but some of that starts other programs."""
LONGEST_SIDE = 4096
"""Pixels. Larger images are refused, not shrunk: what is certified is what the user has."""


class Unreadable(Exception):
    """The file is no image that can be read; the message is the reason."""


def read_image(content: bytes, color: str) -> np.ndarray:
    """Uint8 (H, W, C) at its own size, C = 3 for "rgb", 1 for "grayscale". Raises: Unreadable."""
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(BytesIO(content), formats=FORMATS) as image,
        ):
            if max(image.size) > LONGEST_SIDE:
                raise Unreadable(f"{image.width:,} × {image.height:,} pixels; at most {LONGEST_SIDE:,} on each side are allowed. Make it smaller")  # fmt: skip
            image.load()
            plain = _flatten(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise Unreadable("not an image") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable(
            f"too many pixels; at most {LONGEST_SIDE:,} on each side are allowed. Make it smaller"
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, KeyError, TypeError, ZeroDivisionError, OverflowError) as error:  # fmt: skip
        raise Unreadable(f"damaged: {error}") from None
    pixels = np.asarray(plain.convert("RGB" if color == "rgb" else "L"))
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _flatten(image: Image.Image) -> Image.Image:
    """8 bits a channel; transparent parts on white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """By the mode, never by the values, so that all images of a set are on one scale: whole numbers reach to 65,535, floats to 255."""
    values = np.asarray(image).astype(np.float64)
    if image.mode != "F":
        values = values / 257  # 65535 becomes 255
    return Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8))
