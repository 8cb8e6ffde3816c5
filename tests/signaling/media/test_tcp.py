"""Media by TCP alone: the same STUN, DTLS and SRTP as by UDP, in frames, and every misuse is cut off."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from signaling.media.errors import MediaError
from signaling.media.ice import Address, Check, Credentials, candidates
from signaling.media.messages import TransportState
from signaling.media.plane import MediaPlane, MediaSettings
from signaling.media.port import LONGEST, Port, bind
from signaling.media.tcp import Limits, Line, Lines, listen
from signaling.media.transport import Carry, Transport
from tests.signaling.media.raw import Framed, Raw, by_tcp, connected, open_raw, request
from tests.signaling.media.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def until(holds: Callable[[], bool], within: float = 5.0) -> None:
    """For what only shows in the port's own state: turn the loop until it does."""
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0)


async def hear_each_other(stand: Stand, protocol: str) -> tuple[Raw, Raw, str]:
    """One speaks, the other hears it; both come by this protocol."""
    speaker, listener = await stand.sit(), await stand.sit()
    mouth = await connected(stand.plane, stand.room, speaker.seat, "send", protocol)
    ear = await connected(stand.plane, stand.room, listener.seat, "recv", protocol)
    sound = await mouth.produce(7)
    await ear.consume(sound)
    return mouth, ear, sound


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_sound_goes_both_ways(stand: Stand, protocol: str) -> None:
    mouth, ear, _ = await hear_each_other(stand, protocol)

    for word in (b"one", b"two", b"three"):
        mouth.say(word)

    assert await ear.hears(3) == [b"one", b"two", b"three"]
    await asyncio.gather(mouth.leave(), ear.leave())


async def test_who_comes_by_tcp_hears_who_comes_by_udp_and_the_other_way_round(stand: Stand) -> None:
    for mouth_by, ear_by in (("tcp", "udp"), ("udp", "tcp")):
        speaker, listener = await stand.sit(), await stand.sit()
        mouth = await connected(stand.plane, stand.room, speaker.seat, "send", mouth_by)
        ear = await connected(stand.plane, stand.room, listener.seat, "recv", ear_by)
        await ear.consume(await mouth.produce(7))

        mouth.say(b"hello")

        assert await ear.hears(1) == [b"hello"]
        await asyncio.gather(mouth.leave(), ear.leave())


async def test_the_same_port_number_is_offered_by_tcp_after_udp(stand: Stand) -> None:
    raw = await open_raw(stand.plane, stand.room, (await stand.sit()).seat, "send")
    udp, tcp = raw.candidate("udp"), raw.candidate("tcp")

    assert (tcp.port, tcp.address, tcp.tcp_type) == (udp.port, udp.address, "passive")
    assert min(each.priority for each in raw.options.ice_candidates if each.protocol == "udp") > tcp.priority
    assert len({each.foundation for each in raw.options.ice_candidates}) == len(raw.options.ice_candidates)


async def test_without_tcp_nothing_is_offered_and_nobody_listens() -> None:
    plane = await MediaPlane.start(MediaSettings("127.0.0.1", 0, tcp=False), lambda _: None)
    options = await plane.open_transport("room", "seat", "send")

    assert {each.protocol for each in options.ice_candidates} == {"udp"}
    with pytest.raises(ConnectionRefusedError):
        await by_tcp("127.0.0.1", plane.port)
    await plane.close()


async def test_the_priority_of_passive_tcp_is_that_of_rfc_6544() -> None:
    _, tcp = candidates([("192.0.2.1", 1)], tcp=True)

    assert tcp.priority == 90 * 2**24 + (4 * 2**13 + 8191) * 2**8 + 255


