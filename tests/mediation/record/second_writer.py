"""A second writer of records, made from docs/record.md alone: it shares no code with the first one, nor with any verifier."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DAY = "2026-11-22T08:01:00.000000Z"
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def text_of(value: Any) -> str:
    """The canonical form, letter by letter."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_sign(one) for one in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(text_of(one) for one in value) + "]"
    pairs = sorted(value.items(), key=lambda pair: list(pair[0].encode("utf-16-be")))
    return "{" + ",".join(f"{text_of(key)}:{text_of(one)}" for key, one in pairs) + "}"


def _sign(one: str) -> str:
    return SHORT.get(one) or (f"\\u{ord(one):04x}" if ord(one) < 0x20 else one)


def sha(*pieces: bytes) -> str:
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def content_digest(salt: bytes, body: Any) -> str:
    return sha(b"mediation:content:1\n", salt, text_of(body).encode())


def facts_digest(facts: dict[str, Any]) -> str:
    return sha(b"mediation:facts:2\n", text_of(facts).encode())


def entry_hash(prev: str, facts: str) -> str:
    return sha(b"mediation:entry:2\n", prev.encode(), b"\n", facts.encode())


def leaf(salt: bytes, head: tuple[str, int, str]) -> bytes:
    channel, seq, hashed = head
    return hashlib.sha256(b"\0" + salt + f"{channel}\n{seq}\n{hashed}".encode()).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """By RFC 6962: the left half is the largest power of two that is smaller than the whole."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hashlib.sha256(b"\1" + root_of(leaves[:left]) + root_of(leaves[left:])).digest()


def seal_signature(key: Ed25519PrivateKey, at: str, root: bytes) -> bytes:
    return key.sign(b"mediation:seal:1\n" + at.encode() + b"\n" + root)


def sealed_content(key: bytes, nonce: bytes, entry: str, body: Any) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, text_of(body).encode(), entry.encode())


def wrapped_key(master: bytes, nonce: bytes, channel: str, key: bytes) -> bytes:
    return nonce + AESGCM(master).encrypt(nonce, key, f"channel:{channel}".encode())


@dataclass(slots=True)
class Line:
    """An entry as it was written: its facts, what it follows, its hash, and its content with the salt."""

    facts: dict[str, Any]
    prev: str
    hash: str
    salt: bytes
    body: dict[str, Any]
    erased: bool = False


@dataclass(slots=True)
class Book:
    """One channel, written line by line with nothing left to chance."""

    channel: str
    kind: str = "record"
    owner: str | None = None
    key: bytes | None = None
    lines: list[Line] = field(default_factory=list)

    def write(self, kind: str, body: dict[str, Any], *, actor: str | None = "ada", **public: Any) -> Line:
        seq = len(self.lines) + 1
        salt = hashlib.sha256(f"{self.channel}{seq}".encode()).digest()[:16]
        facts = {
            "actor": actor, "at": f"2026-11-22T08:{seq:02d}:00.000000Z", "channel": self.channel, "client_id": None,
            "digest": content_digest(salt, body), "id": f"{self.channel}-{seq}", "kind": kind,
            "public": public, "seq": seq, "version": 2,
        }  # fmt: skip
        prev = self.lines[-1].hash if self.lines else "0" * 64
        self.lines.append(Line(facts, prev, entry_hash(prev, facts_digest(facts)), salt, body))
        return self.lines[-1]

    def erase(self, *seqs: int, rule: str = "talks") -> Line:
        """The contents of these lines go, and a line says so."""
        for seq in seqs:
            self.lines[seq - 1].erased = True
        told = {"rule": rule, "why": "period", "seqs": list(seqs)}
        named = {"name": {"zh": "群聊", "en": "The talks"}, "sources": ["PIPL 19"]}
        return self.write("content_erased", told | named, actor=None, **told)


def put_down(books: list[Book], data: Path, *, master: bytes) -> None:
    """Writes the books into the tables of a data folder that has no entry yet."""
    (data / "keys").mkdir(exist_ok=True)
    (data / "keys" / "master.key").write_bytes(master)
    with closing(sqlite3.connect(data / "mediation.db")) as database, database:
        for book in books:
            wrapped = wrapped_key(master, bytes(12), book.channel, book.key) if book.key else None
            database.execute(
                "INSERT INTO channels (id, kind, owner_id, name, key_wrapped, opened_at) VALUES (?, ?, ?, '', ?, ?)",
                (book.channel, book.kind, book.owner, wrapped, DAY),
            )
            for line in book.lines:
                _put(database, book, line)


def put_person(data: Path, person: str, channel: str) -> None:
    """The rows of somebody who is told of in the first entry of their own channel."""
    with closing(sqlite3.connect(data / "mediation.db")) as database, database:
        database.execute(
            "INSERT INTO persons (id, name, locale, zone, created_at) VALUES (?, ?, 'en', 'UTC', ?)",
            (person, person, DAY),
        )
        database.execute(
            "INSERT INTO members (channel_id, person_id, since, read_seq) VALUES (?, ?, ?, 0)",
            (channel, person, DAY),
        )


def put_caucus(data: Path, channel: str, person: str, at: str) -> None:
    """The row of a caucus that an entry tells of."""
    with closing(sqlite3.connect(data / "mediation.db")) as database, database:
        database.execute(
            "INSERT INTO caucuses (channel_id, form, opened_by, begun_at, locked) VALUES (?, 'caucus', ?, ?, 0)",
            (channel, person, at),
        )


def _put(database: sqlite3.Connection, book: Book, line: Line) -> None:
    row = line.facts | {"public": text_of(line.facts["public"]), "prev": line.prev, "hash": line.hash}
    names = ", ".join(row)
    database.execute(
        f"INSERT INTO entries ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values())
    )
    if line.erased:
        return
    plain = text_of(line.body).encode()
    body = sealed_content(book.key, bytes(12), line.facts["id"], line.body) if book.key else plain
    database.execute(
        "INSERT INTO contents (entry, salt, body, sealed, withheld) VALUES (?, ?, ?, ?, 0)",
        (line.facts["id"], line.salt, body, book.key is not None),
    )
