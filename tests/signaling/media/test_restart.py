"""A new network: ICE restarts, the address changes, and not a packet is missed; and what ends when nobody consents."""

from __future__ import annotations

import asyncio

import pytest

from signaling.media.errors import MediaError
from signaling.media.messages import TransportState
from tests.signaling.media.raw import Raw, connected
from tests.signaling.media.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def speaker_and_listener(stand: Stand, protocol: str) -> tuple[Raw, Raw]:
    seats = [await stand.sit(), await stand.sit()]
    mouth = await connected(stand.plane, stand.room, seats[0].seat, "send", protocol)
    ear = await connected(stand.plane, stand.room, seats[1].seat, "recv", protocol)
    await ear.consume(await mouth.produce(7))
    return mouth, ear


@pytest.mark.parametrize("before", ["udp", "tcp"])
@pytest.mark.parametrize("after", ["udp", "tcp"])
async def test_a_restart_from_another_socket_keeps_the_keys_and_misses_nothing(
    stand: Stand, before: str, after: str
) -> None:
    mouth, ear = await speaker_and_listener(stand, before)
    mouth.say(b"1")
    await ear.hears(1)
    old_mouth, old_ear = mouth.ways[0], ear.ways[0]
    old_ice = mouth.ice

    for raw in (mouth, ear):
        await raw.restart()
    mouth.say(b"2", old_mouth)
    await ear.hears(2)
    await mouth.check(old_mouth, ice=old_ice)  # the old network may still be there
    new_mouth, new_ear = await mouth.come(after), await ear.come(after)
    await mouth.check(new_mouth, nominates=False)
    mouth.say(b"3", new_mouth)
    await mouth.check(new_mouth)
    mouth.say(b"4", new_mouth)
    mouth.say(b"5", old_mouth)  # what was still on its way
    await ear.hears(5)
    await ear.check(new_ear)
    old_ear.close()
    mouth.say(b"6", new_mouth)

    assert sorted(await ear.hears(6)) == [b"1", b"2", b"3", b"4", b"5", b"6"]
    states = [each.state for each in stand.events if isinstance(each, TransportState)]
    assert set(states) <= {"connected"}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await mouth.check(old_mouth, ice=old_ice)
    await asyncio.gather(mouth.leave(), ear.leave())


async def test_a_second_restart_before_the_first_was_used_leaves_one_way_back(stand: Stand) -> None:
    mouth, ear = await speaker_and_listener(stand, "udp")
    first = mouth.ice
    await mouth.restart()
    second = mouth.ice
    await mouth.restart()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await mouth.check(mouth.ways[0], ice=first)
    await mouth.check(mouth.ways[0], ice=second)
    await mouth.check(mouth.ways[0])
    mouth.say(b"1")

    assert await ear.hears(1) == [b"1"]
    await asyncio.gather(mouth.leave(), ear.leave())


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_without_consent_nothing_is_sent_any_more(alone: Stand, protocol: str) -> None:
    mouth, ear = await speaker_and_listener(alone, protocol)
    talking = asyncio.create_task(talk(mouth))
    await ear.hears(1)
    flights = ear.flights

    await alone.until(TransportState, lambda each: each.seat == ear.seat and each.state == "closed")
    heard, flowed = ear.received, len(ear.sounds)
    before = (await alone.plane.statistics()).packets_in
    while (await alone.plane.statistics()).packets_in < before + 10:
        await asyncio.sleep(0.02)

    assert flowed > 20
    assert ear.received == heard
    assert ear.flights == flights  # no goodbye by DTLS either
    with pytest.raises(MediaError, match="not_found"):
        await alone.plane.resume_consumer(ear.seat, ear.consumer)
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    await asyncio.gather(mouth.leave(), ear.leave())


async def talk(mouth: Raw) -> None:
    """Speak, and consent, twenty times a second; the listener does neither."""
    while True:
        mouth.say(b"word")
        await mouth.check(mouth.ways[0])
        await asyncio.sleep(0.05)
