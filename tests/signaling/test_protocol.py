"""PROTOCOL.md is complete and true: whoever writes a program by it alone can rely on every line."""

from typing import Any

import msgspec
import pytest

import signaling.desk  # noqa: F401 - fills the table
from mediation.cases.case import end_case
from mediation.cases.consent import withdraw_consent
from mediation.cases.invitation import invite
from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.hearings.manifest import Manifest
from mediation.hearings.recording import (
    answer_recording,
    go_on_recording,
    interrupt_recording,
    leave_out,
    pause_recording,
    resume_recording,
    start_recording,
)
from mediation.hearings.tracks import keep_track
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.message import post_message, recall_message
from mediation.rooms.order import mute_person
from signaling.announce import CHANGES_THE_ROOM
from signaling.desk.table import TABLE
from tests.conftest import House
from tests.mediation.agreements.scenes import settled
from tests.signaling.protocol import examples, sections, sent_events, told_kinds, written_kinds
from tests.stories import Story, how, opened

REQUESTS = sections(pushes=False)
PUSHES = sections(pushes=True)


def test_every_request_of_the_desk_has_its_heading_and_every_heading_its_request() -> None:
    assert set(REQUESTS) == set(TABLE)


def test_every_push_has_its_heading_and_every_heading_its_push() -> None:
    assert set(PUSHES) == sent_events()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_example_of_a_request_is_what_the_desk_takes(name: str) -> None:
    asked = examples(REQUESTS[name])[0]

    msgspec.convert(asked, TABLE[name].payload, strict=True)

    unsaid = [field for field in TABLE[name].payload.__struct_encode_fields__ if field not in REQUESTS[name]]
    assert not unsaid


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_request_refuses_a_field_that_it_does_not_know(name: str) -> None:
    asked = examples(REQUESTS[name])[0] | {"is_admin": True}

    with pytest.raises(msgspec.ValidationError, match="is_admin"):
        msgspec.convert(asked, TABLE[name].payload, strict=True)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_request_says_what_it_is_answered(name: str) -> None:
    assert len(examples(REQUESTS[name])) == 2


@pytest.mark.parametrize("name", sorted(PUSHES))
def test_a_push_shows_its_payload(name: str) -> None:
    assert all(isinstance(payload, dict) for payload in examples(PUSHES[name]))
    assert len(examples(PUSHES[name])) == 1


def test_every_kind_of_entry_is_in_the_table_and_the_table_names_no_other() -> None:
    assert set(told_kinds()) == written_kinds()


def test_what_changes_a_room_is_a_kind_of_entry() -> None:
    assert set(told_kinds()) >= CHANGES_THE_ROOM


def test_the_bodies_of_entries_hold_what_the_table_says(house: House) -> None:
    play_nearly_everything(house)

    told = told_kinds()
    of_rooms = [entry for entry in house.published if entry.kind in told]
    undocumented = {
        f"{entry.kind}: {key}"
        for entry in of_rooms
        for key in entry.body or {}
        if f"`{key}`" not in told[entry.kind] and f"`{key}: " not in told[entry.kind]
    }
    assert undocumented == set()
    assert len({entry.kind for entry in of_rooms}) > 15


def play_nearly_everything(house: House) -> None:
    """Two cases: one that is settled, one that is led, talked in and ended."""
    settled(opened(house))
    story = opened(house)
    lead, chen = story.people["mediator"], story.people["claimant"]
    there: dict[str, Any] = {"by": lead, "room": story.room}
    house.do(invite, by=story.actor("mediator"), case=story.case, person=chen)
    house.do(start_hearing, **there)
    house.do(mute_person, **there, person=chen, source="mic", reason="Noise", client_id="m")
    caucus = house.do(open_caucus, **there, people=[chen], client_id="c")
    house.do(close_caucus, by=lead, channel=caucus, client_id="d")
    record_a_little(story, lead, chen)
    house.do(close_hearing, **there)
    said = house.do(post_message, by=chen, channel=story.talks, text="Hello.", client_id="k")
    house.do(recall_message, by=chen, channel=story.talks, seq=said.seq)
    house.do(withdraw_consent, by=story.actor("claimant"), case=story.case, how=how())
    house.do(end_case, by=story.actor("mediator"), case=story.case, reason="unwilling")


def record_a_little(story: Story, lead: str, chen: str) -> None:
    house = story.house
    there: dict[str, Any] = {"room": story.room, "present": [lead, chen]}
    tape = house.do(start_recording, by=lead, **there, client_id="r1")
    house.do(answer_recording, by=chen, answer="given", **there, client_id="r2")
    house.do(pause_recording, by=lead, room=story.room, reason="Recess", client_id="r3")
    house.do(resume_recording, by=lead, room=story.room, client_id="r4")
    house.do(interrupt_recording, recording=tape.id, code="died")
    house.do(go_on_recording, recording=tape.id)
    house.do(leave_out, recording=tape.id, person=chen, source="camera", code="codec")
    file = Manifest(
        id="t1", recording=tape.id, room=story.room, person=chen, source="mic", kind="audio", started_at=0.0
    )
    house.do(keep_track, manifest=file, size=1, sha256="0" * 64)
