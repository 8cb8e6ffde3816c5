"""A subscriber on a narrow line asks for everything again and again, and gets what the line can carry."""

from __future__ import annotations

import itertools

from signaling.media.wishes import Keyframes, Repairs


def test_a_packet_is_sent_again_once_a_round_trip() -> None:
    repairs = Repairs()

    granted = [repairs.may_send(7, 10 + tick / 16, 0.5) for tick in range(17)]

    assert [tick for tick, each in enumerate(granted) if each] == [0, 8, 16]


def test_another_packet_does_not_wait_for_the_first() -> None:
    repairs = Repairs()

    assert repairs.may_send(7, 10.0, 0.5)
    assert repairs.may_send(8, 10.0, 0.5)


def test_where_no_round_trip_is_known_requests_in_one_breath_are_one() -> None:
    repairs = Repairs()

    assert [repairs.may_send(7, at, None) for at in (10.0, 10.01, 10.03)] == [True, False, True]


def test_what_is_remembered_of_repairs_is_bounded() -> None:
    repairs = Repairs()

    for index in range(5000):
        repairs.may_send(index, 10.0, None)

    assert len(repairs) <= 1024


def test_keyframes_are_granted_less_and_less_often_until_none_was_asked_for_a_while() -> None:
    keyframes = Keyframes()

    granted = [at / 10 for at in range(1000, 1100) if keyframes.may_have(at / 10)]

    pauses = [round(after - before, 1) for before, after in itertools.pairwise(granted)]
    assert granted[0] == 100
    assert pauses == [0.5, 1.0, 2.0, 2.0, 2.0, 2.0]
    assert keyframes.may_have(granted[-1] + 4)
    assert keyframes.may_have(granted[-1] + 4.5)
