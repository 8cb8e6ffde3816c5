"""Recording a meeting: nobody is recorded without their consent or an order, and the record says who, when and why."""

from typing import Any

import pytest

from mediation.cases.consent import withdraw_consent
from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.hearings.attendance import admit_person, place_of
from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.hearings.recording import (
    answer_recording,
    end_lost_recordings,
    end_with_room,
    go_on_recording,
    interrupt_recording,
    leave_out,
    pause_recording,
    recording_view,
    resume_recording,
    start_recording,
    stop_recording,
    taped_now,
)
from mediation.hearings.tape import Recording
from tests.conftest import House
from tests.stories import Story, how, opened

IN = ("mediator", "claimant", "respondent")
acts = iter(range(1_000_000))


def met(house: House, *more: str) -> Story:
    """A meeting is on, with both parties in it."""
    story = opened(house)
    there = {"by": story.people["mediator"], "room": story.room}
    house.do(start_hearing, **there)
    for role in ("claimant", "respondent", *more):
        house.do(admit_person, **there, person=story.people[role], client_id=f"admit-{role}")
    return story


def asked(story: Story, role: str = "mediator", *, present: tuple[str, ...] = IN, **more: Any) -> Recording:
    return story.house.do(start_recording, **here(story, role), present=ids(story, present), **more)


def answered(
    story: Story, role: str, answer: str = "given", *, present: tuple[str, ...] = IN, **more: Any
) -> Recording | None:
    return story.house.do(
        answer_recording, **(here(story, role) | more), answer=answer, present=ids(story, present)
    )


def here(story: Story, role: str) -> dict[str, Any]:
    return {"by": story.people[role], "room": story.room, "client_id": f"act-{next(acts)}"}


def ids(story: Story, roles: tuple[str, ...]) -> list[str]:
    return [story.people[role] for role in roles]


def all_agree(story: Story) -> Recording:
    asked(story)
    answered(story, "claimant")
    tape = answered(story, "respondent")
    assert tape is not None
    return tape


def kinds(story: Story) -> list[str]:
    return [entry.kind for entry in story.house.published if entry.kind.startswith("recording_")]


def test_it_is_off_until_everybody_in_the_meeting_has_consented(house: House) -> None:
    story = met(house)

    assert house.ask(recording_view, story.room) is None
    assert asked(story).state == "consent_pending"
    first = answered(story, "claimant")
    assert first is not None
    assert first.state == "consent_pending"
    assert house.ask(taped_now, story.room) is None
    last = answered(story, "respondent")

    assert last is not None
    assert last.state == "on"
    assert kinds(story) == [
        "recording_asked",
        "recording_consent_given",
        "recording_consent_given",
        "recording_consent_given",
        "recording_started",
    ]
    taped = house.ask(taped_now, story.room)
    assert taped is not None
    assert set(taped.people or ()) == set(ids(story, IN))


def test_the_record_shows_ids_and_codes_and_keeps_reasons_as_content(house: House) -> None:
    story = met(house)
    tape = all_agree(story)
    house.do(pause_recording, **here(story, "mediator"), reason="The baby cries")
    house.do(stop_recording, **here(story, "mediator"), reason="Enough was said")

    told = [entry for entry in house.published if entry.kind.startswith("recording_")]
    assert all(entry.public["recording"] == tape.id for entry in told)
    assert not [entry for entry in told if "reason" in entry.public]
    assert [(entry.body or {}).get("reason") for entry in told[-2:]] == ["The baby cries", "Enough was said"]
    assert told[-1].public["code"] == "stopped"


def test_one_refusal_ends_the_question(house: House) -> None:
    story = met(house)
    asked(story)
    answered(story, "claimant")

    tape = answered(story, "respondent", "refused")

    assert tape is not None
    assert (tape.state, tape.end_code, tape.was_on) == ("ended", "refused", False)
    assert house.ask(recording_view, story.room) is None


