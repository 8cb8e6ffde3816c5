"""What one publisher may send: a flood is cut off, and what browsers send never is."""

from __future__ import annotations

import struct
from collections import Counter
from contextlib import closing
from typing import cast

import pytest
from aioice import stun

from signaling.media.dtls import new_certificate
from signaling.media.feedback import Arrivals
from signaling.media.forward import forward
from signaling.media.incoming import Incoming
from signaling.media.police import CHECKS, LEAST_REPAIRS, PICTURE, RTCP, SOUND, renew
from signaling.media.port import Port, bind
from signaling.media.rtcp import read_rtcp
from signaling.media.transport import Transport


class Sender:
    """A transport whose packets need no keys."""

    def __init__(self, mime_type: str) -> None:
        self.drops: Counter[str] = Counter()
        self.heard_at = 0.0
        self.guesses = 0
        self.repairs: dict[int, Incoming] = {}
        self.rtcp_left = self.repairs_left = self.checks_left = 0
        self.bytes_out = self.bytes_again = self.bytes_before = 0
        self.repair_bytes = 0
        self.reporters: set[int] = set()
        self.arrived = Arrivals().add
        self.heads = (-1, -1, -1)
        self.needs_feedback: set[Incoming] = set()
        self.opened = 0
        self.stream = Incoming(
            cast("Transport", self),
            7,
            mime_type=mime_type,
            clock_rate=90_000,
            payload_type=96,
            rtx_payload_type=97,
        )
        self.incoming = {7: self.stream}
        self.number = 0

    def unprotect(self, data: bytes) -> bytes:
        self.opened += 1
        return data

    unprotect_rtcp = unprotect

    def send(self, count: int, size: int = 1000) -> int:
        """How many of so many packets were taken."""
        before = self.stream.packets
        for _ in range(count):
            self.number = (self.number + 1) & 0xFFFF
            forward(
                cast("Transport", self), struct.pack("!BBHII", 0x80, 96, self.number, 0, 7) + bytes(size), 1.0
            )
        return self.stream.packets - before


@pytest.mark.parametrize(("mime_type", "allowed"), [("audio/opus", SOUND), ("video/VP8", PICTURE)])
def test_packets_over_the_allowance_are_dropped_before_they_are_decrypted(
    mime_type: str, allowed: object
) -> None:
    assert allowed in (SOUND, PICTURE)
    sender = Sender(mime_type)
    limit = (SOUND if mime_type == "audio/opus" else PICTURE).packets
    renew(cast("Transport", sender), 1.0)

    taken = sender.send(3 * limit, size=20)

    assert taken == limit
    assert sender.opened == limit
    assert sender.drops["over_allowance"] == 2 * limit
    renew(cast("Transport", sender), 1.0)
    assert sender.send(10, size=20) == 10


def test_bits_over_the_allowance_are_dropped() -> None:
    sender = Sender("video/VP8")
    renew(cast("Transport", sender), 0.5)

    taken = sender.send(1000, size=1200)

    assert taken * 1200 * 8 == pytest.approx(PICTURE.bits / 2, rel=0.01)


def test_a_picture_of_4_megabits_is_never_cut() -> None:
    sender = Sender("video/VP8")
    for _ in range(10):
        renew(cast("Transport", sender), 0.5)
        assert sender.send(230, size=1100) == 230
    assert not sender.drops


def test_a_flood_of_reports_is_cut_off() -> None:
    sender = Sender("video/VP8")
    renew(cast("Transport", sender), 1.0)

    for _ in range(2 * RTCP):
        read_rtcp(cast("Transport", sender), bytes((0x80, 201, 0, 1, 0, 0, 0, 1)), 1.0)

    assert sender.opened == RTCP
    assert sender.drops["over_allowance"] == RTCP


def test_repairs_of_pictures_take_no_more_than_half_of_what_was_sent_for_the_first_time() -> None:
    sender = Sender("video/VP8")
    sender.bytes_out, sender.bytes_again = 130_000, 30_000

    renew(cast("Transport", sender), 0.5)
    assert sender.repair_bytes == 50_000

    renew(cast("Transport", sender), 0.5)
    assert sender.repair_bytes == LEAST_REPAIRS


def test_a_flood_of_checks_is_cut_off_and_other_transports_go_on() -> None:
    with closing(bind("127.0.0.1", 0)) as sock:
        port = Port(sock)
        certificate = new_certificate()
        flooded, other = (
            Transport(port, cast("object", None), certificate, room="r", seat=seat, direction="send")  # type: ignore[arg-type]
            for seat in ("a", "b")
        )
        for transport in (flooded, other):
            renew(transport, 1.0)
        answered = []
        port.send = lambda data, address: answered.append(address)  # type: ignore[method-assign]

        for _ in range(2 * CHECKS):
            port.receive(check(flooded), ("192.0.2.1", 1), 1.0)
        port.receive(check(other), ("192.0.2.2", 2), 1.0)

    assert answered == [("192.0.2.1", 1)] * CHECKS + [("192.0.2.2", 2)]
    assert port.drops["over_allowance"] == CHECKS


def check(transport: Transport) -> bytes:
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{transport.credentials.fragment}:theirs", "PRIORITY": 1},
    )
    message.add_message_integrity(transport.credentials.password.encode())
    return bytes(message)
