"""Calls: a private talk rings for two minutes; until somebody accepts, nobody else knows of it."""

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.follow_up import Runner
from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.record.entry import read_entries
from mediation.rooms.call import RING, Ringing, accept_call, call_again, call_caucus, decline_call
from mediation.rooms.caucus import close_caucus
from mediation.rooms.channel import members_of
from mediation.rooms.entrance import enter_room
from mediation.rooms.guest import caucus_of, insiders, open_caucuses
from mediation.rooms.inside import enter_caucus, leave_caucus, lock_caucus
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_a_call_is_known_to_who_calls_and_who_is_called_alone(house: House, story: Story) -> None:
    before = _kinds(house, story.record)

    ringing = _call(house, story, "respondent", "agent")

    rooms = {role: house.ask(enter_room, story.people[role], story.room) for role in _in_the_case(story)}
    assert {role for role, room in rooms.items() if room.calls} == {"respondent", "agent"}
    assert {role for role, room in rooms.items() if ringing.channel in {one.id for one in room.channels}} == {
        "mediator"
    }
    assert _kinds(house, story.record) == before
    assert rooms["agent"].calls[0].rings_until == house.clock.now + RING


def test_it_begins_for_everybody_to_see_when_the_first_accepts(house: House, story: Story) -> None:
    lin, bo, gu = (story.people[role] for role in ("mediator", "respondent", "agent"))
    channel = _call(house, story, "respondent", "agent").channel

    house.do(accept_call, by=bo, channel=channel)
    house.do(accept_call, by=bo, channel=channel)
    began = house.ask(read_entries, house.store.keys, story.record)[-1]
    house.do(accept_call, by=gu, channel=channel)
    joined = house.ask(read_entries, house.store.keys, story.record)[-1]

    assert (began.kind, set(began.public["people"])) == ("caucus_opened", {lin, bo})
    assert (joined.kind, joined.public["person"]) == ("caucus_joined", gu)
    assert set(house.ask(insiders, channel)) == {lin, bo, gu}
    assert _kinds(house, channel) == ["caucus_called", "caucus_entered", "caucus_entered", "caucus_entered"]


def test_the_caller_reads_who_declined_and_who_did_not_answer_and_nobody_else_does(
    house: House, story: Story
) -> None:
    channel = _call(house, story, "respondent", "agent").channel
    before = _kinds(house, story.record)

    house.do(decline_call, by=story.people["respondent"], channel=channel)
    house.do(decline_call, by=story.people["respondent"], channel=channel)
    house.clock.pass_by(minutes=2)
    while Runner(house.store).run_due():
        pass

    told = house.ask(read_entries, house.store.keys, channel)
    assert [(entry.kind, (entry.body or {}).get("person")) for entry in told[1:]] == [
        ("call_declined", story.people["respondent"]),
        ("call_unanswered", story.people["agent"]),
    ]
    assert house.ask(members_of, channel) == [story.people["mediator"]]
    house.do(close_caucus, by=story.people["mediator"], channel=channel)
    assert _kinds(house, story.record) == before


def test_a_call_that_is_over_is_not_accepted_and_may_be_made_again(house: House, story: Story) -> None:
    lin, bo = story.people["mediator"], story.people["respondent"]
    channel = _call(house, story, "respondent").channel
    house.clock.pass_by(seconds=121)

    with pytest.raises(WrongState, match="call_over"):
        house.do(accept_call, by=bo, channel=channel)
    house.do(call_again, by=lin, channel=channel, people=[bo], client_id="again")
    house.do(accept_call, by=bo, channel=channel)

    assert house.ask(caucus_of, story.room, bo) == channel


def test_who_was_called_comes_in_later_unless_the_door_is_locked(house: House, story: Story) -> None:
    lin, bo, gu = (story.people[role] for role in ("mediator", "respondent", "agent"))
    channel = _call(house, story, "respondent", "agent").channel
    house.do(accept_call, by=bo, channel=channel)
    house.do(decline_call, by=gu, channel=channel)
    house.do(lock_caucus, by=lin, channel=channel, locked=True, client_id="l")

    with pytest.raises(WrongState, match="locked"):
        house.do(enter_caucus, by=gu, channel=channel)
    assert house.ask(enter_room, gu, story.room).calls == ()
    house.do(lock_caucus, by=lin, channel=channel, locked=False, client_id="u")
    house.do(enter_caucus, by=gu, channel=channel)

    assert gu in house.ask(insiders, channel)


def test_the_same_call_made_twice_rings_once(house: House, story: Story) -> None:
    assert _call(house, story, "respondent") == _call(house, story, "respondent")
    assert len(house.ask(open_caucuses, story.room)) == 1


@pytest.mark.parametrize("role", ["claimant", "judge", "clerk", "stranger"])
def test_who_was_not_called_cannot_answer_or_come_in(house: House, story: Story, role: str) -> None:
    channel = _call(house, story, "respondent").channel

    for use_case in (accept_call, decline_call, enter_caucus, leave_caucus):
        with pytest.raises(NotFound):
            house.do(use_case, by=story.people[role], channel=channel)


