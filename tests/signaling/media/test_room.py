"""People with real transports around a real worker: who sees and hears whom, and who does not."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from signaling.media.errors import MediaError
from signaling.media.messages import Network, Speaking, TransportState
from tests.signaling.media.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_three_people_all_decode_each_other(stand: Stand) -> None:
    people = [await stand.enter() for _ in range(3)]
    looks = [(400, "red"), (800, "green"), (1600, "blue")]
    sent = [
        await person.publish(pitch=pitch, colour=colour)
        for person, (pitch, colour) in zip(people, looks, strict=True)
    ]
    others = [(a, b) for a in range(3) for b in range(3) if a != b]

    for viewer, shown in others:
        for producer in sent[shown]:
            await people[viewer].consume(producer)
    await asyncio.gather(*(people[a].until_decoded(producer, 12) for a, b in others for producer in sent[b]))

    for viewer, shown in others:
        sound, picture = (people[viewer].seen[producer] for producer in sent[shown])
        assert sound.heard(looks[shown][0])
        assert picture.colour == looks[shown][1]
        assert picture.size == (160, 120)


async def test_the_waiting_room_gets_nothing_whatever_it_asks(stand: Stand) -> None:
    inside, waiting = await stand.enter(), await stand.enter(place=None)
    sound, picture = await inside.publish(pitch=400, colour="red")
    (own,) = await waiting.publish(pitch=800)

    for producer in (sound, picture, own):
        with pytest.raises(MediaError, match="not_found"):
            await waiting.consume(producer)
    with pytest.raises(MediaError, match="not_found"):
        await inside.consume(own)

    figures = await stand.statistics()
    assert figures.consumers == 0
    assert all(each.packets_down == 0 for each in figures.transports)


async def test_after_a_move_nothing_crosses_the_wall_and_nobody_reconnects(stand: Stand) -> None:
    people = [await stand.enter() for _ in range(3)]
    mediator, party, outsider = people
    sent = {person: await person.publish(pitch=400, colour="red") for person in people}
    for person, other in pairwise([*people, mediator]):
        for producer in sent[other]:
            await person.consume(producer)
    await asyncio.gather(*(each.until_decoded(producer) for each in people for producer in each.seen))

    await stand.move(mediator, "caucus:1")
    await stand.move(party, "caucus:1")
    for producer in sent[mediator]:
        assert await outsider.still(producer, during=0.5) == 0
        with pytest.raises(MediaError, match="not_found"):
            await outsider.consume(producer)
    for producer in sent[mediator]:
        await party.consume(producer)
    await asyncio.gather(*(party.until_decoded(producer) for producer in sent[mediator]))

    closed = [each for each in stand.events if isinstance(each, TransportState) and each.state == "closed"]
    assert not closed
    assert (await stand.statistics()).producers == 6


async def test_a_moderators_mute_cannot_be_lifted_by_the_owner(stand: Stand) -> None:
    speaker, listener = await stand.enter(), await stand.enter()
    (sound,) = await speaker.publish(pitch=400)
    await listener.consume(sound)
    await listener.until_decoded(sound)

    await stand.plane.hold_producer(sound)
    await stand.plane.pause_producer(speaker.seat, sound)
    await stand.plane.resume_producer(speaker.seat, sound)
    assert await listener.still(sound, during=0.4) == 0

    await stand.plane.release_producer(sound)
    await listener.until_decoded(sound)


async def test_pause_and_a_hidden_tile_stop_the_picture_and_it_comes_back(stand: Stand) -> None:
    speaker, viewer = await stand.enter(), await stand.enter()
    (picture,) = await speaker.publish(colour="green")
    consumer = await viewer.consume(picture)
    await viewer.until_decoded(picture)

    await stand.plane.set_layers(viewer.seat, consumer, 0, 0)
    assert await viewer.still(picture, during=0.4) == 0
    await stand.plane.set_layers(viewer.seat, consumer, 320, 180)
    await viewer.until_decoded(picture)
    await stand.plane.pause_producer(speaker.seat, picture)
    assert await viewer.still(picture, during=0.4) == 0
    await stand.plane.resume_producer(speaker.seat, picture)
    await viewer.until_decoded(picture)

    assert viewer.seen[picture].colour == "green"


async def test_in_the_kit_check_one_hears_oneself_and_nobody_else(stand: Stand) -> None:
    tester, stranger = await stand.enter("check:1"), await stand.enter("check:1")
    (sound,) = await tester.publish(pitch=800)

    with pytest.raises(MediaError, match="not_found"):
        await stranger.consume(sound)
    await tester.consume(sound)
    await tester.until_decoded(sound, 12)

    assert tester.seen[sound].heard(800)
    await stand.move(tester, "main")
    assert await tester.still(sound, during=0.3) == 0
    with pytest.raises(MediaError, match="not_found"):
        await tester.consume(sound)


async def test_one_seat_cannot_touch_what_is_anothers(stand: Stand) -> None:
    owner, stranger = await stand.enter(), await stand.enter()
    (sound,) = await owner.publish(pitch=400)
    consumer = await stranger.consume(sound)
    plane = stand.plane

    for attempt in (
        plane.pause_producer(stranger.seat, sound),
        plane.close_producer(stranger.seat, sound),
        plane.resume_consumer(owner.seat, consumer),
        plane.set_layers(owner.seat, consumer, 1, 1),
        plane.restart_ice("nobody", "nothing"),
        plane.hold_producer("nothing"),
        plane.place_seat("another room", owner.seat, "main"),
    ):
        with pytest.raises(MediaError, match="not_found"):
            await attempt


async def test_it_tells_who_speaks_and_how_the_lines_are(stand: Stand) -> None:
    speaker, listener = await stand.enter(), await stand.enter()
    (sound,) = await speaker.publish(pitch=400)
    await listener.consume(sound)

    speaking = await stand.until(Speaking, lambda each: each.room == stand.room)
    up = await stand.until(Network, lambda line: line.seat == speaker.seat)
    down = await stand.until(Network, lambda line: line.seat == listener.seat)

    assert [(seat, producer) for seat, producer, _ in speaking.levels] == [(speaker.seat, sound)]
    assert up.bitrate_up > 10_000
    assert down.bitrate_down > 10_000
    assert down.loss_down == 0


async def test_the_layer_of_a_line_is_that_of_the_smallest_picture_and_none_without_one(stand: Stand) -> None:
    speaker, listener = await stand.enter(), await stand.enter()
    sound, picture = await speaker.publish(pitch=400, colour="red")
    await listener.consume(sound)
    without = await stand.until(Network, lambda line: line.seat == listener.seat)
    await listener.consume(picture)

    seen = await stand.until(Network, lambda line: line.seat == listener.seat and line.layer is not None)
    sender = [event for event in stand.events if isinstance(event, Network) and event.seat == speaker.seat]

    assert (without.layer, seen.layer) == (None, 0)
    assert {line.layer for line in sender} == {None}
