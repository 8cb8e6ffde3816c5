"""Who is where, and the wall between places: rooms, seats, and what each seat may reach.

A consumer may exist only while the producer's seat and its own are in the same room and the same place. A seat in no
place (the waiting room) receives nothing and is received by nobody, whatever it sends.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

from aiortc import RTCCertificate

from signaling.media.consumer import Consumer
from signaling.media.dtls import new_certificate
from signaling.media.errors import MediaError, not_found
from signaling.media.incoming import Incoming
from signaling.media.messages import ClosedConsumer, ConsumerClosed, TransportState
from signaling.media.ortc import map_producer
from signaling.media.payloads import (
    ConsumerOptions,
    Direction,
    DtlsParameters,
    IceCandidate,
    IceParameters,
    Kind,
    RtpCapabilities,
    RtpParameters,
    Source,
    TransportOptions,
)
from signaling.media.police import MOST_ANNOUNCED
from signaling.media.producer import Producer
from signaling.media.recording.events import RecordingEvent
from signaling.media.recording.taps import Taps
from signaling.media.seat import Seat
from signaling.media.transport import Path, State, Transport

COUNTED = ("nacks_sent", "nacks_heard", "resent", "keyframes_asked")

# Four sources, each twice for the moment when one device gives way to another; a stream keeps up to 400 kB of packets.
MOST_PRODUCERS = 8
MOST_STREAMS = 16
MOST_CONSUMERS = 400
MOST_OF_ONE = 2


class Stage:
    """All seats of one worker. Every command names its seat; what belongs to another does not exist for it."""

    def __init__(
        self,
        path: Path,
        where: list[IceCandidate],
        tell: Callable[[TransportState | ConsumerClosed | RecordingEvent], None],
    ) -> None:
        self.seats: dict[str, Seat] = {}
        self.producers: dict[str, Producer] = {}
        self.taps = Taps(self, tell)
        self.changes = 0
        """Rises whenever somebody comes, goes, or begins to carry something."""
        self.ended: Counter[str] = Counter()
        """What transports had counted that are closed by now."""
        self._path = path
        self._tell = tell
        self._certificate: RTCCertificate = new_certificate()
        self._candidates = where

    def transports(self) -> Iterator[Transport]:
        for seat in self.seats.values():
            yield from seat.transports.values()

    # Transports

    def open_transport(self, room: str, name: str, direction: Direction) -> TransportOptions:
        """A seat has one transport a direction: a new one takes the place of the earlier."""
        seat = self._seat(room, name)
        for earlier in [each for each in seat.transports.values() if each.direction == direction]:
            self._close_transport(earlier, tell=False)
        transport = Transport(self._path, self, self._certificate, room=room, seat=name, direction=direction)
        seat.transports[transport.id] = transport
        self.changes += 1
        return TransportOptions(
            id=transport.id,
            ice_parameters=transport.credentials.parameters(),
            ice_candidates=self._candidates,
            dtls_parameters=DtlsParameters(fingerprints=transport.fingerprints, role="auto"),
        )

    def connect_transport(self, name: str, transport: str, parameters: DtlsParameters) -> None:
        if not parameters.fingerprints:
            raise MediaError("bad_parameters", "a fingerprint is needed")
        if not self._transport(name, transport).connect(parameters):
            raise MediaError("wrong_state", "the transport is connected already")

    def restart_ice(self, name: str, transport: str) -> IceParameters:
        return self._transport(name, transport).restart()

    def transport_changed(self, transport: Transport, state: State) -> None:
        """A handshake was done, or the line ended, or fell silent, or came back."""
        if transport.state == "closed":
            return
        if state == "closed":
            self._close_transport(transport, tell=True)
            return
        transport.state = state
        if state != "new":
            self._tell(TransportState(transport.room, transport.seat, transport.id, state))
        # A keyframe asked for before the handshake would have come too early; now is the time.
        for consumer in self.seats[transport.seat].consumers.values():
            if consumer.transport is transport:
                consumer.producer.refresh()

    def bind(
        self, transport: Transport, ssrc: int, payload_type: int, mid: str, rid: str, repaired: str
    ) -> Incoming | None:
        seat = self.seats.get(transport.seat)
        for producer in seat.producers.values() if seat else ():
            if producer.transport is transport and producer.mid == mid:
                return producer.bind(ssrc, payload_type, rid, repaired)
        return None

    # Producers

    def produce(
        self, name: str, transport: str, kind: Kind, source: Source, parameters: RtpParameters
    ) -> Producer:
        carrier = self._transport(name, transport)
        seat = self.seats[name]
        if carrier.direction != "send":
            raise MediaError("wrong_state", "this transport is for receiving")
        if len(seat.producers) >= MOST_PRODUCERS:
            raise MediaError("too_many", f"a seat has at most {MOST_PRODUCERS} producers")
        layers = sum(each.spatial_layers for each in seat.producers.values()) + len(parameters.encodings)
        if layers > MOST_STREAMS:
            raise MediaError("too_many", f"a seat has at most {MOST_STREAMS} streams")
        mapping = map_producer(kind, parameters)
        taken = carrier.incoming.keys() | carrier.repairs.keys()
        told = [each.ssrc for each in parameters.encodings if each.ssrc is not None]
        told += [each.rtx.ssrc for each in parameters.encodings if each.rtx is not None]
        if taken & set(told) or len(set(told)) != len(told):
            raise MediaError("bad_parameters", "an SSRC is in use")
        if parameters.mid is not None and any(
            each.mid == parameters.mid for each in seat.producers.values() if each.transport is carrier
        ):
            raise MediaError("bad_parameters", "a MID is in use")
        carrier.announced += 2 * len(parameters.encodings)
        if carrier.announced > MOST_ANNOUNCED:
            raise MediaError("too_many", "this transport has had too many streams: open another")
        producer = Producer(seat, carrier, kind, source, mapping, parameters.mid)
        producer.expect(parameters.encodings)
        carrier.learn(mapping.extension_ids)
        seat.producers[producer.id] = self.producers[producer.id] = producer
        self.changes += 1
        self.taps.consider(producer)
        return producer

    def set_producer(self, name: str, producer: str, *, paused: bool) -> None:
        found = self._own_producer(name, producer)
        found.paused = paused
        found.refresh()

    def hold_producer(self, producer: str, *, held: bool) -> None:
        """A moderator's mute: from the moment this returns nothing of it is passed on."""
        found = self.producers.get(producer)
        if found is None:
            raise not_found("producer")
        found.held = held
        found.refresh()

    def close_producer(self, name: str, producer: str) -> None:
        self._close_producer(self._own_producer(name, producer), tell=True)

    # Consumers

    def consume(self, name: str, transport: str, producer: str, wanted: RtpCapabilities) -> ConsumerOptions:
        carrier = self._transport(name, transport)
        seat = self.seats[name]
        found = self.producers.get(producer)
        if found is None or not seat.may_receive(found):
            raise not_found("producer")
        if carrier.direction != "recv":
            raise MediaError("wrong_state", "this transport is for sending")
        if len(seat.consumers) >= MOST_CONSUMERS:
            raise MediaError("too_many", "too many consumers")
        if sum(each.seat is seat for each in found.consumers.values()) >= MOST_OF_ONE:
            raise MediaError("too_many", "a seat takes a producer twice at most")
        consumer = Consumer(seat, carrier, found, wanted)
        seat.consumers[consumer.id] = found.consumers[consumer.id] = consumer
        self.changes += 1
        carrier.outgoing[consumer.sink.ssrc] = consumer.sink
        return consumer.options()

    def set_consumer(
        self, name: str, consumer: str, *, paused: bool | None = None, tile: tuple[int, int] | None = None
    ) -> None:
        self._consumer(name, consumer).set(time.monotonic(), paused=paused, tile=tile)

    def close_consumer(self, name: str, consumer: str) -> None:
        self._close_consumer(self._consumer(name, consumer))

    # Places

    def place_seat(self, room: str, name: str, place: str | None, person: str = "") -> list[ClosedConsumer]:
        """Move a seat. When this returns nothing crosses the wall, in either direction."""
        seat = self._seat(room, name)
        seat.place, seat.person = place, person or seat.person
        for producer in seat.producers.values():
            self.taps.consider(producer)
        mine = list(seat.consumers.values())
        of_me = [consumer for producer in seat.producers.values() for consumer in producer.consumers.values()]
        closed = []
        for consumer in dict.fromkeys(mine + of_me):
            if not consumer.seat.may_receive(consumer.producer):
                self._close_consumer(consumer)
                closed.append(ClosedConsumer(consumer.seat.name, consumer.id))
        return closed

    def close_seat(self, name: str) -> None:
        seat = self.seats.get(name)
        if seat is None:
            return
        for transport in list(seat.transports.values()):
            self._close_transport(transport, tell=False)
        del self.seats[name]
        self.changes += 1
        if all(each.room != seat.room for each in self.seats.values()):
            self.taps.stop(seat.room)

    def _close_transport(self, transport: Transport, *, tell: bool) -> None:
        seat = self.seats[transport.seat]
        transport.close()
        for producer in [each for each in seat.producers.values() if each.transport is transport]:
            self._close_producer(producer, tell=True)
        for consumer in [each for each in seat.consumers.values() if each.transport is transport]:
            self._close_consumer(consumer)
        del seat.transports[transport.id]
        self.changes += 1
        for name in COUNTED:
            self.ended[name] += getattr(transport, name)
        if tell:
            self._tell(TransportState(transport.room, transport.seat, transport.id, "closed"))

    def _close_producer(self, producer: Producer, *, tell: bool) -> None:
        for consumer in list(producer.consumers.values()):
            self._close_consumer(consumer)
            if tell:
                self._tell(ConsumerClosed(consumer.seat.name, consumer.id))
        del producer.seat.producers[producer.id], self.producers[producer.id]
        self.changes += 1
        self.taps.forget(producer)
        carrier = producer.transport
        for stream in producer.streams:
            carrier.incoming.pop(stream.ssrc, None)
            carrier.needs_feedback.discard(stream)
        for ssrc in [each for each, stream in carrier.repairs.items() if stream in producer.streams]:
            del carrier.repairs[ssrc]

    def _close_consumer(self, consumer: Consumer) -> None:
        del consumer.seat.consumers[consumer.id], consumer.producer.consumers[consumer.id]
        self.changes += 1
        consumer.transport.outgoing.pop(consumer.sink.ssrc, None)
        consumer.producer.refresh()
        consumer.sink.source = None
        for ssrc in (consumer.sink.ssrc, consumer.sink.rtx_ssrc):
            consumer.transport.forget_sent(ssrc)

    def _seat(self, room: str, name: str) -> Seat:
        seat = self.seats.setdefault(name, Seat(room, name))
        if seat.room != room:
            raise not_found("seat")
        return seat

    def _transport(self, name: str, transport: str) -> Transport:
        seat = self.seats.get(name)
        if seat is None or transport not in seat.transports:
            raise not_found("transport")
        return seat.transports[transport]

    def _own_producer(self, name: str, producer: str) -> Producer:
        seat = self.seats.get(name)
        if seat is None or producer not in seat.producers:
            raise not_found("producer")
        return seat.producers[producer]

    def _consumer(self, name: str, consumer: str) -> Consumer:
        seat = self.seats.get(name)
        if seat is None or consumer not in seat.consumers:
            raise not_found("consumer")
        return seat.consumers[consumer]
