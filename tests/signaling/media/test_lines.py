"""Bad lines: loss is repaired, silence is noticed, addresses change, and strangers get no answer."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

import pytest
from aioice import stun

from signaling.media.errors import MediaError
from signaling.media.messages import TransportState
from tests.proxy import Proxy, every, is_media
from tests.signaling.media.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What the server sends VP8 as, and what aiortc does.
VP8_DOWN, VP8_UP = 101, 97


async def test_what_a_subscriber_loses_is_sent_again(stand: Stand, proxy: Proxy) -> None:
    proxy.down = every(4, VP8_DOWN)
    speaker = await stand.enter()
    (picture,) = await speaker.publish(colour="blue")
    stand.detour = proxy.port
    viewer = await stand.enter()
    await viewer.consume(picture)

    await viewer.until_decoded(picture, 16)

    assert proxy.lost_down >= 3
    assert (await stand.statistics()).retransmitted >= proxy.lost_down - 1
    assert viewer.seen[picture].colour == "blue"


async def test_what_the_server_misses_is_asked_for_again(stand: Stand, proxy: Proxy) -> None:
    proxy.up = every(4, VP8_UP)
    stand.detour = proxy.port
    speaker = await stand.enter()
    (picture,) = await speaker.publish(colour="blue")
    stand.detour = None
    viewer = await stand.enter()
    await viewer.consume(picture)

    await viewer.until_decoded(picture, 16)

    assert proxy.lost_up >= 3
    assert (await stand.statistics()).nacks_sent >= proxy.lost_up - 1
    assert viewer.seen[picture].colour == "blue"


async def test_a_silent_line_is_shown_and_then_closed(alone: Stand) -> None:
    stand = alone
    proxy = await Proxy(("127.0.0.1", stand.plane.port)).open()
    stand.detour = proxy.port
    speaker = await stand.enter()
    (sound,) = await speaker.publish(pitch=400)
    await stand.until(TransportState, lambda each: each.state == "connected")

    proxy.up = lambda _: True
    await stand.until(TransportState, lambda each: each.state == "disconnected")
    await stand.until(TransportState, lambda each: each.state == "closed")

    with pytest.raises(MediaError, match="not_found"):
        await stand.plane.pause_producer(speaker.seat, sound)
    await proxy.close()


async def test_packets_from_an_address_that_made_no_check_are_dropped(stand: Stand) -> None:
    speaker, listener = await stand.enter(), await stand.enter()
    (sound,) = await speaker.publish(pitch=400)
    await listener.consume(sound)
    await listener.until_decoded(sound)
    before = Counter((await stand.statistics()).drops)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(bytes((0x80, 100)) + bytes(60), ("127.0.0.1", stand.plane.port))
        stranger.sendto(bytes((22, 254, 253)) + bytes(60), ("127.0.0.1", stand.plane.port))
        stranger.sendto(bytes((200,)) + bytes(60), ("127.0.0.1", stand.plane.port))
        stranger.sendto(b"", ("127.0.0.1", stand.plane.port))
        await listener.until_decoded(sound, 10)

    drops = Counter((await stand.statistics()).drops)
    assert drops - before == {"unknown_address": 2, "unknown_protocol": 2}


async def test_only_who_knows_the_password_gets_an_answer(stand: Stand) -> None:
    opened = await stand.plane.open_transport(stand.room, "seat", "send")
    fragment, password = opened.ice_parameters.username_fragment, opened.ice_parameters.password

    assert await answer(stand.plane.port, fragment, "wrong") is None
    assert await answer(stand.plane.port, "nobody", password) is None
    right = await answer(stand.plane.port, fragment, password)
    assert right is not None
    assert right.attributes["XOR-MAPPED-ADDRESS"][0] == "127.0.0.1"

    again = await stand.plane.restart_ice("seat", opened.id)
    assert await answer(stand.plane.port, fragment, password) is not None  # until the new one has been used
    assert await answer(stand.plane.port, again.username_fragment, again.password) is not None
    assert await answer(stand.plane.port, fragment, password) is None
    await stand.plane.close_seat("seat")


async def answer(port: int, fragment: str, password: str) -> stun.Message | None:
    """Make a binding request and wait a moment."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{fragment}:client"
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(("127.0.0.1", port))
        client.send(bytes(request))
        try:
            async with asyncio.timeout(0.2):
                return stun.parse_message(await loop.sock_recv(client, 2048))
        except TimeoutError:
            return None


async def test_the_proxy_tells_media_from_control() -> None:
    assert is_media(bytes((0x90, 101)) + bytes(20))
    assert not is_media(bytes((0x80, 201)) + bytes(20))
    assert not is_media(bytes((0, 1)) + bytes(20))
