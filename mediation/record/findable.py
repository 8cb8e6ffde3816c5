"""What can be found by search: the words of open channels, as a row beside each entry that has some.

Chinese is cut into every two characters that stand together, so that a word of two is found wherever it stands; other writing into
its words. What is said behind a wall has no row here: its members' search opens and looks through it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import DDL, Column, Connection, Integer, String, Table, Text, delete, event

from mediation.base import Base

KINDS = frozenset({"message_posted", "document_submitted", "notice_pinned"})
FOLDED = 100
"""So many pages at once: others wait no longer than for a message or two."""
LONGEST = 40
"""A word longer than this is found by its beginning."""

# Without spaces between their words: Chinese and its extensions, Japanese kana. (Korean has spaces.)
TOGETHER = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
PIECE = re.compile(rf"([{TOGETHER}]+)|([^\W_{TOGETHER}]+)")

findable = Table(
    "findable",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(64), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("source", String(8), nullable=False),
    Column("tokens", Text, nullable=False),
)
_FORGET = "INSERT INTO findable_index (findable_index, rowid, tokens) VALUES ('delete', old.id, old.tokens)"
TRIGGERS = {
    "findable_added": (
        "CREATE TRIGGER findable_added AFTER INSERT ON findable BEGIN"
        " INSERT INTO findable_index (rowid, tokens) VALUES (new.id, new.tokens); END"
    ),
    # What is erased is overwritten with zeros first, and to SQLite such a text has no length.
    "findable_blanked": f"CREATE TRIGGER findable_blanked AFTER UPDATE OF tokens ON findable BEGIN {_FORGET}; END",
    "findable_gone": (
        f"CREATE TRIGGER findable_gone AFTER DELETE ON findable WHEN length(old.tokens) > 0 BEGIN {_FORGET}; END"
    ),
}
INDEX = (
    "CREATE VIRTUAL TABLE findable_index USING fts5(tokens, content='findable', content_rowid='id')",
    *TRIGGERS.values(),
)
"""SQLite's full text search over the tokens; it keeps no copy of them."""
INDEX_POSTGRES = ("CREATE INDEX findable_index ON findable USING gin (to_tsvector('simple', tokens))",)

for _statement in INDEX:
    event.listen(findable, "after_create", DDL(_statement).execute_if(dialect="sqlite"))
for _statement in INDEX_POSTGRES:
    event.listen(findable, "after_create", DDL(_statement).execute_if(dialect="postgresql"))


def fold(text: str) -> str:
    """The text as it is compared: small letters, full-width forms as plain ones; every character stays in its place."""
    if text.isascii():
        return text.lower()
    return "".join(_fold(character) for character in text)


def tokens_of(text: str) -> str:
    """What is kept of a text to find it by."""
    found: list[str] = []
    for together, word in PIECE.findall(fold(text)):
        if word:
            found.append(word[:LONGEST])
        else:
            found.extend(pairs(together))
            found.append(together[-1])
    return " ".join(found)


def pairs(together: str) -> list[str]:
    """Every two characters that stand together."""
    return [together[place : place + 2] for place in range(len(together) - 1)]


def words_in(body: Mapping[str, Any]) -> str:
    """All that an entry says in words, the names of its files too."""
    file = body.get("file") or body.get("document") or {}
    said = (body.get("text"), file.get("title"), file.get("name"))
    return "\n".join(dict.fromkeys(part for part in said if isinstance(part, str) and part))


def row_of(channel: str, seq: int, kind: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row by which an entry is found; None when it says nothing."""
    if kind not in KINDS or not (tokens := tokens_of(words_in(body))):
        return None
    return {"channel": channel, "seq": seq, "source": "words", "tokens": tokens}


def rows_of_pages(channel: str, seq: int, pages: Sequence[str]) -> list[dict[str, Any]]:
    """The rows by which the words in a file are found, one for each page that has some."""
    made = ((number, tokens_of(page)) for number, page in enumerate(pages, start=1))
    place = {"channel": channel, "seq": seq}
    return [place | {"source": f"p{number}", "tokens": tokens} for number, tokens in made if tokens]


def no_longer_found(connection: Connection, channel: str, seq: int) -> None:
    """What was taken back or erased is not found any more."""
    connection.execute(delete(findable).where(findable.c.channel == channel, findable.c.seq == seq))


def fold_index(connection: Connection) -> bool:
    """Folds a little more of the index into one piece: until then it holds what was taken out of it. False when nothing is left to do."""
    if connection.dialect.name != "sqlite":
        return False
    changes = "SELECT total_changes()"
    before = connection.exec_driver_sql(changes).scalar_one()
    merge = "INSERT INTO findable_index (findable_index, rank) VALUES ('merge', ?)"
    connection.exec_driver_sql(merge, (-FOLDED,))
    return bool(connection.exec_driver_sql(changes).scalar_one() - before >= 2)  # as FTS5 tells it


def _fold(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character
