"""Uploads: files on their way in, piece by piece, from the first announcement to the entry that everybody in the channel sees.

The offset of an upload only moves when the bytes before it are on disk. The last step (file row and entry) is one unit of work and
can be asked for again and again: whatever was cut off on the way, the next `PATCH` goes on or gets the first answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, MaybeId, Moment
from mediation.documents.file import described, keep_file, used_blobs, wall_of
from mediation.documents.gate import Gate, Passed
from mediation.documents.names import extension, one_line
from mediation.documents.telling import Told
from mediation.documents.text import ENDINGS
from mediation.errors import Invalid, NotFound, TooMany, WrongState
from mediation.ids import new_id
from mediation.keys import Keys, decrypt, encrypt
from mediation.ports.blobs import Stored, Wall
from mediation.record.chain import canonical
from mediation.record.entry import Entry, entries
from mediation.rooms.channel import Channel
from mediation.rooms.entrance import speaking_in
from mediation.rooms.message import post_message
from mediation.work import Work

LIFETIME = timedelta(hours=24)
MOST_AT_ONCE = 20
LONGEST_TITLE = 200
LONGEST_CLIENT_ID = 64
PURPOSES = {"message": None, "document": "submit_document"}
TAKES_DOCUMENTS = frozenset({"record", "private", "caucus"})


class Upload(Base):
    """A file on its way in. `facts` (its name, claimed type and title) are sealed where the channel is walled."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("person_id", "client_id"),)

    id: Mapped[Key]
    person_id: Mapped[Id]
    client_id: Mapped[str] = mapped_column(String(LONGEST_CLIENT_ID))
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[Moment]
    file_id: Mapped[MaybeId]


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload as its sender's program needs it; `file` is set when it has become a file."""

    id: str
    channel: str
    wall: Wall | None
    purpose: str
    name: str
    claimed: str
    title: str
    told: Told
    size: int
    received: int
    file: str | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that passed the gate and whose bytes are in the blobs."""

    passed: Passed
    stored: Stored
    preview: Stored | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The entry that the file became, and what it says of the file (nothing after the message was taken back)."""

    entry: Entry
    document: Mapping[str, Any] | None


def begin_upload(
    work: Work,
    *,
    by: str,
    channel: str,
    client_id: str,
    purpose: str,
    name: str,
    size: int,
    claimed: str = "",
    title: str = "",
    told: Told = Told(),  # noqa: B008 - it cannot be changed
) -> UploadView:
    """Announces a file; the same `client_id` again gets the same upload, wherever it stands.

    Raises what the gate can say of a name and a size, and `NotFound`, `NotAllowed`, `WrongState` as for any word in the channel.
    """
    known = select(Upload).where(Upload.person_id == by, Upload.client_id == client_id)
    if (earlier := work.session.scalar(known)) and earlier.expires_at > work.now:
        if (earlier.channel_id, earlier.size, earlier.purpose) != (channel, size, purpose):
            raise WrongState("documents.already_sent")
        return _view(work.keys, earlier, work.get(Channel, channel))
    found = _may_send(work, by, channel, purpose)
    if work.earlier(channel, by, client_id):
        raise WrongState("documents.already_sent")
    facts = _facts(work, client_id, purpose, name, size, claimed, title, told)
    if earlier:
        work.session.delete(earlier)
        work.session.flush()
    _not_too_many(work, by)
    upload = Upload(
        id=new_id(),
        person_id=by,
        client_id=client_id,
        channel_id=channel,
        purpose=purpose,
        size=size,
        received=0,
        expires_at=work.now + LIFETIME,
    )
    upload.facts = _seal(wall_of(work.keys, found), upload.id, facts)
    return _view(work.keys, work.add(upload), found)


def _facts(
    work: Work, client_id: str, purpose: str, name: str, size: int, claimed: str, title: str, told: Told
) -> dict[str, str]:
    """What is announced, looked at."""
    if not 0 < len(client_id) <= LONGEST_CLIENT_ID:
        raise Invalid("documents.not_announced")
    cleaned = Gate(limit=work.settings.upload_limit).announce(name, size)
    if len(title.strip()) > LONGEST_TITLE:
        raise Invalid("documents.title_too_long", most=LONGEST_TITLE)
    told.check(purpose)
    return {"name": cleaned, "claimed": claimed[:100], "title": one_line(title) or cleaned, **told.facts()}


def upload_for(session: Session, keys: Keys, person: str, upload: str) -> UploadView:
    """An own upload; raises `NotFound` for another's, as for one that never was."""
    found = session.get(Upload, upload)
    if found is None or found.person_id != person:
        raise NotFound
    return _view(keys, found, session.get_one(Channel, found.channel_id))


def advance_upload(work: Work, *, by: str, upload: str, received: int) -> int:
    """Notes that the bytes up to `received` are on disk; gives how far the upload is. It never moves back."""
    found = _own(work, by, upload)
    if received > found.size:
        raise WrongState("documents.already_sent")
    if received > found.received:
        found.received, found.expires_at = received, work.now + LIFETIME
    return found.received


