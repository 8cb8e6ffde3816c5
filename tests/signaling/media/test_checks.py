"""Checks of the path from strangers, forgers and clients who lie about their address: no answer, and nobody else notices."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from aioice import stun

from signaling.media.ice import Credentials, read_check
from signaling.media.police import CHECKS, renew
from signaling.media.transport import MOST_ADDRESSES
from tests.signaling.media.hall import Hall, encoding
from tests.signaling.media.raw import request


@pytest_asyncio.fixture
async def hall() -> AsyncIterator[Hall]:
    made = Hall()
    yield made
    made.close()


async def test_who_knows_the_name_and_not_the_password_gets_nothing_and_takes_nothing(hall: Hall) -> None:
    """The name of a transport goes over the line in the clear: a flood of it must not end the consent of its owner."""
    anna, stranger = hall.come("anna", "send"), hall.stranger()
    anna.got()
    renew(anna.transport, 0.5)

    for _ in range(10 * CHECKS):
        anna.check(stranger, password="guessed")
    anna.check()

    assert hall.drops == {"stun_password": 10 * CHECKS}
    assert received(stranger) == []
    assert len(anna.got()) == 1


async def test_a_flood_for_names_that_nobody_has_is_dropped(hall: Hall) -> None:
    anna, stranger = hall.come("anna", "send"), hall.stranger()

    for _ in range(1000):
        hall.say(bytes(request(Credentials().parameters())), stranger)

    assert hall.drops == {"stun": 1000}
    assert received(stranger) == []
    assert list(anna.transport.addresses) == [anna.socket.getsockname()]


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
async def test_an_answer_is_never_larger_than_what_was_asked(hall: Hall, host: str) -> None:
    anna = hall.come("anna", "send")
    sent: list[bytes] = []
    hall.port.send = lambda data, address: sent.append(data)  # type: ignore[method-assign]
    answered = []
    for priority, software, controls, fingerprint in itertools.product(
        (None, 1), (None, "s"), (None, 7), (True, False)
    ):
        told = {"PRIORITY": priority, "SOFTWARE": software, "ICE-CONTROLLING": controls}
        name = {"USERNAME": f"{anna.options.ice_parameters.username_fragment}:"}
        asked = stun.Message(
            stun.Method.BINDING, stun.Class.REQUEST, attributes=name | {k: v for k, v in told.items() if v}
        )
        asked.add_message_integrity(anna.options.ice_parameters.password.encode())
        if not fingerprint:
            del asked.attributes["FINGERPRINT"]

        hall.port.receive(bytes(asked), (host, 9), 1.0)

        answered += [(len(bytes(asked)), len(each)) for each in sent]
        sent.clear()
    assert answered
    assert all(answer <= asked for asked, answer in answered)


@pytest.mark.parametrize("spoilt", ["cut", "longer", "integrity", "other", "endless"])
async def test_a_check_that_is_not_whole_gets_no_answer(hall: Hall, spoilt: str) -> None:
    anna, stranger = hall.come("anna", "send"), hall.stranger()
    whole = bytes(request(anna.options.ice_parameters))
    at = whole.index(b"\x00\x08\x00\x14")
    asked = {
        "cut": whole[: at + 20],
        "longer": whole + bytes(600),
        "integrity": whole[: at + 2] + b"\x00\x00" + whole[at + 4 :],
        "other": whole[:30] + bytes((whole[30] ^ 1,)) + whole[31:],
        "endless": whole[:at] + b"\x00\x22\xff\xff" + whole[at:],
    }

    hall.say(asked[spoilt], stranger)

    assert received(stranger) == []
    assert sum(hall.drops.values()) == 1
    assert len(anna.transport.addresses) == 1


async def test_nobody_takes_the_address_that_another_uses(hall: Hall) -> None:
    """UDP's source address can be made up; who knows anna's must not cut her off by a check of his own transport."""
    anna, bert, mallory = hall.come("anna", "send"), hall.come("bert", "recv"), hall.come("mallory", "send")
    bert.take(anna.produce(encoding(7)))

    mallory.check(anna.socket)
    anna.speak(7, b"sound")

    assert hall.drops == {"address_in_use": 1}
    assert bert.heard() == [b"sound"]
    later = time.monotonic() + 11
    hall.port.receive(bytes(request(mallory.options.ice_parameters)), anna.socket.getsockname(), later)
    assert anna.socket.getsockname() in mallory.transport.addresses


async def test_an_address_is_remembered_for_its_last_check_and_only_some_are(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    others = [hall.stranger() for _ in range(2 * MOST_ADDRESSES)]
    for each in others:
        anna.check(each, nominates=False)

    assert len(anna.transport.addresses) == MOST_ADDRESSES
    assert anna.transport.address == anna.socket.getsockname()
    assert len(hall.port._routes) == MOST_ADDRESSES


def received(sock: socket.socket) -> list[bytes]:
    found = []
    with suppress(BlockingIOError):
        while True:
            found.append(sock.recv(2048))
    return found


def test_a_check_is_read_as_a_whole_implementation_of_stun_writes_it() -> None:
    ours = Credentials()
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"PRIORITY": 1, "USERNAME": f"{ours.fragment}:theirs", "USE-CANDIDATE": None},
    )
    message.add_message_integrity(ours.password.encode())
    data = bytes(message)

    check = read_check(data)

    assert check is not None
    assert check.fragment == ours.fragment
    assert check.nominates
    assert check.proves(ours)
    assert not check.proves(Credentials(fragment=ours.fragment))
    for broken in (data[:30], data[:-1], b"\x01\x01" + data[2:], b"\x00\x01" + b"\xff" * 18, data + b"1234"):
        assert read_check(broken) is None


def test_each_bit_of_a_check_is_covered_by_its_proof() -> None:
    ours = Credentials()
    data = bytes(request(ours.parameters()))

    for place in range(len(data) - 8):  # the fingerprint comes after the proof
        flipped = bytearray(data)
        flipped[place] ^= 4
        check = read_check(bytes(flipped))
        assert check is None or check.fragment != ours.fragment or not check.proves(ours), place


@pytest.mark.parametrize(
    ("host", "told"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1")],
)
def test_an_answer_is_read_by_a_whole_implementation_of_stun(host: str, told: str) -> None:
    ours = Credentials()
    asked = request(ours.parameters())
    check = read_check(bytes(asked))
    assert check is not None

    answer = stun.parse_message(check.answer(ours, (host, 4567)))

    assert answer.message_class == stun.Class.RESPONSE
    assert answer.transaction_id == asked.transaction_id
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == (told, 4567)
    proof = answer.attributes["MESSAGE-INTEGRITY"]
    del answer.attributes["MESSAGE-INTEGRITY"], answer.attributes["FINGERPRINT"]
    answer.add_message_integrity(ours.password.encode())
    assert answer.attributes["MESSAGE-INTEGRITY"] == proof
