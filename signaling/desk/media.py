"""Transports, producers and consumers: mediasoup's objects, commanded seat by seat."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mediation.errors import NotAllowed, NotFound
from mediation.rooms.order import lift_own_mute
from signaling.desk.desk import Connection, Desk
from signaling.desk.enforce import begin_as_ordered, enforce, held_as, tell_closed, tell_paused
from signaling.desk.rooms import Id
from signaling.desk.table import Nothing, Ours, request
from signaling.desk.watch import note
from signaling.media.payloads import (
    ConsumerOptions,
    DtlsParameters,
    IceParameters,
    RtpCapabilities,
    RtpParameters,
)
from signaling.media.payloads import TransportOptions as Options
from signaling.seats import Consumed, Produced, Seat, told

Side = Annotated[int, Meta(ge=0, le=16_384)]


class OpenTransport(Ours):
    room: Id
    direction: Literal["send", "recv"]


class ConnectTransport(Ours, rename="camel"):
    transport_id: Id
    dtls_parameters: DtlsParameters


class Produce(Ours, rename="camel"):
    transport_id: Id
    kind: Literal["audio", "video"]
    source: Literal["mic", "camera", "screen", "screen_sound"]
    rtp_parameters: RtpParameters


class Consume(Ours, rename="camel"):
    transport_id: Id
    producer_id: Id
    rtp_capabilities: RtpCapabilities


class OneConsumer(Ours, rename="camel"):
    consumer_id: Id


class SetLayers(Ours, rename="camel"):
    consumer_id: Id
    width: Side
    height: Side


class OneProducer(Ours, rename="camel"):
    producer_id: Id


class RestartIce(Ours, rename="camel"):
    transport_id: Id


class Restarted(msgspec.Struct, rename="camel"):
    ice_parameters: IceParameters


class Made(Ours):
    id: str


@request("open_transport", OpenTransport, may="seat", cost=5)
async def open_transport(desk: Desk, caller: Connection, asked: OpenTransport) -> Options:
    seat = _seat_in(desk, caller, asked.room)
    options = await desk.media.open_transport(asked.room, seat.id, asked.direction)
    if asked.direction in seat.transports:
        seat.lines.pop(seat.transports[asked.direction], None)
        forget_direction(desk, seat, asked.direction)
    seat.transports[asked.direction] = options.id
    return options


@request("connect_transport", ConnectTransport, may="seat")
async def connect_transport(desk: Desk, caller: Connection, asked: ConnectTransport) -> Nothing:
    seat = _seat_with_transport(desk, caller, asked.transport_id)
    await desk.media.connect_transport(seat.id, asked.transport_id, asked.dtls_parameters)
    return Nothing()


@request("restart_ice", RestartIce, may="seat")
async def restart_ice(desk: Desk, caller: Connection, asked: RestartIce) -> Restarted:
    seat = _seat_with_transport(desk, caller, asked.transport_id)
    note(desk, seat, "ice_restarted", _direction_of(seat, asked.transport_id))
    return Restarted(await desk.media.restart_ice(seat.id, asked.transport_id))


@request("produce", Produce, may="seat", cost=2)
async def produce(desk: Desk, caller: Connection, asked: Produce) -> Made:
    seat = _seat_with_transport(desk, caller, asked.transport_id)
    made = Produced(
        await desk.media.produce(seat.id, asked.transport_id, asked.kind, asked.source, asked.rtp_parameters),
        asked.kind,
        asked.source,
    )
    if not await begin_as_ordered(desk, seat, made):
        raise NotAllowed("stage.ask_to_share")
    beside = [other.socket for other in desk.seats.beside(seat)]
    desk.announce.to_sockets(beside, "producer_added", {"room": seat.room} | told(seat, made))
    return Made(id=made.id)


@request("consume", Consume, may="seat", cost=2)
async def consume(desk: Desk, caller: Connection, asked: Consume) -> ConsumerOptions:
    seat = _seat_with_transport(desk, caller, asked.transport_id)
    options = await desk.media.consume(seat.id, asked.transport_id, asked.producer_id, asked.rtp_capabilities)
    seat.consumers[options.id] = Consumed(options.id, asked.producer_id, options.kind)
    return options


@request("resume_consumer", OneConsumer, may="seat")
async def resume_consumer(desk: Desk, caller: Connection, asked: OneConsumer) -> Nothing:
    seat = _seat_with_consumer(desk, caller, asked.consumer_id)
    await desk.media.resume_consumer(seat.id, asked.consumer_id)
    seat.consumers[asked.consumer_id].paused = False
    return Nothing()


@request("pause_consumer", OneConsumer, may="seat")
async def pause_consumer(desk: Desk, caller: Connection, asked: OneConsumer) -> Nothing:
    seat = _seat_with_consumer(desk, caller, asked.consumer_id)
    await desk.media.pause_consumer(seat.id, asked.consumer_id)
    seat.consumers[asked.consumer_id].paused = True
    return Nothing()


@request("close_consumer", OneConsumer, may="seat")
async def close_consumer(desk: Desk, caller: Connection, asked: OneConsumer) -> Nothing:
    seat = _seat_with_consumer(desk, caller, asked.consumer_id)
    del seat.consumers[asked.consumer_id]
    await desk.media.close_consumer(seat.id, asked.consumer_id)
    return Nothing()


@request("set_layers", SetLayers, may="seat")
async def set_layers(desk: Desk, caller: Connection, asked: SetLayers) -> Nothing:
    seat = _seat_with_consumer(desk, caller, asked.consumer_id)
    await desk.media.set_layers(seat.id, asked.consumer_id, asked.width, asked.height)
    return Nothing()


@request("pause_producer", OneProducer, may="seat")
async def pause_producer(desk: Desk, caller: Connection, asked: OneProducer) -> Nothing:
    seat, made = _own_producer(desk, caller, asked.producer_id)
    await desk.media.pause_producer(seat.id, made.id)
    made.paused = True
    tell_paused(desk, seat, made, by="owner")
    return Nothing()


@request("resume_producer", OneProducer, may="seat")
async def resume_producer(desk: Desk, caller: Connection, asked: OneProducer) -> Nothing:
    seat, made = _own_producer(desk, caller, asked.producer_id)
    if made.held:
        await desk.write(lift_own_mute, by=caller.person, room=seat.room, source=held_as(made.source))
        await enforce(desk, seat)
    await desk.media.resume_producer(seat.id, made.id)
    made.paused = False
    tell_paused(desk, seat, made, by="owner")
    return Nothing()


@request("close_producer", OneProducer, may="seat")
async def close_producer(desk: Desk, caller: Connection, asked: OneProducer) -> Nothing:
    seat, made = _own_producer(desk, caller, asked.producer_id)
    await desk.media.close_producer(seat.id, made.id)
    seat.producers.pop(made.id, None)
    tell_closed(desk, desk.seats.beside(seat), seat, made)
    return Nothing()


def forget_direction(desk: Desk, seat: Seat, direction: str) -> None:
    """The transport of a direction is gone, and the worker has closed what was on it: the others hear it."""
    if direction == "recv":
        seat.consumers.clear()
        return
    for made in list(seat.producers.values()):
        del seat.producers[made.id]
        tell_closed(desk, desk.seats.beside(seat), seat, made)


def _seat_in(desk: Desk, caller: Connection, room: str) -> Seat:
    return _first([seat for seat in desk.seats.of_socket(caller.socket) if seat.room == room])


def _seat_with_transport(desk: Desk, caller: Connection, transport: str) -> Seat:
    seats = desk.seats.of_socket(caller.socket)
    return _first([seat for seat in seats if transport in seat.transports.values()])


def _seat_with_consumer(desk: Desk, caller: Connection, consumer: str) -> Seat:
    return _first([seat for seat in desk.seats.of_socket(caller.socket) if consumer in seat.consumers])


def _direction_of(seat: Seat, transport: str) -> str:
    return next((direction for direction, id in seat.transports.items() if id == transport), "")


def _own_producer(desk: Desk, caller: Connection, producer: str) -> tuple[Seat, Produced]:
    seat = _first([seat for seat in desk.seats.of_socket(caller.socket) if producer in seat.producers])
    return seat, seat.producers[producer]


def _first(seats: list[Seat]) -> Seat:
    if not seats:
        raise NotFound
    return seats[0]
