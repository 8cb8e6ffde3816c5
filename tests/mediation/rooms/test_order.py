"""Order in the room: a mute that one may lift, a lock that one may not, and a screen that one may show; each where it belongs."""

import pytest

from mediation.cases.case import end_case
from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.record.entry import read_entries
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.order import (
    allow_share,
    forbid_share,
    lift_own_mute,
    mute_people,
    mute_person,
    order_of,
    unmute_person,
    warn_person,
)
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    told = opened(house)
    house.do(start_hearing, by=told.people["mediator"], room=told.room)
    return told


def test_a_mute_is_lifted_by_the_person_and_a_lock_is_not(house: House, story: Story) -> None:
    _mute(house, story, source="mic", lock=False)
    _mute(house, story, source="camera", lock=True)
    own = {"by": story.people["respondent"], "room": story.room}

    house.do(lift_own_mute, **own, source="mic")
    house.do(lift_own_mute, **own, source="mic")
    with pytest.raises(NotAllowed):
        house.do(lift_own_mute, **own, source="camera")

    assert _order(house, story) == ({"camera"}, {"camera"}, False)
    lifted = [entry for entry in house.published if entry.kind == "person_unmuted"]
    assert [(entry.actor, dict(entry.public)) for entry in lifted] == [
        (own["by"], {"person": own["by"], "source": "mic"})
    ]


def test_a_mute_becomes_a_lock_and_a_lock_a_mute(house: House, story: Story) -> None:
    _mute(house, story, source="mic", lock=False)
    _mute(house, story, source="mic", lock=True)
    locked = _order(house, story)
    _mute(house, story, source="mic", lock=False)

    assert (locked[1], _order(house, story)[1]) == ({"mic"}, set())


def test_everybody_named_is_muted_in_one_entry_and_a_replay_changes_nothing(
    house: House, story: Story
) -> None:
    both = [story.people["claimant"], story.people["respondent"]]
    asked = {"by": story.people["mediator"], "room": story.room, "lock": False, "reason": "in turn"}

    house.do(mute_people, **asked, people=both, client_id="m")
    house.do(lift_own_mute, by=both[0], room=story.room, source="mic")
    again = house.do(mute_people, **asked, people=both[:1], client_id="m")

    assert again == tuple(both)
    assert _order(house, story, "claimant")[0] == set()
    assert _order(house, story)[0] == {"mic"}


def test_parties_share_the_screen_when_they_are_allowed_and_the_bench_does_anyway(
    house: House, story: Story
) -> None:
    by = {"by": story.people["mediator"], "room": story.room, "person": story.people["respondent"]}
    before = {role: _order(house, story, role)[2] for role in ("claimant", "agent", "mediator", "judge")}

    house.do(allow_share, **by, client_id="a")
    allowed = _order(house, story)[2]
    house.do(forbid_share, **by, reason="enough", client_id="f")

    assert before == {"claimant": False, "agent": False, "mediator": True, "judge": True}
    assert (allowed, _order(house, story)[2]) == (True, False)


def test_order_in_a_caucus_stands_in_its_own_ledger_and_ends_with_it(house: House, story: Story) -> None:
    _mute(house, story, source="mic", lock=True)
    lead = story.people["mediator"]
    people = [story.people["respondent"]]
    caucus = house.do(open_caucus, by=lead, room=story.room, people=people, client_id="c")
    record_before = house.ask(read_entries, house.store.keys, story.record)
    fresh = _order(house, story)

    _mute(house, story, source="camera", lock=True)
    house.do(
        warn_person, by=lead, room=story.room, person=people[0], reason="canary-7f3a", client_id="warned"
    )
    inside = _order(house, story)
    record_during = house.ask(read_entries, house.store.keys, story.record)
    house.do(close_caucus, by=lead, channel=caucus)

    assert fresh == (set(), set(), False)
    assert inside == ({"camera"}, {"camera"}, False)
    assert record_during == record_before
    assert _order(house, story) == ({"mic"}, {"mic"}, False)
    kinds = [entry.kind for entry in house.ask(read_entries, house.store.keys, caucus)]
    assert kinds == ["person_muted", "person_warned"]


def test_who_sits_in_a_caucus_is_not_muted_with_those_outside(house: House, story: Story) -> None:
    lead, bo = story.people["mediator"], story.people["respondent"]
    house.do(open_caucus, by=lead, room=story.room, people=[bo], client_id="c")
    people = [bo, story.people["claimant"]]

    muted = house.do(
        mute_people, by=lead, room=story.room, people=people, lock=False, reason="", client_id="m"
    )

    assert muted == (bo,)
    assert _order(house, story, "claimant")[0] == set()


def test_the_end_of_the_meeting_is_the_end_of_its_order(house: House, story: Story) -> None:
    _mute(house, story, source="mic", lock=True)
    lead = {"by": story.people["mediator"], "room": story.room}

    house.do(close_hearing, **lead)
    house.do(start_hearing, **lead)

    assert _order(house, story) == (set(), set(), False)


def test_what_was_ordered_holds_after_a_restart_of_the_server(house: House, story: Story) -> None:
    person = story.people["respondent"]
    _mute(house, story, source="mic", lock=False)
    _mute(house, story, source="camera", lock=True)
    house.do(allow_share, by=story.people["mediator"], room=story.room, person=person, client_id="a")

    house.open_again()

    assert _order(house, story) == ({"mic", "camera"}, {"camera"}, True)


def test_nobody_but_who_leads_keeps_order_and_only_over_people_of_the_case(
    house: House, story: Story
) -> None:
    asked = {"room": story.room, "person": story.people["claimant"], "client_id": "x"}
    with pytest.raises(NotAllowed):
        house.do(mute_person, by=story.people["agent"], source="mic", **asked)
    with pytest.raises(NotAllowed):
        house.do(allow_share, by=story.people["claimant"], **asked)
    with pytest.raises(Invalid):
        house.do(mute_person, by=story.people["mediator"], source="hand", **asked)
    with pytest.raises(Invalid):
        house.do(warn_person, by=story.people["mediator"], reason=" ", **asked)
    with pytest.raises(NotFound):
        house.do(
            unmute_person, by=story.people["mediator"], source="mic",
            **asked | {"person": story.people["stranger"]},
        )  # fmt: skip


def test_a_closed_room_keeps_no_order(house: House, story: Story) -> None:
    house.do(end_case, by=story.actor("mediator"), case=story.case, reason="unwilling")

    with pytest.raises(WrongState):
        _mute(house, story, source="mic", lock=True)


def _mute(house: House, story: Story, *, source: str, lock: bool) -> None:
    number = len(house.published)
    house.do(
        mute_person, by=story.people["mediator"], room=story.room, person=story.people["respondent"],
        source=source, lock=lock, client_id=f"mute:{number}",
    )  # fmt: skip


def _order(house: House, story: Story, role: str = "respondent") -> tuple[set[str], set[str], bool]:
    order = house.ask(order_of, story.room, story.people[role])
    return set(order.muted), set(order.locked), order.may_share
