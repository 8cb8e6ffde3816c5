"""Erasure: contents go from the tables, their entries with the digests stay, and an entry of the same channel says what went and why.

Without its content and salt an entry tells no more than that something happened; the chain is as whole as before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, LargeBinary, Text, cast, delete, func, select, update

from mediation.packs.pack import Retention
from mediation.record.entry import contents, entries
from mediation.record.findable import findable
from mediation.record.walled import walled_words
from mediation.rooms.mention import Mention
from mediation.work import Work

AT_ONCE = 500
"""So many contents go in one unit of work, with one entry that names them: others are not kept waiting for longer."""
STAYS = frozenset({"case_registered", "case_settled", "content_erased"})
"""What is never erased: tables and verifiers follow from the bodies of these."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why something is erased: the class of the pack, because its period is over, or at the request that an entry names."""

    rule: Retention
    request: str | None = None
    by: str | None = None

    def public(self) -> dict[str, Any]:
        if self.request is None:
            return {"rule": self.rule.code, "why": "period"}
        return {"rule": self.rule.code, "why": "request", "request": self.request}

    def body(self) -> dict[str, Any]:
        """With the words and the law of today: a pack may be changed, what was done stays as it was."""
        name = {"zh": self.rule.name.zh, "en": self.rule.name.en}
        return self.public() | {"name": name, "sources": list(self.rule.sources)}


def erase_contents(work: Work, *, channel: str, seqs: Sequence[int], ground: Ground) -> int:
    """Erases what is still there of these contents, and says so in their channel; done again it erases nothing and says nothing."""
    work.catch_up()
    there = (
        select(entries.c.id, entries.c.seq)
        .join(contents, contents.c.entry == entries.c.id)
        .where(entries.c.channel == channel, entries.c.seq.in_(seqs), entries.c.kind.not_in(STAYS))
        .order_by(entries.c.seq)
    )
    rows = work.connection.execute(there).all()
    if not rows:
        return 0
    found = [row.seq for row in rows]
    ids = [row.id for row in rows]
    _overwrite(work.connection, channel, ids, found)
    gone = (
        delete(contents).where(contents.c.entry.in_(ids)),
        delete(findable).where(findable.c.channel == channel, findable.c.seq.in_(found)),
        delete(walled_words).where(walled_words.c.channel == channel, walled_words.c.seq.in_(found)),
        delete(Mention).where(Mention.channel_id == channel, Mention.seq.in_(found)),
    )
    for statement in gone:
        work.connection.execute(statement)
    public, body = ground.public() | {"seqs": found}, ground.body() | {"seqs": found}
    work.happened("content_erased", channel, ground.by, public=public, body=body)
    return len(found)


def _overwrite(connection: Connection, channel: str, ids: Sequence[str], seqs: Sequence[int]) -> None:
    """Puts zeros in the place of what is deleted next. SQLite zeroes what it deletes, but not the copies that it leaves behind when it
    moves rows between pages while it deletes; PostgreSQL would write anew and keep the old."""
    if connection.dialect.name != "sqlite":
        return
    nothing = {"body": func.zeroblob(func.length(contents.c.body)), "salt": func.zeroblob(16)}
    connection.execute(update(contents).where(contents.c.entry.in_(ids)).values(nothing))
    as_long = func.zeroblob(func.length(cast(findable.c.tokens, LargeBinary)))
    own = (findable.c.channel == channel, findable.c.seq.in_(seqs))
    connection.execute(update(findable).where(*own).values(tokens=cast(as_long, Text)))
    behind = (walled_words.c.channel == channel, walled_words.c.seq.in_(seqs))
    zeros = func.zeroblob(func.length(walled_words.c.body))
    connection.execute(update(walled_words).where(*behind).values(body=zeros))
