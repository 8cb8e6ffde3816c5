"""Files: what was submitted or sent in a channel. What a file is called and what it holds stands in its entry, under the entry's
seal; the row only says where its bytes lie. Whoever may read the channel may have the file, nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, MaybeId, Moment
from mediation.errors import NotFound
from mediation.keys import Keys
from mediation.ports.blobs import Stored, Wall
from mediation.record.entry import Entry, read_entries
from mediation.rooms.channel import Channel, Member, channel_for
from mediation.rooms.entrance import room_for
from mediation.rooms.opened import opened_body
from mediation.work import Work


class StoredFile(Base):
    """The bytes behind an entry: `purpose` is `message`, `document` or `certificate`. `sound` is a voice message in the form that
    everything plays; its state is `waiting`, `done` or `failed`. So is that of its words, of a file that is looked for by them."""

    __tablename__ = "files"

    id: Mapped[Key]
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), index=True)
    entry_id: Mapped[Id] = mapped_column(unique=True)
    seq: Mapped[int]
    person_id: Mapped[MaybeId]
    purpose: Mapped[str] = mapped_column(String(16))
    blob: Mapped[str] = mapped_column(String(200), index=True)
    preview: Mapped[str | None] = mapped_column(String(200))
    sound: Mapped[str | None] = mapped_column(String(200))
    sound_state: Mapped[str | None] = mapped_column(String(8))
    text_state: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[Moment]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as a member of its channel sees it; `wall` opens its bytes where the channel is walled."""

    id: str
    channel: str
    channel_kind: str
    purpose: str
    person: str | None
    at: str
    name: str
    title: str
    type: str
    size: int
    sha256: str
    blob: str
    preview: str | None
    sound: str | None
    sound_state: str | None
    text_state: str | None
    wall: Wall | None


def keep_file(
    work: Work, *, file: str, entry: Entry, purpose: str, stored: Stored, preview: Stored | None = None
) -> StoredFile:
    """Ties bytes that are on disk to the entry that names them (under `file` or `document`, with this id)."""
    return work.add(
        StoredFile(
            id=file,
            channel_id=entry.channel,
            entry_id=entry.id,
            seq=entry.seq,
            person_id=entry.actor,
            purpose=purpose,
            blob=stored.blob,
            preview=preview.blob if preview else None,
            created_at=work.now,
        )
    )


def file_for(session: Session, keys: Keys, person: str, file: str) -> FileView:
    """The file, if this person may read its channel and it was not taken back, or was opened by order; else `NotFound`, as for none."""
    row = session.get(StoredFile, file)
    if row is None:
        raise NotFound
    channel = channel_for(session, person, row.channel_id)
    room_for(session, person, channel.room_id or "")
    view = _view(session, keys, row, channel)
    if view is None:
        view = _view(session, keys, row, channel, opened_body(session, keys, person, channel, row.seq))
    if view is None:
        raise NotFound
    return view


def standing_file(session: Session, keys: Keys, file: str) -> FileView | None:
    """The file for who works for the house and asks for nobody; None when it was taken back."""
    row = session.get(StoredFile, file)
    return _view(session, keys, row, session.get_one(Channel, row.channel_id)) if row else None


def documents_for(session: Session, keys: Keys, person: str, room: str) -> list[FileView]:
    """The documents of a room that this person may see, in the order in which they were submitted; `NotFound` for a stranger."""
    room_for(session, person, room)
    query = (
        select(StoredFile, Channel)
        .join(Channel, Channel.id == StoredFile.channel_id)
        .join(Member, Member.channel_id == Channel.id)
        .where(Channel.room_id == room, Member.person_id == person, StoredFile.purpose != "message")
        .order_by(StoredFile.created_at, StoredFile.id)
    )
    rows = session.execute(query).all()
    views = (_view(session, keys, row, channel) for row, channel in rows)
    return [view for view in views if view is not None]


def documents_erased(session: Session, person: str, room: str) -> int:
    """How many documents that this person could read were erased, because their time was over."""
    query = (
        select(func.count())
        .select_from(StoredFile)
        .join(Channel, Channel.id == StoredFile.channel_id)
        .join(Member, Member.channel_id == Channel.id)
        .where(Channel.room_id == room, Member.person_id == person, StoredFile.purpose != "message")
    )
    return session.scalar(query.where(StoredFile.blob == "")) or 0


def wall_of(keys: Keys, channel: Channel) -> Wall | None:
    """What the bytes of this channel are sealed with; nothing for an open one."""
    return (
        Wall(channel.id, keys.channel_key(channel.id, channel.key_wrapped)) if channel.key_wrapped else None
    )


def used_blobs(session: Session) -> set[str]:
    """The names of all blobs that a row refers to: what `Blobs.sweep` must leave alone."""
    rows = session.execute(select(StoredFile.blob, StoredFile.preview, StoredFile.sound)).all()
    return {blob for row in rows for blob in row if blob is not None}


def described(entry: Entry, opened: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
    """What an entry says of its file; nothing when the entry has none, or was taken back and not `opened` again."""
    body = entry.body or opened or {}
    told: Mapping[str, Any] | None = body.get("file") or body.get("document")
    return told


def _view(
    session: Session, keys: Keys, row: StoredFile, channel: Channel, opened: Mapping[str, Any] | None = None
) -> FileView | None:
    entries = read_entries(session, keys, channel.id, after=row.seq - 1, limit=1)
    told = described(entries[0], opened) if entries else None
    if told is None:
        return None
    return FileView(
        id=row.id,
        channel=channel.id,
        channel_kind=channel.kind,
        purpose=row.purpose,
        person=row.person_id,
        at=entries[0].at,
        name=told["name"],
        title=told.get("title", ""),
        type=told["type"],
        size=told["size"],
        sha256=told["sha256"],
        blob=row.blob,
        preview=row.preview,
        sound=row.sound,
        sound_state=row.sound_state,
        text_state=row.text_state,
        wall=wall_of(keys, channel),
    )
