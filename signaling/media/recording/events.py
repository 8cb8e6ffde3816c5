"""What the web process hears of a recording from the media worker."""

from __future__ import annotations

from msgspec import Struct

from signaling.media.payloads import Source


class RecorderLost(Struct, tag=True, frozen=True):
    """The recorder died (`died`, `disk_full`, `failed`); another is started."""

    recordings: list[str]
    reason: str


class RecorderBack(Struct, tag=True, frozen=True):
    """The recordings go on, in new files."""

    recordings: list[str]


class TracksClosed(Struct, tag=True, frozen=True):
    """A file of a recording is finished."""

    recording: str


class NotTaped(Struct, tag=True, frozen=True):
    """Something that is sent is not recorded: `codec`."""

    room: str
    recording: str
    person: str
    source: Source
    reason: str


RecordingEvent = RecorderLost | RecorderBack | TracksClosed | NotTaped
