"""The wall between places, whatever is done in whatever order: nothing flows that may not."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress

import pytest

from signaling.media.consumer import Consumer
from signaling.media.errors import MediaError
from signaling.media.messages import ConsumerClosed, TransportState
from signaling.media.ortc import router_capabilities
from signaling.media.payloads import CodecParameters, Direction, Encoding, RtpParameters
from signaling.media.recording.events import RecordingEvent
from signaling.media.stage import MOST_PRODUCERS, Stage
from signaling.media.transport import Transport

PLACES = [None, "main", "caucus:1", "caucus:2", "check:1", "check:2"]
SEATS = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B"}


class NoPath:
    """Carries nothing; what a transport needs to exist."""

    def __init__(self) -> None:
        self.drops: Counter[str] = Counter()
        self.packets_out = self.bytes_out = 0

    def send(self, *_: object) -> None:
        self.packets_out += 1

    def route(self, *_: object) -> None: ...

    unroute = listen = forget = route


class House:
    """Two rooms of people who do things at random."""

    def __init__(self, seed: int) -> None:
        self.told: list[TransportState | ConsumerClosed | RecordingEvent] = []
        self.stage = Stage(NoPath(), [], self.told.append)
        self.dice = random.Random(seed)
        self.ssrc = 1
        for name, room in SEATS.items():
            self.stage.place_seat(room, name, None)

    def transport(self, name: str, direction: str) -> Transport:
        found = [each for each in self.stage.seats[name].transports.values() if each.direction == direction]
        if found:
            return found[0]
        return self.open(name, "send" if direction == "send" else "recv")

    def open(self, name: str, direction: Direction) -> Transport:
        opened = self.stage.open_transport(SEATS[name], name, direction)
        transport = self.stage.seats[name].transports[opened.id]
        transport.keyed, transport.state = True, "connected"
        return transport

    def produce(self, name: str) -> str:
        self.ssrc += 1
        codec = CodecParameters(mime_type="audio/opus", payload_type=111, clock_rate=48000, channels=2)
        parameters = RtpParameters(codecs=[codec], encodings=[Encoding(ssrc=self.ssrc)])
        transport = self.transport(name, "send")
        return self.stage.produce(name, transport.id, "audio", "mic", parameters).id

    def act(self) -> None:
        """One thing that somebody does; refusals are an answer too."""
        name = self.dice.choice(list(SEATS))
        acts = [
            self.move,
            self.make,
            self.take,
            self.take,
            self.take,
            self.resume,
            self.hold,
            self.reopen,
            self.go,
        ]
        with suppress(MediaError):
            self.dice.choices(acts, weights=[3, 4, 6, 6, 6, 8, 2, 1, 1])[0](name)

    def move(self, name: str) -> None:
        self.stage.place_seat(SEATS[name], name, self.dice.choices(PLACES, weights=[1, 8, 4, 1, 2, 1])[0])

    def make(self, name: str) -> None:
        self.produce(name)

    def take(self, name: str) -> None:
        producer = self.dice.choice([*self.stage.producers, "nothing"])
        self.stage.consume(name, self.transport(name, "recv").id, producer, router_capabilities())

    def resume(self, name: str) -> None:
        for consumer in list(self.stage.seats[name].consumers):
            self.stage.set_consumer(name, consumer, paused=self.dice.random() < 0.2)

    def hold(self, _: str) -> None:
        for producer in self.stage.producers:
            self.stage.hold_producer(producer, held=self.dice.random() < 0.3)

    def reopen(self, name: str) -> None:
        self.open(name, "recv")

    def go(self, name: str) -> None:
        self.stage.close_seat(name)
        self.stage.place_seat(SEATS[name], name, None)

    def consumers(self) -> list[Consumer]:
        return [each for seat in self.stage.seats.values() for each in seat.consumers.values()]

    def check(self) -> None:
        """The law, said again in other words than the code's."""
        for consumer in self.consumers():
            viewer, shown = consumer.seat, consumer.producer.seat
            assert viewer.room == shown.room
            assert viewer.place == shown.place
            assert viewer.place is not None
            assert (viewer is shown) == viewer.place.startswith("check:")
        allowed = {consumer.sink for consumer in self.consumers() if consumer.open}
        for producer in self.stage.producers.values():
            for stream in producer.streams:
                assert set(stream.sinks) <= allowed
                assert not stream.sinks or not (producer.held or producer.paused)


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_crosses_whatever_is_done_in_whatever_order(seed: int) -> None:
    house = House(seed)
    flowed = 0

    for _ in range(3000):
        house.act()
        house.check()
        flowed += sum(consumer.open for consumer in house.consumers())

    assert flowed > 500  # the dice did let people meet
    for name in SEATS:
        house.stage.close_seat(name)
    assert not house.stage.producers
    await asyncio.sleep(0)


async def test_who_is_left_behind_is_told_by_the_answer_to_a_move() -> None:
    house = House(0)
    for name in ("a1", "a2", "a3"):
        house.stage.place_seat("A", name, "main")
    producer = house.produce("a1")
    for name in ("a2", "a3"):
        house.stage.consume(name, house.transport(name, "recv").id, producer, router_capabilities())

    closed = house.stage.place_seat("A", "a1", "caucus:1")

    assert {each.seat for each in closed} == {"a2", "a3"}
    assert not house.told
    assert house.stage.place_seat("A", "a1", "caucus:1") == []


async def test_when_a_seat_is_closed_those_who_received_it_are_told() -> None:
    house = House(0)
    for name in ("a1", "a2"):
        house.stage.place_seat("A", name, "main")
    producer = house.produce("a1")
    options = house.stage.consume("a2", house.transport("a2", "recv").id, producer, router_capabilities())

    house.stage.close_seat("a1")

    assert house.told == [ConsumerClosed("a2", options.id)]
    assert not house.consumers()


async def test_a_seat_has_a_limit_of_producers_and_no_ssrc_twice() -> None:
    house = House(0)
    for _ in range(MOST_PRODUCERS):
        house.produce("a1")
    with pytest.raises(MediaError, match="too_many"):
        house.produce("a1")
    house.produce("a2")
    house.ssrc -= 1
    with pytest.raises(MediaError, match="bad_parameters"):
        house.produce("a2")
