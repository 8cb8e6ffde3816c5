"""Packets come back into their order, across every wrap-around; what does not come is given up in time."""

from __future__ import annotations

import random

import pytest

from signaling.media.recording.pipe import Taken
from signaling.media.recording.reorder import PATIENCE, Reorder


def packet(number: int) -> Taken:
    return Taken(1, number, number, 0, 0.0, b"x")


def pushed(reorder: Reorder, numbers: list[int]) -> list[int]:
    return [each.number for number in numbers for each in reorder.push(packet(number))[0]]


@pytest.mark.parametrize("first", [0, 65530, 2**32 - 5, 2**40])
def test_what_comes_in_any_order_goes_on_in_order(first: int) -> None:
    numbers = list(range(first, first + 100))
    mixed = numbers[:1] + sorted(numbers[1:], key=lambda each: each + random.Random(each).randrange(8))
    reorder = Reorder("video")

    assert pushed(reorder, mixed) == numbers
    assert (reorder.lost, reorder.gaps) == (0, 0)


def test_duplicates_and_what_comes_too_late_go_nowhere() -> None:
    reorder = Reorder("audio")

    assert pushed(reorder, [5, 6, 6, 5, 7, 4]) == [5, 6, 7]


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_missing_packet_is_waited_for_and_then_given_up(kind: str) -> None:
    patience = PATIENCE[kind]
    reorder = Reorder(kind)
    pushed(reorder, [0])

    held = pushed(reorder, list(range(3, 2 + patience)))
    ready, torn = reorder.push(packet(2 + patience))

    assert held == []
    assert torn
    assert [each.number for each in ready] == list(range(3, 3 + patience))
    assert (reorder.lost, reorder.gaps) == (2, 1)


def test_a_repair_that_comes_in_time_is_no_loss() -> None:
    reorder = Reorder("video")
    pushed(reorder, [0, *range(2, 150)])

    ready, torn = reorder.push(packet(1))

    assert not torn
    assert len(ready) == 149
    assert reorder.lost == 0


def test_what_nobody_was_to_take_is_no_loss() -> None:
    reorder = Reorder("audio")
    pushed(reorder, [0, 1])

    reorder.restart(5000)

    assert pushed(reorder, [5000, 5001]) == [5000, 5001]
    assert reorder.lost == 0


def test_at_the_end_what_waited_comes_in_runs() -> None:
    reorder = Reorder("video")
    pushed(reorder, [0, 2, 3, 6])

    runs = reorder.rest()

    assert [([each.number for each in ready], torn) for ready, torn in runs] == [([2, 3], True), ([6], True)]
    assert (reorder.lost, reorder.gaps) == (3, 2)
