"""What a line carries: taken back where it does not, and tried again, later and later."""

from __future__ import annotations

from signaling.media.bandwidth import Bandwidth, Line


class Clock:
    """Looks at a line once a second."""

    def __init__(self) -> None:
        self.bandwidth = Bandwidth()
        self.now = 100.0

    def look(
        self, times: int = 1, *, sent: int = 1_000_000, loss: float = 0.0, remb: int | None = None
    ) -> list[int]:
        """The budgets that were set during so many seconds."""
        budgets = []
        for _ in range(times):
            self.now += 1
            budget = self.bandwidth.look(self.now, sent=sent, least=100_000, loss=loss, remb=remb)
            if budget is not None:
                budgets.append(budget)
        return budgets


def test_a_good_line_is_left_alone() -> None:
    clock = Clock()

    assert clock.look(10) == []
    assert clock.look(10, loss=0.05, remb=1_400_000) == []


def test_one_bad_second_is_bad_luck() -> None:
    clock = Clock()

    assert clock.look(1, loss=0.3) == []
    assert clock.look(1) == []
    assert clock.look(1, loss=0.3) == []


def test_heavy_loss_takes_the_picture_back() -> None:
    (budget,) = Clock().look(2, loss=0.2)

    assert 700_000 < budget < 900_000


def test_an_estimate_below_what_is_sent_takes_back_to_the_estimate() -> None:
    (budget,) = Clock().look(2, remb=400_000)

    assert 300_000 < budget < 400_000


def test_an_estimate_that_rises_is_no_overload() -> None:
    clock = Clock()

    assert [clock.look(1, remb=300_000 + 25_000 * second) for second in range(12)] == [[]] * 12


def test_only_heavy_loss_takes_the_smallest_picture() -> None:
    assert Clock().look(2, sent=120_000, loss=0.11) == [102_060]
    assert Clock().look(2, sent=105_000, loss=0.11) == [100_000]
    assert Clock().look(2, sent=110_000, loss=0.4)[0] < 100_000


def test_an_estimate_that_is_low_for_jitter_leaves_everybody_the_smallest_picture() -> None:
    clock = Clock()

    assert clock.look(2, sent=360_000, remb=40_000) == [100_000]
    assert clock.look(20, sent=100_000, remb=40_000) == []


def test_a_line_that_always_loses_some_packets_may_try_again() -> None:
    clock = Clock()
    clock.look(30, loss=0.09, sent=700_000)
    clock.bandwidth.tries(clock.now, sent=700_000)

    assert clock.look(8, loss=0.09, sent=900_000) == []


def test_a_step_that_fails_is_taken_back_and_tried_later_and_later() -> None:
    clock = Clock()
    clock.look(2, loss=0.2)
    waits = []

    for _ in range(4):
        began = clock.now
        while not clock.bandwidth.may_try(clock.now, cost=900_000, remb=None):
            clock.look(1, sent=700_000)
        waits.append(clock.now - began)
        clock.bandwidth.tries(clock.now, sent=700_000)
        assert clock.look(1, loss=0.2) == [700_000]

    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[0]


def test_a_step_that_the_line_likes_stays() -> None:
    clock = Clock()
    clock.look(2, loss=0.2)
    clock.look(10, sent=700_000)
    clock.bandwidth.tries(clock.now, sent=700_000)

    assert [clock.look(1, sent=900_000, remb=720_000 + 30_000 * second) for second in range(10)] == [[]] * 10
    assert clock.bandwidth.may_try(clock.now, cost=1_000_000, remb=None)


def test_a_generous_estimate_need_not_wait() -> None:
    clock = Clock()
    clock.look(2, loss=0.2)

    assert not clock.bandwidth.may_try(clock.now, cost=900_000, remb=800_000)
    assert clock.bandwidth.may_try(clock.now, cost=900_000, remb=1_000_000)


def test_a_line_is_measured_by_its_bytes_once_a_second() -> None:
    line = Line()

    assert not line.measure(0, 10.0)
    assert not line.measure(50_000, 10.5)
    assert line.measure(125_000, 11.0)
    assert line.sent == 1_000_000