def finish_upload(work: Work, *, by: str, upload: str, arrived: Arrived | None = None) -> Finished | None:
    """Makes the upload a file of its channel, once; again, it gets the first answer.

    Without `arrived` it only asks for that answer, and gives None when there is none yet. Whether the sender may still speak here is
    decided now, not when the upload began.
    """
    found = _own(work, by, upload)
    if earlier := work.earlier(found.channel_id, by, found.client_id):
        return Finished(earlier, described(earlier))
    if arrived is None:
        return None
    channel = _may_send(work, by, found.channel_id, found.purpose)
    file, view = new_id(), _view(work.keys, found, channel)
    document = {"id": file, **_document(arrived, view)}
    if found.purpose == "message":
        text, client_id = view.told.caption, found.client_id
        goes_on = _goes_on(work, by, channel, view.told)
        entry = post_message(
            work, by=by, channel=channel.id, text=text, client_id=client_id, file=document, goes_on=goes_on
        )
    else:
        body, public = {"document": document}, {"document": file}
        entry = work.happened(
            "document_submitted", channel.id, by, body=body, public=public, client_id=found.client_id
        )
    kept = keep_file(
        work, file=file, entry=entry, purpose=found.purpose, stored=arrived.stored, preview=arrived.preview
    )
    if view.told.kind == "voice":
        kept.sound_state = "waiting"
        work.later("make_sound", {"file": file}, key=f"sound:{file}")
    if extension(document["name"]) in ENDINGS:
        kept.text_state = "waiting"
        work.later("read_words", {"file": file}, key=f"words:{file}")
    found.file_id, found.received = file, found.size
    return Finished(entry, document)


def drop_upload(work: Work, *, by: str, upload: str) -> None:
    """Forgets an upload whose file was not let in."""
    work.session.delete(_own(work, by, upload))


def forget_old_uploads(work: Work) -> set[str]:
    """Forgets the uploads that nobody went on with for a day; gives the names of the files that are still needed."""
    work.session.execute(delete(Upload).where(Upload.expires_at <= work.now))
    growing = work.session.scalars(select(Upload.id).where(Upload.file_id.is_(None)))
    return used_blobs(work.session) | set(growing)


def _may_send(work: Work, by: str, channel: str, purpose: str) -> Channel:
    if purpose not in PURPOSES:
        raise Invalid("documents.not_announced")
    found, _room, _actor = speaking_in(work, by, channel, action=PURPOSES[purpose])
    if purpose == "document" and found.kind not in TAKES_DOCUMENTS:
        raise Invalid("documents.not_in_this_channel")
    return work.get(Channel, found.id)


def _not_too_many(work: Work, by: str) -> None:
    unfinished = select(func.count()).where(
        Upload.person_id == by, Upload.file_id.is_(None), Upload.expires_at > work.now
    )
    if (work.session.scalar(unfinished) or 0) >= MOST_AT_ONCE:
        raise TooMany("documents.too_many_uploads")


def _goes_on(work: Work, by: str, channel: Channel, told: Told) -> bool:
    """Whether the sender's last message there was an earlier picture of the same album."""
    if not told.album:
        return False
    work.catch_up()  # the one before may have come in this very batch
    mine = (entries.c.channel == channel.id, entries.c.actor == by, entries.c.kind == "message_posted")
    last = work.session.scalar(select(entries.c.public).where(*mine).order_by(entries.c.seq.desc()).limit(1))
    file = json.loads(last).get("file") if last else None
    before = work.session.scalar(select(Upload).where(Upload.file_id == file)) if file else None
    return before is not None and told.follows(_view(work.keys, before, channel).told)


def _own(work: Work, by: str, upload: str) -> Upload:
    found = work.get(Upload, upload)
    if found.person_id != by:
        raise NotFound
    return found


def _document(arrived: Arrived, view: UploadView) -> dict[str, Any]:
    """What the entry says of the file: as it was found to be, and what its sender told of it."""
    passed, stored = arrived.passed, arrived.stored
    found: dict[str, Any] = {
        "name": passed.name,
        "type": passed.type,
        "size": stored.size,
        "sha256": stored.sha256,
    }
    if view.purpose == "document":
        found["title"] = view.title
    if passed.width and passed.height:
        found |= {"width": passed.width, "height": passed.height}
    return found | view.told.body(ms=passed.ms, width=passed.width, height=passed.height)


def _view(keys: Keys, upload: Upload, channel: Channel) -> UploadView:
    wall = wall_of(keys, channel)
    facts = _open(wall, upload.id, upload.facts)
    return UploadView(
        id=upload.id,
        channel=channel.id,
        wall=wall,
        purpose=upload.purpose,
        name=facts["name"],
        claimed=facts["claimed"],
        title=facts["title"],
        told=Told.of(facts),
        size=upload.size,
        received=upload.received,
        file=upload.file_id,
    )


def _seal(wall: Wall | None, upload: str, facts: Mapping[str, str]) -> bytes:
    plain = canonical(facts)
    return encrypt(wall.key, plain, f"upload:{upload}") if wall else plain


def _open(wall: Wall | None, upload: str, sealed: bytes) -> Mapping[str, str]:
    plain = decrypt(wall.key, sealed, f"upload:{upload}") if wall else sealed
    facts: Mapping[str, str] = json.loads(plain)
    return facts
