"""Strangers, admitted clients and people in the waiting room who mean harm: it costs the others nothing."""

from __future__ import annotations

import struct
import time
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket

from signaling.media.payloads import Encoding
from tests.signaling.media.hall import KEYFRAME, Hall, encoding, picture, rtp


@pytest_asyncio.fixture
async def hall() -> AsyncIterator[Hall]:
    made = Hall()
    yield made
    made.close()


async def test_an_absurd_estimate_of_bandwidth_is_no_number_that_cannot_be_told(hall: Hall) -> None:
    anna, bert = hall.come("anna", "send"), hall.come("bert", "recv")
    bert.take(anna.produce(encoding(7)))
    remb = struct.pack("!BBHII4sBBHI", 0x8F, 206, 5, 9, 0, b"REMB", 1, 63 << 2 | 3, 0xFFFF, 7)

    bert.send_rtcp(remb)

    assert bert.transport.available
    assert msgspec.msgpack.encode(hall.rounds.statistics(None))


async def test_what_is_lost_where_numbers_start_again_is_asked_for(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    anna.produce(encoding(7))
    for number in (65_530, 65_534, 65_541, 65_580):
        anna.numbers[7] = number
        anna.speak(7, b"sound")

    hall.turn(1, time.monotonic() + 0.1)

    (asked,) = [each for each in anna.told() if isinstance(each, RtcpRtpfbPacket)]
    missing = {*range(65_532, 65_535), *range(65_536, 65_542), *range(65_543, 65_581)}
    assert {number & 0xFFFF for number in asked.lost} == {number & 0xFFFF for number in missing}


async def test_requests_for_many_streams_stay_packets_that_can_be_sent(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    ssrcs = range(1, 17)
    for low, high in zip(ssrcs[::2], ssrcs[1::2], strict=True):
        anna.produce(encoding(low, rid="r0"), encoding(high, rid="r1"), kind="video")
    for ssrc in ssrcs:
        for number in range(0, 250, 2):
            anna.numbers[ssrc] = number
            anna.speak(ssrc, KEYFRAME, 96)
        anna.transport.incoming[ssrc].want_keyframe()

    hall.turn(1, time.monotonic() + 0.1)

    sent = anna.got()
    assert max(map(len, sent)) < 1200
    told = anna.told(sent)
    assert {each.media_ssrc for each in told if isinstance(each, RtcpRtpfbPacket)} == set(ssrcs)
    assert {each.media_ssrc for each in told if isinstance(each, RtcpPsfbPacket)} == set(ssrcs)


async def test_no_two_packets_ever_go_out_under_one_number(hall: Hall) -> None:
    """AES-GCM gives its key away where a nonce covers two things; late packets beside layers that are left out did that."""
    anna, bert = hall.come("anna", "send"), hall.come("bert", "recv")
    made = anna.produce(Encoding(ssrc=7, scalability_mode="L1T3"), kind="video")
    sink = made.consumers[bert.take(made)].sink
    sink.temporal = 0
    bert.got()
    cut_off = b"\x90\x00\x00\x01\x01"
    upper = {101, 103, 110, 104, 108}

    for number in (100, 101, 103, 110, 104, 102, 105, 109, 107, 108, 106, 111):
        body = cut_off if number == 109 else picture(number, 2 if number in upper else 0, key=number == 100)
        anna.send(rtp(7, number, payload_type=96, timestamp=number) + body)

    numbers = [struct.unpack_from("!H", data, 2)[0] for data in bert.got()]
    assert len(numbers) > 7
    assert len(set(numbers)) == len(numbers)
