"""The gate: every file passes it before anybody but its sender can see it.

A file is let in when its ending is on the list, its bytes have the shape of that kind, and a parser agrees. What has to be
unpacked or decoded for that is given to a process of its own with little memory and time.
"""

import threading
from dataclasses import dataclass

from mediation.documents import shapes
from mediation.documents.asking import ask_checker
from mediation.documents.content import Content
from mediation.documents.kinds import KINDS, Kind
from mediation.documents.names import clean_name, extension
from mediation.errors import Invalid, TooLarge

VOICES = frozenset({"audio/webm", "audio/mp4", "audio/ogg"})


@dataclass(frozen=True)
class Passed:
    """A file that was let in; a picture and a clip come with their size and a preview, a voice message and a clip with their length."""

    name: str
    type: str
    width: int | None = None
    height: int | None = None
    preview: bytes | None = None
    ms: int | None = None


class Gate:
    """Lets files in, or raises the refusal that says why not; a few at a time, so that a heap of them cannot fill the memory."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._turn = threading.BoundedSemaphore(2)

    def announce(self, name: str, size: int) -> str:
        """What can be said before a byte has arrived; returns the name as it will be shown."""
        cleaned = clean_name(name)
        if size == 0:
            raise Invalid("documents.empty", name=cleaned)
        if size < 0 or size > self._limit:
            raise TooLarge("documents.too_large", name=cleaned, limit=round(self._limit / 1024 / 1024, 1))
        if extension(cleaned) not in KINDS:
            raise Invalid("documents.type_not_allowed", name=cleaned)
        return cleaned

    def inspect(self, content: Content, name: str, *, claimed: str = "", kind: str = "") -> Passed:
        """Look at all of it. `claimed` is the type the browser named; it only decides between sound and film. What was announced
        as a `voice` or a `clip` is opened too, and has to be one."""
        cleaned = self.announce(name, content.size)
        ending = extension(cleaned)
        found = KINDS[ending]
        if not _has_shape(content, found, ending):
            raise Invalid("documents.other_type", name=cleaned)
        served = (
            "audio/webm" if found.type == "video/webm" and claimed.startswith("audio/webm") else found.type
        )
        task = _task(found, served, kind)
        if task is None:
            return Passed(cleaned, served)
        with self._turn:
            answer, preview = ask_checker(content, task, ending)
        if reason := answer.get("refused"):
            raise Invalid(f"documents.{reason}", name=cleaned)
        return Passed(
            cleaned, served, answer.get("width"), answer.get("height"), preview or None, answer.get("ms")
        )


def _task(found: Kind, served: str, kind: str) -> str | None:
    """What the checker is asked to do; None when the shape is all there is to see."""
    if kind == "voice":
        if served not in VOICES:
            raise Invalid("documents.not_a_voice")
        return "voice"
    if kind == "clip":
        if found.family != "film":
            raise Invalid("documents.not_a_film")
        return "clip"
    return found.family if found.family in {"picture", "office"} else None


def _has_shape(content: Content, kind: Kind, ending: str) -> bool:
    match kind.family:
        case "pdf":
            return shapes.is_pdf(content)
        case "picture":
            return shapes.is_picture(content, ending)
        case "photo":
            return shapes.is_photo(content)
        case "office":
            return shapes.is_office(content)
        case "text":
            return shapes.is_text(content)
        case "sound" | "film":
            return shapes.SOUNDS_AND_FILMS[ending](content)
