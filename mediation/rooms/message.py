"""Messages: what people say in a channel, take back, and have seen. The path on which everybody waits: no ORM objects are built."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from mediation.clock import moment
from mediation.errors import Invalid, NotAllowed, NotFound, TooLarge, WrongState
from mediation.record.entry import Entry, contents, entries
from mediation.record.findable import no_longer_found
from mediation.rooms.channel import Member, ReadMark
from mediation.rooms.entrance import speaking_in
from mediation.rooms.house import House
from mediation.rooms.location import Location
from mediation.rooms.mention import called, forget_mentions, note_mentions
from mediation.rooms.reliance import must_be_free
from mediation.work import Work

RECALL_TEXT = timedelta(minutes=2)
RECALL_FILE = timedelta(hours=3)
_AT = select(entries).where(entries.c.channel == bindparam("channel"), entries.c.seq == bindparam("seq"))
_READ_SO_FAR = select(Member.read_seq).where(
    Member.channel_id == bindparam("channel"), Member.person_id == bindparam("person")
)


def post_message(
    work: Work,
    *,
    by: str,
    channel: str,
    text: str,
    client_id: str,
    reply_to: int | None = None,
    mentions: Sequence[str] = (),
    file: Mapping[str, Any] | None = None,
    location: Location | None = None,
    goes_on: bool = False,
) -> Entry:
    """Says something in a channel; the same `client_id` again gets the first entry. What goes on with the last message is no new one
    to the slow mode: the next picture of an album.

    Raises `NotFound` for who is no member, `Invalid` for an empty text or a foreign reference, `TooLarge` over the limit.
    """
    said = _already_said(work, by, channel, client_id, goes_on=goes_on)
    if said is not None:
        return said
    text = text.strip()
    if not text and file is None and location is None:
        raise Invalid("message.empty")
    if len(text) > work.settings.text_limit:
        raise TooLarge("message.too_long", limit=work.settings.text_limit, length=len(text))
    body: dict[str, Any] = {"text": text}
    if reply_to is not None:
        body["reply_to"] = _seq_in(work, channel, reply_to)
    if mentions:
        body["mentions"] = called(work.session, by, channel, mentions)
    if file is not None:
        body["file"] = dict(file)
    if location is not None:
        body["location"] = location.body()
    public = {"file": file["id"]} if file is not None else {}
    entry = work.happened("message_posted", channel, by, public=public, body=body, client_id=client_id)
    if mentions:
        note_mentions(work, channel, entry.seq, by=by, mentions=body["mentions"])
    return entry


def recall_message(work: Work, *, by: str, channel: str, seq: int) -> Entry:
    """Takes an own message back while it may be: its content is sealed, a stub stays (F4).

    Raises `NotAllowed` for another's message, `WrongState` when it is too late, or something was built on it.
    """
    speaking_in(work, by, channel)
    row = message_at(work, channel, seq)
    if row.actor != by:
        raise NotAllowed("message.not_yours")
    if done := work.earlier(channel, by, f"recall:{seq}"):
        return done
    has_file = "file" in json.loads(row.public)
    if work.now - moment(row.at) > (RECALL_FILE if has_file else RECALL_TEXT):
        raise WrongState("message.too_late_to_recall")
    must_be_free(work.session, channel, seq)
    forget_mentions(work, channel, seq)
    no_longer_found(work.session.connection(), channel, seq)
    work.session.execute(update(contents).where(contents.c.entry == row.id).values(withheld=True))
    return work.happened(
        "message_recalled", channel, by, public={"seq": seq}, body={"seq": seq}, client_id=f"recall:{seq}"
    )


def mark_read(work: Work, *, by: str, channel: str, seq: int) -> int:
    """Notes that a person has seen a channel up to a seq; gives the highest one seen."""
    read = work.connection.scalar(_READ_SO_FAR, {"channel": channel, "person": by})
    if read is None:
        raise NotFound
    if seq <= read:
        return int(read)
    _seq_in(work, channel, seq)
    own = (Member.channel_id == channel, Member.person_id == by)
    work.connection.execute(update(Member).where(*own).values(read_seq=seq, read_at=work.now))
    work.connection.execute(insert(ReadMark).values(channel_id=channel, person_id=by, seq=seq, at=work.now))
    return seq


def _already_said(work: Work, by: str, channel: str, client_id: str, *, goes_on: bool) -> Entry | None:
    """What this act said when it was first done, also when its speaker has to be silent by now; else the speaker has the word."""
    try:
        found, room, actor = speaking_in(work, by, channel)
    except WrongState:
        if said := work.earlier(channel, by, client_id):
            return said
        raise
    said = work.earlier(channel, by, client_id)
    if said is None and not goes_on and (wait := House.of(room.house).slow_for(actor, found.kind)):
        _not_too_soon(work, by, channel, wait)
    return said


def _not_too_soon(work: Work, by: str, channel: str, wait: timedelta) -> None:
    """In slow mode, the time between two messages of a person has to be over."""
    left = _still_to_wait(work, by, channel, wait)
    if left <= timedelta(0):
        work.catch_up()  # only for who would be let through: it writes, and a refusal after it costs the batch
        left = _still_to_wait(work, by, channel, wait)
    if left > timedelta(0):
        raise WrongState("house.slow", wait=int(wait.total_seconds()), seconds=_whole_seconds(left))


def _whole_seconds(left: timedelta) -> int:
    """Counted up, but for the hair by which the times of entries run ahead of the clock."""
    return max(1, ceil(left / timedelta(seconds=1) - 0.01))


def _still_to_wait(work: Work, by: str, channel: str, wait: timedelta) -> timedelta:
    mine = (entries.c.channel == channel, entries.c.actor == by, entries.c.kind == "message_posted")
    last = work.session.scalar(select(func.max(entries.c.at)).where(*mine))
    return moment(last) + wait - work.now if last else timedelta(0)


def message_at(work: Work, channel: str, seq: int) -> Any:
    """The row of a message, without its content; raises `NotFound` when at this seq there is none."""
    row = _entry_at(work, channel, seq)
    if row is None or row.kind != "message_posted":
        raise NotFound
    return row


def _seq_in(work: Work, channel: str, seq: int) -> int:
    if _entry_at(work, channel, seq) is None:
        raise Invalid("message.reference_unknown")
    return seq


def _entry_at(work: Work, channel: str, seq: int) -> Any:
    at = {"channel": channel, "seq": seq}
    if (row := work.connection.execute(_AT, at).first()) is not None:
        return row
    work.catch_up()  # it may have been said in this very batch
    return work.connection.execute(_AT, at).first()