def test_whoever_is_in_another_caucus_may_accept_and_moves(house: House, story: Story) -> None:
    lin, bo = story.people["mediator"], story.people["respondent"]
    alone = _call(house, story, "respondent", by="agent", form="alone", accepts_terms=True, client_id="a")
    house.do(accept_call, by=bo, channel=alone.channel)
    channel = _call(house, story, "respondent").channel

    house.do(accept_call, by=bo, channel=channel)

    assert house.ask(insiders, alone.channel) == [story.people["agent"]]
    assert set(house.ask(insiders, channel)) == {lin, bo}


def test_a_lawyer_and_the_client_are_alone_when_the_terms_are_accepted(house: House, story: Story) -> None:
    how = {"by": "agent", "form": "alone"}
    with pytest.raises(Invalid, match="terms"):
        _call(house, story, "respondent", **how)

    channel = _call(house, story, "respondent", **how, accepts_terms=True).channel
    house.do(accept_call, by=story.people["respondent"], channel=channel)

    members = set(house.ask(members_of, channel))
    assert members == {story.people["agent"], story.people["respondent"]}
    last = house.ask(read_entries, house.store.keys, story.record)[-1]
    assert (last.kind, last.public["form"], set(last.public["people"])) == ("caucus_opened", "alone", members)


def test_a_room_in_which_nobody_is_left_alone_ends(house: House, story: Story) -> None:
    channel = _call(house, story, "respondent", by="agent", form="alone", accepts_terms=True).channel
    house.do(accept_call, by=story.people["respondent"], channel=channel)

    for role in ("agent", "respondent"):
        house.do(leave_caucus, by=story.people[role], channel=channel)

    assert house.ask(open_caucuses, story.room) == []


@pytest.mark.parametrize(
    ("by", "form", "people", "refusal"),
    [
        ("mediator", "caucus", ("respondent", "claimant"), Invalid),
        ("mediator", "caucus", ("judge",), Invalid),
        ("mediator", "caucus", ("stranger",), NotFound),
        ("judge", "caucus", ("respondent",), NotAllowed),
        ("clerk", "caucus", ("respondent",), NotAllowed),
        ("respondent", "caucus", ("agent",), NotAllowed),
        ("agent", "alone", ("claimant",), Invalid),
        ("agent", "alone", ("mediator",), Invalid),
        ("mediator", "alone", ("respondent",), NotAllowed),
        ("judge", "alone", ("respondent",), NotAllowed),
        ("judge", "bench", ("respondent",), Invalid),
        ("clerk", "bench", ("judge",), NotAllowed),
        ("agent", "bench", ("judge",), NotAllowed),
        ("stranger", "alone", ("respondent",), NotFound),
    ],
)
def test_who_may_call_whom_into_what(
    house: House, story: Story, by: str, form: str, people: tuple[str, ...], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        _call(house, story, *people, by=by, form=form, accepts_terms=True)


def test_the_bench_deliberates_until_two_hours_after_the_meeting(house: House, story: Story) -> None:
    lin, judge = story.people["mediator"], story.people["judge"]
    house.do(start_hearing, by=lin, room=story.room)
    bench = _call(house, story, "judge", "clerk", form="bench").channel
    house.do(accept_call, by=judge, channel=bench)
    theirs = _call(house, story, "respondent", client_id="c").channel
    house.do(accept_call, by=story.people["respondent"], channel=theirs)

    house.do(close_hearing, by=lin, room=story.room)
    assert house.ask(open_caucuses, story.room) == [bench]
    house.clock.pass_by(minutes=119)
    while Runner(house.store).run_due():
        pass
    assert house.ask(open_caucuses, story.room) == [bench]
    house.clock.pass_by(minutes=1)
    while Runner(house.store).run_due():
        pass

    assert house.ask(open_caucuses, story.room) == []
    with pytest.raises(WrongState, match="after_hours"):
        _call(house, story, "judge", form="bench", client_id="late")


def test_after_a_restart_everybody_is_where_they_were(house: House, story: Story) -> None:
    lin, bo = story.people["mediator"], story.people["respondent"]
    first = _call(house, story, "respondent").channel
    house.do(accept_call, by=bo, channel=first)
    second = _call(house, story, "claimant", client_id="2").channel

    house.open_again()

    assert [house.ask(caucus_of, story.room, person) for person in (lin, bo)] == [first, first]
    assert house.ask(enter_room, story.people["claimant"], story.room).calls[0].channel == second


def _call(
    house: House, story: Story, *roles: str, by: str = "mediator", client_id: str = "call", **how: object
) -> Ringing:
    people = [story.people[role] for role in roles]
    there = {"by": story.people[by], "room": story.room, "people": people}
    return house.do(call_caucus, **there, **how, client_id=client_id)


def _kinds(house: House, channel: str) -> list[str]:
    return [entry.kind for entry in house.ask(read_entries, house.store.keys, channel)]


def _in_the_case(story: Story) -> list[str]:
    return [role for role in story.people if role != "stranger"]