def test_one_withdrawal_ends_the_recording(house: House) -> None:
    story = met(house)
    all_agree(story)

    tape = answered(story, "claimant", "withdrawn")

    assert tape is not None
    assert (tape.state, tape.end_code) == ("ended", "withdrawn")
    assert house.ask(taped_now, story.room) is None
    assert kinds(story)[-2:] == ["recording_consent_withdrawn", "recording_stopped"]


def test_who_withdraws_is_asked_again_next_time(house: House) -> None:
    story = met(house)
    all_agree(story)
    answered(story, "claimant", "withdrawn")

    again = asked(story)

    assert again.state == "consent_pending"
    assert answered(story, "claimant").state == "on"  # type: ignore[union-attr]


def test_who_comes_later_consents_before_being_let_in(house: House) -> None:
    story = met(house)
    all_agree(story)
    admit = {"by": story.people["mediator"], "room": story.room, "person": story.people["agent"]}

    with pytest.raises(WrongState, match=r"recording\.consent_first"):
        house.do(admit_person, **admit, client_id="a1")
    answered(story, "agent")
    house.do(admit_person, **admit, client_id="a2")

    assert house.ask(place_of, story.people["agent"], story.room).state == "on"


def test_who_was_let_in_before_and_comes_back_while_it_is_recorded_waits_at_the_door(house: House) -> None:
    story = met(house, "agent")
    all_agree(story)

    assert house.ask(place_of, story.people["agent"], story.room).state == "waiting"
    answered(story, "agent", "refused")
    assert house.ask(recording_view, story.room)["state"] == "on"  # type: ignore[index]
    answered(story, "agent")
    assert house.ask(place_of, story.people["agent"], story.room).state == "on"


def test_with_everybody_gone_who_had_not_answered_it_begins_when_asked_again(house: House) -> None:
    story = met(house)
    asked(story)
    answered(story, "claimant")

    tape = asked(story, present=("mediator", "claimant"))

    assert tape.state == "on"
    assert house.ask(place_of, story.people["respondent"], story.room).state == "waiting"


def test_a_judge_in_the_meeting_orders_it_with_a_reason(house: House) -> None:
    story = met(house, "judge")

    with pytest.raises(Invalid, match=r"order\.reason_missing"):
        asked(story, "judge", present=(*IN, "judge"))
    with pytest.raises(WrongState, match=r"stage\.waiting"):
        asked(story, "judge", reason="Hearing of a witness")
    tape = asked(story, "judge", present=(*IN, "judge"), reason="Hearing of a witness")

    assert (tape.state, tape.basis) == ("on", "order")
    assert house.ask(taped_now, story.room).people is None  # type: ignore[union-attr]
    assert house.ask(place_of, story.people["claimant"], story.room).state == "on"
    with pytest.raises(WrongState, match=r"recording\.not_asked"):
        answered(story, "claimant", "withdrawn")


def test_what_was_ordered_is_run_by_the_bench_and_what_was_consented_to_by_the_mediator(house: House) -> None:
    story = met(house, "judge")
    all_agree(story)

    with pytest.raises(NotAllowed):
        house.do(pause_recording, **here(story, "clerk"), reason="Recess")
    house.do(stop_recording, **here(story, "mediator"))
    asked(story, "judge", present=(*IN, "judge"), reason="Hearing of a witness")

    with pytest.raises(NotAllowed):
        house.do(stop_recording, **here(story, "mediator"))
    assert house.do(pause_recording, **here(story, "clerk"), reason="Recess").state == "paused"
    assert house.do(resume_recording, **here(story, "judge")).state == "on"


@pytest.mark.parametrize("role", ["claimant", "respondent", "agent", "clerk"])
def test_nobody_else_starts_or_ends_it(house: House, role: str) -> None:
    story = met(house)
    with pytest.raises(NotAllowed):
        asked(story, role, present=(*IN, role))
    all_agree(story)

    for act, more in ((pause_recording, {"reason": "x"}), (resume_recording, {}), (stop_recording, {})):
        with pytest.raises(NotAllowed):
            house.do(act, **here(story, role), **more)