async def test_a_frame_may_come_in_pieces_and_several_at_once(stand: Stand) -> None:
    raw = await open_raw(stand.plane, stand.room, (await stand.sit()).seat, "send")
    way = await raw.come("tcp")
    assert isinstance(way, Framed)
    await raw.check(way)
    before = (await stand.statistics()).packets_in
    frame = bytes(request(raw.ice))
    framed = struct.pack("!H", len(frame)) + frame

    for each in framed:
        way.send_raw(bytes((each,)))
        await asyncio.sleep(0.001)
    way.send_raw(framed * 3 + struct.pack("!H", 0) + framed[:1])
    way.send_raw(framed[1:])
    await until(lambda: raw.answered == 6)

    assert (await stand.statistics()).packets_in == before + 6  # one, three, an empty one, and the last
    await raw.leave()


async def test_an_address_that_ends_is_replaced_by_the_next_check_and_dtls_stays(stand: Stand) -> None:
    mouth, ear, _ = await hear_each_other(stand, "tcp")
    mouth.say(b"one")
    await ear.hears(1)
    for raw in (mouth, ear):
        raw.ways.pop().close()
        await raw.check(await raw.come("tcp"), nominates=False)

    mouth.say(b"two")

    assert await ear.hears(2) == [b"one", b"two"]
    await asyncio.gather(mouth.leave(), ear.leave())


async def test_silence_is_told_and_then_everything_ends(alone: Stand) -> None:
    mouth, ear, sound = await hear_each_other(alone, "tcp")

    await alone.until(TransportState, lambda each: each.state == "disconnected")
    await alone.until(TransportState, lambda each: each.state == "closed" and each.seat == mouth.seat)

    with pytest.raises(MediaError, match="not_found"):
        await alone.plane.pause_producer(mouth.seat, sound)
    await asyncio.gather(mouth.leave(), ear.leave())


class OnePort:
    """A port with its lines in this process, to look at what is kept of whom."""

    def __init__(self, limits: Limits) -> None:
        self.port = Port(bind("127.0.0.1", 0))
        self.lines = Lines(listen("127.0.0.1", self.port.number), self.port, limits)
        self.transport = Admitted(self.port)
        self.guests: list[Framed] = []

    async def come(self) -> Framed:
        self.guests.append(await by_tcp("127.0.0.1", self.port.number))
        return self.guests[-1]

    def close(self) -> None:
        for guest in self.guests:
            guest.close()
        self.lines.close()
        self.port.close()

    async def prove(self, way: Framed) -> Line:
        """Make a valid binding request; the port's side of this connection."""
        known = len(self.transport.addresses)
        way.send(bytes(request(self.transport.credentials.parameters())))
        await until(lambda: len(self.transport.addresses) > known)
        (line,) = [each for each in self.lines.all() if each.address == list(self.transport.addresses)[-1]]
        return line


