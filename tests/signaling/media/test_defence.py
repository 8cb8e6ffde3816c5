"""Strangers, admitted clients and people in the waiting room who mean harm: it costs the others nothing."""

from __future__ import annotations

import struct
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
import pytest_asyncio
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket

from mediation.people.signin import SignedIn
from signaling.bridge import Bridge
from signaling.desk.desk import BUDGET, Connection, Desk
from signaling.media.bandwidth import Line
from signaling.media.dtls import SrtpError, fingerprints, new_certificate
from signaling.media.errors import MediaError
from signaling.media.messages import TransportState
from signaling.media.ortc import map_producer
from signaling.media.payloads import DtlsParameters, Encoding, RtpParameters
from signaling.media.police import ALL, MOST_ANNOUNCED, MOST_REPORTERS, REPAIRS, RTCP, SOUND, renew
from signaling.media.stage import MOST_OF_ONE, MOST_STREAMS
from tests.signaling.media.hall import KEYFRAME, OPUS, Hall, Peer, encoding, picture, rtp
from tests.signaling.media.raw import request


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
    pictures = {100: 1, 101: 2, 102: 3, 103: 4, 104: 4, 105: 5, 106: 5, 107: 5, 108: 6, 110: 7, 111: 8}
    upper = {2, 4, 6, 7}

    for number in (100, 101, 103, 110, 104, 102, 105, 109, 107, 108, 106, 111):
        shown = pictures.get(number, 0)
        body = picture(shown, 2 if shown in upper else 0, key=number == 100) if shown else cut_off
        anna.send(rtp(7, number, payload_type=96, timestamp=number) + body)

    numbers = [struct.unpack_from("!H", data, 2)[0] for data in bert.got()]
    assert len(numbers) > 7
    assert len(set(numbers)) == len(numbers)


async def test_reports_under_ever_new_names_are_not_kept(hall: Hall) -> None:
    """SRTP remembers each SSRC for as long as a transport lives."""
    bert = hall.come("bert", "recv")

    for reporter in range(1, 3 * MOST_REPORTERS):
        renew(bert.transport, 0.5)
        bert.send_rtcp(report(reporter))

    assert hall.drops == {"unknown_ssrc": 2 * MOST_REPORTERS - 1}
    bert.send_rtcp(report(1, 1))
    assert hall.drops == {"unknown_ssrc": 2 * MOST_REPORTERS - 1}


