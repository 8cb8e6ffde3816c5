"""Header extensions (RFC 8285): the ones that are understood here, and the router's ids for them."""

from __future__ import annotations

from signaling.media.payloads import Kind
from signaling.media.rtp import extension_prefix

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
VIDEO_ORIENTATION = "urn:3gpp:video-orientation"

# Only towards the server, or in both directions; (uri, id, direction, kinds).
EXTENSIONS: tuple[tuple[str, int, str, tuple[Kind, ...]], ...] = (
    (MID, 1, "sendrecv", ("audio", "video")),
    (RID, 2, "recvonly", ("video",)),
    (REPAIRED_RID, 3, "recvonly", ("video",)),
    (ABS_SEND_TIME, 4, "sendrecv", ("audio", "video")),
    (TRANSPORT_CC, 5, "recvonly", ("audio", "video")),
    (AUDIO_LEVEL, 10, "sendrecv", ("audio",)),
    (VIDEO_ORIENTATION, 11, "sendrecv", ("video",)),
)


def passed_on_as(uri: str) -> list[bytes]:
    """An extension of one byte as an element (RFC 8285, 4.2) under the router's id, for each value."""
    number = next(each[1] for each in EXTENSIONS if each[0] == uri)
    return [bytes((number << 4, value)) for value in range(256)]


def lay_out(ids: dict[str, int], mid: str) -> tuple[bytes, bytes, bytes, bytes]:
    """What stands before and behind the send time in a subscriber's extension block; then the same with an element more.

    All packets of a stream are alike but for the send time and that element of two bytes: made once.
    """
    elements = [(ids[MID], mid.encode())] if MID in ids else []
    opening = bytes(((ids[ABS_SEND_TIME] << 4) | 2,)) if ABS_SEND_TIME in ids else b""
    room = 4 if opening else 0
    used = sum(1 + len(value) for _, value in elements) + room
    return (
        extension_prefix(elements, room) + opening,
        bytes(-used % 4),
        extension_prefix(elements, room + 2) + opening,
        bytes(-(used + 2) % 4),
    )