def test_a_stranger_finds_nothing(house: House) -> None:
    story = met(house)

    with pytest.raises(NotFound):
        asked(story, "stranger")
    with pytest.raises(NotFound):
        answered(story, "stranger")


def test_a_pause_needs_a_reason_and_takes_nothing(house: House) -> None:
    story = met(house)
    all_agree(story)

    with pytest.raises(Invalid, match=r"order\.reason_missing"):
        house.do(pause_recording, **here(story, "mediator"), reason=" ")
    house.do(pause_recording, **here(story, "mediator"), reason="Recess")
    assert house.ask(taped_now, story.room) is None
    house.do(resume_recording, **here(story, "mediator"))

    assert house.ask(taped_now, story.room) is not None


def test_every_act_sent_twice_is_done_once(house: House) -> None:
    story = met(house)
    first = asked(story)
    for role in ("claimant", "respondent"):
        for _ in range(2):
            answered(story, role, client_id=f"once-{role}")
    before = kinds(story)
    once = here(story, "mediator")

    for _ in range(2):
        house.do(pause_recording, **once, reason="Recess")
    house.do(stop_recording, **here(story, "mediator"))
    assert house.do(stop_recording, **here(story, "mediator")) is None

    assert kinds(story) == [*before, "recording_paused", "recording_stopped"]
    assert before.count("recording_consent_given") == 3
    assert first.id == house.published[-1].public["recording"]


def test_a_lost_recorder_is_an_entry_with_its_gap(house: House) -> None:
    story = met(house)
    tape = all_agree(story)

    for _ in range(2):
        house.do(interrupt_recording, recording=tape.id, code="died")
    assert house.ask(recording_view, story.room)["state"] == "failed"  # type: ignore[index]
    house.clock.pass_by(seconds=3)
    for _ in range(2):
        house.do(go_on_recording, recording=tape.id)

    assert kinds(story)[-2:] == ["recording_interrupted", "recording_continued"]
    assert house.published[-2].public["code"] == "died"
    assert house.published[-1].public["gap_ms"] == 3000


def test_what_cannot_be_recorded_is_told_once(house: House) -> None:
    story = met(house)
    tape = all_agree(story)

    for _ in range(2):
        house.do(leave_out, recording=tape.id, person=story.people["claimant"], source="camera", code="codec")

    assert kinds(story).count("recording_left_out") == 1


def test_a_meeting_that_is_closed_takes_its_recording_along(house: House) -> None:
    story = met(house)
    all_agree(story)

    house.do(close_hearing, by=story.people["mediator"], room=story.room)

    assert kinds(story)[-1] == "recording_stopped"
    assert [entry.kind for entry in house.published][-2:] == ["recording_stopped", "hearing_closed"]


def test_consent_to_one_meeting_is_no_consent_to_the_next(house: House) -> None:
    story = met(house)
    all_agree(story)
    there = {"by": story.people["mediator"], "room": story.room}
    house.do(close_hearing, **there)
    house.do(start_hearing, **there)

    assert asked(story).state == "consent_pending"


def test_at_the_start_of_the_server_what_was_recorded_has_ended(house: House) -> None:
    story = met(house)
    all_agree(story)

    house.open_again()
    house.do(end_lost_recordings)
    house.do(end_lost_recordings)

    assert kinds(story)[-1] == "recording_stopped"
    assert house.published[-1].public["code"] == "server_stopped"
    assert house.published[-1].actor is None
    assert house.ask(recording_view, story.room) is None


def test_a_consent_to_the_mediation_that_is_taken_back_ends_the_recording(house: House) -> None:
    story = met(house)
    all_agree(story)
    house.do(withdraw_consent, by=story.actor("claimant"), case=story.case, how=how())

    room = house.do(end_with_room, channel=story.record)

    assert room == story.room
    assert house.published[-1].public["code"] == "room_closed"
    assert house.do(end_with_room, channel=story.record) is None
    with pytest.raises(WrongState, match="not_now"):
        asked(story)
