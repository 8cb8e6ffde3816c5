"""IPv4 and IPv6 on one port: what is announced, and that whoever comes to it is answered from there."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from signaling.media.addresses import announced
from tests.signaling.media.raw import open_raw
from tests.signaling.media.stand import Stand


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


loop = pytest.mark.asyncio(loop_scope="session")
needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest_asyncio.fixture(loop_scope="session")
async def both() -> AsyncIterator[Stand]:
    """A worker on `::`."""
    opened = await Stand().open(host="::")
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 40001)),
        ("192.0.2.1:5000", ("192.0.2.1", 5001)),
        ("2001:db8::1", ("2001:db8::1", 40001)),
        ("[2001:db8::1]:5000", ("2001:db8::1", 5001)),
        ("[2001:db8::1]", ("2001:db8::1", 40001)),
    ],
)
def test_addresses_may_be_told_with_the_first_workers_port(told: str, expected: tuple[str, int]) -> None:
    assert announced("0.0.0.0", 40001, (told,), place=1) == [expected]


def test_several_addresses_are_announced_in_the_order_they_were_told() -> None:
    told = ("192.0.2.1", "2001:db8::1", "192.0.2.9:7")

    assert [host for host, _ in announced("::", 1, told)] == ["192.0.2.1", "2001:db8::1", "192.0.2.9"]


def test_without_settings_it_is_the_bound_address() -> None:
    assert announced("127.0.0.1", 40000, ()) == [("127.0.0.1", 40000)]
    assert announced("::1", 40000, ()) == [("::1", 40000)]


def test_bound_to_everything_no_address_is_told_that_others_cannot_reach() -> None:
    only_v4, both = announced("0.0.0.0", 1, ()), announced("::", 1, ())

    parsed = [ipaddress.ip_address(host) for host, _ in both]
    assert [each.version for each in parsed] in ([4], [6], [4, 6])
    assert [ipaddress.ip_address(host).version for host, _ in only_v4] == [4]
    assert not any(each.is_link_local or each.is_unspecified for each in parsed)
    assert len(both) == 1 or not any(each.is_loopback for each in parsed)


@loop
@needs_ipv6
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_who_comes_by_either_family_is_known_by_the_address_they_came_from(
    both: Stand, protocol: str
) -> None:
    raw = await open_raw(both.plane, "room", "seat", "send")

    for host in ("::1", "127.0.0.1"):
        answer = await raw.check(await raw.come(protocol, host))
        assert answer.attributes["XOR-MAPPED-ADDRESS"][0] == host  # never ::ffff:127.0.0.1
    await raw.leave()


@loop
@needs_ipv6
async def test_sound_goes_from_one_family_to_the_other_and_from_tcp_to_udp(both: Stand) -> None:
    mouth = await open_raw(both.plane, "room", "mouth", "send")
    ear = await open_raw(both.plane, "room", "ear", "recv")
    for raw, protocol, host in ((mouth, "tcp", "::1"), (ear, "udp", "127.0.0.1")):
        await both.plane.place_seat("room", raw.seat, "main")
        await raw.check(await raw.come(protocol, host))
        await raw.shake_hands()
    await ear.consume(await mouth.produce(7))

    mouth.say(b"hello")
    assert await ear.hears(1) == [b"hello"]
    await ear.check(await ear.come("tcp", "::1"))
    mouth.say(b"again")

    assert await ear.hears(2) == [b"hello", b"again"]
    await asyncio.gather(mouth.leave(), ear.leave())


@loop
@needs_ipv6
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_each_address_that_is_told_answers_from_itself(both: Stand, protocol: str) -> None:
    """A browser takes no answer from another address; nor does a connected socket."""
    raw = await open_raw(both.plane, "room", "seat", "send")

    for candidate in raw.options.ice_candidates:
        if candidate.protocol == protocol:
            await raw.check(await raw.come(protocol, candidate.address))
    await raw.leave()


@loop
async def test_a_client_that_tells_no_address_is_answered_where_it_comes_from(stand: Stand) -> None:
    """With mDNS a browser tells names that nobody can resolve. No request carries a candidate: there is none to read."""
    raw = await open_raw(stand.plane, stand.room, (await stand.sit()).seat, "send")

    answer = await raw.check(await raw.come("udp"))

    assert answer.attributes["XOR-MAPPED-ADDRESS"][0] == "127.0.0.1"
    await raw.leave()
