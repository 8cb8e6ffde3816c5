"""The gate: every file passes it before anybody but its sender can see it.

A file is let in when its ending is on the list, its bytes have the shape of that kind, and a parser agrees. What has to be
unpacked or decoded for that is given to a process of its own with little memory and time.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import BinaryIO

from mediation.documents import shapes
from mediation.documents.content import Content
from mediation.documents.kinds import KINDS, Kind
from mediation.documents.names import clean_name, extension
from mediation.errors import Invalid, TooLarge

SECONDS = 20
LONGEST_ANSWER = 16 * 1024 * 1024


@dataclass(frozen=True)
class Passed:
    """A file that was let in; a picture comes with its size and a preview."""

    name: str
    type: str
    width: int | None = None
    height: int | None = None
    preview: bytes | None = None


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

    def inspect(self, content: Content, name: str, *, claimed: str = "") -> Passed:
        """Look at all of it. `claimed` is the type the browser named; it only decides between sound and film."""
        cleaned = self.announce(name, content.size)
        ending = extension(cleaned)
        kind = KINDS[ending]
        if not _has_shape(content, kind, ending):
            raise Invalid("documents.other_type", name=cleaned)
        served = "audio/webm" if kind.type == "video/webm" and claimed.startswith("audio/webm") else kind.type
        if kind.family not in {"picture", "office"}:
            return Passed(cleaned, served)
        with self._turn:
            answer, preview = _ask_checker(content, kind, ending)
        if reason := answer.get("refused"):
            raise Invalid(f"documents.{reason}", name=cleaned)
        if kind.family == "office":
            return Passed(cleaned, served)
        return Passed(cleaned, served, int(str(answer["width"])), int(str(answer["height"])), preview)


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


def _ask_checker(content: Content, kind: Kind, ending: str) -> tuple[dict[str, object], bytes]:
    """The checker's answer; a checker that dies or takes too long has met a file that would do the same to its reader."""
    command = [sys.executable, "-I", "-m", "mediation.documents.checker", kind.family, ending]
    with _as_file(content) as file:
        try:
            done = subprocess.run(
                command, stdin=file, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
            )
        except subprocess.TimeoutExpired:
            return {"refused": "bursts"}, b""
    line, _, rest = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line or len(rest) > LONGEST_ANSWER:
        return {"refused": "bursts" if done.returncode < 0 else "damaged"}, b""
    answer: dict[str, object] = json.loads(line)
    return answer, rest


def _as_file(content: Content) -> BinaryIO:
    """The plain bytes in memory, as a file another process can read: a walled file must not touch the disk unsealed."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("upload"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    for piece in content.all():
        file.write(piece)
    file.seek(0)
    return file
