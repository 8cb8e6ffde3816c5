"""Consumers: one producer on its way to one seat, in the layer that its tile and its line deserve."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from signaling.media.extensions import AUDIO_LEVEL, VIDEO_ORIENTATION
from signaling.media.incoming import Incoming, Kept, Sink, random_ssrc
from signaling.media.layers import OFF, Step, steps, worth
from signaling.media.ortc import map_consumer, rtx_wanted
from signaling.media.outgoing import Outgoing
from signaling.media.payloads import ConsumerOptions, RtpCapabilities, RtpParameters

if TYPE_CHECKING:
    from signaling.media.producer import Producer
    from signaling.media.seat import Seat
    from signaling.media.transport import Transport

_UNTOLD = (16_384, 16_384)


class Consumer:
    """Made paused. `tile` is in device pixels; until one is told it is worth the highest layer there is."""

    def __init__(self, seat: Seat, transport: Transport, producer: Producer, wanted: RtpCapabilities) -> None:
        self.id = secrets.token_urlsafe(12)
        self.seat = seat
        self.transport = transport
        self.producer = producer
        self.paused = True
        self.hidden = False
        self.tile = _UNTOLD
        # What the line carries of it: None where it carries all that the tile is worth.
        self.cap: Step | None = None
        self.told = (0, 0)
        self._target: Incoming | None = None
        self._settled: tuple[Incoming | None, bool] = (None, False)
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

    @property
    def asked(self) -> bool:
        """Whether it would flow, were the line good enough."""
        return not self.paused and not self.hidden and self.producer.flows and self.transport.live

    @property
    def open(self) -> bool:
        """Whether packets go through: here, and only here, pause, mute, hidden tiles and lines come together."""
        return self.asked and self.cap is not OFF

    @property
    def is_video(self) -> bool:
        return self.producer.kind == "video"

    def options(self) -> ConsumerOptions:
        return ConsumerOptions(
            id=self.id,
            producer_id=self.producer.id,
            kind=self.producer.kind,
            rtp_parameters=self.parameters,
            paused=True,
        )

    def set(self, now: float, *, paused: bool | None = None, tile: tuple[int, int] | None = None) -> None:
        """Paused or resumed by its owner, or shown in a tile of another size (0 by 0: not shown)."""
        self.paused = self.paused if paused is None else paused
        if tile is not None and self.is_video:
            self.tile = tile
            self.hidden = not all(tile)
        self.aim(now)
        self.producer.refresh()

    def ladder(self, now: float) -> list[Step]:
        """What could be sent, from nothing to all that the tile is worth; only nothing while nothing comes in."""
        layers = self.producer.layers(now)
        return steps(layers, worth(layers, *self.tile))

    def aim(self, now: float) -> None:
        """Choose the layer to go to; whoever changes something refreshes the producer then."""
        streams = self.producer.streams
        if not streams:
            return
        if not self.is_video:
            self._target = streams[0]
            return
        ladder = self.ladder(now)
        wanted = ladder[-1]
        if self.cap is not None and self.cap is not OFF:
            below = [step for step in ladder if step is not OFF and step[:2] <= self.cap[:2]]
            wanted = below[-1] if below else wanted
        if wanted is OFF:
            # Nothing comes in by now: it begins with whatever comes first.
            self._target = self.sink.source or streams[0]
            return
        self.sink.temporal = wanted.temporal if self.cap is not None else 3
        self._target = self.producer.stream(wanted.spatial) or self._target

    def settle(self, now: float) -> None:
        """Go to the layer that is right by now, where that is another."""
        self.aim(now)
        settled = (self._target, self.cap is OFF)
        if settled != self._settled:
            self._settled = settled
            self.producer.refresh()

    def taps(self) -> Iterator[tuple[Incoming, Sink]]:
        """Where it takes packets from: the layer it gets, and beside it the one that it waits for."""
        if not self.open:
            self.sink.waiting = True
            return
        if self._target is None:
            self.aim(0.0)
        if self._target is None:
            return
        if self.sink.source is None or self.sink.waiting:
            self.sink.follow(self._target)
        if self.sink.source is not None:
            yield self.sink.source, self.sink
        if self._target is not self.sink.source:
            yield self._target, Crossing(self, self._target)

    def layers_sent(self) -> tuple[int, int]:
        """The spatial and temporal layer that it gets; -1 where its line is too weak for a picture."""
        if self.cap is OFF:
            return -1, -1
        return (self.sink.source.layer, self.sink.temporal) if self.sink.source else (0, 0)


class Crossing:
    """Stands in a layer until it begins anew there, and then brings its consumer over without a gap."""

    __slots__ = ("_consumer", "_stream", "first", "waiting")

    def __init__(self, consumer: Consumer, stream: Incoming) -> None:
        self.waiting = True
        self.first = 0
        self._consumer = consumer
        self._stream = stream

    def begin(self, index: int, timestamp: int, now: float) -> None:
        self.waiting = False
        sink = self._consumer.sink
        sink.follow(self._stream)
        sink.begin(index, timestamp, now)
        self._consumer.producer.refresh()

    def send(self, packet: Kept, now: float) -> None:
        self._consumer.sink.send(packet, now)
