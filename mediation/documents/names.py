"""Names of files: what the sender called it, made harmless to show and to save; it never becomes a path here."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 255

# Characters that turn the direction of what follows ("gpj.exe" shown as "exe.jpg"), or are not seen at all.
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def clean_name(raw: str, *, fallback: str = "file") -> str:
    """The last part of a path, in one line, without what hides or misleads, at most 255 bytes with its extension kept."""
    name = unicodedata.normalize("NFC", raw).replace("\\", "/")
    name = "".join(
        each if unicodedata.category(each) not in {"Cc", "Cs", "Zl", "Zp"} else "" for each in name
    )
    name = _HIDDEN.sub("", name).rsplit("/", 1)[-1].strip(" .\u3000")
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name) or fallback


def one_line(text: str) -> str:
    """A title as it may be shown: without line ends and what hides or misleads."""
    shown = "".join(
        each if unicodedata.category(each)[0] != "C" and each not in "\u2028\u2029" else " " for each in text
    )
    return " ".join(shown.split())


def extension(name: str) -> str:
    """The lower-case ending after the last dot, without it; empty when there is none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def content_disposition(name: str, *, inline: bool = False) -> str:
    """The header that names a download (RFC 6266): plain ASCII for old programs, the true name beside it (RFC 8187)."""
    # A semicolon is right within quotation marks, but some readers part the header there all the same.
    plain = re.sub(r"[^ !#$&\'()+,\-.0-9=@A-Z\[\]^_`a-z{}~]", "_", name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _shortened(name: str) -> str:
    ending = extension(name)
    tail = f".{ending}" if ending and len(ending) <= 16 else ""
    stem = name.removesuffix(name[-len(tail) :]) if tail else name
    room = LONGEST - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore") + (name[-len(tail) :] if tail else "")
