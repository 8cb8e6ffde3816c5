"""Inside a caucus: come and go, close the door, set the time, call the mediator, and what the mediator says to all at once."""

from datetime import datetime, timedelta

from mediation.clock import iso
from mediation.errors import Invalid, NotFound, TooLarge, WrongState
from mediation.hearings.hearing import is_long_over
from mediation.people.permission import require
from mediation.record.entry import Entry
from mediation.rooms.caucus import (
    OUTLIVES,
    caucus_for,
    come_in,
    end_caucus,
    require_to_run,
    step_out,
    still_open,
)
from mediation.rooms.channel import Channel, Member, private_of
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import Caucus, Guest, caucus_of, open_caucuses
from mediation.work import Work

LONGEST_TIMER = 8 * 60


def enter_caucus(work: Work, *, by: str, channel: str) -> str:
    """Somebody who was called into a caucus comes in now, or again, while its door is not locked; gives the room (I1).

    The mediator moves between the caucuses in this way, locked or not; each goes on without her (I2).
    """
    guest, entered = work.session.get(Guest, (channel, by)), work.session.get(Channel, channel)
    if guest is None or entered is None:
        raise NotFound
    if guest.state == "outside" and work.session.get(Member, (channel, by)) is None:
        raise NotFound  # only in the mind of whoever prepared it
    room, actor = room_for(work.session, by, entered.room_id or "")
    if guest.state == "inside":
        return room.id
    still_open(entered)
    caucus = work.get(Caucus, channel)
    if caucus.locked and caucus.opened_by != by and actor.standing != "mediator":
        raise WrongState("caucus.locked")
    if caucus.begun_at is None and caucus.opened_by == by:
        raise WrongState("caucus.nobody_there")
    come_in(work, caucus, by)
    return room.id


def leave_caucus(work: Work, *, by: str, channel: str) -> str:
    """Goes back to where the others are; the caucus goes on. Gives the room. Twice is once."""
    _, room, _ = caucus_for(work.session, by, channel)
    if caucus_of(work.session, room.id, by) == channel:
        step_out(work, room.id, by)
    return room.id


def lock_caucus(work: Work, *, by: str, channel: str, locked: bool, client_id: str) -> Entry:
    """Closes the door for those who are not inside, or opens it again. A call that rings is let in all the same."""
    caucus = _run_by(work, by, channel)
    if done := work.earlier(channel, by, client_id):
        return done
    caucus.locked = locked
    kind = "caucus_locked" if locked else "caucus_unlocked"
    return work.happened(kind, channel, by, client_id=client_id)


def time_caucus(
    work: Work, *, by: str, channel: str, minutes: int, extend: bool = False, client_id: str
) -> datetime | None:
    """Sets until when a caucus is meant to last, or extends that; without minutes there is no end. Nobody is thrown out at it (I5)."""
    caucus = _run_by(work, by, channel)
    if work.earlier(channel, by, client_id):
        return caucus.ends_at
    if not 0 <= minutes <= LONGEST_TIMER:
        raise Invalid("caucus.timer_length", most=LONGEST_TIMER)
    begins = max(work.now, caucus.ends_at) if extend and caucus.ends_at else work.now
    caucus.ends_at = begins + timedelta(minutes=minutes) if minutes else None
    facts = {"ends_at": iso(caucus.ends_at)} if caucus.ends_at else {}
    work.happened("caucus_timed", channel, by, public=facts, body=facts, client_id=client_id)
    return caucus.ends_at


def call_mediator(work: Work, *, by: str, room: str, client_id: str) -> Entry:
    """Asks the mediator to come: from inside a caucus of hers in its ledger, else in the side's private line (I4)."""
    held, actor = room_for(work.session, by, room)
    require(actor, "call_own_side", held)
    here, facts = caucus_of(work.session, room, by), {"person": by}
    if here is not None and work.get(Caucus, here).form == "caucus":
        return work.happened("mediator_called", here, by, public=facts, body=facts, client_id=client_id)
    line = private_of(work.session, room, actor.side or "")
    return work.happened("mediator_called", line, by, public=facts, body=facts, client_id=client_id)


def announce_to_caucuses(work: Work, *, by: str, room: str, text: str, client_id: str) -> list[str]:
    """The mediator says something into every caucus that is on, her own and those in which she is not; gives their channels (I5)."""
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    if not (text := text.strip()):
        raise Invalid("message.empty")
    if len(text) > work.settings.text_limit:
        raise TooLarge("message.too_long", limit=work.settings.text_limit, length=len(text))
    on = [
        channel
        for channel in open_caucuses(work.session, room)
        if work.get(Caucus, channel).begun_at is not None
    ]
    if not on:
        raise WrongState("caucus.none_on")
    for channel in on:
        work.happened("announcement_made", channel, by, body={"text": text}, client_id=client_id)
    return on


def shut_caucuses(work: Work, *, room: str) -> list[str]:
    """Two hours after a meeting the rooms that outlived it end; gives them."""
    if not is_long_over(work.session, room, work.now):
        return []
    shut = [
        channel for channel in open_caucuses(work.session, room) if work.get(Caucus, channel).form in OUTLIVES
    ]
    for channel in shut:
        end_caucus(work, work.get(Channel, channel), actor=None)
    return shut


def _run_by(work: Work, by: str, channel: str) -> Caucus:
    held, room, actor = caucus_for(work.session, by, channel)
    caucus = work.get(Caucus, channel)
    require_to_run(caucus, room, actor)
    still_open(held)
    return caucus
