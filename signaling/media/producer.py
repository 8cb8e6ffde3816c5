"""Producers: what a seat sends, in one layer or several, and who takes which of them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from signaling.media.incoming import Incoming, Sink
from signaling.media.layers import Layer, with_sizes
from signaling.media.ortc import Mapping
from signaling.media.payloads import Encoding, Kind, Source

if TYPE_CHECKING:
    from signaling.media.consumer import Consumer
    from signaling.media.recording.tap import Tap
    from signaling.media.seat import Seat
    from signaling.media.transport import Transport

GUESSES = 200
MOST_GUESSES = 1_000


class Producer:
    """One track of a seat. It flows unless its owner has paused it or a moderator holds it."""

    def __init__(
        self, seat: Seat, transport: Transport, kind: Kind, source: Source, mapping: Mapping, mid: str | None
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.seat = seat
        self.transport = transport
        self.kind: Kind = kind
        self.source: Source = source
        self.mapping = mapping
        self.mid = mid
        self.paused = False
        self.held = False
        # How many layers were announced; `streams` are those that have come, the lowest first.
        self.spatial_layers = 1
        self.streams: list[Incoming] = []
        self.consumers: dict[str, Consumer] = {}
        self.tap: Tap | None = None
        self._layered = False
        self._unnamed: list[tuple[int, Encoding]] = []

    @property
    def flows(self) -> bool:
        return not self.paused and not self.held

    def expect(self, encodings: list[Encoding]) -> None:
        """Make the streams whose SSRC is told; the others are found by MID and RID when they come."""
        self.spatial_layers = len(encodings)
        # Whoever sends one layer only sends pictures in order: theirs need no other numbers.
        self._layered = self.mapping.mime_type == "video/VP8" and (
            len(encodings) > 1 or _has_temporal_layers(encodings[0].scalability_mode)
        )
        for layer, encoding in enumerate(encodings):
            if encoding.ssrc is None or (encoding.rtx is None and self.mapping.rtx_payload_type is not None):
                self.transport.guesses = min(self.transport.guesses + GUESSES, MOST_GUESSES)
            if encoding.ssrc is None:
                self._unnamed.append((layer, encoding))
                continue
            stream = self._add(encoding.ssrc, encoding.rid, layer)
            if encoding.rtx is not None:
                self.transport.repairs[encoding.rtx.ssrc] = stream

    def bind(self, ssrc: int, payload_type: int, rid: str, repaired: str) -> Incoming | None:
        """Take an SSRC that came with this producer's MID: a stream of its own, or the repair of one."""
        if payload_type == self.mapping.rtx_payload_type:
            stream = next((each for each in self.streams if (each.rid or "") == (repaired or rid)), None)
            if stream is None or stream in self.transport.repairs.values():
                return None
            self.transport.repairs[ssrc] = stream
            return stream
        expected = next((each for each in self._unnamed if (each[1].rid or "") == rid), None)
        if expected is None or payload_type != self.mapping.payload_type:
            return None
        self._unnamed.remove(expected)
        return self._add(ssrc, expected[1].rid, expected[0])

    def best(self, now: float = 0.0) -> Incoming | None:
        """The highest layer that flows, or else the highest that has come."""
        flowing = [each for each in self.streams if each.flowing(now).bitrate]
        return next(reversed(flowing or self.streams), None)

    def layers(self, now: float) -> list[Layer]:
        """All announced layers, the lowest first, as they come in now."""
        found = [Layer(0)] * self.spatial_layers
        for stream in self.streams:
            found[stream.layer] = stream.flowing(now)
        return with_sizes(found)

    def stream(self, layer: int) -> Incoming | None:
        return next((each for each in self.streams if each.layer == layer), None)

    def refresh(self) -> None:
        """Work out again who takes each stream; after every change of who may."""
        taken: dict[Incoming, list[Sink]] = {stream: [] for stream in self.streams}
        for consumer in self.consumers.values():
            for stream, sink in consumer.taps():
                taken[stream].append(sink)
        for stream, tap in self.tap.taps() if self.tap is not None else ():
            taken[stream].append(tap)
        for stream, sinks in taken.items():
            stream.sinks = tuple(sinks)
            stream.waiting = any(sink.waiting for sink in sinks)
            if stream.waiting:
                stream.want_keyframe()

    def _add(self, ssrc: int, rid: str | None, layer: int) -> Incoming:
        stream = Incoming(
            self.transport,
            ssrc,
            mime_type=self.mapping.mime_type,
            clock_rate=self.mapping.clock_rate,
            payload_type=self.mapping.payload_type,
            rtx_payload_type=self.mapping.rtx_payload_type,
            rid=rid,
            layer=layer,
            layered=self._layered,
        )
        self.transport.incoming[ssrc] = stream
        self.streams.append(stream)
        self.streams.sort(key=lambda each: each.layer)
        self.refresh()
        return stream


def _has_temporal_layers(mode: str | None) -> bool:
    """`L1T3`, as in W3C's Scalable Video Coding extension."""
    return mode is not None and "T" in mode and not mode.endswith("T1")