class Admitted:
    """What the port needs of a transport: its credentials, and where it is."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.credentials = Credentials()
        self.addresses: dict[Address, float] = {}
        self.checks_left = 1_000
        self.checks = 0
        port.listen(self.credentials, self.as_transport())

    def as_transport(self) -> Transport:
        here: object = self
        return here  # type: ignore[return-value]

    def checked(self, check: Check, _: Credentials, address: Address, carry: Carry, now: float) -> None:
        carry(check.answer(self.credentials, address), address)
        self.addresses[address] = now
        self.checks += 1
        self.port.route(address, self.as_transport())


OpenPort = Callable[[Limits], Awaitable[OnePort]]


@pytest_asyncio.fixture(loop_scope="session")
async def port() -> AsyncIterator[OpenPort]:
    opened: list[OnePort] = []

    async def open_(limits: Limits) -> OnePort:
        one = OnePort(limits)
        one.port.open()
        one.lines.open()
        opened.append(one)
        return one

    yield open_
    for each in opened:
        each.close()
    await asyncio.sleep(0)


async def test_who_does_not_prove_itself_in_time_is_cut_off(port: OpenPort) -> None:
    one = await port(Limits(prove_within=0.4))
    stranger, wrong, guest = await one.come(), await one.come(), await one.come()

    wrong.send(bytes(request(one.transport.credentials.parameters(), password="guessed")))
    await one.prove(guest)
    async with asyncio.timeout(2):
        await asyncio.gather(stranger.ended, wrong.ended)

    assert one.port.drops["tcp_unproved"] == 2
    assert not guest.ended.done()


async def test_who_proved_itself_and_says_nothing_more_is_cut_off_too(port: OpenPort) -> None:
    one = await port(Limits(prove_within=0.3, idle=0.5))
    guest = await one.come()
    await one.prove(guest)

    async with asyncio.timeout(2):
        await guest.ended

    assert one.port.drops["tcp_idle"] == 1
    assert not one.transport.addresses


async def test_when_a_transport_closes_its_connection_is_cut(port: OpenPort) -> None:
    one = await port(Limits(prove_within=0.4))
    guest = await one.come()
    line = await one.prove(guest)

    one.port.unroute(line.address, one.transport.as_transport())

    async with asyncio.timeout(2):
        await guest.ended


async def test_a_frame_longer_than_a_packet_ends_the_connection_at_its_length(port: OpenPort) -> None:
    one = await port(Limits())
    guest = await one.come()
    await one.prove(guest)

    guest.send_raw(struct.pack("!H", LONGEST + 1))
    async with asyncio.timeout(2):
        await guest.ended

    assert one.port.drops["tcp_too_long"] == 1
    assert not one.lines.all()


@pytest.mark.parametrize("limits", [Limits(of_one_host=2), Limits(in_all=2)])
async def test_one_host_has_so_many_connections_and_all_together_have_so_many(
    port: OpenPort, limits: Limits
) -> None:
    one = await port(limits)
    guests = [await one.come() for _ in range(2)]
    for guest in guests:
        await one.prove(guest)
    third = await one.come()
    async with asyncio.timeout(2):
        await third.ended
    assert one.port.drops["tcp_too_many"] == 1

    guests[0].close()
    await until(lambda: len(one.lines.all()) == 1)
    await one.prove(await one.come())


async def test_a_slow_reader_loses_the_picture_first_and_then_the_connection(port: OpenPort) -> None:
    one = await port(Limits(no_video=20_000, closed=60_000))
    loop = asyncio.get_running_loop()
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.setblocking(False)
    await loop.sock_connect(slow, ("127.0.0.1", one.port.number))
    asked = bytes(request(one.transport.credentials.parameters()))
    await loop.sock_sendall(slow, struct.pack("!H", len(asked)) + asked)
    await until(lambda: len(one.transport.addresses) == 1)
    (line,) = one.lines.all()
    picture, sound = bytes((0x80, 101)) + bytes(1100), bytes((0x80, 100)) + bytes(1100)

    for _ in range(600):
        line.send(picture, line.address)
    left_out = one.port.drops["tcp_video"]
    assert left_out > 0
    assert one.port.drops["tcp_slow"] == 0
    for _ in range(100):
        line.send(sound, line.address)

    assert one.port.drops["tcp_video"] == left_out  # sound is never left out
    assert one.port.drops["tcp_slow"] == 1
    await until(lambda: not one.lines.all())
    slow.close()


async def test_a_flood_of_empty_frames_leaves_others_their_turn(port: OpenPort) -> None:
    one = await port(Limits())
    guest = await one.come()
    line = await one.prove(guest)
    asyncio.get_running_loop().remove_reader(line._socket.fileno())

    guest.send_raw(bytes(60_000))
    await asyncio.sleep(0)
    line._read()

    assert 0 < one.port.drops["unknown_protocol"] <= 4096
    line.close()


async def test_a_fault_of_ours_ends_no_connection(port: OpenPort, caplog: pytest.LogCaptureFixture) -> None:
    one = await port(Limits())
    guest = await one.come()
    await one.prove(guest)

    guest.send(bytes((22,)) + bytes(20))  # the stand-in takes no handshake: as good as a bug
    guest.send(bytes(request(one.transport.credentials.parameters())))
    await until(lambda: one.transport.checks == 2)

    assert one.port.drops["fault"] == 1
    assert "could not be handled" in caplog.text
