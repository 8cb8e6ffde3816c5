"""When the server looks for cycles of garbage: at rest, and in the end even where there is none."""

import gc
import weakref

from web.cycles import AT_LATEST, EVERY, Cycles


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.ring = self


class Day:
    """A clock and a count of answers that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.answers = 0
        self.cycles = Cycles(lambda: self.answers, clock=lambda: self.now)

    def pauses(self, *, after: float, answers: int) -> bool:
        self.now += after
        self.answers += answers
        return self.cycles.pause()


def test_it_looks_when_it_is_time_and_nobody_has_asked_for_anything() -> None:
    day = Day()

    assert not day.pauses(after=EVERY - 1, answers=0)
    assert not day.pauses(after=2, answers=5)
    assert day.pauses(after=2, answers=0)
    assert not day.pauses(after=2, answers=0)


def test_where_there_is_no_rest_it_looks_all_the_same_after_an_hour() -> None:
    day = Day()

    assert not day.pauses(after=AT_LATEST - 1, answers=5)
    assert day.pauses(after=2, answers=5)
    assert not day.pauses(after=2, answers=0)


def test_a_look_takes_away_what_refers_to_itself_and_has_grown_old() -> None:
    day, ring = Day(), Ring()
    for _ in range(3):
        gc.collect(1)
    old = weakref.ref(ring)
    del ring
    gc.collect(1)
    assert old() is not None, "a look at the young does not find it"

    assert day.pauses(after=EVERY, answers=0)

    assert old() is None
