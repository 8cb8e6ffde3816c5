"""The officer on duty is told where to call, and nothing by which the person could be found."""

from pathlib import Path

import pytest

from mediation.duty import call_duty
from mediation.rooms.concern import say_unsafe
from tests.cast import CHEN, LIN
from tests.conftest import House
from tests.stories import opened


def test_every_address_of_the_setting_is_told_of_the_mediator_and_not_of_the_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path / "data", duty_officer=("duty@example.org", "+8613800000099"))
    story = opened(house)
    concern = house.do(say_unsafe, by=story.people["claimant"], room=story.room, client_id="1")

    call_duty(house.store, {"concern": concern.id})

    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert "duty@example.org" in text
    assert "+8613800000099" in text
    assert text.count(str(LIN.phone)) == 2
    assert CHEN.name not in text
    assert str(CHEN.phone) not in text
    house.store.close()


def test_nobody_is_told_where_nobody_is_on_duty(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    story = opened(house)
    concern = house.do(say_unsafe, by=story.people["claimant"], room=story.room, client_id="1")

    call_duty(house.store, {"concern": concern.id})

    assert capsys.readouterr().out == ""
