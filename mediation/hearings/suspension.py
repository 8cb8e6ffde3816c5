"""Suspension: nobody who leads is there any more, so everybody is safe in the waiting room until somebody is (H12)."""

from mediation.hearings.hearing import Hearing, hearing_on
from mediation.people.permission import require
from mediation.rooms.channel import record_of
from mediation.rooms.entrance import room_for
from mediation.work import Work

HOST_LOST = "host_lost"


def suspend_hearing(work: Work, *, room: str) -> bool:
    """The meeting stands still: whoever does not lead waits, and keeps the admission and the caucus. Whether it was on until now."""
    hearing = hearing_on(work.session, room)
    if hearing is None or hearing.suspended_at is not None:
        return False
    hearing.suspended_at = work.now
    _tell(work, "hearing_suspended", hearing, None)
    return True


def resume_hearing(work: Work, *, by: str, room: str) -> bool:
    """Who leads is back: the meeting goes on where it stood. Whether it stood still until now."""
    _, actor = room_for(work.session, by, room)
    require(actor, "lead")
    hearing = hearing_on(work.session, room)
    if hearing is None or hearing.suspended_at is None:
        return False
    hearing.suspended_at = None
    _tell(work, "hearing_resumed", hearing, by)
    return True


def _tell(work: Work, kind: str, hearing: Hearing, actor: str | None) -> None:
    facts = {"hearing": hearing.id, "code": HOST_LOST}
    work.happened(kind, record_of(work.session, hearing.room_id), actor, public=facts, body=facts)
