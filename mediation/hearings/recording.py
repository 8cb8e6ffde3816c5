"""Recording a meeting: asked for, consented to or ordered, started, paused, stopped; and what happens when it fails (K3, K4, I6).

In mediation it is off until the mediator asks for it and everybody who is in the meeting has consented. One refusal ends the question, one
withdrawal the recording. Who comes later consents before they are let in. A judge who is in the meeting may order it instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.clock import iso
from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.hearings.hearing import Hearing, hearing_on
from mediation.hearings.tape import (
    ALIVE,
    TAPING,
    Recording,
    answers_in,
    begin_tape,
    collect_later,
    end_tape,
    given,
    missing_consents,
    put_answer,
    tape_of,
    tell,
)
from mediation.ids import new_id
from mediation.people.permission import Actor, may, require
from mediation.rooms.channel import Channel, record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.room import Room
from mediation.work import Work

ANSWERS = ("given", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class Taped:
    """What the forwarding unit is to record: of these people, or of everybody where a judge ordered it."""

    recording: str
    people: tuple[str, ...] | None


def start_recording(
    work: Work, *, by: str, room: str, present: Sequence[str], reason: str = "", client_id: str
) -> Recording:
    """The mediator asks everybody in the meeting for consent, or a judge orders it with a reason; gives the recording.

    With all consents there, of those who are `present`, it is on at once. Asked again, it is looked again who is still missing.
    """
    hearing, actor = _meeting(work.session, by, room, "record_meeting", "order_recording")
    if by not in present:
        raise WrongState("stage.waiting")
    tape = tape_of(work.session, hearing.id)
    if work.earlier(record_of(work.session, room), by, client_id):
        return tape or _latest(work.session, hearing.id)
    orders = may(actor, "order_recording")
    require(actor, "order_recording" if orders else "record_meeting", work.get(Room, room))
    if orders:
        return _order(work, tape, hearing, by=by, reason=given(reason), client_id=client_id)
    if tape is None:
        tape = _ask(work, hearing, by=by, basis="consent")
        facts = {"recording": tape.id, "hearing": hearing.id}
        tell(work, tape, "recording_asked", by, public=facts, client_id=client_id)
    if tape.state == "consent_pending":
        if answers_in(work.session, hearing.id).get(by) != "given":
            put_answer(work, tape, "given", person=by, client_id=None)
        _begin_when_all_agree(work, tape, present, actor=by)
    return tape


def answer_recording(
    work: Work, *, by: str, room: str, answer: str, present: Sequence[str], client_id: str
) -> Recording | None:
    """What somebody says to being recorded. The last consent starts it, a refusal ends the question, a withdrawal the recording."""
    if answer not in ANSWERS:
        raise Invalid("invalid")
    hearing, _ = _meeting(work.session, by, room, "answer_recording")
    tape = tape_of(work.session, hearing.id)
    if tape is None or tape.basis == "order":
        raise WrongState("recording.not_asked")
    before = answers_in(work.session, hearing.id).get(by)
    if before == "given" and answer == "refused":
        answer = "withdrawn"
    if before == answer or work.earlier(record_of(work.session, room), by, client_id):
        return tape
    if answer == "withdrawn" and before != "given":
        raise Invalid("recording.none_to_withdraw")
    _put(work, tape, person=by, answer=answer, client_id=client_id)
    if answer == "given":
        _begin_when_all_agree(work, tape, present, actor=by)
    elif by in present:  # who refuses at the door stays outside, and stops nothing
        end_tape(work, tape, code=answer, actor=by)
    return tape


def pause_recording(work: Work, *, by: str, room: str, reason: str, client_id: str) -> Recording:
    """Interrupts the recording, with a reason; what is said meanwhile is not recorded."""
    tape, replayed = _led(work, by, room, client_id)
    if replayed or tape.state == "paused":
        return tape
    if tape.state != "on":
        raise WrongState("recording.not_on")
    tape.state = "paused"
    public = {"recording": tape.id}
    tell(work, tape, "recording_paused", by, public=public, reason=given(reason), client_id=client_id)
    return tape


def resume_recording(work: Work, *, by: str, room: str, client_id: str) -> Recording:
    """Goes on after a pause."""
    tape, replayed = _led(work, by, room, client_id)
    if replayed or tape.state != "paused":
        return tape
    tape.state = "on"
    tell(work, tape, "recording_resumed", by, public={"recording": tape.id}, client_id=client_id)
    return tape


def stop_recording(work: Work, *, by: str, room: str, reason: str = "", client_id: str) -> Recording | None:
    """Ends the recording, or takes the question back; None when there is nothing to end."""
    hearing, actor = _meeting(work.session, by, room, "record_meeting", "run_ordered_recording")
    tape = tape_of(work.session, hearing.id)
    if tape is None:
        return None
    _may_lead(actor, tape)
    code = "stopped" if tape.was_on else "taken_back"
    end_tape(work, tape, code=code, actor=by, reason=reason, client_id=client_id)
    return tape


def interrupt_recording(work: Work, *, recording: str, code: str) -> Recording:
    """The recorder is lost: from now on nothing is recorded, until it is back. Said twice it is one entry."""
    tape = work.get(Recording, recording)
    if tape.state == "on":
        tape.state, tape.lost_at = "failed", work.now
        public = {"recording": tape.id, "code": code}
        tell(work, tape, "recording_interrupted", None, public=public)
    if tape.was_on:
        collect_later(work, tape.id)  # the files that it left behind
    return tape


def go_on_recording(work: Work, *, recording: str) -> Recording:
    """The recorder is back; the gap is told in milliseconds."""
    tape = work.get(Recording, recording)
    if tape.state == "failed":
        gap = work.now - (tape.lost_at or work.now)
        tape.state, tape.lost_at = "on", None
        public = {"recording": tape.id, "gap_ms": round(gap.total_seconds() * 1000)}
        tell(work, tape, "recording_continued", None, public=public)
    return tape


def leave_out(work: Work, *, recording: str, person: str, source: str, code: str) -> None:
    """Something that is sent cannot be recorded; the record says so, once."""
    tape = work.get(Recording, recording)
    public = {"recording": tape.id, "person": person, "source": source, "code": code}
    told = f"left-out:{tape.id}:{person}:{source}"[:64]
    tell(work, tape, "recording_left_out", None, public=public, client_id=told)


def end_lost_recordings(work: Work) -> None:
    """At the start of the server: whatever was recorded when it stopped has ended there, and what is on disk is collected."""
    for tape in work.session.scalars(select(Recording).where(Recording.state.in_(ALIVE))).all():
        end_tape(work, tape, code="server_stopped", actor=None)


def end_with_room(work: Work, *, channel: str) -> str | None:
    """The room is closed for writing, or the case has ended: so does its recording; gives the room when there was one."""
    room = work.get(Channel, channel).room_id
    hearing = hearing_on(work.session, room or "")
    tape = tape_of(work.session, hearing.id) if hearing is not None else None
    if tape is None:
        return None
    end_tape(work, tape, code="room_closed", actor=None)
    return room


def recording_view(session: Session, room: str) -> dict[str, Any] | None:
    """The recording of the meeting that is on, as everybody in the room may know it."""
    hearing = hearing_on(session, room)
    tape = tape_of(session, hearing.id) if hearing is not None else None
    if tape is None:
        return None
    return {
        "id": tape.id,
        "state": tape.state,
        "basis": tape.basis,
        "by": tape.by_id,
        "since": iso(tape.started_at) if tape.started_at else None,
        "answers": answers_in(session, tape.hearing_id),
    }


def taped_now(session: Session, room: str) -> Taped | None:
    """Whether what is sent in a room is to be recorded, and of whom."""
    hearing = hearing_on(session, room)
    tape = tape_of(session, hearing.id) if hearing is not None else None
    if tape is None or tape.state not in {"on", "failed"}:
        return None
    if tape.basis == "order":
        return Taped(tape.id, None)
    answers = answers_in(session, tape.hearing_id)
    return Taped(tape.id, tuple(person for person, answer in answers.items() if answer == "given"))


def taped_rooms(session: Session) -> list[tuple[str, str]]:
    """Every room that is being recorded, with its recording."""
    query = select(Recording.room_id, Recording.id).where(Recording.state.in_(("on", "failed")))
    return [(room, recording) for room, recording in session.execute(query)]


def _meeting(session: Session, by: str, room: str, *rights: str) -> tuple[Hearing, Actor]:
    """The meeting that is on, for somebody with one of these rights."""
    held, actor = room_for(session, by, room)
    if not any(may(actor, right) for right in rights):
        raise NotAllowed("not_allowed")
    hearing = hearing_on(session, held.id)
    if hearing is None:
        raise WrongState("hearing.none_on")
    return hearing, actor


def _led(work: Work, by: str, room: str, client_id: str) -> tuple[Recording, bool]:
    hearing, actor = _meeting(work.session, by, room, "record_meeting", "run_ordered_recording")
    tape = tape_of(work.session, hearing.id)
    if tape is None or tape.state not in TAPING:
        raise WrongState("recording.not_on")
    _may_lead(actor, tape)
    return tape, work.earlier(record_of(work.session, room), by, client_id) is not None


def _may_lead(actor: Actor, tape: Recording) -> None:
    """The mediator over what all consented to; the judge, and the clerk for the judge, over what was ordered."""
    require(actor, "record_meeting" if tape.basis == "consent" else "run_ordered_recording")


def _order(
    work: Work, tape: Recording | None, hearing: Hearing, *, by: str, reason: str, client_id: str
) -> Recording:
    if tape is not None and tape.state in TAPING:
        return tape
    if tape is not None:
        end_tape(work, tape, code="ordered", actor=by)
    ordered = _ask(work, hearing, by=by, basis="order")
    begin_tape(work, ordered, actor=by, reason=reason, client_id=client_id)
    return ordered


def _ask(work: Work, hearing: Hearing, *, by: str, basis: str) -> Recording:
    tape = work.add(
        Recording(
            id=new_id(), room_id=hearing.room_id, hearing_id=hearing.id, state="consent_pending", basis=basis,
            by_id=by, asked_at=work.now,
        )
    )  # fmt: skip
    work.session.flush()
    return tape


def _put(work: Work, tape: Recording, *, person: str, answer: str, client_id: str) -> None:
    match answer:
        case "given":
            put_answer(work, tape, "given", person=person, client_id=client_id)
        case "refused":
            put_answer(work, tape, "refused", person=person, client_id=client_id)
        case _:
            put_answer(work, tape, "withdrawn", person=person, client_id=client_id)


def _begin_when_all_agree(work: Work, tape: Recording, present: Sequence[str], *, actor: str) -> None:
    if tape.state == "consent_pending" and not missing_consents(work.session, tape.hearing_id, present):
        begin_tape(work, tape, actor=actor)


def _latest(session: Session, hearing: str) -> Recording:
    query = select(Recording).where(Recording.hearing_id == hearing).order_by(Recording.asked_at.desc())
    found = session.scalar(query.limit(1))
    if found is None:
        raise NotFound
    return found
