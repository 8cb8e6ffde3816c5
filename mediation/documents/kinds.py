"""The kinds of files that are let in. What is not named here is refused; nothing here can hold a page's script."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["pdf", "picture", "photo", "office", "text", "sound", "film"]


@dataclass(frozen=True)
class Kind:
    """What an ending stands for: the type it is served with, how it is checked, whether a browser may show it by itself."""

    type: str
    family: Family
    inline: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument"

KINDS = {
    "pdf": Kind("application/pdf", "pdf", inline=True),
    "png": Kind("image/png", "picture", inline=True),
    "jpg": Kind("image/jpeg", "picture", inline=True),
    "jpeg": Kind("image/jpeg", "picture", inline=True),
    "webp": Kind("image/webp", "picture", inline=True),
    "gif": Kind("image/gif", "picture", inline=True),
    "heic": Kind("image/heic", "photo"),
    "heif": Kind("image/heif", "photo"),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", "office"),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", "office"),
    "pptx": Kind(f"{_OFFICE}.presentationml.presentation", "office"),
    "odt": Kind("application/vnd.oasis.opendocument.text", "office"),
    "txt": Kind("text/plain", "text"),
    "csv": Kind("text/csv", "text"),
    "mp3": Kind("audio/mpeg", "sound", inline=True),
    "m4a": Kind("audio/mp4", "sound", inline=True),
    "wav": Kind("audio/wav", "sound", inline=True),
    "ogg": Kind("audio/ogg", "sound", inline=True),
    "webm": Kind("video/webm", "film", inline=True),
    "mp4": Kind("video/mp4", "film", inline=True),
    "mov": Kind("video/quicktime", "film", inline=True),
}


def shows_inline(media_type: str) -> bool:
    """Whether a browser may show a file of this type in a window of its own."""
    return media_type == "audio/webm" or any(
        kind.type == media_type and kind.inline for kind in KINDS.values()
    )
