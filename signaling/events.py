"""What the media worker reports, told to the people it concerns."""

import logging

from mediation.hearings.line import Line
from signaling.desk.absence import weigh
from signaling.desk.desk import Desk
from signaling.desk.media import forget_direction
from signaling.desk.recording import heard_of_recording, start_taping_anew
from signaling.desk.watch import measured, media_came, media_ended, media_fell_silent, note
from signaling.media.messages import (
    ConsumerClosed,
    ConsumerLayers,
    MediaEvent,
    Network,
    Speaking,
    TransportState,
    WorkerLost,
)
from signaling.media.recording.events import NotTaped, RecorderBack, RecorderLost, TracksClosed
from signaling.seats import Seat

log = logging.getLogger(__name__)


def heard_from_media(desk: Desk, event: MediaEvent) -> None:
    """One event of the worker; runs in the loop and never waits."""
    match event:
        case Speaking():
            _speaking(desk, event)
        case Network():
            _network(desk, event)
        case TransportState():
            _transport(desk, event)
        case ConsumerClosed():
            _consumer_closed(desk, event)
        case ConsumerLayers():
            _consumer_layers(desk, event)
        case WorkerLost():
            desk.spawn(_start_over(desk, event.rooms))
        case RecorderLost() | RecorderBack() | TracksClosed() | NotTaped():
            desk.spawn(heard_of_recording(desk, event))


def _speaking(desk: Desk, event: Speaking) -> None:
    here = [seat for seat in desk.seats.of_room(event.room) if seat.place == event.place]
    people = [seat.person for level in event.levels if (seat := desk.seats.get(level[0])) is not None]
    told = {"room": event.room, "people": list(dict.fromkeys(people))}
    desk.announce.to_sockets([seat.socket for seat in here], "speaking", told)


def _network(desk: Desk, event: Network) -> None:
    seat = desk.seats.get(event.seat)
    if seat is None:
        return
    if seat.silent:
        return  # what still flows the other way does not make the line a good one
    line = Line(
        rtt_ms=event.rtt_ms or 0.0,
        loss_up=event.loss_up,
        loss_down=event.loss_down,
        kbit_up=event.bitrate_up // 1000,
        kbit_down=event.bitrate_down // 1000,
        layer=event.layer,
    )
    measured(desk, seat, *line.in_a_word(), line)


def _transport(desk: Desk, event: TransportState) -> None:
    seat = desk.seats.get(event.seat)
    if seat is None or event.transport not in seat.transports.values():
        return  # a reload ends its transport before it opens the next one, and may be heard of later
    if event.state == "connected":
        media_came(desk, seat, event.transport)
    elif event.state == "disconnected":
        media_fell_silent(desk, seat, event.transport)
    if event.state == "closed":
        media_ended(desk, seat, event.transport)
        _forget_transport(desk, seat, event.transport)
    else:
        seat.lines[event.transport] = event.state
    weigh(desk, seat)


def _forget_transport(desk: Desk, seat: Seat, transport: str) -> None:
    seat.lines.pop(transport, None)
    for direction in [name for name, id in seat.transports.items() if id == transport]:
        del seat.transports[direction]
        forget_direction(desk, seat, direction)


def _consumer_closed(desk: Desk, event: ConsumerClosed) -> None:
    seat = desk.seats.get(event.seat)
    if seat is not None and seat.consumers.pop(event.consumer, None) is not None:
        desk.announce.to_sockets([seat.socket], "consumer_closed", {"consumerId": event.consumer})


def _consumer_layers(desk: Desk, event: ConsumerLayers) -> None:
    seat = desk.seats.get(event.seat)
    if seat is not None and event.consumer in seat.consumers:
        told = {
            "consumerId": event.consumer,
            "spatial": event.spatial,
            "temporal": event.temporal,
            "spatial_layers": event.spatial_layers,
        }
        desk.announce.to_sockets([seat.socket], "consumer_layers", told)


async def _start_over(desk: Desk, rooms: frozenset[str]) -> None:
    """A new worker knows nobody: every seat of its rooms is placed again, and its owner opens new transports."""
    log.warning("a media worker was started anew")
    for seat in [each for room in rooms for each in desk.seats.of_room(room)]:
        seat.drop_media()
        note(desk, seat, "server_fault", "media")
        await desk.media.place_seat(seat.room, seat.id, seat.place, seat.person)
        desk.announce.to_sockets([seat.socket], "stage_lost", {"room": seat.room})
    await start_taping_anew(desk, rooms)
