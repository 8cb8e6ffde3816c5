"""Lines in a word, and kept in a row a minute or at each change of the word."""

import pytest

from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.hearings.line import A_ROW, Line, Stretch, forget_lines, keep_line, lines_of
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (Line(), ("good", "")),
        (Line(rtt_ms=250, loss_up=0.03, loss_down=0.03, layer=0), ("good", "")),
        (Line(layer=-1), ("fair", "narrow")),
        (Line(rtt_ms=251), ("fair", "delay")),
        (Line(loss_up=0.04, loss_down=0.05, rtt_ms=300), ("fair", "loss_down")),
        (Line(loss_up=0.05), ("fair", "loss_up")),
        (Line(rtt_ms=601, loss_up=0.05), ("poor", "delay")),
        (Line(loss_down=0.11, rtt_ms=900), ("poor", "loss_down")),
    ],
)
def test_a_line_is_told_in_a_word_and_by_what_weighs_most(line: Line, word: tuple[str, str]) -> None:
    assert line.in_a_word() == word


def test_a_row_is_due_after_a_minute_and_when_the_word_changes() -> None:
    stretch = Stretch()

    over = [stretch.take("good", Line(rtt_ms=40)) for _ in range(A_ROW + 1)]
    changed = stretch.take("poor", Line(loss_up=0.2))

    assert [each is not None for each in over] == [False] * A_ROW + [True]
    assert changed is not None
    assert (changed.quality, changed.seconds(), stretch.quality, stretch.seconds()) == ("good", 2, "poor", 2)


def test_a_row_holds_delay_and_rates_on_average_and_loss_and_layer_at_their_worst() -> None:
    stretch = Stretch("fair", [Line(100, 0.01, 0.2, 300, 400, 2), Line(200, 0.04, 0.0, 100, 200, 0), Line()])

    assert stretch.mean() == Line(100, 0.04, 0.2, 133, 200, 0)


def test_rows_are_kept_for_the_meeting_that_is_on_and_forgotten_in_time(house: House, story: Story) -> None:
    room, person = story.room, story.people["respondent"]
    stretch = Stretch("poor", [Line(120.4, 0.05, 0.0, 480, 950, 1)])
    house.do(keep_line, room=room, person=person, stretch=stretch)
    hearing = house.do(start_hearing, by=story.people["mediator"], room=room)
    house.do(keep_line, room=room, person=person, stretch=stretch)
    house.do(close_hearing, by=story.people["mediator"], room=room)
    house.do(keep_line, room=room, person=person, stretch=stretch)

    (row,) = house.ask(lines_of, hearing.id, person)
    house.clock.pass_by(days=house.settings.line_days - 1)
    house.do(forget_lines)
    still = len(house.ask(lines_of, hearing.id, person))
    house.clock.pass_by(days=2)
    house.do(forget_lines)

    assert (row.quality, row.seconds, row.rtt_ms, row.loss_up, row.kbit_up, row.layer) == (
        "poor", 2, 120, 50, 480, 1
    )  # fmt: skip
    assert (still, len(house.ask(lines_of, hearing.id, person))) == (1, 0)
