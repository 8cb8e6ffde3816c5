"""Seals: the heads of all channels, signed by the installation's key; a chain cannot see its own missing end, a seal can.

Made daily, with every agreement and at every export. Each is a line of `seals.jsonl` in the data folder: the time, the heads, their salted Merkle root
and its Ed25519 signature. The root reveals nothing of a channel, so it can be given to anybody.
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation.clock import iso
from mediation.record.chain import canonical
from mediation.record.entry import entries
from mediation.record.roots import tell_root
from mediation.record.stamp import plan_stamp, stamps_head
from mediation.rooms.channel import ReadMark
from mediation.work import Work

if TYPE_CHECKING:
    from mediation.store import Store

FILE = "seals.jsonl"
DAILY = timedelta(days=1)
LATEST = 4
Head = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed root and the heads it was made of, by channel."""

    at: str
    salt: bytes
    root: bytes
    signature: bytes
    key: bytes
    why: str
    heads: Mapping[str, tuple[int, str]]

    def line(self) -> str:
        """As it is kept in `seals.jsonl`."""
        told = {name: getattr(self, name).hex() for name in ("salt", "root", "signature", "key")}
        heads = {channel: list(head) for channel, head in self.heads.items()}
        return json.dumps(told | {"at": self.at, "why": self.why, "heads": heads}, sort_keys=True) + "\n"

    def shown(self, channels: Iterable[str]) -> dict[str, Any]:
        """As it stands in a bundle: in place of the heads, the way from each of these channels' heads to the root."""
        proofs = {
            channel: {
                "seq": self.heads[channel][0],
                "hash": self.heads[channel][1],
                "path": [list(step) for step in self._path(channel)],
            }
            for channel in channels
            if channel in self.heads
        }
        told = {name: getattr(self, name).hex() for name in ("salt", "root", "signature", "key")}
        return told | {"at": self.at, "proofs": proofs}

    def _path(self, channel: str) -> list[tuple[str, str]]:
        level, place = leaves(self.salt, self._sorted()), sorted(self.heads).index(channel)
        path = []
        while len(level) > 1:
            other = place ^ 1
            if other < len(level):
                path.append(("left" if other < place else "right", level[other].hex()))
            level, place = parents(level), place // 2
        return path

    def _sorted(self) -> list[Head]:
        return [(channel, *self.heads[channel]) for channel in sorted(self.heads)]


def seal_heads(store: "Store", payload: Mapping[str, Any]) -> None:
    """The job: signs the heads as they are now and leaves the next daily one behind."""
    daily = bool(payload.get("daily"))
    if not daily:
        seal = make_seal(store, store.read(all_heads).result(), why="agreement")
        store.write(plan_stamp, root=seal.root.hex(), at=seal.at).result()
        return
    data = store.settings.data
    before, heads = _last_daily(data), store.read(heads_and_marks).result() + stamps_head(data)
    seal = make_seal(store, sorted(heads), why="daily")
    store.write(plan_stamp, root=seal.root.hex(), at=seal.at).result()
    moved = [channel for channel, head in seal.heads.items() if before.get(channel) != head]
    store.write(tell_root, at=seal.at, root=seal.root.hex(), moved=moved).result()
    store.write(plan_seal, daily=True).result()


def make_seal(store: "Store", heads: Sequence[Head], *, why: str) -> Seal:
    """Signs these heads and keeps the seal, on disk when this returns. One at a time, so that their times rise in the file."""
    with (store.settings.data / FILE).open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        at, salt = iso(store.writer.clock()), secrets.token_bytes(16)
        root = merkle_root(salt, heads)
        signature = store.keys.sign(signed_seal(at, root))
        by_channel = {channel: (seq, hashed) for channel, seq, hashed in heads}
        seal = Seal(at, salt, root, signature, store.keys.public_key, why, by_channel)
        file.write(seal.line())
        file.flush()
        os.fsync(file.fileno())
    return seal


