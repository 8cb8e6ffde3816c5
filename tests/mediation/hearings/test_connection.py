"""Fault or own act: told from what the server saw, and left open where it cannot be told (H13)."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mediation.errors import NotAllowed, NotFound
from mediation.hearings.attendance import admit_person
from mediation.hearings.connection import Fact, absences_in, note_fact, statement_of
from mediation.hearings.hearing import Hearing, close_hearing, start_hearing
from mediation.hearings.line import Line, Stretch, keep_line
from mediation.hearings.objection import dispute_statement, statement_for, statements_for
from mediation.hearings.presence import AFTER, note_presence
from mediation.hearings.restart import note_restart
from mediation.record.entry import read_entries
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.work import Work
from tests.conftest import House
from tests.stories import Story, opened

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TAKEN = (0, "seat_taken", "")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def facts(*told: tuple[float, str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(at(seconds), kind, code) for seconds, kind, code in (TAKEN, *told))


BAD = [(at(95), at(65))]
"""The line was poor from 65 to 95 seconds."""


@pytest.mark.parametrize(
    ("told", "bad", "verdict"),
    [
        # by own act
        ([(100, "left", "left")], [], "own_act"),
        ([(99, "page_closed", ""), (100, "connection_closed", "")], [], "own_act"),
        ([(100, "connection_closed", ""), (100.4, "page_closed", "")], [], "own_act"),
        ([(100, "left", "left")], BAD, "own_act"),
        # the line
        ([(100, "answer_missing", "")], [], "line_fault"),
        ([(100, "media_silent", "send"), (106, "connection_closed", "")], [], "line_fault"),
        ([(100, "connection_closed", "")], BAD, "line_fault"),
        ([(100, "server_restarted", "")], [], "line_fault"),
        # neither is clear
        ([(100, "connection_closed", "")], [], "unclear"),
        ([(99, "page_closed", ""), (100, "connection_closed", "")], BAD, "unclear"),
        ([(100, "connection_closed", "")], [(at(30), at(0))], "unclear"),
        # not a matter of lines at all
        ([(100, "removed", ""), (120, "left", "left")], [], "removed"),
    ],
)
def test_the_verdict_follows_from_what_was_seen(
    told: list[tuple[float, str, str]], bad: list[tuple[datetime, datetime]], verdict: str
) -> None:
    (absence,) = absences_in(facts(*told), bad, closed_at=None)

    assert (absence.verdict, absence.ended) == (verdict, None)


def test_a_reload_is_no_absence_and_a_loss_is_one_however_much_is_reported() -> None:
    told = facts(
        (50, "page_closed", ""), (50, "connection_closed", ""), (52, "seat_resumed", ""),
        (100, "media_silent", "send"), (101, "media_silent", "recv"), (104, "answer_missing", ""), (104, "time_given", "30"),
        (134, "seat_given_up", ""), (190, "seat_taken", ""),
    )  # fmt: skip

    (absence,) = absences_in(told, [], closed_at=None)

    assert (absence.began, absence.ended) == (at(100), at(190))
    assert (absence.verdict, absence.seconds_given) == ("line_fault", 30)


def test_a_warning_before_is_part_of_the_statement_and_one_after_is_not() -> None:
    told = facts((90, "warned", "leaving"), (100, "left", "left"), (150, "seat_taken", ""))
    late = facts((100, "left", "left"), (120, "warned", "moderator"))

    assert absences_in(told, [], closed_at=None)[0].warned
    assert not absences_in(late, [], closed_at=None)[0].warned


def test_going_as_the_meeting_ends_is_no_absence() -> None:
    assert absences_in(facts((100, "left", "left")), [], closed_at=at(104)) == ()


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


@pytest.fixture
def hearing(house: House, story: Story) -> Hearing:
    return house.do(start_hearing, by=story.people["mediator"], room=story.room)


def test_a_person_joins_is_lost_and_comes_back_each_in_one_entry(
    house: House, story: Story, hearing: Hearing
) -> None:
    for state, how in (
        ("lost", "closed"), ("here", ""), ("here", ""), ("lost", "no_answer"), ("lost", "line"), ("here", ""),
        ("lost", "closed"), ("gone", "not_back"), ("gone", "not_back"), ("here", ""),
    ):  # fmt: skip
        seen(house, story, state=state, how=how)

    noted = [entry for entry in house.published if entry.kind in AFTER and entry.kind.startswith("person_")]
    told = [(entry.kind, entry.public.get("code")) for entry in noted]
    assert told == [
        ("person_joined", None), ("person_lost", "no_answer"), ("person_back", None), ("person_lost", "closed"),
        ("person_left", "not_back"), ("person_joined", None),
    ]  # fmt: skip
    assert {entry.public["hearing"] for entry in noted} == {hearing.id}


def test_a_restart_is_noted_for_who_was_there_and_for_nobody_else(
    house: House, story: Story, hearing: Hearing
) -> None:
    seen(house, story, "seat_taken", state="here")

    cut_off = house.do(note_restart)
    seen(house, story, state="gone", how="not_back")
    again = house.do(note_restart)

    assert (cut_off, again) == ([(story.room, story.people["respondent"])], [])
    told = house.ask(statement_of, hearing, story.people["respondent"])
    assert [fact.kind for fact in told.facts] == ["seat_taken", "server_restarted"]


def test_without_a_meeting_nothing_is_noted(house: House, story: Story) -> None:
    seen(house, story, "seat_taken", state="here")
    meeting = house.do(start_hearing, by=story.people["mediator"], room=story.room)

    assert house.ask(statement_of, meeting, story.people["respondent"]).facts == ()
    assert "person_joined" not in [entry.kind for entry in house.published]


def test_who_is_lost_in_a_caucus_is_lost_for_its_members_alone(
    house: House, story: Story, hearing: Hearing
) -> None:
    seen(house, story, state="here")
    lead, bo = story.people["mediator"], story.people["respondent"]
    caucus = house.do(open_caucus, by=lead, room=story.room, people=[bo], client_id="c")
    before = house.ask(read_entries, house.store.keys, story.record)

    seen(house, story, "answer_missing", state="lost", how="no_answer")
    seen(house, story, "seat_given_up", state="gone", how="not_back")
    inside = [entry.kind for entry in house.ask(read_entries, house.store.keys, caucus)]
    outside = house.ask(read_entries, house.store.keys, story.record)
    house.do(close_caucus, by=lead, channel=caucus)
    seen(house, story, state="gone", how="not_back")
    after = house.ask(read_entries, house.store.keys, story.record)

    assert (inside, outside) == (["person_lost", "person_left"], before)
    assert [entry.kind for entry in after][-2:] == ["caucus_closed", "person_left"]


def test_a_statement_is_read_by_its_person_and_by_who_leads_and_by_nobody_else(
    house: House, story: Story, hearing: Hearing
) -> None:
    seen(house, story, "seat_taken")
    bo = story.people["respondent"]

    may = {
        role
        for role in ("claimant", "respondent", "agent", "mediator", "judge", "clerk", "stranger")
        if _reads(house, story, role, hearing, bo)
    }
    lists = {
        role: [view.statement.person for view in house.ask(statements_for, story.people[role], hearing.id)[2]]
        for role in ("respondent", "claimant", "mediator")
    }

    assert may == {"respondent", "mediator"}
    assert lists == {"respondent": [bo], "claimant": [], "mediator": [bo]}


def test_the_person_disagrees_once_and_nobody_does_it_for_them(
    house: House, story: Story, hearing: Hearing
) -> None:
    seen(house, story, "left", "left")
    house.clock.pass_by(seconds=20)
    bo = story.people["respondent"]
    digest = house.ask(statement_for, bo, hearing.id, bo).statement.digest

    first = house.do(dispute_statement, by=bo, hearing=hearing.id, person=bo)
    seen(house, story, "seat_taken")
    again = house.do(dispute_statement, by=bo, hearing=hearing.id, person=bo)
    with pytest.raises(NotAllowed):
        house.do(dispute_statement, by=story.people["mediator"], hearing=hearing.id, person=bo)
    with pytest.raises(NotFound):
        house.do(dispute_statement, by=story.people["claimant"], hearing=hearing.id, person=bo)

    assert (first.seq, first.public["digest"]) == (again.seq, digest)
    assert house.ask(statement_for, bo, hearing.id, bo).objected_at == first.at


def test_a_statement_is_signed_and_another_one_is_not(house: House, story: Story, hearing: Hearing) -> None:
    bo = story.people["respondent"]
    house.do(admit_person, by=story.people["mediator"], room=story.room, person=bo, client_id="a")
    seen(house, story, "seat_taken", state="here")
    house.do(
        keep_line, room=story.room, person=bo, stretch=Stretch("poor", [Line(700, 0.2, 0.1, 20, 30, -1)])
    )
    seen(house, story, "answer_missing", state="lost", how="no_answer")
    house.do(close_hearing, by=story.people["mediator"], room=story.room)

    signed = house.ask(statement_for, bo, hearing.id, bo).statement.signed(house.store.keys)

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["key"]))
    key.verify(bytes.fromhex(signed["signature"]), b"mediation:statement:1\n" + signed["digest"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(signed["signature"]), b"mediation:statement:1\n" + b"0" * 64)
    assert signed["statement"]["lines"][0]["loss_up"] == 200


def seen(
    house: House, story: Story, kind: str = "", code: str = "", *, state: str = "", how: str = ""
) -> None:
    person = story.people["respondent"]
    house.do(note_fact, room=story.room, person=person, kind=kind, code=code, state=state, how=how)


def _reads(house: House, story: Story, role: str, hearing: Hearing, person: str) -> bool:
    try:
        house.ask(statement_for, story.people[role], hearing.id, person)
    except NotFound:
        return False
    return True


def test_who_is_noted_twice_in_one_batch_came_once(house: House) -> None:
    story = opened(house)
    mediator = story.people["mediator"]
    house.do(start_hearing, by=mediator, room=story.room)

    def twice(work: Work) -> None:
        for _ in range(2):
            note_presence(work, room=story.room, person=mediator, state="here")

    house.do(twice)

    assert [entry.kind for entry in house.published].count("person_joined") == 1
