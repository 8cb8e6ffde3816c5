"""The words of files behind walls: sealed with the key of their channel and in no index; its members' search opens and looks through them."""

import json
from collections.abc import Sequence

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, select
from sqlalchemy.orm import Session

from mediation.base import Base
from mediation.keys import decrypt, encrypt
from mediation.record.findable import fold

walled_words = Table(
    "walled_words",
    Base.metadata,
    Column("channel", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)


def keep_walled_words(
    connection: Connection, key: bytes, channel: str, seq: int, pages: Sequence[str]
) -> None:
    """Keeps the words of each page as they are compared."""
    words = json.dumps([fold(page) for page in pages], ensure_ascii=False).encode()
    sealed = encrypt(key, words, _bound(channel, seq))
    connection.execute(walled_words.insert().values(channel=channel, seq=seq, body=sealed))


def walled_words_of(session: Session, key: bytes, channel: str, seq: int) -> tuple[list[str], int]:
    """The words of each page of an entry's file, folded, and how many bytes were opened for them."""
    own = (walled_words.c.channel == channel, walled_words.c.seq == seq)
    sealed = session.scalar(select(walled_words.c.body).where(*own))
    if sealed is None:
        return [], 0
    pages: list[str] = json.loads(decrypt(key, sealed, _bound(channel, seq)))
    return pages, len(sealed)


def _bound(channel: str, seq: int) -> str:
    return f"words:{channel}:{seq}"