async def test_packets_of_nobody_are_looked_at_some_times_and_not_kept(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    anna.produce(encoding(rid="r0"), encoding(rid="r1"), kind="video", mid="0")
    guesses = anna.transport.guesses

    for ssrc in range(1000, 1000 + 2 * guesses, 2):
        anna.send(rtp(ssrc, 1, payload_type=96) + b"video")
        anna.send(rtp(ssrc + 1, 1, payload_type=96, first=0xA0) + b"\xff")

    assert anna.transport.guesses == 0
    assert hall.drops == {"unknown_ssrc": 3 * guesses // 2, "malformed": guesses // 2}
    for ssrc in range(1000, 1000 + guesses):
        assert not remembered(anna, 0, ssrc)


async def test_consumers_that_come_and_go_leave_nothing_behind(hall: Hall) -> None:
    anna, bert = hall.come("anna", "send"), hall.come("bert", "recv")
    made = anna.produce(encoding(7))
    consumer = bert.take(made)
    ssrc = made.consumers[consumer].sink.ssrc
    anna.speak(7, b"sound")
    assert bert.heard() == [b"sound"]

    hall.stage.close_consumer("bert", consumer)

    assert not remembered(bert, 1, ssrc)


@pytest.mark.parametrize("unsent", ["left_out", "too_long"])
async def test_numbers_that_leap_over_what_is_not_sent_on_are_not_used_twice(hall: Hall, unsent: str) -> None:
    """SRTP sees 16 bits of a number: after a leap of 65,536 in two steps, of which it saw one, it would begin again."""
    anna, bert = hall.come("anna", "send"), hall.come("bert", "recv")
    made = anna.produce(Encoding(ssrc=7, scalability_mode="L1T3"), kind="video")
    sink = made.consumers[bert.take(made)].sink
    sink.temporal = 0
    bert.got()
    nobody = picture(2, 2) if unsent == "left_out" else picture(2) + bytes(1330)

    for number in range(1000, 1010):
        anna.send(rtp(7, number, payload_type=96) + picture(number, key=number == 1000))
    for number in (1009 + 32_767, 1009 + 65_000):
        anna.send(rtp(7, number, payload_type=96) + nobody)
    for number in range(1010 + 65_534, 1010 + 65_544):
        anna.send(rtp(7, number, payload_type=96) + picture(number))

    numbers = [struct.unpack_from("!H", data, 2)[0] for data in bert.got()]
    assert len(numbers) >= 18
    assert len(set(numbers)) == len(numbers)


def remembered(peer: Peer, direction: int, ssrc: int) -> bool:
    """Whether SRTP has something of this SSRC."""
    assert peer.transport._sessions is not None
    try:
        peer.transport._sessions[direction].remove_stream(ssrc)
    except SrtpError:
        return False
    return True


def report(reporter: int, count: int = 1) -> bytes:
    """So many receiver reports in one packet."""
    return struct.pack("!BBHI", 0x80, 201, 1, reporter) * count


@pytest.mark.parametrize("wrong", ["payload_type", "malformed"])
async def test_what_is_sent_in_vain_uses_up_the_allowance(hall: Hall, wrong: str) -> None:
    anna = hall.come("anna", "send")
    anna.produce(encoding(7))
    renew(anna.transport, 0.5)
    body = {
        "payload_type": rtp(7, 0, payload_type=112),
        "malformed": rtp(7, 0, first=0xA0) + b"\xff",
    }

    for number in range(SOUND.packets):
        anna.send(body[wrong][:2] + struct.pack("!H", number) + body[wrong][4:])

    assert hall.drops == {wrong: SOUND.packets // 2, "over_allowance": SOUND.packets // 2}


async def test_repairs_use_up_the_allowance_as_well(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    anna.produce(encoding(7, rtx=8), kind="video")
    anna.speak(7, KEYFRAME, 96)
    renew(anna.transport, 0.5)
    most = anna.transport.incoming[7].most_bytes // 1100

    for number in range(1500):
        anna.send(rtp(8, number, payload_type=97) + struct.pack("!H", number + 2) + bytes(1100))

    assert anna.transport.incoming[7].highest - 0x10000 == pytest.approx(most, rel=0.02)


async def test_all_streams_of_a_transport_share_one_allowance(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    ssrcs = range(1, MOST_STREAMS + 1)
    for low, high in zip(ssrcs[::2], ssrcs[1::2], strict=True):
        anna.produce(encoding(low, rid="r0"), encoding(high, rid="r1"), kind="video")
    renew(anna.transport, 0.5)

    for _ in range(300):
        for ssrc in ssrcs:
            anna.speak(ssrc, b"\x00", 96)

    assert sum(each.packets for each in anna.transport.incoming.values()) <= ALL.packets / 2


async def test_a_packet_that_asks_for_thousands_gets_as_many_as_are_allowed(hall: Hall) -> None:
    anna, bert = hall.come("anna", "send"), hall.come("bert", "recv")
    made = anna.produce(encoding(7, rtx=8), kind="video")
    sink = made.consumers[bert.take(made)].sink
    for _ in range(256):
        anna.speak(7, KEYFRAME, 96)
    first = struct.unpack_from("!H", next(each for each in bert.got() if each[0] > 127), 2)[0]
    renew(bert.transport, 0.5)

    for _ in range(20):
        pairs = b"".join(struct.pack("!HH", first + at & 0xFFFF, 0xFFFF) for at in range(0, 256, 17))
        asked = struct.pack("!BBHII", 0x81, 205, 2 + 18 * 16, 9, sink.ssrc) + 18 * pairs
        sink.repairs.forget()
        bert.send_rtcp(asked)

    assert len(bert.got()) <= REPAIRS // 2
    assert bert.transport.resent > 0
    assert hall.drops["over_allowance"] > 0


async def test_a_compound_of_many_small_reports_counts_as_many(hall: Hall) -> None:
    bert = hall.come("bert", "recv")
    renew(bert.transport, 0.5)

    for _ in range(20):
        bert.send_rtcp(report(9, 100))

    assert hall.drops == {"over_allowance": 20 - RTCP // 2 // 100}


async def test_a_seat_has_so_many_streams_and_takes_a_producer_twice_at_most(hall: Hall) -> None:
    anna, bert = hall.come("anna", "send"), hall.come("bert", "recv")
    layers = [encoding(rid=f"r{place}") for place in range(4)]
    made = [anna.produce(*layers, kind="video", mid=str(each)) for each in range(MOST_STREAMS // 4)]
    with pytest.raises(MediaError, match="too_many"):
        anna.produce(encoding(7))

    for _ in range(MOST_OF_ONE):
        bert.take(made[0])
    with pytest.raises(MediaError, match="too_many"):
        bert.take(made[0])
    bert.take(made[1])


async def test_a_transport_has_so_many_streams_in_all_its_life(hall: Hall) -> None:
    anna = hall.come("anna", "send")
    with pytest.raises(MediaError, match="too_many"):  # noqa: PT012 - one of these is the one too many
        for ssrc in range(1, MOST_ANNOUNCED):
            hall.stage.close_producer("anna", anna.produce(encoding(ssrc)).id)
    assert anna.transport.announced > MOST_ANNOUNCED
    hall.come("anna", "send").produce(encoding(7))


async def test_a_handshake_that_never_ends_is_cleaned_up(hall: Hall) -> None:
    """Who shows the password for hours, and never agrees on keys."""
    hall.stage.place_seat("A", "anna", "main")
    anna = Peer(hall, "A", "anna", "send")
    anna.check()
    begun = time.monotonic()

    for seconds in (10, 20, 29):
        hall.port.receive(
            bytes(request(anna.options.ice_parameters)), anna.socket.getsockname(), begun + seconds
        )
        hall.turn(50, begun + seconds)
        assert anna.transport.state == "new"
    hall.turn(50, begun + 31)

    assert hall.told == [TransportState("A", "anna", anna.transport.id, "closed")]
    assert not hall.port._routes
    assert not hall.port._listening


async def test_who_tells_a_fingerprint_and_never_comes_is_cleaned_up(hall: Hall) -> None:
    hall.stage.place_seat("A", "anna", "main")
    anna = Peer(hall, "A", "anna", "recv")
    theirs = DtlsParameters(fingerprints=fingerprints(new_certificate()), role="client")
    hall.stage.connect_transport("anna", anna.transport.id, theirs)

    hall.turn(50, time.monotonic() + 31)

    assert hall.told == [TransportState("A", "anna", anna.transport.id, "closed")]
    assert not hall.stage.seats["anna"].transports


async def test_a_transport_that_is_never_used_waits_long_and_goes_then(hall: Hall) -> None:
    """A receive transport is connected with the first producer of somebody else: that may take an hour."""
    anna = Peer(hall, "A", "anna", "recv")

    hall.turn(50, time.monotonic() + 3600)
    assert anna.transport.state == "new"
    hall.turn(50, time.monotonic() + 7 * 3600)

    assert hall.told == [TransportState("A", "anna", anna.transport.id, "closed")]
    assert not hall.port._listening


async def test_a_seat_has_two_transports_however_often_it_opens_and_restarts_them(hall: Hall) -> None:
    for _ in range(20):
        for direction in ("send", "recv"):
            opened = hall.stage.open_transport("A", "anna", "send" if direction == "send" else "recv")
            for _ in range(5):
                hall.stage.restart_ice("anna", opened.id)

    assert len(hall.stage.seats["anna"].transports) == 2
    assert len(hall.port._listening) == 4
    hall.stage.close_seat("anna")
    assert not hall.port._listening


async def test_a_fault_with_one_line_lets_the_others_have_their_allowance(hall: Hall) -> None:
    anna, bert, clara = hall.come("anna", "send"), hall.come("bert", "recv"), hall.come("clara", "send")
    made = anna.produce(encoding(7), kind="video")
    bert.take(made)
    clara.produce(encoding(7))
    bert.transport.line = cast("Line", None)
    clara.transport.incoming[7].most_packets = 0

    hall.turn(25, time.monotonic())

    assert hall.drops == {"fault": 1}
    assert clara.transport.incoming[7].most_packets > 0


def test_names_that_are_too_long_to_be_any_are_refused() -> None:
    told = {"codecs": [], "encodings": [], "mid": "m" * 257}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told, RtpParameters)
    kept = map_producer(
        "audio",
        RtpParameters(
            codecs=[msgspec.structs.replace(OPUS, parameters={"usedtx": 1, "x": "y" * 10_000})],
            encodings=[Encoding(ssrc=7)],
        ),
    )
    assert kept.codec.parameters == {"usedtx": 1}


@pytest.mark.parametrize(
    "name",
    [
        "open_transport",
        "connect_transport",
        "restart_ice",
        "produce",
        "consume",
        "resume_consumer",
        "set_layers",
    ],
)
async def test_what_a_client_can_ask_again_and_again_has_a_limit(name: str) -> None:
    """Each of these comes to the worker: none is free."""
    settings = SimpleNamespace(turn_urls=(), turn_secret="", turn_hours=1)
    nothing: Any = None
    desk = Desk(cast("Bridge", SimpleNamespace(settings=settings)), nothing, nothing, nothing)
    desk.connections["socket"] = Connection(
        "socket", cast("SignedIn", SimpleNamespace(locale="en", person="anna"))
    )

    answers = [cast("Any", await desk.answer(name, "socket", {})) for _ in range(BUDGET + 50)]

    refused = [each for each in answers if each["error"]["code"] == "too_many"]
    assert len(answers) - len(refused) <= BUDGET + 20
