"""Producers and consumers: what a seat sends, what a seat receives of another, and whether it flows."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from signaling.media.incoming import Incoming, random_ssrc
from signaling.media.ortc import AUDIO_LEVEL, VIDEO_ORIENTATION, Mapping, map_consumer, rtx_wanted
from signaling.media.outgoing import Outgoing
from signaling.media.payloads import (
    ConsumerOptions,
    Encoding,
    Kind,
    RtpCapabilities,
    RtpParameters,
    Source,
)

if TYPE_CHECKING:
    from signaling.media.stage import Seat
    from signaling.media.transport import Transport

GUESSES = 200


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
        self.streams: list[Incoming] = []
        self.consumers: dict[str, Consumer] = {}
        self._unnamed: list[Encoding] = []

    @property
    def flows(self) -> bool:
        return not self.paused and not self.held

    def expect(self, encodings: list[Encoding]) -> None:
        """Make the streams whose SSRC is told; the others are found by MID and RID when they come."""
        for encoding in encodings:
            if encoding.ssrc is None or (encoding.rtx is None and self.mapping.rtx_payload_type is not None):
                self.transport.guesses += GUESSES
            if encoding.ssrc is None:
                self._unnamed.append(encoding)
                continue
            stream = self._add(encoding.ssrc, encoding.rid)
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
        expected = next((each for each in self._unnamed if (each.rid or "") == rid), None)
        if expected is None or payload_type != self.mapping.payload_type:
            return None
        self._unnamed.remove(expected)
        return self._add(ssrc, expected.rid)

    def best(self) -> Incoming | None:
        """The stream that consumers get: the last of the layers that have come."""
        return self.streams[-1] if self.streams else None

    def refresh(self) -> None:
        """Work out again who takes each stream; after every change of who may."""
        for stream in self.streams:
            before = stream.sinks
            stream.sinks = tuple(
                consumer.sink
                for consumer in self.consumers.values()
                if consumer.open and consumer.sink.source is stream
            )
            for sink in stream.sinks:
                # Whoever was not there a moment ago begins where a decoder can.
                sink.waiting = sink.waiting or sink not in before
            stream.waiting = any(sink.waiting for sink in stream.sinks)
            if stream.waiting:
                stream.want_keyframe()

    def _add(self, ssrc: int, rid: str | None) -> Incoming:
        stream = Incoming(
            self.transport,
            ssrc,
            mime_type=self.mapping.mime_type,
            clock_rate=self.mapping.clock_rate,
            payload_type=self.mapping.payload_type,
            rtx_payload_type=self.mapping.rtx_payload_type,
            rid=rid,
        )
        self.transport.incoming[ssrc] = stream
        self.streams.append(stream)
        self.streams.sort(key=lambda each: each.rid or "")
        for consumer in self.consumers.values():
            consumer.sink.follow(self.best())
        self.refresh()
        return stream


class Consumer:
    """One producer on its way to one seat. Made paused."""

    def __init__(self, seat: Seat, transport: Transport, producer: Producer, wanted: RtpCapabilities) -> None:
        self.id = secrets.token_urlsafe(12)
        self.seat = seat
        self.transport = transport
        self.producer = producer
        self.paused = True
        self.hidden = False
        ssrc, rtx_ssrc = random_ssrc(), random_ssrc()
        # A name for microphone and camera, another for the screen: else lips are not in step.
        cname = producer.seat.cname + ("-screen" if producer.source.startswith("screen") else "")
        parameters = map_consumer(
            producer.mapping,
            producer.kind,
            wanted,
            mid=str(transport.next_mid),
            ssrc=ssrc,
            rtx_ssrc=rtx_ssrc,
            cname=cname,
        )
        ids = {each.uri: each.id for each in parameters.header_extensions}
        self.parameters: RtpParameters = parameters
        self.sink = Outgoing(
            transport,
            ssrc=ssrc,
            rtx_ssrc=rtx_ssrc,
            payload_type=producer.mapping.router_payload_type,
            rtx_payload_type=rtx_wanted(producer.mapping, wanted),
            extension_ids=ids,
            takes_extra=(AUDIO_LEVEL if producer.kind == "audio" else VIDEO_ORIENTATION) in ids,
            mid=str(transport.next_mid),
            cname=cname,
        )
        transport.next_mid += 1
        self.sink.follow(producer.best())

    @property
    def open(self) -> bool:
        """Whether packets go through: here, and only here, pause, mute, hidden tiles and dead lines come together."""
        return not self.paused and not self.hidden and self.producer.flows and self.transport.live

    def options(self) -> ConsumerOptions:
        return ConsumerOptions(
            id=self.id,
            producer_id=self.producer.id,
            kind=self.producer.kind,
            rtp_parameters=self.parameters,
            paused=True,
        )

    def set(self, *, paused: bool | None = None, hidden: bool | None = None) -> None:
        self.paused = self.paused if paused is None else paused
        if hidden is not None and self.producer.kind == "video":
            self.hidden = hidden
        self.producer.refresh()
