"""Packets that do not belong: whoever makes them, they are dropped and counted, and the others' media flows as before."""

from __future__ import annotations

import random
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from signaling.media.errors import MediaError
from signaling.media.extensions import MID
from signaling.media.ortc import router_capabilities
from signaling.media.police import renew
from tests.signaling.media.hall import KEYFRAME, Hall, encoding, extension, rtp

SOUND, PICTURE, REPAIR = 7, 20, 21


class Injected(Hall):
    """Anna speaks and shows, Bert takes both, and Mallory is admitted as well."""

    def __init__(self) -> None:
        super().__init__()
        self.anna, self.bert = self.come("anna", "send"), self.come("bert", "recv")
        self.mallory = self.come("mallory", "send")
        self.outsider = self.stranger()
        self.bert.take(self.anna.produce(encoding(SOUND)))
        self.bert.take(self.anna.produce(encoding(PICTURE, REPAIR), kind="video"))
        self.bert.take(self.mallory.produce(encoding(99)))
        self.said = 0

    def flows(self) -> bool:
        """Whether one packet of each more comes through, and nothing besides."""
        self.said += 1
        sound, picture = b"sound %d" % self.said, KEYFRAME + b"%d" % self.said
        self.anna.speak(SOUND, sound)
        self.anna.speak(PICTURE, picture, 96)
        return self.bert.heard() == [sound, picture]


@pytest_asyncio.fixture
async def injected() -> AsyncIterator[Injected]:
    made = Injected()
    assert made.flows()
    made.port.drops.clear()
    yield made
    made.close()


def _of_another_key(at: Injected) -> None:
    at.anna.say(at.mallory.sealed(rtp(SOUND, 50) + b"no"))


def _a_replay(at: Injected) -> None:
    sealed = at.anna.sealed(rtp(SOUND, 2, timestamp=9) + b"sound 2")
    at.anna.say(sealed)
    assert at.bert.heard() == [b"sound 2"]
    at.anna.say(sealed)
    at.anna.numbers[SOUND] = 2


def _cut_off(at: Injected) -> None:
    at.anna.say(at.anna.sealed(rtp(SOUND, 50) + b"no")[:-1])


def _of_three_bytes_of_nothing(at: Injected) -> None:
    at.anna.say(b"\x80\x6f\x00")


def _from_another_address(at: Injected) -> None:
    at.say(at.anna.sealed(rtp(SOUND, 50) + b"no"), at.outsider)


def _of_an_ssrc_that_nobody_announced(at: Injected) -> None:
    at.anna.send(rtp(12345, 1) + b"no")


def _of_another_seats_ssrc(at: Injected) -> None:
    at.mallory.send(rtp(SOUND, 50) + b"no")


def _of_a_payload_type_that_was_not_agreed_on(at: Injected) -> None:
    at.anna.send(rtp(SOUND, 50, payload_type=112) + b"no")


def _of_a_repair_as_a_picture(at: Injected) -> None:
    at.anna.send(rtp(REPAIR, 50, payload_type=96) + b"no")


def _of_a_picture_as_a_repair(at: Injected) -> None:
    at.anna.send(rtp(PICTURE, 50, payload_type=97) + b"\0\1no")


def _a_repair_of_what_is_here(at: Injected) -> None:
    at.anna.send(rtp(REPAIR, 1, payload_type=97) + b"\0\1no")


def _padding_beyond_its_end(at: Injected) -> None:
    at.anna.send(rtp(SOUND, 50, first=0xA0) + b"no\xff")


def _a_header_longer_than_the_packet(at: Injected) -> None:
    at.anna.say(rtp(SOUND, 50, first=0x8F) + bytes(20))


def _an_extension_longer_than_the_packet(at: Injected) -> None:
    at.anna.say(rtp(SOUND, 50, first=0x90) + b"\xbe\xde\xff\xff" + bytes(20))


def _longer_than_can_be_sent_on(at: Injected) -> None:
    at.anna.send(rtp(SOUND, 50) + bytes(1310))


def _reports_of_another_key(at: Injected) -> None:
    at.anna.say(at.mallory._sending.protect_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 9)))


def _reports_that_lie_about_their_length(at: Injected) -> None:
    at.anna.send_rtcp(struct.pack("!BBHI", 0x81, 201, 9, 9))


def _a_goodbye_for_another(at: Injected) -> None:
    at.outsider.sendto(bytes((21, 254, 253)) + bytes(8) + b"\0\2\1\0", at.address)
    at.port.drain()


