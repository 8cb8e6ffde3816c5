"""Several workers: where rooms go, whose death concerns whom, and figures over all."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from signaling.media.errors import MediaError
from signaling.media.messages import Statistics, WorkerLost
from signaling.media.plane import MediaPlane, MediaSettings
from signaling.media.pool import altogether
from tests.signaling.media.raw import Raw, connected, open_raw
from tests.signaling.media.stand import Stand, free_ports

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def pair() -> AsyncIterator[Stand]:
    """Two workers."""
    opened = await Stand().open(workers=2)
    yield opened
    await opened.close()


def port_of(raw: Raw) -> int:
    return raw.candidate("udp").port


async def test_a_room_goes_where_the_fewest_seats_are_and_stays_together(pair: Stand) -> None:
    plane = pair.plane
    big = [await open_raw(plane, "big", f"big{n}", "send") for n in range(3)]
    small = [await open_raw(plane, "small", f"small{n}", "send") for n in range(2)]
    third = await open_raw(plane, "third", "third0", "send")
    more = await open_raw(plane, "big", "big3", "recv")

    assert len({port_of(each) for each in (*big, more)}) == 1
    assert len({port_of(each) for each in (*small, third)}) == 1
    assert port_of(big[0]) != port_of(small[0])
    assert plane.pid_of("big") != plane.pid_of("small")


async def test_a_room_that_was_left_by_all_may_go_elsewhere(pair: Stand) -> None:
    plane = pair.plane
    first = await open_raw(plane, "first", "f", "send")
    await open_raw(plane, "second", "s", "send")
    await plane.close_seat("f")
    assert plane.pid_of("first") is None

    for each in ("t1", "t2"):
        await open_raw(plane, "third", each, "send")
    again = await open_raw(plane, "first", "f", "send")

    assert port_of(again) != port_of(first)


async def test_ports_follow_each_other_where_one_was_chosen() -> None:
    port = free_ports(2)
    announced = ("192.0.2.7:5000", "192.0.2.8")
    settings = MediaSettings("127.0.0.1", port, announced, workers=2)

    plane = await MediaPlane.start(settings, lambda _: None)
    first, second = [await open_raw(plane, room, room, "send") for room in ("a", "b")]
    await plane.close()

    told = [{(each.address, each.port) for each in raw.options.ice_candidates} for raw in (first, second)]
    assert told == [
        {("192.0.2.7", 5000), ("192.0.2.8", port)},
        {("192.0.2.7", 5001), ("192.0.2.8", port + 1)},
    ]


async def test_the_death_of_one_worker_touches_only_its_rooms(pair: Stand) -> None:
    plane = pair.plane
    await open_raw(plane, "doomed", "d", "send")
    mouth = await connected(plane, "safe", "m", "send", "udp")
    ear = await connected(plane, "safe", "e", "recv", "tcp")
    for seat in ("m", "e"):
        await plane.place_seat("safe", seat, "main")
    await ear.consume(await mouth.produce(7))
    doomed, safe = plane.pid_of("doomed"), plane.pid_of("safe")
    assert doomed is not None

    os.kill(doomed, signal.SIGKILL)
    lost = await pair.until(WorkerLost)
    mouth.say(b"still here")
    heard = await ear.hears(1)
    again = await open_raw(plane, "doomed", "d", "send")  # waits for the next worker; the room stays with it

    assert lost.rooms == {"doomed"}
    assert heard == [b"still here"]
    assert plane.pid_of("doomed") not in (None, doomed)
    assert (plane.pid_of("safe"), port_of(again) == port_of(mouth)) == (safe, False)
    await asyncio.gather(mouth.leave(), ear.leave())


async def test_a_command_finds_its_worker_by_producer_and_seat(pair: Stand) -> None:
    plane = pair.plane
    rooms = {}
    for room in ("one", "two"):
        seat = f"seat of {room}"
        raw = await open_raw(plane, room, seat, "send")
        await plane.place_seat(room, seat, "main")
        rooms[seat] = await raw.produce(7)

    for seat, producer in rooms.items():
        await plane.hold_producer(producer)
        await plane.release_producer(producer)
        await plane.close_producer(seat, producer)
        with pytest.raises(MediaError, match="not_found"):
            await plane.hold_producer(producer)
    with pytest.raises(MediaError, match="not_found"):
        await plane.place_seat("one", "seat of two", "main")


async def test_figures_are_of_one_room_or_of_all_workers(pair: Stand) -> None:
    plane = pair.plane
    for room in ("one", "two"):
        await open_raw(plane, room, f"{room}'s", "send")

    one, whole = await plane.statistics("one"), await plane.statistics()

    assert (one.rooms, one.seats, len(one.transports)) == (1, 1, 1)
    assert (whole.rooms, whole.seats, len(whole.transports)) == (2, 2, 2)
    assert whole.rss > one.rss


async def test_figures_are_added_and_the_worst_lag_is_shown(stand: Stand) -> None:
    one = await stand.plane.statistics()
    other = Statistics(**{name: getattr(one, name) for name in one.__struct_fields__})
    one.drops, other.drops = {"srtp": 1}, {"srtp": 2, "stun": 3}
    one.loop_lag_ms, other.loop_lag_ms = 1.5, 4.0
    one.packets_in, other.packets_in = 10, 20

    whole = altogether([one, other])

    assert (whole.packets_in, whole.loop_lag_ms) == (30, 4.0)
    assert Counter(whole.drops) == {"srtp": 3, "stun": 3}
