"""Opens a picture and makes a smaller copy without what the camera wrote into it. Runs in a process of its own."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from mediation.documents.office import Unacceptable

MOST_PIXELS = 120_000_000
LONGEST_SIDE = 1600
FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF"}


@dataclass(frozen=True)
class Preview:
    """A picture as it may be shown: its upright size, and a JPEG of at most 1600 pixels that holds nothing but the picture."""

    width: int
    height: int
    jpeg: bytes


def make_preview(file: BinaryIO, ending: str) -> Preview:
    """Raises `Unacceptable` when it is no such picture, is damaged, or has too many pixels."""
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and checked before anything is decoded
    try:
        with Image.open(file, formats=[FORMATS[ending]]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise Unacceptable("too_many_pixels")
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            if (upright.width > upright.height) != (picture.width > picture.height):
                width, height = height, width
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return Preview(width, height, plain_jpeg(upright))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise Unacceptable("damaged") from error
    except MemoryError as error:
        raise Unacceptable("too_many_pixels") from error


def plain_jpeg(picture: Image.Image) -> bytes:
    """Only pixels go over into a new picture: no EXIF, no place, no thumbnail of what was cut off."""
    with_alpha = picture.convert("RGBA")
    plain = Image.new("RGB", picture.size, "white")
    plain.paste(with_alpha, mask=with_alpha.getchannel("A"))
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=82, optimize=True)
    return written.getvalue()