_ATTEMPTS: list[tuple[str, Callable[[Injected], None]]] = [
    ("srtp", _of_another_key),
    ("srtp_replay", _a_replay),
    ("srtp", _cut_off),
    ("unknown_protocol", _of_three_bytes_of_nothing),
    ("unknown_address", _from_another_address),
    ("unknown_ssrc", _of_an_ssrc_that_nobody_announced),
    ("unknown_ssrc", _of_another_seats_ssrc),
    ("payload_type", _of_a_payload_type_that_was_not_agreed_on),
    ("payload_type", _of_a_repair_as_a_picture),
    ("payload_type", _of_a_picture_as_a_repair),
    ("duplicate", _a_repair_of_what_is_here),
    ("malformed", _padding_beyond_its_end),
    ("srtp", _a_header_longer_than_the_packet),
    ("srtp", _an_extension_longer_than_the_packet),
    ("too_long", _longer_than_can_be_sent_on),
    ("srtcp", _reports_of_another_key),
    ("malformed_rtcp", _reports_that_lie_about_their_length),
    ("unknown_address", _a_goodbye_for_another),
]


@pytest.mark.parametrize(
    ("why", "attempt"), _ATTEMPTS, ids=[each.__name__.strip("_") for _, each in _ATTEMPTS]
)
async def test_what_does_not_belong_is_dropped_and_counted(
    injected: Injected, why: str, attempt: Callable[[Injected], None]
) -> None:
    attempt(injected)

    assert injected.drops == {why: 1}
    assert injected.bert.heard() == []
    assert injected.flows()


async def test_an_ssrc_that_is_in_use_cannot_be_announced_again(injected: Injected) -> None:
    for taken in (encoding(SOUND), encoding(5, PICTURE), encoding(5, REPAIR), encoding(5, 5)):
        with pytest.raises(MediaError, match="bad_parameters"):
            injected.anna.produce(taken, kind="video")

    assert injected.flows()


async def test_a_repair_of_nothing_is_bound_to_nothing(injected: Injected) -> None:
    """RTX under the MID of a picture, for a layer that nobody announced."""
    dora = injected.come("dora", "send")
    dora.produce(encoding(rid="r0"), kind="video", mid="0", header_extensions=[extension(MID, 1)])

    named = b"\xbe\xde\x00\x01\x10" + b"0\0\0"
    dora.send(rtp(500, 1, payload_type=97, first=0x90) + named + b"\0\1video")

    assert injected.drops == {"unknown_ssrc": 1}
    assert not dora.transport.repairs
    assert injected.flows()


async def test_who_waits_outside_is_heard_by_nobody_whatever_he_sends(injected: Injected) -> None:
    waiting = injected.come("waiting", "send", place=None)
    made = waiting.produce(encoding(5))
    for seat, transport in (
        ("bert", injected.bert),
        ("waiting", injected.come("waiting", "recv", place=None)),
    ):
        with pytest.raises(MediaError, match="not_found"):
            injected.stage.consume(seat, transport.transport.id, made.id, router_capabilities())
    with pytest.raises(MediaError, match="not_found"):
        injected.stage.consume(
            "waiting",
            next(iter(injected.stage.seats["waiting"].transports)),
            next(iter(injected.stage.seats["anna"].producers)),
            router_capabilities(),
        )

    waiting.speak(5, b"sound")

    assert waiting.transport.incoming[5].packets == 1
    assert injected.bert.heard() == []
    assert injected.flows()


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
async def test_random_packets_stop_nobody_and_leave_nothing(injected: Injected, count: int) -> None:
    """From a stranger, and with the made-up address of somebody who is admitted."""
    dice = random.Random(5)
    bursts = 20
    before = resident()
    dropped = 0

    for _ in range(count // bursts // 2):
        for sock in (injected.outsider, injected.anna.socket):
            for _ in range(bursts):
                sock.sendto(dice.randbytes(dice.randrange(1, 200)), injected.address)
            injected.port.drain()
        assert injected.flows()
        renew(injected.anna.transport, 0.5)

    dropped = sum(injected.port.drops.values())
    assert (
        dropped >= count * 0.99
    )  # DTLS of an admitted address is taken and not counted, up to its allowance
    assert injected.drops.get("fault", 0) == 0
    assert len(injected.port.drops) < 12
    assert resident() - before < 8_000_000


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096
