"""Exports: who took what of a case out of the house; each is an entry before it is a file, and seals the record as it goes.

The trial file is the record alone: what was said in the talks is in no export of it, whoever asks (OMR 18). A side may take along
all that it may read, and everybody one channel, or chosen entries of it with the others as digests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, JsonText, Key, MaybeId, MaybeMoment, Moment
from mediation.cases.case import Case, case_for
from mediation.errors import Invalid, NotFound
from mediation.ids import new_id
from mediation.people.permission import require
from mediation.people.person import acts_of
from mediation.record.entry import heads_of
from mediation.rooms.channel import Channel, channel_for, channels_of, record_of
from mediation.rooms.room import room_of
from mediation.work import Work

SCOPES = ("record", "own", "channel", "chosen")
READ = ("record", "talks", "private", "caucus")
"""In this order somebody who was not there understands it."""
KEPT = timedelta(days=7)
MOST_CHOSEN = 500


class Export(Base):
    """One export: `waiting` until its file is made, `ready` for a week, then `gone`. The file is sealed at rest."""

    __tablename__ = "exports"

    id: Mapped[Key]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[Id]
    scope: Mapped[str] = mapped_column(String(8))
    channel_id: Mapped[MaybeId]
    chosen: Mapped[list[int]] = mapped_column(JsonText)
    asked_at: Mapped[Moment]
    entry_id: Mapped[Id]
    state: Mapped[str] = mapped_column(String(8))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    ready_at: Mapped[MaybeMoment]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to take out: a scope, and for a channel which, and which entries of it."""

    scope: str
    channel: str = ""
    chosen: tuple[int, ...] = ()


def ask_for_export(work: Work, *, by: str, case: str, wish: Wish, client_id: str) -> Export:
    """Notes who takes what out, and leaves the job that makes the file. The same `client_id` again gets the same export.

    Raises `NotFound` for what one may not read, `NotAllowed` for a scope that is not theirs, `Invalid` for entries that are not there.
    """
    found, actor = case_for(work.session, by, case)
    known = work.session.get(Export, f"x{client_id}"[:64])
    if known is not None and (known.person_id, known.case_id) == (by, case):
        return known
    if wish.scope not in SCOPES:
        raise Invalid("export.scope_unknown")
    require(actor, "export_own" if wish.scope == "own" else "export_record", found)
    told_in = _told_in(work, by, found, wish)
    chosen = _chosen(work.session, wish)
    export = f"x{client_id}"[:64] if known is None else new_id()
    public = {"export": export, "scope": wish.scope} | ({"seqs": list(chosen)} if chosen else {})
    entry = work.happened("case_exported", told_in, by, public=public, body=public)
    own = {"export": export, "entry": entry.id}
    work.happened("export_asked", acts_of(work.session, by), by, public=own, body=own)
    work.later("export", {"export": export}, key=f"export:{export}")
    return work.add(
        Export(
            id=export,
            case_id=case,
            person_id=by,
            scope=wish.scope,
            channel_id=wish.channel or None,
            chosen=list(chosen),
            asked_at=work.now,
            entry_id=entry.id,
            state="waiting",
        )
    )


def channels_in(session: Session, export: Export) -> list[Channel]:
    """The channels that go out, in the order in which they are read; only what the person may read now."""
    room = room_of(session, export.case_id).id
    readable = sorted(channels_of(session, export.person_id, room), key=_place)
    if export.scope == "own":
        return readable
    wanted = record_of(session, room) if export.scope == "record" else export.channel_id
    return [one for one in readable if one.id == wanted]


def _place(channel: Channel) -> int:
    return READ.index(channel.kind) if channel.kind in READ else len(READ)


def exports_of(session: Session, person: str, case: str) -> tuple[Case, list[Channel], list[Export]]:
    """A case, the channels of it that somebody may read, and what they have taken out of it, latest first."""
    found, _ = case_for(session, person, case)
    channels = channels_of(session, person, room_of(session, case).id)
    query = select(Export).where(Export.person_id == person, Export.case_id == case)
    return found, channels, list(session.scalars(query.order_by(Export.asked_at.desc(), Export.id)))


def export_for(session: Session, person: str, export: str) -> Export:
    """One's own export, while one is in the case and its file is there; raises `NotFound`."""
    found = session.get(Export, export)
    if found is None or found.person_id != person or found.state != "ready":
        raise NotFound
    case_for(session, person, found.case_id)
    return found


def note_ready(work: Work, *, export: str, size: int, sha256: str) -> None:
    """The file is there; in a week it is gone."""
    done = work.get(Export, export)
    done.state, done.size, done.sha256, done.ready_at = "ready", size, sha256, work.now
    told = {"export": export, "sha256": sha256, "size": size}
    work.happened("export_made", acts_of(work.session, done.person_id), None, public=told, body=told)
    work.later("drop_export", {"export": export}, run_at=work.now + KEPT, key=f"drop_export:{export}")


def note_gone(work: Work, *, export: str) -> None:
    """The file is no longer there. That it was made stays in the record."""
    work.get(Export, export).state = "gone"


def parse_seqs(text: str) -> tuple[int, ...]:
    """`3, 5-7` as the numbers 3, 5, 6, 7; raises `Invalid`."""
    found: set[int] = set()
    for part in text.replace("，", ",").replace("、", ",").replace("–", "-").split(","):
        first, _, last = part.strip().partition("-")
        if not first:
            continue
        try:
            start, stop = int(first), int(last or first)
        except ValueError as error:
            raise Invalid("export.seqs_unclear") from error
        if not 0 < start <= stop or stop - start > MOST_CHOSEN:
            raise Invalid("export.seqs_unclear")
        found.update(range(start, stop + 1))
    return tuple(sorted(found))


def _told_in(work: Work, by: str, case: Case, wish: Wish) -> str:
    """Where it stands that this goes out: with those whose words they are. What one takes out of a private talk is told in it alone."""
    room = room_of(work.session, case.id)
    if wish.scope in {"record", "own"}:
        return record_of(work.session, room.id)
    channel = channel_for(work.session, by, wish.channel)
    if channel.room_id != room.id:
        raise NotFound
    return channel.id


def _chosen(session: Session, wish: Wish) -> Sequence[int]:
    if wish.scope != "chosen":
        return ()
    if not wish.chosen or len(wish.chosen) > MOST_CHOSEN:
        raise Invalid("export.seqs_unclear")
    if wish.chosen[-1] > heads_of(session, [wish.channel])[wish.channel]:
        raise Invalid("export.entry_unknown", number=wish.chosen[-1])
    return wish.chosen
