"""Inside a caucus: its time, its door, the way to the mediator, and what the mediator says to all."""

from datetime import timedelta

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.record.entry import read_entries
from mediation.rooms.caucus import open_caucus
from mediation.rooms.entrance import channel_view
from mediation.rooms.guest import CaucusView
from mediation.rooms.inside import (
    announce_to_caucuses,
    call_mediator,
    leave_caucus,
    lock_caucus,
    time_caucus,
)
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


@pytest.fixture
def channel(house: House, story: Story) -> str:
    return _caucus(house, story, "respondent", "agent")


def test_a_time_is_set_extended_and_taken_off_and_shown_to_those_inside(
    house: House, story: Story, channel: str
) -> None:
    lin, now = story.people["mediator"], house.clock.now
    seen = []
    for number, (minutes, extend) in enumerate(((10, False), (5, True), (0, False))):
        how = {"minutes": minutes, "extend": extend, "client_id": f"t{number}"}
        for _twice in range(2):
            house.do(time_caucus, by=lin, channel=channel, **how)
        seen.append(_view(house, story, channel).ends_at)

    assert seen == [now + timedelta(minutes=10), now + timedelta(minutes=15), None]


def test_the_end_of_its_time_throws_nobody_out(house: House, story: Story, channel: str) -> None:
    house.do(time_caucus, by=story.people["mediator"], channel=channel, minutes=1, client_id="t")

    house.clock.pass_by(minutes=10)

    assert len(_view(house, story, channel).inside) == 3


@pytest.mark.parametrize("minutes", [-1, 8 * 60 + 1])
def test_a_time_has_its_limits(house: House, story: Story, channel: str, minutes: int) -> None:
    with pytest.raises(Invalid, match="timer_length"):
        house.do(time_caucus, by=story.people["mediator"], channel=channel, minutes=minutes, client_id="t")


@pytest.mark.parametrize(
    ("role", "refusal"), [("agent", NotAllowed), ("claimant", NotFound), ("judge", NotFound)]
)
def test_the_door_and_the_time_are_the_mediators(
    house: House, story: Story, channel: str, role: str, refusal: type[Exception]
) -> None:
    for use_case, how in ((lock_caucus, {"locked": True}), (time_caucus, {"minutes": 5})):
        with pytest.raises(refusal):
            house.do(use_case, by=story.people[role], channel=channel, **how, client_id="x")


def test_the_mediator_is_called_from_inside_in_its_ledger_and_from_outside_in_the_private_line(
    house: House, story: Story, channel: str
) -> None:
    assert story.private is not None
    for role, client_id in (("agent", "1"), ("claimant", "2")):
        house.do(call_mediator, by=story.people[role], room=story.room, client_id=client_id)

    assert _last(house, channel) == ("mediator_called", story.people["agent"])
    assert _last(house, story.private["claimant"]) == ("mediator_called", story.people["claimant"])
    with pytest.raises(NotAllowed):
        house.do(call_mediator, by=story.people["judge"], room=story.room, client_id="3")


def test_an_announcement_stands_in_every_caucus_and_nowhere_else(
    house: House, story: Story, channel: str
) -> None:
    other = _caucus(house, story, "claimant", client_id="other")
    before = len(house.ask(read_entries, house.store.keys, story.record))
    said = {"by": story.people["mediator"], "room": story.room, "text": "Five minutes more."}

    house.do(announce_to_caucuses, **said, client_id="a")
    house.do(announce_to_caucuses, **said, client_id="a")

    for one in (channel, other):
        told = [
            entry
            for entry in house.ask(read_entries, house.store.keys, one)
            if entry.kind == "announcement_made"
        ]
        assert [entry.body for entry in told] == [{"text": "Five minutes more."}]
    assert len(house.ask(read_entries, house.store.keys, story.record)) == before
    with pytest.raises(NotAllowed):
        house.do(announce_to_caucuses, **said | {"by": story.people["agent"]}, client_id="b")


def test_an_announcement_needs_a_caucus_that_is_on(house: House, story: Story) -> None:
    said = {"by": story.people["mediator"], "room": story.room, "text": "Hello."}

    with pytest.raises(WrongState, match="none_on"):
        house.do(announce_to_caucuses, **said, client_id="a")


def test_whether_the_mediator_is_there_is_seen_inside(house: House, story: Story, channel: str) -> None:
    lin = story.people["mediator"]

    house.do(leave_caucus, by=lin, channel=channel)

    assert lin not in _view(house, story, channel).inside
    assert _last(house, channel) == ("caucus_left", lin)


def _caucus(house: House, story: Story, *roles: str, client_id: str = "c") -> str:
    people = [story.people[role] for role in roles]
    there = {"by": story.people["mediator"], "room": story.room, "people": people}
    return house.do(open_caucus, **there, client_id=client_id)


def _view(house: House, story: Story, channel: str) -> CaucusView:
    view = house.ask(channel_view, story.people["agent"], channel).caucus
    assert view is not None
    return view


def _last(house: House, channel: str) -> tuple[str, str]:
    entry = house.ask(read_entries, house.store.keys, channel)[-1]
    return entry.kind, str((entry.body or {}).get("person"))