def seals_since(data: Path, since: str, *, why: str) -> Iterator[Seal]:
    """The seals that were made for this reason after a time, oldest first."""
    file = data / FILE
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            if told.get("why") == why and told["at"] >= since:
                plain = {name: bytes.fromhex(told[name]) for name in ("salt", "root", "signature", "key")}
                heads = {channel: (seq, hashed) for channel, (seq, hashed) in told["heads"].items()}
                yield Seal(at=told["at"], why=why, heads=heads, **plain)


def catch_up_stamps(store: "Store") -> None:
    """At the start: a kill between a seal and the job of its stamp leaves the latest seals without one."""
    file = store.settings.data / FILE
    if not store.settings.stamp_url or not file.exists():
        return
    for line in file.read_text("utf-8").splitlines()[-LATEST:]:
        told = json.loads(line)
        store.write(plan_stamp, root=told["root"], at=told["at"]).result()


def _last_daily(data: Path) -> Mapping[str, tuple[int, str]]:
    """The heads of the latest daily seal; none before the first."""
    heads: Mapping[str, tuple[int, str]] = {}
    for seal in seals_since(data, "", why="daily"):
        heads = seal.heads
    return heads


def plan_seal(work: Work, *, daily: bool = False) -> None:
    """Leaves a seal to be made: at once, or the daily one, once for each day."""
    day = (work.now + DAILY).date().isoformat()
    if daily:
        work.later("seal", {"daily": True}, run_at=work.now + DAILY, key=f"seal:{day}")
    else:
        work.later("seal", {})


def all_heads(session: Session) -> list[Head]:
    """Channel, seq and hash of the last entry of every channel, in the order of their ids."""
    last = (
        select(entries.c.channel, func.max(entries.c.seq).label("seq")).group_by(entries.c.channel).subquery()
    )
    query = select(entries.c.channel, entries.c.seq, entries.c.hash).join(
        last, (entries.c.channel == last.c.channel) & (entries.c.seq == last.c.seq)
    )
    # Sorted here: databases differ in the order of letters, and the root depends on it.
    return sorted((row.channel, row.seq, row.hash) for row in session.execute(query))


def heads_and_marks(session: Session) -> list[Head]:
    """With the heads, how far each person had read each channel, and a digest of when: marks are only ever added to, like entries."""
    query = select(ReadMark.channel_id, ReadMark.person_id, ReadMark.seq, ReadMark.at)
    read: dict[tuple[str, str], list[list[object]]] = {}
    for channel, person, seq, at in session.execute(query.order_by(ReadMark.seq)):
        read.setdefault((channel, person), []).append([seq, iso(at)])
    marks = [
        (f"marks:{channel}:{person}", int(str(seen[-1][0])), hashlib.sha256(canonical(seen)).hexdigest())
        for (channel, person), seen in read.items()
    ]
    return sorted(all_heads(session) + marks)


def merkle_root(salt: bytes, heads: Sequence[Head]) -> bytes:
    """The root over salted leaves, as in RFC 6962 (0x00 before a leaf, 0x01 before a pair; an odd last one goes up as it is)."""
    level = leaves(salt, heads)
    while len(level) > 1:
        level = parents(level)
    return level[0] if level else hashlib.sha256(b"").digest()


def leaves(salt: bytes, heads: Sequence[Head]) -> list[bytes]:
    """The lowest level of the tree."""
    return [
        hashlib.sha256(b"\x00" + salt + f"{channel}\n{seq}\n{hashed}".encode()).digest()
        for channel, seq, hashed in heads
    ]


def parents(level: list[bytes]) -> list[bytes]:
    """The level above."""
    pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
    return [
        pair[0] if len(pair) == 1 else hashlib.sha256(b"\x01" + b"".join(pair)).digest() for pair in pairs
    ]


def signed_seal(at: str, root: bytes) -> bytes:
    """What the key signs."""
    return b"mediation:seal:1\n" + at.encode() + b"\n" + root
