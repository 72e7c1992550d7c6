"""Turns an image file into pixels; what cannot be decoded safely is refused with the reason."""

import warnings
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""Pillow can do more, but some of that starts other programs."""
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1024
"""Larger images are kept at this size; models take at most 512 pixels."""


class Unreadable(Exception):
    """The file is no image that can be read; the message is the reason."""


def read_image(content: bytes, color: str) -> np.ndarray:
    """Uint8 (H, W, C) at its own size, C = 3 for "rgb", 1 for "grayscale". Raises: Unreadable."""
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(BytesIO(content), formats=FORMATS) as image,
        ):
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable(f"{image.width:,} × {image.height:,} pixels are too many")
            image.load()
            plain = _shrink(_flatten(ImageOps.exif_transpose(image)))
    except UnidentifiedImageError:
        raise Unreadable("not an image") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable("too many pixels") from None
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
    values = np.asarray(image).astype(np.float64)
    if image.mode != "F" and values.max(initial=0) > 255:
        values = values / 257  # 65535 becomes 255
    return Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8))


def _shrink(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= LONGEST_SIDE:
        return image
    size = tuple(max(1, round(side * LONGEST_SIDE / longest)) for side in image.size)
    return image.resize(size, Image.Resampling.LANCZOS)
