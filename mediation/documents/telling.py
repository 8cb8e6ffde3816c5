"""What a sender tells of a file beside its name: that it is a voice message or a clip, its levels, its album, its caption."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediation.errors import Invalid, TooLarge

KINDS = frozenset({"", "voice", "clip"})
LONGEST_CAPTION = 1000
LOUDEST = 100

_LEVELS = re.compile(r"\d{1,3}(,\d{1,3}){0,63}", re.ASCII)
_ALBUM = re.compile(r"[A-Za-z0-9_-]{1,40}:\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """As it came: `levels` is `3,17,99` (at most 64 numbers up to 100), `album` is a name of the sender's making and a place, `k3f:2`."""

    kind: str = ""
    levels: str = ""
    album: str = ""
    caption: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Told":
        """From an announcement; what is not there was not told."""
        return cls(*(told.get(name, "").strip() for name in ("kind", "levels", "album", "caption")))

    def check(self, purpose: str) -> None:
        """Raises `Invalid` for what no page of ours would send, `TooLarge` for a long caption."""
        if self.kind not in KINDS or (self != Told() and purpose != "message"):
            raise Invalid("documents.not_announced")
        if bool(self.levels) != (self.kind == "voice") or (self.levels and not _are_levels(self.levels)):
            raise Invalid("documents.not_announced")
        if self.album and not _ALBUM.fullmatch(self.album):
            raise Invalid("documents.not_announced")
        if len(self.caption) > LONGEST_CAPTION:
            raise TooLarge("documents.caption_too_long", most=LONGEST_CAPTION)

    def follows(self, before: "Told") -> bool:
        """Whether it comes later in the same album."""
        (name, _, place), (other, _, earlier) = self.album.partition(":"), before.album.partition(":")
        return bool(name) and name == other and int(place) > int(earlier)

    def facts(self) -> dict[str, str]:
        return {"kind": self.kind, "levels": self.levels, "album": self.album, "caption": self.caption}

    def body(self, *, ms: int | None, width: int | None, height: int | None) -> dict[str, Any]:
        """What the entry says of it; lengths and sizes are those that were measured here."""
        said: dict[str, Any] = {}
        if self.kind == "voice":
            said["voice"] = {"ms": ms, "levels": [int(level) for level in self.levels.split(",")]}
        if self.kind == "clip":
            said["clip"] = {"ms": ms, "width": width, "height": height}
        if self.album:
            name, _, place = self.album.partition(":")
            said["album"] = {"id": name, "place": int(place)}
        return said


def _are_levels(levels: str) -> bool:
    return bool(_LEVELS.fullmatch(levels)) and all(int(level) <= LOUDEST for level in levels.split(","))
