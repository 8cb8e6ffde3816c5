"""Transport-wide feedback: what a publisher's browser reads out of it is what arrived."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.feedback import MOST_PACKETS, Arrivals


def read(message: bytes) -> tuple[int, dict[int, float | None]]:
    """Decode one message as a browser does: base number, and each packet's arrival in ms or None."""
    _, kind, words, _, _, base, count, reference = struct.unpack_from("!BBHIIHHI", message)
    assert kind == 205
    assert len(message) == 4 * (words + 1)
    at = 20
    statuses: list[int] = []
    while len(statuses) < count:
        (chunk,) = struct.unpack_from("!H", message, at)
        at += 2
        if chunk & 0x8000:
            assert chunk & 0x4000
            statuses += [(chunk >> shift) & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> 13] * (chunk & 0x1FFF)
    clock = (reference >> 8) * 64.0
    arrivals: dict[int, float | None] = {}
    for place, status in enumerate(statuses[:count]):
        number = (base + place) & 0xFFFF
        arrivals[number] = None
        if status:
            size = {1: "!B", 2: "!h"}[status]
            clock += struct.unpack_from(size, message, at)[0] * 0.25
            at += struct.calcsize(size)
            arrivals[number] = clock
    return base, arrivals


def test_a_gap_and_the_wrap_are_reported() -> None:
    arrivals = Arrivals()
    for place, number in enumerate((65533, 65534, 0, 1)):
        arrivals.add((number, 1 + place * 0.005))

    (message,) = arrivals.take(1, 2)
    base, seen = read(message)

    assert base == 65533
    assert list(seen) == [65533, 65534, 65535, 0, 1]
    assert seen[65535] is None
    assert [round(each) for each in seen.values() if each is not None] == [1000, 1005, 1010, 1015]


def test_jumbled_packets_get_their_own_times_and_duplicates_none() -> None:
    arrivals = Arrivals()
    for number, at in ((10, 0.0), (12, 0.004), (11, 0.008), (12, 0.009)):
        arrivals.add((number, at))

    _, seen = read(arrivals.take(1, 2)[0])

    assert seen == {10: 0, 11: 8, 12: 4}


def test_what_was_lost_between_two_messages_is_reported_once_and_what_was_reported_never_again() -> None:
    arrivals = Arrivals()
    arrivals.add((1, 0.0))
    first = arrivals.take(1, 2)
    arrivals.add((3, 0.001))
    second = arrivals.take(1, 2)
    arrivals.add((2, 0.002))

    assert read(first[0])[1] == {1: 0}
    assert read(second[0])[1] == {2: None, 3: 1}
    assert arrivals.take(1, 2) == []
    assert second[0][19] == 1  # the message's own count


def test_a_burst_is_spread_over_messages_that_srtp_can_take() -> None:
    arrivals = Arrivals()
    for number in range(1500):
        arrivals.add((number & 0xFFFF, number * 0.3))

    messages = arrivals.take(1, 2)

    assert len(messages) >= 1500 // MOST_PACKETS
    assert all(len(message) < 1300 for message in messages)
    assert sum(len(read(message)[1]) for message in messages) == 1500


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 65535), min_size=1, max_size=60),
    st.lists(st.integers(0, 2_000_000), min_size=60, max_size=60),
)
def test_whatever_numbers_come_the_messages_can_be_read(numbers: list[int], steps: list[int]) -> None:
    arrivals, now = Arrivals(), 0
    for number, step in zip(numbers, steps, strict=False):
        now += step
        arrivals.add((number, now / 1e6))

    for message in arrivals.take(1, 2):
        base, seen = read(message)
        assert len(seen) <= MOST_PACKETS
        assert seen[base] is not None or any(each is not None for each in seen.values())


@given(
    st.integers(0, 65535),
    st.lists(st.floats(0, 0.06), min_size=1, max_size=60),
)
def test_the_usual_case_says_the_same_as_the_long_way(first: int, steps: list[float]) -> None:
    short, long = Arrivals(), Arrivals()
    now = 1000.0
    for arrivals in (short, long):
        arrivals.add((first, now))
        arrivals.take(1, 2)
    numbers = [(first + 1 + place) & 0xFFFF for place in range(len(steps))]
    came = []
    for number, step in zip(numbers, steps, strict=True):
        now += step
        came.append((number, now))
    for each in came:
        short.add(each)
    # A duplicate is left out, and takes the other way.
    for each in [*came, came[-1]]:
        long.add(each)

    (one,), (other,) = short.take(1, 2), long.take(1, 2)

    assert read(one)[0] == read(other)[0]
    for at, also_at in zip(read(one)[1].values(), read(other)[1].values(), strict=True):
        assert at is not None
        assert also_at is not None
        assert abs(at - also_at) < 1
    assert short.take(1, 2) == long.take(1, 2) == []
